//! The refusal of an access token.

use courrier_model::{ProblemCode, Security, Stage};

use super::{imap, smtp};
use crate::failure::{Held, Refusal, TokenRefusal};

/// The code, and the server's own words where it said any besides its reason.
pub(super) fn refused(stage: Stage, security: Security, refusal: &TokenRefusal) -> (ProblemCode, Option<String>) {
    let (code, said) = match &refusal.reply {
        Some(Refusal::Imap(reply)) => (imap(stage, security, reply), Some(reply.text.clone())),
        Some(Refusal::Smtp(reply)) => (smtp(security, reply), Some(reply.text.clone())),
        None => (ProblemCode::AuthRejected, None),
    };
    let status = refusal.hint.as_ref().map(|hint| hint.status.as_deref().unwrap_or_default());
    let code = if blames_the_token(code, status.is_some()) { by_status(status, refusal.held) } else { code };
    (code, said)
}

/// True if the reply says no more than that this token is not taken. A server that is busy, or an administrator who
/// switched something off, is the cause whatever the token is.
fn blames_the_token(code: ProblemCode, has_reason: bool) -> bool {
    use ProblemCode as P;
    match code {
        // Words for passwords, whose meaning here is the same.
        P::AuthRejected | P::AuthAppPasswordRequired | P::AuthOauthRequired | P::AuthPasswordExpired => true,
        // A reason proves that the mechanism is known and the message was read.
        P::Other | P::AuthNotOffered | P::AuthMechanismUnsupported => has_reason,
        _ => false,
    }
}

