//! How one mail account's tokens are renewed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use courrier_model::{ExposeSecret, MailHosts, Rotation, Secret, Timestamp};
use jiff::SignedDuration;

use super::authorize::{MailClient, explain};
use super::tokens::{MailTokenKeeper, MailTokens, TokenFacts, TokenState};
use crate::clock::later;
use crate::renewal::{Refused, Renewal, Renewed};
use crate::token::{AccessToken, TokenAnswer};
use crate::token_endpoint::{Fault, Sender, TokenEndpoint};
use crate::{AuthError, Clock, Explanation, KeepError, ProviderError, Verdict};

/// Renewal begins at most this long before the end, in seconds.
const AHEAD: i64 = 600;
/// A clock that is further behind the last refresh than this was set back, in seconds; what it says of a kept access token
/// means nothing.
const SET_BACK: i64 = 60;
/// What was noted of a provider's wish to be left alone is believed up to this, in seconds.
const LONGEST_WAIT: u64 = 86_400;

/// One account at its provider, and what keeps its tokens.
pub(super) struct MailRenewal {
    client: Mutex<MailClient>,
    clock: Clock,
    pub(super) keeper: Arc<dyn MailTokenKeeper>,
    seen: Mutex<Seen>,
}

/// What was last seen of the tokens.
#[derive(Default)]
struct Seen {
    facts: Option<TokenFacts>,
    hosts: MailHosts,
}

impl MailRenewal {
    pub(super) fn new(client: MailClient, keeper: Arc<dyn MailTokenKeeper>) -> Self {
        Self { clock: client.clock().clone(), client: Mutex::new(client), keeper, seen: Mutex::default() }
    }

