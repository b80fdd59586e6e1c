//! Choosing a mechanism, and speaking it (RFC 4422).
//!
//! SCRAM is rsasl's. PLAIN (RFC 4616) and LOGIN are a line each and written out here, with the password as typed:
//! servers compare it so. Tokens have a file of their own (`token.rs`).

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{Endpoint, ExposeSecret, Secret, Security, Timestamp};
use rsasl::callback::{Context, Request, SessionCallback, SessionData};
use rsasl::mechname::Mechname;
use rsasl::prelude::{SASLClient, SASLConfig, Session, SessionError, State};
use rsasl::property::{AuthId, Password};
use zeroize::Zeroizing;

use crate::token::TokenExchange;
use crate::{Credentials, Failure, OauthHint};

/// How to sign in, in words both protocols share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// RFC 4616.
    Plain,
    /// RFC 7677: the password itself is not sent.
    ScramSha256,
    /// The old challenge for name and password (draft-murchison-sasl-login).
    Login,
    /// IMAP's own LOGIN command.
    LoginCommand,
    /// An access token as Google and Microsoft take it.
    XOauth2,
    /// An access token by RFC 7628.
    OauthBearer,
}

impl Mechanism {
    /// As it stands on the wire and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Login | Self::LoginCommand => "LOGIN",
            Self::XOauth2 => "XOAUTH2",
            Self::OauthBearer => "OAUTHBEARER",
        }
    }

    /// True if an access token is what it takes.
    pub(crate) fn takes_token(self) -> bool {
        matches!(self, Self::XOauth2 | Self::OauthBearer)
    }
}

/// What the choice depends on.
pub(crate) struct Offer<'a> {
    /// Announced SASL mechanisms, upper case.
    pub(crate) mechanisms: &'a [String],
    /// IMAP: the LOGIN command is there and not disabled.
    pub(crate) login_command: bool,
    /// More is offered after encryption: STARTTLS or LOGINDISABLED was announced.
    pub(crate) more_after_tls: bool,
    /// How the connection is protected.
    pub(crate) security: Security,
    /// What is sent stays on this computer.
    pub(crate) local: bool,
}

/// True if nothing but access tokens is taken.
pub(crate) fn only_tokens(mechanisms: &[String]) -> bool {
    !mechanisms.is_empty() && mechanisms.iter().all(|name| matches!(name.as_str(), "OAUTHBEARER" | "XOAUTH2"))
}

/// The best mechanism in common. For a token: XOAUTH2, which the large providers test most, then OAUTHBEARER; the other
/// way round where the server is to name its issuer, which only OAUTHBEARER defines (RFC 7628 section 3.2.2). In the clear
/// neither is used but on this computer itself: whoever listens could read the mail (RFC 6750 section 5.3), or name an
/// issuer of their own. For a password, encrypted: PLAIN, one round trip and understood everywhere; in the clear, which
/// the person asked for on purpose: SCRAM first, so that the password still does not travel.
pub(crate) fn choose(offer: &Offer<'_>, credentials: &Credentials) -> Result<Mechanism, Failure> {
    use Mechanism::{Login, LoginCommand, OauthBearer, Plain, ScramSha256, XOauth2};
    let order: &[Mechanism] = match (credentials, offer.security) {
        (Credentials::AccessToken { .. } | Credentials::AskIssuer, Security::None) if !offer.local => {
            return Err(Failure::EncryptionRequired);
        }
        (Credentials::AccessToken { .. }, _) => &[XOauth2, OauthBearer],
        (Credentials::AskIssuer, _) => &[OauthBearer, XOauth2],
        // A server that lists tokens only means it, though IMAP's LOGIN command is there by default.
        (Credentials::Password(_), _) if only_tokens(offer.mechanisms) => &[],
        (Credentials::Password(_), Security::None) => &[ScramSha256, Plain, Login, LoginCommand],
        (Credentials::Password(_), Security::Tls | Security::Starttls) => &[Plain, ScramSha256, Login, LoginCommand],
    };
    let offered = |mechanism: &&Mechanism| match mechanism {
        LoginCommand => offer.login_command,
        other => offer.mechanisms.iter().any(|name| name == other.name()),
    };
    if let Some(mechanism) = order.iter().find(offered) {
        return Ok(*mechanism);
    }
    Err(if offer.security == Security::None && offer.more_after_tls {
        Failure::EncryptionRequired
    } else if offer.mechanisms.is_empty() && !offer.login_command {
        Failure::AuthNotOffered
    } else {
        Failure::NoMechanism(offer.mechanisms.to_vec())
    })
}

