//! Choosing a mechanism, and speaking it (RFC 4422).
//!
//! SCRAM is rsasl's. PLAIN (RFC 4616) and LOGIN are a line each and written out here, with the password as typed:
//! servers compare it so.

use std::io::Cursor;

use courrier_model::{ExposeSecret, Secret, Security};
use rsasl::callback::{Context, Request, SessionCallback, SessionData};
use rsasl::mechname::Mechname;
use rsasl::prelude::{SASLClient, SASLConfig, Session, SessionError, State};
use rsasl::property::{AuthId, Password};
use zeroize::Zeroizing;

use crate::Failure;

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
}

impl Mechanism {
    /// As it stands on the wire and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Login | Self::LoginCommand => "LOGIN",
        }
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
}

/// True for the mechanisms that take an access token (RFC 7628, and Google's older form of it).
pub(crate) fn is_token(mechanism: &str) -> bool {
    matches!(mechanism, "OAUTHBEARER" | "XOAUTH2")
}

/// The best mechanism in common. Encrypted: PLAIN, one round trip and understood everywhere; in the clear, which the
/// person asked for on purpose: SCRAM first, so that the password still does not travel.
pub(crate) fn choose(offer: &Offer<'_>) -> Result<Mechanism, Failure> {
    use Mechanism::{Login, LoginCommand, Plain, ScramSha256};
    let order = match offer.security {
        Security::None => [ScramSha256, Plain, Login, LoginCommand],
        Security::Tls | Security::Starttls => [Plain, ScramSha256, Login, LoginCommand],
    };
    let offered = |mechanism: &Mechanism| match mechanism {
        LoginCommand => offer.login_command,
        other => offer.mechanisms.iter().any(|name| name == other.name()),
    };
    // A server that lists tokens only means it, though IMAP's LOGIN command is there by default.
    let only_tokens = !offer.mechanisms.is_empty() && offer.mechanisms.iter().all(|name| is_token(name));
    if let Some(mechanism) = order.into_iter().find(offered).filter(|_| !only_tokens) {
        return Ok(mechanism);
    }
    Err(if offer.security == Security::None && offer.more_after_tls {
        Failure::EncryptionRequired
    } else if offer.mechanisms.is_empty() {
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
}

impl<'a> Exchange<'a> {
    /// Begins.
    pub(crate) fn begin(mechanism: Mechanism, username: &'a str, secret: &'a Secret) -> Result<Self, Failure> {
        match mechanism {
            Mechanism::Plain => Ok(Self::Plain(username, secret)),
            Mechanism::Login | Mechanism::LoginCommand => Ok(Self::Login { username, secret, sent_name: false }),
            Mechanism::ScramSha256 => {
                let credentials = Credentials { username: username.to_owned(), secret: secret.clone() };
                let name = Mechname::parse(b"SCRAM-SHA-256").map_err(|error| Failure::Io(error.to_string()))?;
                let session = SASLConfig::builder()
                    .with_defaults()
                    .with_callback(credentials)
                    .and_then(|config| SASLClient::new(config).start_suggested(&[name]))
                    .map_err(|error| Failure::Io(error.to_string()))?;
                Ok(Self::Scram { session: Box::new(session), finished: false })
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
        }
    }

    /// The answer to a challenge.
    pub(crate) fn respond(&mut self, challenge: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self {
            Self::Plain(..) => Err(Failure::Unreadable("a second challenge after PLAIN".into())),
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

    /// True if the server has proved what the mechanism asks it to prove: with SCRAM, that it knows the password.
    pub(crate) fn is_complete(&self) -> bool {
        match self {
            Self::Scram { finished, .. } => *finished,
            Self::Plain(..) | Self::Login { .. } => true,
        }
    }
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
struct Credentials {
    username: String,
    secret: Secret,
}

impl SessionCallback for Credentials {
    fn callback(&self, _: &SessionData, _: &Context<'_>, request: &mut Request<'_>) -> Result<(), SessionError> {
        // Exposed: the mechanism hashes it.
        request.satisfy::<AuthId>(&self.username)?.satisfy::<Password>(self.secret.expose_secret().as_bytes())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chosen(mechanisms: &[&str], login_command: bool, security: Security) -> Result<Mechanism, Failure> {
        let mechanisms = mechanisms.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>();
        choose(&Offer { mechanisms: &mechanisms, login_command, more_after_tls: false, security })
    }

    #[test]
    fn plain_first_under_tls_scram_first_in_the_clear_login_last() {
        let all = ["LOGIN", "SCRAM-SHA-256", "PLAIN"];
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

    proptest! {
        #[test]
        fn in_the_clear_nothing_is_sent_where_more_comes_after_tls(mechanisms in proptest::collection::vec("GSSAPI|CRAM-MD5|XOAUTH2|ANONYMOUS", 0..4)) {
            let offer = Offer { mechanisms: &mechanisms, login_command: false, more_after_tls: true, security: Security::None };
            prop_assert!(matches!(choose(&offer), Err(Failure::EncryptionRequired)));
        }

        #[test]
        fn plain_carries_name_and_password_as_typed(name in "\\PC{1,20}", password in "\\PC{1,20}") {
            let secret = Secret::from(password.clone());
            let mut exchange = Exchange::begin(Mechanism::Plain, &name, &secret).expect("begins");
            let message = exchange.initial().expect("built").expect("client first");
            let expected = format!("\0{name}\0{password}");
            prop_assert_eq!(message.as_slice(), expected.as_bytes());
        }
    }
}
