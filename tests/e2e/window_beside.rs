//! The window beside others: the command line changes the same accounts, another process the settings, and a second
//! start opens a second window.

use std::time::Duration;

use courrier_app::view::SettingsView;
use courrier_app::{Courrier, Ports};
use courrier_tests::window::{TITLE, screenshots};
use courrier_tests::{Window, until};

use crate::person::{ALICE, BOB, Person};

const SOON: Duration = Duration::from_secs(20);
/// The ground of a light window.
const LIGHT: [u8; 3] = [0xf6, 0xf6, 0xf4];

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
fn what_another_process_chooses_is_followed_at_once() {
    let person = Person::new().has_account(ALICE);
    let window = person.opens();
    window.see_account(ALICE, "unchecked");
    window.click("room-settings");
    window.read("settings-storage", "keyring");
    // As the window of another program on this folder does: one of another session, or on another screen.
    let other = Courrier::open(Some(&person.cli.home()), Ports::system()).expect("the home opens");
    let choose = |language: &str, theme: &str| {
        let [language, theme] = [language, theme].map(str::to_owned);
        let settings = SettingsView { language, theme, clipboard_seconds: 45, reveal_seconds: 30 };
        other.save_settings(&settings).expect("saved");
    };
    choose("fr", "dark");
    window.until_script("the dark theme", "getComputedStyle(document.body).backgroundColor === 'rgb(23, 24, 26)'");
    window.read("settings-storage", "trousseau");
    assert_eq!(window.value("settings-clipboard"), "45");
    window.screenshot("settings-followed");
    choose("en", "light");
    window.until_script("the light theme", "getComputedStyle(document.body).backgroundColor === 'rgb(246, 246, 244)'");
    window.read("settings-storage", "keyring");
    // What the program says from now on is in the new language too.
    window.read("settings-doctor", "The clock shows");
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
    window.click("room-settings");
    window.click("settings-theme-light");
    window.until_script("the light theme", "document.documentElement.dataset.theme === 'light'");
    assert!(Window::start_again(&person.cli, &person.display), "the second start succeeds and ends");
    person.display.wait_for_windows(TITLE, 2);
    wait_for_drawn();
    person.display.screenshot(&screenshots().join("two-windows.png"));
    // What is chosen in one holds in both.
    assert!(person.display.shows(LIGHT), "the colour is the right one to look for");
    window.click("settings-theme-dark");
    window.until_script("the dark theme", "getComputedStyle(document.body).backgroundColor === 'rgb(23, 24, 26)'");
    until("both windows to be dark", SOON, || (!person.display.shows(LIGHT)).then_some(()));
    window.click("room-accounts");
    // The first still works.
    window.open_account(ALICE);
    window.click("tab-credentials");
    window.see("hidden-secret");
}
