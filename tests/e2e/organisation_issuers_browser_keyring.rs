//! Signing in to an organisation and carrying accounts by its server, by the command line in a real Chromium, with the
//! real Keycloak, the other issuer and the real server.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use courrier_tests::{CourrierServer, DESKTOP_CLIENT, Issuer, Keycloak, OidcProvider, Postgres, Realm, until};

use crate::organisation::{Desk, done, end, said};
use crate::person::{ALICE, BOB};

/// A password that is looked for wherever it must not be.
const MARKED: &str = "canary-Zq7-marked-password";

fn organisation() -> (Realm<'static>, CourrierServer) {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::with(&realm).start();
    (realm, server)
}

#[test]
fn accounts_are_there_on_the_second_computer_and_edits_go_both_ways() {
    let (realm, server) = organisation();
    let alice = realm.alice();
    let (first, second) = (Desk::new(), Desk::new());
    assert_eq!(first.is_refused(&["whoami"]), (3, "signin.needed".into()));
    first.adds(ALICE, "a password");
    let who = first.signs_in(&server, &alice);
    assert_eq!(who["user"]["email"], alice.email, "{who}");
    assert_eq!(who["user"]["name"], alice.name, "{who}");
    assert_eq!(who["user"]["issuer"], realm.issuer(), "{who}");
    assert_eq!(who["server"], server.url(), "{who}");
    assert!(who["device"]["id"].is_string() && who["device"]["current"] == true, "{who}");
    let again = first.does(&["whoami"]);
    assert_eq!((&again["user"], &again["server"]), (&who["user"], &who["server"]), "{again}");
    assert_eq!(first.account(ALICE).expect("here")["travels"], true);
    assert_eq!(first.account(ALICE).expect("here")["waits"], false);

    second.signs_in(&server, &alice);
    let carried = second.account(ALICE).expect("the account came with the sign-in");
    assert_eq!((carried["has_secret"].as_bool(), carried["travels"].as_bool()), (Some(false), Some(true)), "{carried}");
    second.names(ALICE, "Named on the second");
    assert_eq!(second.account(ALICE).expect("here")["waits"], true);
    let synced = second.does(&["sync"]);
    assert_eq!((&synced["sent"], &synced["pending"]), (&1.into(), &0.into()), "{synced}");
    assert_eq!(first.name_of(ALICE).as_deref(), Some(""), "nothing was exchanged yet");
    let synced = first.does(&["sync"]);
    assert_eq!((&synced["received"], &synced["conflicts"]), (&1.into(), &serde_json::json!([])), "{synced}");
    assert_eq!(first.name_of(ALICE).as_deref(), Some("Named on the second"));

    // Different members, changed at once, both survive; the same member is a conflict that the second one is told of.
    first.names(ALICE, "First");
    second.names(ALICE, "Second");
    second.does(&["account", "edit", ALICE, "--color", "#123456"]);
    first.does(&["sync"]);
    let synced = second.does(&["sync"]);
    let conflicts = synced["conflicts"].as_array().expect("a list");
    assert_eq!(conflicts.len(), 1, "{synced}");
    assert_eq!((&conflicts[0]["address"], &conflicts[0]["changed"]), (&ALICE.into(), &serde_json::json!(["name"])));
    first.does(&["sync"]);
    for desk in [&first, &second] {
        let account = desk.account(ALICE).expect("here");
        assert_eq!((&account["name"], &account["color"]), (&"First".into(), &"#123456".into()), "{account}");
    }
    assert_eq!(second.account(ALICE).expect("here")["unseen_conflict"], true);

    // A removal travels too, and takes the password with it.
    assert_eq!(first.account(ALICE).expect("here")["has_secret"], true);
    second.does(&["account", "remove", ALICE]);
    second.does(&["sync"]);
    first.does(&["sync"]);
    assert_eq!(first.account(ALICE), None);
    let entries = first.keyring.list(&[("service", "courrier")]);
    assert!(!entries.contains("a password"), "the password of an account that is gone");
}

