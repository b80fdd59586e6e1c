//! Challenges for proofs (RFC 9449 section 9).
//!
//! A nonce is the number of the minute in which it was made, and a MAC over it with a key that only this process
//! has. Nothing is stored; one made by another copy of the server, or before a restart, is not accepted. It runs
//! on the monotonic clock, so a clock that is wrong or set back, here or at the desktop, does no harm.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// How long one slot lasts. Proofs are remembered by slot and forgotten a slot at a time.
const SLOT: Duration = Duration::from_secs(60);
/// Slots for which a nonce stays good, the one of its making included: 4 to 5 minutes.
const GOOD_SLOTS: u32 = 5;
/// Bytes of the MAC that are kept: 128 bits can't be guessed online.
const TAG: usize = 16;

/// The number of a slot since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(u32);

/// Makes and recognises this process's nonces.
pub(crate) struct Nonces {
    key: hmac::Key,
    started: Instant,
}

impl Nonces {
    /// With a fresh key.
    ///
    /// # Errors
    /// If the operating system has no randomness to give.
    pub(crate) fn new(now: Instant) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let random = aws_lc_rs::rand::SystemRandom::new();
        Ok(Self { key: hmac::Key::generate(hmac::HMAC_SHA256, &random)?, started: now })
    }

    /// The nonce to answer next.
    pub(crate) fn issue(&self, now: Instant) -> String {
        let slot = self.slot(now).0.to_be_bytes();
        let mut nonce = [0; 4 + TAG];
        nonce[..4].copy_from_slice(&slot);
        nonce[4..].copy_from_slice(&hmac::sign(&self.key, &slot).as_ref()[..TAG]);
        BASE64_URL_SAFE_NO_PAD.encode(nonce)
    }

    /// The slot of a nonce that this process made and that is still good.
    pub(crate) fn check(&self, nonce: &str, now: Instant) -> Option<Slot> {
        let mut bytes = [0; 4 + TAG];
        if BASE64_URL_SAFE_NO_PAD.decode_slice(nonce, &mut bytes) != Ok(bytes.len()) {
            return None;
        }
        let (slot, tag) = bytes.split_at(4);
        let made = hmac::sign(&self.key, slot);
        aws_lc_rs::constant_time::verify_slices_are_equal(&made.as_ref()[..TAG], tag).ok()?;
        let slot = Slot(u32::from_be_bytes(slot.try_into().ok()?));
        (self.oldest(now)..=self.slot(now)).contains(&slot).then_some(slot)
    }

    /// The oldest slot whose nonces are still good.
    pub(crate) fn oldest(&self, now: Instant) -> Slot {
        Slot(self.slot(now).0.saturating_sub(GOOD_SLOTS - 1))
    }

    fn slot(&self, now: Instant) -> Slot {
        let slots = now.saturating_duration_since(self.started).as_secs() / SLOT.as_secs();
        // 8,000 years of uptime.
        Slot(u32::try_from(slots).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_time_and_at_its_maker_only() {
        let start = Instant::now();
        let here = Nonces::new(start).unwrap();
        let there = Nonces::new(start).unwrap();
        let nonce = here.issue(start);
        assert!(here.check(&nonce, start).is_some());
        assert!(here.check(&nonce, start + SLOT * (GOOD_SLOTS - 1)).is_some());
        assert_eq!(here.check(&nonce, start + SLOT * GOOD_SLOTS), None, "too old");
        assert_eq!(there.check(&nonce, start), None, "another copy's");
        let future = here.issue(start + SLOT);
        assert_eq!(here.check(&future, start), None, "not made yet");
    }

    #[test]
    fn a_nonce_that_was_touched_is_refused() {
        let now = Instant::now();
        let nonces = Nonces::new(now).unwrap();
        let nonce = nonces.issue(now);
        for at in 0..nonce.len() {
            let mut touched = nonce.clone().into_bytes();
            touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
            let touched = String::from_utf8(touched).unwrap();
            assert_eq!(nonces.check(&touched, now), None, "{touched} for {nonce}");
        }
        for wrong in ["", "AAAA", &nonce[1..], &format!("{nonce}A"), &format!("{nonce}=")] {
            assert_eq!(nonces.check(wrong, now), None, "{wrong}");
        }
    }
}
