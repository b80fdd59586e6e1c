//! gnome-keyring on a D-Bus session of its own, in each state that a program can find it in.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{RunAs, Server, command, finish};
use crate::{Display, until};

const PASSWORD: &str = "the login password";
const SERVICE: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
/// Who shows the keyring's password window, on the bus, and where the bus would find it.
const PROMPTER: &str = "org.gnome.keyring.SystemPrompter";
const PROMPTER_FILE: &str = "/usr/share/dbus-1/services/org.gnome.keyring.SystemPrompter.service";

/// A private session bus, with a keyring on it or not. Everything ends and is removed on drop.
#[derive(Debug)]
pub struct KeyringSession {
    // Ended in this order: who asks and the keyring before their bus, all before their folder.
    prompter: Option<Server>,
    keyring: Option<Server>,
    _bus: Server,
    folder: TempDir,
}

impl KeyringSession {
    /// A keyring with an open "login" collection, as after signing in to a desktop.
    pub fn unlocked() -> Self {
        let mut session = Self::absent();
        session.start_keyring(true);
        let address = session.address();
        until("the login collection", Duration::from_secs(20), || {
            call(&address, "ReadAlias", &["string:default"]).filter(|reply| reply.contains(LOGIN))
        });
        session
    }

    /// A keyring whose collection is locked, as after an automatic sign-in. Nothing can ask for the password.
    pub fn locked() -> Self {
        let session = Self::unlocked();
        session.lock();
        session
    }

    /// A secret service without any collection, as where nobody ever made one.
    pub fn no_collection() -> Self {
        let mut session = Self::absent();
        session.start_keyring(false);
        session
    }

