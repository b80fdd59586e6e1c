//! Tokens as the token endpoint gives them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::{ExposeSecret, Secret, Timestamp};
use jiff::SignedDuration;
use tokio::time::Instant;

use crate::clock::{Clock, later};

/// How long a token lasts whose lifetime the issuer does not tell (RFC 6749 section 5.1 leaves it open).
const UNTOLD_LIFETIME: Duration = Duration::from_secs(300);
/// The longest that a token is believed to last.
const LONGEST_LIFETIME: Duration = Duration::from_secs(86_400);

/// An access token, in memory only. Cheap to clone.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    token: Secret,
    bound: bool,
    expires_at: Timestamp,
    lifetime: Duration,
    // The time of day may be set while we hold the token; this clock only runs forward, though not in standby.
    expires: Instant,
}

impl AccessToken {
    pub(crate) fn new(token: Secret, bound: bool, lifetime: Option<Duration>, clock: &Clock) -> Self {
        let lifetime = lifetime.unwrap_or(UNTOLD_LIFETIME).min(LONGEST_LIFETIME);
        let expires_at = later(clock.now(), SignedDuration::try_from(lifetime).unwrap_or_default());
        Self(Arc::new(Inner { token, bound, expires_at, lifetime, expires: Instant::now() + lifetime }))
    }

    /// A bearer token that was kept from `since` on and ends at `expires_at`, both by this computer's clock.
    pub(crate) fn kept(token: Secret, since: Timestamp, expires_at: Timestamp, clock: &Clock) -> Self {
        let until = |from: Timestamp| {
            let seconds = u64::try_from(expires_at.as_second().saturating_sub(from.as_second())).unwrap_or(0);
            Duration::from_secs(seconds).min(LONGEST_LIFETIME)
        };
        let expires = Instant::now() + until(clock.now());
        Self(Arc::new(Inner { token, bound: false, expires_at, lifetime: until(since), expires }))
    }

    /// How long it lasted when it was new.
    pub(crate) fn lifetime(&self) -> Duration {
        self.0.lifetime
    }

    /// The token itself, for the server that it is meant for.
    pub fn secret(&self) -> &Secret {
        &self.0.token
    }

    /// True if it works only together with a proof of the device's key (RFC 9449 section 5).
    pub fn is_bound(&self) -> bool {
        self.0.bound
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self) -> Secret {
        let scheme = if self.0.bound { "DPoP" } else { "Bearer" };
        // Wrapped again at once: the header's value is as secret as the token.
        Secret::from(format!("{scheme} {}", self.0.token.expose_secret()))
    }

    /// When it ends, by this computer's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// True if it still lasts that long, by the time of day and by the time that has passed.
    pub(crate) fn lasts(&self, at_least: Duration, clock: &Clock) -> bool {
        let wall = self.0.expires_at.as_second().saturating_sub(clock.now().as_second());
        u64::try_from(wall).is_ok_and(|left| left >= at_least.as_secs() && left > 0)
            && self.0.expires.saturating_duration_since(Instant::now()) > at_least
    }

    /// True for the same token, wherever it came from.
    pub(crate) fn is(&self, other: &Self) -> bool {
        // Compared, and shown to nobody.
        Arc::ptr_eq(&self.0, &other.0) || self.0.token.expose_secret() == other.0.token.expose_secret()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("bound", &self.0.bound).field("expires_at", &self.0.expires_at).finish()
    }
}

/// A successful answer of the token endpoint (RFC 6749 section 5.1).
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, if one was given; after a refresh it replaces the old one.
    pub refresh_token: Option<Secret>,
    /// What OpenID Connect adds, unverified.
    pub id_token: Option<Secret>,
    /// The scopes that were granted; `None` means those that were asked for (RFC 6749 section 5.1).
    pub scopes: Option<Vec<String>>,
}
