//! A bus and a gnome-keyring-daemon of a test's own, in a folder of its own.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedObjectPath;

/// Generous, because it only decides how long a failing test takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const KEYRING_PASSWORD: &str = "the login password";

const SERVICE: &str = "org.freedesktop.secrets";

/// Ends a process when dropped.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.0.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "the process is still there");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A login session: folders, a bus, and a keyring daemon when one was started.
pub(crate) struct Session {
    // Dropped in this order: the daemon before its bus, both before their folder.
    pub(crate) daemon: Option<Process>,
    pub(crate) bus: Option<Process>,
    folder: tempfile::TempDir,
}

impl Session {
    /// Folders only: no bus, no daemon.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).expect("its mode");
        std::fs::create_dir_all(folder.path().join("data/keyrings")).expect("the keyrings' folder");
        Self { daemon: None, bus: None, folder }
    }

    /// A bus that starts no service by itself.
    pub(crate) fn with_bus() -> Self {
        let mut session = Self::bare();
        session.start_bus();
        session
    }

    /// A bus and an open keyring.
    pub(crate) fn with_keyring() -> Self {
        let mut session = Self::with_bus();
        session.start_daemon(true);
        session
    }

    /// The file of the bus's socket, whether there is a bus or not.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("bus")
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    /// The environment of a program in this session, without a display.
    pub(crate) fn enter<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = |name: &str| self.folder.path().join(name);
        command
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("XDG_DATA_HOME", path("data"))
            .env("XDG_CONFIG_HOME", path("config"))
            .env("XDG_CACHE_HOME", path("cache"))
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL")
    }

    pub(crate) fn start_bus(&mut self) {
        let config = self.folder.path().join("bus.conf");
        std::fs::write(
            &config,
            format!(
                r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                    "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig>
                  <type>session</type>
                  <listen>{}</listen>
                  <policy context="default">
                    <allow send_destination="*" eavesdrop="true"/>
                    <allow eavesdrop="true"/>
                    <allow own="*"/>
                  </policy>
                </busconfig>"#,
                self.address()
            ),
        )
        .expect("the bus's configuration");
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let mut child = self
            .enter(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It complains about limits that it can't raise in a container.
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("dbus-daemon can't be started ({error}): install the package `dbus`"));
        // It prints its address when it listens.
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut address).expect("the bus's address");
        assert!(address.starts_with("unix:"), "the bus did not start");
        self.bus = Some(Process(child));
    }

    /// Starts the keyring daemon and waits until it owns its name. Opening it makes a login keyring where
    /// there is none; otherwise there is none, or a locked one.
    pub(crate) fn start_daemon(&mut self, open: bool) {
        self.daemon = None;
        self.wait_for_owner(SERVICE, false);
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if open {
            command.arg("--unlock");
        }
        let mut child = self
            .enter(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("gnome-keyring-daemon can't be started ({error}): install the package `gnome-keyring`")
            });
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(KEYRING_PASSWORD.as_bytes()).expect("the daemon reads its password");
        drop(stdin);
        self.daemon = Some(Process(child));
        self.wait_for_owner(SERVICE, true);
        if open {
            wait_until("the keyring is open", || self.collection().is_some_and(|path| !self.is_locked(&path)));
        }
    }

    /// A connection to the session's bus, as another program has it.
    pub(crate) fn connect(&self) -> Connection {
        Builder::address(self.address().as_str()).expect("an address").build().expect("a connection")
    }

    /// Waits until somebody owns this name on the bus, or nobody does.
    pub(crate) fn wait_for_owner(&self, name: &str, owned: bool) {
        let bus = zbus::blocking::fdo::DBusProxy::new(&self.connect()).expect("the bus");
        let name: zbus::names::BusName<'_> = name.try_into().expect("a name");
        wait_until("a service comes or goes", || bus.name_has_owner(name.clone()).expect("the bus answers") == owned);
    }

    fn collection(&self) -> Option<OwnedObjectPath> {
        let path: OwnedObjectPath = self
            .connect()
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "ReadAlias",
                &("default",),
            )
            .expect("the service answers")
            .body()
            .deserialize()
            .expect("a path");
        (path.as_str() != "/").then_some(path)
    }

    fn is_locked(&self, collection: &OwnedObjectPath) -> bool {
        self.property::<bool>(collection, "org.freedesktop.Secret.Collection", "Locked")
    }

    /// Locks the default collection, as a screen saver or a timer does.
    pub(crate) fn lock(&self) {
        let collection = self.collection().expect("there is one");
        self.connect()
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "Lock",
                &(vec![&collection],),
            )
            .expect("the service locks");
        assert!(self.is_locked(&collection));
    }

    /// Makes the collection of this login session, which is never locked, the default one.
    pub(crate) fn make_session_collection_default(&self) {
        let collection: OwnedObjectPath = "/org/freedesktop/secrets/collection/session".try_into().expect("a path");
        self.connect()
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "SetAlias",
                &("default", &collection),
            )
            .expect("the service takes the alias");
        assert_eq!(self.collection(), Some(collection));
    }

    /// The items with this attribute.
    pub(crate) fn search(&self, attribute: &str, value: &str) -> Vec<OwnedObjectPath> {
        let (items, _): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = self
            .connect()
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "SearchItems",
                &(std::collections::HashMap::from([(attribute, value)]),),
            )
            .expect("the service searches")
            .body()
            .deserialize()
            .expect("items");
        items
    }

    /// A property of an object of the service.
    pub(crate) fn property<T>(&self, path: &OwnedObjectPath, interface: &str, name: &str) -> T
    where
        T: TryFrom<zbus::zvariant::OwnedValue, Error = zbus::zvariant::Error>,
    {
        let value: zbus::zvariant::OwnedValue = self
            .connect()
            .call_method(Some(SERVICE), path, Some("org.freedesktop.DBus.Properties"), "Get", &(interface, name))
            .expect("the service answers")
            .body()
            .deserialize()
            .expect("a value");
        T::try_from(value).expect("of this type")
    }

    /// Everything that the keyring has on disk.
    pub(crate) fn keyring_files(&self) -> Vec<u8> {
        let folder: &Path = &self.folder.path().join("data/keyrings");
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the folder") {
            bytes.extend(std::fs::read(entry.expect("an entry").path()).expect("a file"));
        }
        bytes
    }
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