    /// A session bus without a secret service.
    pub fn absent() -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-bus-").tempdir().expect("a temporary folder");
        for name in ["run", "data", "data/keyrings", "config", "cache"] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("the fixture's folder can be written");
            fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("the folder is ours");
        }
        let conf = folder.path().join("bus.conf");
        fs::write(&conf, bus_conf(&folder.path().join("run/bus"))).expect("the fixture's folder can be written");
        let mut command = command("dbus-daemon", RunAs::Caller, None);
        command.arg("--nofork").arg("--nopidfile").arg("--print-address").arg("--config-file").arg(&conf);
        let mut bus = Server::spawn("dbus-daemon", &mut command, RunAs::Caller, folder.path());
        bus.wait_for(|said| said.contains("unix:path=").then_some(())).unwrap_or_else(|why| panic!("{why}"));
        Self { prompter: None, keyring: None, _bus: bus, folder }
    }

    /// The variables that a program on this session has, and no others of the session kind.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.path().join(name).to_str().expect("plain names").to_owned();
        vec![
            ("DBUS_SESSION_BUS_ADDRESS", self.address()),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
        ]
    }

    /// The files of the keyring: encrypted, but what stands in them must not stand there in the clear.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("data/keyrings")
    }

    /// Starts the desktop's password window on this display: from now on the keyring can ask a person. Without it the
    /// keyring dismisses its own questions.
    ///
    /// # Panics
    /// If gcr, which comes with gnome-keyring, is not installed.
    pub fn start_prompter(&mut self, display: &Display) {
        let file = fs::read_to_string(PROMPTER_FILE).unwrap_or_else(|e| panic!("{PROMPTER_FILE}: {e}"));
        let program = file.lines().find_map(|line| line.strip_prefix("Exec=")).expect("a service names its program");
        let mut command = self.program(program.trim());
        command.envs(display.environment()).stdin(Stdio::null());
        let mut prompter = Server::spawn("prompter", &mut command, RunAs::Caller, self.folder.path());
        let address = self.address();
        prompter.wait_for(|_| has_owner(&address, PROMPTER)).unwrap_or_else(|why| panic!("{why}"));
        self.prompter = Some(prompter);
    }

    /// Locks the login collection.
    pub fn lock(&self) {
        let argument = format!("array:objpath:{LOGIN}");
        let locked = call(&self.address(), "Lock", &[&argument]).expect("the keyring answers");
        assert!(locked.contains(LOGIN), "not locked: {locked}");
    }

    /// Unlocks the login collection, over the socket by which PAM does it when a person signs in.
    ///
    /// # Panics
    /// If the keyring refuses its password.
    pub fn unlock(&self) {
        const UNLOCK: u32 = 1;
        let length = |bytes: usize| u32::try_from(bytes).expect("a short password").to_be_bytes();
        // A zero byte for the credentials; then the packet's length, the operation and its one argument.
        let packet = [
            &[0],
            &length(4 + 4 + 4 + PASSWORD.len())[..],
            &UNLOCK.to_be_bytes(),
            &length(PASSWORD.len()),
            PASSWORD.as_bytes(),
        ]
        .concat();
        let mut socket = UnixStream::connect(self.folder.path().join("run/keyring/control")).expect("a keyring runs");
        socket.write_all(&packet).expect("the keyring reads");
        let mut answer = [0; 8];
        socket.read_exact(&mut answer).expect("the keyring answers");
        assert_eq!(answer, [0, 0, 0, 8, 0, 0, 0, 0], "the keyring takes its password");
    }

    /// Ends the keyring and starts it again, still locked: what was not written to disk is gone.
    pub fn restart_locked(&mut self) {
        self.keyring = None;
        self.start_keyring(false);
    }

    /// Stores a secret by the system's own client, `secret-tool`.
    pub fn store(&self, attributes: &[(&str, &str)], secret: &str) {
        let mut command = self.program("secret-tool");
        command.args(["store", "--label=by another program"]).stdin(Stdio::piped());
        command.args(attributes.iter().flat_map(|&(name, value)| [name, value]));
        let mut child = command.spawn().expect("secret-tool can be run");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        input.write_all(secret.as_bytes()).expect("secret-tool reads the secret");
        drop(input);
        assert!(child.wait().expect("a child can be waited for").success(), "secret-tool stores");
    }

    /// Every item of the open collection as `secret-tool` lists it, secrets included.
    pub fn list(&self, attributes: &[(&str, &str)]) -> String {
        let mut command = self.program("secret-tool");
        command.args(["search", "--all"]);
        finish(command.args(attributes.iter().flat_map(|&(name, value)| [name, value])))
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("run/bus").display())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = command(name, RunAs::Caller, None);
        command.envs(self.environment()).env("HOME", self.folder.path()).env_remove("DISPLAY");
        command
    }

    fn start_keyring(&mut self, unlock: bool) {
        let mut command = self.program("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--control-directory"]);
        command.arg(self.folder.path().join("run/keyring")).stdin(Stdio::piped());
        if unlock {
            command.arg("--unlock");
        }
        let mut keyring = Server::spawn("gnome-keyring", &mut command, RunAs::Caller, self.folder.path());
        let input = keyring.child().stdin.take();
        if unlock {
            give_password(input);
        }
        let address = self.address();
        keyring.wait_for(|_| has_owner(&address, SERVICE)).unwrap_or_else(|why| panic!("{why}"));
        self.keyring = Some(keyring);
    }
}

/// The password ends where the input does.
fn give_password(input: Option<std::process::ChildStdin>) {
    input.expect("standard input is a pipe").write_all(PASSWORD.as_bytes()).expect("the keyring reads its password");
}

/// A bus that starts no service by itself: what is not there stays absent, and no password window can open.
fn bus_conf(socket: &Path) -> String {
    format!(
        "<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context=\"default\">
    <allow send_destination=\"*\" eavesdrop=\"true\"/>
    <allow eavesdrop=\"true\"/>
    <allow own=\"*\"/>
  </policy>
</busconfig>
",
        socket.display()
    )
}

/// Calls a method of the secret service.
fn call(address: &str, method: &str, arguments: &[&str]) -> Option<String> {
    dbus_send(address, SERVICE, SERVICE_PATH, &format!("org.freedesktop.Secret.Service.{method}"), arguments)
}

/// Something if a program has this name on the bus.
fn has_owner(address: &str, name: &str) -> Option<()> {
    let bus = "org.freedesktop.DBus";
    let method = format!("{bus}.NameHasOwner");
    let reply = dbus_send(address, bus, "/org/freedesktop/DBus", &method, &[&format!("string:{name}")])?;
    reply.contains("true").then_some(())
}

fn dbus_send(address: &str, to: &str, path: &str, method: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(crate::process::find("dbus-send"))
        .args([&format!("--bus={address}"), "--print-reply", &format!("--dest={to}"), path, method])
        .args(arguments)
        .output()
        .expect("dbus-send can be run");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