/// One exchange.
pub(crate) enum Exchange<'a> {
    /// Name and password in one message.
    Plain(&'a str, &'a Secret),
    /// Name, then password.
    Login { username: &'a str, secret: &'a Secret, sent_name: bool },
    /// SCRAM.
    Scram { session: Box<Session>, finished: bool },
    /// An access token.
    Token(TokenExchange<'a>),
}

impl<'a> Exchange<'a> {
    /// Begins; `now` tells if a token's end has passed. The mechanism is the one that [`choose`] took for these
    /// credentials.
    pub(crate) fn begin(
        mechanism: Mechanism,
        endpoint: &'a Endpoint,
        credentials: &'a Credentials,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        use Mechanism::{Login, LoginCommand, OauthBearer, Plain, ScramSha256, XOauth2};
        let username = endpoint.username.as_str();
        match (mechanism, credentials) {
            (Plain, Credentials::Password(secret)) => Ok(Self::Plain(username, secret)),
            (Login | LoginCommand, Credentials::Password(secret)) => {
                Ok(Self::Login { username, secret, sent_name: false })
            }
            (ScramSha256, Credentials::Password(secret)) => {
                Ok(Self::Scram { session: Box::new(scram(username, secret)?), finished: false })
            }
            (XOauth2 | OauthBearer, Credentials::AccessToken { token, expires_at }) => {
                let is_expired = expires_at.is_some_and(|end| end <= now);
                Ok(Self::Token(TokenExchange::new(mechanism, endpoint, Some(token), is_expired)))
            }
            (XOauth2 | OauthBearer, Credentials::AskIssuer) => {
                Ok(Self::Token(TokenExchange::new(mechanism, endpoint, None, false)))
            }
            (XOauth2 | OauthBearer, Credentials::Password(_)) => Err(Failure::TokenMissing),
            (Plain | Login | LoginCommand | ScramSha256, Credentials::AccessToken { .. } | Credentials::AskIssuer) => {
                Err(Failure::SecretMissing)
            }
        }
    }

    /// The message that goes with the command, where the mechanism begins with the client.
    pub(crate) fn initial(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        match self {
            // Exposed: this message is what proves who signs in.
            Self::Plain(username, secret) => {
                Ok(Some(Zeroizing::new(format!("\0{username}\0{}", secret.expose_secret()).into_bytes())))
            }
            Self::Login { .. } => Ok(None),
            Self::Scram { session, finished } => step(session, finished, None).map(Some),
            Self::Token(exchange) => exchange.message().map(Some),
        }
    }

    /// The answer to a challenge as it stands on the wire.
    pub(crate) fn answer(&mut self, challenge: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if let Self::Token(exchange) = self {
            return exchange.answer(challenge);
        }
        match BASE64.decode(challenge.trim()) {
            Ok(challenge) => self.respond(&challenge),
            Err(_) => Err(Failure::Unreadable(challenge.to_owned())),
        }
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self {
            Self::Plain(..) | Self::Token(_) => Err(Failure::Unreadable("a challenge after the only message".into())),
            Self::Login { username, sent_name: sent @ false, .. } => {
                *sent = true;
                Ok(Zeroizing::new(username.as_bytes().to_vec()))
            }
            // Exposed: the password is what this mechanism sends.
            Self::Login { secret, .. } => Ok(Zeroizing::new(secret.expose_secret().as_bytes().to_vec())),
            // The server's way of refusing inside the exchange (RFC 5802 section 7); its reply follows an empty answer.
            Self::Scram { .. } if challenge.starts_with(b"e=") => Ok(Zeroizing::default()),
            Self::Scram { session, finished } => step(session, finished, Some(challenge)),
        }
    }

    /// What the server said about the token so far.
    pub(crate) fn hint(&self) -> Option<&OauthHint> {
        match self {
            Self::Token(exchange) => exchange.refused(),
            _ => None,
        }
    }

