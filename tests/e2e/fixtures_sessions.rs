//! The keyring in each of its states, and the display.

use std::process::Command;

use courrier_tests::{Display, KeyringSession};

const ITEM: [(&str, &str); 1] = [("courrier-test", "one")];

/// What `secret-tool lookup` does on this session: the secret, or how it failed.
fn lookup(session: &KeyringSession) -> Result<String, String> {
    let mut command = Command::new("secret-tool");
    command.args(["lookup", ITEM[0].0, ITEM[0].1]).envs(session.environment()).env_remove("DISPLAY");
    let output = command.output().expect("secret-tool is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(said) }
}

#[test]
fn an_unlocked_keyring_keeps_a_secret_through_lock_and_restart() {
    let mut session = KeyringSession::unlocked();
    session.store(&ITEM, "the secret");
    assert_eq!(lookup(&session).as_deref(), Ok("the secret"));
    assert!(session.list(&ITEM).contains("the secret"));
    session.lock();
    assert!(lookup(&session).is_err());
    session.unlock();
    assert_eq!(lookup(&session).as_deref(), Ok("the secret"));
    session.restart_locked();
    assert!(lookup(&session).is_err());
    session.unlock();
    assert_eq!(lookup(&session).as_deref(), Ok("the secret"));
}

#[test]
fn other_states_have_no_secrets() {
    for session in [KeyringSession::locked(), KeyringSession::no_collection()] {
        assert!(lookup(&session).is_err());
    }
    let absent = lookup(&KeyringSession::absent()).expect_err("nobody answers");
    assert!(absent.contains("ServiceUnknown") || absent.contains("not provided"), "{absent}");
}

#[test]
fn two_keyrings_do_not_share() {
    let (one, other) = (KeyringSession::unlocked(), KeyringSession::unlocked());
    one.store(&ITEM, "the secret");
    assert!(lookup(&other).is_err());
}

#[test]
fn a_display_can_be_drawn_on_and_photographed() {
    let display = Display::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("screen.png");
    display.screenshot(&file);
    let size = Command::new("identify").args(["-format", "%w %h"]).arg(&file).output().expect("ImageMagick");
    assert_eq!(String::from_utf8_lossy(&size.stdout), "1280 800");
    assert_ne!(display.name(), Display::start().name());
}
