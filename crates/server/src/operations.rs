//! What an operator does beside serving.

use std::path::Path;

use courrier_server::config::{Config, Faults, check};
use courrier_server::storage::{self, Storage};
use courrier_server::{ServeError, clock};

/// Why an operation was not done, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    #[error("{0}")]
    Config(#[from] Faults),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Answers what was done, for standard output.
type Done = Result<String, OperationError>;

pub(crate) async fn check_config(config: &Config) -> Done {
    check(config).await?;
    Ok("the configuration is good".to_owned())
}

pub(crate) async fn migrate(config: &Config) -> Done {
    config.make_folder()?;
    let (from, to) = Storage::migrate(&config.database, clock::system()).await?;
    Ok(if from == to {
        format!("the tables are up to date: schema version {to}")
    } else {
        format!("the tables were brought from schema version {from} to {to}")
    })
}

pub(crate) async fn backup(config: &Config, file: &Path) -> Done {
    storage::backup(&config.database, file, clock::system()).await?;
    Ok(format!("{} holds the backup", file.display()))
}

pub(crate) async fn restore(config: &Config, file: &Path, force: bool) -> Done {
    config.make_folder()?;
    let restored = storage::restore(&config.database, file, force, clock::system()).await?;
    Ok(format!(
        "{} is in place: {} people, {} records; every desktop sends again what it lacks",
        file.display(),
        restored.people,
        restored.records
    ))
}

pub(crate) async fn rename_issuer(config: &Config, old: &str, new: &str) -> Done {
    let storage = Storage::open_beside(&config.database).await?;
    let people = storage.rename_issuer(old, new).await?;
    Ok(format!("{people} people moved; set the issuer to {new} before the next start"))
}
