//! Use cases in a process that dies or waits at a chosen step.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::Cli;
use crate::cli::built;

/// The program `crashing` of this package, in the environment of a [`Cli`].
#[derive(Debug, Clone, Copy)]
pub struct Crashing<'a>(&'a Cli);

/// How a run of [`Crashing`] ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// True if it died at the chosen step, false if it came to its end.
    pub died: bool,
    /// The steps that it reached, in turn.
    pub steps: Vec<String>,
}

impl<'a> Crashing<'a> {
    /// On the home and the session of `cli`.
    pub fn of(cli: &'a Cli) -> Self {
        Self(cli)
    }

    /// Runs an operation that dies at its `step`th step, counted from 1, or comes to its end if it has fewer.
    ///
    /// # Panics
    /// If it fails in another way.
    pub fn die_at(self, step: u32, operation: &[&str], passwords: [&str; 2]) -> Ended {
        let (ended, rest) = self.finish(&format!("die:{step}"), operation, passwords);
        assert!(rest.is_empty(), "unexpected: {rest:?}");
        ended
    }

    /// Runs an operation to its end and returns its steps.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(self, operation: &[&str], passwords: [&str; 2]) -> Vec<String> {
        let (ended, _) = self.finish("run", operation, passwords);
        assert!(!ended.died, "{operation:?} died");
        ended.steps
    }

    /// Every account by its address: `{account, incoming, sending}`, secrets included.
    ///
    /// # Panics
    /// If they can't be read.
    pub fn read(self) -> Value {
        let (ended, rest) = self.finish("run", &["read"], ["", ""]);
        assert!(!ended.died);
        let document = rest.first().expect("a document is printed");
        serde_json::from_str(document).expect("the document is JSON")
    }

    /// Starts an operation and returns once it waits at its `step`th step.
    ///
    /// # Panics
    /// If it ends before.
    pub fn pause_at(self, step: u32, operation: &[&str], passwords: [&str; 2]) -> Paused {
        let (mut child, input) = self.spawn(&format!("pause:{step}"), operation, passwords);
        let mut output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let mut said = String::new();
        while !said.ends_with("paused\n") {
            assert!(
                output.read_line(&mut said).expect("text") > 0,
                "{operation:?} ended before its step {step}: {said}"
            );
        }
        Paused { child, input: Some(input), _output: output }
    }

    fn finish(self, when: &str, operation: &[&str], passwords: [&str; 2]) -> (Ended, Vec<String>) {
        let (child, input) = self.spawn(when, operation, passwords);
        let output = child.wait_with_output().expect("a child can be waited for");
        drop(input);
        let died = output.status.signal() == Some(Signal::KILL.as_raw());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(died || output.status.success(), "{operation:?} {when}: {}: {complaint}", output.status);
        let said = String::from_utf8(output.stdout).expect("text");
        let (steps, rest) = said.lines().map(str::to_owned).partition(|line| !line.starts_with('{'));
        (Ended { died, steps }, rest)
    }

    fn spawn(self, when: &str, operation: &[&str], passwords: [&str; 2]) -> (Child, ChildStdin) {
        let mut command = Command::new(built("crashing", "courrier-tests"));
        let environment = self.0.command(&[]);
        let environment = environment.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.arg(when).args(operation).env_clear().envs(environment);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("crashing can be run");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        let lines = passwords.map(|password| format!("{password}\n")).concat();
        input.write_all(lines.as_bytes()).expect("it reads its input");
        (child, input)
    }
}

/// A process that waits in the middle of a change; killed on drop.
#[derive(Debug)]
pub struct Paused {
    child: Child,
    input: Option<ChildStdin>,
    // Open until the end: it prints its further steps.
    _output: BufReader<ChildStdout>,
}

impl Paused {
    /// Lets it go on, to its end.
    ///
    /// # Panics
    /// If it fails.
    pub fn go_on(mut self) {
        let mut input = self.input.take().expect("it has not gone on yet");
        input.write_all(b"\n").expect("it waits for a line");
        assert!(self.child.wait().expect("a child can be waited for").success(), "it ends well");
    }

    /// Kills it where it waits.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Paused {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
