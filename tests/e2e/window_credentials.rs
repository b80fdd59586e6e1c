//! Seeing a credential in the window, offline: reveal, copy, and the clipboard cleared after a time; and a keyring
//! that is locked, absent or empty.

use std::time::Duration;

use courrier_tests::{Clipboard, KeyringSession, Window, until};

use crate::person::{ALICE, PASSWORD, Person};

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
fn without_a_keyring_the_window_says_so_and_saves_nothing() {
    for session in [KeyringSession::absent(), KeyringSession::no_collection()] {
        let person = Person::on(session);
        let window = person.opens();
        window.see("storage-absent");
        window.fill("address", ALICE);
        window.see("address-known");
        person.fill_servers(&window);
        window.fill("password", PASSWORD);
        window.screenshot("add-keyring-absent");
        window.click("save");
        window.see("save-failed");
        assert_eq!(person.password(ALICE), Err("account.not_found".into()));
        drop(window);
        let attempts = person.dovecot.stop();
        assert!(attempts.attempts("imap").is_empty(), "asked before the network: {}", attempts.text());
    }
}
