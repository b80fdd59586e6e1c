//! Adding an address whose servers want the browser, in the window: with the real Keycloak, whose page a real Chromium
//! shows, and the real Dovecot and Postfix, which take its tokens.

use std::time::Duration;

use courrier_model::Security::Tls;
use courrier_tests::{Ca, Display, Dovecot, Keycloak, MAIL_CLIENT, Postfix};

use crate::organisation::Desk;
use crate::seat::Seat;

/// What the issuer's page and the servers take on a busy machine.
const WELCOMED: Duration = Duration::from_secs(60);

#[test]
fn from_a_password_that_nobody_takes_to_an_account_that_works() {
    let realm = Keycloak::shared().realm();
    let alice = realm.alice();
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&realm).mailbox(&alice.email).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let seat = Seat { desk: Desk::trusting(&ca), display: Display::managed() };
    let window = seat.opens();
    window.click("first-only-here");
    window.fill("address", &alice.email);
    window.see("address-known");
    window.fill("imap-host", "localhost");
    window.fill("imap-port", &dovecot.imap_port(Tls).to_string());
    window.fill("smtp-host", "localhost");
    window.fill("smtp-port", &postfix.smtp_port(Tls).to_string());
    window.fill("password", "whatever there is");
    window.click("save");
    // These servers take passwords too, of others; but they announce what Alice has.
    window.read_within("problem-card", "does not accept", WELCOMED);
    window.screenshot("add-wants-browser");
    window.click("failed-use-browser");
    // The mail server names its issuer, where nobody has registered this program.
    window.see_within("client-id", WELCOMED);
    assert!(!seat.desk.browser.has_next_page(), "nothing could come of it");
    window.screenshot("consent-client-missing");
    window.fill("client-id", MAIL_CLIENT);
    window.press(courrier_tests::window::keys::ENTER);
    window.see("sign-in-waiting");
    seat.desk.browser.next_page();
    window.screenshot("consent-waiting");
    seat.desk.browser.sign_in(&alice);
    seat.desk.browser.read("Courrier may use this mailbox");

    window.see_within("account-row[data-health=ok]", WELCOMED);
    window.read("tokens-consented", &alice.email);
    window.see("tokens-renews");
    window.screenshot("account-by-browser");
    assert_eq!(seat.desk.does(&["token", &alice.email])["access_token"].as_str().map(str::is_empty), Some(false));
    drop((window, postfix));
    let log = dovecot.stop();
    // The password once; without a token, for the name of the issuer, each time that it was wanted; the token once.
    for service in ["imap", "smtp"] {
        assert_eq!(log.attempts(service), ["PLAIN", "OAUTHBEARER", "OAUTHBEARER", "XOAUTH2"], "{}", log.text());
    }
}
