//! One mail account's tokens as they are kept, and what may be known of them without opening the keyring.

use std::borrow::Cow;
use std::time::Duration;

use courrier_model::{ExposeSecret, MailHosts, Secret, Timestamp};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use oauth2::url::Url;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::authorize::MailClient;
use crate::clock::later;
use crate::{Explanation, KeepError};

/// What outlives the process. All of it goes into one secret, which is replaced in place.
#[derive(Debug, Clone)]
pub struct MailTokens {
    /// [`crate::MailProvider::id`]
    pub provider: String,
    /// The client they were given to: no other one can refresh them.
    pub client_id: String,
    /// That client's secret where one is demanded: whatever becomes of the settings, the tokens can be renewed.
    pub client_secret: Option<Secret>,
    /// Where they came from, and the only address that the refresh token is ever sent to.
    pub token_endpoint: Url,
    /// The refresh token.
    pub refresh_token: Secret,
    /// The last access token.
    pub access_token: Option<Secret>,
    /// When it ends, by this computer's clock.
    pub expires_at: Option<Timestamp>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// Who consented, as the provider said.
    pub consented_as: Option<String>,
    /// The mail servers that they may be shown to.
    pub mail_hosts: MailHosts,
    /// When the person consented.
    pub obtained_at: Timestamp,
    /// When the last access token came.
    pub refreshed_at: Timestamp,
    /// Rises by one at each write: of two copies the higher one is newer.
    pub generation: u64,
}

/// The same as it is written. Additive only: an older program may read it.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    provider: Cow<'a, str>,
    client_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Cow<'a, str>>,
    token_endpoint: Cow<'a, str>,
    refresh_token: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    scopes: Cow<'a, [String]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consented_as: Option<Cow<'a, str>>,
    mail_hosts: Cow<'a, MailHosts>,
    obtained_at: Timestamp,
    refreshed_at: Timestamp,
    generation: u64,
}

/// What may be known without opening the keyring. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// [`MailTokens::provider`]
    pub provider: String,
    /// [`MailTokens::client_id`]
    pub client_id: String,
    /// [`MailTokens::consented_as`]
    pub consented_as: Option<String>,
    /// [`MailTokens::scopes`]
    pub scopes: Vec<String>,
    /// [`MailTokens::expires_at`]
    pub expires_at: Option<Timestamp>,
    /// [`MailTokens::obtained_at`]
    pub obtained_at: Timestamp,
    /// [`MailTokens::refreshed_at`]
    pub refreshed_at: Timestamp,
    /// When the person has to sign in again if the tokens are not used until then.
    pub sign_in_by: Option<Timestamp>,
    /// [`MailTokens::generation`]
    pub generation: u64,
    /// How they are.
    pub state: TokenState,
}

/// How an account's tokens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Kept, by another process or an earlier one; whether they still work will show. What was known of the same
    /// generation stays true.
    Found,
    /// Kept, and given or renewed just now.
    Working,
    /// Only signing in again helps.
    SignInNeeded {
        /// Why, where the provider says it.
        explanation: Option<Explanation>,
        /// False if the same tokens may work again when something else changes: a place, a rule, a second factor.
        for_good: bool,
    },
    /// New ones are in memory only; keeping them is tried again.
    Unkept,
}

impl MailTokens {
    /// One text for the secret store.
    pub fn to_secret(&self) -> Secret {
        // What is secret goes from secrets into another.
        let written = Written {
            provider: self.provider.as_str().into(),
            client_id: self.client_id.as_str().into(),
            client_secret: self.client_secret.as_ref().map(|secret| secret.expose_secret().into()),
            token_endpoint: self.token_endpoint.as_str().into(),
            refresh_token: self.refresh_token.expose_secret().into(),
            access_token: self.access_token.as_ref().map(|token| token.expose_secret().into()),
            expires_at: self.expires_at,
            scopes: self.scopes.as_slice().into(),
            consented_as: self.consented_as.as_deref().map(Cow::from),
            mail_hosts: Cow::Borrowed(&self.mail_hosts),
            obtained_at: self.obtained_at,
            refreshed_at: self.refreshed_at,
            generation: self.generation,
        };
        // Strings, numbers and times only: there is nothing that JSON could not say.
        Secret::from(serde_json::to_string(&written).unwrap_or_default())
    }

