//! Access tokens for whoever asks, by one refresh at a time.
//!
//! A refresh token that rotates can be used once. Who uses an old one again is taken for a thief, and the issuer revokes
//! everything. So: one refresh at a time in this process, one over all processes ([`RefreshLock`]), what another one kept
//! meanwhile is looked at first, a refresh that began is never dropped half way, and the new refresh token is kept and
//! read back before the access token that came with it is handed out.
//!
//! [`Engine`] is that procedure; [`Renewal`] is what differs between an OpenID Connect session and a mail account.

mod closing;
mod refresh;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use courrier_model::Secret;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use crate::keep::{LockGuard, RefreshLock};
use crate::token::AccessToken;
use crate::{AuthError, Clock, KeepError};

/// Where tokens come from and where they are kept.
pub(crate) trait Renewal: Send + Sync + Sized + 'static {
    /// What outlives the process.
    type Kept: Clone + Send + Sync + 'static;

    /// Access tokens are kept as well: they are looked for before a refresh, and storing what can't be kept is tried again
    /// without anybody asking.
    const KEEPS_ACCESS: bool;

    /// The clock that tokens are judged by.
    fn clock(&self) -> &Clock;

    /// True if the token lasts long enough for somebody who wants `at_least` that long.
    fn suffices(&self, token: &AccessToken, at_least: Duration) -> bool {
        token.lasts(at_least, self.clock())
    }

    /// What is kept, if it is this one's.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`] when nothing is kept, [`AuthError::OtherPerson`], [`AuthError::Keep`].
    fn load(&self) -> impl Future<Output = Result<Self::Kept, AuthError>> + Send;

    /// Keeps it; `Ok` means that it was read back.
    fn store(&self, kept: &Self::Kept) -> impl Future<Output = Result<(), KeepError>> + Send;

    /// The refresh token among what is kept.
    fn refresh_token(kept: &Self::Kept) -> &Secret;

    /// The access token among what is kept, unless there is a reason to doubt it.
    fn kept_access(&self, _kept: &Self::Kept) -> Option<AccessToken> {
        None
    }

    /// Called under the lock before a refresh: whatever would make it a loss is to be found out now.
    fn prepare(&self) -> impl Future<Output = Result<(), KeepError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Uses the refresh token.
    fn exchange(&self, kept: &Self::Kept) -> impl Future<Output = Result<Renewed<Self::Kept>, Refused>> + Send;

    /// The issuer ended this refresh token, and nobody kept another one.
    /// `for_good`: this refresh token never works again.
    fn ended(&self, _kept: &Self::Kept, _error: &AuthError, _for_good: bool) {}

    /// New tokens are in memory only.
    fn unkept(&self, _kept: &Self::Kept) {}

    /// The issuer asked to be left alone for so long.
    fn asked_to_wait(&self, _wait: Duration) {}

    /// For how long the issuer wants to be left alone still, whichever process it told.
    fn waits(&self) -> Option<Duration> {
        None
    }
}

/// What a refresh brought.
pub(crate) struct Renewed<Kept> {
    pub(crate) access: AccessToken,
    /// What is to be kept, if anything changed.
    pub(crate) kept: Option<Kept>,
    /// The old refresh token may be worthless from now on: the new one must be kept before anything else happens.
    pub(crate) rotated: bool,
}

/// Why a refresh brought nothing.
pub(crate) enum Refused {
    /// This refresh token is no good: for good, or until something outside changes.
    Token { error: AuthError, for_good: bool },
    /// Anything else.
    Otherwise(AuthError),
}

impl From<AuthError> for Refused {
    fn from(error: AuthError) -> Self {
        Self::Otherwise(error)
    }
}

/// An access token, and whether it is as long as the issuer makes them now.
#[derive(Clone)]
struct Fresh {
    token: AccessToken,
    new: bool,
}

/// A refresh under way, for whoever waits for it.
#[derive(Clone)]
struct Flight {
    at_least: Duration,
    result: Shared<BoxFuture<'static, Result<Fresh, AuthError>>>,
}

/// One account's tokens in this process.
pub(crate) struct Engine<R: Renewal> {
    pub(crate) renewal: R,
    lock: Arc<dyn RefreshLock>,
    /// Whoever ends the tokens or replaces them does so alone.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State<R::Kept>>,
}

struct State<Kept> {
    access: Option<AccessToken>,
    flight: Option<Flight>,
    unkept: Option<Unkept<Kept>>,
    /// Somebody tries to keep it from time to time.
    keeps_trying: bool,
    /// What the issuer refused: asking again would only make noise.
    dead: Option<Dead>,
    /// The access token that a server refused although it should be good.
    refused: Option<AccessToken>,
    /// The issuer asked to be left alone until then.
    not_before: Option<Instant>,
    /// Ended here: for good.
    over: bool,
}

/// A refresh token that the issuer refused.
#[derive(Clone)]
struct Dead {
    token: Secret,
    error: AuthError,
    /// When it may be tried again; `None` for never.
    until: Option<Instant>,
}

