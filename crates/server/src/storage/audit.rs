//! Who asks, as the audit log tells it.

use courrier_model::{DeviceId, Timestamp, UserId};
use courrier_wire::{AuditAction, AuditEntry, AuditPage};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::StorageError;
use super::error::unreadable;

/// On whose behalf something is changed, from where and when. Each change writes its line of the audit log from
/// this, in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// From which of their devices, once it is registered.
    pub device: Option<DeviceId>,
    /// The network address that asked.
    pub address: Option<String>,
    /// The server's time, UTC.
    pub at: Timestamp,
}

/// One line to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) action: AuditAction,
    pub(crate) target: Option<String>,
}

impl Line {
    pub(crate) fn new(action: AuditAction, target: impl ToString) -> Self {
        Self { action, target: Some(target.to_string()) }
    }
}

/// Reads the word that [`AuditAction::as_str`] wrote.
pub(crate) fn action(word: &str) -> Result<AuditAction, StorageError> {
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    AuditAction::deserialize(word).map_err(unreadable("audit action"))
}

/// A page of at most `limit` entries, made of what a query for one more than that found.
pub(crate) fn page(mut entries: Vec<AuditEntry>, limit: u32) -> AuditPage {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let before = if more { entries.last().map(|entry| entry.sequence) } else { None };
    AuditPage { entries, before }
}
