//! Running `courrier` as a person's shell does.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{RunAs, Server, command, find};
use crate::{Ca, KeyringSession, Namespace};

/// A command that is still running by then hangs: the longest promise is 45 s for a check.
const HANGS: Duration = Duration::from_secs(60);

/// A program of this workspace, beside the running test in the same profile.
///
/// # Panics
/// If it was not built.
pub fn built(name: &str, package: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test has a path");
    // target/PROFILE/deps/e2e-HASH
    let profile = test.ancestors().nth(2).expect("tests run from the target folder");
    // The bins of this workspace use the same folder, one level up when called from a binary of this crate.
    [profile, test.parent().expect("a file has a folder")]
        .iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not built: cargo build --package {package}"))
}

/// `courrier` with a home, a trust store and an environment of its own.
#[derive(Debug)]
pub struct Cli {
    program: PathBuf,
    home: TempDir,
    environment: BTreeMap<String, String>,
    namespace: Option<Namespace>,
    clock: Option<String>,
}

impl Cli {
    /// A new home, trusting `ca` only, in English, with no session bus.
    ///
    /// # Panics
    /// If `courrier` was not built.
    pub fn new(ca: &Ca) -> Self {
        let home = tempfile::Builder::new().prefix("courrier-home-").tempdir().expect("a temporary folder");
        let text = |path: &Path| path.to_str().expect("temporary folders have plain names").to_owned();
        std::fs::create_dir(home.path().join("run")).expect("the home is new");
        // A copy, so that a test need not keep an authority that no server uses.
        let trusted = home.path().join("ca.pem");
        std::fs::write(&trusted, ca.pem()).expect("the home can be written");
        let environment = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", text(home.path())),
            ("COURRIER_HOME", text(&home.path().join("courrier"))),
            ("XDG_RUNTIME_DIR", text(&home.path().join("run"))),
            ("LC_MESSAGES", "C".into()),
            ("SSL_CERT_FILE", text(&trusted)),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).into();
        Self { program: built("courrier", "courrier-cli"), home, environment, namespace: None, clock: None }
    }

    /// Runs on this session, with its keyring.
    pub fn keyring(mut self, session: &KeyringSession) -> Self {
        self.environment.extend(session.environment().into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// Sets a variable.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Runs in a network namespace.
    pub fn within(mut self, namespace: &Namespace) -> Self {
        self.namespace = Some(namespace.clone());
        self
    }

    /// Runs under a clock that is wrong by this much, as in `+40s` or `-1h`. Durations stay true.
    pub fn clock(mut self, offset: &str) -> Self {
        self.clock = Some(offset.into());
        self.environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    /// The folder that `COURRIER_HOME` names.
    pub fn home(&self) -> PathBuf {
        self.home.path().join("courrier")
    }

    /// The command itself, for tests that watch or kill it. Its environment holds nothing of the caller's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut words: Vec<OsString> = Vec::new();
        if let Some(namespace) = &self.namespace {
            // `ip netns exec` also shows the namespace's own resolv.conf.
            words.extend([find("ip").into(), "netns".into(), "exec".into(), namespace.name().into()]);
        }
        if let Some(offset) = &self.clock {
            words.extend([find("faketime").into(), "-f".into(), offset.into()]);
        }
        words.push(self.program.clone().into());
        let mut command = Command::new(words.remove(0));
        command.args(words);
        command.args(arguments).env_clear().envs(&self.environment);
        command
    }

    /// Runs to the end, with `input` on standard input.
    ///
    /// # Panics
    /// If it takes longer than a minute.
    pub fn run(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", self.program.display()));
        // A program that does not read its input closes the pipe; that is no failure.
        let _ = child.stdin.take().expect("standard input is a pipe").write_all(input.as_bytes());
        let started = Instant::now();
        let id = rustix::process::Pid::from_child(&child);
        let (done, ended) = std::sync::mpsc::channel();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                if ended.recv_timeout(HANGS).is_err() {
                    // It has ended just now if this is refused.
                    let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
                }
            });
            let output = child.wait_with_output().expect("a child can be waited for");
            // Refused only if the watcher has ended, which then has killed the program.
            let _ = done.send(());
            output
        });
        let outcome = Outcome {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
            elapsed: started.elapsed(),
            json: Value::Null,
        };
        assert!(output.status.code().is_some(), "{arguments:?} took over {HANGS:?} or crashed: {outcome}");
        for secret in input.lines().filter(|line| !line.is_empty()) {
            outcome.does_not_show(secret);
        }
        outcome
    }

    /// The same with `--json`: exactly one document on standard output.
    ///
    /// # Panics
    /// If there is not.
    pub fn json(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut outcome = self.run(&[arguments, &["--json"]].concat(), input);
        outcome.json = serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|e| panic!("{arguments:?}: not exactly one JSON document ({e}): {outcome}"));
        outcome
    }

    /// Starts it in the background; ended on drop. What it prints goes to `folder/courrier.out`.
    pub fn start(&self, arguments: &[&str], folder: &Path) -> Server {
        // setpriv ends it with the test, as it does other servers.
        let mut command = command("env", RunAs::Caller, self.namespace.as_ref());
        command.arg(&self.program).args(arguments).env_clear().envs(&self.environment).stdin(Stdio::null());
        Server::spawn("courrier", &mut command, RunAs::Caller, folder)
    }
}

/// What a run of `courrier` came to.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; -1 if a signal ended it.
    pub status: i32,
    /// All of standard output.
    pub stdout: String,
    /// All of standard error.
    pub stderr: String,
    /// Wall time from start to end.
    pub elapsed: Duration,
    /// The document, where `--json` was given.
    pub json: Value,
}

impl Outcome {
    /// The code of `{"error": {"code"}}`.
    pub fn error_code(&self) -> Option<&str> {
        self.json["error"]["code"].as_str()
    }

    /// Asserts that neither the secret nor a form in which protocols carry it was printed.
    ///
    /// # Panics
    /// If it was.
    pub fn does_not_show(&self, secret: &str) {
        let escaped = Value::from(secret).to_string();
        let forms = [secret.to_owned(), escaped.trim_matches('"').to_owned(), STANDARD.encode(secret)];
        // SASL PLAIN encodes it behind the user name: three alignments of the same bytes are possible.
        let shifted = (1..3).map(|by| {
            let whole = STANDARD.encode([&vec![0; by], secret.as_bytes()].concat());
            whole[4..whole.len().saturating_sub(4).max(4)].to_owned()
        });
        for form in forms.into_iter().chain(shifted).filter(|form| form.len() >= 6) {
            let shown = self.stdout.contains(&form) || self.stderr.contains(&form);
            assert!(!shown, "a secret was printed as {form:?}: {self}");
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stdout: String) -> Outcome {
        Outcome { status: 0, stdout, stderr: String::new(), elapsed: Duration::ZERO, json: Value::Null }
    }

    #[test]
    fn every_form_of_a_printed_secret_is_found() {
        let secret = "a \"horse\" & more";
        for user in ["", "a", "ab", "abc"] {
            let plain = STANDARD.encode(format!("\0{user}\0{secret}"));
            let found = std::panic::catch_unwind(|| outcome(plain.clone()).does_not_show(secret));
            assert!(found.is_err(), "behind {user:?}: {plain}");
        }
        for form in [secret.to_owned(), STANDARD.encode(secret), Value::from(secret).to_string()] {
            assert!(std::panic::catch_unwind(|| outcome(format!("x{form}x")).does_not_show(secret)).is_err(), "{form}");
        }
        outcome("a horse & more".into()).does_not_show(secret);
    }
}