    /// True if the server has proved what the mechanism asks it to prove: with SCRAM, that it knows the password.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Scram { finished, .. } => *finished,
            Self::Token(exchange) => exchange.has_token(),
            Self::Plain(..) | Self::Login { .. } => true,
        }
    }

    /// How the exchange ended, with what the mechanism knows about it.
    pub(crate) fn explain(self, failure: Failure) -> Failure {
        match self {
            Self::Token(exchange) => exchange.explain(failure),
            _ => failure,
        }
    }
}

fn scram(username: &str, secret: &Secret) -> Result<Session, Failure> {
    let credentials = NameAndPassword { username: username.to_owned(), secret: secret.clone() };
    let name = Mechname::parse(b"SCRAM-SHA-256").map_err(|error| Failure::Io(error.to_string()))?;
    SASLConfig::builder()
        .with_defaults()
        .with_callback(credentials)
        .and_then(|config| SASLClient::new(config).start_suggested(&[name]))
        .map_err(|error| Failure::Io(error.to_string()))
}

fn step(session: &mut Session, finished: &mut bool, challenge: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut out = Cursor::new(Vec::new());
    match session.step(challenge, &mut out) {
        Ok(state) => {
            *finished = matches!(state, State::Finished(_));
            Ok(Zeroizing::new(out.into_inner()))
        }
        Err(_) => Err(Failure::ServerUnproven),
    }
}

/// Answers the mechanism's questions; the password is wiped with it.
struct NameAndPassword {
    username: String,
    secret: Secret,
}

