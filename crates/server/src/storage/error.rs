//! What can go wrong with the database, and what a caller decides on.

/// Why storage could not answer or change something. Nothing was changed, whichever it is.
///
/// No variant carries a value from a row, an SQL text, a path or a password: errors end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// It can't be reached, or is busy or full; trying again later may work.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A newer `courrier-server` made the tables.
    #[error("the database has schema version {found}, this program knows up to {known}: use the newer program")]
    NewerSchema {
        /// The database's schema version.
        found: u32,
        /// The newest schema version this program knows.
        known: u32,
    },
    /// The tables are older than this program, which was told not to change them.
    #[error("the database has schema version {found}, this program needs {needed}: run `courrier-server migrate`")]
    OlderSchema {
        /// The database's schema version.
        found: u32,
        /// The schema version this program needs.
        needed: u32,
    },
    /// Another `courrier-server` serves from it and the operation needs it alone.
    #[error("another courrier-server is running on this database")]
    InUse,
    /// It holds somebody's data already.
    #[error("the database is not empty")]
    NotEmpty,
    /// A text has a NUL character, which PostgreSQL can't keep.
    #[error("a text has a NUL character")]
    Unstorable,
    /// People who are to move to an issuer already have data there.
    #[error("{people} of the people to move already have data under the new issuer")]
    IssuerTaken {
        /// How many.
        people: u64,
    },
    /// The given place is not a database's address or a file that could hold one.
    #[error("not a usable database address: {0}")]
    Location(String),
    /// What is stored can't be understood, or was not made by `courrier-server`. It is left as it is.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The database refused; a defect of ours unless it is out of memory. Only its code and general words.
    #[error("the database refused: {0}")]
    Refused(String),
}

/// Says which kind of stored value can't be understood, without the value.
pub(crate) fn unreadable<E>(what: &'static str) -> impl Fn(E) -> StorageError {
    move |_| StorageError::Corrupt(format!("a stored {what} can't be understood"))
}
