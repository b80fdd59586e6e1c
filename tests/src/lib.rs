//! Real servers as test fixtures.
//!
//! Each fixture starts a real program (Dovecot, Postfix, gnome-keyring, Xvfb, Xfce's panel, dnsmasq, OpenSSL, Chromium, an
//! OpenID provider) with a configuration of its own below a temporary folder, on free ports, and ends it on drop, also when
//! the test panics. Nothing is shared between tests, so that any number of them, and of whole suites, run side by
//! side; starting one takes about a tenth of a second. Two take seconds, and are started once for a whole binary:
//! [`Keycloak`] gives every test a realm of its own, [`Postgres`] a database.
//!
//! ```no_run
//! use courrier_model::Security::{Starttls, Tls};
//! use courrier_tests::{Ca, Check, Cli, Dovecot, Leaf, Postfix};
//!
//! let ca = Ca::new();
//! let dovecot = Dovecot::with(&ca).user("alice@example.test", "Tr4nsparent horse").start();
//! let postfix = Postfix::with(&ca, &dovecot).certificate(Leaf::Expired).start();
//! let report = Check::of("alice@example.test", &dovecot.imap(Tls), &postfix.smtp(Starttls))
//!     .password("Tr4nsparent horse")
//!     .run(&Cli::new(&ca));
//! report.imap().passed();
//! report.smtp().failed("secure", "tls.certificate_expired");
//! ```
//!
//! What they promise: a fixture that returned is ready to use; one that can't start panics and says why (a test
//! never skips itself; `cargo xtask test` leaves out whole lanes by name instead). Fixtures run as root in CI and
//! as an ordinary user elsewhere; [`Postfix`] and [`netns`] then need `sudo` without a password.
//!
//! Start fixtures on the test's own thread: their programs end with the thread that started them.

// Fixtures are test code: they stop at the first surprise instead of returning an error nobody could act on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

mod browser;
mod ca;
mod check;
mod cli;
mod clipboard;
mod courrier_server;
mod crashing;
mod display;
mod dovecot;
mod dovecot_conf;
mod faults;
mod folder;
mod for_the_run;
mod form;
mod http;
mod issuer;
mod keycloak;
mod keyring;
mod mount;
pub mod netns;
mod notifications;
mod oidc_provider;
mod pages;
mod panel;
mod port;
mod postfix;
mod postfix_conf;
mod postgres;
pub mod process;
mod proof;
mod realm;
mod report;
mod scripted;
mod sign_in;
pub mod simulators;
mod webdriver;
pub mod window;

pub use browser::Browser;
pub use ca::{Ca, Issued, Leaf};
pub use check::Check;
pub use cli::{Cli, Outcome, built};
pub use clipboard::Clipboard;
pub use courrier_server::{CourrierServer, CourrierServerBuilder};
pub use crashing::{Crashing, Ended, Paused};
pub use display::Display;
pub use dovecot::{Dovecot, DovecotBuilder};
pub use faults::{OpensslServer, closed_port};
pub use issuer::{DESKTOP_CLIENT, Issuer, MAIL_CLIENT, Person};
pub use keycloak::Keycloak;
pub use keyring::KeyringSession;
pub use mount::Mount;
pub use netns::{DelayedLink, Namespace};
pub use notifications::Notifications;
pub use oidc_provider::OidcProvider;
pub use panel::{Panel, TrayItem};
pub use port::{endpoint, kept_port};
pub use postfix::{Postfix, PostfixBuilder};
pub use postgres::Postgres;
pub use proof::Key;
pub use realm::{API_AUDIENCE, Realm};
pub use report::{Report, Side};
pub use scripted::{Act, ScriptedServer};
pub use sign_in::{MakeProof, SignIn, Tokens};
pub use window::Window;

/// Asks `probe` again and again until it gives something.
///
/// # Panics
/// When `limit` has passed.
pub fn until<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs `case` for all of `cases` at the same time and fails with every failure, not just the first.
///
/// For tables whose rows wait for a time limit: in turn they would take minutes.
///
/// # Panics
/// If a case panics.
pub fn in_parallel<C: Sync>(cases: &[C], name: impl Fn(&C) -> String, case: impl Fn(&C) + Sync) {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let case = &case;
        let running: Vec<_> = cases.iter().map(|c| (name(c), scope.spawn(move || case(c)))).collect();
        running
            .into_iter()
            .filter_map(|(name, thread)| thread.join().err().map(|why| format!("{name}: {}", panic_text(&why))))
            .collect()
    });
    assert!(failed.is_empty(), "{} of {} cases failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

fn panic_text(why: &Box<dyn std::any::Any + Send>) -> &str {
    why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref::<&str>().copied()).unwrap_or("?")
}
