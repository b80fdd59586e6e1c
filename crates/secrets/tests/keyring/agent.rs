//! A process that uses the keyring as the application does.
//!
//! The keyring is the one of the environment's session bus, and a process has only one environment. So each
//! test starts this test program again, inside its own session, and tells it by lines what to do.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{ExposeSecret, Secret};
use courrier_secrets::{OsKeyring, SecretError, SecretKey, SecretStore};

use crate::session::{PATIENCE, Session};

/// What answers begin with, to tell them from what the test harness prints.
const MARK: &str = "@@ ";

/// Such a process, seen from the test.
pub(crate) struct Agent {
    child: Child,
    stdin: ChildStdin,
    answers: Receiver<String>,
}

impl Agent {
    pub(crate) fn start(session: &Session) -> Self {
        Self::start_with(session, |command| command)
    }

    pub(crate) fn start_with(session: &Session, change: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "agent_process", "--ignored", "--nocapture"]);
        session.enter(&mut command);
        let mut child = change(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(answer) = line.strip_prefix(MARK)
                    && sender.send(answer.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { child, stdin, answers }
    }

    /// Says a line without waiting for its answer.
    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").expect("the agent listens");
    }

    pub(crate) fn answer(&self) -> String {
        self.answers.recv_timeout(PATIENCE).expect("the agent answers")
    }

    /// The answer, if it comes soon.
    pub(crate) fn answer_within(&self, limit: Duration) -> Option<String> {
        self.answers.recv_timeout(limit).ok()
    }

    fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.answer()
    }

    pub(crate) fn state(&mut self) -> String {
        self.ask("state")
    }

    pub(crate) fn unlock(&mut self) -> String {
        self.ask("unlock")
    }

    pub(crate) fn put(&mut self, key: &SecretKey, secret: &str) -> String {
        self.ask(&format!("put {} {} {}", key.home, key.id, BASE64.encode(secret)))
    }

    /// `secret TEXT`, `none`, or the error.
    pub(crate) fn get(&mut self, key: &SecretKey) -> String {
        let answer = self.ask(&format!("get {} {}", key.home, key.id));
        match answer.strip_prefix("secret ") {
            Some(coded) => {
                let bytes = BASE64.decode(coded).expect("base64");
                format!("secret {}", String::from_utf8(bytes).expect("text"))
            }
            None => answer,
        }
    }

    pub(crate) fn delete(&mut self, key: &SecretKey) -> String {
        self.ask(&format!("delete {} {}", key.home, key.id))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself: does what the lines of its standard input say until they end.
pub(crate) fn serve() {
    let keyring = OsKeyring::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        let key = |at: usize| SecretKey {
            home: words[at].parse().expect("a home"),
            id: words[at + 1].parse().expect("an id"),
        };
        let answer = match words[0] {
            "state" => format!("{:?}", keyring.state()),
            "unlock" => done(keyring.unlock()),
            "put" => {
                let secret = String::from_utf8(BASE64.decode(words[3]).expect("base64")).expect("text");
                done(keyring.put(&key(1), &Secret::from(secret)))
            }
            "get" => match keyring.get(&key(1)) {
                Ok(None) => "none".into(),
                Ok(Some(secret)) => format!("secret {}", BASE64.encode(secret.expose_secret())),
                Err(error) => name(&error),
            },
            "delete" => done(keyring.delete(&key(1))),
            other => panic!("unknown word {other}"),
        };
        // On a line of its own, whatever the harness has printed before it.
        println!("\n{MARK}{answer}");
    }
}

fn done(result: Result<(), SecretError>) -> String {
    result.map_or_else(|error| name(&error), |()| "done".into())
}

fn name(error: &SecretError) -> String {
    match error {
        SecretError::Locked => "locked".into(),
        SecretError::NoCollection => "no collection".into(),
        SecretError::Absent => "absent".into(),
        other => format!("{other:?}"),
    }
}
