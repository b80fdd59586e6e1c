//! One refresh, from the first look to the last.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::ExposeSecret;
use tokio::time::Instant;

use super::{Dead, Engine, Fresh, Refused, Renewal, Unkept};
use crate::keep::LockGuard;
use crate::token::AccessToken;
use crate::{AuthError, KeepError};

/// Pauses between tries to keep new tokens. A keyring that is busy for a moment is common; one that is locked waits for
/// the person, which the next caller finds out.
const PAUSES: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];
/// The first and the longest pause between tries that nobody waits for.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// A refresh token that is in the way of a rule, rather than worthless, is tried again after this.
const REMEMBERED: Duration = Duration::from_secs(600);

impl<R: Renewal> Engine<R> {
    /// A flight: refreshes and publishes the result; from then on a new caller begins a new one.
    pub(super) async fn refreshed(self: Arc<Self>, at_least: Duration) -> Result<Fresh, AuthError> {
        let result = self.refresh(at_least).await;
        self.land(&result)?;
        result
    }

    /// A flight: keeps what is newer than anything before, and publishes it.
    pub(super) async fn replaced<Making>(
        self: Arc<Self>,
        make: impl FnOnce(Arc<Self>) -> Making + Send,
    ) -> Result<Fresh, AuthError>
    where
        Making: Future<Output = (R::Kept, Option<AccessToken>)> + Send,
    {
        let result = self.keep_made(make).await;
        if result.is_ok() || self.is_unkept() {
            let mut state = self.state();
            (state.dead, state.refused, state.access, state.over) = (None, None, None, false);
            state.not_before = None;
        }
        self.land(&result)?;
        result
    }

    async fn keep_made<Making>(
        self: &Arc<Self>,
        make: impl FnOnce(Arc<Self>) -> Making + Send,
    ) -> Result<Fresh, AuthError>
    where
        Making: Future<Output = (R::Kept, Option<AccessToken>)> + Send,
    {
        let unkept = self.state().unkept.take();
        let guard = match unkept {
            Some(unkept) => unkept.guard,
            None => self.lock.acquire().await?,
        };
        let (kept, token) = make(Arc::clone(self)).await;
        drop(self.keep(kept, token.clone(), guard).await?);
        match token {
            Some(token) => Ok(Fresh { token, new: true }),
            None => self.refresh(Duration::ZERO).await,
        }
    }

    /// Ends the flight. A sign-out that came in between stands.
    fn land(self: &Arc<Self>, result: &Result<Fresh, AuthError>) -> Result<(), AuthError> {
        let mut state = self.state();
        state.flight = None;
        match result {
            Ok(_) if state.over => return Err(AuthError::SignedOut),
            Ok(fresh) => state.access = Some(fresh.token.clone()),
            Err(AuthError::Busy { retry_after: Some(wait) }) => state.not_before = Some(Instant::now() + *wait),
            Err(_) => {}
        }
        if R::KEEPS_ACCESS && state.unkept.is_some() && !state.keeps_trying {
            state.keeps_trying = true;
            tokio::spawn(keep_trying(Arc::clone(self)));
        }
        Ok(())
    }

    async fn refresh(&self, at_least: Duration) -> Result<Fresh, AuthError> {
        let unkept = self.state().unkept.take();
        let guard = match unkept {
            // These tokens are newer than anything that is kept.
            Some(Unkept { kept, access, guard }) => {
                let guard = self.keep(kept, access.clone(), guard).await?;
                match access {
                    Some(token) if self.may_hand_out(&token, at_least) => return Ok(Fresh { token, new: true }),
                    _ => guard,
                }
            }
            None => {
                // Nobody has to wait for a lock to be shown what another process renewed.
                if R::KEEPS_ACCESS
                    && let Some(token) = self.usable(&self.renewal.load().await?, at_least)
                {
                    return Ok(Fresh { token, new: false });
                }
                self.may_ask()?;
                self.lock.acquire().await?
            }
        };
        // Another process may have refreshed while this one waited.
        let kept = self.renewal.load().await?;
        let (kept, dead, guard) = match self.attempt(kept, guard, at_least).await? {
            Attempt::Fresh(fresh) => return Ok(fresh),
            Attempt::Refused { kept, dead, guard } => (kept, dead, guard),
        };
        // Somebody who does not take the lock (an older program, a restored keyring) may have been faster. The tokens are
        // compared, and shown to nobody.
        let again = self.renewal.load().await?;
        if R::refresh_token(&again).expose_secret() == R::refresh_token(&kept).expose_secret() {
            return Err(self.ended(&kept, dead));
        }
        match self.attempt(again, guard, at_least).await? {
            Attempt::Fresh(fresh) => Ok(fresh),
            Attempt::Refused { kept, dead, .. } => Err(self.ended(&kept, dead)),
        }
    }

    fn ended(&self, kept: &R::Kept, dead: Dead) -> AuthError {
        self.renewal.ended(kept, &dead.error, dead.until.is_none());
        dead.error
    }

