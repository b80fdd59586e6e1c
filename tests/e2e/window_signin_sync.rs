//! Two windows of one person on two computers: what is edited in one is seen in the other, also after the network was
//! away; and a computer that is revoked.

use std::time::Duration;

use courrier_tests::{CourrierServer, Keycloak, Window, kept_port, until};

use crate::person::ALICE;
use crate::seat::Seat;

/// What two exchanges take on a busy machine.
const SYNCED: Duration = Duration::from_secs(60);
/// Who could not reach the server asks again after growing pauses.
const BACK: Duration = Duration::from_secs(180);

/// Two computers of the same person, both signed in, with the account on both.
fn two_seats(server: &CourrierServer, person: &courrier_tests::Person) -> [(Window, Seat); 2] {
    let seats = [Seat::new(), Seat::new()];
    seats[0].desk.adds(ALICE, "a password");
    for seat in &seats {
        seat.desk.signs_in(server, person);
    }
    seats.map(|seat| {
        let window = seat.opens();
        window.see_account(ALICE, "unchecked");
        window.see_within("sync-state[data-state=up_to_date]", SYNCED);
        (window, seat)
    })
}

fn renames(window: &Window, name: &str) {
    window.open_account(ALICE);
    window.click("tab-settings");
    window.fill("name", name);
    window.click("save");
    window.read("account-row", name);
}

#[test]
fn an_edit_in_one_window_is_seen_in_the_other_by_itself() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let [(first, first_seat), (second, _second_seat)] = two_seats(&server, &realm.alice());
    second.open_account(ALICE);
    second.click("tab-settings");
    renames(&first, "Named on the first");
    second.read_within("account-row", "Named on the first", SYNCED);
    until("the open form to follow", SYNCED, || (second.value("name") == "Named on the first").then_some(()));
    second.screenshot("seen-on-the-second");
    renames(&second, "Named on the second");
    first.read_within("account-row", "Named on the second", SYNCED);
    first.click("tab-history");
    first.see("version[data-cause=received]");
    first.screenshot("history-received");

    // A computer that is taken out says so at once, and what is there stays.
    first.click("room-devices");
    first.see("device-revoke");
    assert_eq!(first.texts("device").len(), 2);
    first.screenshot("devices");
    first.click("device-revoke");
    first.see("confirm-do");
    first.screenshot("devices-revoke");
    first.click("confirm-do");
    first.see_no("confirm-do");
    first.read("device[data-current=false]", "Revoked");
    first.screenshot("devices-revoked");
    second.see_within("sync-banner[data-state=must_sign_in]", SYNCED);
    second.read("sync-banner", "This computer’s access was revoked.");
    second.screenshot("revoked-on-the-second");
    assert_eq!(second.texts("account-row").len(), 1);
    assert_eq!(first_seat.desk.does(&["password", ALICE])["password"], "a password");
}

#[test]
fn what_both_change_while_the_server_is_away_comes_together_afterwards() {
    let realm = Keycloak::shared().realm();
    let data = tempfile::tempdir().expect("a temporary folder");
    let address = format!("127.0.0.1:{}", kept_port());
    let serve = || {
        let folder = data.path().join("data");
        let server = CourrierServer::with(&realm).setting("COURRIER_LISTEN", &address);
        server.setting("COURRIER_DATA", folder.to_str().expect("plain names")).start()
    };
    let server = serve();
    let seats = two_seats(&server, &realm.alice());
    drop(server.stop());
    let names = ["Named on the first", "Named on the second"];
    for ((window, _), name) in seats.iter().zip(names) {
        renames(window, name);
        window.read_within("sync-banner", "1 change waits for the network", SYNCED);
    }
    for ((window, _), name) in seats.iter().zip(names) {
        window.read("account-row", name);
        window.see("account-waits");
    }
    seats[0].0.screenshot("offline-waiting");

    let _server = serve();
    // Whose change comes second gives way, and is told so.
    let lost = until("a change to be set aside", BACK, || {
        seats.iter().position(|(window, _)| !window.texts("conflict-banner").is_empty())
    });
    let (mine, theirs, loser) = (names[lost], names[1 - lost], &seats[lost].0);
    for (window, _) in &seats {
        window.read_within("account-row", theirs, BACK);
        window.see_no("sync-banner");
    }
    loser.read("conflict-banner", "1 change was set aside");
    loser.screenshot("conflict-banner");
    loser.click("conflict-look");
    loser.read("version[data-cause=conflict]", mine);
    loser.read("version[data-cause=conflict]", theirs);
    loser.see_no("conflict-banner");
    loser.screenshot("history-conflict");
    loser.click("version[data-cause=conflict] restore");
    for (window, _) in &seats {
        window.read_within("account-row", mine, SYNCED);
    }
    loser.see_no("version[data-cause=conflict] restore");
    loser.screenshot("history-put-back");
    for (_, seat) in &seats {
        until("both to agree", SYNCED, || (seat.desk.name_of(ALICE).as_deref() == Some(mine)).then_some(()));
        assert_eq!(seat.desk.account(ALICE).expect("here")["unseen_conflict"], false);
    }
}
