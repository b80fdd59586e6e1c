//! Signing in with an access token: OAUTHBEARER (RFC 7628), and XOAUTH2, the older form that Google and Microsoft
//! document.
//!
//! Both say one thing and hear one answer. A refusal may come as a challenge that holds the reason; an answer without
//! meaning is then due, after which the command ends as every refused one does.

use courrier_model::{Endpoint, ExposeSecret, Secret};
use zeroize::Zeroizing;

use crate::Failure;
use crate::failure::{Held, Refusal, TokenRefusal};
use crate::oauth_hint::OauthHint;
use crate::sasl::Mechanism;

/// Stands where a token belongs, for a server that is only to name its issuer. RFC 7628 (section 4.3) leaves the place
/// empty, which Dovecot takes for an error of grammar and answers without a reason.
const NO_TOKEN: &str = "none";
/// Separates the parts of both forms.
const SEPARATOR: char = '\u{1}';

/// One exchange.
pub(crate) struct TokenExchange<'a> {
    mechanism: Mechanism,
    endpoint: &'a Endpoint,
    /// `None`: only the issuer is asked for.
    token: Option<&'a Secret>,
    is_expired: bool,
    refused: Option<OauthHint>,
}

impl<'a> TokenExchange<'a> {
    pub(crate) fn new(
        mechanism: Mechanism,
        endpoint: &'a Endpoint,
        token: Option<&'a Secret>,
        is_expired: bool,
    ) -> Self {
        Self { mechanism, endpoint, token, is_expired, refused: None }
    }

    /// The one message. Errors with [`Failure::TokenUnsendable`] for what can't be a token: a separator in it would
    /// speak for somebody else.
    pub(crate) fn message(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        // Exposed: the token is what this message brings.
        let token = self.token.map_or(NO_TOKEN, |token| token.expose_secret());
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::TokenUnsendable);
        }
        let Endpoint { host, port, username, .. } = self.endpoint;
        let bearer = Zeroizing::new(format!("auth=Bearer {token}{SEPARATOR}{SEPARATOR}"));
        let message = if self.mechanism == Mechanism::OauthBearer {
            let name = sasl_name(username.as_str());
            format!("n,a={name},{SEPARATOR}host={host}{SEPARATOR}port={port}{SEPARATOR}{}", *bearer)
        } else {
            format!("user={username}{SEPARATOR}{}", *bearer)
        };
        Ok(Zeroizing::new(message.into_bytes()))
    }

    /// The answer to a challenge, which can only be the reason of a refusal.
    pub(crate) fn answer(&mut self, challenge: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if self.refused.is_some() {
            return Err(Failure::Unreadable("a second challenge after a token was refused".into()));
        }
        self.refused = Some(OauthHint::read(challenge));
        Ok(Zeroizing::new(match self.mechanism {
            Mechanism::OauthBearer => vec![1],
            _ => Vec::new(),
        }))
    }

    /// The reason that was given, if any was.
    pub(crate) fn refused(&self) -> Option<&OauthHint> {
        self.refused.as_ref()
    }

    /// True if this can have signed somebody in.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// How the exchange ended, with what was said about the token.
    pub(crate) fn explain(self, failure: Failure) -> Failure {
        let reply = match failure {
            Failure::Imap(reply) => Some(Refusal::Imap(reply)),
            Failure::Smtp(reply) => Some(Refusal::Smtp(reply)),
            // Hanging up or falling silent after the reason is a refusal too.
            Failure::Closed | Failure::Reset | Failure::Silence { .. } if self.refused.is_some() => None,
            Failure::ServerUnproven if self.token.is_none() => return Failure::TokenMissing,
            other => return other,
        };
        let held = match (self.token, self.is_expired) {
            (None, _) => Held::Nothing,
            (Some(_), true) => Held::ExpiredToken,
            (Some(_), false) => Held::Token,
        };
        Failure::TokenRefused(Box::new(TokenRefusal { reply, hint: self.refused, held }))
    }
}

