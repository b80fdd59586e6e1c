//! Why a use case could not be done: data that decides what a shell does next, worded at the border.

use courrier_auth::AuthError;
use courrier_model::Invalid;
use courrier_secrets::SecretError;
use courrier_store::{Storage, StoreError};
use courrier_sync::SyncError;

use crate::oauth::OAuthError;
use crate::server::ServerError;
use crate::view::ErrorView;
use crate::words::{Arg, Words};

/// The failure of a use case. Nothing was changed, whichever it is.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A value from outside was refused.
    #[error("{0}")]
    Input(#[from] Invalid),
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// Another account has this address.
    #[error("another account has this address")]
    AddressTaken,
    /// A server was not given and is not known in advance.
    #[error("a server is missing")]
    EndpointMissing,
    /// Nothing to sign in with is stored.
    #[error("no stored secret")]
    SecretMissing,
    /// The keyring.
    #[error(transparent)]
    Secrets(SecretError),
    /// The encrypted file that the person chose instead of the keyring: the same codes, other words.
    #[error("encrypted file: {0}")]
    SecretFile(SecretError),
    /// The local database.
    #[error(transparent)]
    Store(StoreError),
    /// There is no folder for data on this system.
    #[error("no data folder")]
    NoHome,
    /// The person cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Not a page that Courrier knows.
    #[error("unknown page")]
    UnknownPage,
    /// A stored report can't be read.
    #[error("no such check")]
    CheckNotFound,
    /// A setting is out of its range.
    #[error("not a setting")]
    Setting,
    /// The organisation's server, its issuer, or signing in.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// An account's tokens, or the consent that they come from.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// A defect: a task ended without an answer.
    #[error("a task failed")]
    Task,
}

impl AppError {
    /// What a store of secrets answered.
    pub(crate) fn of_secrets(storage: Storage, error: SecretError) -> Self {
        match storage {
            Storage::Keyring => Self::Secrets(error),
            Storage::File => Self::SecretFile(error),
        }
    }
}

impl From<AuthError> for AppError {
    fn from(error: AuthError) -> Self {
        Self::Server(error.into())
    }
}

impl From<SyncError> for AppError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Store(error) => error.into(),
            SyncError::SignedOut => Self::Server(ServerError::SignInNeeded),
            SyncError::Elsewhere => Self::Store(StoreError::Busy),
            SyncError::Transport(_) | SyncError::Protocol(_) => Self::Server(ServerError::Sync(error.to_string())),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::AccountNotFound,
            StoreError::AddressTaken { .. } => Self::AddressTaken,
            other => Self::Store(other),
        }
    }
}

impl AppError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(invalid) => invalid.code(),
            Self::AccountNotFound => "account.not_found",
            Self::AddressTaken => "account.address_taken",
            Self::EndpointMissing => "endpoint.missing",
            Self::SecretMissing => "secret.missing",
            Self::Secrets(error) | Self::SecretFile(error) => match error {
                SecretError::Locked => "keyring.locked",
                SecretError::NoCollection | SecretError::Absent => "keyring.absent",
                SecretError::WrongPassphrase => "keyring.wrong_passphrase",
                SecretError::Damaged => "keyring.damaged",
                SecretError::TooLong { .. } => "keyring.too_long",
                SecretError::NewerVersion => "keyring.newer_version",
                SecretError::ReadBackMismatch | SecretError::Io(_) | SecretError::Backend(_) => "keyring.failed",
            },
            Self::Store(error) => match error {
                StoreError::ReadOnly => "store.read_only",
                StoreError::Full => "store.full",
                StoreError::Busy | StoreError::Superseded => "store.busy",
                StoreError::Corrupt(_) => "store.corrupt",
                StoreError::NewerVersion { .. } => "store.newer_version",
                StoreError::NotFound | StoreError::AddressTaken { .. } | StoreError::Io(_) | StoreError::Sql(_) => {
                    "store.failed"
                }
            },
            Self::NoHome => "store.no_folder",
            Self::Cancelled => "cancelled",
            Self::UnknownPage => "page.unknown",
            Self::CheckNotFound => "check.not_found",
            Self::Setting => "input.setting",
            Self::Server(error) => error.code(),
            Self::OAuth(error) => error.code(),
            Self::Task => "internal",
        }
    }

    /// True if the same request may succeed later without a change to it.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Secrets(SecretError::Locked)
                | Self::SecretFile(SecretError::Locked)
                | Self::Store(StoreError::Busy | StoreError::Superseded | StoreError::Full)
                | Self::Cancelled
        ) || matches!(self, Self::Server(error) if error.is_retryable())
            || matches!(self, Self::OAuth(error) if error.is_retryable())
    }

    /// In a person's words.
    pub fn worded(&self, words: &Words) -> ErrorView {
        let kind = match self {
            Self::SecretFile(_) => "_file",
            Self::Secrets(SecretError::NoCollection) => "_none_yet",
            Self::OAuth(_) => "_oauth",
            _ => "",
        };
        let id = format!("error-{}{kind}", self.code().replace('.', "-"));
        // Only what differs has words of its own.
        let id = if words.has(&id, None) { id } else { format!("error-{}", self.code().replace('.', "-")) };
        let args = match self {
            Self::Store(StoreError::NewerVersion { found, known }) => {
                vec![("found", Arg::from(*found)), ("known", Arg::from(*known))]
            }
            Self::Secrets(SecretError::TooLong { limit }) | Self::SecretFile(SecretError::TooLong { limit }) => {
                vec![("limit", Arg::from(u32::try_from(*limit).unwrap_or(u32::MAX)))]
            }
            Self::OAuth(error) => error.args(),
            _ => Vec::new(),
        };
        ErrorView {
            code: self.code().to_owned(),
            message: words.text(&id, &args),
            remedy: words.attribute(&id, "remedy", &args),
            retryable: self.is_retryable(),
        }
    }
}
