//! A keyring service in which nobody has created a keyring yet: no keyring to a script, a button to a person.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use courrier_app::view::SecretStorageView;
use courrier_app::{Courrier, EndpointChange, Language, MemoryStore, NewAccount, Ports, Run};
use courrier_secrets::StoreState;

fn open(home: &tempfile::TempDir, keyring: &MemoryStore) -> Arc<Courrier> {
    let ports = Ports { secrets: Arc::new(keyring.clone()), language: Language::English, ..Ports::system() };
    Courrier::open(Some(home.path()), ports).expect("the home opens")
}

fn view(storage: &str, keyring: &str, file: &str, can_create: bool) -> SecretStorageView {
    let state = if storage == "file" { file } else { keyring }.to_owned();
    SecretStorageView { storage: storage.into(), state, keyring: keyring.into(), file: file.into(), can_create }
}

#[test]
fn a_keyring_that_nobody_has_created_yet_is_absent_and_can_be_created() {
    let (home, keyring) = (tempfile::tempdir().expect("made"), MemoryStore::new());
    let courrier = open(&home, &keyring);
    for (state, can_create) in [(StoreState::Absent, false), (StoreState::NoCollection, true)] {
        keyring.set_state(state);
        assert_eq!(courrier.secret_storage().expect("asked"), view("keyring", "absent", "absent", can_create));
    }
    assert_eq!(courrier.unlock_secrets().expect("created"), view("keyring", "ready", "absent", false));

    // Where the file is in use, nothing has to be created.
    keyring.set_state(StoreState::NoCollection);
    let kept = courrier.keep_secrets_in_file(&"four words in a row".into()).expect("made");
    assert_eq!(kept, view("file", "absent", "ready", false));
}

#[test]
fn the_two_kinds_of_absence_have_one_code_and_words_of_their_own() {
    let (home, keyring) = (tempfile::tempdir().expect("made"), MemoryStore::new());
    let courrier = open(&home, &keyring);
    let server = |server: &str| EndpointChange { server: Some(server.to_owned()), ..EndpointChange::default() };
    let new = NewAccount {
        address: "alice@example.test".to_owned(),
        imap: server("imap.example.test:993/tls"),
        smtp: server("smtp.example.test:465/tls"),
        ..NewAccount::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let said = [StoreState::Absent, StoreState::NoCollection].map(|state| {
        keyring.set_state(state);
        let added = courrier.add_given(Run::silent(), new.clone(), Some("a password".into()), None, true);
        courrier.error(&runtime.block_on(added).expect_err("nowhere to keep it"))
    });
    assert!(said.iter().all(|error| error.code == "keyring.absent"), "{said:?}");
    assert_ne!(said[0].message, said[1].message);
    assert!(said[1].remedy.starts_with("Create a keyring"), "{said:?}");
    assert!(courrier.accounts().expect("listed").is_empty());
}
