//! An X display that nobody sees, and what is on it.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::process::{RunAs, Server, command, find, finish};

/// A running Xvfb with one screen of 1280 x 800.
#[derive(Debug)]
pub struct Display {
    // Ended before the screen that it is on.
    window_manager: Option<Server>,
    _server: Server,
    number: u32,
    folder: TempDir,
}

impl Default for Display {
    fn default() -> Self {
        Self::start()
    }
}

impl Display {
    /// Starts it on a display number that is free; the server itself picks it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-display-").tempdir().expect("a temporary folder");
        let mut command = command("Xvfb", RunAs::Caller, None);
        // The number comes on standard output once connections are accepted.
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        let mut server = Server::spawn("Xvfb", command.stdin(Stdio::null()), RunAs::Caller, folder.path());
        let number = server
            .wait_for(|said| said.lines().find_map(|line| line.trim().parse().ok()))
            .unwrap_or_else(|why| panic!("{why}"));
        Self { window_manager: None, _server: server, number, folder }
    }

    /// With a window manager: windows get a title bar and the focus, and can be asked to close.
    ///
    /// # Panics
    /// If openbox is not installed or does not start.
    pub fn managed() -> Self {
        let mut display = Self::start();
        let mut command = command("openbox", RunAs::Caller, None);
        command.arg("--sm-disable").env("DISPLAY", display.name()).env("HOME", display.folder.path());
        let mut manager = Server::spawn("openbox", &mut command, RunAs::Caller, display.folder.path());
        // It names itself on the root window once it manages (EWMH).
        let ready = || display.xdotool(&["get_num_desktops"]).map(|_| ());
        manager.wait_for(|_| ready()).unwrap_or_else(|why| panic!("{why}"));
        display.window_manager = Some(manager);
        display
    }

    /// The variable that a program on this display has.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("DISPLAY", self.name())]
    }

    /// `:N`.
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// Writes what the screen shows to a PNG file.
    ///
    /// # Panics
    /// If ImageMagick is not installed or can't write there.
    pub fn screenshot(&self, file: &Path) {
        let mut import = Command::new(find("import"));
        finish(import.args(["-display", &self.name(), "-window", "root"]).arg(file));
    }

    /// Whether this colour (red, green, blue) is anywhere on the screen.
    ///
    /// # Panics
    /// If ImageMagick is not installed.
    pub fn shows(&self, color: [u8; 3]) -> bool {
        let mut import = Command::new(find("import"));
        import.args(["-display", &self.name(), "-window", "root", "-depth", "8", "rgb:-"]);
        let output = import.output().expect("import can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout.chunks_exact(3).any(|pixel| pixel == color)
    }

    /// Runs xdotool on it: what a person's hands and a window manager do. It fails where it finds no window.
    ///
    /// # Panics
    /// If xdotool is not installed.
    pub fn xdotool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new(find("xdotool")).args(arguments).env("DISPLAY", self.name()).output();
        let output = output.expect("xdotool can be run");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Clicks on the button that closes this window, in the corner of its title bar.
    ///
    /// # Panics
    /// If there is no such window, or no title bar.
    pub fn click_close(&self, title: &str) {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", title]).expect("a window to be closed");
        let id = found.lines().next().expect("a window to be closed");
        let facts = finish(Command::new(find("xwininfo")).args(["-id", id]).env("DISPLAY", self.name()));
        let fact = |name: &str| -> i32 {
            let line = facts.lines().find_map(|line| line.trim().strip_prefix(name));
            line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("{name} of {facts}"))
        };
        let x = fact("Absolute upper-left X:") + fact("Width:") - 10;
        let y = fact("Absolute upper-left Y:") - 11;
        let clicked = self.xdotool(&["mousemove", "--sync", &x.to_string(), &y.to_string(), "click", "1"]);
        assert!(clicked.is_some(), "the mouse works");
    }

    /// Minimises the windows with such a title, as its button does; they can't be seen after that.
    ///
    /// # Panics
    /// If there is no such window.
    pub fn minimise(&self, title: &str) {
        let minimised = self.xdotool(&["search", "--onlyvisible", "--name", title, "windowminimize", "%@"]);
        assert!(minimised.is_some(), "a window to be minimised");
        self.wait_for_windows(title, 0);
    }

    /// How many windows with such a title (a regular expression) are to be seen.
    pub fn windows(&self, title: &str) -> usize {
        self.xdotool(&["search", "--onlyvisible", "--name", title]).map_or(0, |ids| ids.lines().count())
    }

    /// Waits until there are so many.
    ///
    /// # Panics
    /// After 20 seconds.
    pub fn wait_for_windows(&self, title: &str, number: usize) {
        let what = format!("{number} windows called {title}");
        crate::until(&what, std::time::Duration::from_secs(20), || (self.windows(title) == number).then_some(()));
    }
}
