//! The time, passed in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use courrier_model::Timestamp;
use http::HeaderMap;
use http::header::DATE;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;

/// Where the time of day comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock that answers so; `Timestamp::now` in a program.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// One server's clock, read off its answers: proofs are dated by it, so that a computer whose clock is wrong is not
/// turned away. Nothing is trusted because of it.
#[derive(Debug)]
pub(crate) struct ServerClock {
    own: Clock,
    /// Seconds that the server is ahead.
    ahead: AtomicI64,
    /// What another server says of that; [`UNTOLD`] where none was asked.
    told: AtomicI64,
}

/// Nobody has told.
const UNTOLD: i64 = i64::MIN;

impl ServerClock {
    /// Differences below this are the way's delay and the header's whole seconds.
    const NOTICEABLE: i64 = 5;

    pub(crate) fn new(own: Clock) -> Self {
        Self { own, ahead: AtomicI64::new(0), told: AtomicI64::new(UNTOLD) }
    }

    /// Learns from an answer's `Date` (RFC 9110 section 6.6.1); true if the difference is new.
    pub(crate) fn observe(&self, headers: &HeaderMap) -> bool {
        match headers.get(DATE).and_then(|value| http_date(value.as_bytes())) {
            Some(date) => self.set(self.ahead_at(date)),
            None => false,
        }
    }

    /// Remembers the present moment as another server tells it. That one may be wrong itself: it is believed only when
    /// this server refuses what this computer's clock says.
    pub(crate) fn tell(&self, now: Timestamp) {
        self.told.store(self.ahead_at(now), Ordering::Relaxed);
    }

    /// Believes what was told; true if that is new.
    pub(crate) fn believe(&self) -> bool {
        match self.told.load(Ordering::Relaxed) {
            UNTOLD => false,
            told => self.set(told),
        }
    }

    /// Back to this computer's own clock.
    pub(crate) fn doubt(&self) {
        self.set(0);
    }

    fn ahead_at(&self, now: Timestamp) -> i64 {
        let ahead = now.as_second() - self.own.now().as_second();
        if ahead.abs() < Self::NOTICEABLE { 0 } else { ahead }
    }

    fn set(&self, ahead: i64) -> bool {
        (self.ahead.swap(ahead, Ordering::Relaxed) - ahead).abs() >= Self::NOTICEABLE
    }

    /// The server's present moment, as far as known.
    pub(crate) fn now(&self) -> Timestamp {
        later(self.own.now(), SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed)))
    }
}

/// The date of an HTTP header.
pub(crate) fn http_date(value: &[u8]) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(value).ok()
}

/// Adds, staying within what a timestamp can hold.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_server_is_believed_only_when_asked() {
        let at = |time: &str| time.parse::<Timestamp>().expect("valid");
        let own = Clock::new(move || at("2026-01-02T03:04:05Z"));
        let server = ServerClock::new(own.clone());
        assert!(!server.believe(), "nobody has told anything");
        server.tell(at("2026-01-02T04:04:05Z"));
        assert_eq!(server.now(), own.now());
        assert!(server.believe());
        assert_eq!(server.now(), at("2026-01-02T04:04:05Z"));
        assert!(!server.believe(), "nothing new");
        server.doubt();
        assert_eq!(server.now(), own.now());
        server.tell(at("2026-01-02T03:04:07Z"));
        assert!(!server.believe(), "as this computer has it");
    }

    #[test]
    fn a_difference_is_learnt_and_small_ones_are_not() {
        let own = Clock::new(|| "2026-01-02T03:04:05Z".parse().expect("valid"));
        let server = ServerClock::new(own.clone());
        let answer = |date: &str| HeaderMap::from_iter([(DATE, date.parse().expect("valid"))]);
        assert!(!server.observe(&answer("Fri, 02 Jan 2026 03:04:08 GMT")));
        assert_eq!(server.now(), own.now());
        assert!(server.observe(&answer("Fri, 02 Jan 2026 04:04:05 GMT")));
        assert_eq!(server.now().as_second() - own.now().as_second(), 3600);
        assert!(!server.observe(&answer("Fri, 02 Jan 2026 04:04:06 GMT")), "nothing new");
        assert!(!server.observe(&answer("yesterday")));
        assert!(server.observe(&answer("Fri, 02 Jan 2026 03:04:05 GMT")), "the clock was put right");
        assert_eq!(server.now(), own.now());
    }
}
