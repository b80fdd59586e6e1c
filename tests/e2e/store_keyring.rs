//! A data folder that can't be used: a clear code, and nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use courrier_tests::{KeyringSession, Mount, Outcome};
use rusqlite::Connection;

use crate::crash::{BYSTANDER, Home, TARGET, all_entries, bystander, kept};

const FLAGS: [&str; 6] =
    ["--imap", "imap.new.example.test:993/tls", "--smtp", "smtp.new.example.test:465/tls", "--name", "new"];

/// One command of each kind that changes something.
fn change(home: &Home, kind: &str) -> Outcome {
    match kind {
        "add" => {
            let arguments = [&["account", "add", "--unchecked", "--password-stdin", "other@example.test"], &FLAGS[..]];
            home.cli.json(&arguments.concat(), "a password\n")
        }
        "edit" => {
            let arguments = [&["account", "edit", "--password-stdin", TARGET], &FLAGS[..]].concat();
            home.cli.json(&arguments, "another password\n")
        }
        _ => home.cli.json(&["account", kind, TARGET], ""),
    }
}

/// Asserts exit status 1 with this code and with words for a person.
fn refused(outcome: &Outcome, code: &str) {
    assert_eq!((outcome.status, outcome.error_code()), (1, Some(code)), "{outcome}");
    for field in ["message", "remedy"] {
        assert!(outcome.json["error"][field].as_str().is_some_and(|text| !text.is_empty()), "{outcome}");
    }
}

/// A home with two accounts.
fn filled(session: &KeyringSession) -> Home {
    let home = Home::with_bystander(session);
    home.add(TARGET, &kept("old", "a secret", "a secret to send"));
    home
}

fn both(target: [&str; 3]) -> BTreeMap<String, crate::crash::Kept> {
    let [settings, incoming, sending] = target;
    BTreeMap::from([(BYSTANDER.to_owned(), bystander()), (TARGET.to_owned(), kept(settings, incoming, sending))])
}

const OLD: [&str; 3] = ["old", "a secret", "a secret to send"];
const NEW: [&str; 3] = ["new", "another password", "another password"];

#[test]
fn a_full_disk() {
    let session = KeyringSession::unlocked();
    let home = Home::new(&session);
    fs::create_dir(home.cli.home()).expect("the home is new");
    let _disk = Mount::of_size(&home.cli.home(), 1 << 20);
    home.add(BYSTANDER, &bystander());
    home.add(TARGET, &kept("old", "a secret", "a secret to send"));
    let (mut refusals, mut changes) = (0, 0);
    // From a disk on which nothing can be written at all to one where the last step finds no room.
    for free in (0..=96).step_by(8) {
        leave_free(&home.cli.home(), free << 10);
        let outcome = change(&home, "edit");
        let expected = if outcome.status == 0 {
            changes += 1;
            both(NEW)
        } else {
            refusals += 1;
            refused(&outcome, "store.full");
            both(OLD)
        };
        // What is there can be seen all the same.
        assert_eq!(home.list().len(), 2);
        assert_eq!(home.read(), expected, "with {free} KB free");
        fs::remove_file(home.cli.home().join("filler")).expect("the filler is there");
        home.is_sound(&session);
        home.crashing().run(&["edit", TARGET, "old"], ["a secret", "a secret to send"]);
    }
    assert!(refusals > 0 && changes > 0, "{refusals} refused, {changes} done: the sizes prove nothing");
}

/// Fills the disk up to so many bytes.
fn leave_free(folder: &Path, bytes: usize) {
    let path = folder.join("filler");
    let mut filler = fs::File::create(&path).expect("a file can be made");
    let mut length: u64 = 0;
    while let Ok(written @ 1..) = filler.write(&[0; 4096]) {
        length += written as u64;
    }
    filler.set_len(length.saturating_sub(bytes as u64)).expect("a file can be cut");
}

