//! The window beside others: the command line changes the same accounts, and a second start opens a second window.

use std::time::Duration;

use courrier_tests::window::{TITLE, screenshots};
use courrier_tests::{Window, until};

use crate::person::{ALICE, BOB, Person};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn what_the_command_line_changes_is_seen_at_once() {
    let person = Person::new().has_account(ALICE);
    let window = person.opens();
    window.see_account(ALICE, "unchecked");
    person.adds(BOB, "another password");
    window.see_account(BOB, "unchecked");
    let checked = person.cli.json(&["check", ALICE], "");
    assert_eq!(checked.status, 0, "{checked}");
    window.see_account(ALICE, "ok");
    let removed = person.cli.json(&["account", "remove", BOB], "");
    assert_eq!(removed.status, 0, "{removed}");
    window.see_no_account(BOB);
}

#[test]
fn a_second_start_opens_a_second_window_of_the_same_program() {
    let person = Person::new().has_account(ALICE);
    // Made by whichever window has drawn its list.
    let drawn = person.cli.home().join("drawn");
    let variables = [("COURRIER_STARTED_FILE", drawn.to_str().expect("a plain name"))];
    let window = Window::open_with(&person.cli, &person.display, &variables);
    let wait_for_drawn = || until("a window to be drawn", SOON, || std::fs::remove_file(&drawn).ok());
    wait_for_drawn();
    assert_eq!(person.display.windows(TITLE), 1);
    assert!(Window::start_again(&person.cli, &person.display), "the second start succeeds and ends");
    person.display.wait_for_windows(TITLE, 2);
    wait_for_drawn();
    person.display.screenshot(&screenshots().join("two-windows.png"));
    // The first still works.
    window.open_account(ALICE);
    window.click("tab-credentials");
    window.see("hidden-secret");
}
