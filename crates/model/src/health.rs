//! The state of an account at a glance.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ProblemCode;

/// What the last check, or its absence, says about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Receiving and sending both passed.
    Ok,
    /// One of them failed.
    Problem,
    /// Never checked with the present settings.
    Unchecked,
    /// The provider wants the person to sign in again.
    SignInNeeded,
    /// The person paused it: no checks.
    Paused,
}

/// An account's health with the time of the check that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// When the check ended, UTC.
    pub checked_at: Option<Timestamp>,
    /// The first problem, receiving before sending.
    pub problem_code: Option<ProblemCode>,
}

impl Health {
    /// An account that was never checked with its present settings.
    pub const UNCHECKED: Self = Self { state: HealthState::Unchecked, checked_at: None, problem_code: None };
}
