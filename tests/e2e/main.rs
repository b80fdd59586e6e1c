//! Every end-to-end test, in one binary because linking is what costs.
//!
//! A module is a *lane*, and the words of its name say what it needs of the machine: `cargo xtask test` leaves
//! whole lanes out where a machine can't run them and it is not CI. A test never skips itself: without its servers
//! it fails and says what is missing.

// Helper functions of tests are test code too, which Clippy sees only for what stands in a `#[test]` function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod canary;
mod canary_hostile;
mod canary_keyring;
mod check_auth;
mod check_deadline;
mod check_faults;
mod check_netns;
mod check_oauth_issuers;
mod check_pass;
mod check_tls;
mod check_usage;
mod crash;
mod crash_keyring;
mod crash_keyring_apart;
mod crash_keyring_random;
mod desktop;
mod device;
mod fixtures_faults;
mod fixtures_issuers;
mod fixtures_issuers_browser;
mod fixtures_mail;
mod fixtures_netns;
mod fixtures_postgres;
mod fixtures_sessions;
mod mail;
mod oauth_authorize_issuers_browser_keyring;
mod oauth_clients_issuers_keyring;
mod oauth_custodian_keyring;
mod oauth_home;
mod oauth_kills_keyring;
mod oauth_place;
mod oauth_simulators;
mod oauth_simulators_refresh;
mod organisation;
mod organisation_issuers_browser_keyring;
mod organisation_issuers_browser_keyring_clock;
mod organisation_issuers_browser_window;
mod peers;
mod person;
mod seat;
mod server_issuers;
mod server_issuers_postgres;
mod server_postgres;
mod server_schemathesis;
mod sign_in_issuers;
mod sign_in_issuers_browser;
mod store_keyring;
mod window_add;
mod window_beside;
mod window_canary;
mod window_credentials;
mod window_edit;
mod window_limits;
mod window_looks;
mod window_removal;
mod window_signin;
mod window_signin_mail;
mod window_signin_sync;
mod window_storage;
mod window_tray_browser;