#[test]
fn a_server_that_is_away_costs_nothing_but_time() {
    let (realm, server) = organisation();
    let desk = Desk::new();
    desk.signs_in(&server, &realm.alice());
    drop(server);
    desk.adds(ALICE, "a password");
    assert_eq!(desk.is_refused(&["sync"]), (5, "server.unreachable".into()));
    assert_eq!(desk.is_refused(&["device", "list"]), (5, "server.unreachable".into()));
    assert!(desk.does(&["whoami"])["user"]["id"].is_string());
    assert_eq!(desk.account(ALICE).expect("here")["waits"], true);
    let doctor = desk.cli.json(&["doctor"], "");
    let finding = doctor.json["findings"].as_array().expect("findings").iter().find(|one| one["code"] == "server");
    let finding = finding.expect("the server is looked at");
    assert!(finding["ok"] == false && finding["remedy"].is_string(), "{finding}");
}

#[test]
fn after_signing_out_the_token_is_worth_nothing_and_the_accounts_do_as_was_asked() {
    let (realm, server) = organisation();
    let alice = realm.alice();
    let desk = Desk::new();
    desk.adds(ALICE, "a password");
    desk.signs_in(&server, &alice);
    let token = desk.refresh_token().expect("kept in the keyring");
    assert_eq!(realm.offline_sessions(&alice, DESKTOP_CLIENT).len(), 1);
    desk.signs_out("--keep");
    realm.refresh(&token, DESKTOP_CLIENT).expect_err("it was revoked");
    assert!(realm.offline_sessions(&alice, DESKTOP_CLIENT).is_empty());
    assert_eq!(desk.refresh_token(), None);
    assert_eq!(desk.is_refused(&["whoami"]), (3, "signin.needed".into()));
    assert_eq!(desk.is_refused(&["sync"]), (3, "signin.needed".into()));
    let kept = desk.account(ALICE).expect("it stays");
    assert!(kept["has_secret"] == true && kept["travels"].is_null(), "{kept}");

    // The browser was signed out too: the password is asked again. The computer is the same to the server.
    desk.adds(BOB, "another password");
    let who = desk.signs_in(&server, &alice);
    let devices = desk.does(&["device", "list"]);
    assert_eq!(devices.as_array().map(Vec::len), Some(1), "{devices}");
    assert_eq!(devices[0]["id"], who["device"]["id"], "{devices}");
    desk.does(&["account", "edit", BOB, "--no-travels"]);
    desk.signs_out("--remove");
    assert_eq!(desk.account(ALICE), None);
    assert_eq!(desk.does(&["password", BOB])["password"], "another password", "this computer only");
    let entries = desk.keyring.list(&[("service", "courrier")]);
    assert_eq!(entries.matches("secret = ").count(), 1, "nothing but that password is left");
}

#[test]
fn nobody_stays_signed_in_because_the_issuer_is_away() {
    let issuer = OidcProvider::start();
    let server = CourrierServer::start(&issuer);
    let desk = Desk::new();
    desk.adds(ALICE, "a password");
    done(desk.sign_in_with(&["--server", server.url()], &issuer.alice(), true));
    drop(issuer);
    assert_eq!(desk.is_refused(&["sign-out"]), (5, "issuer.unreachable".into()));
    assert!(desk.refresh_token().is_some(), "nothing has changed");
    desk.does(&["sign-out", "--anyway"]);
    assert_eq!((desk.refresh_token(), desk.account(ALICE).is_some()), (None, true));
    assert_eq!(desk.is_refused(&["whoami"]), (3, "signin.needed".into()));
    let nobody = server.url().to_owned();
    drop(server);
    assert_eq!(desk.is_refused(&["sign-in", "--server", &nobody]), (5, "server.no_answer".into()));
}

