//! Accounts that sign in through the browser at an organisation's own issuer: by the command line and a real Chromium,
//! with the real Keycloak and the other issuer, whose tokens the real Dovecot and Postfix take.

use std::process::Stdio;

use courrier_model::Security::{Starttls, Tls};
use courrier_tests::{
    Ca, Check, Dovecot, Issuer, Keycloak, MAIL_CLIENT, OidcProvider, Outcome, Person, Postfix, Realm,
};
use serde_json::Value;

use crate::organisation::{Desk, done, end};

/// What the tokens of mail are for in the realm, and what they are not.
const MAIL: &str = "mail";
const ANYTHING_ELSE: &str = "something-else";

/// A computer with an account that nobody has authorised yet, and the servers of that account.
struct Mailbox {
    person: Person,
    postfix: Postfix,
    dovecot: Dovecot,
    desk: Desk,
    // Its files are read for as long as the servers run.
    _ca: Ca,
}

impl Mailbox {
    fn of(issuer: &dyn Issuer, person: Person) -> Self {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).tokens_of(issuer).mailbox(&person.email).start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        let desk = Desk::trusting(&ca);
        let (imap, smtp) = (dovecot.imap(Tls), postfix.smtp(Starttls));
        let servers = ["--imap", &imap, "--smtp", &smtp, "--imap-auth", "oauth", "--smtp-auth", "oauth"];
        desk.does(&[&["account", "add", &person.email, "--unchecked"], &servers[..]].concat());
        Self { person, postfix, dovecot, desk, _ca: ca }
    }

    /// What `courrier authorize` comes to while `in_browser` happens on the page that it opens.
    fn authorize(&self, flags: &[&str], in_browser: impl FnOnce()) -> Outcome {
        let arguments = [&["authorize", &self.person.email, "--client-id", MAIL_CLIENT, "--json"], flags].concat();
        let mut command = self.desk.cli.command(&arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("courrier starts");
        self.desk.browser.next_page();
        in_browser();
        self.desk.browser.read("Courrier may use this mailbox");
        end(child)
    }

    /// Authorises at this issuer, as the person whose account it is.
    fn authorizes(&self, issuer: &str) -> Value {
        let signs_in = || self.desk.browser.sign_in(&self.person);
        done(self.authorize(&["--issuer", issuer], signs_in))["account"].clone()
    }

    fn check(&self) -> courrier_tests::Report {
        Check::stored(&self.person.email).run(&self.desk.cli)
    }

    /// The account as the list has it.
    fn account(&self) -> Value {
        self.desk.account(&self.person.email).expect("it stays")
    }

    /// How often its tokens were written, which every refresh does once.
    fn generation(&self) -> u64 {
        self.kept()["generation"].as_u64().expect("a number")
    }

    /// The tokens, as the keyring has them.
    fn kept(&self) -> Value {
        let entries = self.desk.keyring.list(&[("service", "courrier")]);
        let values = entries.lines().filter_map(|line| serde_json::from_str::<Value>(line.split_once(" = ")?.1).ok());
        let mut slots = values.filter(|value| value["refresh_token"].is_string());
        let slot = slots.next().expect("it was authorised");
        assert!(slots.next().is_none(), "an account has one entry");
        slot
    }

    /// Ends the servers: how often each side was shown a token.
    fn attempts(self) -> [usize; 2] {
        drop(self.postfix);
        let log = self.dovecot.stop();
        ["imap", "smtp"].map(|service| log.attempts(service).len())
    }
}

fn keycloak() -> (Realm<'static>, Mailbox) {
    let realm = Keycloak::shared().realm();
    let mailbox = Mailbox::of(&realm, realm.alice());
    (realm, mailbox)
}

/// From an account that can do nothing to one whose check passes. Nobody names the issuer: the mail server does.
fn first_journey(mailbox: &Mailbox, issuer: &str, in_browser: impl FnOnce()) {
    assert_eq!(mailbox.check().sides().map(|side| side.code()), [Some("auth.oauth_required"); 2]);
    let account = mailbox.account();
    assert_eq!(
        (&account["health"]["state"], &account["oauth"]["state"]),
        (&"sign_in_needed".into(), &"missing".into())
    );
    let account = done(mailbox.authorize(&[], in_browser))["account"].clone();
    let tokens = &account["oauth"];
    assert_eq!((&tokens["provider"], &tokens["state"]), (&issuer.into(), &"working".into()), "{account}");
    assert_eq!(tokens["consented_as"], mailbox.person.email, "{account}");
    let report = mailbox.check();
    report.passed();
    assert_eq!(report.sides().map(|side| side.mechanism()), ["XOAUTH2"; 2]);
    assert_eq!(mailbox.account()["health"]["state"], "ok");
    assert_eq!(mailbox.generation(), 1, "a token that is good is not renewed");
}

