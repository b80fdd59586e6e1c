//! How often one person, or one address, may ask (the generic cell rate algorithm, by `governor`).

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// How many seconds' worth may come at once: a desktop that was away sends what waited.
const BURST: u32 = 10;

/// A limit for each key by itself.
pub(crate) struct Rate<K: Hash + Eq + Clone> {
    limiter: Option<DefaultKeyedRateLimiter<K>>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// So many a second, over time; 0 is without limit.
    pub(crate) fn new(a_second: u32) -> Self {
        let limiter = NonZeroU32::new(a_second).map(|rate| {
            RateLimiter::keyed(
                Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(BURST - 1))),
            )
        });
        Self { limiter, clock: DefaultClock::default() }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// The seconds to wait, if there were too many.
    pub(crate) fn check(&self, key: &K) -> Result<(), u64> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(key).map_err(|not_until| not_until.wait_time_from(self.clock.now()).as_secs() + 1)
    }

    /// Forgets keys that are at rest.
    pub(crate) fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
    }
}

/// What counts as one address: an IPv6 host has a whole /64 to itself (RFC 4291 section 2.5.4).
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            IpAddr::V6(std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        other => other.to_canonical(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_limit() {
        let rate = Rate::new(1);
        for _ in 0..BURST {
            assert_eq!(rate.check(&"a"), Ok(()));
        }
        assert!(rate.check(&"a").is_err_and(|seconds| seconds >= 1));
        assert_eq!(rate.check(&"b"), Ok(()));
    }

    #[test]
    fn zero_is_without_limit() {
        let rate = Rate::new(0);
        assert!((0..1_000).all(|_| rate.check(&"a").is_ok()));
    }

    #[test]
    fn an_ipv6_host_is_its_network() {
        let of = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