/// By the status of the reason, an HTTP status or an error code of RFC 6750, section 3.1.
fn by_status(status: Option<&str>, held: Held) -> ProblemCode {
    use ProblemCode as P;
    match (status.unwrap_or_default(), held) {
        ("429", _) => P::AuthRateLimited,
        (status, _) if status.len() == 3 && status.starts_with('5') => P::AuthTemporaryFailure,
        (_, Held::Nothing) => P::AuthOauthRequired,
        ("403" | "insufficient_scope", _) => P::AuthScopeMissing,
        (_, Held::ExpiredToken) => P::AuthTokenExpired,
        (_, Held::Token) => P::AuthTokenRejected,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::failure::{ImapRefusal, SmtpCommand, SmtpRefusal};
    use crate::imap_reply::{ImapReply, refusal};
    use crate::smtp_reply::SmtpReply;
    use crate::{Failure, OauthHint, diagnose};
    use courrier_model::Protocol;

    fn hint(status: &str) -> OauthHint {
        OauthHint { status: Some(status.into()), ..OauthHint::default() }
    }

    fn code(raw: &str, reason: Option<&str>, held: Held) -> ProblemCode {
        let (protocol, reply) = match ImapReply::read(format!("{raw}\r\n").as_bytes()) {
            Some(ImapReply::Status { status, code, text, .. }) => {
                (Protocol::Imap, Refusal::Imap(refusal(status, code, text)))
            }
            _ => {
                let reply = SmtpReply::read(format!("{raw}\r\n").as_bytes()).unwrap_or_else(|| panic!("{raw}"));
                (Protocol::Smtp, Refusal::Smtp(reply.refusal(SmtpCommand::Auth)))
            }
        };
        let refusal = TokenRefusal { reply: Some(reply), hint: reason.map(hint), held };
        let failure = Failure::TokenRefused(Box::new(refusal));
        let (code, said) = diagnose(protocol, Stage::Authenticate, Security::Tls, &failure);
        assert!(said.is_some(), "{raw}");
        code
    }

    #[test]
    fn what_providers_say_of_a_token() {
        use ProblemCode as P;
        for (raw, reason, expected) in [
            // Google: IMAP and SMTP, a token that is no good.
            ("A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", Some("400"), P::AuthTokenRejected),
            ("A1 NO SASL authentication failed", Some("401"), P::AuthTokenRejected),
            ("535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 x", Some("401"), P::AuthTokenRejected),
            ("534 5.7.9 Application-specific password required. x", Some("400"), P::AuthTokenRejected),
            ("534 5.7.14 <https://x> Please log in via your web browser", None, P::AuthBrowserConfirmationRequired),
            ("454 4.7.0 Too many login attempts, please try again later.", None, P::AuthRateLimited),
            // Microsoft: no reason is given.
            ("A1 NO AUTHENTICATE failed.", None, P::AuthTokenRejected),
            ("A1 BAD User is authenticated but not connected.", None, P::AuthConnectedNotAuthorised),
            ("535 5.7.3 Authentication unsuccessful [X.prod.outlook.com]", None, P::AuthTokenRejected),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit x",
                None,
                P::AuthSmtpDisabledByAdmin,
            ),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit x",
                None,
                P::AuthSmtpDisabledByAdmin,
            ),
            ("454 4.7.0 Temporary authentication failure", None, P::AuthTemporaryFailure),
            // Dovecot, Postfix with it, RFC 7628.
            ("A1 NO [AUTHENTICATIONFAILED] Authentication failed.", Some("401"), P::AuthTokenRejected),
            ("A1 NO [UNAVAILABLE] Temporary authentication failure. [x]", None, P::AuthTemporaryFailure),
            ("535 5.7.8 Error: authentication failed: x", Some("401"), P::AuthTokenRejected),
            ("A1 NO SASL authentication failed", Some("invalid_token"), P::AuthTokenRejected),
            ("A1 NO SASL authentication failed", Some("invalid_request"), P::AuthTokenRejected),
            ("A1 NO SASL authentication failed", Some("insufficient_scope"), P::AuthScopeMissing),
            ("A1 NO SASL authentication failed", Some("403"), P::AuthScopeMissing),
            ("A1 NO SASL authentication failed", Some("429"), P::AuthRateLimited),
            ("A1 NO SASL authentication failed", Some("503"), P::AuthTemporaryFailure),
            ("A1 BAD SASL authentication failed", Some("401"), P::AuthTokenRejected),
            ("A1 BAD Error in IMAP command", None, P::Other),
            ("A1 NO [AUTHORIZATIONFAILED] not this mailbox", Some("401"), P::AuthConnectedNotAuthorised),
            ("A1 NO [LIMIT] Too many connections", Some("401"), P::ServerTooManyConnections),
            ("* BYE Temporary problem", Some("401"), P::ServerUnavailable),
            ("501 5.5.2 cannot decode", Some("400"), P::AuthTokenRejected),
            ("504 5.5.4 Unrecognized authentication type", None, P::AuthMechanismUnsupported),
        ] {
            assert_eq!(code(raw, reason, Held::Token), expected, "{raw} {reason:?}");
        }
    }

    #[test]
    fn a_token_that_was_known_to_be_over_is_called_so() {
        use ProblemCode as P;
        let no = "A1 NO [AUTHENTICATIONFAILED] Authentication failed.";
        for (reason, held, expected) in [
            (Some("401"), Held::ExpiredToken, P::AuthTokenExpired),
            (None, Held::ExpiredToken, P::AuthTokenExpired),
            (Some("403"), Held::ExpiredToken, P::AuthScopeMissing),
            (Some("503"), Held::ExpiredToken, P::AuthTemporaryFailure),
            (Some("401"), Held::Nothing, P::AuthOauthRequired),
            (Some("403"), Held::Nothing, P::AuthOauthRequired),
        ] {
            assert_eq!(code(no, reason, held), expected, "{reason:?} {held:?}");
        }
    }

    #[test]
    fn a_reason_without_a_reply_is_a_refusal() {
        let refusal = TokenRefusal { reply: None, hint: Some(hint("401")), held: Held::Token };
        let failure = Failure::TokenRefused(Box::new(refusal));
        let verdict = diagnose(Protocol::Imap, Stage::Authenticate, Security::Tls, &failure);
        assert_eq!(verdict, (ProblemCode::AuthTokenRejected, None));
    }

    proptest! {
        #[test]
        fn nobody_is_told_of_a_password(
            code in 400u16..600, enhanced in proptest::option::of((4u16..=5, 0u16..10, 0u16..150)),
            words in "\\PC{0,30}", status in proptest::option::of("[0-9a-z_]{0,20}"), expired: bool,
        ) {
            use ProblemCode as P;
            let hint = status.map(|status| OauthHint { status: Some(status), ..OauthHint::default() });
            let held = if expired { Held::ExpiredToken } else { Held::Token };
            let imap = ImapRefusal { bye: false, bad: false, code: None, text: words.clone() };
            let smtp = SmtpRefusal { command: SmtpCommand::Auth, code, enhanced, text: words };
            for reply in [Refusal::Imap(imap), Refusal::Smtp(smtp)] {
                let refusal = TokenRefusal { reply: Some(reply), hint: hint.clone(), held };
                let code = refused(Stage::Authenticate, Security::Tls, &refusal).0;
                let of_passwords = [P::AuthRejected, P::AuthAppPasswordRequired, P::AuthPasswordExpired, P::AuthOauthRequired];
                prop_assert!(!of_passwords.contains(&code), "{}", code);
            }
        }
    }
}
