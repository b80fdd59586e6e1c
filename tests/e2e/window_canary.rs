//! A marked secret goes through the window's journeys, and is then looked for everywhere: in what the page is told,
//! in files, in the log, among processes.

use courrier_model::Security::Tls;
use courrier_tests::{Ca, Cli, Clipboard, Display, Dovecot, KeyringSession, Postfix, Window};

use crate::canary::Canary;
use crate::mail::ALICE;

/// Keeps all that the program answers to the page.
const RECORD: &str = "window.traffic = []; const real = window.fetch; \
    window.fetch = async (...request) => { const answer = await real(...request); \
    window.traffic.push(`${request[0]} ${await answer.clone().text()}`); return answer; }";

fn told(window: &Window) -> Vec<String> {
    let traffic = window.script("return window.traffic");
    let traffic = traffic.as_array().expect("the traffic is kept");
    traffic.iter().map(|answer| answer.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_secret_reaches_the_page_only_when_asked_for_and_files_never() {
    // WebDriver types no emoji.
    let (right, wrong) = (Canary::quoted(), Canary::quoted());
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, &right.secret).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let session = KeyringSession::unlocked();
    let display = Display::managed();
    let cli = Cli::new(&ca).keyring(&session);
    let window = Window::open(&cli, &display);
    window.click("first-only-here");
    window.see("address");
    window.script(RECORD);
    let clean = |step: &str| {
        for canary in [&right, &wrong] {
            for answer in told(&window) {
                canary.is_not_in(step, answer.as_bytes());
            }
            canary.is_not_in(step, window.printed().as_bytes());
            canary.is_not_left_by(&cli);
            // The session's own folders, the encrypted keyring among them.
            canary.is_not_below(session.files().ancestors().nth(2).expect("below the session's folder"));
        }
    };

    window.fill("address", ALICE);
    window.see("address-known");
    for (side, port) in [("imap", dovecot.imap_port(Tls)), ("smtp", postfix.smtp_port(Tls))] {
        window.fill(&format!("{side}-host"), "localhost");
        window.fill(&format!("{side}-port"), &port.to_string());
    }
    window.fill("password", &wrong.secret);
    window.click("save");
    window.see("problem-card");
    clean("a refused password");

    window.fill("password", &right.secret);
    window.click("save");
    window.see_account(ALICE, "ok");
    window.click("check-again");
    window.see("check-again");
    clean("an account that was added and checked");
    right.is_not_in("the page", window.everything().as_bytes());

    window.click("tab-credentials");
    window.click("copy-password");
    let clipboard = Clipboard::of(&display);
    courrier_tests::until("the password on the clipboard", std::time::Duration::from_secs(10), || {
        (clipboard.read() == right.secret).then_some(())
    });
    clean("a copied password, which goes past the page");

    window.click("reveal");
    window.read("revealed-secret", &right.secret);
    let told = told(&window);
    let with_secret: Vec<&String> =
        told.iter().filter(|answer| answer.contains(right.secret.split(' ').next().unwrap())).collect();
    assert_eq!(with_secret.len(), 1, "the recorder works, and once is enough");
    assert!(with_secret[0].contains("/reveal_secret "), "only the command that was asked");
    right.is_not_left_by(&cli);
    window.close(&display);
    right.is_not_left_by(&cli);
}
