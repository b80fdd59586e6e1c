//! A marked secret goes through every journey of the command line, and is then looked for everywhere.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use courrier_model::Security::Tls;
use courrier_tests::{Act, Ca, Cli, Dovecot, KeyringSession, Postfix, ScriptedServer, until};
use rusqlite::Connection;

use crate::canary::Canary;
use crate::canary_hostile::Hostile;
use crate::mail::{ALICE, imap, smtp};

/// How a person or a script may ask for output.
const OUTPUTS: [&[&str]; 4] = [&[], &["--verbose"], &["--json"], &["--json", "--verbose"]];

/// A session with its keyring, and real servers where Alice has two passwords in turn.
struct Journey {
    session: KeyringSession,
    cli: Cli,
    canaries: Vec<Canary>,
    // Keeps SQLite's log from being folded into the database when a command ends.
    _reader: Connection,
}

impl Journey {
    fn new(ca: &Ca, canaries: Vec<Canary>) -> Self {
        let session = KeyringSession::unlocked();
        let cli = Cli::new(ca).keyring(&session);
        assert_eq!(cli.run(&["account", "list"], "").status, 0);
        let reader = Connection::open(cli.home().join("courrier.db")).expect("the database opens");
        let count = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
        reader.query_row("SELECT count(*) FROM account", [], count).expect("the database is read");
        Self { session, cli, canaries, _reader: reader }
    }

    /// Runs a command in every output format; nothing of it shows the secrets, nor anything it leaves behind.
    fn step(&self, arguments: &[&str], input: &str, status: i32) {
        for output in OUTPUTS {
            let arguments = [arguments, output].concat();
            let outcome = self.cli.run(&arguments, input);
            assert_eq!(outcome.status, status, "{arguments:?}: {outcome}");
            for canary in &self.canaries {
                canary.is_not_printed(&outcome);
            }
        }
        for canary in &self.canaries {
            canary.is_not_left_by(&self.cli);
            // Encrypted, the keyring has them.
            canary.is_not_below(&self.session.files());
        }
    }

    /// The one command whose purpose it is to print a password.
    fn password_is(&self, canary: &Canary) {
        for output in OUTPUTS {
            let outcome = self.cli.run(&[&["password", ALICE], output].concat(), "");
            assert_eq!(outcome.status, 0);
            let json = output.contains(&"--json");
            let document = serde_json::json!({ "password": canary.secret });
            let expected = if json { document } else { serde_json::Value::from(format!("{}\n", canary.secret)) };
            let printed = if json {
                serde_json::from_str(&outcome.stdout).unwrap()
            } else {
                serde_json::Value::from(outcome.stdout)
            };
            assert_eq!(printed, expected);
            canary.is_not_in("standard error", outcome.stderr.as_bytes());
        }
    }
}