#[test]
fn a_read_only_folder() {
    let session = KeyringSession::unlocked();
    let home = filled(&session);
    let (before, secrets) = (bytes(&home), all_entries(&session));
    let protected = Mount::read_only(&home.cli.home());
    assert_eq!(home.list().len(), 2);
    assert_eq!(home.read(), both(OLD));
    for kind in ["add", "edit", "remove"] {
        refused(&change(&home, kind), "store.read_only");
    }
    // A check needs the network only; its report is shown though it can't be kept.
    let check = home.cli.json(&["check", TARGET], "");
    assert_eq!((check.status, check.error_code()), (1, None), "{check}");
    assert_eq!(check.json["imap"]["host"], "imap.old.example.test", "{check}");
    assert_eq!((bytes(&home), all_entries(&session)), (before, secrets));
    drop(protected);
    home.is_sound(&session);
    assert_eq!(change(&home, "edit").status, 0);
    assert_eq!(home.read(), both(NEW));
}

#[test]
fn a_read_only_folder_without_a_database() {
    let session = KeyringSession::unlocked();
    let home = Home::new(&session);
    fs::create_dir(home.cli.home()).expect("the home is new");
    let _protected = Mount::read_only(&home.cli.home());
    for kind in ["list", "add"] {
        let outcome = if kind == "list" { home.cli.json(&["account", "list"], "") } else { change(&home, kind) };
        refused(&outcome, "store.read_only");
    }
    assert!(all_entries(&session).is_empty());
}

/// Makes a sound database into something else.
type Damage = fn(&Path);

#[test]
fn files_that_are_not_understood_stay_as_they_are() {
    let faults: [(&str, Damage); 6] = [
        ("store.corrupt", |file| fs::write(file, "not a database, but somebody's letter").unwrap()),
        ("store.corrupt", |file| fs::OpenOptions::new().write(true).open(file).unwrap().set_len(5000).unwrap()),
        ("store.corrupt", |file| {
            // The header is sound, every table behind it is not.
            let mut bytes = fs::read(file).unwrap();
            bytes[4096..].fill(0xa5);
            fs::write(file, bytes).unwrap();
        }),
        ("store.corrupt", |file| {
            fs::remove_file(file).unwrap();
            run_sql(file, "CREATE TABLE account (id TEXT); PRAGMA user_version = 1;");
        }),
        ("store.newer_version", |file| run_sql(file, "UPDATE home SET oldest_reader = 99; PRAGMA user_version = 99;")),
        ("store.newer_version", |file| run_sql(file, "DROP TABLE secret; DROP TABLE home; PRAGMA user_version = 99;")),
    ];
    let session = KeyringSession::unlocked();
    let neighbour = Home::with_bystander(&session);
    for (number, (code, damage)) in faults.into_iter().enumerate() {
        let home = filled(&session);
        let sound = bytes(&home);
        damage(&home.database_file());
        let (damaged, secrets) = (bytes(&home), all_entries(&session));
        assert_ne!(damaged, sound);
        refused(&home.cli.json(&["account", "list"], ""), code);
        refused(&home.cli.json(&["password", TARGET], ""), code);
        for kind in ["add", "edit", "remove"] {
            refused(&change(&home, kind), code);
        }
        assert!(bytes(&home) == damaged, "fault {number}: a file was changed");
        assert_eq!(all_entries(&session), secrets, "fault {number}");
        // With the sound file back, everything is there.
        for (name, content) in sound {
            fs::write(home.cli.home().join(name), content).unwrap();
        }
        home.is_sound(&session);
        assert_eq!(home.read(), both(OLD));
    }
    neighbour.is_sound(&session);
}

#[test]
fn a_newer_file_with_additions_only_is_used() {
    let session = KeyringSession::unlocked();
    let home = filled(&session);
    run_sql(
        &home.database_file(),
        "ALTER TABLE account ADD COLUMN later TEXT NOT NULL DEFAULT 'later'; PRAGMA user_version = 99;",
    );
    assert_eq!(change(&home, "edit").status, 0);
    home.is_sound(&session);
    assert_eq!(home.read(), both(NEW));
}

fn run_sql(file: &Path, sql: &str) {
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

/// Every file of the home, byte for byte, but for the two that SQLite makes beside any database that it reads: an index
/// that is made anew each time, and a log that must be empty.
fn bytes(home: &Home) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(home.cli.home()).expect("the home is there").map(|file| file.expect("a file"));
    let mut found: BTreeMap<String, Vec<u8>> =
        files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect();
    found.remove("courrier.db-shm");
    assert_eq!(found.remove("courrier.db-wal").unwrap_or_default(), b"", "the log of a database at rest");
    found
}
