//! The codes that name what went wrong. A code decides the words and the remedy; the words themselves
//! stand in `locales/`. Once released, a code is not renamed.

use serde::{Deserialize, Serialize};

/// A step of a check, in the order in which TLS from the first byte passes them.
///
/// With STARTTLS, `Greet` and `Capabilities` come before `Secure`; without encryption there is no `Secure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Host name to addresses.
    Resolve,
    /// TCP connection (RFC 8305).
    Connect,
    /// TLS handshake and certificate.
    Secure,
    /// The server's greeting.
    Greet,
    /// What the server offers: IMAP CAPABILITY, SMTP EHLO.
    Capabilities,
    /// Signing in.
    Authenticate,
    /// IMAP: INBOX can be opened.
    Inbox,
    /// SMTP: the account's own address is accepted as sender and recipient.
    Sender,
}

impl Stage {
    /// The stage's name in documents and word catalogues.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Secure => "secure",
            Self::Greet => "greet",
            Self::Capabilities => "capabilities",
            Self::Authenticate => "authenticate",
            Self::Inbox => "inbox",
            Self::Sender => "sender",
        }
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every code, in the order of the table in `docs/diagnosis.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text of the code.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// What failed, so that a person can be told what to do.
    ProblemCode {
        /// The name does not exist (NXDOMAIN).
        DnsNoSuchHost = "dns.no_such_host",
        /// The name exists but has neither A nor AAAA.
        DnsNoAddress = "dns.no_address",
        /// The resolver did not answer or failed (SERVFAIL).
        DnsUnreachable = "dns.unreachable",
        /// There is no route at all.
        NetOffline = "net.offline",
        /// The connection was refused.
        NetRefused = "net.refused",
        /// No answer: a filter on the way, or nothing there.
        NetTimedOut = "net.timed_out",
        /// The connection was reset after it was made.
        NetReset = "net.reset",
        /// A configured proxy refused or can't be reached.
        NetProxyFailed = "net.proxy_failed",
        /// TLS was asked for, the server answered in plain text.
        TlsPlaintextPort = "tls.plaintext_port",
        /// STARTTLS or plain was asked for, the server waits for TLS.
        TlsImplicitPort = "tls.implicit_port",
        /// STARTTLS is not offered.
        TlsStarttlsMissing = "tls.starttls_missing",
        /// STARTTLS is offered, then refused.
        TlsStarttlsRefused = "tls.starttls_refused",
        /// Only TLS 1.1 or older.
        TlsVersionTooOld = "tls.version_too_old",
        /// An alert, or nothing in common.
        TlsHandshakeFailed = "tls.handshake_failed",
        /// The peer closed during the handshake.
        TlsClosed = "tls.closed",
        /// Signed by itself, and not trusted by this system.
        TlsCertificateSelfSigned = "tls.certificate_self_signed",
        /// Unknown issuer, or an incomplete chain.
        TlsCertificateUntrusted = "tls.certificate_untrusted",
        /// Past its end date.
        TlsCertificateExpired = "tls.certificate_expired",
        /// Before its start date.
        TlsCertificateNotYetValid = "tls.certificate_not_yet_valid",
        /// Made for other names.
        TlsCertificateWrongHost = "tls.certificate_wrong_host",
        /// Malformed, or too weak to accept.
        TlsCertificateInvalid = "tls.certificate_invalid",
        /// Silence instead of a greeting.
        ProtocolNoGreeting = "protocol.no_greeting",
        /// Silence in a later stage.
        ProtocolTimedOut = "protocol.timed_out",
        /// Another protocol answers.
        ProtocolWrongService = "protocol.wrong_service",
        /// The connection was closed without a word.
        ProtocolClosed = "protocol.closed",
        /// `BYE`, `[UNAVAILABLE]`, 421.
        ServerUnavailable = "server.unavailable",
        /// `[LIMIT]`, or said in words.
        ServerTooManyConnections = "server.too_many_connections",
        /// Wrong user name or password.
        AuthRejected = "auth.rejected",
        /// The provider wants an app password.
        AuthAppPasswordRequired = "auth.app_password_required",
        /// Passwords are switched off; only OAuth is accepted.
        AuthOauthRequired = "auth.oauth_required",
        /// An administrator switched SMTP submission off.
        AuthSmtpDisabledByAdmin = "auth.smtp_disabled_by_admin",
        /// IMAP is switched off in the provider's settings.
        AuthProtocolDisabled = "auth.protocol_disabled",
        /// The provider wants a confirmation in the browser.
        AuthBrowserConfirmationRequired = "auth.browser_confirmation_required",
        /// The token was refused.
        AuthTokenRejected = "auth.token_rejected",
        /// The token is known to be expired.
        AuthTokenExpired = "auth.token_expired",
        /// The token lacks a scope.
        AuthScopeMissing = "auth.scope_missing",
        /// The token endpoint wants the person.
        AuthConsentRequired = "auth.consent_required",
        /// The token endpoint wants the organisation's administrator.
        AuthAdminConsentRequired = "auth.admin_consent_required",
        /// No token could be had: the token endpoint can't be asked now.
        AuthProviderUnreachable = "auth.provider_unreachable",
        /// No mechanism in common.
        AuthMechanismUnsupported = "auth.mechanism_unsupported",
        /// The server offers no authentication on this port.
        AuthNotOffered = "auth.not_offered",
        /// Signing in needs encryption first.
        AuthEncryptionRequired = "auth.encryption_required",
        /// The server can't decide now.
        AuthTemporaryFailure = "auth.temporary_failure",
        /// Too many attempts.
        AuthRateLimited = "auth.rate_limited",
        /// The account is locked.
        AuthLocked = "auth.locked",
        /// The password has expired.
        AuthPasswordExpired = "auth.password_expired",
        /// Signed in, but without a mailbox behind it.
        AuthConnectedNotAuthorised = "auth.connected_not_authorised",
        /// INBOX can't be opened.
        MailboxInboxMissing = "mailbox.inbox_missing",
        /// The sender address is refused.
        SmtpSenderRefused = "smtp.sender_refused",
        /// Relay access denied.
        SmtpRelayDenied = "smtp.relay_denied",
        /// No secret is stored for this account on this computer.
        SecretMissing = "secret.missing",
        /// The keyring is locked.
        KeyringLocked = "keyring.locked",
        /// There is no keyring.
        KeyringAbsent = "keyring.absent",
        /// None of the above; the server's words are shown.
        Other = "other",
    }
}

codes! {
    /// What works today but wants attention.
    WarningCode {
        /// The mailbox is full; reading still works.
        MailboxOverQuota = "mailbox.over_quota",
        /// The certificate ends within 14 days.
        TlsCertificateExpiresSoon = "tls.certificate_expires_soon",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_serialise_as_they_read() {
        let mut seen = std::collections::HashSet::new();
        for code in ProblemCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert_eq!(serde_json::to_string(code).expect("serialises"), format!("\"{code}\""));
        }
    }
}
