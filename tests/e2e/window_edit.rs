//! Changing an account in the window: checked before it is saved, or saved unchecked on request; and a password that
//! no longer works, replaced on the problem's own card.

use courrier_model::Security::Tls;
use courrier_tests::closed_port;

use crate::person::{ALICE, PASSWORD, Person};

#[test]
fn a_wrong_server_is_not_saved_unless_asked_for() {
    let person = Person::new().has_account(ALICE);
    let closed = closed_port(Tls);
    let closed = closed.split([':', '/']).nth(1).expect("HOST:PORT/SECURITY");
    let port = |person: &Person| person.cli.json(&["account", "show", ALICE], "").json["imap"]["port"].to_string();
    let right = port(&person);
    let window = person.opens();
    window.open_account(ALICE);
    window.click("tab-settings");
    window.fill("imap-port", closed);
    window.click("save");
    window.see("save-outcome problem-card");
    window.read("save-outcome side-smtp", "Works");
    assert_eq!(port(&person), right, "not saved");
    window.screenshot("settings-not-saved");
    window.click("save-unchecked");
    window.see_no("save-unchecked");
    window.see_account(ALICE, "unchecked");
    assert_eq!(port(&person), closed, "saved on request");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD), "the password stays");
}

#[test]
fn a_changed_password_is_replaced_on_its_card() {
    let mut person = Person::new().has_account(ALICE);
    person.dovecot.set_password(ALICE, "changed elsewhere");
    let window = person.opens();
    window.open_account(ALICE);
    window.click("check-again");
    window.see_account(ALICE, "problem");
    window.see("problem-card");
    window.screenshot("health-password-refused");
    window.fill("problem-card password", "not this one either");
    window.click("try-password");
    window.read("problem-card", "not");
    assert_eq!(person.password(ALICE).as_deref(), Ok(PASSWORD), "what does not work is not kept");
    window.fill("problem-card password", "changed elsewhere");
    window.click("try-password");
    window.see_account(ALICE, "ok");
    window.see_no("problem-card");
    assert_eq!(person.password(ALICE).as_deref(), Ok("changed elsewhere"));
}
