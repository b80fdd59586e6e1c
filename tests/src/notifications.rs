//! A desktop's notifications, as dunst shows them.

use std::fs;
use std::process::Stdio;

use tempfile::TempDir;
use zbus::blocking::{Connection, Proxy};

use crate::panel::has_owner;
use crate::process::{RunAs, Server, command};
use crate::{Display, KeyringSession};

const SERVICE: &str = "org.freedesktop.Notifications";

/// A running notification service on a display. Ended on drop.
#[derive(Debug)]
pub struct Notifications {
    bus: Connection,
    server: Server,
    _folder: TempDir,
}

impl Notifications {
    /// The colour behind its words (red, green, blue).
    pub const GROUND: [u8; 3] = [0x22, 0x44, 0x66];

    /// Starts it.
    ///
    /// # Panics
    /// If dunst is not installed or does not start.
    pub fn start(session: &KeyringSession, display: &Display) -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-notifications-").tempdir().expect("a temporary folder");
        let mut command = command("dunst", RunAs::Caller, None);
        command.arg("-print").envs(session.environment()).envs(display.environment());
        // A notification stands until it is answered, however slow the machine is.
        let settings = folder.path().join("dunst");
        fs::create_dir(&settings).expect("the folder is ours");
        fs::write(settings.join("dunstrc"), "[urgency_normal]\ntimeout = 0\nbackground = \"#224466\"\n")
            .expect("the folder is ours");
        command.env("XDG_CONFIG_HOME", folder.path()).env("HOME", folder.path());
        let mut server = Server::spawn("dunst", command.stdin(Stdio::null()), RunAs::Caller, folder.path());
        let bus = session.connect();
        server.wait_for(|_| has_owner(&bus, SERVICE)).unwrap_or_else(|why| panic!("{why}"));
        Self { bus, server, _folder: folder }
    }

    /// The titles of all that a program told so far.
    pub fn titles(&self) -> Vec<String> {
        let said = self.server.said();
        let titles = said.lines().filter_map(|line| line.trim().strip_prefix("summary: '")?.strip_suffix('\''));
        titles.map(str::to_owned).collect()
    }

    /// Clicks on the newest one.
    pub fn click(&self) {
        let proxy = Proxy::new(&self.bus, SERVICE, "/org/freedesktop/Notifications", "org.dunstproject.cmd0");
        proxy.and_then(|dunst| dunst.call::<_, _, ()>("NotificationAction", &(0_u32,))).expect("dunst answers");
    }
}
