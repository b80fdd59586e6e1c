//! Why somebody is not signed in.

use std::time::Duration;

use crate::{ProviderError, Verdict};

/// What went wrong, by what the caller does about it. No text in it is a secret, and a server's own words are limited to
/// its error code.
///
/// It can be cloned because one refresh answers any number of callers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The browser did not come back in time.
    #[error("no answer in time")]
    TimedOut,
    /// The person, or the issuer on somebody's behalf, said no (`access_denied`).
    #[error("access was denied")]
    Denied,
    /// The device code expired before somebody entered it (RFC 8628 section 3.5).
    #[error("the device code has expired")]
    CodeExpired,
    /// No address of this computer could be listened on for the browser's answer.
    #[error("can't listen for the browser's answer: {0}")]
    NoListener(String),
    /// The network or the server does not answer.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// The server asks to come back later (429, 5xx, `temporarily_unavailable`).
    #[error("the server is busy")]
    Busy {
        /// How long it wants to be left alone; `None` if it did not say.
        retry_after: Option<Duration>,
    },
    /// The issuer, or this program's registration there, does not fit: for whoever runs it.
    #[error("the issuer is not set up for this: {0}")]
    Misconfigured(String),
    /// An address without TLS outside this computer.
    #[error("the connection would not be encrypted")]
    Insecure,
    /// An answer that the issuer did not give to this attempt. Nothing in it was used.
    #[error("the answer is not genuine: {0}")]
    Forged(Forgery),
    /// This computer's clock and the issuer's are too far apart to judge a token.
    #[error("the clock differs from the issuer's by {seconds} s")]
    ClockSkew {
        /// This computer's time minus the issuer's.
        seconds: i64,
    },
    /// `offline_access` was asked for and no refresh token came: the session would not last.
    #[error("the issuer gave no refresh token")]
    NoRefreshToken,
    /// The token endpoint said no. `invalid_grant` for a code means that it was used or is too old; `invalid_dpop_proof`
    /// that the proof of the device's key was not accepted, for which a wrong clock is nearly always the reason.
    #[error("the token was refused: {error}")]
    Refused {
        /// The `error` code (RFC 6749 section 5.2).
        error: String,
    },
    /// The session is over: revoked, expired, or never begun here. Only signing in again helps.
    #[error("signed out")]
    SignedOut,
    /// What is kept belongs to another person, issuer or client than this session.
    #[error("somebody else is signed in")]
    OtherPerson,
    /// The issuer has no such endpoint.
    #[error("the issuer does not offer {0}")]
    NotOffered(&'static str),
    /// The tokens could not be kept or fetched. This never means "signed out".
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The device's key can't be used.
    #[error("the device key can't be used")]
    DeviceKey,
    /// A mail provider said no. Never with [`Verdict::RetryLater`], which is [`Self::Busy`].
    #[error("the mail provider refused: {0}")]
    Provider(ProviderError),
    /// The mail server is not among those that may see this account's token.
    #[error("the token is not for this mail server")]
    ForeignHost,
}

impl AuthError {
    /// True if only the person helps, by signing in or consenting again.
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::SignedOut | Self::OtherPerson | Self::NoRefreshToken => true,
            Self::Provider(error) => error.verdict == Verdict::SignInAgain,
            _ => false,
        }
    }

    /// True if the same may succeed later, with nobody's help or once the secret store is open.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Busy { .. }
                | Self::Keep(KeepError::Locked | KeepError::Busy | KeepError::Failed(_))
        )
    }
}

/// What gave a forged or damaged answer away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forgery {
    /// `iss` of the redirect is missing or names another issuer (RFC 9207).
    #[error("it comes from another issuer")]
    Issuer,
    /// The ID token is not one: wrong form, type or algorithm, or without a valid signature.
    #[error("the ID token has no valid signature")]
    Signature,
    /// `iss`, `aud` or `azp` of the ID token name somebody else.
    #[error("the ID token was made for somebody else")]
    Audience,
    /// `nonce` is missing or of another attempt.
    #[error("the ID token belongs to another attempt")]
    Nonce,
    /// `exp` has passed.
    #[error("the ID token has expired")]
    Expired,
    /// `at_hash` is of another access token.
    #[error("the ID token belongs to another access token")]
    AccessToken,
    /// `auth_time` is missing, or before what `max_age` allows.
    #[error("the person did not authenticate again")]
    AuthTime,
    /// `sub` changed within one session.
    #[error("the ID token names another person")]
    Subject,
}

/// Why tokens could not be kept or fetched. The words of the system go to the log only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// The place for secrets is locked; the person can open it.
    #[error("the secret store is locked")]
    Locked,
    /// There is no place for secrets.
    #[error("there is no secret store")]
    Absent,
    /// Another process holds the lock for too long.
    #[error("another process is busy with the session")]
    Busy,
    /// The program that keeps them is ending: nothing can be kept any more.
    #[error("the program is ending")]
    Over,
    /// Any other failure, in the system's words.
    #[error("the tokens can't be kept: {0}")]
    Failed(String),
}

/// A server's error code as it may be shown and logged: RFC 6749 allows any visible ASCII, of any length.
pub(crate) fn error_code(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let code: String = text.chars().filter(fits).take(64).collect();
    if code.is_empty() { "unknown".into() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_can_not_put_text_into_the_log() {
        assert_eq!(error_code("invalid_grant"), "invalid_grant");
        assert_eq!(error_code("a\nb c<script>"), "abcscript");
        assert_eq!(error_code("é"), "unknown");
        assert_eq!(error_code(&"x".repeat(500)).len(), 64);
    }
}
