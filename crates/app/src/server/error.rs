//! Why the organisation's server, or its issuer, is of no help now.

use std::time::Duration;

use courrier_auth::{AuthError, KeepError};
use courrier_wire::{ErrorCode, Reset};

/// A failure on the way to the server, at it, or while signing in. It can be cloned because a status is shown by many.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServerError {
    /// Signing in, or the tokens that keep a person signed in.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// What was typed is not the address of a server.
    #[error("not a server's address")]
    Address,
    /// An address without TLS outside this computer.
    #[error("the connection would not be encrypted")]
    Insecure,
    /// Network or server do not answer.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// At the address that a person has typed nobody answers.
    #[error("nobody answers at this address: {0}")]
    NoAnswer(String),
    /// The server asks to come back later.
    #[error("the server is busy")]
    Busy {
        /// How long it wants to be left alone, if it said so.
        after: Option<Duration>,
    },
    /// Something answers that is no Courrier server.
    #[error("what answers is no Courrier server")]
    NotCourrier,
    /// The server speaks newer versions of the protocol only.
    #[error("the server is newer than this program")]
    TooNew,
    /// The server refuses, and asking again does not help.
    #[error("the server refused: {0}")]
    Refused(ErrorCode),
    /// The server follows another history than this computer.
    #[error("the server's history is another one")]
    Reset(Reset),
    /// The server does not know this computer.
    #[error("the server does not know this device")]
    DeviceUnknown,
    /// This computer was revoked.
    #[error("this device was revoked")]
    DeviceRevoked,
    /// There is no such device.
    #[error("no such device")]
    DeviceNotFound,
    /// A name that no device can have.
    #[error("not a device's name")]
    DeviceName,
    /// Nobody is signed in, or the session is over.
    #[error("nobody is signed in")]
    SignInNeeded,
    /// Somebody else is signed in on this computer.
    #[error("somebody else is signed in")]
    OtherPerson,
    /// The server names another issuer than the one the person signed in at.
    #[error("the server names another issuer than before")]
    IssuerChanged,
    /// No browser could be opened.
    #[error("no browser can be opened")]
    NoBrowser,
    /// What was pasted is not the address that the browser was sent to.
    #[error("not the address that the browser was sent to")]
    NotTheAddress,
    /// A defect in the exchange of accounts.
    #[error("accounts can't be exchanged: {0}")]
    Sync(String),
}

impl ServerError {
    /// The stable code of a sign-in, or of what keeps somebody signed in.
    pub(crate) fn auth_code(error: &AuthError) -> &'static str {
        code_of(error)
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auth(error) => Self::auth_code(error),
            Self::Address => "input.server",
            Self::Insecure => "server.insecure",
            Self::Unreachable(_) | Self::Busy { .. } => "server.unreachable",
            Self::NoAnswer(_) => "server.no_answer",
            Self::NotCourrier => "server.not_courrier",
            Self::TooNew => "server.too_new",
            Self::Refused(_) | Self::DeviceUnknown => "server.refused",
            Self::DeviceRevoked => "device.revoked",
            Self::DeviceName => "input.device_name",
            Self::DeviceNotFound => "device.not_found",
            Self::SignInNeeded => "signin.needed",
            Self::OtherPerson => "signin.other_person",
            Self::IssuerChanged => "signin.issuer_changed",
            Self::NoBrowser => "signin.browser",
            Self::NotTheAddress => "signin.not_the_address",
            Self::Reset(_) | Self::Sync(_) => "sync.failed",
        }
    }

    /// True if the same request may succeed later without a change to it.
    pub fn is_retryable(&self) -> bool {
        self.is_offline()
            || matches!(
                self,
                Self::Sync(_)
                    | Self::NoBrowser
                    | Self::Auth(
                        AuthError::Cancelled
                            | AuthError::TimedOut
                            | AuthError::CodeExpired
                            | AuthError::NoListener(_)
                            | AuthError::Keep(KeepError::Locked | KeepError::Busy)
                    )
            )
    }

    /// True if server or issuer can't be reached now, which is nobody's fault and passes.
    pub(crate) fn is_offline(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::NoAnswer(_)
                | Self::Busy { .. }
                | Self::Auth(AuthError::Unreachable(_) | AuthError::Busy { .. })
        )
    }

    /// True if only signing in again helps.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(
            self,
            Self::SignInNeeded
                | Self::DeviceRevoked
                | Self::DeviceUnknown
                | Self::Auth(AuthError::SignedOut | AuthError::OtherPerson)
        )
    }
}

fn code_of(error: &AuthError) -> &'static str {
    match error {
        AuthError::Cancelled => "signin.cancelled",
        AuthError::TimedOut | AuthError::CodeExpired => "signin.timed_out",
        AuthError::Denied => "signin.denied",
        AuthError::NoListener(_) => "signin.browser",
        AuthError::Unreachable(_) | AuthError::Busy { .. } => "issuer.unreachable",
        AuthError::Misconfigured(_) | AuthError::Insecure | AuthError::NotOffered(_) => "issuer.misconfigured",
        AuthError::Forged(_) => "signin.forged",
        AuthError::ClockSkew { .. } => "signin.clock",
        AuthError::NoRefreshToken => "signin.no_refresh_token",
        // The last two are of mail accounts, which have words of their own.
        AuthError::Refused { .. } | AuthError::Provider(_) | AuthError::ForeignHost => "signin.refused",
        AuthError::SignedOut | AuthError::OtherPerson => "signin.needed",
        AuthError::Keep(KeepError::Locked) => "keyring.locked",
        AuthError::Keep(KeepError::Absent) => "keyring.absent",
        AuthError::Keep(KeepError::Busy) => "store.busy",
        AuthError::Keep(KeepError::Failed(_) | KeepError::Over) => "keyring.failed",
        AuthError::DeviceKey => "keyring.damaged",
    }
}
