//! What of the accounts is to be seen while no window is: the icon in the tray of a real panel, and a notification.

use std::time::Duration;

use courrier_tests::simulators::{IssuerSimulator, Rotation};
use courrier_tests::window::{TITLE, screenshots};
use courrier_tests::{Browser, Display, Notifications, Panel, TrayItem, Window, until};

use crate::oauth_home::Home;
use crate::oauth_place::ALICE;

/// The window's program looks after tokens every quarter of a minute.
const NOTICED: Duration = Duration::from_secs(60);
/// The id of our icon.
const ICON: &str = "courrier";

/// A desktop with an account that works.
struct Desktop {
    home: Home,
    browser: Browser,
    display: Display,
    panel: Panel,
}

impl Desktop {
    fn new() -> Self {
        let issuer = IssuerSimulator::start(Rotation::Strict);
        // So that whoever wants a token has to ask for one.
        issuer.lifetime(0);
        let mut home = Home::authorised(issuer);
        let browser = Browser::start();
        for (name, value) in browser.environment() {
            home.cli = home.cli.environment(name, &value);
        }
        let display = Display::managed();
        let panel = Panel::start(&home.session, &display);
        Self { home, browser, display, panel }
    }

    fn opens(&self) -> (Window, TrayItem) {
        let window = Window::open(&self.home.cli, &self.display);
        let icon = until("an icon in the tray", NOTICED, || self.panel.item(ICON));
        (window, icon)
    }

    /// The provider ends the account's access, and a mail program asks for it.
    fn loses_access(&self) {
        self.home.issuer.revokes_everything();
        self.home.issuer.lifetime(3600);
        let asked = self.home.token();
        assert_eq!((asked.status, asked.error_code()), (3, Some("oauth.sign_in_needed")), "{asked}");
    }

    /// The browser has opened the provider's page, where the person is still signed in.
    fn goes_through_the_browser(&self) {
        self.browser.next_page();
        self.browser.read("Courrier may use this mailbox");
    }

    fn screenshot(&self, name: &str) {
        self.display.screenshot(&screenshots().join(format!("{name}.png")));
    }
}

fn until_it_is(icon: &TrayItem, status: &str) {
    until(&format!("the icon to be {status}"), NOTICED, || (icon.status()? == status).then_some(()));
}

#[test]
fn who_looks_at_no_window_is_notified_once_and_one_click_leads_to_the_browser() {
    let desktop = Desktop::new();
    let notifications = Notifications::start(&desktop.home.session, &desktop.display);
    let (window, icon) = desktop.opens();
    desktop.display.minimise(TITLE);

    desktop.loses_access();
    let title = format!("{ALICE} must sign in again");
    until("a notification", NOTICED, || notifications.titles().contains(&title).then_some(()));
    until("a notification to be drawn", NOTICED, || desktop.display.shows(Notifications::GROUND).then_some(()));
    desktop.screenshot("notification");
    notifications.click();
    desktop.goes_through_the_browser();
    desktop.display.wait_for_windows(TITLE, 1);
    window.see("tokens[data-state=working]");
    assert_eq!(desktop.home.token().status, 0, "the account works again");
    until_it_is(&icon, "Active");
    assert_eq!(notifications.titles(), [title], "told once");
}

#[test]
fn the_tray_shows_how_the_accounts_are_and_leads_to_them() {
    let desktop = Desktop::new();
    let (window, icon) = desktop.opens();
    assert_eq!(icon.status().as_deref(), Some("Active"));
    assert_eq!(icon.tool_tip().as_deref(), Some("Nothing needs you"));
    assert_eq!(icon.menu(), ["Nothing needs you", "Open Courrier", "Quit Courrier"]);
    desktop.screenshot("tray");

    desktop.display.minimise(TITLE);
    icon.click();
    desktop.display.wait_for_windows(TITLE, 1);
    desktop.display.minimise(TITLE);
    icon.choose("Open Courrier");
    desktop.display.wait_for_windows(TITLE, 1);

    desktop.loses_access();
    until_it_is(&icon, "NeedsAttention");
    let summary = format!("{ALICE} must sign in again");
    let again = format!("Sign in again as {ALICE}");
    assert_eq!(icon.tool_tip().as_deref(), Some(&*summary));
    assert_eq!(icon.menu(), [&*summary, &*again, "Open Courrier", "Quit Courrier"]);
    desktop.screenshot("tray-attention");
    // Said in the window too, which has the keyboard.
    window.see("notice-sign-in");
    window.see_account(ALICE, "sign_in_needed");

    icon.choose(&again);
    desktop.goes_through_the_browser();
    until_it_is(&icon, "Active");
    window.see_no("notice-sign-in");
    assert_eq!(desktop.home.token().status, 0, "the account works again");

    icon.choose("Quit Courrier");
    until("the end of the program", NOTICED, || desktop.panel.item(ICON).is_none().then_some(()));
}
