//! Standard output for results, standard error for everything else.

use std::io::{BufWriter, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::args::Global;

/// Where results and notes go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
}

impl Output {
    /// As the arguments ask for.
    pub(crate) fn new(global: &Global) -> Self {
        Self { json: global.json, quiet: global.quiet, verbose: global.verbose }
    }

    /// For arguments that could not be read.
    pub(crate) fn plain(json: bool) -> Self {
        Self { json, quiet: false, verbose: false }
    }

    /// True if the result is one JSON document.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// True if a person watches standard error, or asked to.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && (self.verbose || (!self.json && std::io::stderr().is_terminal()))
    }

    /// True if every stage is to be told.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// The one JSON document.
    pub(crate) fn document(&self, document: &impl Serialize) {
        // Standard output alone would be written line by line: a list of thousands has a hundred thousand.
        let mut out = BufWriter::new(std::io::stdout().lock());
        // A reader that went away (a closed pipe) wants no more; there is nobody left to tell.
        let _ = serde_json::to_writer_pretty(&mut out, document).map_err(std::io::Error::from).and_then(|()| {
            out.write_all(b"\n")?;
            out.flush()
        });
    }

    /// A line of the result for a person.
    pub(crate) fn line(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        // As above.
        let _ = writeln!(out, "{text}");
    }

    /// A line beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            self.complain(text);
        }
    }

    /// A line that is said in any case.
    pub(crate) fn complain(&self, text: &str) {
        // As above.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}