impl SessionCallback for NameAndPassword {
    fn callback(&self, _: &SessionData, _: &Context<'_>, request: &mut Request<'_>) -> Result<(), SessionError> {
        // Exposed: the mechanism hashes it.
        request.satisfy::<AuthId>(&self.username)?.satisfy::<Password>(self.secret.expose_secret().as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use courrier_model::{AuthKind, EndpointSpec};
    use proptest::prelude::*;

    use super::*;

    fn password() -> Credentials {
        Credentials::Password(Secret::from("secret"))
    }

    fn token() -> Credentials {
        Credentials::AccessToken { token: Secret::from("secret"), expires_at: None }
    }

    fn chosen(
        credentials: &Credentials,
        mechanisms: &[&str],
        login_command: bool,
        security: Security,
    ) -> Result<Mechanism, Failure> {
        let mechanisms = mechanisms.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>();
        let offer = Offer { mechanisms: &mechanisms, login_command, more_after_tls: false, security, local: true };
        choose(&offer, credentials)
    }

    #[test]
    fn plain_first_under_tls_scram_first_in_the_clear_login_last() {
        let all = ["LOGIN", "SCRAM-SHA-256", "PLAIN", "XOAUTH2"];
        let chosen =
            |mechanisms: &[&str], login_command, security| chosen(&password(), mechanisms, login_command, security);
        assert!(matches!(chosen(&all, true, Security::Tls), Ok(Mechanism::Plain)));
        assert!(matches!(chosen(&all, true, Security::Starttls), Ok(Mechanism::Plain)));
        assert!(matches!(chosen(&all, true, Security::None), Ok(Mechanism::ScramSha256)));
        assert!(matches!(chosen(&["LOGIN", "SCRAM-SHA-256"], true, Security::Tls), Ok(Mechanism::ScramSha256)));
        assert!(matches!(chosen(&["LOGIN"], true, Security::Tls), Ok(Mechanism::Login)));
        assert!(matches!(chosen(&[], true, Security::Tls), Ok(Mechanism::LoginCommand)));
        assert!(matches!(chosen(&[], false, Security::Tls), Err(Failure::AuthNotOffered)));
        assert!(matches!(chosen(&["XOAUTH2", "OAUTHBEARER"], true, Security::Tls), Err(Failure::NoMechanism(_))));
        assert!(matches!(chosen(&["GSSAPI"], false, Security::Tls), Err(Failure::NoMechanism(_))));
    }

    #[test]
    fn a_token_goes_by_xoauth2_then_oauthbearer_and_the_issuer_is_asked_for_the_other_way_round() {
        for (credentials, first) in [(token(), Mechanism::XOauth2), (Credentials::AskIssuer, Mechanism::OauthBearer)] {
            for security in [Security::Tls, Security::Starttls, Security::None] {
                let chosen = |mechanisms: &[&str]| chosen(&credentials, mechanisms, true, security);
                for both in [["PLAIN", "OAUTHBEARER", "XOAUTH2"], ["XOAUTH2", "PLAIN", "OAUTHBEARER"]] {
                    assert_eq!(chosen(&both).ok(), Some(first));
                }
                assert!(matches!(chosen(&["OAUTHBEARER", "PLAIN"]), Ok(Mechanism::OauthBearer)));
                assert!(matches!(chosen(&["XOAUTH2", "PLAIN"]), Ok(Mechanism::XOauth2)));
                assert!(matches!(chosen(&["PLAIN", "LOGIN"]), Err(Failure::NoMechanism(_))));
                // The LOGIN command is there, for passwords.
                assert!(matches!(chosen(&[]), Err(Failure::NoMechanism(_))));
            }
        }
        assert!(matches!(chosen(&token(), &[], false, Security::Tls), Err(Failure::AuthNotOffered)));
    }

    #[test]
    fn in_the_clear_a_token_never_leaves_this_computer() {
        let mechanisms = ["XOAUTH2".to_owned(), "OAUTHBEARER".to_owned(), "PLAIN".to_owned()];
        for (security, local, goes) in [
            (Security::None, false, false),
            (Security::None, true, true),
            (Security::Tls, false, true),
            (Security::Starttls, false, true),
        ] {
            let offer = Offer { mechanisms: &mechanisms, login_command: true, more_after_tls: false, security, local };
            for credentials in [token(), Credentials::AskIssuer] {
                let chosen = choose(&offer, &credentials);
                assert_eq!(chosen.is_ok(), goes, "{security} {local}");
                assert!(goes || matches!(chosen, Err(Failure::EncryptionRequired)));
            }
            assert!(choose(&offer, &password()).is_ok(), "what the person asked for on purpose");
        }
    }

    const ANY: &str = "PLAIN|LOGIN|SCRAM-SHA-256|XOAUTH2|OAUTHBEARER|GSSAPI|CRAM-MD5|ANONYMOUS|EXTERNAL";

    fn any_security() -> impl Strategy<Value = Security> {
        prop_oneof![Just(Security::Tls), Just(Security::Starttls), Just(Security::None)]
    }

    proptest! {
        #[test]
        fn in_the_clear_nothing_is_sent_where_more_comes_after_tls(mechanisms in proptest::collection::vec("GSSAPI|CRAM-MD5|ANONYMOUS", 0..4)) {
            let offer = Offer { mechanisms: &mechanisms, login_command: false, more_after_tls: true, security: Security::None, local: true };
            for credentials in [password(), token()] {
                prop_assert!(matches!(choose(&offer, &credentials), Err(Failure::EncryptionRequired)));
            }
        }

        #[test]
        fn no_server_gets_a_token_as_a_password_or_the_other_way_round(
            mechanisms in proptest::collection::vec(ANY, 0..8), login_command: bool, more_after_tls: bool, security in any_security(), local: bool,
        ) {
            let offer = Offer { mechanisms: &mechanisms, login_command, more_after_tls, security, local };
            for credentials in [password(), token(), Credentials::AskIssuer] {
                let Ok(mechanism) = choose(&offer, &credentials) else { continue };
                prop_assert_eq!(mechanism.takes_token(), !matches!(credentials, Credentials::Password(_)));
                let is_offered = mechanisms.iter().any(|name| name == mechanism.name());
                prop_assert!(is_offered || login_command && mechanism == Mechanism::LoginCommand);
            }
        }

        #[test]
        fn plain_carries_name_and_password_as_typed(name in "[^\\pC\\s]{1,20}", password in "\\PC{1,20}") {
            let spec: EndpointSpec = "mail.example.test:993/tls".parse().expect("an endpoint");
            let endpoint = spec.with(name.parse().expect("a user name"), AuthKind::Password);
            let credentials = Credentials::Password(Secret::from(password.clone()));
            let mut exchange = Exchange::begin(Mechanism::Plain, &endpoint, &credentials, Timestamp::UNIX_EPOCH).expect("begins");
            let message = exchange.initial().expect("built").expect("client first");
            let expected = format!("\0{name}\0{password}");
            prop_assert_eq!(message.as_slice(), expected.as_bytes());
        }
    }
}