#[test]
fn two_people_never_mix() {
    let (realm, server) = organisation();
    let (alice, bruno) = (realm.alice(), realm.bruno());
    let desk = Desk::new();
    desk.adds(ALICE, "a password");
    desk.signs_in(&server, &alice);
    desk.signs_out("--keep");
    desk.signs_in(&server, &alice);

    // While Alice is signed in, nobody else can be; whoever tries leaves no session behind.
    let desk = desk.with_another_browser();
    let refused = desk.sign_in(&server, &bruno);
    assert_eq!((refused.status, refused.error_code()), (3, Some("signin.other_person")), "{refused}");
    assert_eq!(desk.does(&["whoami"])["user"]["email"], alice.email);
    assert!(realm.offline_sessions(&bruno, DESKTOP_CLIENT).is_empty(), "its tokens were revoked");
    desk.does(&["sync"]);

    // After she signed out, what she left is for this computer only, and Bruno's other computer never sees it.
    desk.signs_out("--keep");
    let desk = desk.with_another_browser();
    let who = done(desk.sign_in(&server, &bruno));
    assert_eq!(who["user"]["email"], bruno.email, "{who}");
    let left = desk.account(ALICE).expect("it stays");
    assert!(left["travels"] == false && left["has_secret"] == true, "{left}");
    desk.adds(BOB, "his password");
    desk.does(&["sync"]);
    let second = Desk::new();
    second.signs_in(&server, &bruno);
    assert_eq!(second.account(ALICE), None);
    assert!(second.account(BOB).is_some());
}

#[test]
fn a_revoked_computer_is_out_at_once_and_comes_back_as_another_one() {
    let (realm, server) = organisation();
    let alice = realm.alice();
    let (lost, other) = (Desk::new(), Desk::new());
    lost.adds(ALICE, "a password");
    let id = lost.signs_in(&server, &alice)["device"]["id"].as_str().expect("an id").to_owned();
    other.signs_in(&server, &alice);
    let renamed = other.does(&["device", "rename", &id, "The lost laptop"]);
    let named = |devices: &serde_json::Value| {
        devices.as_array().expect("a list").iter().find(|device| device["id"] == id.as_str()).cloned().expect("listed")
    };
    assert_eq!(named(&renamed)["name"], "The lost laptop");
    let revoked = other.does(&["device", "revoke", &id]);
    assert!(named(&revoked)["revoked_at"].is_string(), "{revoked}");
    for command in [&["sync"][..], &["device", "list"], &["whoami"]] {
        assert_eq!(lost.is_refused(command), (3, "device.revoked".into()), "{command:?}");
    }
    assert!(lost.account(ALICE).is_some(), "what is here can still be used");
    assert_eq!(other.is_refused(&["device", "revoke", "no-id"]), (2, "device.not_found".into()));
    let stranger = "00000000-0000-4000-8000-000000000000";
    assert_eq!(other.is_refused(&["device", "revoke", stranger]), (2, "device.not_found".into()));

    let who = lost.signs_in(&server, &alice);
    assert_ne!(who["device"]["id"], id.as_str(), "{who}");
    lost.names(ALICE, "Back");
    lost.does(&["sync"]);
    other.does(&["sync"]);
    assert_eq!(other.name_of(ALICE).as_deref(), Some("Back"));
}

#[test]
fn the_other_issuer_and_the_other_database_do_the_same() {
    let provider = OidcProvider::start();
    let server = CourrierServer::with(&provider).database(&Postgres::shared().create_database()).start();
    let alice = provider.alice();
    let (first, second) = (Desk::new(), Desk::new());
    first.adds(ALICE, "a password");
    let flags = ["--server", server.url()];
    let who = done(first.sign_in_with(&flags, &alice, true));
    assert_eq!(
        (&who["user"]["issuer"], &who["user"]["email"]),
        (&provider.issuer().into(), &alice.email.clone().into())
    );
    done(second.sign_in_with(&flags, &alice, true));
    second.names(ALICE, "Named on the second");
    second.does(&["sync"]);
    first.does(&["sync"]);
    assert_eq!(first.name_of(ALICE).as_deref(), Some("Named on the second"));
    let token = first.refresh_token().expect("kept in the keyring");
    // The browser asks whether to sign out there too, and nobody answers: here it is done all the same.
    first.does(&["sign-out"]);
    provider.refresh(&token, DESKTOP_CLIENT).expect_err("it was revoked");
    assert!(second.does(&["whoami"])["user"]["id"].is_string());
}

