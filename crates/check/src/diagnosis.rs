//! From what a server did to the code that says what a person should do. Pure: facts in, verdict out.
//!
//! Response codes decide (RFC 5530 for IMAP, RFC 3463 and RFC 4954 for SMTP); words only where a server has no code
//! for what it means, and then words that are known from its source.

mod token;

use courrier_model::{ProblemCode, Protocol, Security, Stage};
use courrier_net::{ConnectError, ResolveError};

use crate::failure::{SmtpCommand, SmtpRefusal, TlsFailure};
use crate::report::fault_code;
use crate::{Failure, ImapRefusal};

/// The code for a failure, and the server's own words where it said any.
pub fn diagnose(
    protocol: Protocol,
    stage: Stage,
    security: Security,
    failure: &Failure,
) -> (ProblemCode, Option<String>) {
    use ProblemCode as P;
    let code = match failure {
        Failure::Resolve(error) => match error {
            ResolveError::NoSuchHost => P::DnsNoSuchHost,
            ResolveError::NoAddress => P::DnsNoAddress,
            ResolveError::Unreachable => P::DnsUnreachable,
            ResolveError::Offline => P::NetOffline,
        },
        Failure::Connect(error) => match error {
            ConnectError::Refused => P::NetRefused,
            ConnectError::TimedOut => P::NetTimedOut,
            ConnectError::Reset => P::NetReset,
            ConnectError::Offline => P::NetOffline,
            ConnectError::Proxy(reason) => return (P::NetProxyFailed, Some(reason.clone())),
            ConnectError::Io(error) => return (P::Other, Some(error.to_string())),
        },
        Failure::Tls(failure) => return tls(failure),
        Failure::Silence { heard } => match stage {
            Stage::Resolve => P::DnsUnreachable,
            Stage::Connect => P::NetTimedOut,
            // Whatever was asked for first, a server that never said a word did not greet.
            _ if !heard => P::ProtocolNoGreeting,
            _ => P::ProtocolTimedOut,
        },
        Failure::Closed => P::ProtocolClosed,
        Failure::Reset => P::NetReset,
        Failure::WaitsForTls => P::TlsImplicitPort,
        Failure::WrongService { said, .. } => return (P::ProtocolWrongService, Some(said.clone())),
        Failure::StarttlsMissing => P::TlsStarttlsMissing,
        Failure::StarttlsRefused(said) => return (P::TlsStarttlsRefused, Some(said.clone())),
        Failure::StarttlsInjection => P::TlsHandshakeFailed,
        Failure::Imap(refusal) => return (imap(stage, security, refusal), Some(refusal.text.clone())),
        Failure::Smtp(refusal) => return (smtp(security, refusal), Some(refusal.text.clone())),
        Failure::NoMechanism(offered) => {
            let only_tokens = crate::sasl::only_tokens(offered);
            let code = if only_tokens { P::AuthOauthRequired } else { P::AuthMechanismUnsupported };
            let keyword = if protocol == Protocol::Imap { "AUTH=" } else { "" };
            let said = offered.iter().map(|name| format!("{keyword}{name}")).collect::<Vec<_>>().join(" ");
            return (code, Some(said));
        }
        Failure::AuthNotOffered => P::AuthNotOffered,
        Failure::EncryptionRequired => P::AuthEncryptionRequired,
        Failure::SecretMissing => P::SecretMissing,
        Failure::TokenMissing => P::AuthOauthRequired,
        Failure::TokenUnsendable => P::AuthTokenRejected,
        Failure::TokenRefused(refusal) => return token::refused(stage, security, refusal),
        Failure::SmtpUtf8Missing => P::SmtpSenderRefused,
        Failure::Unreadable(said) => return (P::Other, Some(said.clone())),
        Failure::Io(said) => return (P::Other, Some(said.clone())),
        Failure::ServerUnproven | Failure::TooMuch => P::Other,
    };
    (code, None)
}

fn tls(failure: &TlsFailure) -> (ProblemCode, Option<String>) {
    use ProblemCode as P;
    let code = match failure {
        TlsFailure::PlainText(said) => return (P::TlsPlaintextPort, Some(said.clone())),
        TlsFailure::Certificate(certificate) => {
            certificate.faults.first().map_or(P::TlsCertificateInvalid, |fault| fault_code(*fault))
        }
        TlsFailure::VersionTooOld => P::TlsVersionTooOld,
        TlsFailure::Handshake(_) => P::TlsHandshakeFailed,
        TlsFailure::Closed => P::TlsClosed,
        TlsFailure::Reset => P::NetReset,
        TlsFailure::Silence => P::ProtocolNoGreeting,
    };
    (code, None)
}

/// True if the text says any of these, whatever the case.
fn says(text: &str, phrases: &[&str]) -> bool {
    let lower = text.to_lowercase();
    phrases.iter().any(|phrase| lower.contains(phrase))
}

/// Words for "too many": Dovecot and Cyrus ("too many connections"), Gmail ("Too many simultaneous connections"),
/// Courier-IMAP ("Maximum connection limit reached"), Postfix anvil ("too many connections from").
const TOO_MANY: &[&str] =
    &["too many connections", "too many simultaneous", "connection limit", "maximum number of connections"];

/// Gmail's words for too many attempts, and those of failed-login counters in front of Dovecot and Exim.
const TOO_OFTEN: &[&str] = &["too many login", "too many failed", "rate limit"];

/// Gmail's words where it wants to see the person.
const BROWSER: &[&str] = &["log in via your web browser", "web login required"];

