//! `courrier check`, as tests ask for it.

use crate::{Cli, Outcome, Report};

/// The arguments of one check.
#[derive(Debug, Clone)]
pub struct Check {
    arguments: Vec<String>,
    input: String,
}

impl Check {
    /// Of `address` at these two endpoints (`HOST:PORT/SECURITY`), without a password.
    pub fn of(address: &str, imap: &str, smtp: &str) -> Self {
        let arguments = ["check", address, "--imap", imap, "--smtp", smtp].map(str::to_owned).into();
        Self { arguments, input: String::new() }
    }

    /// Of a stored account, with what is stored for it.
    pub fn stored(address: &str) -> Self {
        Self { arguments: ["check", address].map(str::to_owned).into(), input: String::new() }
    }

    /// Adds arguments.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&a| a.to_owned()));
        self
    }

    /// Gives a password for both sides on standard input.
    pub fn password(mut self, password: &str) -> Self {
        self.arguments.push("--password-stdin".into());
        self.input = format!("{password}\n");
        self
    }

    /// Gives a password for each side.
    pub fn passwords(mut self, imap: &str, smtp: &str) -> Self {
        self.arguments.push("--password-stdin".into());
        self.input = format!("{imap}\n{smtp}\n");
        self
    }

    /// Runs it and reads the document. No password may stand in anything that was printed.
    ///
    /// # Panics
    /// If what was printed is not exactly one JSON document.
    pub fn run(&self, cli: &Cli) -> Report {
        Report::new(self.outcome(cli))
    }

    /// The same for a run that is to end without a report.
    pub fn outcome(&self, cli: &Cli) -> Outcome {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        cli.json(&arguments, &self.input)
    }
}
