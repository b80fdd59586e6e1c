//! What is wrong with a configuration, and what to do about it.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting as it is written on the command line, without the dashes.
    pub setting: &'static str,
    /// What is wrong with it. Never holds the value of a secret.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault of `setting`.
    pub fn new(setting: &'static str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { setting, problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  {}", self.setting, self.problem, self.remedy)
    }
}

/// Everything that is wrong, so that an operator mends it in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
