//! The file under use, damage, and several processes. Locks are per open file, so that stores of one
//! process stand for those of several.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use courrier_model::{HomeId, SecretId};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// The least that Argon2 allows: what is tested here is not how long a guess takes.
const CHEAP: KdfCost = KdfCost { memory: 8, passes: 1, lanes: 1 };

fn key() -> SecretKey {
    SecretKey { home: HomeId::random(), id: SecretId::random() }
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(EncryptedFile::FILE_NAME);
    (folder, path)
}

fn passphrase() -> Secret {
    Secret::from("pass phrase")
}

fn create(path: &Path) -> EncryptedFile {
    EncryptedFile::create_at_cost(path.into(), &passphrase(), CHEAP).expect("is made")
}

fn reopen(path: &Path) -> EncryptedFile {
    let file = EncryptedFile::open(path);
    file.unlock_with(&passphrase()).expect("opens");
    file
}

fn text(file: &EncryptedFile, key: &SecretKey) -> Option<String> {
    file.get(key).expect("is read").map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn a_file_at_full_cost_opens_with_its_passphrase_only() {
    let (_folder, path) = folder();
    let key = key();
    let file = EncryptedFile::create(&path, &passphrase()).expect("is made");
    assert_eq!(file.state(), StoreState::Ready);
    file.put(&key, &Secret::from("hush")).expect("is written");

    let content = fs::read_to_string(&path).expect("text");
    assert!(content.contains("\nkdf argon2id 19 65536 3 4 "), "RFC 9106, section 4");
    assert!(!content.contains("hush") && !content.contains("pass phrase"));

    let file = EncryptedFile::open(&path);
    assert_eq!(file.state(), StoreState::Locked);
    assert!(matches!(file.get(&key), Err(SecretError::Locked)));
    assert!(matches!(file.put(&key, &Secret::from("other")), Err(SecretError::Locked)));
    assert!(matches!(file.delete(&key), Err(SecretError::Locked)));
    assert!(matches!(file.unlock(), Err(SecretError::Locked)));
    assert!(matches!(file.unlock_with(&Secret::from("pass phrase ")), Err(SecretError::WrongPassphrase)));
    assert_eq!(file.state(), StoreState::Locked);
    file.unlock_with(&passphrase()).expect("opens");
    assert_eq!(file.state(), StoreState::Ready);
    file.unlock().expect("is open");
    assert_eq!(text(&file, &key).as_deref(), Some("hush"));
    file.lock();
    assert!(matches!(file.get(&key), Err(SecretError::Locked)));
}

#[test]
fn a_file_that_is_not_there_is_absent_and_is_not_made() {
    let (folder, path) = folder();
    let file = EncryptedFile::open(&path);
    assert_eq!(file.state(), StoreState::Absent);
    assert!(matches!(file.get(&key()), Err(SecretError::Absent)));
    assert!(matches!(file.put(&key(), &Secret::from("x")), Err(SecretError::Absent)));
    assert!(matches!(file.delete(&key()), Err(SecretError::Absent)));
    assert!(matches!(file.unlock_with(&passphrase()), Err(SecretError::Absent)));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_file_is_never_replaced_by_a_new_one() {
    let (_folder, path) = folder();
    create(&path);
    let content = fs::read(&path).expect("is there");
    let again = EncryptedFile::create_at_cost(path.clone(), &passphrase(), CHEAP);
    assert!(matches!(again, Err(SecretError::Io(error)) if error.kind() == ErrorKind::AlreadyExists));
    assert_eq!(fs::read(&path).expect("is there"), content);
}

#[test]
fn another_file_in_its_place_is_locked() {
    let (_folder, path) = folder();
    let file = create(&path);
    fs::remove_file(&path).expect("goes");
    create(&path);
    assert_eq!(file.state(), StoreState::Locked);
    assert!(matches!(file.put(&key(), &Secret::from("x")), Err(SecretError::Locked)));
}

#[test]
fn changing_the_passphrase_keeps_every_entry_and_every_open_process() {
    let (_folder, path) = folder();
    let (file, other) = (create(&path), reopen(&path));
    let key = key();
    file.put(&key, &Secret::from("hush")).expect("is written");
    let entries =
        |path: &Path| fs::read_to_string(path).expect("text").split_once("\nentry ").expect("one").1.to_owned();
    let before = entries(&path);

    let new = Secret::from("another one");
    assert!(matches!(file.change_passphrase(&new, &new), Err(SecretError::WrongPassphrase)));
    file.change_passphrase(&passphrase(), &new).expect("is changed");
    assert_eq!(entries(&path), before);
    assert_eq!(text(&other, &key).as_deref(), Some("hush"));
    let reopened = EncryptedFile::open(&path);
    assert!(matches!(reopened.unlock_with(&passphrase()), Err(SecretError::WrongPassphrase)));
    reopened.unlock_with(&new).expect("opens");
    assert_eq!(text(&reopened, &key).as_deref(), Some("hush"));
}

#[test]
fn processes_side_by_side_lose_nothing() {
    let (_folder, path) = folder();
    create(&path);
    let keys: Vec<Vec<SecretKey>> = (0..4).map(|_| (0..12).map(|_| key()).collect()).collect();
    std::thread::scope(|scope| {
        for keys in &keys {
            let file = reopen(&path);
            scope.spawn(move || {
                for (index, key) in keys.iter().enumerate() {
                    file.put(key, &Secret::from(key.to_string())).expect("is written");
                    if index % 3 == 2 {
                        file.delete(key).expect("is deleted");
                    }
                }
            });
        }
    });
    let file = reopen(&path);
    for keys in &keys {
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(text(&file, key), (index % 3 != 2).then(|| key.to_string()));
        }
    }
}

#[test]
fn an_exchanged_entry_does_not_open() {
    let (_folder, path) = folder();
    let file = create(&path);
    let (one, two) = (key(), key());
    file.put(&one, &Secret::from("one")).expect("is written");
    file.put(&two, &Secret::from("two")).expect("is written");
    let content = fs::read_to_string(&path).expect("text");
    let name = |key: &SecretKey| format!("{} {}", key.home, key.id);
    let exchanged = content.replace(&name(&one), "ONE").replace(&name(&two), &name(&one)).replace("ONE", &name(&two));
    fs::write(&path, exchanged).expect("is written");
    assert!(matches!(file.get(&one), Err(SecretError::Damaged)));
    assert!(matches!(file.get(&two), Err(SecretError::Damaged)));
}

#[test]
fn an_entry_of_another_file_does_not_open() {
    let (_folder, path) = folder();
    let file = create(&path);
    let key = key();
    file.put(&key, &Secret::from("here")).expect("is written");
    let old = fs::read_to_string(&path).expect("text");
    fs::remove_file(&path).expect("goes");
    let file = create(&path);
    file.put(&key, &Secret::from("there")).expect("is written");
    let entry = |content: &str| content.lines().find(|line| line.starts_with("entry")).expect("one").to_owned();
    let new = fs::read_to_string(&path).expect("text");
    fs::write(&path, new.replace(&entry(&new), &entry(&old))).expect("is written");
    assert!(matches!(file.get(&key), Err(SecretError::Damaged)));
}

#[test]
fn a_newer_version_is_named_and_left_alone() {
    let (_folder, path) = folder();
    let file = create(&path);
    let newer = fs::read_to_string(&path).expect("text").replacen("courrier-secrets 1", "courrier-secrets 2", 1);
    fs::write(&path, &newer).expect("is written");
    assert!(matches!(file.get(&key()), Err(SecretError::NewerVersion)));
    assert!(matches!(file.unlock_with(&passphrase()), Err(SecretError::NewerVersion)));
    assert!(matches!(file.put(&key(), &Secret::from("x")), Err(SecretError::NewerVersion)));
    assert_eq!(fs::read_to_string(&path).expect("text"), newer);
}

#[test]
fn a_write_that_can_not_be_finished_leaves_the_file_as_it_was() {
    let (_folder, path) = folder();
    let file = create(&path);
    let key = key();
    file.put(&key, &Secret::from("kept")).expect("is written");
    // Where the new file would be written, there is a folder.
    let mut new = path.clone().into_os_string();
    new.push(".new");
    fs::create_dir(&new).expect("a folder");
    assert!(matches!(file.put(&key, &Secret::from("other")), Err(SecretError::Io(_))));
    assert_eq!(text(&file, &key).as_deref(), Some("kept"));
    // What an interrupted write left is taken over.
    fs::remove_dir(&new).expect("goes");
    fs::write(&new, "half a fi").expect("is written");
    file.put(&key, &Secret::from("other")).expect("is written");
    assert_eq!(text(&reopen(&path), &key).as_deref(), Some("other"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    create(&path).put(&key(), &Secret::from("hush")).expect("is written");
    for file in fs::read_dir(folder.path()).expect("the folder") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("its mode").permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

/// Where the entries begin: after the header's five lines.
fn header_length(content: &[u8]) -> usize {
    content.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4).expect("five lines").0 + 1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_put_is_what_is_got(
        steps in prop::collection::vec((0_usize..4, prop::option::of(".{0,40}")), 1..20),
    ) {
        let (_folder, path) = folder();
        let file = create(&path);
        let keys: Vec<SecretKey> = (0..4).map(|_| key()).collect();
        let mut expected = BTreeMap::new();
        for (which, value) in steps {
            match value {
                Some(value) => {
                    file.put(&keys[which], &Secret::from(value.as_str())).expect("is written");
                    expected.insert(which, value);
                }
                None => {
                    file.delete(&keys[which]).expect("is deleted");
                    expected.remove(&which);
                }
            }
        }
        let file = reopen(&path);
        for (which, key) in keys.iter().enumerate() {
            prop_assert_eq!(text(&file, key), expected.get(&which).cloned());
        }
    }

    #[test]
    fn damage_in_the_header_is_never_taken_for_a_wrong_passphrase(
        at in any::<prop::sample::Index>(), flip in 1_u8..,
    ) {
        let (_folder, path) = folder();
        create(&path).put(&key(), &Secret::from("hush")).expect("is written");
        let mut content = fs::read(&path).expect("is there");
        let at = at.index(header_length(&content));
        content[at] ^= flip;
        fs::write(&path, &content).expect("is written");
        let opened = EncryptedFile::open(&path).unlock_with(&passphrase());
        prop_assert!(matches!(opened, Err(SecretError::Damaged | SecretError::NewerVersion)), "{opened:?}");
        prop_assert_eq!(fs::read(&path).expect("is there"), content, "left alone");
    }

    #[test]
    fn damage_in_one_entry_loses_no_other_and_is_never_taken_for_none(
        at in any::<prop::sample::Index>(), flip in 1_u8..,
    ) {
        let (_folder, path) = folder();
        let file = create(&path);
        let keys: Vec<SecretKey> = (0..5).map(|_| key()).collect();
        for key in &keys {
            file.put(key, &Secret::from(key.to_string())).expect("is written");
        }
        let mut content = fs::read(&path).expect("is there");
        let start = header_length(&content);
        // The line end belongs to two entries; both may go with it.
        let at = start + at.index(content.len() - start);
        let hit = content[at];
        content[at] ^= flip;
        fs::write(&path, &content).expect("is written");

        let file = reopen(&path);
        let mut damaged = 0;
        for key in &keys {
            match file.get(key) {
                Ok(Some(secret)) => prop_assert_eq!(secret.expose_secret(), key.to_string()),
                Err(SecretError::Damaged) => damaged += 1,
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let most = if hit == b'\n' { 2 } else { 1 };
        prop_assert!(damaged <= most, "{damaged} of 5");
        prop_assert!(matches!(file.get(&key()), Err(SecretError::Damaged)), "it could have been this one");
        // Writing goes on, and what can't be read is kept.
        let new = key();
        file.put(&new, &Secret::from("new")).expect("is written");
        prop_assert_eq!(text(&file, &new), Some("new".to_owned()));
        prop_assert!(matches!(file.get(&key()), Err(SecretError::Damaged)));
    }

    #[test]
    fn a_file_that_was_cut_is_damaged_and_stays_so(
        cut in any::<prop::sample::Index>(), between_entries in any::<bool>(),
    ) {
        let (_folder, path) = folder();
        let file = create(&path);
        let keys: Vec<SecretKey> = (0..3).map(|_| key()).collect();
        for key in &keys {
            file.put(key, &Secret::from(key.to_string())).expect("is written");
        }
        let content = fs::read(&path).expect("is there");
        let end = content.windows(4).rposition(|window| window == b"end ").expect("its end");
        let start = header_length(&content);
        let mut cut = start + cut.index(end + 1 - start);
        while between_entries && content[cut - 1] != b'\n' {
            cut -= 1;
        }
        fs::write(&path, &content[..cut]).expect("is written");
        for round in 0..2 {
            let file = reopen(&path);
            for key in &keys {
                match file.get(key) {
                    Ok(Some(secret)) => prop_assert_eq!(secret.expose_secret(), key.to_string()),
                    Err(SecretError::Damaged) => {}
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert!(matches!(file.get(&key()), Err(SecretError::Damaged)), "round {round}");
            file.put(&key(), &Secret::from("new")).expect("is written");
        }
    }
}
