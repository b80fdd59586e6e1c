//! What can go wrong with the file, and what a caller decides on.

use courrier_model::AccountId;
use rusqlite::ErrorCode;

/// Why the store could not answer or change something. Nothing was changed, whichever it is.
///
/// No variant carries a value from a row, an SQL text or a path: errors end up in logs.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file can't be written to. Reading works.
    #[error("the data folder is read-only")]
    ReadOnly,
    /// No space left on the disk.
    #[error("the disk is full")]
    Full,
    /// Another process kept the file, or the secrets, for too long. Trying again may work.
    #[error("another process is busy with the data folder")]
    Busy,
    /// The file is damaged or was not made by Courrier. It is left exactly as it is.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// A newer Courrier made the file in a way that this one can't read.
    #[error("the database has version {found}, this program knows up to {known}")]
    NewerVersion {
        /// The file's schema version.
        found: u32,
        /// The newest schema version this program knows.
        known: u32,
    },
    /// There is no such account, or no removal of it that is still pending.
    #[error("no such account")]
    NotFound,
    /// Another account has this address already.
    #[error("another account has this address")]
    AddressTaken {
        /// The other account.
        id: AccountId,
    },
    /// Another process took this secret's write for abandoned and undid it. Write the secret again.
    #[error("the secret was withdrawn by another process")]
    Superseded,
    /// The operating system refused.
    #[error("the data folder can't be used: {0}")]
    Io(#[source] std::io::Error),
    /// SQLite refused; a defect of ours unless the system is out of memory. Only SQLite's own words for its code.
    #[error("the database refused: {0}")]
    Sql(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            // The texts of these name columns and types; those of a failed conversion could show a value.
            return match error {
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt("a value of an unexpected kind".to_owned()),
                rusqlite::Error::QueryReturnedNoRows => Self::Corrupt("a row that must exist is missing".to_owned()),
                _ => Self::Sql("unexpected use of the database".to_owned()),
            };
        };
        // The shared-memory index of the log could not grow: SQLite's one word for a full disk that is not DiskFull.
        if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE {
            return Self::Full;
        }
        let words = rusqlite::ffi::code_to_str(failure.extended_code);
        match failure.code {
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt(words.to_owned()),
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied => {
                Self::Io(std::io::Error::other(words))
            }
            _ => Self::Sql(format!("{words} ({})", failure.extended_code)),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// Says which kind of stored value can't be understood, without the value.
pub(crate) fn unreadable<E>(what: &'static str) -> impl Fn(E) -> StoreError {
    move |_| StoreError::Corrupt(format!("a stored {what} can't be understood"))
}
