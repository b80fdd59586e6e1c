//! A person's computer in an organisation: what the journeys of signing in and of carrying accounts start from.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use courrier_tests::{Browser, Ca, Cli, CourrierServer, KeyringSession, Outcome, Person};
use serde_json::Value;

/// A computer: a data folder, an open keyring and a browser of its own.
pub(crate) struct Desk {
    pub(crate) keyring: KeyringSession,
    pub(crate) browser: Browser,
    pub(crate) cli: Cli,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::trusting(&Ca::new())
    }

    /// One that trusts this authority.
    pub(crate) fn trusting(ca: &Ca) -> Self {
        let keyring = KeyringSession::unlocked();
        let cli = Cli::new(ca).keyring(&keyring);
        Self::with(keyring, cli)
    }

    fn with(keyring: KeyringSession, mut cli: Cli) -> Self {
        let browser = Browser::start();
        for (name, value) in browser.environment() {
            cli = cli.environment(name, &value);
        }
        Self { keyring, browser, cli }
    }

    /// The same computer with a browser in which nobody has signed in.
    pub(crate) fn with_another_browser(self) -> Self {
        Self::with(self.keyring, self.cli)
    }

    /// The same computer under a clock that is wrong by this much.
    pub(crate) fn with_clock(self, offset: &str) -> Self {
        Self { cli: self.cli.clock(offset), ..self }
    }

    /// Signs in as a person does: the program opens the browser, the person types the password into the issuer's page.
    pub(crate) fn sign_in(&self, server: &CourrierServer, person: &Person) -> Outcome {
        self.sign_in_with(&["--server", server.url()], person, false)
    }

    /// The same at an issuer that asks for consent.
    pub(crate) fn sign_in_with(&self, flags: &[&str], person: &Person, consents: bool) -> Outcome {
        let arguments = [&["sign-in", "--json"], flags].concat();
        let mut command = self.cli.command(&arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("courrier starts");
        self.browser.next_page();
        self.browser.sign_in(person);
        if consents {
            self.browser.consent();
        }
        self.browser.until_url("http://127.0.0.1:");
        end(child)
    }

    pub(crate) fn signs_in(&self, server: &CourrierServer, person: &Person) -> Value {
        done(self.sign_in(server, person))
    }

    /// Signs out, in the browser too.
    pub(crate) fn signs_out(&self, flag: &str) {
        self.does(&["sign-out", flag]);
        self.browser.next_page();
        self.browser.read("You are signed out");
    }

    /// Adds an account that nobody checks.
    pub(crate) fn adds(&self, address: &str, password: &str) {
        let servers = ["--imap", "imap.example.test:993/tls", "--smtp", "smtp.example.test:465/tls"];
        let arguments = [&["account", "add", address, "--password-stdin", "--unchecked"], &servers[..]].concat();
        done(self.cli.json(&arguments, &format!("{password}\n")));
    }

    pub(crate) fn names(&self, address: &str, name: &str) {
        self.does(&["account", "edit", address, "--name", name]);
    }

    /// What the account is called here; `None` if it is not here.
    pub(crate) fn name_of(&self, address: &str) -> Option<String> {
        self.account(address).map(|account| account["name"].as_str().expect("a name").to_owned())
    }

    pub(crate) fn account(&self, address: &str) -> Option<Value> {
        let accounts = self.does(&["account", "list"]);
        accounts.as_array().expect("a list").iter().find(|account| account["address"] == address).cloned()
    }

    /// A command that is done.
    pub(crate) fn does(&self, arguments: &[&str]) -> Value {
        done(self.cli.json(arguments, ""))
    }

    /// A command that is refused: its status and its code.
    pub(crate) fn is_refused(&self, arguments: &[&str]) -> (i32, String) {
        let outcome = self.cli.json(arguments, "");
        (outcome.status, outcome.error_code().unwrap_or_else(|| panic!("{outcome}")).to_owned())
    }

    /// The refresh token, as the keyring has it.
    pub(crate) fn refresh_token(&self) -> Option<String> {
        let entries = self.keyring.list(&[("service", "courrier")]);
        let values = entries.lines().filter_map(|line| serde_json::from_str::<Value>(line.split_once(" = ")?.1).ok());
        let tokens: Vec<String> =
            values.filter_map(|value| value["refresh_token"].as_str().map(str::to_owned)).collect();
        assert!(tokens.len() <= 1, "old tokens are left over");
        tokens.into_iter().next()
    }
}

/// What was printed by a command that is done.
pub(crate) fn done(outcome: Outcome) -> Value {
    assert_eq!(outcome.status, 0, "{outcome}");
    outcome.json
}

/// Waits for a program that prints one document.
pub(crate) fn end(child: Child) -> Outcome {
    let output = child.wait_with_output().expect("a child can be waited for");
    let stdout = String::from_utf8(output.stdout).expect("standard output is UTF-8");
    Outcome {
        status: output.status.code().unwrap_or(-1),
        json: serde_json::from_str(&stdout).unwrap_or_default(),
        stdout,
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        elapsed: std::time::Duration::ZERO,
    }
}

/// The first line on standard error that `found` wants; the rest is read too, so that the program is never held up.
pub(crate) fn said<T>(child: &mut Child, mut found: impl FnMut(&str) -> Option<T>) -> T {
    let mut lines = BufReader::new(child.stderr.take().expect("standard error is a pipe"));
    let mut heard = String::new();
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).expect("standard error is UTF-8");
        assert!(read > 0, "it ended without saying it: {heard}");
        heard.push_str(&line);
        if let Some(found) = found(line.trim_end()) {
            std::thread::spawn(move || lines.read_to_string(&mut String::new()));
            return found;
        }
    }
}
