//! A data folder with one mail account, whose tokens a simulated issuer gives: what the tests of real processes share.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use courrier_tests::simulators::IssuerSimulator;
use courrier_tests::{Ca, Cli, KeyringSession, MAIL_CLIENT, Outcome, built};
use serde_json::Value;

use crate::oauth_place::ALICE;
use crate::organisation::{done, end};

/// The account's home on a session with a keyring, and the issuer of its tokens.
pub(crate) struct Home {
    pub(crate) cli: Cli,
    pub(crate) session: KeyringSession,
    pub(crate) issuer: IssuerSimulator,
}

impl Home {
    /// With the account, which nobody has authorised.
    pub(crate) fn new(issuer: IssuerSimulator) -> Self {
        let session = KeyringSession::unlocked();
        let cli = Cli::new(&Ca::new()).keyring(&session);
        let home = Self { cli, session, issuer };
        home.adds();
        home
    }

    /// Adds the account.
    pub(crate) fn adds(&self) {
        let servers = ["--imap", "imap.example.test:993/tls", "--smtp", "smtp.example.test:465/tls"];
        let arguments =
            [&["account", "add", ALICE, "--imap-auth", "oauth", "--smtp-auth", "oauth", "--unchecked"], &servers[..]]
                .concat();
        done(self.cli.json(&arguments, ""));
    }

    /// With the account authorised.
    pub(crate) fn authorised(issuer: IssuerSimulator) -> Self {
        let home = Self::new(issuer);
        home.authorises();
        home
    }

    /// Authorises the account, as a person with a browser does.
    pub(crate) fn authorises(&self) {
        let (child, page) = self.begin();
        self.issuer.walk_back(&page);
        done(end(child));
    }

    /// Begins that: the program, which waits for the browser, and the page that it wants opened.
    pub(crate) fn begin(&self) -> (Child, String) {
        let issuer = self.issuer.issuer();
        let arguments = ["authorize", ALICE, "--issuer", &issuer, "--client-id", MAIL_CLIENT, "--print-url", "--json"];
        let mut command = self.cli.command(&arguments);
        // The other end of its input is open as long as the child is there: it would take the end for "cancelled".
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("courrier starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error is a pipe"));
        let (mut heard, mut page) = (String::new(), None);
        while page.is_none() && lines.read_line(&mut heard).expect("standard error is UTF-8") > 0 {
            page = heard.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
        }
        let Some(page) = page else { panic!("no page to open: {heard}\n{}", end(child)) };
        // Read to the end, so that the program is never held up.
        std::thread::spawn(move || lines.read_to_string(&mut heard));
        (child, page)
    }

    /// What a mail program asks for.
    pub(crate) fn token(&self) -> Outcome {
        self.cli.json(&["token", ALICE], "")
    }

    /// The account's entry in the keyring, read by the system's own client.
    pub(crate) fn kept(&self) -> Option<Value> {
        let listed = self.session.list(&[("service", "courrier")]);
        let values = listed.lines().filter_map(|line| serde_json::from_str::<Value>(line.split_once(" = ")?.1).ok());
        let mut slots = values.filter(|value| value["refresh_token"].is_string());
        let slot = slots.next();
        assert!(slots.next().is_none(), "an account has one entry");
        slot
    }

    /// The refresh token in it.
    pub(crate) fn refresh_token(&self) -> Option<String> {
        Some(self.kept()?["refresh_token"].as_str()?.to_owned())
    }

    /// Starts a process in which so many callers want the token once it is let go.
    pub(crate) fn callers(&self, number: usize) -> Callers {
        let mut command = Command::new(built("tokens", "courrier-tests"));
        let environment = self.cli.command(&[]);
        let environment = environment.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.args([ALICE, &number.to_string()]).env_clear().envs(environment);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tokens can be run");
        let input = child.stdin.take().expect("standard input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let mut callers = Callers { child, input, output };
        assert_eq!(callers.line(), "ready\n");
        callers
    }
}

/// A process full of callers; killed on drop.
pub(crate) struct Callers {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Callers {
    pub(crate) fn go(&mut self) {
        self.input.write_all(b"\n").expect("it waits for a line");
    }

    /// What they got: `{tokens, errors}`.
    pub(crate) fn got(mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it prints text");
        line
    }
}

impl Drop for Callers {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
