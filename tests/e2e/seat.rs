//! A person's computer in an organisation, with a screen: what the journeys of signing in through the window start from.

use courrier_tests::{Display, Person, Window};

use crate::organisation::Desk;

pub(crate) struct Seat {
    pub(crate) desk: Desk,
    pub(crate) display: Display,
}

impl Seat {
    pub(crate) fn new() -> Self {
        Self { desk: Desk::new(), display: Display::managed() }
    }

    pub(crate) fn opens(&self) -> Window {
        Window::open(&self.desk.cli, &self.display)
    }

    /// From the server's address to the issuer's page in the browser.
    pub(crate) fn begins_sign_in(&self, window: &Window, server: &str) {
        window.fill("server-address", server);
        window.click("sign-in-continue");
        self.desk.browser.next_page();
    }

    /// Types the password into the issuer's page, which then shows the way back.
    pub(crate) fn goes_through_the_browser(&self, person: &Person) {
        self.desk.browser.sign_in(person);
        self.desk.browser.read("go back to Courrier");
        let url = self.desk.browser.url();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    }
}
