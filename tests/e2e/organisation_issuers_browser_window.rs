//! What a window does without being asked while somebody is signed in.

use std::time::Duration;

use courrier_tests::{CourrierServer, Display, Keycloak, Window, until};

use crate::organisation::Desk;
use crate::person::ALICE;

/// A change is on the other computer within a second; a machine that builds something beside it takes longer.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_window_carries_the_edits_of_all_programs_and_hears_of_those_elsewhere() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::with(&realm).start();
    let alice = realm.alice();
    let (first, second) = (Desk::new(), Desk::new());
    first.adds(ALICE, "a password");
    let id = first.signs_in(&server, &alice)["device"]["id"].as_str().expect("an id").to_owned();
    let display = Display::managed();
    let window = Window::open(&first.cli, &display);

    // Somebody has signed in as the same person: that is told, wherever they are.
    second.signs_in(&server, &alice);
    window.see_within("device-joined-look", SOON);
    window.screenshot("device-joined");
    window.click("device-joined-look");
    window.see("room-devices");
    window.see_no("device-joined-look");
    window.click("room-accounts");

    // From elsewhere: the server tells, nobody asks.
    second.names(ALICE, "From the second");
    second.does(&["sync"]);
    until("the edit to arrive", SOON, || (first.name_of(ALICE)? == "From the second").then_some(()));

    // From another program of the same folder: the window sends it.
    first.names(ALICE, "From the first");
    until("the edit to be sent", SOON, || (first.account(ALICE)?["waits"] == false).then_some(()));
    second.does(&["sync"]);
    assert_eq!(second.name_of(ALICE).as_deref(), Some("From the first"));

    // Both at once, and the window goes on after an exchange by another program.
    first.names(ALICE, "Again");
    first.does(&["sync"]);
    first.names(ALICE, "Once more");
    until("the edit to be sent", SOON, || (first.account(ALICE)?["waits"] == false).then_some(()));
    second.does(&["sync"]);
    assert_eq!(second.name_of(ALICE).as_deref(), Some("Once more"));

    // Somebody else's computer while no window is open: told by the next one, until it is seen there.
    drop(window);
    let third = Desk::new();
    third.signs_in(&server, &alice);
    let window = Window::open(&first.cli, &display);
    window.see_within("device-joined-look", SOON);
    drop(window);
    let window = Window::open(&first.cli, &display);
    window.see_within("device-joined-look", SOON);
    window.click("device-joined-look");
    window.see("room-devices");
    window.see_no("device-joined-look");
    drop(window);
    let window = Window::open(&first.cli, &display);
    window.see("room-accounts");
    second.names(ALICE, "Heard");
    second.does(&["sync"]);
    until("the edit to arrive", SOON, || (first.name_of(ALICE)? == "Heard").then_some(()));
    window.see_no("device-joined-look");

    // Revoked: the stream ends, and the window's program notes it for all.
    second.does(&["device", "revoke", &id]);
    until("the end to be noted", SOON, || {
        let asked = first.cli.json(&["whoami"], "");
        (asked.error_code() == Some("device.revoked")).then_some(())
    });
    drop(window);
}
