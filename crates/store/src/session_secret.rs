//! Which entries hold the secrets of the session at the server. They go the same five steps as an account's (the
//! crate's header), with [`Store::point_session`] as the third.

use courrier_model::{SecretId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use crate::error::unreadable;
use crate::journal::{self, IntentKind, Storage};
use crate::row::text;
use crate::{Store, StoreError};

/// A secret of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionPurpose {
    /// What keeps the person signed in: the refresh token and what belongs to it.
    Tokens,
    /// The private key that signs this computer's requests.
    DeviceKey,
}

impl SessionPurpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::DeviceKey => "device_key",
        }
    }
}

/// Where a secret of the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionSecret {
    /// Its entry.
    pub id: SecretId,
    /// The store that has the entry.
    pub storage: Storage,
}

impl Store {
    /// The entry in use for this purpose.
    pub fn session_secret(&self, purpose: SessionPurpose) -> Result<Option<SessionSecret>, StoreError> {
        self.read(|connection| current(connection, purpose))
    }

    /// Step 3: from now on this entry, which [`Store::begin_write`] announced, is the one in use. Answers the one that
    /// it replaces: delete it, then [`Store::forget_intent`].
    ///
    /// Errors: [`StoreError::Superseded`] if its write-intent is gone.
    pub fn point_session(
        &self,
        purpose: SessionPurpose,
        id: SecretId,
        now: Timestamp,
    ) -> Result<Option<SessionSecret>, StoreError> {
        self.write(|tx| {
            let storage = journal::take_write_intent(tx, id)?;
            let retired = retire(tx, purpose, now)?;
            tx.execute(
                "INSERT INTO session_secret (purpose, id, storage) VALUES (?1, ?2, ?3)",
                (purpose.word(), id.to_string(), storage),
            )?;
            Ok(retired)
        })
    }

    /// From now on no entry is in use for this purpose. Answers the one that was, which is to be deleted as above.
    pub fn retire_session(&self, purpose: SessionPurpose, now: Timestamp) -> Result<Option<SessionSecret>, StoreError> {
        self.write(|tx| retire(tx, purpose, now))
    }
}

fn retire(tx: &Connection, purpose: SessionPurpose, now: Timestamp) -> Result<Option<SessionSecret>, StoreError> {
    let Some(secret) = current(tx, purpose)? else { return Ok(None) };
    tx.execute("DELETE FROM session_secret WHERE purpose = ?1", [purpose.word()])?;
    journal::note(tx, secret.id, IntentKind::Delete, secret.storage, now)?;
    Ok(Some(secret))
}

fn current(connection: &Connection, purpose: SessionPurpose) -> Result<Option<SessionSecret>, StoreError> {
    connection
        .prepare_cached("SELECT id, storage FROM session_secret WHERE purpose = ?1")?
        .query_row([purpose.word()], |row| {
            let read = || -> Result<SessionSecret, StoreError> {
                let id = text(row, 0)?.parse().map_err(unreadable("secret id"))?;
                Ok(SessionSecret { id, storage: text(row, 1)?.parse()? })
            };
            Ok(read())
        })
        .optional()?
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_new_version_retires_the_old_one_and_is_in_use_whatever_was_announced() {
        let home = tempfile::tempdir().expect("made");
        let store = Store::open(home.path()).expect("opened");
        let first = store.begin_write(Storage::Keyring, NOW).expect("announced");
        assert_eq!(store.point_session(SessionPurpose::Tokens, first, NOW).expect("pointed"), None);
        assert_eq!(store.session_secret(SessionPurpose::DeviceKey).expect("read"), None);
        let second = store.begin_write(Storage::File, NOW).expect("announced");
        let retired = store.point_session(SessionPurpose::Tokens, second, NOW).expect("pointed");
        assert_eq!(retired, Some(SessionSecret { id: first, storage: Storage::Keyring }));
        let in_use = SessionSecret { id: second, storage: Storage::File };
        assert_eq!(store.session_secret(SessionPurpose::Tokens).expect("read"), Some(in_use));
        let intents = store.pending_intents().expect("read");
        assert_eq!(intents.len(), 1);
        assert!(intents[0].id == first && intents[0].kind == IntentKind::Delete && !intents[0].referenced);

        assert_eq!(store.retire_session(SessionPurpose::Tokens, NOW).expect("retired"), Some(in_use));
        assert_eq!(store.retire_session(SessionPurpose::Tokens, NOW).expect("nothing left"), None);
        assert_eq!(store.pending_intents().expect("read").len(), 2);
    }

    #[test]
    fn an_entry_that_was_withdrawn_is_not_pointed_to() {
        let home = tempfile::tempdir().expect("made");
        let store = Store::open(home.path()).expect("opened");
        let id = store.begin_write(Storage::Keyring, NOW).expect("announced");
        store.forget_intent(id).expect("withdrawn");
        let pointed = store.point_session(SessionPurpose::Tokens, id, NOW);
        assert!(matches!(pointed, Err(StoreError::Superseded)), "{pointed:?}");
        assert_eq!(store.session_secret(SessionPurpose::Tokens).expect("read"), None);
    }
}
