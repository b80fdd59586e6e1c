//! The store itself: one connection, one writer at a time.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use courrier_model::{HomeId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::StoreError;
use crate::error::unreadable;
use crate::open::{self, Unwritable};

/// The database of one data folder. Share it by reference; every method may be called from any thread and blocks.
#[derive(Debug)]
pub struct Store {
    home: PathBuf,
    home_id: HomeId,
    unwritable: Option<Unwritable>,
    connection: Mutex<Connection>,
    #[cfg(feature = "testing")]
    death: Mutex<Option<crate::testing::Death>>,
}

impl Store {
    /// Opens `courrier.db` in this folder, making both where they are missing (for their owner only), and
    /// brings the schema up to date. In a folder that can't be written to, an existing file opens for reading.
    ///
    /// Errors: [`StoreError::Corrupt`] and [`StoreError::NewerVersion`] leave the file as it is;
    /// [`StoreError::ReadOnly`] if there is nothing to read and nothing can be made; [`StoreError::Full`];
    /// [`StoreError::Busy`] after 5 s.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        Self::of(home, open::open(home, &home.join("courrier.db"))?)
    }

    pub(crate) fn of(home: &Path, opened: open::Opened) -> Result<Self, StoreError> {
        let open::Opened { connection, unwritable } = opened;
        let home_id: Option<String> = connection.query_row("SELECT id FROM home", [], |row| row.get(0)).optional()?;
        let home_id = home_id
            .ok_or_else(|| StoreError::Corrupt("the home has no id".to_owned()))?
            .parse()
            .map_err(unreadable("home id"))?;
        Ok(Self {
            home: home.to_owned(),
            home_id,
            unwritable,
            connection: Mutex::new(connection),
            #[cfg(feature = "testing")]
            death: Mutex::new(None),
        })
    }

    /// The folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder's own random id, made with the file; part of the name of every keyring entry.
    pub fn home_id(&self) -> HomeId {
        self.home_id
    }

    /// True if the file was opened for reading only: every change will answer [`StoreError::ReadOnly`], or
    /// [`StoreError::Full`] if that is why.
    pub fn is_read_only(&self) -> bool {
        self.unwritable.is_some()
    }

    /// A number that differs from the last one this `Store` gave if anything was written since, by any
    /// process. It costs microseconds: poll it to see other programs' changes. It says nothing across `Store`s.
    pub fn change_mark(&self) -> Result<u64, StoreError> {
        let connection = self.lock();
        // SQLite counts the others' commits in one and our own rows in the other.
        let others: u32 = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        Ok((u64::from(others) << 32) | (connection.total_changes() & u64::from(u32::MAX)))
    }

    /// Reads the whole file for damage; [`StoreError::Corrupt`] says what was found. Takes about 10 ms per MB.
    pub fn verify(&self) -> Result<(), StoreError> {
        let connection = self.lock();
        let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(StoreError::Corrupt(said));
        }
        let dangling = connection.prepare("PRAGMA foreign_key_check")?.exists([])?;
        if dangling {
            return Err(StoreError::Corrupt("a row belongs to an account that is not there".to_owned()));
        }
        Ok(())
    }

    /// Runs reads that belong together: they see one state of the file.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        ask(&tx)
    }

    /// Runs one change: all of it or nothing.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.writable()?;
        let mut connection = self.lock();
        // IMMEDIATE: a transaction that reads first and then wants to write can't wait for another writer.
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = change(&tx)?;
        #[cfg(feature = "testing")]
        self.die(crate::testing::Moment::BeforeCommit)?;
        tx.commit()?;
        #[cfg(feature = "testing")]
        self.die(crate::testing::Moment::AfterCommit)?;
        Ok(answer)
    }

    /// An error if nothing can be changed.
    pub(crate) fn writable(&self) -> Result<(), StoreError> {
        self.unwritable.map_or(Ok(()), |reason| Err(reason.into()))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn death(&self) -> MutexGuard<'_, Option<crate::testing::Death>> {
        self.death.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked left no half-done change: its transaction was rolled back on the way out.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a time is stored: whole microseconds since 1970-01-01 UTC.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

#[cfg(test)]
mod tests {
    use courrier_model::AccountDraft;

    use super::*;
    use crate::{NewSecret, Purpose, SaveAccount, Storage, Target};

    fn draft(number: u32) -> AccountDraft {
        let endpoint = |spec: &str| {
            let spec: courrier_model::EndpointSpec = spec.parse().expect("valid");
            spec.with("someone".parse().expect("valid"), courrier_model::AuthKind::Password)
        };
        AccountDraft {
            address: format!("person{number}@example.test").parse().expect("valid"),
            name: "x".repeat(200).parse().expect("valid"),
            color: None,
            primary: false,
            imap: endpoint("imap.example.test:993/tls"),
            smtp: endpoint("smtp.example.test:465/tls"),
            identities: Vec::new(),
        }
    }

    #[test]
    fn a_file_that_can_not_grow_keeps_what_it_has() {
        let home = tempfile::tempdir().expect("made");
        let store = Store::open(home.path()).expect("opened");
        let limit = |pages: u32| {
            let set = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
            store.lock().query_row(&format!("PRAGMA max_page_count = {pages}"), [], set).expect("set")
        };
        limit(limit(1) + 8);
        let mut kept = 0;
        let error = loop {
            // A change that touches the journal too: no half of it may stay.
            let saved = store.begin_write(Storage::Keyring, Timestamp::UNIX_EPOCH).and_then(|id| {
                let mut request = SaveAccount::new(Target::New(draft(kept)), Timestamp::UNIX_EPOCH);
                request.secrets.push(NewSecret { purpose: Purpose::Incoming, id });
                store.save(request)
            });
            match saved {
                Ok(_) => kept += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::Full), "{error}");
        assert!(kept > 3);
        let accounts = store.accounts().expect("listed");
        assert_eq!(u32::try_from(accounts.len()), Ok(kept));
        assert!(accounts.iter().all(|account| account.has_secret));
        assert!(store.pending_intents().expect("read").len() <= 1, "at most the write that was not saved");
        store.verify().expect("sound");

        limit(u32::MAX);
        store.save(SaveAccount::new(Target::New(draft(kept)), Timestamp::UNIX_EPOCH)).expect("room again");
    }
}
