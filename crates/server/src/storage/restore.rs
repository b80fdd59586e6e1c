//! Restoring a backup.

use std::path::Path;

use courrier_model::{SyncId, Timestamp};

use super::backup::blocking;
use super::{Location, StorageError, postgres, sqlite};

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The new history. Devices that follow the one before learn that the server went back, and send again what it
    /// lacks.
    pub sync_id: SyncId,
    /// How many people.
    pub people: u64,
    /// How many records, tombstones included.
    pub records: u64,
}

/// What of a database that is about to be replaced must outlive it.
#[derive(Debug, Default)]
pub(crate) struct Surviving {
    /// Histories that devices may follow: each with its person, or nobody for the whole server's.
    pub(crate) histories: Vec<(String, Option<String>)>,
    /// Devices that were revoked: id and time in microseconds.
    pub(crate) revoked: Vec<(String, i64)>,
}

/// Puts a backup in the place of what the database holds, all of it or nothing, and begins a new history.
///
/// With `force` also where there is data. Devices that were revoked since the backup stay revoked then, and the
/// histories that devices follow are remembered; into an empty database neither is known, so devices registered in
/// the backup are what counts.
///
/// # Errors
/// [`StorageError::NotEmpty`] without `force`; [`StorageError::InUse`] while a server runs;
/// [`StorageError::Corrupt`] if the file is not a sound backup; [`StorageError::NewerSchema`].
pub async fn restore(location: &Location, file: &Path, force: bool, now: Timestamp) -> Result<Restored, StorageError> {
    let file = file.to_owned();
    match location {
        Location::Sqlite(to) => {
            let to = to.clone();
            blocking(move || sqlite::restore(&to, &file, force, now)).await
        }
        Location::Postgres(location) => postgres::restore(location, &file, force, now).await,
    }
}
