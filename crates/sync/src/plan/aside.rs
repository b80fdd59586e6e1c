//! Accounts of which nobody can tell any more whether they were deleted.
//!
//! A server that went back, or was set up anew, lacks what it had; the devices that still have it send it again. One that
//! was away for longer than deletions are remembered can't: what it misses there may have been removed on another device
//! since, and nobody remembers. Sent again it would come back by itself, removed it could be lost. It stays as it is, for
//! this computer only, until the person lets it travel again.

use std::collections::HashSet;

use courrier_store::{RecordFacts, SyncFacts};

use super::{Planned, content, key_of};

/// Sets those accounts aside.
pub(super) fn set_aside(records: &mut [Planned], facts: &SyncFacts) {
    if facts.reset.is_none() {
        return;
    }
    // An account that the server has under the same address takes it in, as it would any other.
    let taken: HashSet<String> = records.iter().filter_map(|record| key_of(record.base.as_ref())).collect();
    for (record, known) in records.iter_mut().zip(&facts.records) {
        if is_doubtful(record, known, facts.purged) && record.key().is_some_and(|key| !taken.contains(&key)) {
            // One that was held back stands nowhere on this computer: it is forgotten.
            record.aside = record.before.is_some();
            record.learned = true;
            record.memory = None;
            record.target = None;
            record.account = None;
        }
    }
}

/// The server had it before it went back, has it no more, may have forgotten a later deletion, and nobody edited it here.
fn is_doubtful(record: &Planned, known: &RecordFacts, purged: u64) -> bool {
    let Some(memory) = &record.memory else { return false };
    record.is_account()
        && known.incoming.is_none()
        && !known.seen
        && !known.in_flight
        && !record.hidden
        && record.base.is_none()
        && memory.age() < purged
        && (record.was_held || record.before.is_some() && record.before == content(memory))
}
