//! Access tokens for mail programs.

use std::sync::Arc;
use std::time::Duration;

use courrier_auth::{AuthError, MailTokens};
use courrier_model::{Account, AuthKind, Host, Secret, Timestamp};

use crate::oauth::OAuthError;
use crate::oauth::provider::provider_name;
use crate::oauth::state::{Mail, uses_oauth};
use crate::{AppError, Courrier, convert};

/// Tokens that seem to come from later than this were made while the clock was ahead: how long they last is not known.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;

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

/// What the first look found.
enum Look {
    Fresh(FreshToken),
    Ask(Mail, Vec<Host>),
}

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
        let look = self.blocking(move |courrier| courrier.look_for_token(&courrier.find(&address)?, at_least)).await?;
        let (mail, hosts) = match look {
            Look::Fresh(token) => return Ok(token),
            Look::Ask(mail, hosts) => (mail, hosts),
        };
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

    /// A mail program asks again and again for a token that is good for an hour: as long as it is, neither trust store
    /// nor proxy settings are loaded.
    fn look_for_token(&self, account: &Account, at_least: Duration) -> Result<Look, AppError> {
        if !uses_oauth(account) {
            return Err(OAuthError::NotUsed.into());
        }
        let hosts = oauth_hosts(account);
        if self.custodian_in_memory(account.id)?.is_none()
            && let Some(tokens) = self.slot_tokens(account.id)?
        {
            if !hosts.iter().all(|host| tokens.mail_hosts.covers(host)) {
                return Err(AppError::of_mail(&provider_name(&tokens.provider), AuthError::ForeignHost, None));
            }
            if let Some(token) = good_for(tokens, self.now(), at_least) {
                return Ok(Look::Fresh(token));
            }
        }
        Ok(Look::Ask(self.custodian(account)?, hosts))
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

/// The kept access token, if it lasts that long by a clock that it can be judged by.
fn good_for(tokens: MailTokens, now: Timestamp, at_least: Duration) -> Option<FreshToken> {
    let (access_token, expires_at) = (tokens.access_token?, tokens.expires_at?);
    let left = expires_at.as_second() - now.as_second();
    let wanted = i64::try_from(at_least.as_secs()).unwrap_or(i64::MAX).max(1);
    let plausible = tokens.refreshed_at.as_second() <= now.as_second() + CLOCK_TOLERANCE_SECONDS;
    (plausible && left >= wanted).then(|| FreshToken { access_token, expires_at: convert::time(expires_at) })
}

#[cfg(test)]
mod tests {
    use courrier_model::MailHosts;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_000_000 + second).expect("in range")
    }

    fn lasts(refreshed: i64, now: i64, at_least: u64) -> bool {
        let tokens = MailTokens {
            provider: "google".into(),
            client_id: "c".into(),
            client_secret: None,
            token_endpoint: "https://id.example.test/token".parse().expect("valid"),
            refresh_token: Secret::from("r"),
            access_token: Some(Secret::from("a")),
            expires_at: Some(at(refreshed + 3600)),
            scopes: Vec::new(),
            consented_as: None,
            mail_hosts: MailHosts::default(),
            obtained_at: at(0),
            refreshed_at: at(refreshed),
            generation: 1,
        };
        good_for(tokens, at(now), Duration::from_secs(at_least)).is_some()
    }

    #[test]
    fn a_kept_token_is_taken_while_it_lasts_and_the_clock_can_be_trusted() {
        assert!(lasts(0, 10, 60) && lasts(0, 3540, 60));
        assert!(!lasts(0, 3541, 60) && !lasts(0, 3600, 0) && !lasts(0, 9999, 0));
        assert!(lasts(30, 0, 60), "a clock that was set back by seconds");
        assert!(!lasts(3600, 0, 60), "a clock that was set back by an hour: it may have ended");
        assert!(!lasts(0, 10, u64::MAX));
    }
}