    /// Reads what [`Self::to_secret`] wrote; `None` for anything else.
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        // The text is cut into its parts, each a secret again.
        let written: Written<'_> = serde_json::from_str(secret.expose_secret()).ok()?;
        let secret = |text: Cow<'_, str>| {
            let text = Zeroizing::new(text.into_owned());
            Secret::from(text.as_str())
        };
        Some(Self {
            provider: written.provider.into_owned(),
            client_id: written.client_id.into_owned(),
            client_secret: written.client_secret.map(secret),
            token_endpoint: written.token_endpoint.parse().ok()?,
            refresh_token: secret(written.refresh_token),
            access_token: written.access_token.map(secret),
            expires_at: written.expires_at,
            scopes: written.scopes.into_owned(),
            consented_as: written.consented_as.map(Cow::into_owned),
            mail_hosts: written.mail_hosts.into_owned(),
            obtained_at: written.obtained_at,
            refreshed_at: written.refreshed_at,
            generation: written.generation,
        })
    }

    /// What may be known of tokens that work; `idle` is [`crate::MailProvider::idle`].
    pub fn facts(&self, idle: Option<Duration>) -> TokenFacts {
        let by = |idle| later(self.refreshed_at, SignedDuration::try_from(idle).unwrap_or(SignedDuration::MAX));
        TokenFacts {
            provider: self.provider.clone(),
            client_id: self.client_id.clone(),
            consented_as: self.consented_as.clone(),
            scopes: self.scopes.clone(),
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            refreshed_at: self.refreshed_at,
            sign_in_by: idle.map(by),
            generation: self.generation,
            state: TokenState::Working,
        }
    }
}

/// Keeps one account's tokens in the system's keyring, and what may be known of them elsewhere.
pub trait MailTokenKeeper: Send + Sync {
    /// What is kept; `None` only when the place is open and holds nothing.
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>>;

    /// Keeps the tokens in place of those before. `Ok` means that they were read back. After an error the old or the new
    /// ones are kept, whole.
    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>>;

    /// Proves, by writing something harmless, that [`Self::store`] would succeed now.
    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>>;

    /// Forgets the tokens; forgetting none succeeds.
    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>>;

    /// Remembers what may be known; called when it changed. Nothing depends on its success.
    fn noted(&self, facts: &TokenFacts);

    /// Who renews these tokens, which are of another provider than the custodian was made for: the person consented
    /// elsewhere, and what the custodian was made from is older. `None` if nobody knows.
    fn client_of<'a>(&'a self, _tokens: &'a MailTokens) -> BoxFuture<'a, Option<MailClient>> {
        Box::pin(std::future::ready(None))
    }

    /// The provider asked to be left alone until then; other processes want to know. Best effort.
    fn asked_to_wait(&self, _until: Timestamp) {}

    /// Until when the provider asked to be left alone, whichever process it told.
    fn waits_until(&self) -> Option<Timestamp> {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn tokens(text: &str, access: bool, second: i64, generation: u64) -> MailTokens {
        MailTokens {
            provider: text.into(),
            client_id: "c".into(),
            client_secret: access.then(|| Secret::from(format!("c{text}"))),
            token_endpoint: "https://id.example.test/token".parse().expect("valid"),
            refresh_token: Secret::from(format!("r{text}")),
            access_token: access.then(|| Secret::from(format!("a{text}"))),
            expires_at: access.then(|| at(second)),
            scopes: vec![text.into(), "b".into()],
            consented_as: access.then(|| text.into()),
            mail_hosts: MailHosts::new(["imap.example.test".parse().expect("a host")]),
            obtained_at: at(second),
            refreshed_at: at(second),
            generation,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            text in ".{0,40}", access in any::<bool>(), second in 0..4_000_000_000_i64, generation in any::<u64>(),
        ) {
            let tokens = tokens(&text, access, second, generation);
            let read = MailTokens::from_secret(&tokens.to_secret()).expect("read");
            prop_assert_eq!(read.facts(None), tokens.facts(None));
            prop_assert_eq!(read.refresh_token.expose_secret(), tokens.refresh_token.expose_secret());
            prop_assert_eq!(
                read.access_token.map(|token| token.expose_secret().to_owned()),
                tokens.access_token.map(|token| token.expose_secret().to_owned())
            );
            let text = |secret: Option<Secret>| secret.map(|secret| secret.expose_secret().to_owned());
            prop_assert_eq!(text(read.client_secret), text(tokens.client_secret));
            prop_assert_eq!(read.mail_hosts, tokens.mail_hosts);
            prop_assert_eq!(read.token_endpoint, tokens.token_endpoint);
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        for text in ["", "{}", "a password", r#"{"provider":"google","refresh_token":"x"}"#] {
            assert!(MailTokens::from_secret(&Secret::from(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn disuse_ends_tokens_and_shows_when() {
        let tokens = tokens("x", true, 1_767_322_245, 3);
        let day = Duration::from_secs(86_400);
        assert_eq!(tokens.facts(Some(day)).sign_in_by, Some(at(1_767_322_245 + 86_400)));
        assert_eq!(tokens.facts(None).sign_in_by, None);
        let shown = format!("{tokens:?}");
        assert!(!shown.contains("rx") && !shown.contains("cx"), "secrets are not shown");
    }
}
