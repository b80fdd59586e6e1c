//! A display with the desktop's password window, and hands that type.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::session::{Process, Session};

/// An X server without a screen, and GNOME's prompter on it.
pub(crate) struct Desktop {
    display: String,
    _prompter: Process,
    _server: Process,
}

impl Desktop {
    pub(crate) fn start(session: &Session) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("Xvfb can't be started ({error}): install the package `xvfb`"));
        // It prints the number of its display when it is ready.
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("piped")).read_line(&mut number).expect("the display's number");
        let display = format!(":{}", number.trim());

        let mut command = Command::new(prompter());
        session.enter(&mut command).env("DISPLAY", &display);
        let prompter = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("the prompter starts");
        session.wait_for_owner("org.gnome.keyring.SystemPrompter", true);
        Self { display, _prompter: Process(prompter), _server: Process(server) }
    }

    /// Waits for a window; nothing but the prompter's is on this display.
    pub(crate) fn wait_for_window(&self) {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(30) {
            let found = self.command(&["search", "--onlyvisible", "--class", "gcr"]).output().expect("xdotool starts");
            if !found.stdout.is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no window");
    }

    /// Presses keys, by their X names.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.xdotool(&[&["key"], keys].concat());
    }

    /// Types into whatever has the keyboard.
    pub(crate) fn type_text(&self, text: &str) {
        self.xdotool(&["type", text]);
    }

    fn xdotool(&self, arguments: &[&str]) {
        let done = self.command(arguments).status();
        let done = done.unwrap_or_else(|error| panic!("xdotool can't be started ({error}): install `xdotool`"));
        assert!(done.success());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("xdotool");
        command.args(arguments).env("DISPLAY", &self.display).stderr(Stdio::null());
        command
    }
}

/// The program that shows the password window, from where the bus would find it.
fn prompter() -> String {
    let service = "/usr/share/dbus-1/services/org.gnome.keyring.SystemPrompter.service";
    let text = std::fs::read_to_string(service)
        .unwrap_or_else(|error| panic!("no prompter ({error}): install the package `gcr`"));
    text.lines().find_map(|line| line.strip_prefix("Exec=")).expect("a program").trim().to_owned()
}
