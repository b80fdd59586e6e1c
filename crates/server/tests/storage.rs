//! The storage suite on SQLite, and what only SQLite has to show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "storage/killed.rs"]
mod killed;
mod suite;

use std::path::Path;

use courrier_server::storage::{Location, Storage, StorageError};
use suite::{Site, minute};
use tempfile::TempDir;

/// A folder with a file that is not there yet.
struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("made"))
    }
}

impl Site for File {
    fn location(&self) -> Location {
        Location::sqlite(self.0.path().join("server.db"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    async fn poison(&self, address_key: &str) {
        let file = rusqlite::Connection::open(self.0.path().join("server.db")).expect("opened");
        let trigger = format!(
            "CREATE TRIGGER poison BEFORE INSERT ON record WHEN NEW.address_key = '{address_key}'
             BEGIN SELECT raise(ABORT, 'poison'); END"
        );
        file.execute_batch(&trigger).expect("made");
    }
}

suite::storage_suite!(File::new());

#[tokio::test]
async fn a_second_server_is_kept_out() {
    let site = File::new();
    let first = suite::open(&site).await;
    let second = Storage::open(&site.location(), minute(0)).await.map(drop);
    assert_eq!(second, Err(StorageError::InUse));
    drop(first);
    Storage::open(&site.location(), minute(0)).await.map(drop).expect("free again");
}

#[tokio::test]
async fn asking_for_the_schema_makes_nothing() {
    let site = File::new();
    assert_eq!(Storage::schema(&site.location()).await, Ok((0, 1)));
    assert_eq!(std::fs::read_dir(site.folder()).expect("listed").count(), 0);
    assert_eq!(Storage::migrate(&site.location(), minute(0)).await, Ok((0, 1)));
    assert_eq!(Storage::migrate(&site.location(), minute(0)).await, Ok((1, 1)));
    assert_eq!(Storage::schema(&site.location()).await, Ok((1, 1)));
}

#[tokio::test]
async fn a_newer_file_is_refused_and_left_alone() {
    let site = File::new();
    drop(suite::open(&site).await);
    let file = site.folder().join("server.db");
    rusqlite::Connection::open(&file).expect("opened").execute_batch("PRAGMA user_version = 7").expect("set");
    let newer = StorageError::NewerSchema { found: 7, known: 1 };
    assert_eq!(Storage::open(&site.location(), minute(0)).await.map(drop), Err(newer.clone()));
    assert_eq!(Storage::schema(&site.location()).await, Err(newer.clone()));
    assert!(newer.to_string().contains("newer program"));
}
