//! What a server did, before anybody judges it.

use courrier_net::{Certificate, ConnectError, ResolveError, TlsError};

use crate::OauthHint;

/// Why a stage did not pass: facts only.
#[derive(Debug)]
pub enum Failure {
    /// No address.
    Resolve(ResolveError),
    /// No connection.
    Connect(ConnectError),
    /// No encryption.
    Tls(TlsFailure),
    /// Nothing was heard in time; `heard` tells if the server had ever sent a byte on this connection.
    Silence {
        /// True if something had been received before.
        heard: bool,
    },
    /// The connection was closed; with the server's last words, if they were no reply.
    Closed,
    /// The connection was reset.
    Reset,
    /// Silence, and a probe found that the port waits for TLS.
    WaitsForTls,
    /// Another protocol answered: its name where it is known.
    WrongService {
        /// `SMTP`, `POP3`, `HTTP`, …; `None` for words that no known protocol begins with.
        service: Option<&'static str>,
        /// What it said.
        said: String,
    },
    /// STARTTLS is not offered.
    StarttlsMissing,
    /// STARTTLS was offered, then refused with these words.
    StarttlsRefused(String),
    /// Bytes followed the answer to STARTTLS before TLS began: somebody on the way tampers (CVE-2011-0411).
    StarttlsInjection,
    /// IMAP refused.
    Imap(ImapRefusal),
    /// SMTP refused.
    Smtp(SmtpRefusal),
    /// None of the offered mechanisms is spoken; the offered ones.
    NoMechanism(Vec<String>),
    /// No authentication is offered at all.
    AuthNotOffered,
    /// Authentication is offered only after encryption.
    EncryptionRequired,
    /// There is nothing to sign in with.
    SecretMissing,
    /// The account signs in with tokens, and there is none.
    TokenMissing,
    /// What was given as a token holds characters that no token has (RFC 6750, section 2.1). It was not sent.
    TokenUnsendable,
    /// A token was refused.
    TokenRefused(Box<TokenRefusal>),
    /// The server could not prove that it knows the password (SCRAM, RFC 5802 section 3).
    ServerUnproven,
    /// The address needs SMTPUTF8 (RFC 6531), which the server does not have.
    SmtpUtf8Missing,
    /// More was sent than any sane reply holds.
    TooMuch,
    /// A reply that is no reply of this protocol.
    Unreadable(String),
    /// The operating system reports something else.
    Io(String),
}

/// TLS's part of the facts, after an extra probe where one was needed.
#[derive(Debug)]
pub enum TlsFailure {
    /// Plain text came back from the protocol that was expected, or from none that is known.
    PlainText(String),
    /// The certificate was refused.
    Certificate(Box<Certificate>),
    /// TLS 1.1 or older only.
    VersionTooOld,
    /// An alert, or nothing in common.
    Handshake(String),
    /// The peer closed.
    Closed,
    /// The peer reset the connection.
    Reset,
    /// The peer said nothing.
    Silence,
}

/// The refusal of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRefusal {
    /// The reply that ended the command; `None` if the server hung up or fell silent after it had given a reason.
    pub reply: Option<Refusal>,
    /// The reason, where one was given as a challenge.
    pub hint: Option<OauthHint>,
    /// What was refused.
    pub held: Held,
}

/// A refusal by either protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// By IMAP.
    Imap(ImapRefusal),
    /// By SMTP.
    Smtp(SmtpRefusal),
}

/// What the client had when it signed in by a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// No token: it asked for the issuer only.
    Nothing,
    /// A token that may be good.
    Token,
    /// A token whose end had passed, as far as this computer knew.
    ExpiredToken,
}

/// An IMAP `NO`, `BAD` or `BYE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapRefusal {
    /// True for `BYE`: the server closes the connection.
    pub bye: bool,
    /// True for `BAD`: the command was not understood.
    pub bad: bool,
    /// The response code (RFC 5530), upper case, without arguments.
    pub code: Option<String>,
    /// The text, with its code.
    pub text: String,
}

/// An SMTP reply of class 4 or 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpRefusal {
    /// The command it answers.
    pub command: SmtpCommand,
    /// Reply code (RFC 5321 section 4.2).
    pub code: u16,
    /// Enhanced status code (RFC 3463).
    pub enhanced: Option<(u16, u16, u16)>,
    /// The text, with its codes.
    pub text: String,
}

/// What an SMTP reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpCommand {
    /// The connection itself.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
}

impl From<TlsError> for TlsFailure {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::PlainText(first) => Self::PlainText(String::from_utf8_lossy(&first).into_owned()),
            TlsError::Certificate(certificate) => Self::Certificate(certificate),
            TlsError::VersionTooOld => Self::VersionTooOld,
            TlsError::Handshake(reason) => Self::Handshake(reason),
            TlsError::Closed => Self::Closed,
            TlsError::Reset => Self::Reset,
            TlsError::TimedOut => Self::Silence,
        }
    }
}
