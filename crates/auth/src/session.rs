//! A session that lasts: access tokens for whoever asks, renewed by the same procedure as those of mail accounts.

mod refresh;
mod sign_out;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use refresh::SessionRenewal;
pub use sign_out::{EndSession, SignedOut};

use crate::keep::{KeptTokens, RefreshLock, TokenKeeper};
use crate::renewal::Engine;
use crate::token::AccessToken;
use crate::{AuthError, Client, SignedIn};

/// One person's session at one issuer. Cheap to clone; all clones share one refresh.
#[derive(Clone)]
pub struct Session(Arc<Engine<SessionRenewal>>);

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
        session.0.take_access(signed_in.access_token);
        Ok(session)
    }

    /// Takes up the session of this person, whose tokens are kept. Neither network nor keyring is asked yet.
    pub fn resume(client: Client, subject: String, keeper: Arc<dyn TokenKeeper>, lock: Arc<dyn RefreshLock>) -> Self {
        Self(Engine::new(SessionRenewal { client, subject, keeper }, lock))
    }

    /// Whose session it is (`sub`).
    pub fn subject(&self) -> &str {
        &self.0.renewal.subject
    }

    /// The client and, through it, the issuer.
    pub fn client(&self) -> &Client {
        &self.0.renewal.client
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
        self.0.ensure_fresh(at_least).await
    }

    /// The server refused this access token although it should be good: the next caller gets another one.
    pub fn refused(&self, token: &AccessToken) {
        self.0.refused(token);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client", &self.0.renewal.client)
            .field("subject", &self.0.renewal.subject)
            .finish()
    }
}

#[cfg(test)]
mod tests;
