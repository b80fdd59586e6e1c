//! Signing in and out in the window, with the real Keycloak, the real server, and a real Chromium in which the person
//! types the password.

use std::time::Duration;

use courrier_tests::{CourrierServer, Keycloak, kept_port};

use crate::organisation::Desk;
use crate::person::{ALICE, BOB};
use crate::seat::Seat;

/// What the issuer's page and the server take on a busy machine.
const WELCOMED: Duration = Duration::from_secs(60);

#[test]
fn the_first_start_leads_through_the_browser_to_the_accounts() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let alice = realm.alice();
    let seat = Seat::new();
    let window = seat.opens();
    window.see("first-organisation");
    window.screenshot("first-choice");
    window.click("first-organisation");
    window.see("server-address");
    assert_eq!(window.focused(), "server-address", "typing can begin at once");
    window.screenshot("sign-in-server");

    // A wrong address says so before any browser opens.
    window.fill("server-address", &format!("127.0.0.1:{}", kept_port()));
    window.click("sign-in-continue");
    window.see("sign-in-failed");
    window.screenshot("sign-in-no-server");
    assert!(!seat.desk.browser.has_next_page(), "there was nothing to open");

    seat.begins_sign_in(&window, server.url());
    window.read("sign-in-waiting", "Waiting for your sign-in at");
    window.screenshot("sign-in-waiting");
    seat.goes_through_the_browser(&alice);
    window.read_within("signed-in-as", &alice.name, WELCOMED);
    window.see_no("sign-in-waiting");
    window.screenshot("signed-in-none");
    let who = seat.desk.does(&["whoami"]);
    assert_eq!((&who["user"]["email"], &who["server"]), (&alice.email.clone().into(), &server.url().into()), "{who}");
    window.click("to-accounts");
    window.see("search");
    window.screenshot("accounts-none-travel");

    // What is added from now on travels without a question.
    seat.desk.adds(ALICE, "a password");
    window.see_account(ALICE, "unchecked");
    let second = Desk::new();
    second.signs_in(&server, &alice);
    courrier_tests::until("the account on the second computer", WELCOMED, || {
        second.does(&["sync"]);
        second.account(ALICE)
    });
}

#[test]
fn what_is_chosen_travels_and_the_rest_stays() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let alice = realm.alice();
    let seat = Seat::new();
    seat.desk.adds(ALICE, "a password");
    seat.desk.adds(BOB, "another password");
    // Who has accounts already is not asked where they shall live: they are here.
    let window = seat.opens();
    window.see_account(ALICE, "unchecked");
    window.click("room-settings");
    window.see("settings-server[data-state=signed_out]");
    window.click("sign-in");
    seat.begins_sign_in(&window, server.url());
    seat.goes_through_the_browser(&alice);
    window.see_within("choose-done", WELCOMED);
    window.read("choose-count", "2 of 2");
    window.click(&format!("choose-row[data-address=\"{BOB}\"]"));
    window.read("choose-count", "1 of 2");
    window.screenshot("sign-in-choose");
    window.click("choose-done");
    window.read("signed-in-as", &alice.name);
    window.read("sign-in", "Nothing is missing");
    window.screenshot("signed-in");
    window.click("to-accounts");
    window.open_account(BOB);
    window.read("account-header", "This computer only");
    window.screenshot("account-only-here");
    window.see_within("sync-state[data-state=up_to_date]", WELCOMED);

    let second = Desk::new();
    second.signs_in(&server, &alice);
    assert!(second.account(ALICE).is_some(), "it was chosen");
    assert_eq!(second.account(BOB), None, "it was not");
}

#[test]
fn signing_out_keeps_the_accounts_and_signing_in_again_finds_them() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let alice = realm.alice();
    let seat = Seat::new();
    seat.desk.adds(ALICE, "a password");
    seat.desk.signs_in(&server, &alice);
    let window = seat.opens();
    window.see_account(ALICE, "unchecked");
    window.see_within("sync-state[data-state=up_to_date]", WELCOMED);
    window.click("room-settings");
    window.read("signed-in-name", &alice.name);
    window.screenshot("settings-signed-in");
    window.click("sign-out");
    window.see("sign-out-choice");
    window.screenshot("settings-sign-out");
    window.click("sign-out-do");
    window.see_within("settings-server[data-state=signed_out]", WELCOMED);
    seat.desk.browser.next_page();
    seat.desk.browser.read("You are signed out");
    assert_eq!(seat.desk.refresh_token(), None, "nothing is left of the session");
    assert_eq!(seat.desk.does(&["password", ALICE])["password"], "a password", "it stays with its password");

    // The server is remembered; the browser asks for the password again, for its session was ended too.
    window.click("sign-in");
    window.see("server-address");
    assert_eq!(window.value("server-address"), server.url());
    seat.begins_sign_in(&window, server.url());
    seat.goes_through_the_browser(&alice);
    // It is the same person: what travelled travels on, without a question.
    window.read_within("signed-in-as", &alice.name, WELCOMED);
    window.read("sign-in", "Nothing is missing");
    window.click("to-accounts");
    window.see_within("sync-state[data-state=up_to_date]", WELCOMED);
    assert_eq!(window.texts("account-row").len(), 1, "the account here and the one at the server are one");
    assert_eq!(seat.desk.does(&["password", ALICE])["password"], "a password");
}
