//! Recovery where the two stores can't be brought together: a locked keyring, a change of somebody else that is still
//! under way, a database from an older copy.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use courrier_tests::{KeyringSession, until};

use crate::crash::{BYSTANDER, Home, TARGET, all_entries, bystander, kept};

const NEW: [&str; 3] = ["edit", TARGET, "new"];

/// A home in which a change of the target's password was killed at this step.
fn killed_at(session: &KeyringSession, step: u32) -> Home {
    let home = Home::with_bystander(session);
    home.add(TARGET, &kept("old", "stale", "stale"));
    assert!(home.crashing().die_at(step, &NEW, ["fresh", ""]).died);
    home
}

#[test]
fn a_locked_keyring_makes_recovery_wait_and_nothing_else() {
    // 2: written, to be undone. 3: pointed to, the old one to be deleted.
    for (step, settings, password) in [(2, "old", "stale"), (3, "new", "fresh")] {
        let session = KeyringSession::unlocked();
        let home = killed_at(&session, step);
        session.lock();
        for _ in 0..2 {
            // Everything that needs no secret works.
            assert_eq!(home.list().len(), 2);
            assert_eq!(home.intents(), 1);
            let refused = home.cli.json(&["password", TARGET], "");
            assert_eq!((refused.status, refused.error_code()), (4, Some("keyring.locked")), "{refused}");
        }
        session.unlock();
        home.is_sound(&session);
        let target = kept(settings, password, password);
        assert_eq!(home.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander()), (TARGET.to_owned(), target)]));
    }
}

#[test]
fn a_restarted_keyring_still_has_what_was_kept() {
    // What a person finds after a power cut: also the keyring comes back from its disk.
    let mut session = KeyringSession::unlocked();
    let home = killed_at(&session, 3);
    session.restart_locked();
    session.unlock();
    home.is_sound(&session);
    assert_eq!(home.read()[TARGET], kept("new", "fresh", "fresh"));
}

#[test]
fn a_change_under_way_is_left_alone() {
    let session = KeyringSession::unlocked();
    for step in 1..=5 {
        let home = Home::with_bystander(&session);
        home.add(TARGET, &kept("old", "stale", "stale"));
        let paused = home.crashing().pause_at(step, &NEW, ["fresh", ""]);
        let (intents, entries) = (home.intents(), home.entries(&session));
        // Others start, see that somebody is at work, and read what is there.
        assert_eq!(home.list().len(), 2);
        let password = home.cli.run(&["password", TARGET], "").stdout;
        assert_eq!(password, if step < 3 { "stale\n" } else { "fresh\n" }, "at step {step}");
        assert_eq!((home.intents(), home.entries(&session)), (intents, entries), "at step {step}");
        paused.go_on();
        home.is_sound(&session);
        assert_eq!(home.read()[TARGET], kept("new", "fresh", "fresh"));
    }
}

#[test]
fn who_changes_the_same_secret_waits_its_turn() {
    let session = KeyringSession::unlocked();
    let home = Home::with_bystander(&session);
    home.add(TARGET, &kept("old", "stale", "stale"));
    let paused = home.crashing().pause_at(2, &NEW, ["fresh", ""]);
    let mut second = home.cli.command(&["account", "remove", BYSTANDER]);
    let mut second = second.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("courrier can be run");
    let files = format!("/proc/{}/fd", second.id());
    until("the second process to open the database", Duration::from_secs(20), || {
        let open = fs::read_dir(&files).ok()?.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        open.into_iter().any(|file| file == home.database_file()).then_some(())
    });
    // Others come and go meanwhile, in a time in which it could have ended several times.
    for _ in 0..5 {
        assert_eq!(home.list().len(), 2);
        assert_eq!(second.try_wait().expect("a child can be waited for"), None);
    }
    paused.go_on();
    assert!(second.wait().expect("a child can be waited for").success());
    home.is_sound(&session);
    assert_eq!(home.read(), BTreeMap::from([(TARGET.to_owned(), kept("new", "fresh", "fresh"))]));
}

#[test]
fn a_removal_that_is_due_waits_for_a_change_under_way() {
    let session = KeyringSession::unlocked();
    let home = Home::with_bystander(&session);
    home.add(TARGET, &kept("old", "stale", "stale to send"));
    home.crashing().run(&["hide", TARGET], ["", ""]);
    let paused = home.crashing().pause_at(2, &["edit", BYSTANDER, "loud"], ["loud", ""]);
    home.time_to_undo_passes();
    let pointers = home.pointers();
    assert_eq!(pointers.len(), 3);
    assert_eq!(home.list().len(), 1);
    assert_eq!(home.pointers(), pointers, "whose turn it is not has begun nothing");
    paused.go_on();
    home.is_sound(&session);
    assert_eq!(home.read(), BTreeMap::from([(BYSTANDER.to_owned(), kept("loud", "loud", "loud"))]));
}

#[test]
fn the_lock_goes_with_whoever_dies_holding_it() {
    let session = KeyringSession::unlocked();
    let home = Home::with_bystander(&session);
    home.add(TARGET, &kept("old", "stale", "stale"));
    home.crashing().pause_at(2, &NEW, ["fresh", ""]).kill();
    home.is_sound(&session);
    assert_eq!(home.read()[TARGET], kept("old", "stale", "stale"));
}

#[test]
fn a_database_from_an_older_copy_makes_no_secret_go() {
    let session = KeyringSession::unlocked();
    let neighbour = Home::with_bystander(&session);
    let home = Home::with_bystander(&session);
    home.add(TARGET, &kept("old", "stale", "stale"));
    let backup = tempfile::tempdir().expect("a temporary folder");
    copy_database(&home.cli.home(), backup.path());
    // After the copy: a secret is replaced, an account is added.
    home.crashing().run(&NEW, ["fresh", ""]);
    home.add("later@example.test", &kept("later", "later", "later"));
    let live = all_entries(&session);
    copy_database(backup.path(), &home.cli.home());

    for _ in 0..2 {
        // Every ordinary command starts with recovery.
        assert_eq!(home.list().len(), 2);
        assert_eq!(all_entries(&session), live);
    }
    let stale = home.cli.json(&["password", TARGET], "");
    assert_eq!((stale.status, stale.error_code()), (3, Some("secret.missing")), "{stale}");
    assert_eq!(home.cli.run(&["password", BYSTANDER], "").stdout, "bystander's own\n");
    // The way on: the person gives the password again. Nothing else goes.
    let given = home.cli.run(&["account", "edit", TARGET, "--password-stdin"], "given again\n");
    assert_eq!(given.status, 0, "{given}");
    assert_eq!(home.cli.run(&["password", TARGET], "").stdout, "given again\n");
    assert!(all_entries(&session).is_superset(&live));
    neighbour.is_sound(&session);
    assert_eq!(neighbour.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander())]));
}

/// As a backup program does it while no process has the database open: SQLite has then put everything into one file.
fn copy_database(from: &Path, to: &Path) {
    for name in ["courrier.db-wal", "courrier.db-shm"] {
        assert!(!from.join(name).exists(), "a process left {name} behind");
        if let Err(error) = fs::remove_file(to.join(name)) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
    }
    fs::copy(from.join("courrier.db"), to.join("courrier.db")).expect("the database can be copied");
}