fn imap(stage: Stage, security: Security, refusal: &ImapRefusal) -> ProblemCode {
    use ProblemCode as P;
    let text = refusal.text.as_str();
    match refusal.code.as_deref() {
        Some("LIMIT") => return P::ServerTooManyConnections,
        Some("UNAVAILABLE" | "SERVERBUG" | "INUSE") if stage == Stage::Authenticate && !refusal.bye => {
            return P::AuthTemporaryFailure;
        }
        Some("UNAVAILABLE" | "SERVERBUG" | "INUSE") => return P::ServerUnavailable,
        Some("AUTHORIZATIONFAILED") => return P::AuthConnectedNotAuthorised,
        Some("EXPIRED") => return P::AuthPasswordExpired,
        Some("PRIVACYREQUIRED") if security == Security::None => return P::AuthEncryptionRequired,
        Some("CONTACTADMIN") if stage == Stage::Authenticate => return P::AuthLocked,
        Some("WEBALERT") => return P::AuthBrowserConfirmationRequired,
        _ => {}
    }
    if says(text, TOO_MANY) {
        return P::ServerTooManyConnections;
    }
    // Microsoft 365 answers so when the mailbox behind a good sign-in can't be reached by this identity.
    if says(text, &["authenticated but not connected"]) {
        return P::AuthConnectedNotAuthorised;
    }
    if refusal.bye {
        return P::ServerUnavailable;
    }
    match stage {
        // Gmail's words, with [ALERT].
        Stage::Authenticate if says(text, &["application-specific password required"]) => P::AuthAppPasswordRequired,
        Stage::Authenticate if says(text, BROWSER) => P::AuthBrowserConfirmationRequired,
        Stage::Authenticate if says(text, TOO_OFTEN) => P::AuthRateLimited,
        Stage::Authenticate if refusal.bad => P::Other,
        Stage::Authenticate => P::AuthRejected,
        Stage::Inbox => P::MailboxInboxMissing,
        _ => P::Other,
    }
}

fn smtp(security: Security, refusal: &SmtpRefusal) -> ProblemCode {
    use ProblemCode as P;
    let text = refusal.text.as_str();
    if says(text, TOO_MANY) {
        return P::ServerTooManyConnections;
    }
    if refusal.code == 421 {
        return P::ServerUnavailable;
    }
    // 530 and 538 ask for encryption where there is none; over TLS, 530 asks for authentication.
    if security == Security::None && matches!(refusal.code, 530 | 538) {
        return P::AuthEncryptionRequired;
    }
    match refusal.command {
        SmtpCommand::Greeting | SmtpCommand::Ehlo => P::ServerUnavailable,
        SmtpCommand::Auth => smtp_auth(security, refusal),
        SmtpCommand::Mail | SmtpCommand::Rcpt => smtp_sender(refusal),
    }
}

/// RFC 4954 section 6, with Microsoft's and Google's words for what it has no code for.
fn smtp_auth(security: Security, refusal: &SmtpRefusal) -> ProblemCode {
    use ProblemCode as P;
    let text = refusal.text.as_str();
    if says(text, &["smtpclientauthentication is disabled"]) || refusal.enhanced == Some((5, 7, 57)) {
        return P::AuthSmtpDisabledByAdmin;
    }
    if says(text, &["basic authentication is disabled"]) || refusal.enhanced == Some((5, 7, 30)) {
        return P::AuthOauthRequired;
    }
    if says(text, &["application-specific password", "invalidsecondfactor"]) {
        return P::AuthAppPasswordRequired;
    }
    if says(text, BROWSER) || refusal.enhanced == Some((5, 7, 14)) {
        return P::AuthBrowserConfirmationRequired;
    }
    if says(text, TOO_OFTEN) {
        return P::AuthRateLimited;
    }
    match (refusal.code, refusal.enhanced) {
        (538, _) | (_, Some((5, 7, 11))) if security == Security::None => P::AuthEncryptionRequired,
        (534, Some((5, 7, 9))) => P::AuthAppPasswordRequired,
        (432, _) => P::AuthPasswordExpired,
        (454, _) | (400..=499, _) => P::AuthTemporaryFailure,
        (500 | 502 | 503, _) => P::AuthNotOffered,
        (504 | 534 | 538, _) => P::AuthMechanismUnsupported,
        (535, _) | (_, Some((5, 7, 8))) => P::AuthRejected,
        (500..=599, _) => P::AuthRejected,
        _ => P::Other,
    }
}

fn smtp_sender(refusal: &SmtpRefusal) -> ProblemCode {
    use ProblemCode as P;
    let text = refusal.text.as_str();
    // Postfix defers its opinion of the sender to RCPT: "Sender address rejected: not owned by user …".
    if refusal.command == SmtpCommand::Mail && refusal.code != 530
        || says(text, &["sender address rejected", "sender rejected"])
    {
        return if refusal.code < 500 { P::ServerUnavailable } else { P::SmtpSenderRefused };
    }
    match (refusal.code, refusal.enhanced) {
        // Postfix: "454 4.7.1 Relay access denied"; 530: authentication is wanted first.
        (454 | 530, _) | (550 | 551 | 554, Some((5, 7, _)) | None) => P::SmtpRelayDenied,
        _ if says(text, &["relay"]) => P::SmtpRelayDenied,
        (400..=499, _) => P::ServerUnavailable,
        (500..=599, _) => P::SmtpSenderRefused,
        _ => P::Other,
    }
}

#[cfg(test)]
mod tests;
