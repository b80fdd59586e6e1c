//! The file itself: making it for its owner only, opening it, keeping a second server out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{failure, schema};
use crate::storage::StorageError;

/// How long a statement waits for another process: `backup`, `rename-issuer` or a person with `sqlite3`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Held by the one process that serves from the file. The operating system lets go when it ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the file for this process alone.
///
/// The lock stands on a file of its own beside it: a lock on the database itself would be lost whenever any of the
/// process's connections to it is closed (POSIX locks), and would get in SQLite's way.
pub(crate) fn exclusive(file: &Path) -> Result<Lock, StorageError> {
    let beside = private(OpenOptions::new().write(true).create(true).truncate(false))
        .open(with_suffix(file, ".lock"))
        .map_err(|error| io(&error))?;
    match beside.try_lock() {
        Ok(()) => Ok(Lock { _file: beside }),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse),
        Err(TryLockError::Error(error)) => Err(io(&error)),
    }
}

/// True if there is a database that is not empty.
pub(crate) fn present(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|file| file.len() > 0)
}

/// Opens a file that must be there and up to date, for working beside a server.
pub(crate) fn beside(file: &Path) -> Result<Connection, StorageError> {
    if !present(file) {
        return Err(StorageError::Location("there is no database".to_owned()));
    }
    let connection = connect(file)?;
    match schema::version(&connection)? {
        schema::VERSION => Ok(connection),
        found => Err(StorageError::OlderSchema { found, needed: schema::VERSION }),
    }
}

/// Opens the file, making it where it is missing.
pub(crate) fn connect(file: &Path) -> Result<Connection, StorageError> {
    // SQLite would make it readable for the group; what people write is theirs.
    private(OpenOptions::new().append(true).create(true)).open(file).map_err(|error| io(&error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failure)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failure)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failure)?;
    if mode != "wal" {
        tracing::warn!(mode, "this file system can't hold a write-ahead log: readers will wait for writers");
    }
    // FULL, and F_FULLFSYNC on macOS: an answer that a device got must survive power loss, or it and the server go
    // apart. Batches share what that costs.
    connection
        .execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;")
        .map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn io(error: &std::io::Error) -> StorageError {
    StorageError::Unavailable(error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time() {
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("server.db");
        let held = exclusive(&file).expect("locked");
        assert_eq!(exclusive(&file).map(drop), Err(StorageError::InUse));
        drop(held);
        exclusive(&file).map(drop).expect("free again");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("server.db");
        drop(connect(&file).expect("opened"));
        assert_eq!(std::fs::metadata(&file).expect("made").permissions().mode() & 0o777, 0o600);
    }
}
