//! A person with a mailbox, a desktop session and Courrier: what journeys through the window start from.

use courrier_model::Security::Tls;
use courrier_tests::{Ca, Cli, Display, Dovecot, KeyringSession, Postfix, Window};

pub(crate) const ALICE: &str = "alice@example.test";
pub(crate) const BOB: &str = "bob@example.test";
pub(crate) const PASSWORD: &str = "Tr4nsparent horse";
pub(crate) const WRONG: &str = "opaque donkey";

pub(crate) struct Person {
    pub(crate) ca: Ca,
    pub(crate) dovecot: Dovecot,
    pub(crate) postfix: Postfix,
    pub(crate) session: KeyringSession,
    pub(crate) display: Display,
    pub(crate) cli: Cli,
}

impl Person {
    /// With an open keyring.
    pub(crate) fn new() -> Self {
        Self::on(KeyringSession::unlocked())
    }

    pub(crate) fn on(session: KeyringSession) -> Self {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).user(BOB, PASSWORD).start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        let cli = Cli::new(&ca).keyring(&session);
        Self { ca, dovecot, postfix, session, display: Display::managed(), cli }
    }

    pub(crate) fn speaks(mut self, locale: &str) -> Self {
        self.cli = self.cli.environment("LC_MESSAGES", locale);
        self
    }

    /// Adds an account as the command line does, without a check.
    pub(crate) fn has_account(self, address: &str) -> Self {
        self.adds(address, PASSWORD);
        self
    }

    pub(crate) fn adds(&self, address: &str, password: &str) {
        let (imap, smtp) = (self.dovecot.imap(Tls), self.postfix.smtp(Tls));
        let arguments =
            ["account", "add", address, "--imap", &imap, "--smtp", &smtp, "--password-stdin", "--unchecked"];
        let added = self.cli.json(&arguments, &format!("{password}\n"));
        assert_eq!(added.status, 0, "{added}");
    }

    pub(crate) fn opens(&self) -> Window {
        Window::open(&self.cli, &self.display)
    }

    /// Opens the window for the first time, and keeps to this computer: then an address can be added.
    pub(crate) fn begins_alone(&self) -> Window {
        let window = self.opens();
        window.click("first-only-here");
        window.see("address");
        window
    }

    /// What `courrier password` says: the password, or the code of why there is none.
    pub(crate) fn password(&self, address: &str) -> Result<String, String> {
        let asked = self.cli.json(&["password", address], "");
        match asked.json["password"].as_str() {
            Some(password) => Ok(password.to_owned()),
            None => Err(asked.error_code().unwrap_or_default().to_owned()),
        }
    }

    /// Fills in the servers of this person's mailbox.
    pub(crate) fn fill_servers(&self, window: &Window) {
        window.fill("imap-host", "localhost");
        window.fill("imap-port", &self.dovecot.imap_port(Tls).to_string());
        window.fill("smtp-host", "localhost");
        window.fill("smtp-port", &self.postfix.smtp_port(Tls).to_string());
    }
}
