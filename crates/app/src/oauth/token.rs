//! Access tokens for mail programs.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::{Account, AuthKind, Host, Secret};

use crate::oauth::OAuthError;
use crate::oauth::state::{Mail, uses_oauth};
use crate::{AppError, Courrier, convert};

/// An access token.
#[derive(Debug)]
pub struct FreshToken {
    /// The token.
    pub access_token: Secret,
    /// When it ends; RFC 3339, UTC.
    pub expires_at: String,
}

impl Courrier {
    /// An access token for the account with this address that lasts `at_least` that long, or half as long as its provider
    /// makes them: from memory, else from the secret store, else by one refresh, whichever process makes it.
    ///
    /// # Errors
    /// `secret.missing` if nothing was authorised; `oauth.sign_in_needed` and `oauth.admin_consent` where only the person
    /// helps; `oauth.host_changed` if the account's servers are not those that the tokens are for; `oauth.not_used`;
    /// `oauth.unreachable`; `keyring.…`.
    pub async fn token(self: &Arc<Self>, address: &str, at_least: Duration) -> Result<FreshToken, AppError> {
        let address = address.to_owned();
        let found = self.blocking(move |courrier| {
            let account = courrier.find(&address)?;
            if !uses_oauth(&account) {
                return Err(OAuthError::NotUsed.into());
            }
            Ok((courrier.custodian(&account)?, oauth_hosts(&account)))
        });
        let (mail, hosts) = found.await?;
        let token = mail.for_hosts(&hosts, at_least).await?;
        Ok(FreshToken { access_token: token.secret().clone(), expires_at: convert::time(token.expires_at()) })
    }
}

impl Mail {
    /// A token that all of these servers may see.
    pub(crate) async fn for_hosts(
        &self,
        hosts: &[Host],
        at_least: Duration,
    ) -> Result<courrier_auth::AccessToken, AppError> {
        let mut token = None;
        for host in hosts {
            let found = self.custodian.ensure_fresh_for(host, at_least).await;
            token = Some(found.map_err(|error| self.failed(error))?);
        }
        token.ok_or_else(|| OAuthError::NotUsed.into())
    }
}

/// The servers that the account shows its tokens to.
pub(crate) fn oauth_hosts(account: &Account) -> Vec<Host> {
    let sides = [&account.imap, &account.smtp].into_iter().filter(|side| side.auth == AuthKind::OAuth);
    let mut hosts: Vec<Host> = sides.map(|side| side.host.clone()).collect();
    hosts.dedup();
    hosts
}