#[test]
fn without_a_browser_an_address_or_a_code_will_do() {
    let (realm, server) = organisation();
    let alice = realm.alice();
    let desk = Desk::new();
    let spawn = |flags: &[&str]| {
        let mut command = desk.cli.command(&[&["sign-in", "--json", "--server", server.url()], flags].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("courrier starts")
    };
    let address = |line: &str| line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
    let mut child = spawn(&["--device-code"]);
    let page = said(&mut child, address);
    realm.approve_device(&page, &alice);
    assert_eq!(done(end_without_stderr(child))["user"]["email"], alice.email);
    desk.signs_out("--keep");

    // The browser does not find back, and the person pastes what stands in its address line.
    let mut child = spawn(&["--print-url"]);
    let page = said(&mut child, address);
    assert!(!desk.browser.has_next_page(), "no browser was opened");
    let back = realm.redirect_of(&page, &alice);
    writeln!(child.stdin.as_mut().expect("a pipe"), "not an address\n{back}").expect("it listens");
    assert_eq!(done(end_without_stderr(child))["user"]["email"], alice.email);
    assert!(desk.refresh_token().is_some());
}

fn end_without_stderr(mut child: std::process::Child) -> courrier_tests::Outcome {
    child.stderr = None;
    drop(child.stdin.take());
    end(child)
}

#[test]
fn a_password_reaches_neither_the_server_nor_what_it_keeps() {
    let realm = Keycloak::shared().realm();
    let data = tempfile::tempdir().expect("a temporary folder");
    let folder = data.path().join("data");
    let server = CourrierServer::with(&realm)
        .setting("COURRIER_DATA", folder.to_str().expect("plain names"))
        .setting("COURRIER_LOG", "trace")
        .start();
    let desk = Desk::new();
    desk.adds(ALICE, MARKED);
    desk.signs_in(&server, &realm.alice());
    desk.names(ALICE, "Travels");
    desk.does(&["sync"]);
    let token = desk.refresh_token().expect("kept in the keyring");
    let mut seen_the_name = false;
    for file in fs::read_dir(&folder).expect("the server's folder") {
        let bytes = fs::read(file.expect("an entry").path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        seen_the_name |= text.contains(ALICE);
        assert!(!text.contains(MARKED) && !text.contains(&token), "a secret is in the server's data");
    }
    assert!(seen_the_name, "the test looks at the wrong files");
    let log = server.log();
    assert!(!log.contains(MARKED) && !log.contains(&token) && !log.contains(ALICE), "{log}");
    let database = fs::read(desk.cli.home().join("courrier.db")).expect("a file");
    let wal = fs::read(desk.cli.home().join("courrier.db-wal")).unwrap_or_default();
    for bytes in [database, wal] {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(MARKED) && !text.contains(&token), "a secret is in the local database");
    }
}

#[test]
fn an_edit_waits_for_the_one_that_is_at_it() {
    let (realm, server) = organisation();
    let desk = Desk::new();
    desk.signs_in(&server, &realm.alice());
    for number in 0..4 {
        desk.adds(&format!("person{number}@example.test"), "a password");
    }
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| desk.cli.json(&["sync"], ""))).collect();
        let sent: u64 =
            runs.into_iter().map(|run| done(run.join().expect("it ran"))["sent"].as_u64().expect("a number")).sum();
        assert!(sent >= 4, "everything went out, once: {sent}");
    });
    until("nothing to wait", Duration::from_secs(20), || {
        let accounts = desk.does(&["account", "list"]);
        accounts.as_array().expect("a list").iter().all(|account| account["waits"] == false).then_some(())
    });
    assert!(desk.refresh_token().is_some(), "four processes at once, one session");
}
