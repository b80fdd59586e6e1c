//! Proofs that were already used.
//!
//! A proof names a nonce of this process, so it is enough to remember it here, and for as long as that nonce is
//! good: together that is once on every copy of the server, without a shared table.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::nonce::Slot;

/// Proofs remembered at a time, at most: 6,000 requests a second for five minutes, some 50 MB.
const LIMIT: usize = 2_000_000;

/// What became of a proof that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// For the first time.
    Fresh,
    /// It was used before.
    Again,
    /// There is no room to remember it, so it can't be accepted.
    Full,
}

/// The memory of used proofs.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    slots: Mutex<BTreeMap<Slot, HashSet<[u8; 16]>>>,
}

impl Replays {
    /// Remembers a proof by a digest of its key and `jti`, and forgets those of slots before `oldest`.
    pub(crate) fn remember(&self, slot: Slot, proof: [u8; 16], oldest: Slot) -> Seen {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        while slots.first_key_value().is_some_and(|(slot, _)| *slot < oldest) {
            slots.pop_first();
        }
        let kept: usize = slots.values().map(HashSet::len).sum();
        let slot = slots.entry(slot).or_default();
        if slot.contains(&proof) {
            Seen::Again
        } else if kept >= LIMIT {
            Seen::Full
        } else {
            slot.insert(proof);
            Seen::Fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::nonce::Nonces;
    use super::*;

    #[test]
    fn a_proof_works_once_for_as_long_as_its_nonce_is_good() {
        let start = Instant::now();
        let nonces = Nonces::new(start).unwrap();
        let slot_at = |now| nonces.check(&nonces.issue(now), now).unwrap();
        let replays = Replays::default();
        let first = slot_at(start);
        assert_eq!(replays.remember(first, [1; 16], nonces.oldest(start)), Seen::Fresh);
        assert_eq!(replays.remember(first, [2; 16], nonces.oldest(start)), Seen::Fresh);
        let later = start + Duration::from_secs(200);
        assert_eq!(replays.remember(first, [1; 16], nonces.oldest(later)), Seen::Again);
        let much_later = start + Duration::from_secs(3_600);
        assert_eq!(replays.remember(slot_at(much_later), [3; 16], nonces.oldest(much_later)), Seen::Fresh);
        assert_eq!(replays.slots.lock().unwrap().len(), 1, "old slots are forgotten");
    }
}
