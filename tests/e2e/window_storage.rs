//! Where passwords are kept, chosen in the window: no keyring at all and the encrypted file in its place, a keyring
//! that nobody has created yet.

use std::time::{Duration, Instant};

use courrier_tests::window::keys;
use courrier_tests::{Display, KeyringSession, Window, until};

use crate::person::{ALICE, PASSWORD, Person};

const PASSPHRASE: &str = "four words in a row";
/// Without a space, which would press a button that has the keyboard.
const KEYRING_PASSWORD: &str = "a-new-password";
/// The keyring's own password window.
const PROMPT: [&str; 4] = ["search", "--onlyvisible", "--class", "gcr-prompter"];
/// How long a person may take to answer it, and a busy machine to show it.
const ANSWERED: Duration = Duration::from_secs(60);
/// How long the window may take to go after the last key.
const GONE: Duration = Duration::from_secs(10);

/// Fills in everything about Alice's account that the window asks for.
fn fill_in(person: &Person, window: &Window) {
    window.fill("address", ALICE);
    window.see("address-known");
    person.fill_servers(window);
    window.fill("password", PASSWORD);
}

#[test]
fn without_a_keyring_the_window_says_so_and_saves_nothing() {
    for (session, note) in
        [(KeyringSession::absent(), "storage-absent"), (KeyringSession::no_collection(), "storage-none-yet")]
    {
        let person = Person::on(session);
        let window = person.begins_alone();
        window.see(note);
        fill_in(&person, &window);
        window.screenshot(&format!("add-{note}"));
        window.click("save");
        window.see("save-failed");
        assert_eq!(person.password(ALICE), Err("account.not_found".into()));
        drop(window);
        let attempts = person.dovecot.stop();
        assert!(attempts.attempts("imap").is_empty(), "asked before the network: {}", attempts.text());
    }
}

#[test]
fn the_encrypted_file_is_chosen_and_opened_again_after_a_restart() {
    let person = Person::on(KeyringSession::absent());
    let window = person.begins_alone();
    window.see("storage-absent");
    window.click("keep-in-file-begin");
    window.fill("new-passphrase", PASSPHRASE);
    window.fill("passphrase-again", "four words in a raw");
    window.click("keep-in-file-do");
    window.read("keep-in-file", "The two passphrases are not the same.");
    window.see("storage-absent");
    window.screenshot("add-file-differs");
    window.fill("passphrase-again", PASSPHRASE);
    window.click("keep-in-file-do");
    window.see_no("storage-absent");
    fill_in(&person, &window);
    window.screenshot("add-file-chosen");
    window.click("save");
    window.see_account(ALICE, "ok");
    window.click("tab-credentials");
    window.click("reveal");
    window.read("revealed-secret", PASSWORD);
    window.click("room-settings");
    window.read("settings-storage", "encrypted file");
    window.screenshot("settings-file");
    // Open in this window, locked for everybody else.
    assert_eq!(person.password(ALICE), Err("keyring.locked".into()));
    let file = std::fs::read(person.cli.home().join("secrets.courrier")).expect("the file was made");
    for secret in [PASSWORD, PASSPHRASE] {
        assert!(!file.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} stands in the file");
    }
    window.close(&person.display);

    let window = person.opens();
    window.see_account(ALICE, "ok");
    window.open_account(ALICE);
    window.click("tab-credentials");
    window.see("file-locked");
    window.click("reveal");
    window.see("file-locked");
    assert!(!window.everything().contains(PASSWORD));
    window.fill("passphrase", "not this one");
    window.click("open-file");
    window.read("file-locked", "This passphrase does not open the encrypted file.");
    window.screenshot("credentials-file-refused");
    window.fill("passphrase", PASSPHRASE);
    window.press(keys::ENTER);
    window.see_no("file-locked");
    window.click("reveal");
    window.read("revealed-secret", PASSWORD);
    window.screenshot("credentials-file-open");
}

/// Uses `hands` at the keyring's password window until it has gone.
fn answer(display: &Display, hands: impl Fn()) {
    until("the keyring's question", ANSWERED, || {
        let found = display.xdotool(&PROMPT)?;
        // Keys that come before it has the keyboard are lost, and the rest of them would press the wrong button.
        display.xdotool(&["windowfocus", "--sync", found.lines().next()?]).map(drop)
    });
    until("the question to be answered", ANSWERED, || {
        hands();
        let late = Instant::now() + GONE;
        while display.xdotool(&PROMPT).is_some() {
            if Instant::now() > late {
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(())
    });
}

fn press(display: &Display, names: &[&str]) {
    assert!(display.xdotool(&[&["key"], names].concat()).is_some(), "the keyboard works");
}

/// Chooses a password for the new keyring.
fn choose_password(display: &Display) {
    press(display, &["ctrl+a"]);
    for last in [false, true] {
        assert!(display.xdotool(&["type", KEYRING_PASSWORD]).is_some(), "the keyboard works");
        press(display, if last { &["Return"] } else { &["Tab", "ctrl+a"] });
    }
}

#[test]
fn a_first_keyring_is_created_from_the_window() {
    let mut person = Person::on(KeyringSession::no_collection());
    person.session.start_prompter(&person.display);
    let window = person.begins_alone();
    window.see("storage-none-yet");
    window.click("create-keyring");
    answer(&person.display, || press(&person.display, &["Escape"]));
    window.read("notice", "No keyring has been created");
    window.see("storage-none-yet");
    window.screenshot("keyring-not-created");

    window.click("create-keyring");
    answer(&person.display, || choose_password(&person.display));
    window.see_no("storage-none-yet");
    fill_in(&person, &window);
    window.click("save");
    window.see_account(ALICE, "ok");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD));
}

#[test]
fn a_first_keyring_is_created_by_a_command_that_may_ask() {
    let mut person = Person::on(KeyringSession::no_collection());
    let storage = |flags: &[&str]| person.cli.json(&[&["storage"], flags].concat(), "");
    let before = storage(&[]);
    assert_eq!((&before.json["state"], &before.json["can_create"]), (&"absent".into(), &true.into()), "{before}");
    // Nobody can be asked: the keyring dismisses its own question.
    let refused = storage(&["--unlock"]);
    assert_eq!((refused.status, refused.error_code()), (4, Some("keyring.absent")), "{refused}");
    let message = refused.json["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("No keyring has been created"), "{refused}");

    person.session.start_prompter(&person.display);
    let created = std::thread::scope(|scope| {
        let asking = scope.spawn(|| person.cli.json(&["storage", "--unlock"], ""));
        answer(&person.display, || choose_password(&person.display));
        asking.join().expect("no panic")
    });
    assert_eq!((&created.json["state"], &created.json["can_create"]), (&"ready".into(), &false.into()), "{created}");
    person.adds(ALICE, PASSWORD);
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD));
}
