//! The time.

use courrier_model::Timestamp;

/// What tells the server's time, UTC. Nothing else in this crate asks the system.
pub type Clock = fn() -> Timestamp;

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place where the program's clock is read")]
pub fn system() -> Timestamp {
    Timestamp::now()
}
