//! Starting the programs that fixtures are made of, and ending them whatever happens to the test.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process_group};

use crate::netns::Namespace;
use crate::until;

/// Debian's user without rights: what a server runs as where the tests run as root.
pub const NOBODY: u32 = 65534;

/// How long a server may take to end by itself before it is killed.
const STOP: Duration = Duration::from_secs(5);

/// With whose rights a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAs {
    /// The caller.
    Caller,
    /// The caller, or `nobody` where the caller is root.
    Unprivileged,
    /// Root, through `sudo -n` where the caller is not.
    Root,
}

/// True where the tests themselves run as root.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// A program in the usual folders, those for administrators included (a user's `PATH` often lacks them).
///
/// # Panics
/// If the program is not installed: a test does not skip itself.
pub fn find(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/lib/postfix/sbin"].map(PathBuf::from))
        .chain(postgresql())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{program} is not installed; `cargo xtask test` installs what the tests need"))
}

/// Where Debian keeps PostgreSQL's programs: a folder for each version, the newest first.
fn postgresql() -> Vec<PathBuf> {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let mut folders: Vec<_> = versions.flatten().map(|version| version.path()).collect();
    folders.sort_by_key(|folder| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    folders.into_iter().rev().map(|folder| folder.join("bin")).collect()
}

/// A command that runs `program` with these rights, in this namespace if one is given.
///
/// The program gets SIGTERM when the thread that spawns it ends, so that not even a test that is killed leaves
/// a server behind: spawn on the test's own thread.
pub fn command(program: &str, run_as: RunAs, namespace: Option<&Namespace>) -> Command {
    let mut words: Vec<PathBuf> = Vec::new();
    if (run_as == RunAs::Root || namespace.is_some()) && !is_root() {
        words.extend([find("sudo"), "-n".into()]);
    }
    if let Some(namespace) = namespace {
        words.extend([find("ip"), "netns".into(), "exec".into(), namespace.name().into()]);
    }
    words.extend([find("setpriv"), "--pdeathsig=TERM".into()]);
    if run_as == RunAs::Unprivileged && is_root() {
        words.extend([format!("--reuid={NOBODY}").into(), format!("--regid={NOBODY}").into(), "--clear-groups".into()]);
    }
    words.push(find(program));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// Runs a command to its end and returns what it printed.
///
/// # Panics
/// If it fails; what it said is in the message.
pub fn finish(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A running program with all its children; ended on drop.
#[derive(Debug)]
pub struct Server {
    name: String,
    child: Child,
    run_as: RunAs,
    said: PathBuf,
}

impl Server {
    /// Starts `command` in a process group of its own. What it prints goes to `folder/NAME.out`.
    pub fn spawn(name: &str, command: &mut Command, run_as: RunAs, folder: &Path) -> Self {
        use std::os::unix::process::CommandExt;
        let said = folder.join(format!("{name}.out"));
        let out = File::create(&said).expect("the fixture's folder can be written");
        let err = out.try_clone().expect("a file descriptor is left");
        let child = command
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("{name} does not start: {command:?}: {e}"));
        Self { name: name.into(), child, run_as, said }
    }

    /// The child, for its standard input.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits until `ready` gives something.
    ///
    /// # Errors
    /// What the program printed, if it ends first.
    ///
    /// # Panics
    /// After 30 seconds.
    pub fn wait_for<T>(&mut self, ready: impl FnMut(&str) -> Option<T>) -> Result<T, String> {
        self.wait_for_within(Duration::from_secs(30), ready)
    }

    /// The same for what takes longer.
    ///
    /// # Errors
    /// What the program printed, if it ends first.
    ///
    /// # Panics
    /// When `limit` has passed.
    pub fn wait_for_within<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, String> {
        let what = format!("{} to be ready", self.name);
        until(&what, limit, || {
            if let Some(status) = self.ended() {
                return Some(Err(format!("{} ended with {status}: {}", self.name, self.said())));
            }
            ready(&self.said()).map(Ok)
        })
    }

    /// Sends a signal to the program and all its children.
    pub fn signal(&self, signal: Signal) {
        let group = Pid::from_child(&self.child);
        if self.run_as == RunAs::Root && !is_root() {
            let target = format!("-{}", group.as_raw_nonzero());
            let number = signal.as_raw().to_string();
            // Refused only where the group is gone already, which is what a signal to it is for.
            let _ = Command::new("sudo").args(["-n", "kill", "-s", &number, "--", &target]).status();
        } else {
            let _ = kill_process_group(group, signal);
        }
    }

    fn ends_within(&mut self, limit: Duration) -> bool {
        let deadline = std::time::Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(None) if std::time::Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) => return false,
                _ => return true,
            }
        }
    }
}

impl Drop for Server {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        self.signal(Signal::CONT);
        self.signal(Signal::TERM);
        self.ends_within(STOP);
        // The group outlives its leader if a child ignored the first signal.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Removes a folder with files of other users in it; for `Drop`, so it does not panic.
pub(crate) fn remove_as_root(folder: &Path) {
    if !is_root() {
        let _ = Command::new("sudo").args([OsStr::new("-n"), "rm".as_ref(), "-rf".as_ref(), folder.as_ref()]).status();
    }
}
