//! Telling what happens while it happens.

use courrier_model::{Protocol, Stage};

use crate::Step;

/// A moment of a running check.
#[derive(Debug, Clone)]
pub enum Progress {
    /// A stage began.
    Began(Protocol, Stage),
    /// A stage ended, passed or not.
    Ended(Protocol, Box<Step>),
    /// A side ended.
    Done(Protocol, bool),
}

/// Where progress goes: called from the check's own task, so it must return at once.
pub type ProgressSink = dyn Fn(Progress) + Send + Sync;
