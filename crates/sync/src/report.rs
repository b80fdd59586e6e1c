//! What an exchange did, and what waits.

use courrier_model::RecordId;
use courrier_store::Store;
use courrier_wire::{Content, Kind, RefusedCode};

use crate::SyncError;
use crate::plan::difference;

/// What an exchange did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Writes that the server took.
    pub sent: usize,
    /// Records that were new here.
    pub received: usize,
    /// Conflicts that the person has to be shown.
    pub conflicts: usize,
    /// Changes that still wait.
    pub pending: usize,
    /// Those of them that the server refused for good.
    pub refused: usize,
    /// The revision up to which this device is.
    pub revision: u64,
    /// True if secrets of accounts that were removed elsewhere wait to be deleted here.
    pub retired: bool,
}

/// A change that the server does not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The record.
    pub record: RecordId,
    /// What it is.
    pub kind: Kind,
    /// True if it was removed here.
    pub deleted: bool,
    /// Why the server would not take it, if it would not.
    pub refused: Option<RefusedCode>,
}

/// The changes that wait to be sent. Reads the database only.
///
/// # Errors
/// [`SyncError::Store`].
pub fn pending(store: &Store) -> Result<Vec<Pending>, SyncError> {
    let facts = store.sync_facts()?;
    let waiting = facts.records.iter().filter_map(|record| {
        let write = difference(record)?;
        let refused = record.refused.as_ref().filter(|refused| refused.content == write.content);
        Some(Pending {
            record: record.id,
            kind: record.kind,
            deleted: matches!(write.content, Content::Deleted(_)),
            refused: refused.map(|refused| refused.code),
        })
    });
    Ok(waiting.collect())
}