/// Tokens that the issuer gave and that are not kept yet. While they are the only copy, nobody else may refresh.
struct Unkept<Kept> {
    kept: Kept,
    access: Option<AccessToken>,
    guard: LockGuard,
}

impl<R: Renewal> Engine<R> {
    pub(crate) fn new(renewal: R, lock: Arc<dyn RefreshLock>) -> Arc<Self> {
        let state = State {
            access: None,
            flight: None,
            unkept: None,
            keeps_trying: false,
            dead: None,
            refused: None,
            not_before: None,
            over: false,
        };
        Arc::new(Self { renewal, lock, turn: Arc::default(), state: Mutex::new(state) })
    }

    /// An access token that lasts `at_least` that long, or as long as the issuer makes them: the same one for everybody,
    /// from memory if possible. A refresh goes on when its callers give up.
    pub(crate) async fn ensure_fresh(self: &Arc<Self>, at_least: Duration) -> Result<AccessToken, AuthError> {
        loop {
            let flight = {
                let mut state = self.state();
                if state.over {
                    return Err(AuthError::SignedOut);
                }
                if let Some(token) = &state.access
                    && self.renewal.suffices(token, at_least)
                {
                    return Ok(token.clone());
                }
                match &state.flight {
                    Some(flight) => flight.clone(),
                    None => {
                        let engine = Arc::clone(self);
                        launch(&mut state, at_least, async move { engine.refreshed(at_least).await })
                    }
                }
            };
            let fresh = flight.result.await?;
            // A refresh that began for somebody with less time in mind may have found a token that is too old for us.
            if fresh.new || flight.at_least >= at_least || self.renewal.suffices(&fresh.token, at_least) {
                return Ok(fresh.token);
            }
        }
    }

    /// A server refused this access token although it should be good: the next caller gets another one.
    pub(crate) fn refused(&self, token: &AccessToken) {
        let mut state = self.state();
        match &state.access {
            // There is another one already.
            Some(held) if !held.is(token) => return,
            _ => state.access = None,
        }
        state.refused = Some(token.clone());
    }

    /// The access token in memory is not to be handed out any more.
    pub(crate) fn drop_access(&self) {
        self.state().access = None;
    }

    /// What was refused, but not for good, may be tried again now.
    pub(crate) fn forgive(&self) {
        let mut state = self.state();
        state.dead = state.dead.take().filter(|dead| dead.until.is_none());
    }

    /// Takes the access token of somebody who has just signed in.
    pub(crate) fn take_access(&self, token: AccessToken) {
        self.state().access = Some(token);
    }

    /// True while new tokens are in memory only.
    pub(crate) fn is_unkept(&self) -> bool {
        self.state().unkept.is_some()
    }

    /// Keeps new tokens in place of what is kept and of what could not be kept yet. It is a flight like any other: who asks
    /// for a token meanwhile gets the new one. `make` is called under the lock, with what was kept.
    pub(crate) async fn replace<Making>(
        self: &Arc<Self>,
        make: impl FnOnce(Arc<Self>) -> Making + Send + 'static,
    ) -> Result<(), AuthError>
    where
        Making: Future<Output = (R::Kept, Option<AccessToken>)> + Send,
    {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let flight = loop {
            let earlier = {
                let mut state = self.state();
                match &state.flight {
                    Some(flight) => flight.clone(),
                    None => {
                        let engine = Arc::clone(self);
                        break launch(&mut state, Duration::ZERO, async move {
                            let _turn = turn;
                            engine.replaced(make).await
                        });
                    }
                }
            };
            // Whatever it brings is older than ours.
            let _ = earlier.result.await;
        };
        flight.result.await.map(drop)
    }

    /// Tries now to keep what is not kept yet.
    pub(crate) async fn settle(self: &Arc<Self>) -> Result<(), AuthError> {
        loop {
            let flight = {
                let mut state = self.state();
                match &state.flight {
                    Some(flight) => flight.clone(),
                    // What is about to end is not worth keeping.
                    None if state.unkept.is_none() || state.over => return Ok(()),
                    None => {
                        let engine = Arc::clone(self);
                        launch(&mut state, Duration::ZERO, async move { engine.refreshed(Duration::ZERO).await })
                    }
                }
            };
            flight.result.await?;
        }
    }

    fn state(&self) -> MutexGuard<'_, State<R::Kept>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a flight: the only one, until it lands.
fn launch<Kept>(
    state: &mut State<Kept>,
    at_least: Duration,
    flight: impl Future<Output = Result<Fresh, AuthError>> + Send + 'static,
) -> Flight {
    // The task ends without a result only when the runtime does.
    let result = tokio::spawn(flight).map(|joined| joined.unwrap_or(Err(AuthError::Cancelled))).boxed().shared();
    state.flight.insert(Flight { at_least, result }).clone()
}
