//! Seeing a credential in the window, offline: reveal, copy, and the clipboard cleared after a time; and a keyring
//! that is locked.

use std::time::Duration;

use courrier_model::Security::Tls;
use courrier_tests::{Clipboard, Window, until};

use crate::person::{ALICE, BOB, PASSWORD, Person};

/// The shortest time that can be chosen, and what a busy machine may add.
const CLEARED: Duration = Duration::from_secs(30);

/// Opens Alice's credentials.
fn credentials(window: &Window) {
    window.open_account(ALICE);
    window.click("tab-credentials");
    window.see("hidden-secret");
}

/// Sets the times after which secrets go, by the shortest choice of the window.
fn choose_shortest_times(window: &Window) {
    window.click("room-settings");
    window.choose("settings-clipboard", "10");
    window.choose("settings-reveal", "10");
    window.click("room-accounts");
}

#[test]
fn a_password_is_shown_and_copied_without_any_server_and_cleared_in_time() {
    let Person { dovecot, postfix, session, display, cli, ca: _ca } = Person::new().has_account(ALICE);
    let servers = [dovecot.imap_port(courrier_model::Security::Tls), postfix.smtp_port(courrier_model::Security::Tls)];
    drop((postfix, dovecot));
    for port in servers {
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "{port} is offline");
    }
    let mut clipboard = Clipboard::of(&display);
    let window = Window::open(&cli, &display);
    window.see_account(ALICE, "unchecked");
    choose_shortest_times(&window);
    credentials(&window);
    assert!(!window.everything().contains(PASSWORD), "hidden until asked for");
    window.click("reveal");
    window.read("revealed-secret", PASSWORD);
    window.click("reveal");
    window.see("hidden-secret");
    assert!(!window.everything().contains(PASSWORD), "hidden again");
    // Shown, it hides by itself.
    window.click("reveal");
    window.see("revealed-secret");
    window.see_within("hidden-secret", CLEARED);

    window.click("copy-password");
    until("the password on the clipboard", Duration::from_secs(10), || (clipboard.read() == PASSWORD).then_some(()));
    window.read("copy-password", "Copied");
    until("the clipboard to be cleared", CLEARED, || clipboard.read().is_empty().then_some(()));
    window.read_no_more("copy-password", "Copied", CLEARED);

    // What somebody else copied meanwhile stays.
    window.click("copy-password");
    until("the password on the clipboard", Duration::from_secs(10), || (clipboard.read() == PASSWORD).then_some(()));
    clipboard.write("a shopping list");
    window.read("copy-password", "Copied");
    window.read_no_more("copy-password", "Copied", CLEARED);
    assert_eq!(clipboard.read(), "a shopping list");

    // What is no secret stays.
    window.click("copy-username");
    until("the user name on the clipboard", Duration::from_secs(10), || (clipboard.read() == ALICE).then_some(()));
    drop((window, session));
}

#[test]
fn closing_the_window_takes_the_password_off_the_clipboard_at_once() {
    let person = Person::new().has_account(ALICE);
    let mut clipboard = Clipboard::of(&person.display);
    let window = person.opens();
    credentials(&window);
    window.click("copy-password");
    until("the password on the clipboard", Duration::from_secs(10), || (clipboard.read() == PASSWORD).then_some(()));
    // A clipboard manager takes over what was copied, and would keep it when we are gone.
    clipboard.write(PASSWORD);
    window.close(&person.display);
    assert_eq!(clipboard.read(), "");
}

#[test]
fn a_locked_keyring_is_said_and_opened_on_request() {
    let person = Person::new().has_account(ALICE);
    person.session.lock();
    let window = person.opens();
    credentials(&window);
    window.see("storage-locked");
    window.click("reveal");
    window.see("storage-locked");
    assert!(!window.everything().contains(PASSWORD));
    window.screenshot("credentials-locked");
    // The person opens it elsewhere, as signing in does; asking again finds it open.
    person.session.unlock();
    window.click("unlock");
    window.see_no("storage-locked");
    window.click("reveal");
    window.read("revealed-secret", PASSWORD);
}

#[test]
fn sending_has_a_password_of_its_own_only_where_one_is_stored() {
    let person = Person::new().has_account(ALICE);
    let (imap, smtp) = (person.dovecot.imap(Tls), person.postfix.smtp(Tls));
    // Another user name for sending is not yet another password.
    let flags = ["--imap", &imap, "--smtp", &smtp, "--smtp-user", "bob", "--password-stdin", "--unchecked"];
    let with_two = [&["account", "add", BOB], &flags[..]].concat();
    let added = person.cli.json(&with_two, "for receiving\nfor sending\n");
    assert_eq!(added.json["account"]["has_sending_secret"], true, "{added}");
    let window = person.opens();
    credentials(&window);
    assert!(window.texts("reveal-sending").is_empty(), "one password for both");

    window.open_account(BOB);
    window.click("tab-credentials");
    window.click("reveal-sending");
    window.read("revealed-secret", "for sending");
    window.click("reveal-sending");
    window.see_no("revealed-secret");
    window.click("reveal");
    window.read("revealed-secret", "for receiving");
    window.screenshot("credentials-two-passwords");
    // From now on one serves both.
    let edited = person.cli.json(&["account", "edit", BOB, "--password-stdin"], "for both\n");
    assert_eq!(edited.json["has_sending_secret"], false, "{edited}");
    window.see_no("reveal-sending");
}
