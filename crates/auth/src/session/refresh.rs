//! How a session's tokens are renewed: by OpenID Connect, for one person at one issuer.

use std::sync::Arc;

use courrier_model::{ExposeSecret, Secret};

use crate::id_token::Expected;
use crate::issuer::Discovered;
use crate::keep::{KeptTokens, TokenKeeper};
use crate::renewal::{Refused, Renewal, Renewed};
use crate::token::TokenAnswer;
use crate::{AuthError, Client, Clock, KeepError};

/// Whose session it is, where, and what keeps it.
pub(crate) struct SessionRenewal {
    pub(super) client: Client,
    pub(super) subject: String,
    pub(super) keeper: Arc<dyn TokenKeeper>,
}

impl Renewal for SessionRenewal {
    type Kept = KeptTokens;

    const KEEPS_ACCESS: bool = false;

    fn clock(&self) -> &Clock {
        self.client.issuer().clock()
    }

    async fn load(&self) -> Result<KeptTokens, AuthError> {
        let kept = self.keeper.load().await?.ok_or(AuthError::SignedOut)?;
        let same = kept.issuer == self.client.issuer().url().as_str()
            && kept.subject == self.subject
            && kept.client_id == self.client.registration().client_id;
        if same { Ok(kept) } else { Err(AuthError::OtherPerson) }
    }

    async fn store(&self, kept: &KeptTokens) -> Result<(), KeepError> {
        self.keeper.store(kept).await
    }

    fn refresh_token(kept: &KeptTokens) -> &Secret {
        &kept.refresh_token
    }

    async fn exchange(&self, kept: &KeptTokens) -> Result<Renewed<KeptTokens>, Refused> {
        let discovered = self.client.issuer().discovered().await?;
        let answer = match self.client.token_endpoint(&discovered)?.refresh(&kept.refresh_token).await {
            Ok(answer) => answer,
            Err(AuthError::Refused { error }) if error == "invalid_grant" => {
                return Err(Refused::Token { error: AuthError::SignedOut, for_good: true });
            }
            Err(error) => return Err(error.into()),
        };
        let access = answer.access_token.clone();
        let kept = self.renewed(kept.clone(), answer, &discovered).await?;
        Ok(Renewed { access, rotated: kept.is_some(), kept })
    }
}

impl SessionRenewal {
    /// What is to be kept after a refresh, if it differs (OIDC Core section 12.2).
    async fn renewed(
        &self,
        mut kept: KeptTokens,
        answer: TokenAnswer,
        discovered: &Arc<Discovered>,
    ) -> Result<Option<KeptTokens>, AuthError> {
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
        Ok(changed.then_some(kept))
    }
}
