//! mbsync and msmtp, as Debian has them, at the real Dovecot and Postfix with tokens of the real Keycloak: `courrier
//! token` stands where their configuration asks for a password.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use courrier_model::Security::{self, Starttls, Tls};
use courrier_tests::process::find;
use courrier_tests::{Ca, Cli, Dovecot, Issuer, Keycloak, KeyringSession, MAIL_CLIENT, Person, Postfix, Realm, until};
use tempfile::TempDir;

use crate::organisation::{done, end, said};

/// A person's computer with an authorised account, and the servers of that account.
struct Desk {
    realm: Realm<'static>,
    alice: Person,
    ca: Ca,
    dovecot: Dovecot,
    postfix: Postfix,
    cli: Cli,
    folder: TempDir,
    // Ended last: the programs above ask it.
    _session: KeyringSession,
}

impl Desk {
    fn new() -> Self {
        Self::at(Keycloak::shared().realm())
    }

    /// One whose access tokens live so short that the tests can wait for their end. They are renewed in the second half
    /// of that time.
    fn with_short_tokens() -> Self {
        let realm = Keycloak::shared().realm();
        realm.set_access_token_lifespan(20);
        Self::at(realm)
    }

    fn at(realm: Realm<'static>) -> Self {
        let alice = realm.alice();
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).tokens_of(&realm).mailbox(&alice.email).start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        let session = KeyringSession::unlocked();
        let cli = Cli::new(&ca).keyring(&session);
        let (imap, smtp) = (dovecot.imap(Tls), postfix.smtp(Starttls));
        let servers = ["--imap", &imap, "--smtp", &smtp];
        done(
            cli.json(
                &[
                    &["account", "add", &alice.email, "--imap-auth", "oauth", "--smtp-auth", "oauth", "--unchecked"],
                    &servers[..],
                ]
                .concat(),
                "",
            ),
        );
        let folder = tempfile::tempdir().expect("a temporary folder");
        let desk = Self { realm, alice, ca, dovecot, postfix, cli, folder, _session: session };
        desk.authorises();
        desk
    }

    fn authorises(&self) {
        let issuer = self.realm.issuer();
        let arguments =
            ["authorize", &self.alice.email, "--issuer", &issuer, "--client-id", MAIL_CLIENT, "--print-url", "--json"];
        let mut command = self.cli.command(&arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("courrier starts");
        let address = |line: &str| line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
        let page = said(&mut child, address);
        // The walk ends on the page that the program itself shows.
        self.realm.approve_device(&page, &self.alice);
        done(end(child));
    }

    /// The line of both configurations that a person would write.
    fn token_command(&self) -> String {
        format!("courrier token {}", self.alice.email)
    }

    fn ca_file(&self) -> PathBuf {
        let file = self.folder.path().join("ca.pem");
        fs::write(&file, self.ca.pem()).expect("the folder is ours");
        file
    }

    /// Another program on this computer, with `courrier` on its path.
    fn runs(&self, program: &str, arguments: &[&str], input: &str) -> Output {
        let courrier = self.cli.command(&[]);
        let folder = Path::new(courrier.get_program()).parent().expect("a file has a folder");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let environment = courrier.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut command = Command::new(find(program));
        command.args(arguments).env_clear().envs(environment).env("PATH", path);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        // A program that gives up before it has read everything says so itself.
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("a child can be waited for")
    }

    fn sends(&self, mechanism: &str, security: Security, subject: &str) -> Output {
        let config = self.folder.path().join("msmtprc");
        let text = format!(
            "account default\nhost localhost\nport {}\ntls on\ntls_starttls {}\ntls_trust_file {}\n\
             auth {mechanism}\nuser {address}\nfrom {address}\npasswordeval \"{}\"\n",
            self.postfix.smtp_port(security),
            if security == Starttls { "on" } else { "off" },
            self.ca_file().display(),
            self.token_command(),
            address = self.alice.email,
        );
        fs::write(&config, text).expect("the folder is ours");
        let message = format!("From: {0}\nTo: {0}\nSubject: {subject}\n\nText.\n", self.alice.email);
        let config = config.to_str().expect("plain names");
        self.runs("msmtp", &["--file", config, &self.alice.email], &message)
    }

    fn fetches(&self) -> Output {
        let config = self.folder.path().join("mbsyncrc");
        let mail = self.folder.path().join("mail");
        fs::create_dir_all(&mail).expect("the folder is ours");
        let text = format!(
            "IMAPStore far\nHost localhost\nPort {}\nUser {}\nPassCmd \"{}\"\nSSLType IMAPS\nCertificateFile {}\n\
             AuthMechs XOAUTH2\n\nMaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\n\n\
             Channel inbox\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSyncState *\n",
            self.dovecot.imap_port(Tls),
            self.alice.email,
            self.token_command(),
            self.ca_file().display(),
            mail = mail.display(),
        );
        fs::write(&config, text).expect("the folder is ours");
        self.runs("mbsync", &["--config", config.to_str().expect("plain names"), "inbox"], "")
    }

    /// The messages that mbsync has fetched.
    fn messages(&self) -> Vec<String> {
        let Ok(folder) = fs::read_dir(self.folder.path().join("mail/INBOX/new")) else { return Vec::new() };
        folder.map(|file| fs::read_to_string(file.expect("an entry").path()).expect("text")).collect()
    }

    /// Fetches until a message with this subject is there: the servers deliver it in their own time.
    fn receives(&self, subject: &str) {
        until(subject, Duration::from_secs(30), || {
            let output = self.fetches();
            assert!(output.status.success(), "{}\n{}", said_by(&output), self.dovecot.log());
            self.messages().iter().any(|message| message.contains(&format!("Subject: {subject}"))).then_some(())
        });
    }
}

