//! Writing.

use courrier_wire::{PushAnswer, Reset};

/// Records that one person can have, tombstones included. An account is about a kilobyte; nobody has this many,
/// and a program that runs wild is stopped.
pub const RECORD_LIMIT: u64 = 10_000;

/// The answer to a push.
#[derive(Debug, Clone, PartialEq)]
pub enum Pushed {
    /// Each write was decided; what was applied is durable.
    Answer(PushAnswer),
    /// The cursor can't be continued; nothing was written.
    Reset(Reset),
    /// The device was revoked while the request was on its way; nothing was written.
    DeviceRevoked,
}
