//! Where tokens are kept, and who may change them: declared here, implemented where secrets live.

use std::any::Any;
use std::borrow::Cow;

use courrier_model::{ExposeSecret, Secret};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::KeepError;

/// What outlives the process. All of it goes into one secret.
#[derive(Debug, Clone)]
pub struct KeptTokens {
    /// The issuer's name.
    pub issuer: String,
    /// Whose session it is.
    pub subject: String,
    /// The client it was given to.
    pub client_id: String,
    /// The refresh token.
    pub refresh_token: Secret,
    /// The last ID token, which names the session at sign-out.
    pub id_token: Option<Secret>,
}

/// The same as it is written. Additive only: an older program may read it.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    issuer: Cow<'a, str>,
    subject: Cow<'a, str>,
    client_id: Cow<'a, str>,
    refresh_token: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<Cow<'a, str>>,
}

impl KeptTokens {
    /// One text for the secret store.
    pub fn to_secret(&self) -> Secret {
        let written = Written {
            issuer: self.issuer.as_str().into(),
            subject: self.subject.as_str().into(),
            client_id: self.client_id.as_str().into(),
            // The tokens go from one secret into another.
            refresh_token: self.refresh_token.expose_secret().into(),
            id_token: self.id_token.as_ref().map(|token| token.expose_secret().into()),
        };
        // Strings only: there is nothing that JSON could not say.
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
            issuer: written.issuer.into_owned(),
            subject: written.subject.into_owned(),
            client_id: written.client_id.into_owned(),
            refresh_token: secret(written.refresh_token),
            id_token: written.id_token.map(secret),
        })
    }
}

/// Keeps one session's tokens, in the system's keyring as a rule.
pub trait TokenKeeper: Send + Sync {
    /// What is kept; `None` only when the place is open and holds nothing.
    fn load(&self) -> BoxFuture<'_, Result<Option<KeptTokens>, KeepError>>;

    /// Keeps the tokens in place of those before. `Ok` means that they were read back. After an error the old or the
    /// new ones are kept, whole.
    fn store<'a>(&'a self, tokens: &'a KeptTokens) -> BoxFuture<'a, Result<(), KeepError>>;

    /// Forgets the tokens; forgetting none succeeds.
    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>>;
}

/// Held while a refresh token is used and replaced; dropping it lets the next one in.
pub type LockGuard = Box<dyn Any + Send>;

/// Lets one at a time refresh, over all processes that share the tokens.
pub trait RefreshLock: Send + Sync {
    /// Waits for the others, within reason.
    ///
    /// The guard may be held for long: a session whose new tokens can't be kept holds it until they can, since anybody
    /// who used the old refresh token would end the session.
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let tokens = KeptTokens {
            issuer: "https://id.example.test".into(),
            subject: "s \" \\ é".into(),
            client_id: "c".into(),
            refresh_token: Secret::from("r"),
            id_token: Some(Secret::from("i")),
        };
        let read = KeptTokens::from_secret(&tokens.to_secret()).expect("read");
        assert_eq!((read.issuer, read.subject, read.client_id), (tokens.issuer, tokens.subject, tokens.client_id));
        assert_eq!(read.refresh_token.expose_secret(), "r");
        assert_eq!(read.id_token.expect("kept").expose_secret(), "i");
    }

    #[test]
    fn anything_else_is_nothing() {
        for text in ["", "{}", "a password", r#"{"issuer":"x"}"#] {
            assert!(KeptTokens::from_secret(&Secret::from(text)).is_none());
        }
    }
}
