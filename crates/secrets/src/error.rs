//! Why a secret could not be stored or fetched.

use crate::StoreState;

/// The failure of a store of secrets. No text in it comes from a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The store is locked, or the person dismissed the prompt that would have opened it.
    #[error("the secret store is locked")]
    Locked,
    /// The service is there and has no collection for secrets: [`unlock`](crate::SecretStore::unlock) lets the
    /// person make one.
    #[error("the secret store has no collection yet")]
    NoCollection,
    /// There is no such store on this system, or it can't be reached.
    #[error("there is no secret store")]
    Absent,
    /// The store accepted a secret and then gave back something else.
    #[error("the secret store gave back something else than was written")]
    ReadBackMismatch,
    /// The secret is longer than the store can hold.
    #[error("the secret is too long for the store, which takes {limit} bytes")]
    TooLong {
        /// The most that the store takes, in bytes.
        limit: usize,
    },
    /// An entry, or the whole file, is there but can't be read as what was written.
    #[error("the stored secret is damaged")]
    Damaged,
    /// The file was written by a newer version of Courrier.
    #[error("the secrets file was written by a newer version")]
    NewerVersion,
    /// The passphrase does not open the file; the file itself is sound.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The file can't be read or written.
    #[error("the secrets file can't be used")]
    Io(#[from] std::io::Error),
    /// The store failed in its own way; the text is its own, for the log.
    #[error("the secret store failed: {0}")]
    Backend(String),
}

impl SecretError {
    /// The error that a store in this state answers with; `None` when it is ready.
    pub(crate) fn of_state(state: StoreState) -> Option<Self> {
        match state {
            StoreState::Ready => None,
            StoreState::Locked => Some(Self::Locked),
            StoreState::NoCollection => Some(Self::NoCollection),
            StoreState::Absent => Some(Self::Absent),
        }
    }
}

impl From<keyring_core::Error> for SecretError {
    /// Platforms that know better look at the error before they let it come here.
    fn from(error: keyring_core::Error) -> Self {
        use keyring_core::Error;
        match error {
            Error::NoStorageAccess(_) => Self::Locked,
            Error::TooLong(_, limit) => Self::TooLong { limit: usize::try_from(limit).unwrap_or(usize::MAX) },
            // Both carry what was stored: it must neither be shown nor stay in memory.
            Error::BadEncoding(bytes) | Error::BadDataFormat(bytes, _) => {
                drop(zeroize::Zeroizing::new(bytes));
                Self::Damaged
            }
            other => Self::Backend(other.to_string()),
        }
    }
}
