//! A disk that is full, a folder that is read-only, a file that is damaged or newer: a clear error, and
//! nothing is lost.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use common::{add, add_with_secret, addresses, at, draft, kind, passed, refused};
use courrier_store::{Purpose, SCHEMA_VERSION, SaveAccount, Storage, Store, StoreError, Target};

/// A closed home with some accounts, and the path of its file.
fn filled() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    for number in 0..50 {
        let id = add_with_secret(&store, &format!("person{number}@example.test")).account.id;
        store.append_check(id, &passed(number)).expect("kept");
    }
    drop(store);
    let file = home.path().join("courrier.db");
    (home, file)
}

/// The database and its log, byte by byte.
fn bytes(home: &Path) -> [Option<Vec<u8>>; 2] {
    ["courrier.db", "courrier.db-wal"].map(|name| std::fs::read(home.join(name)).ok().filter(|bytes| !bytes.is_empty()))
}

/// Copies the files of a home while they are in use: what a process that was killed leaves.
fn copied(home: &Path, to: &Path) {
    for entry in std::fs::read_dir(home).expect("read") {
        let entry = entry.expect("read");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
    assert!(bytes(to)[1].is_some(), "there is a log");
}

/// Opens, reads everything, and answers what was wrong. Whatever it was, nothing must have changed.
fn diagnosed(home: &Path) -> Result<(), StoreError> {
    let before = bytes(home);
    let answer = Store::open(home).and_then(|store| store.verify());
    assert!(bytes(home) == before, "the file was changed");
    answer
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    for bytes in [b"hello".to_vec(), vec![0xA5; 8192], b"SQLite format 3\0 but not really".repeat(40)] {
        let home = tempfile::tempdir().expect("made");
        std::fs::write(home.path().join("courrier.db"), bytes).expect("written");
        assert_eq!(refused(diagnosed(home.path())), "corrupt");
    }
}

#[test]
fn a_truncated_file_is_left_alone() {
    let (home, file) = filled();
    let whole = std::fs::read(&file).expect("read");
    for length in [whole.len() / 2, 4096, 512, 100, 20] {
        std::fs::write(&file, &whole[..length]).expect("written");
        assert_eq!(refused(diagnosed(home.path())), "corrupt", "{length} bytes");
    }
    std::fs::write(&file, &whole).expect("written");
    assert_eq!(addresses(&Store::open(home.path()).expect("opened")).len(), 50);
}

#[test]
fn damage_to_any_page_is_found_and_left_alone() {
    const PAGE: usize = 4096;
    let (home, file) = filled();
    let whole = std::fs::read(&file).expect("read");
    assert!(whole.len() > 10 * PAGE);
    for page in 1..whole.len() / PAGE {
        let mut damaged = whole.clone();
        damaged[page * PAGE..(page + 1) * PAGE].fill(0xA5);
        std::fs::write(&file, damaged).expect("written");
        assert_eq!(refused(diagnosed(home.path())), "corrupt", "page {page}");
    }
}

#[test]
fn a_sound_file_passes() {
    let (home, _) = filled();
    diagnosed(home.path()).expect("sound");
}

#[test]
fn another_programs_database_is_left_alone() {
    let home = tempfile::tempdir().expect("made");
    let file = rusqlite::Connection::open(home.path().join("courrier.db")).expect("made");
    file.execute_batch("CREATE TABLE account (id TEXT)").expect("made");
    drop(file);
    assert_eq!(refused(diagnosed(home.path())), "corrupt");
}

#[test]
fn a_newer_file_is_left_alone_unless_its_changes_are_additive() {
    let (home, file) = filled();
    let newer = SCHEMA_VERSION + 1;
    let change = |sql: &str| rusqlite::Connection::open(&file).expect("opened").execute_batch(sql).expect("changed");
    change(&format!(
        "ALTER TABLE account ADD COLUMN note TEXT NOT NULL DEFAULT 'none'; CREATE TABLE extra (x); PRAGMA user_version = {newer};"
    ));
    let store = Store::open(home.path()).expect("additive changes are fine");
    add(&store, "new@example.test");
    assert_eq!(addresses(&store).len(), 51);
    drop(store);
    let version: u32 = rusqlite::Connection::open(&file)
        .and_then(|file| file.query_row("PRAGMA user_version", [], |row| row.get(0)))
        .expect("read");
    assert_eq!(version, newer, "the newer program's mark stays");

    change(&format!("UPDATE home SET oldest_reader = {newer}"));
    match diagnosed(home.path()) {
        Err(StoreError::NewerVersion { found, known }) => assert_eq!((found, known), (newer, SCHEMA_VERSION)),
        other => panic!("{other:?}"),
    }
    change("DROP TABLE home");
    assert_eq!(refused(diagnosed(home.path())), "newer", "even if nothing else is familiar");
}

#[test]
fn a_newer_file_keeps_the_log_that_a_killed_process_left() {
    let (home, file) = filled();
    let newer = rusqlite::Connection::open(&file).expect("opened");
    newer.execute_batch("UPDATE home SET oldest_reader = 99; PRAGMA user_version = 99").expect("changed");
    let left = tempfile::tempdir().expect("made");
    copied(home.path(), left.path());
    assert_eq!(refused(diagnosed(left.path())), "newer");
}

#[test]
fn values_that_make_no_sense_are_damage_and_stay_out_of_the_message() {
    let (home, file) = filled();
    for (column, value) in
        [("address", "hunter2"), ("imap_host", "hunter 2"), ("smtp_security", "hunter2"), ("id", "hunter2")]
    {
        let file = rusqlite::Connection::open(&file).expect("opened");
        file.execute_batch("PRAGMA foreign_keys = OFF").expect("set");
        let old: String = file
            .query_row(&format!("SELECT {column} FROM account WHERE position = 50"), [], |row| row.get(0))
            .expect("read");
        let set = |value: &str| file.execute(&format!("UPDATE account SET {column} = ?1 WHERE position = 50"), [value]);
        set(value).expect("changed");
        let store = Store::open(home.path()).expect("opened");
        let error = store.accounts().expect_err("not readable");
        assert_eq!(kind(&error), "corrupt");
        assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
        set(&old).expect("changed");
        assert_eq!(addresses(&store).len(), 50);
    }
    // Words that only a newer program knows are no damage where something harmless can stand for them.
    let file = rusqlite::Connection::open(&file).expect("opened");
    file.execute_batch("UPDATE account SET health_state = 'drowsy', problem_code = 'moon.full'").expect("changed");
    let health = Store::open(home.path()).expect("opened").accounts().expect("listed")[0].health;
    assert_eq!(health.state, courrier_model::HealthState::Unchecked);
    assert_eq!(health.problem_code, Some(courrier_model::ProblemCode::Other));
}

#[test]
fn a_home_that_is_a_file_is_an_error() {
    let folder = tempfile::tempdir().expect("made");
    std::fs::write(folder.path().join("home"), "").expect("written");
    assert_eq!(refused(Store::open(&folder.path().join("home"))), "io");
}

#[cfg(unix)]
mod on_unix {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;
    use crate::common::{child, child_home, said, this_program};

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    fn permit(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).expect("set");
    }

    fn is_root() -> bool {
        tempfile::tempfile().and_then(|file| file.metadata()).expect("made").uid() == 0
    }

    #[test]
    fn only_its_owner_can_read_a_home() {
        let folder = tempfile::tempdir().expect("made");
        let home = folder.path().join("deep/er/home");
        let store = Store::open(&home).expect("opened");
        add(&store, "alice@example.test");
        let _lock = store.secret_lock().expect("locked");
        assert_eq!([mode(&folder.path().join("deep")), mode(&home)], [0o700, 0o700]);
        for name in ["courrier.db", "courrier.db-wal", "courrier.db-shm", "secrets.lock"] {
            assert_eq!(mode(&home.join(name)), 0o600, "{name}");
        }
    }

    /// Runs a test of this program as somebody who can't write to the folder: permissions don't bind root.
    fn as_nobody(test: &str, home: &Path) {
        let place = tempfile::tempdir().expect("made");
        permit(place.path(), 0o755);
        let program = place.path().join("program");
        std::fs::copy(this_program(), &program).expect("copied");
        permit(&program, 0o755);
        let mut command = child(&program, test, home);
        if is_root() {
            command.uid(65534).gid(65534).current_dir("/");
        }
        let output = command.output().expect("started");
        assert!(output.status.success(), "{}", said(&output));
    }

    #[test]
    #[ignore = "runs as a child of the next test"]
    fn child_reads_a_read_only_home() {
        let Some(home) = child_home() else { return };
        let store = Store::open(&home).expect("opens for reading");
        assert!(store.is_read_only());
        assert_eq!(addresses(&store), ["alice@example.test", "bob@example.test"]);
        let alice = store.search("alice").expect("searched").remove(0);
        assert!(store.secret_of(alice.id, Purpose::Incoming).expect("read").is_some());
        assert_eq!(store.change_mark().expect("read"), store.change_mark().expect("read"));
        store.verify().expect("sound");
        assert_eq!(refused(store.save(SaveAccount::new(Target::New(draft("c@x.test")), at(0)))), "read-only");
        assert_eq!(refused(store.begin_write(Storage::Keyring, at(0))), "read-only");
        assert_eq!(refused(store.begin_removal(alice.id, at(0))), "read-only");
        assert_eq!(refused(store.set_setting("a", "1")), "read-only");
        assert_eq!(refused(store.try_secret_lock()), "read-only");
    }

    #[test]
    #[ignore = "runs as a child of the next test"]
    fn child_finds_nothing_to_read() {
        let Some(home) = child_home() else { return };
        assert_eq!(refused(Store::open(&home)), "read-only");
        assert_eq!(refused(Store::open(&home.join("below"))), "read-only");
    }

    #[test]
    fn a_read_only_home_is_shown_and_not_changed() {
        let folder = tempfile::tempdir().expect("made");
        permit(folder.path(), 0o755);
        let home = folder.path().join("home with ? # % in it");
        let store = Store::open(&home).expect("opened");
        add_with_secret(&store, "alice@example.test");
        // Below, `left` is what a process that was killed leaves: a log that no one has moved into the file yet.
        drop(store);
        let store = Store::open(&home).expect("opened");
        add(&store, "bob@example.test");
        let left = folder.path().join("left");
        std::fs::create_dir(&left).expect("made");
        copied(&home, &left);
        drop(store);

        // Files that may be written in a folder that may not; a sound home; one that was left.
        for (home, file_mode) in [(&home, 0o666), (&home, 0o444), (&left, 0o444)] {
            for entry in std::fs::read_dir(home).expect("read") {
                permit(&entry.expect("read").path(), file_mode);
            }
            permit(home, 0o555);
            as_nobody("on_unix::child_reads_a_read_only_home", home);
            permit(home, 0o755);
        }
        let empty = folder.path().join("empty");
        std::fs::create_dir(&empty).expect("made");
        permit(&empty, 0o555);
        as_nobody("on_unix::child_finds_nothing_to_read", &empty);
        permit(&empty, 0o755);
    }

    #[test]
    #[ignore = "runs as a child of the next test"]
    fn child_fills_a_small_disk() {
        let Some(home) = child_home() else { return };
        let store = Store::open(&home).expect("opened");
        let mut kept = Vec::new();
        let error = loop {
            let address = format!("person{}@example.test", kept.len());
            match store.save(SaveAccount::new(Target::New(draft(&address)), at(0))) {
                Ok(_) => kept.push(address),
                Err(error) => break error,
            }
            assert!(kept.len() < 100_000, "the disk never filled up");
        };
        assert_eq!(kind(&error), "full", "{error}");
        assert_eq!(addresses(&store), kept);
        store.verify().expect("sound");
        let home_id = store.home_id();
        drop(store);
        let store = Store::open(&home).expect("opens on a full disk");
        assert_eq!((addresses(&store), store.home_id()), (kept, home_id));
    }

    #[test]
    #[ignore = "runs as a child of the next test"]
    fn child_finds_no_room_at_all() {
        let Some(home) = child_home() else { return };
        assert_eq!(refused(Store::open(&home)), "full");
    }

    #[test]
    #[ignore = "runs as a child of the next test"]
    fn child_reads_on_a_full_disk() {
        let Some(home) = child_home() else { return };
        let (_elsewhere, file) = filled();
        std::fs::copy(file, home.join("courrier.db")).expect("copied");
        let mut rest = std::fs::File::create(home.join("rest")).expect("made");
        while std::io::Write::write_all(&mut rest, &[0; 1024]).is_ok() {}
        let store = Store::open(&home).expect("opens for reading");
        assert_eq!((store.is_read_only(), addresses(&store).len()), (true, 50));
        assert_eq!(refused(store.set_setting("a", "1")), "full");
    }

    /// Runs a test of this program with a file system of this size of its own; false where that is not allowed.
    fn on_a_disk_of(kilobytes: u32, test: &str) -> bool {
        let folder = tempfile::tempdir().expect("made");
        let script = "mount -t tmpfs -o size=$1k tmpfs \"$COURRIER_TEST_HOME\" || exit 99; shift; exec \"$@\"";
        let program = child(&this_program(), test, folder.path());
        let mut command = Command::new("unshare");
        // A mount namespace of its own: nothing stays mounted, whatever happens to the child.
        command.args(if is_root() { &["--mount"][..] } else { &["--user", "--map-root-user", "--mount"][..] });
        command.args(["sh", "-c", script, "sh", &kilobytes.to_string()]);
        command.arg(program.get_program()).args(program.get_args()).env("COURRIER_TEST_HOME", folder.path());
        let Ok(output) = command.output() else { return false };
        let said = said(&output);
        // unshare itself answers 1 where it is not allowed; a test that failed says so.
        assert!(output.status.success() || !said.contains("test result: FAILED"), "{said}");
        output.status.success() && said.contains("1 passed")
    }

    #[test]
    fn a_full_disk_loses_nothing() {
        let allowed = on_a_disk_of(700, "on_unix::child_fills_a_small_disk");
        if !allowed {
            eprintln!("not run here: mounting a small disk needs root or user namespaces");
            return;
        }
        assert!(on_a_disk_of(20, "on_unix::child_finds_no_room_at_all"));
        assert!(on_a_disk_of(400, "on_unix::child_reads_on_a_full_disk"));
    }
}