fn said_by(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn mail_is_sent_by_msmtp_and_fetched_by_mbsync() {
    let desk = Desk::new();
    for (mechanism, security) in [("xoauth2", Starttls), ("oauthbearer", Starttls), ("xoauth2", Tls)] {
        let subject = format!("by {mechanism} over {security}");
        let output = desk.sends(mechanism, security, &subject);
        assert!(output.status.success(), "{subject}: {}\n{}", said_by(&output), desk.postfix.log());
        desk.receives(&subject);
    }
    assert_eq!(desk.messages().len(), 3);
}

#[test]
fn mail_goes_on_after_the_access_token_has_run_out() {
    let desk = Desk::with_short_tokens();
    let token = || done(desk.cli.json(&["token", &desk.alice.email], ""))["access_token"].clone();
    let first = token();
    until("another token", Duration::from_secs(60), || (token() != first).then_some(()));
    let output = desk.sends("xoauth2", Starttls, "by another token");
    assert!(output.status.success(), "{}\n{}", said_by(&output), desk.postfix.log());
    desk.receives("by another token");
}

#[test]
fn where_access_was_taken_back_mail_programs_fail_until_the_person_consents_again() {
    let desk = Desk::with_short_tokens();
    desk.realm.end_offline_sessions(&desk.alice, MAIL_CLIENT);
    let refused = until("the access token to run out", Duration::from_secs(60), || {
        let outcome = desk.cli.json(&["token", &desk.alice.email], "");
        (outcome.status != 0).then_some(outcome)
    });
    assert_eq!(refused.error_code(), Some("oauth.sign_in_needed"), "{refused}");
    let output = desk.sends("xoauth2", Starttls, "never");
    assert!(!output.status.success(), "{}", said_by(&output));
    let output = desk.fetches();
    assert!(!output.status.success(), "{}", said_by(&output));
    desk.authorises();
    let output = desk.sends("xoauth2", Starttls, "again");
    assert!(output.status.success(), "{}", said_by(&output));
    desk.receives("again");
    assert_eq!(desk.messages().len(), 1);
}
