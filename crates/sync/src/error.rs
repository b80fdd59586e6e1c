//! Why an exchange ended early.

use std::time::Duration;

use courrier_store::StoreError;
use courrier_wire::{ErrorCode, Reset};

/// What the network or the server answered instead of what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The server can't be reached, or the answer did not arrive. Try again later.
    #[error("the server can't be reached")]
    Offline,
    /// It asks to come back later (429, 503).
    #[error("the server is busy")]
    Busy {
        /// What it said in `Retry-After`.
        after: Option<Duration>,
    },
    /// Everything has to be pulled again.
    #[error("everything has to be pulled again: {:?}", .0.reason)]
    Reset(Reset),
    /// The session is over: the person has to sign in again.
    #[error("the session is over")]
    SignInNeeded,
    /// The server does not know this computer: it has to be registered.
    #[error("the server does not know this device")]
    DeviceUnknown,
    /// This computer was revoked.
    #[error("this device was revoked")]
    DeviceRevoked,
    /// The server refuses the request as such; it and this program don't understand each other.
    #[error("the server refuses: {0}")]
    Refused(ErrorCode),
}

/// Why an exchange ended before everything was exchanged. What was done until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network or the server.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Nobody is signed in, or somebody else is by now.
    #[error("nobody is signed in")]
    SignedOut,
    /// Another program of this data folder is exchanging accounts just now.
    #[error("another program is exchanging accounts")]
    Elsewhere,
    /// The server's answers make no sense; going on would never end.
    #[error("the server's answer makes no sense: {0}")]
    Protocol(&'static str),
}