#[test]
fn every_journey_keeps_the_secret() {
    let (first, second, wrong) = (Canary::ascii(), Canary::awkward(), Canary::awkward());
    let ca = Ca::new();
    let mut dovecot = Dovecot::with(&ca).user(ALICE, &first.secret).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let (imap, smtp) = (dovecot.imap(Tls), postfix.smtp(Tls));
    let servers = ["--imap", imap.as_str(), "--smtp", smtp.as_str(), "--password-stdin"];
    let with_servers = |command: &[&'static str]| [command, &servers[..]].concat();
    let (good, bad) = (first.line(), wrong.line());
    let both = format!("{}{}", first.line(), wrong.line());
    let journey = Journey::new(&ca, vec![first, second, wrong]);
    let [first, second, _] = &journey.canaries[..] else { unreachable!("three were given") };

    journey.step(&with_servers(&["check", ALICE]), &good, 0);
    journey.step(&with_servers(&["check", ALICE]), &bad, 1);
    journey.step(&with_servers(&["account", "add", ALICE]), &bad, 1);
    journey.step(&with_servers(&["account", "add", ALICE]), &both, 1);
    journey.step(&with_servers(&["account", "add", ALICE]), &good, 0);
    journey.step(&["account", "list"], "", 0);
    journey.step(&["account", "show", ALICE], "", 0);
    journey.step(&["check", ALICE], "", 0);
    journey.password_is(first);

    // The provider has another password now: the stored one fails, a new one is tried and kept.
    dovecot.set_password(ALICE, &second.secret);
    journey.step(&["check", ALICE], "", 1);
    journey.step(&["account", "edit", ALICE, "--check", "--password-stdin"], &bad, 1);
    journey.step(&["account", "edit", ALICE, "--check", "--password-stdin"], &second.line(), 0);
    journey.password_is(second);
    journey.step(&["account", "edit", ALICE, "--password-stdin"], &format!("{}{bad}", second.line()), 0);
    journey.step(&["account", "edit", ALICE, "--name", "Alice"], "", 0);
    journey.step(&["doctor"], "", 0);

    journey.session.lock();
    journey.step(&["check", ALICE], "", 4);
    journey.step(&["password", ALICE], "", 4);
    journey.step(&["account", "edit", ALICE, "--password-stdin"], &good, 4);
    journey.session.unlock();

    let removed = journey.cli.run(&["account", "remove", ALICE, "--verbose"], "");
    assert_eq!(removed.status, 0, "{removed}");
    journey.step(&["password", ALICE], "", 2);
}

#[test]
fn a_process_at_work_shows_nothing_of_it() {
    let ca = Ca::new();
    for canary in [Canary::ascii(), Canary::awkward()] {
        let imap = [vec![Act::Tls], imap("SASL-IR AUTH=PLAIN", &[Act::Hear("AUTHENTICATE"), Act::Stay])].concat();
        let smtp = [vec![Act::Tls], smtp(&["AUTH PLAIN"], &[Act::Hear("AUTH"), Act::Stay])].concat();
        let (imap, smtp) = (ScriptedServer::with_tls(&ca, imap), ScriptedServer::with_tls(&ca, smtp));
        let session = KeyringSession::unlocked();
        let cli = Cli::new(&ca).keyring(&session);
        let (imap_endpoint, smtp_endpoint) = (imap.endpoint(Tls), smtp.endpoint(Tls));
        for command in [["check", ""], ["account", "add"]] {
            let mut arguments: Vec<&str> = command.into_iter().filter(|word| !word.is_empty()).collect();
            arguments.extend([ALICE, "--imap", &imap_endpoint, "--smtp", &smtp_endpoint, "--password-stdin"]);
            let asked = (imap.heard().len(), smtp.heard().len());
            let mut courrier = cli.command(&[&arguments[..], &["--verbose"]].concat());
            courrier.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut courrier = courrier.spawn().expect("courrier can be run");
            let mut input = courrier.stdin.take().expect("standard input is a pipe");
            std::io::Write::write_all(&mut input, canary.line().as_bytes()).expect("courrier reads");
            drop(input);
            until("both servers to have the password", Duration::from_secs(20), || {
                (imap.heard()[asked.0..].contains("AUTHENTICATE") && smtp.heard()[asked.1..].contains("AUTH "))
                    .then_some(())
            });
            canary.is_not_left_by(&cli);
            canary.is_not_below(&session.files());
            courrier.kill().expect("courrier runs");
            let output = courrier.wait_with_output().expect("a child can be waited for");
            canary.is_not_in("standard output", &output.stdout);
            canary.is_not_in("standard error", &output.stderr);
            canary.is_not_left_by(&cli);
        }
    }
}

#[test]
fn a_server_that_echoes_the_secret_does_not_get_it_into_the_report() {
    let kinds = [
        Hostile { imap: "SASL-IR AUTH=PLAIN", smtp: "AUTH PLAIN", accepts: false },
        Hostile { imap: "AUTH=PLAIN", smtp: "AUTH LOGIN", accepts: false },
        Hostile { imap: "AUTH=LOGIN", smtp: "AUTH LOGIN PLAIN", accepts: false },
        Hostile { imap: "IMAP4", smtp: "AUTH PLAIN", accepts: false },
        Hostile { imap: "SASL-IR AUTH=PLAIN", smtp: "AUTH PLAIN", accepts: true },
        Hostile { imap: "IMAP4", smtp: "AUTH LOGIN", accepts: true },
    ];
    let ca = Ca::new();
    for canary in [Canary::ascii(), Canary::quoted(), Canary::awkward()] {
        for kind in kinds {
            let (imap, smtp) = kind.start();
            let journey = Journey::new(&ca, Vec::new());
            let servers = ["--imap", imap.as_str(), "--smtp", smtp.as_str(), "--password-stdin"];
            let add = [&["account", "add", "--unchecked", ALICE], &servers[..]].concat();
            assert_eq!(journey.cli.run(&add, &canary.line()).status, 0);
            for output in OUTPUTS {
                // The report of a stored account's check is kept with its trace.
                let stored = journey.cli.run(&[&["check", ALICE], output].concat(), "");
                let given = journey.cli.run(&[&["check", ALICE], &servers[..], output].concat(), &canary.line());
                for outcome in [stored, given] {
                    assert_eq!(outcome.status, 1, "{kind:?}: {outcome}");
                    // Else the test would prove nothing: the server's words do belong in the report.
                    assert!(outcome.stdout.contains("you said"), "{kind:?}: {outcome}");
                    assert!(outcome.stdout.contains("[hidden]"), "{kind:?}: {outcome}");
                    canary.is_not_printed(&outcome);
                }
            }
            canary.is_not_left_by(&journey.cli);
            let log =
                fs::read(journey.cli.home().join("courrier.db-wal")).expect("the log is kept while somebody reads");
            assert!(!log.is_empty());
        }
    }
}
