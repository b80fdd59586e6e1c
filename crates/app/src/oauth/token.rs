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

/// The pause between two attempts to store what could not be stored.
const SETTLE_AGAIN: Duration = Duration::from_millis(500);

impl Courrier {
    /// An access token for the account with this address that lasts `at_least` that long or, where its provider makes none
    /// that do, has half of its life before it: from memory, else from the secret store, else by one refresh, whichever process makes it.
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

    /// Waits out what this program has begun with accounts' tokens, because a refresh that is cut off, and tokens that are
    /// not stored yet, may be an account's only good ones: storing them is tried again until `limit` is over. False if
    /// this program is still the only one that has them. For the end of a program.
    pub async fn settle_tokens(self: &Arc<Self>, limit: Duration) -> bool {
        let settling = async {
            loop {
                let busy = self.blocking(Self::custodians_at_work).await.unwrap_or_default();
                for mail in &busy {
                    // What it says is known below.
                    drop(mail.custodian.settle().await);
                }
                if !self.unkept_tokens() {
                    return;
                }
                tokio::time::sleep(SETTLE_AGAIN).await;
            }
        };
        tokio::time::timeout(limit, settling).await.is_ok()
    }

    /// The custodians that this process has.
    fn custodians_at_work(&self) -> Result<Vec<Mail>, AppError> {
        let mut found = self.oauth().unkept();
        for account in self.store().accounts()?.iter().filter(|account| uses_oauth(account)) {
            found.extend(self.custodian_in_memory(account.id)?);
        }
        Ok(found)
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
