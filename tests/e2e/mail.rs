//! What the tests of `courrier check` share: an account, its servers, and scripts of mail servers.

use courrier_model::Security;
use courrier_tests::{Act, Ca, Check, Cli, Dovecot, Postfix, Report};

pub(crate) const ALICE: &str = "alice@example.test";
pub(crate) const PASSWORD: &str = "Tr4nsparent-horse";
pub(crate) const WRONG: &str = "0paque-donkey";

pub(crate) const EVERY_SECURITY: [Security; 3] = [Security::Tls, Security::Starttls, Security::None];

/// A pair of servers with Alice's account, and a client that trusts their authority.
pub(crate) struct Account {
    pub(crate) ca: Ca,
    pub(crate) cli: Cli,
    // Before the server that it asks: fields drop in this order.
    pub(crate) postfix: Postfix,
    pub(crate) dovecot: Dovecot,
}

impl Account {
    pub(crate) fn start() -> Self {
        Self::with_mechanisms("plain login scram-sha-256")
    }

    /// The mechanisms are in Dovecot's spelling.
    pub(crate) fn with_mechanisms(mechanisms: &str) -> Self {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).mechanisms(mechanisms).user(ALICE, PASSWORD).start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        Self { cli: Cli::new(&ca), ca, postfix, dovecot }
    }

    /// A check of both servers, so far without a password.
    pub(crate) fn check(&self, security: Security) -> Check {
        Check::of(ALICE, &self.dovecot.imap(security), &self.postfix.smtp(security))
    }

    pub(crate) fn run(&self, security: Security, password: &str) -> Report {
        self.check(security).password(password).run(&self.cli)
    }

    /// What clients tried at Dovecot and, through Postfix, for SMTP. Ends the servers.
    pub(crate) fn attempts(self) -> (Vec<String>, Vec<String>) {
        drop(self.postfix);
        let log = self.dovecot.stop();
        let of = |service| log.attempts(service).into_iter().map(str::to_owned).collect();
        (of("imap"), of("smtp"))
    }
}

/// A scripted IMAP server up to its capabilities, which came with the greeting, and then these acts.
pub(crate) fn imap(capabilities: &str, then: &[Act]) -> Vec<Act> {
    let greeting = format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n");
    [&[Act::say(&greeting)], then].concat()
}

/// A scripted SMTP server up to its reply to EHLO, and then these acts.
pub(crate) fn smtp(extensions: &[&str], then: &[Act]) -> Vec<Act> {
    let mut reply = String::from("250-mail.example.test\r\n");
    for extension in extensions {
        reply += &format!("250-{extension}\r\n");
    }
    reply += "250 HELP\r\n";
    [&[Act::say("220 mail.example.test ESMTP\r\n"), Act::Hear("EHLO"), Act::say(&reply)], then].concat()
}
