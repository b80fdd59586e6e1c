//! Backups: one SQLite file, whichever database it is made of, so that a backup also moves a server from one to the
//! other.

use std::path::Path;

use courrier_model::Timestamp;

use super::{Location, StorageError, postgres, sqlite};

/// Writes everything into a new file, as it is at one moment, while servers go on. The file appears when it is
/// complete; it holds no secret but people's settings, and is readable for its owner alone.
///
/// # Errors
/// [`StorageError::NotEmpty`] if the file exists; [`StorageError::Location`] if there is no database;
/// [`StorageError::OlderSchema`] from PostgreSQL if `migrate` was not run.
pub async fn backup(location: &Location, file: &Path, now: Timestamp) -> Result<(), StorageError> {
    if file.exists() {
        return Err(StorageError::NotEmpty);
    }
    let draft = sqlite::Draft::beside(file)?;
    match location {
        Location::Sqlite(from) => {
            let (from, to) = (from.clone(), draft.path().to_owned());
            blocking(move || sqlite::copy_into(&from, &to)).await?;
        }
        Location::Postgres(location) => postgres::dump(location, draft.path(), now).await?,
    }
    draft.keep_as(file)
}

/// Runs what waits for the disk off the threads that serve.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StorageError::Refused("a working thread stopped".to_owned()))?
}