#[test]
fn an_account_of_keycloak_is_authorised_in_the_browser_and_its_check_passes() {
    let (realm, mailbox) = keycloak();
    first_journey(&mailbox, &realm.issuer(), || mailbox.desk.browser.sign_in(&mailbox.person));
    assert_eq!(realm.offline_sessions(&mailbox.person, MAIL_CLIENT).len(), 1);
}

#[test]
fn an_account_of_the_other_issuer_is_authorised_in_the_browser_and_its_check_passes() {
    let provider = OidcProvider::start();
    let mailbox = Mailbox::of(&provider, provider.alice());
    first_journey(&mailbox, &provider.issuer(), || {
        mailbox.desk.browser.sign_in(&mailbox.person);
        mailbox.desk.browser.consent();
    });

    // This issuer takes a revoked token for the end of the whole consent, and the mail server asks it each time.
    provider.revoke(mailbox.kept()["access_token"].as_str().expect("text"), MAIL_CLIENT);
    mailbox.check().failed("authenticate", "auth.token_rejected");
    assert_eq!((mailbox.generation(), &mailbox.account()["health"]["state"]), (1, &"sign_in_needed".into()));
    // The browser is still signed in; only consent is asked for.
    done(mailbox.authorize(&[], || mailbox.desk.browser.consent()));
    mailbox.check().passed();
    assert_eq!(mailbox.generation(), 2);
}

#[test]
fn a_token_that_is_refused_is_exchanged_once_and_shown_once_more() {
    let (realm, mailbox) = keycloak();
    realm.set_mail_audience(ANYTHING_ELSE);
    mailbox.authorizes(&realm.issuer());
    assert_eq!(mailbox.generation(), 1);

    // Another one is no better: that is the end of it.
    mailbox.check().failed("authenticate", "auth.token_rejected");
    assert_eq!(mailbox.generation(), 2, "one refresh for both sides");
    assert_eq!(mailbox.account()["health"]["problem_code"], "auth.token_rejected");

    realm.set_mail_audience(MAIL);
    mailbox.check().passed();
    assert_eq!(mailbox.generation(), 3, "one refresh for both sides");
    mailbox.check().passed();
    assert_eq!(mailbox.generation(), 3);
    // Two, two, and one.
    assert_eq!(mailbox.attempts(), [5, 5]);
}

#[test]
fn access_that_was_taken_back_is_asked_for_again() {
    let (realm, mailbox) = keycloak();
    // Dovecot takes a token for as long as it says; one that it refuses makes the end known at once.
    realm.set_mail_audience(ANYTHING_ELSE);
    mailbox.authorizes(&realm.issuer());
    realm.end_offline_sessions(&mailbox.person, MAIL_CLIENT);
    let report = mailbox.check();
    report.failed("authenticate", "auth.token_rejected");
    assert_eq!(report.outcome().status, 1);
    let account = mailbox.account();
    assert_eq!(account["health"]["state"], "sign_in_needed", "{account}");
    assert_eq!(account["oauth"]["state"], "sign_in_needed", "{account}");
    assert_eq!(mailbox.generation(), 1, "nothing was given");

    realm.set_mail_audience(MAIL);
    // Nobody names the issuer again.
    let signs_in = || mailbox.desk.browser.sign_in(&mailbox.person);
    let account = done(mailbox.authorize(&[], signs_in))["account"].clone();
    assert_eq!(account["oauth"]["state"], "working", "{account}");
    mailbox.check().passed();
    assert_eq!(mailbox.account()["health"]["state"], "ok");
    assert_eq!(mailbox.generation(), 2);
}

#[test]
fn somebody_else_s_consent_is_shown_and_not_bound() {
    let (realm, mailbox) = keycloak();
    let bruno = realm.bruno();
    let issuer = realm.issuer();
    let signs_in = || mailbox.desk.browser.sign_in(&bruno);
    let refused = mailbox.authorize(&["--issuer", &issuer], signs_in);
    assert_eq!((refused.status, refused.error_code()), (3, Some("oauth.other_address")), "{refused}");
    let message = refused.json["error"]["message"].as_str().expect("words");
    assert!(message.contains(&bruno.email) && message.contains(&mailbox.person.email), "{message}");
    assert_eq!(mailbox.desk.keyring.list(&[("service", "courrier")]), "");
    assert_eq!(mailbox.account()["oauth"]["state"], "missing");
    assert_eq!(mailbox.desk.is_refused(&["token", &mailbox.person.email]), (3, "secret.missing".into()));

    // The person knows why it is another: then it is theirs.
    let account = done(mailbox.authorize(&["--issuer", &issuer, "--as-delegate"], signs_in))["account"].clone();
    assert_eq!(account["oauth"]["consented_as"], bruno.email, "{account}");
    // But the mailbox is not, and no token makes it so.
    mailbox.check().failed("authenticate", "auth.token_rejected");
}
