//! Where a device stands in a person's history, and whether it can go on from there.

use courrier_model::{SyncId, Timestamp};
use courrier_wire::{Page, Reset};

/// What every call carries: the history a device follows and the revision up to which it has pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// `None` at its first contact.
    pub sync_id: Option<SyncId>,
    /// Zero at its first contact.
    pub after: u64,
    /// The device reads everything from the beginning and `after` is only where the next page starts: deletions that
    /// were forgotten below it are none that it could miss.
    pub full: bool,
}

/// The answer to a pull.
#[derive(Debug, Clone, PartialEq)]
pub enum Pull {
    /// What changed after the cursor.
    Page(Page),
    /// The cursor can't be continued.
    Reset(Reset),
}

/// The facts on the server's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) sync_id: SyncId,
    pub(crate) revision: u64,
    pub(crate) purged_revision: u64,
}

/// Whether a cursor can be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can.
    Continue,
    /// It belongs to another history: one that was replaced here by a restore, or one that never was here.
    OtherHistory(SyncId),
    /// It names a position but no history.
    Unplaced,
    /// It is ahead of the server in the same history, which can only mean that the database went back in time
    /// unnoticed. The person gets a new history.
    Ahead,
    /// Deletions that it has not seen may be forgotten.
    BeforeHorizon,
}

/// Where a history that begins now, for one person or for all, counts on from: the clock's milliseconds, so that
/// revisions of two histories tell which is the later. A clock that is wrong misleads that comparison alone.
pub(crate) fn first_revision(now: Timestamp) -> i64 {
    now.as_millisecond().max(0)
}

/// Judges a cursor.
pub(crate) fn judge(cursor: Cursor, stand: Stand) -> Verdict {
    match cursor.sync_id {
        // Nothing was pulled yet: there is nothing to be confused about.
        None if cursor.after == 0 => Verdict::Continue,
        // A position without its history could be anybody's; only a beginning is sure to miss nothing.
        None => Verdict::Unplaced,
        Some(other) if other != stand.sync_id => Verdict::OtherHistory(other),
        Some(_) if cursor.after > stand.revision => Verdict::Ahead,
        // From the beginning no deletion is missed: what is gone is not sent, and nothing was there before.
        Some(_) if !cursor.full && cursor.after > 0 && cursor.after < stand.purged_revision => Verdict::BeforeHorizon,
        Some(_) => Verdict::Continue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand() -> Stand {
        Stand { sync_id: SyncId::random(), revision: 10, purged_revision: 4 }
    }

    #[test]
    fn each_cursor_gets_its_verdict() {
        let stand = stand();
        let ours = Some(stand.sync_id);
        let other = SyncId::random();
        for (sync_id, after, verdict) in [
            (None, 0, Verdict::Continue),
            (None, 3, Verdict::Unplaced),
            (ours, 0, Verdict::Continue),
            (ours, 3, Verdict::BeforeHorizon),
            (ours, 4, Verdict::Continue),
            (ours, 10, Verdict::Continue),
            (ours, 11, Verdict::Ahead),
            (Some(other), 0, Verdict::OtherHistory(other)),
            (Some(other), 11, Verdict::OtherHistory(other)),
        ] {
            let cursor = Cursor { sync_id, after, full: false };
            assert_eq!(judge(cursor, stand), verdict, "{sync_id:?} {after}");
            let full = if verdict == Verdict::BeforeHorizon { Verdict::Continue } else { verdict };
            assert_eq!(judge(Cursor { full: true, ..cursor }, stand), full, "{sync_id:?} {after}, reading everything");
        }
    }
}
