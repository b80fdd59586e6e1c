use proptest::prelude::*;

use super::*;
use crate::imap_reply::{ImapReply, refusal};
use crate::smtp_reply::SmtpReply;

fn imap_code(stage: Stage, security: Security, raw: &str) -> ProblemCode {
    match ImapReply::read(raw.as_bytes()) {
        Some(ImapReply::Status { status, code, text, .. }) => {
            diagnose(Protocol::Imap, stage, security, &Failure::Imap(refusal(status, code, text))).0
        }
        other => panic!("{raw}: {other:?}"),
    }
}

fn smtp_code(command: SmtpCommand, security: Security, raw: &str) -> ProblemCode {
    let reply = SmtpReply::read(format!("{raw}\r\n").as_bytes()).unwrap_or_else(|| panic!("{raw}"));
    diagnose(Protocol::Smtp, Stage::Authenticate, security, &Failure::Smtp(reply.refusal(command))).0
}

#[test]
fn imap_words() {
    use ProblemCode as P;
    use Stage::{Authenticate, Greet, Inbox};
    for (stage, raw, code) in [
        (Authenticate, "A1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", P::AuthRejected),
        (Authenticate, "A1 NO LOGIN failed\r\n", P::AuthRejected),
        (Authenticate, "A1 NO [UNAVAILABLE] Temporary authentication failure.\r\n", P::AuthTemporaryFailure),
        (Authenticate, "A1 NO [SERVERBUG] Internal error\r\n", P::AuthTemporaryFailure),
        (Authenticate, "A1 NO [EXPIRED] Password expired.\r\n", P::AuthPasswordExpired),
        (Authenticate, "A1 NO [CONTACTADMIN] Account is locked.\r\n", P::AuthLocked),
        (
            Authenticate,
            "A1 NO [ALERT] Application-specific password required: https://x (Failure)\r\n",
            P::AuthAppPasswordRequired,
        ),
        (Authenticate, "A1 NO [WEBALERT https://x] Web login required.\r\n", P::AuthBrowserConfirmationRequired),
        (Authenticate, "A1 NO [LIMIT] Maximum number of connections exceeded\r\n", P::ServerTooManyConnections),
        (Authenticate, "* BYE [UNAVAILABLE] Internal error occurred.\r\n", P::ServerUnavailable),
        (Authenticate, "A1 BAD User is authenticated but not connected.\r\n", P::AuthConnectedNotAuthorised),
        (Greet, "* BYE Too many connections from your address\r\n", P::ServerTooManyConnections),
        (Greet, "* BYE Server shutting down\r\n", P::ServerUnavailable),
        (Inbox, "A2 NO [NONEXISTENT] No such mailbox\r\n", P::MailboxInboxMissing),
        (Inbox, "A2 NO [UNAVAILABLE] try later\r\n", P::ServerUnavailable),
    ] {
        assert_eq!(imap_code(stage, Security::Tls, raw), code, "{raw}");
    }
    let raw = "A1 NO [PRIVACYREQUIRED] Plaintext authentication disallowed\r\n";
    assert_eq!(imap_code(Authenticate, Security::None, raw), P::AuthEncryptionRequired);
    assert_eq!(imap_code(Authenticate, Security::Tls, raw), P::AuthRejected);
}

