//! What the database keeps for carrying accounts to the person's other devices. `courrier-sync` decides, these
//! functions apply; each is one transaction, so a program that dies between two of them loses nothing.
//!
//! | table | what it holds |
//! | --- | --- |
//! | `sync_session` | who is signed in, and how far this device has pulled |
//! | `sync_record` | per record: what the server last confirmed (`base`), what it just sent (`incoming`) |
//! | `sync_outbox` | writes that were sent, or are about to be, and not answered |
//! | `record_version` | the versions of each account |
//!
//! What has to be sent is written down nowhere: it is whatever differs from `base`. So an edit needs no hook that
//! could be forgotten, and an older program that knows nothing of all this marks its edits by making them.

pub(crate) mod body;
mod change;
mod facts;
mod inbox;
mod moving;
mod outbox;
pub(crate) mod preferences;
mod session;
pub(crate) mod travel;
pub(crate) mod version;

pub use change::{Reconciled, SyncChange};
pub use facts::{Local, RecordFacts, RefusedWrite, SyncFacts};
pub use outbox::Outgoing;
pub use session::{LocalCopy, SignIn, SyncSession};
pub use version::{HISTORY_LIMIT, Version, VersionSource};

use courrier_wire::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::error::unreadable;

/// As a column keeps it.
fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt("a record can't be written down".to_owned()))
}

/// From a column.
fn from_json<T: DeserializeOwned>(what: &'static str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(unreadable(what))
}

fn kind(word: &str) -> Result<Kind, StoreError> {
    word.parse().map_err(unreadable("kind of record"))
}

/// A revision as a column keeps it. SQLite's integers end at 2^63 - 1, which no server reaches.
fn from_revision(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

fn to_revision(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(unreadable("revision"))
}
