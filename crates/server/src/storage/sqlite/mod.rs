//! One SQLite file: a thread that writes, a few connections that read.

mod audit;
mod copy;
mod devices;
mod file;
mod history;
mod issuer;
mod people;
mod pull;
mod purge;
mod push;
mod row;
pub(crate) mod schema;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_model::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::StorageError;
use super::notice::Hub;
use file::{Lock, beside, exclusive};
use writer::Writer;

pub(crate) use copy::{Draft, copy_into, prepare, restore};
pub(crate) use file::{connect, present};

/// Connections that read: more than there are cores would only queue in the page cache.
const READERS: usize = 4;

/// The file, open for serving.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
    hub: Arc<Hub>,
    // Dropped last, when nothing here uses the file any more.
    _lock: Option<Lock>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the file for serving, making it where it is missing.
    pub(crate) fn open(file: &Path, hub: Arc<Hub>, now: Timestamp) -> Result<Self, StorageError> {
        let lock = exclusive(file)?;
        let mut writer = connect(file)?;
        schema::migrate(&mut writer, now)?;
        Self::with(file, writer, hub, Some(lock))
    }

    /// Opens the file for one change beside a server that may be running.
    pub(crate) fn open_beside(file: &Path, hub: Arc<Hub>) -> Result<Self, StorageError> {
        let writer = beside(file)?;
        Self::with(file, writer, hub, None)
    }

    fn with(file: &Path, writer: Connection, hub: Arc<Hub>, lock: Option<Lock>) -> Result<Self, StorageError> {
        let readers = (0..READERS)
            .map(|_| {
                let reader = connect(file)?;
                reader.execute_batch("PRAGMA query_only = ON").map_err(failure)?;
                Ok(Mutex::new(reader))
            })
            .collect::<Result<_, StorageError>>()?;
        Ok(Self { writer: Writer::start(writer)?, readers, turn: AtomicUsize::new(0), hub, _lock: lock })
    }

    pub(crate) async fn ping(self: &Arc<Self>) -> Result<(), StorageError> {
        self.read(|reader| reader.query_row("SELECT 1 FROM instance", [], |_| Ok(())).map_err(failure)).await
    }

    /// Answers a question that may touch many rows, off the threads that serve requests.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let this = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || this.read_now(ask)).await;
        answer.map_err(|_| StorageError::Refused("a reading thread stopped".to_owned()))?
    }

    /// Answers a question by one or two rows, on this thread: a look-up by key takes some ten microseconds, less
    /// than handing it to another thread, and in WAL mode it never waits for the writer.
    fn read_now<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StorageError>) -> Result<T, StorageError> {
        ask(&self.reader())
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % READERS;
        let free = (0..READERS).find_map(|step| self.readers[(first + step) % READERS].try_lock().ok());
        // A thread that panicked while reading left nothing behind.
        free.unwrap_or_else(|| self.readers[first].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Brings a file's tables up to date, making it where it is missing. Answers the version it had.
pub(crate) fn migrate(file: &Path, now: Timestamp) -> Result<u32, StorageError> {
    let _lock = exclusive(file)?;
    schema::migrate(&mut connect(file)?, now)
}

/// A file's schema version, 0 for none. Makes nothing.
pub(crate) fn version(file: &Path) -> Result<u32, StorageError> {
    if !present(file) {
        return Ok(0);
    }
    schema::version(&connect(file)?)
}

/// SQLite's refusal as ours; only SQLite's own words for its code.
pub(crate) fn failure(error: rusqlite::Error) -> StorageError {
    let rusqlite::Error::SqliteFailure(failure, _) = &error else {
        // The texts of these name columns and types; those of a failed conversion could show a value.
        return match error {
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => StorageError::Corrupt("a value of an unexpected kind".to_owned()),
            rusqlite::Error::QueryReturnedNoRows => {
                StorageError::Corrupt("a row that must exist is missing".to_owned())
            }
            _ => StorageError::Refused("unexpected use of the database".to_owned()),
        };
    };
    let words = rusqlite::ffi::code_to_str(failure.extended_code);
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StorageError::Corrupt(words.to_owned()),
        ErrorCode::DiskFull
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::ReadOnly
        | ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::PermissionDenied => StorageError::Unavailable(words.to_owned()),
        _ => StorageError::Refused(format!("{words} ({})", failure.extended_code)),
    }
}
