//! Access tokens for mail programs, beside the least that asks the same keyring.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Instant;

use courrier_tests::simulators::{IssuerSimulator, Rotation};
use courrier_tests::{Ca, Cli, KeyringSession, MAIL_CLIENT, process};

use crate::document::{Section, row};
use crate::sample::{summary, verdict};
use crate::{machine, oauth_calls, runs};

const ALICE: &str = "alice@example.test";
/// `courrier token` may take so many times as long as `secret-tool lookup`.
const GOAL: f64 = 1.5;
/// What the other program looks for.
const ATTRIBUTE: (&str, &str) = ("benchmark", "oauth");

/// Measures.
pub(crate) fn run() -> Section {
    let issuer = IssuerSimulator::start(Rotation::Strict);
    let session = KeyringSession::unlocked();
    let cli = Cli::new(&Ca::new()).keyring(&session);
    authorize(&cli, &issuer);
    let token = cli.json(&["token", ALICE], "").json["access_token"].as_str().expect("a token").to_owned();
    session.store(&[ATTRIBUTE], &token);

    let environment = cli.command(&[]);
    let environment: Vec<_> = environment.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
    let asked = issuer.requests().len();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let runs = runs(200);
    for _ in 0..=runs {
        let mut courrier = cli.command(&["token", ALICE]);
        ours.push(shows(&mut courrier, &token));
        let mut secret_tool = Command::new(process::find("secret-tool"));
        secret_tool.args(["lookup", ATTRIBUTE.0, ATTRIBUTE.1]).env_clear().envs(environment.iter().copied());
        theirs.push(shows(&mut secret_tool, &token));
    }
    // The first of each filled the caches.
    ours.remove(0);
    theirs.remove(0);
    assert_eq!(issuer.requests().len(), asked, "the token was good all the time");

    let mut calls = Command::new(std::env::current_exe().expect("this program has a path"));
    calls.args([oauth_calls::PART, &runs.to_string()]).env_clear().envs(environment.iter().copied());
    let [memory, keyring] = oauth_calls::read(&process::finish(&mut calls));
    let times = |times: &[f64], digits: usize, unit: &str| format!("{} {unit}", summary(times, digits));
    Section {
        title: "Access tokens",
        about: format!(
            "A mail program's access token, which is good for an hour. `ensure_fresh` is a call in a running program: \
             from memory ({} calls each time), and as its first call, from gnome-keyring over a connection that is \
             open. `courrier token` is a process from start to end, beside `secret-tool lookup` of the same text in \
             the same keyring. Each ran {runs} times.",
            oauth_calls::CALLS
        ),
        rows: vec![
            row(["what", "time", "of `secret-tool`"]),
            row(["`ensure_fresh`, from memory", &times(&memory, 2, "µs"), ""]),
            row(["`ensure_fresh`, from the keyring", &times(&keyring, 0, "µs"), ""]),
            row(["`secret-tool lookup`", &times(&theirs, 1, "ms"), "1.00"]),
            row(["`courrier token`", &times(&ours, 1, "ms"), &ratio(&ours, &theirs)]),
        ],
        verdicts: vec![verdict("`courrier token`", &ours, &theirs, GOAL)],
        measured: format!(
            "{}: {}",
            machine::today(),
            machine::description(&[("gnome-keyring-daemon", &["--version"])])
        ),
    }
}

fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    format!("{:.2}", crate::sample::median(ours) / crate::sample::median(theirs))
}

/// A whole process that prints the token; its wall time in milliseconds.
fn shows(command: &mut Command, token: &str) -> f64 {
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("it can be run");
    let elapsed = started.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim_end() == token, "{command:?}: {said}");
    elapsed.as_secs_f64() * 1000.0
}

/// Adds an account and authorises it, as a person with a browser does.
fn authorize(cli: &Cli, issuer: &IssuerSimulator) {
    let servers = ["--imap", "imap.example.test:993/tls", "--smtp", "smtp.example.test:465/tls"];
    let oauth = ["--imap-auth", "oauth", "--smtp-auth", "oauth", "--unchecked"];
    let added = cli.json(&[&["account", "add", ALICE], &servers[..], &oauth[..]].concat(), "");
    assert_eq!(added.status, 0, "{added}");
    let name = issuer.issuer();
    let arguments = ["authorize", ALICE, "--issuer", &name, "--client-id", MAIL_CLIENT, "--print-url"];
    // The other end of its input is open until it has ended: it would take the end for "cancelled".
    let mut command = cli.command(&arguments);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("courrier starts");
    let _input = child.stdin.take();
    let mut lines = BufReader::new(child.stderr.take().expect("standard error is a pipe"));
    let (mut heard, mut page) = (String::new(), None);
    while page.is_none() && lines.read_line(&mut heard).expect("standard error is UTF-8") > 0 {
        page = heard.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
    }
    issuer.walk_back(&page.unwrap_or_else(|| panic!("no page to open: {heard}")));
    lines.read_to_string(&mut heard).expect("standard error is UTF-8");
    assert!(child.wait().expect("a child can be waited for").success(), "{heard}");
}
