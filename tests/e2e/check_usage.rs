//! The manners of `courrier check`: wrong usage, words for people, exit statuses.

use courrier_model::Security::Tls;
use courrier_tests::{Ca, Cli, closed_port};

use crate::mail::{ALICE, Account, PASSWORD, WRONG};

#[test]
fn wrong_usage_is_one_document_too() {
    let cli = Cli::new(&Ca::new());
    let server = closed_port(Tls);
    let endpoints = ["--imap", &server, "--smtp", &server];
    let with = |arguments: &[&'static str]| [&["check"], arguments, &endpoints].concat();
    for arguments in [
        with(&["not an address"]),
        with(&[""]),
        with(&[]),
        with(&[ALICE, "--no-such-flag"]),
        with(&[ALICE, "one too many"]),
        vec!["check", ALICE, "--imap", "localhost:993/ssl", "--smtp", &server],
        vec!["check", ALICE, "--imap", "localhost:0/tls", "--smtp", &server],
        vec!["check", ALICE, "--imap", "localhost", "--smtp", &server],
        vec!["no-such-command"],
        vec![],
    ] {
        let outcome = cli.json(&arguments, "");
        assert_eq!(outcome.status, 2, "{arguments:?}: {outcome}");
        let error = &outcome.json["error"];
        let texts = [&error["code"], &error["message"], &error["remedy"]];
        assert!(texts[0].is_string() && texts[1].is_string() && !texts[2].is_number(), "{arguments:?}: {outcome}");
    }
}

#[test]
fn endpoints_that_cannot_be_known_are_asked_for() {
    let cli = Cli::new(&Ca::new());
    let outcome = cli.json(&["check", ALICE, "--imap", &closed_port(Tls)], "");
    assert_eq!((outcome.status, outcome.error_code()), (2, Some("endpoint.missing")), "{outcome}");
}

#[test]
fn an_account_that_is_not_there_is_told() {
    let outcome = Cli::new(&Ca::new()).json(&["check", ALICE], "");
    assert_eq!(outcome.status, 2, "{outcome}");
    let code = outcome.error_code().unwrap_or_default();
    assert!(["account.not_found", "endpoint.missing"].contains(&code), "{outcome}");
}

#[test]
fn words_follow_the_language_and_codes_do_not() {
    let account = Account::start();
    let english = account.run(Tls, WRONG);
    let cli = Cli::new(&account.ca).environment("LC_MESSAGES", "fr_FR.UTF-8");
    let french = account.check(Tls).password(WRONG).run(&cli);
    french.failed("authenticate", "auth.rejected");
    for (english, french) in english.sides().iter().zip(french.sides()) {
        let words = |side: &courrier_tests::Side<'_>| side.json()["problem"]["summary"].to_string();
        assert_ne!(words(english), words(&french));
    }
}

#[test]
fn people_get_words_and_scripts_the_status() {
    let account = Account::start();
    let [imap, smtp] = [account.dovecot.imap(Tls), account.postfix.smtp(Tls)];
    let arguments = ["check", ALICE, "--imap", &imap, "--smtp", &smtp, "--password-stdin"];
    let good = account.cli.run(&arguments, &format!("{PASSWORD}\n"));
    assert_eq!(good.status, 0, "{good}");
    let bad = account.cli.run(&arguments, &format!("{WRONG}\n"));
    assert_eq!(bad.status, 1, "{bad}");
    assert!(bad.stdout.contains("auth.rejected") || bad.stdout.contains("password"), "{bad}");
    assert!(serde_json::from_str::<serde_json::Value>(&bad.stdout).is_err(), "not for programs: {bad}");
}

#[test]
fn a_password_may_end_without_a_line_break_and_with_a_windows_one() {
    let account = Account::start();
    let [imap, smtp] = [account.dovecot.imap(Tls), account.postfix.smtp(Tls)];
    let arguments = ["check", ALICE, "--imap", &imap, "--smtp", &smtp, "--password-stdin"];
    for end in ["", "\n", "\r\n"] {
        let outcome = account.cli.json(&arguments, &format!("{PASSWORD}{end}"));
        assert_eq!(outcome.status, 0, "{end:?}: {outcome}");
    }
}
