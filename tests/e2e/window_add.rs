//! Adding an address in the window: typing to saved, a wrong password, the keyboard alone, and stopping.

use courrier_model::Security::Tls;
use courrier_tests::window::keys;
use courrier_tests::{Act, ScriptedServer};

use crate::person::{ALICE, PASSWORD, Person, WRONG};

#[test]
fn a_wrong_password_is_explained_and_the_right_one_saves() {
    let person = Person::new();
    let window = person.begins_alone();
    window.fill("address", ALICE);
    window.see("address-known");
    person.fill_servers(&window);
    window.fill("password", WRONG);
    window.click("save");
    window.see("problem-card");
    window.read("problem-card", "AUTHENTICATIONFAILED");
    assert_eq!(person.password(ALICE), Err("account.not_found".into()), "nothing is saved");
    window.fill("password", PASSWORD);
    window.click("save");
    window.see_account(ALICE, "ok");
    window.read("account-row", "Works");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD));
    // Both sides were proved, with every stage.
    for side in ["side-imap", "side-smtp"] {
        window.read(side, "Works");
        assert_eq!(window.texts(&format!("{side} stage")).len(), 7, "{side}");
    }
    drop(window);
    let attempts = person.dovecot.stop();
    assert_eq!(attempts.attempts("imap").len(), 2, "each password is tried once: {}", attempts.text());
    assert_eq!(attempts.attempts("smtp").len(), 2, "each password is tried once: {}", attempts.text());
}

#[test]
fn the_keyboard_is_enough() {
    let person = Person::new();
    let window = person.opens();
    window.tab_to("first-only-here");
    window.press(keys::ENTER);
    window.see("address");
    assert_eq!(window.focused(), "address", "typing can begin at once");
    window.press(ALICE);
    window.see("imap-host");
    for (field, text) in [
        ("imap-host", "localhost".to_owned()),
        ("imap-port", person.dovecot.imap_port(Tls).to_string()),
        ("smtp-host", "localhost".to_owned()),
        ("smtp-port", person.postfix.smtp_port(Tls).to_string()),
        ("password", PASSWORD.to_owned()),
    ] {
        // What stands in a field is selected when Tab comes to it, so that typing replaces it.
        window.tab_to(field);
        window.press(&text);
        assert_eq!(window.value(field), text, "{field}");
    }
    window.press(keys::ENTER);
    window.see_account(ALICE, "ok");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD));
}

#[test]
fn a_check_of_a_silent_server_can_be_stopped_and_saves_nothing() {
    let person = Person::new();
    let silent = ScriptedServer::start([Act::Stay]);
    let window = person.begins_alone();
    window.fill("address", ALICE);
    person.fill_servers(&window);
    window.fill("imap-port", &silent.port().to_string());
    window.fill("password", PASSWORD);
    window.click("save");
    // The other side is proved while this one waits: progress comes from both.
    window.read("outcome-smtp", "Works");
    window.read("outcome-imap", "Encrypting");
    window.screenshot("add-checking");
    window.click("cancel");
    window.see_no("outcome-imap");
    window.read("save", "Save account");
    assert_eq!(window.value("password"), PASSWORD, "what was typed stays");
    assert_eq!(person.password(ALICE), Err("account.not_found".into()));
    assert_eq!(silent.connections(), 1);
}
