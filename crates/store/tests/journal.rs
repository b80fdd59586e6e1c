//! The order of the steps of a change to a secret, and the lock around them.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use common::{add, add_with_secret, addresses, at, draft, refused};
use courrier_model::{AccountEdit, SecretId};
use courrier_store::{Intent, IntentKind, NewSecret, Purpose, SaveAccount, SecretRef, Storage, Store, Target};

fn intent(id: SecretId, kind: IntentKind, storage: Storage) -> Intent {
    Intent { id, kind, storage, referenced: false, slot_of: None }
}

#[test]
fn a_new_version_replaces_the_old_one_step_by_step() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account;
    assert!(alice.has_secret);
    let old = store.secret_of(alice.id, Purpose::Incoming).expect("read").expect("there");
    assert_eq!((old.purpose, old.storage), (Purpose::Incoming, Storage::Keyring));
    assert_eq!(store.secret_of(alice.id, Purpose::Outgoing).expect("read"), None);
    assert!(store.pending_intents().expect("read").is_empty());

    let new = store.begin_write(Storage::File, at(1)).expect("noted");
    assert_ne!(new, old.id);
    assert_eq!(store.pending_intents().expect("read"), [intent(new, IntentKind::Write, Storage::File)]);
    assert_eq!(store.secret_of(alice.id, Purpose::Incoming).expect("read"), Some(old), "not before it is saved");

    let mut request = SaveAccount::new(Target::Existing(alice.id, AccountEdit::default()), at(2));
    request.secrets.push(NewSecret { purpose: Purpose::Incoming, id: new });
    assert_eq!(store.save(request).expect("saved").retired, [old]);
    assert_eq!(store.pending_intents().expect("read"), [intent(old.id, IntentKind::Delete, Storage::Keyring)]);
    let current = SecretRef { id: new, purpose: Purpose::Incoming, storage: Storage::File };
    assert_eq!(store.secret_of(alice.id, Purpose::Incoming).expect("read"), Some(current));

    store.forget_intent(old.id).expect("forgotten");
    assert!(store.pending_intents().expect("read").is_empty());
    store.forget_intent(old.id).expect("twice is fine");
}

#[test]
fn each_purpose_has_its_own_secret() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let [incoming, outgoing] = [1, 2].map(|_| store.begin_write(Storage::Keyring, at(0)).expect("noted"));
    let mut request = SaveAccount::new(Target::New(draft("alice@example.test")), at(0));
    request.secrets = vec![
        NewSecret { purpose: Purpose::Outgoing, id: outgoing },
        NewSecret { purpose: Purpose::Incoming, id: incoming },
    ];
    let id = store.save(request).expect("saved").account.id;
    let mut request = SaveAccount::new(Target::Existing(id, AccountEdit::default()), at(1));
    request.drop_outgoing = true;
    let retired = store.save(request).expect("saved").retired;
    assert_eq!(retired, [SecretRef { id: outgoing, purpose: Purpose::Outgoing, storage: Storage::Keyring }]);
    assert_eq!(store.secret_of(id, Purpose::Outgoing).expect("read"), None);
    assert_eq!(store.secret_of(id, Purpose::Incoming).expect("read").map(|secret| secret.id), Some(incoming));
}

#[test]
fn a_write_that_was_undone_meanwhile_changes_nothing() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account;
    let before = store.secret_of(alice.id, Purpose::Incoming).expect("read");

    let undone = store.begin_write(Storage::Keyring, at(1)).expect("noted");
    store.forget_intent(undone).expect("forgotten");
    let kept = store.begin_write(Storage::Keyring, at(1)).expect("noted");
    let edit = AccountEdit { name: Some("Other".parse().expect("valid")), ..AccountEdit::default() };
    let mut request = SaveAccount::new(Target::Existing(alice.id, edit), at(1));
    request.secrets =
        vec![NewSecret { purpose: Purpose::Outgoing, id: kept }, NewSecret { purpose: Purpose::Incoming, id: undone }];
    assert_eq!(refused(store.save(request)), "superseded");
    assert_eq!(store.accounts().expect("listed"), std::slice::from_ref(&alice));
    assert_eq!(store.secret_of(alice.id, Purpose::Incoming).expect("read"), before);
    assert_eq!(store.secret_of(alice.id, Purpose::Outgoing).expect("read"), None);
    assert_eq!(store.pending_intents().expect("read"), [intent(kept, IntentKind::Write, Storage::Keyring)]);

    // A secret that is to be deleted can't be brought back by saving it.
    let secret = before.expect("there").id;
    store.remove(alice.id, at(2)).expect("removed");
    let mut request = SaveAccount::new(Target::New(draft("new@example.test")), at(3));
    request.secrets.push(NewSecret { purpose: Purpose::Incoming, id: secret });
    assert_eq!(refused(store.save(request)), "superseded");
    assert!(addresses(&store).is_empty());
}

#[test]
fn an_intent_on_a_secret_in_use_says_so() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account;
    let secret = store.secret_of(alice.id, Purpose::Incoming).expect("read").expect("there");
    // No path through the store leads here; a file put together from two backups could.
    let file = rusqlite::Connection::open(home.path().join("courrier.db")).expect("opened");
    file.execute(
        "INSERT INTO secret_intent (id, kind, storage, created_at) VALUES (?1, 'delete', 'keyring', 0)",
        [secret.id.to_string()],
    )
    .expect("inserted");
    let intents = store.pending_intents().expect("read");
    assert_eq!(intents, [Intent { referenced: true, ..intent(secret.id, IntentKind::Delete, Storage::Keyring) }]);
}

#[test]
fn an_account_can_not_go_without_its_secrets() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    add_with_secret(&store, "alice@example.test");
    let file = rusqlite::Connection::open(home.path().join("courrier.db")).expect("opened");
    file.execute_batch("PRAGMA foreign_keys = ON").expect("set");
    assert!(file.execute("DELETE FROM account", []).is_err(), "the schema itself refuses");
}

#[test]
fn one_at_a_time_changes_secrets() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let other = Store::open(home.path()).expect("opened");
    let held = store.secret_lock().expect("locked");
    assert!(other.try_secret_lock().expect("asked").is_none());
    assert!(store.try_secret_lock().expect("asked").is_none(), "threads of one process exclude each other too");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| other.secret_lock().map(drop));
        add(&store, "alice@example.test");
        drop(held);
        waiting.join().expect("no panic").expect("its turn came");
    });
    assert!(other.try_secret_lock().expect("asked").is_some());
}