/// A user name in the header of RFC 5801, section 4.
fn sasl_name(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use courrier_model::{AuthKind, EndpointSpec};
    use proptest::prelude::*;

    use super::*;

    fn endpoint(at: &str, username: &str) -> Endpoint {
        let spec: EndpointSpec = at.parse().expect("an endpoint");
        spec.with(username.parse().expect("a user name"), AuthKind::OAuth)
    }

    fn message(mechanism: Mechanism, endpoint: &Endpoint, token: &str) -> String {
        let secret = Secret::from(token);
        let exchange = TokenExchange::new(mechanism, endpoint, Some(&secret), false);
        String::from_utf8(exchange.message().expect("a token").to_vec()).expect("text")
    }

    #[test]
    fn the_forms_are_those_of_the_documents() {
        // Google and Microsoft, "Initial client response", with the same example.
        let someone = endpoint("imap.example.com:993/tls", "someuser@example.com");
        let said = message(Mechanism::XOauth2, &someone, "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
        let documented = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
        assert_eq!(BASE64.encode(said), documented);
        // RFC 7628, section 4.1.
        let user = endpoint("server.example.com:143/starttls", "user@example.com");
        let said = message(Mechanism::OauthBearer, &user, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
        let documented = "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB";
        assert_eq!(BASE64.encode(said), documented);
    }

    #[test]
    fn a_refusal_is_answered_once() {
        let someone = endpoint("imap.example.com:993/tls", "someuser@example.com");
        let token = Secret::from("token");
        for (mechanism, answer) in [(Mechanism::XOauth2, ""), (Mechanism::OauthBearer, "AQ==")] {
            let mut exchange = TokenExchange::new(mechanism, &someone, Some(&token), false);
            assert_eq!(BASE64.encode(exchange.answer("eyJzdGF0dXMiOiI0MDEifQ==").expect("an answer")), answer);
            assert_eq!(exchange.refused().and_then(|hint| hint.status.as_deref()), Some("401"));
            assert!(matches!(exchange.answer(""), Err(Failure::Unreadable(_))));
        }
    }

    #[test]
    fn what_is_no_token_is_not_sent() {
        let someone = endpoint("imap.example.com:993/tls", "someuser@example.com");
        for none in ["", " ", "a b", "a\r\nb", "a\u{1}auth=Bearer b", "tokén", "a\0"] {
            let secret = Secret::from(none);
            for mechanism in [Mechanism::XOauth2, Mechanism::OauthBearer] {
                let exchange = TokenExchange::new(mechanism, &someone, Some(&secret), false);
                assert!(matches!(exchange.message(), Err(Failure::TokenUnsendable)), "{none:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn nobody_speaks_for_somebody_else(name in "[^\\pC]{1,30}", token in "[!-~]{1,60}") {
            prop_assume!(!name.trim().is_empty());
            let someone = endpoint("imap.example.com:993/tls", &name);
            let name = someone.username.as_str();
            let said = message(Mechanism::XOauth2, &someone, &token);
            let parts: Vec<&str> = said.split('\u{1}').collect();
            let (user, auth) = (format!("user={name}"), format!("auth=Bearer {token}"));
            prop_assert_eq!(parts, [user.as_str(), &auth, "", ""]);
            let said = message(Mechanism::OauthBearer, &someone, &token);
            let parts: Vec<&str> = said.split('\u{1}').collect();
            prop_assert_eq!(&parts[1..], ["host=imap.example.com", "port=993", auth.as_str(), "", ""]);
            // The header has three fields, and its name is the user's.
            let fields: Vec<&str> = parts[0].split(',').collect();
            prop_assert_eq!((fields.len(), fields[0], fields[2]), (3, "n", ""));
            let decoded = fields[1].strip_prefix("a=").expect("a name").replace("=2C", ",").replace("=3D", "=");
            prop_assert_eq!(decoded, name);
        }
    }
}
