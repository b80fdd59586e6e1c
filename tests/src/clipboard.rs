//! The clipboard of a display, as another program sees it.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::cli::built;
use crate::process::{RunAs, Server, command, finish};
use crate::{Display, until};

/// Another program on the same display.
#[derive(Debug)]
pub struct Clipboard {
    program: PathBuf,
    display: String,
    folder: TempDir,
    // What was written lives as long as its writer.
    writer: Option<Server>,
}

impl Clipboard {
    /// The clipboard of this display.
    pub fn of(display: &Display) -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-clipboard-").tempdir().expect("a temporary folder");
        Self { program: built("clipboard", "courrier-tests"), display: display.name(), folder, writer: None }
    }

    /// The text on it; empty if there is none.
    pub fn read(&self) -> String {
        finish(std::process::Command::new(&self.program).arg("read").env("DISPLAY", &self.display))
    }

    /// Puts a text there.
    pub fn write(&mut self, text: &str) {
        let mut command = command("env", RunAs::Caller, None);
        command.arg(&self.program).args(["write", text]).env("DISPLAY", &self.display);
        self.writer = Some(Server::spawn("clipboard", &mut command, RunAs::Caller, self.folder.path()));
        until("the text on the clipboard", Duration::from_secs(10), || (self.read() == text).then_some(()));
    }
}
