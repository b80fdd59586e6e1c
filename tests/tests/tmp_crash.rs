#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]
#[path = "../e2e/canary.rs"]
mod canary;
#[path = "../e2e/canary_hostile.rs"]
mod canary_hostile;
#[path = "../e2e/canary_keyring.rs"]
mod canary_keyring;
#[path = "../e2e/crash.rs"]
mod crash;
#[path = "../e2e/crash_keyring.rs"]
mod crash_keyring;
#[path = "../e2e/crash_keyring_apart.rs"]
mod crash_keyring_apart;
#[path = "../e2e/crash_keyring_random.rs"]
mod crash_keyring_random;
#[path = "../e2e/mail.rs"]
mod mail;
#[path = "../e2e/store_keyring.rs"]
mod store_keyring;
