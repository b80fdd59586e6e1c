//! How long to wait before the next attempt.

use std::time::Duration;

/// The first wait, before jitter.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait: a network that comes back without a word is noticed within this.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Waits that double with each failure, between half and the whole of that time: a server that comes back after an
/// outage is not met by everybody at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went well: the next failure waits shortly again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after another failure. `random` is between 0 and 1; `asked` is what the server asked for, and
    /// is a lower bound.
    pub fn next(&mut self, random: f64, asked: Option<Duration>) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let jittered = doubled.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0);
        // Who was told a time comes a little later than that, and not all at the same moment.
        asked.map_or(jittered, |asked| asked.min(LONGEST) + jittered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_begin_again_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..10).map(|_| backoff.next(1.0, None).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        backoff.reset();
        assert_eq!(backoff.next(1.0, None), FIRST);
    }

    #[test]
    fn jitter_stays_within_half_and_whole() {
        for random in [-1.0, 0.0, 0.3, 1.0, 7.0] {
            let wait = Backoff { failures: 3 }.next(random, None);
            assert!((Duration::from_secs(8)..=Duration::from_secs(16)).contains(&wait), "{random}: {wait:?}");
        }
    }

    #[test]
    fn nobody_comes_before_the_server_asked_them_to() {
        let asked = Duration::from_secs(30);
        assert!(Backoff::default().next(0.0, Some(asked)) > asked);
        let never_ends = Duration::from_secs(u64::MAX / 4);
        assert!(Backoff { failures: u32::MAX }.next(1.0, Some(never_ends)) <= LONGEST * 2);
    }
}