    /// Uses what is kept: the access token if it is good, else the refresh token.
    async fn attempt(
        &self,
        kept: R::Kept,
        guard: LockGuard,
        at_least: Duration,
    ) -> Result<Attempt<R::Kept>, AuthError> {
        if let Some(token) = self.usable(&kept, at_least) {
            return Ok(Attempt::Fresh(Fresh { token, new: false }));
        }
        if let Some(dead) = self.known_dead(&kept) {
            return Ok(Attempt::Refused { kept, dead, guard });
        }
        // Whoever held the lock before may have been told to wait.
        self.may_ask()?;
        self.renewal.prepare().await?;
        let renewed = match self.renewal.exchange(&kept).await {
            Ok(renewed) => renewed,
            Err(Refused::Otherwise(error)) => {
                if let AuthError::Busy { retry_after: Some(wait) } = &error {
                    self.renewal.asked_to_wait(*wait);
                }
                return Err(error);
            }
            Err(Refused::Token { error, for_good }) => {
                let until = (!for_good).then(|| Instant::now() + REMEMBERED);
                let dead = Dead { token: R::refresh_token(&kept).clone(), error, until };
                self.state().dead = Some(dead.clone());
                return Ok(Attempt::Refused { kept, dead, guard });
            }
        };
        let token = renewed.access;
        match renewed.kept {
            Some(kept) if renewed.rotated => drop(self.keep(kept, Some(token.clone()), guard).await?),
            Some(kept) => {
                // The refresh token is kept already; without the new access token others have to ask for one themselves.
                if let Err(error) = self.renewal.store(&kept).await {
                    tracing::warn!(%error, "the access token can't be kept; it stays in memory");
                }
            }
            None => {}
        }
        Ok(Attempt::Fresh(Fresh { token, new: true }))
    }

    /// Keeps the tokens, or holds on to them and to the lock.
    async fn keep(&self, kept: R::Kept, access: Option<AccessToken>, guard: LockGuard) -> Result<LockGuard, AuthError> {
        // In place before the first try: whatever happens to this task, the tokens are not lost with it.
        self.state().unkept = Some(Unkept { kept: kept.clone(), access, guard });
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.renewal.store(&kept).await {
                Ok(()) => break,
                Err(error) => error,
            };
            match (&error, pauses.next()) {
                (KeepError::Busy | KeepError::Failed(_), Some(pause)) => tokio::time::sleep(*pause).await,
                _ => {
                    tracing::error!(%error, "new tokens can't be kept; they stay in memory");
                    self.renewal.unkept(&kept);
                    return Err(error.into());
                }
            }
        }
        // A sign-out that came in between has taken them, and holds the lock itself.
        self.state().unkept.take().map(|unkept| unkept.guard).ok_or(AuthError::SignedOut)
    }

    /// The access token that is kept, if it is good for somebody who wants this long.
    fn usable(&self, kept: &R::Kept, at_least: Duration) -> Option<AccessToken> {
        self.renewal.kept_access(kept).filter(|token| self.may_hand_out(token, at_least))
    }

    fn may_hand_out(&self, token: &AccessToken, at_least: Duration) -> bool {
        let refused = self.state().refused.as_ref().is_some_and(|refused| refused.is(token));
        !refused && self.renewal.suffices(token, at_least)
    }

    fn may_ask(&self) -> Result<(), AuthError> {
        let own = {
            let mut state = self.state();
            state.not_before = state.not_before.filter(|at| *at > Instant::now());
            state.not_before.map(|at| at - Instant::now())
        };
        match own.or_else(|| self.renewal.waits()) {
            Some(wait) => Err(AuthError::Busy { retry_after: Some(wait) }),
            None => Ok(()),
        }
    }

    fn known_dead(&self, kept: &R::Kept) -> Option<Dead> {
        let state = self.state();
        let dead = state.dead.as_ref()?;
        // Compared with what the issuer refused; neither leaves.
        let same = dead.token.expose_secret() == R::refresh_token(kept).expose_secret();
        (same && dead.until.is_none_or(|until| until > Instant::now())).then(|| dead.clone())
    }
}

enum Attempt<Kept> {
    Fresh(Fresh),
    /// The issuer refused this refresh token.
    Refused {
        kept: Kept,
        dead: Dead,
        guard: LockGuard,
    },
}

/// Tries to keep what is in memory only, until it is kept: also when everybody who asked for it is gone, for it is the
/// only copy.
async fn keep_trying<R: Renewal>(engine: Arc<Engine<R>>) {
    let (mut pause, longest) = RETRY;
    loop {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
        // The flight itself says in the log why it failed.
        let over = engine.settle().await == Err(AuthError::Keep(KeepError::Over));
        let mut state = engine.state();
        if over || state.unkept.is_none() {
            state.keeps_trying = false;
            return;
        }
    }
}
