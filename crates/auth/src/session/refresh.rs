//! One refresh, from the first look to the last.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::{ExposeSecret, Secret};
use tokio::time::Instant;

use super::{Inner, Unkept};
use crate::id_token::Expected;
use crate::issuer::Discovered;
use crate::keep::{KeptTokens, LockGuard};
use crate::token::{AccessToken, TokenAnswer};
use crate::{AuthError, KeepError};

/// Pauses between tries to keep new tokens. A keyring that is busy for a moment is common; one that is locked waits for
/// the person, which the next caller finds out.
const PAUSES: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

/// Refreshes and publishes the result; from then on a new caller begins a new refresh.
pub(super) async fn run(session: Arc<Inner>) -> Result<AccessToken, AuthError> {
    let result = session.refresh().await;
    let mut state = session.state();
    state.flight = None;
    match &result {
        // A sign-out that came in between stands.
        Ok(_) if state.over => return Err(AuthError::SignedOut),
        Ok(token) => state.access = Some(token.clone()),
        Err(AuthError::Busy { retry_after: Some(wait) }) => state.not_before = Some(Instant::now() + *wait),
        Err(_) => {}
    }
    drop(state);
    result
}

impl Inner {
    async fn refresh(&self) -> Result<AccessToken, AuthError> {
        let unkept = self.state().unkept.take();
        let guard = match unkept {
            // These tokens are newer than anything that is kept.
            Some(Unkept { tokens, access, guard }) => {
                let guard = self.keep(tokens, &access, guard).await?;
                if access.lasts(Duration::ZERO, self.client.issuer().clock()) {
                    return Ok(access);
                }
                guard
            }
            None => {
                self.may_ask()?;
                self.lock.acquire().await?
            }
        };
        // Another process may have refreshed while this one waited.
        let kept = self.load().await?;
        if self.was_refused(&kept.refresh_token) {
            return Err(AuthError::SignedOut);
        }
        match self.exchange(kept, guard).await? {
            Exchanged::Fresh(access) => Ok(access),
            Exchanged::Refused(refused, guard) => {
                // Somebody who does not take the lock (an older program, a restored keyring) may have been faster.
                let kept = self.load().await;
                self.state().refused = Some(refused.clone());
                let kept = kept?;
                if kept.refresh_token.expose_secret() == refused.expose_secret() {
                    return Err(AuthError::SignedOut);
                }
                match self.exchange(kept, guard).await? {
                    Exchanged::Fresh(access) => Ok(access),
                    Exchanged::Refused(refused, _) => {
                        self.state().refused = Some(refused);
                        Err(AuthError::SignedOut)
                    }
                }
            }
        }
    }

    /// Uses the refresh token and keeps what comes.
    async fn exchange(&self, kept: KeptTokens, guard: LockGuard) -> Result<Exchanged, AuthError> {
        let discovered = self.client.issuer().discovered().await?;
        let answer = match self.client.token_endpoint(&discovered)?.refresh(&kept.refresh_token).await {
            Ok(answer) => answer,
            Err(AuthError::Refused { error }) if error == "invalid_grant" => {
                return Ok(Exchanged::Refused(kept.refresh_token, guard));
            }
            Err(error) => return Err(error),
        };
        let access = answer.access_token.clone();
        let (tokens, changed) = self.renewed(kept, answer, &discovered).await?;
        if changed {
            drop(self.keep(tokens, &access, guard).await?);
        }
        Ok(Exchanged::Fresh(access))
    }

    /// What is to be kept after a refresh, and whether it differs (OIDC Core section 12.2).
    async fn renewed(
        &self,
        mut kept: KeptTokens,
        answer: TokenAnswer,
        discovered: &Arc<Discovered>,
    ) -> Result<(KeptTokens, bool), AuthError> {
        let mut changed = false;
        if let Some(refresh_token) = answer.refresh_token {
            // Compared to spare the keyring a write; both stay secrets.
            changed = refresh_token.expose_secret() != kept.refresh_token.expose_secret();
            kept.refresh_token = refresh_token;
        }
        if let Some(id_token) = answer.id_token {
            let expected = Expected {
                client_id: &kept.client_id,
                nonce: None,
                access_token: answer.access_token.secret(),
                authenticated_since: None,
                subject: Some(&self.subject),
            };
            match self.client.verify(&id_token, discovered, &expected).await {
                // The old one names the session just as well: a new one alone is not worth a write.
                Ok(_) if changed => kept.id_token = Some(id_token),
                Ok(_) => {}
                Err(error @ AuthError::Forged(_)) => return Err(error),
                // A wrong clock, or keys that can't be fetched now, must not cost the session its new refresh token.
                Err(error) => tracing::warn!(%error, "the refreshed ID token could not be verified, the old one stays"),
            }
        }
        Ok((kept, changed))
    }

    /// Keeps the tokens, or holds on to them and to the lock.
    async fn keep(&self, tokens: KeptTokens, access: &AccessToken, guard: LockGuard) -> Result<LockGuard, AuthError> {
        // In place before the first try: whatever happens to this task, the tokens are not lost with it.
        self.state().unkept = Some(Unkept { tokens: tokens.clone(), access: access.clone(), guard });
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.keeper.store(&tokens).await {
                Ok(()) => break,
                Err(error) => error,
            };
            match (&error, pauses.next()) {
                (KeepError::Busy | KeepError::Failed(_), Some(pause)) => tokio::time::sleep(*pause).await,
                _ => {
                    tracing::warn!(%error, "new tokens can't be kept; they stay in memory");
                    return Err(error.into());
                }
            }
        }
        // A sign-out that came in between has taken them, and holds the lock itself.
        self.state().unkept.take().map(|unkept| unkept.guard).ok_or(AuthError::SignedOut)
    }

    fn may_ask(&self) -> Result<(), AuthError> {
        let mut state = self.state();
        match state.not_before {
            Some(at) if at > Instant::now() => Err(AuthError::Busy { retry_after: Some(at - Instant::now()) }),
            _ => {
                state.not_before = None;
                Ok(())
            }
        }
    }

    fn was_refused(&self, refresh_token: &Secret) -> bool {
        let state = self.state();
        // Compared with what the issuer refused; neither leaves.
        state.refused.as_ref().is_some_and(|refused| refused.expose_secret() == refresh_token.expose_secret())
    }
}

enum Exchanged {
    Fresh(AccessToken),
    /// `invalid_grant` for this refresh token.
    Refused(Secret, LockGuard),
}