#[test]
fn smtp_words() {
    use ProblemCode as P;
    use SmtpCommand::{Auth, Greeting, Mail, Rcpt};
    for (command, raw, code) in [
        (Greeting, "554 5.7.1 no SMTP service here", P::ServerUnavailable),
        (Greeting, "421 4.7.0 mail Error: too many connections from 192.0.2.1", P::ServerTooManyConnections),
        (Greeting, "421 4.3.0 closing", P::ServerUnavailable),
        (Auth, "535 5.7.8 Error: authentication failed", P::AuthRejected),
        (Auth, "454 4.7.0 Temporary authentication failure", P::AuthTemporaryFailure),
        (Auth, "534 5.7.9 Application-specific password required. InvalidSecondFactor", P::AuthAppPasswordRequired),
        (Auth, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", P::AuthOauthRequired),
        (
            Auth,
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM]",
            P::AuthOauthRequired,
        ),
        (Auth, "550 5.7.30 Basic authentication is not supported for Client Submission.", P::AuthOauthRequired),
        (
            Auth,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            P::AuthSmtpDisabledByAdmin,
        ),
        (Auth, "538 5.7.11 Encryption required", P::AuthMechanismUnsupported),
        (Auth, "534 5.7.9 Please use another mechanism", P::AuthAppPasswordRequired),
        (Auth, "534 5.7.14 <https://x> Please log in via your web browser", P::AuthBrowserConfirmationRequired),
        (Auth, "454 4.7.0 Too many login attempts, please try again later.", P::AuthRateLimited),
        (Auth, "504 5.5.4 Unrecognized authentication type", P::AuthMechanismUnsupported),
        (Auth, "503 5.5.1 Error: authentication not enabled", P::AuthNotOffered),
        (Mail, "553 5.7.1 sender not allowed", P::SmtpSenderRefused),
        (Mail, "530 5.7.0 Authentication Required", P::SmtpRelayDenied),
        (Rcpt, "553 5.7.1 <a@b.test>: Sender address rejected: not owned by user c", P::SmtpSenderRefused),
        (Rcpt, "554 5.7.1 <a@b.test>: Relay access denied", P::SmtpRelayDenied),
        (Rcpt, "454 4.7.1 <a@b.test>: Relay access denied", P::SmtpRelayDenied),
        (Rcpt, "550 5.1.1 User unknown", P::SmtpSenderRefused),
        (Rcpt, "450 4.2.0 Greylisted", P::ServerUnavailable),
    ] {
        assert_eq!(smtp_code(command, Security::Tls, raw), code, "{raw}");
    }
    assert_eq!(smtp_code(Auth, Security::None, "538 5.7.11 Encryption required"), P::AuthEncryptionRequired);
    assert_eq!(
        smtp_code(Auth, Security::None, "530 5.7.0 Must issue a STARTTLS command first"),
        P::AuthEncryptionRequired
    );
}

#[test]
fn where_only_tokens_are_taken_passwords_are_impossible() {
    let code = |offered: &[&str]| {
        let failure = Failure::NoMechanism(offered.iter().map(|name| (*name).to_owned()).collect());
        diagnose(Protocol::Imap, Stage::Authenticate, Security::Tls, &failure).0
    };
    assert_eq!(code(&["XOAUTH2", "OAUTHBEARER"]), ProblemCode::AuthOauthRequired);
    assert_eq!(code(&["XOAUTH2", "GSSAPI"]), ProblemCode::AuthMechanismUnsupported);
    assert_eq!(code(&[]), ProblemCode::AuthMechanismUnsupported);
}

proptest! {
    #[test]
    fn overload_is_never_shown_as_a_wrong_password(code in 200u16..600, text in ".{0,40}") {
        let refusal = SmtpRefusal { command: SmtpCommand::Auth, code: 421, enhanced: None, text: text.clone() };
        prop_assert_ne!(smtp(Security::Tls, &refusal), ProblemCode::AuthRejected);
        let refusal = SmtpRefusal { command: SmtpCommand::Auth, code, enhanced: None, text: format!("{text} too many connections") };
        prop_assert_eq!(smtp(Security::Tls, &refusal), ProblemCode::ServerTooManyConnections);
    }

    #[test]
    fn every_refusal_has_words_to_show(bye: bool, bad: bool, text in "\\PC{1,40}") {
        let failure = Failure::Imap(ImapRefusal { bye, bad, code: None, text: text.clone() });
        for stage in [Stage::Greet, Stage::Authenticate, Stage::Inbox] {
            let said = diagnose(Protocol::Imap, stage, Security::Tls, &failure).1;
            prop_assert_eq!(said.as_deref(), Some(text.as_str()));
        }
    }
}
