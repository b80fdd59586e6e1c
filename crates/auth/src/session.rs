//! A session that lasts: access tokens for whoever asks, by one refresh at a time.
//!
//! A refresh token that rotates can be used once. Who uses an old one again is taken for a thief, and the issuer ends the
//! session. So: one refresh at a time in this process, one over all processes ([`RefreshLock`]), what another one kept
//! meanwhile is looked at first, a refresh that began is never dropped half way, and the new refresh token is kept and
//! read back before the access token that came with it is handed out.

mod refresh;
mod sign_out;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use courrier_model::Secret;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

pub use sign_out::{EndSession, Revocation, SignedOut};

use crate::keep::{KeptTokens, LockGuard, RefreshLock, TokenKeeper};
use crate::token::AccessToken;
use crate::{AuthError, Client, SignedIn};

type Flight = Shared<BoxFuture<'static, Result<AccessToken, AuthError>>>;

/// One person's session at one issuer. Cheap to clone; all clones share one refresh.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    client: Client,
    subject: String,
    keeper: Arc<dyn TokenKeeper>,
    lock: Arc<dyn RefreshLock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    access: Option<AccessToken>,
    flight: Option<Flight>,
    unkept: Option<Unkept>,
    /// The refresh token that the issuer refused: asking again with it would only make noise.
    refused: Option<Secret>,
    /// The issuer asked to be left alone until then.
    not_before: Option<Instant>,
    /// Signed out or forgotten here: for good.
    over: bool,
}

/// Tokens that the issuer gave and the keeper has not taken yet. While they are the only copy, nobody else may refresh.
struct Unkept {
    tokens: KeptTokens,
    access: AccessToken,
    guard: LockGuard,
}

impl Session {
    /// Begins the session of somebody who just signed in; what was kept before is replaced.
    ///
    /// # Errors
    /// [`AuthError::Keep`]: then nothing has begun, and the tokens are gone with this call.
    pub async fn begin(
        client: Client,
        signed_in: SignedIn,
        keeper: Arc<dyn TokenKeeper>,
        lock: Arc<dyn RefreshLock>,
    ) -> Result<Self, AuthError> {
        let tokens = KeptTokens {
            issuer: signed_in.identity.issuer,
            subject: signed_in.identity.subject,
            client_id: client.registration().client_id.clone(),
            refresh_token: signed_in.refresh_token,
            id_token: Some(signed_in.id_token),
        };
        let guard = lock.acquire().await?;
        keeper.store(&tokens).await?;
        drop(guard);
        let session = Self::resume(client, tokens.subject, keeper, lock);
        session.0.state().access = Some(signed_in.access_token);
        Ok(session)
    }

    /// Takes up the session of this person, whose tokens are kept. Neither network nor keyring is asked yet.
    pub fn resume(client: Client, subject: String, keeper: Arc<dyn TokenKeeper>, lock: Arc<dyn RefreshLock>) -> Self {
        Self(Arc::new(Inner { client, subject, keeper, lock, state: Mutex::default() }))
    }

    /// Whose session it is (`sub`).
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The client and, through it, the issuer.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// An access token that lasts `at_least` that long, or as long as the issuer makes them. Any number of callers get
    /// the same one, from memory if possible, else by one refresh, which goes on when its callers give up.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`] and [`AuthError::OtherPerson`] when only signing in helps. [`AuthError::Keep`] when
    /// tokens can't be fetched or kept: they stay in memory and the next call tries again. [`AuthError::Busy`] also
    /// without asking, for as long as the issuer wants. [`AuthError::Unreachable`], [`AuthError::Misconfigured`],
    /// [`AuthError::Refused`], [`AuthError::Forged`].
    pub async fn ensure_fresh(&self, at_least: Duration) -> Result<AccessToken, AuthError> {
        let flight = {
            let mut state = self.0.state();
            if state.over {
                return Err(AuthError::SignedOut);
            }
            if let Some(token) = &state.access
                && token.lasts(at_least, self.0.client.issuer().clock())
            {
                return Ok(token.clone());
            }
            match &state.flight {
                Some(flight) => flight.clone(),
                None => {
                    let task = tokio::spawn(refresh::run(Arc::clone(&self.0)));
                    // The task ends without a result only when the runtime does.
                    let flight = task.map(|joined| joined.unwrap_or(Err(AuthError::Cancelled))).boxed().shared();
                    state.flight.insert(flight).clone()
                }
            }
        };
        flight.await
    }

    /// The server refused this access token although it should be good: the next caller gets another one.
    pub fn refused(&self, token: &AccessToken) {
        let mut state = self.0.state();
        if state.access.as_ref().is_some_and(|held| held.is(token)) {
            state.access = None;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept, if it is this session's.
    async fn load(&self) -> Result<KeptTokens, AuthError> {
        let kept = self.keeper.load().await?.ok_or(AuthError::SignedOut)?;
        let same = kept.issuer == self.client.issuer().url().as_str()
            && kept.subject == self.subject
            && kept.client_id == self.client.registration().client_id;
        if same { Ok(kept) } else { Err(AuthError::OtherPerson) }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("client", &self.0.client).field("subject", &self.0.subject).finish()
    }
}

#[cfg(test)]
mod tests;
