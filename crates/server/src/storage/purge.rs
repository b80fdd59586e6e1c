//! Forgetting what is older than it has to be.

use courrier_model::Timestamp;

/// What may be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Deletions and answers to mutations from before this are forgotten: [`courrier_wire::HORIZON_DAYS`] ago.
    pub horizon: Timestamp,
    /// Lines of the audit log from before this are forgotten.
    pub audit: Timestamp,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Tombstones.
    pub tombstones: u64,
    /// Answers to mutations.
    pub answers: u64,
    /// Lines of the audit log.
    pub audit: u64,
}
