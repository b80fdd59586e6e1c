//! What proves who signs in.

use courrier_model::{AuthKind, Secret, Timestamp};

use crate::Failure;

/// What proves who signs in at one server. Shown as `[REDACTED]` by `Debug`.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A password or app password, for endpoints with [`AuthKind::Password`].
    Password(Secret),
    /// An access token, for endpoints with [`AuthKind::OAuth`]. Sent by XOAUTH2 or OAUTHBEARER and in no other way.
    AccessToken {
        /// The token as its issuer gave it, without `Bearer`.
        token: Secret,
        /// When it ends, as far as the caller knows: tells an expired token from a refused one, and decides nothing
        /// else. It is sent in any case, because this computer's clock may be wrong.
        expires_at: Option<Timestamp>,
    },
    /// Nothing yet, for endpoints with [`AuthKind::OAuth`]: the server is asked which issuer it trusts. The side ends
    /// with `auth.oauth_required`, and what the server said is in [`SideReport::oauth`](crate::SideReport::oauth).
    AskIssuer,
}

impl From<Secret> for Credentials {
    fn from(password: Secret) -> Self {
        Self::Password(password)
    }
}

/// What may be shown to a server that signs people in by `auth`: a password is never sent as a token, nor the other
/// way round.
pub(crate) fn usable(auth: AuthKind, given: Option<&Credentials>) -> Result<&Credentials, Failure> {
    use Credentials::{AccessToken, AskIssuer, Password};
    match (auth, given) {
        (AuthKind::Password, Some(password @ Password(_))) => Ok(password),
        (AuthKind::OAuth, Some(token @ (AccessToken { .. } | AskIssuer))) => Ok(token),
        (AuthKind::OAuth, _) => Err(Failure::TokenMissing),
        (AuthKind::Password | AuthKind::None, _) => Err(Failure::SecretMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_do_not_take_each_others_place() {
        let password = Credentials::from(Secret::from("secret"));
        let token = Credentials::AccessToken { token: Secret::from("secret"), expires_at: None };
        for (auth, given, is_usable) in [
            (AuthKind::Password, Some(&password), true),
            (AuthKind::Password, Some(&token), false),
            (AuthKind::Password, Some(&Credentials::AskIssuer), false),
            (AuthKind::Password, None, false),
            (AuthKind::OAuth, Some(&token), true),
            (AuthKind::OAuth, Some(&Credentials::AskIssuer), true),
            (AuthKind::OAuth, Some(&password), false),
            (AuthKind::OAuth, None, false),
            (AuthKind::None, Some(&password), false),
        ] {
            assert_eq!(usable(auth, given).is_ok(), is_usable, "{auth} {given:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let password = Credentials::from(Secret::from("Tr4nsparent"));
        let token = Credentials::AccessToken { token: Secret::from("Tr4nsparent"), expires_at: None };
        assert!(!format!("{password:?} {token:?}").contains("Tr4nsparent"));
    }
}