    pub(super) fn client(&self) -> MailClient {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn use_client(&self, client: MailClient) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    /// When the consent was given that the tokens last seen are of.
    pub(super) fn obtained_at(&self) -> Option<Timestamp> {
        self.seen().facts.as_ref().map(|facts| facts.obtained_at)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The servers that the tokens last seen may be shown to.
    pub(super) fn hosts(&self) -> MailHosts {
        self.seen().hosts.clone()
    }

    /// Remembers what may be known, if it is news. Tokens that are found again are as they were.
    fn note(&self, tokens: &MailTokens, state: TokenState) {
        let facts = TokenFacts { state, ..tokens.facts(self.client().provider().idle) };
        {
            let mut seen = self.seen();
            seen.hosts = tokens.mail_hosts.clone();
            let known = seen.facts.as_ref().is_some_and(|seen| {
                *seen == facts || (state == TokenState::Found && seen.generation == facts.generation)
            });
            if known {
                return;
            }
            seen.facts = Some(facts.clone());
        }
        self.keeper.noted(&facts);
    }

    /// The endpoint that these tokens came from, as the client that they were given to: what is configured now may be
    /// another one.
    fn endpoint(&self, tokens: &MailTokens) -> Result<TokenEndpoint, AuthError> {
        let client = self.client();
        let sender = Sender { http: client.http().clone(), proof: None };
        let endpoint = TokenEndpoint::within(sender, tokens.token_endpoint.clone(), tokens.client_id.clone())?;
        Ok(match client.provider().secret_for(tokens) {
            Some(secret) => endpoint.with_client_secret(secret),
            None => endpoint,
        })
    }

    fn renewed(&self, tokens: &MailTokens, answer: TokenAnswer) -> Renewed<MailTokens> {
        let mut kept = tokens.clone();
        kept.access_token = Some(answer.access_token.secret().clone());
        kept.expires_at = Some(answer.access_token.expires_at());
        kept.refreshed_at = self.clock.now();
        kept.generation = tokens.generation.saturating_add(1);
        if let Some(scopes) = answer.scopes {
            kept.scopes = scopes;
        }
        let mut rotated = false;
        if let Some(refresh_token) = answer.refresh_token {
            // Compared to know whether the old one may be gone; both stay secrets.
            rotated = refresh_token.expose_secret() != tokens.refresh_token.expose_secret();
            kept.refresh_token = refresh_token;
        }
        Renewed { access: answer.access_token, kept: Some(kept), rotated }
    }
}

impl Renewal for MailRenewal {
    type Kept = MailTokens;

    const KEEPS_ACCESS: bool = true;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn suffices(&self, token: &AccessToken, at_least: Duration) -> bool {
        token.lasts(attainable(at_least, token.lifetime()), self.clock())
    }

    async fn load(&self) -> Result<MailTokens, AuthError> {
        let Some(tokens) = self.keeper.load().await? else {
            // Whatever is found there another time is news.
            self.seen().facts = None;
            return Err(AuthError::SignedOut);
        };
        if tokens.provider != self.client().provider().id {
            let client = self.keeper.client_of(&tokens).await;
            let client = client.filter(|client| client.provider().id == tokens.provider);
            self.use_client(client.ok_or(AuthError::OtherPerson)?);
        }
        self.note(&tokens, TokenState::Found);
        Ok(tokens)
    }

    async fn store(&self, tokens: &MailTokens) -> Result<(), KeepError> {
        self.keeper.store(tokens).await?;
        self.note(tokens, TokenState::Working);
        Ok(())
    }

    fn refresh_token(tokens: &MailTokens) -> &Secret {
        &tokens.refresh_token
    }

    fn kept_access(&self, tokens: &MailTokens) -> Option<AccessToken> {
        let (token, expires_at) = (tokens.access_token.clone()?, tokens.expires_at?);
        let set_back = tokens.refreshed_at.as_second().saturating_sub(self.clock().now().as_second()) > SET_BACK;
        (!set_back).then(|| AccessToken::kept(token, tokens.refreshed_at, expires_at, self.clock()))
    }

    async fn prepare(&self) -> Result<(), KeepError> {
        match self.client().provider().rotation {
            Rotation::Never => Ok(()),
            Rotation::Rotates | Rotation::Unknown => self.keeper.prove_writable().await,
        }
    }

    async fn exchange(&self, tokens: &MailTokens) -> Result<Renewed<MailTokens>, Refused> {
        let refusal = match self.endpoint(tokens)?.try_refresh(&tokens.refresh_token).await {
            Ok(answer) => return Ok(self.renewed(tokens, answer)),
            Err(Fault::Refused(refusal)) => refusal,
            Err(fault) => return Err(explain(fault).into()),
        };
        let for_good = refusal.ends_token();
        let judged = refusal.judged();
        let client = self.client();
        let provider = client.provider();
        let replaced = provider.client_id != tokens.client_id;
        if matches!(judged.error.as_str(), "invalid_client" | "unauthorized_client")
            && (replaced || provider.registered)
        {
            // The client that the tokens were given to is gone, and another one is configured or can be registered:
            // consent makes tokens for that.
            let explanation = judged.explanation.or(provider.registered.then_some(Explanation::UnknownApplication));
            let error = ProviderError { verdict: Verdict::SignInAgain, explanation, ..judged };
            return Err(Refused::Token { error: AuthError::Provider(error), for_good: true });
        }
        let verdict = judged.verdict;
        let error = refusal.into_error();
        match verdict {
            Verdict::SignInAgain => Err(Refused::Token { error, for_good }),
            Verdict::RetryLater | Verdict::Configuration => Err(error.into()),
        }
    }

    fn ended(&self, tokens: &MailTokens, error: &AuthError, for_good: bool) {
        let explanation = match error {
            AuthError::Provider(error) => error.explanation,
            _ => None,
        };
        self.note(tokens, TokenState::SignInNeeded { explanation, for_good });
    }

    fn unkept(&self, tokens: &MailTokens) {
        self.note(tokens, TokenState::Unkept);
    }

    fn asked_to_wait(&self, wait: Duration) {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.keeper.asked_to_wait(later(self.clock.now(), wait));
    }

    fn waits(&self) -> Option<Duration> {
        let left = self.keeper.waits_until()?.as_second().saturating_sub(self.clock.now().as_second());
        // A clock that was set back must not make hours out of minutes.
        u64::try_from(left).ok().filter(|left| (1..=LONGEST_WAIT).contains(left)).map(Duration::from_secs)
    }
}

/// How long a token has to last for somebody who wants `at_least` that long, where the provider makes them for `lifetime`.
/// What no token lasts, not even a new one, is not waited for: half of a life will do, or every call would refresh.
fn attainable(at_least: Duration, lifetime: Duration) -> Duration {
    if at_least < lifetime { at_least } else { lifetime / 2 }
}

/// When an access token is to be renewed that came at `refreshed_at`: in the last quarter of its life, at most ten minutes
/// before its end, and earlier or later by `jitter`, so that the accounts of a company are not renewed in the same second.
/// Half of the time that is kept ahead is left at the latest.
pub fn renewal_time(refreshed_at: Timestamp, expires_at: Timestamp, jitter: u16) -> Timestamp {
    let lifetime = expires_at.as_second().saturating_sub(refreshed_at.as_second()).max(0);
    let ahead = (lifetime / 4).min(AHEAD);
    let shift = ahead / 2 * i64::from(jitter) / i64::from(u16::MAX);
    later(expires_at, SignedDuration::from_secs(shift - ahead)).max(refreshed_at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn what_is_asked_for_is_honoured_as_far_as_any_token_can() {
        let lasting = |at_least| attainable(Duration::from_secs(at_least), Duration::from_secs(3600)).as_secs();
        assert_eq!([60, 1800, 1801, 3599].map(lasting), [60, 1800, 1801, 3599], "a new token lasts that long");
        assert_eq!([3600, 86_400].map(lasting), [1800, 1800], "none does");
    }

    #[test]
    fn an_hour_is_renewed_in_its_last_ten_minutes() {
        assert_eq!(renewal_time(at(0), at(3600), 0), at(3000));
        assert_eq!(renewal_time(at(0), at(3600), u16::MAX), at(3300));
        assert_eq!(renewal_time(at(0), at(60), 0), at(45));
        assert_eq!(renewal_time(at(60), at(0), 9), at(60), "it ended before it began: now");
    }

    proptest! {
        #[test]
        fn renewal_is_ahead_of_the_end_and_late_in_life(
            start in -1_000_000_000..4_000_000_000_i64, lifetime in 0..10_000_000_i64, jitter in any::<u16>(),
        ) {
            let (start, end) = (at(start), at(start + lifetime));
            let renewal = renewal_time(start, end, jitter).as_second();
            let (passed, left) = (renewal - start.as_second(), end.as_second() - renewal);
            prop_assert!(passed >= lifetime - lifetime / 4, "after three quarters");
            prop_assert!(left <= AHEAD && left >= (lifetime / 4).min(AHEAD) / 2);
        }

        #[test]
        fn jitter_only_delays(start in 0..1_000_000_i64, lifetime in 0..100_000_i64, a in any::<u16>(), b in any::<u16>()) {
            let time = |jitter| renewal_time(at(start), at(start + lifetime), jitter);
            prop_assert!(time(a.min(b)) <= time(a.max(b)));
        }
    }
}
