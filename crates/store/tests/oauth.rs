//! Token slots: one entry per account, replaced in place, found again whatever happened to the database.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use common::{add_with_secret, at, draft, passed, refused};
use courrier_model::{AccountId, AuthKind, HealthState, ProblemCode, SecretId, UserId};
use courrier_store::{
    IntentKind, Purpose, SaveAccount, SecretRef, SignIn, Storage, Store, SyncChange, Target, TokenRecord,
};

fn record(generation: u64) -> TokenRecord {
    let second = i64::try_from(generation).expect("small") * 3600;
    TokenRecord {
        provider: "microsoft".to_owned(),
        client_id: "client".to_owned(),
        consented_as: Some("alice@example.test".to_owned()),
        scopes: vec!["offline_access".to_owned()],
        generation,
        obtained_at: at(0),
        refreshed_at: at(second),
        expires_at: Some(at(second + 3600)),
        renews_at: Some(at(second + 3000)),
        sign_in_by: Some(at(second + 90 * 86_400)),
    }
}

/// An account that signs in by OAuth.
fn add(store: &Store, address: &str) -> AccountId {
    let mut draft = draft(address);
    draft.imap.auth = AuthKind::OAuth;
    draft.smtp.auth = AuthKind::OAuth;
    store.save(SaveAccount::new(Target::New(draft), at(0))).expect("saved").account.id
}

/// The same with a slot, by all steps.
fn add_with_slot(store: &Store, address: &str) -> (AccountId, SecretId) {
    let account = add(store, address);
    let id = store.begin_slot(account, Storage::Keyring, at(1)).expect("noted");
    assert_eq!(store.point_slot(account, id, &record(1), at(1)).expect("pointed"), None);
    (account, id)
}

fn open() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    (home, store)
}

fn state(store: &Store, account: AccountId) -> HealthState {
    store.account(account).expect("read").expect("there").health.state
}

fn slot(store: &Store, account: AccountId) -> Option<SecretRef> {
    store.secret_of(account, Purpose::OAuth).expect("read")
}

#[test]
fn an_account_without_tokens_waits_for_its_sign_in_and_a_slot_ends_that() {
    let (_home, store) = open();
    let alice = add(&store, "alice@example.test");
    assert_eq!(state(&store, alice), HealthState::SignInNeeded);
    let id = store.begin_slot(alice, Storage::Keyring, at(1)).expect("noted");
    assert_eq!(id.to_string(), alice.to_string(), "the account's own id");
    let intents = store.pending_intents().expect("read");
    assert_eq!(intents.len(), 1);
    assert!(intents[0].slot_of == Some(alice) && intents[0].kind == IntentKind::Write && !intents[0].referenced);
    assert_eq!(state(&store, alice), HealthState::SignInNeeded, "not before it is pointed to");

    assert_eq!(store.point_slot(alice, id, &record(1), at(1)).expect("pointed"), None);
    assert!(store.pending_intents().expect("read").is_empty());
    let account = store.account(alice).expect("read").expect("there");
    assert_eq!((account.health.state, account.has_secret), (HealthState::Unchecked, true));
    assert_eq!(slot(&store, alice), Some(SecretRef { id, purpose: Purpose::OAuth, storage: Storage::Keyring }));
    let status = store.tokens(alice).expect("read").expect("there");
    assert_eq!((status.record, status.needs_sign_in), (record(1), false));
    assert_eq!(store.all_tokens().expect("read").len(), 1);
    assert_eq!(store.slot_owner(id).expect("read"), Some(alice));
    assert_eq!(store.slot_owner(SecretId::random()).expect("read"), None);
}

#[test]
fn a_password_account_is_as_it_was() {
    let (_home, store) = open();
    let account = add_with_secret(&store, "alice@example.test").account;
    assert_eq!((account.health.state, account.has_secret), (HealthState::Unchecked, true));
    // The slot is not what it signs in with.
    let id = store.begin_slot(account.id, Storage::Keyring, at(1)).expect("noted");
    store.point_slot(account.id, id, &record(1), at(1)).expect("pointed");
    store.note_sign_in_needed(account.id, ProblemCode::AuthConsentRequired, None, true).expect("noted");
    assert_eq!(state(&store, account.id), HealthState::Unchecked);
}

#[test]
fn who_must_sign_in_again_is_told_once_until_tokens_work_again() {
    let (_home, store) = open();
    let (alice, _) = add_with_slot(&store, "alice@example.test");
    store.append_check(alice, &passed(5)).expect("kept");
    assert_eq!(state(&store, alice), HealthState::Ok);
    assert!(store.note_sign_in_needed(alice, ProblemCode::AuthConsentRequired, None, false).expect("noted"));
    assert!(!store.tokens(alice).expect("read").expect("there").for_good, "something else may help");
    assert!(store.note_sign_in_needed(alice, ProblemCode::AuthConsentRequired, None, true).expect("noted"));
    assert!(store.tokens(alice).expect("read").expect("there").for_good);
    let mark = store.change_mark().expect("read");
    assert!(!store.note_sign_in_needed(alice, ProblemCode::AuthConsentRequired, None, true).expect("nothing new"));
    assert_eq!(store.change_mark().expect("read"), mark, "nobody is woken for nothing");
    let health = store.account(alice).expect("read").expect("there").health;
    assert_eq!(health.state, HealthState::SignInNeeded);
    assert_eq!((health.checked_at, health.problem_code), (Some(at(5)), Some(ProblemCode::AuthConsentRequired)));
    store.append_check(alice, &passed(6)).expect("kept");
    assert_eq!(state(&store, alice), HealthState::SignInNeeded, "a check does not change that");

    store.note_tokens(alice, &record(2)).expect("noted");
    assert_eq!(state(&store, alice), HealthState::Unchecked);
    assert!(
        !store.note_sign_in_needed(AccountId::random(), ProblemCode::AuthConsentRequired, None, true).expect("nobody")
    );
}

#[test]
fn the_newest_tokens_are_noted_in_whatever_order_programs_come() {
    let (_home, store) = open();
    let (alice, _) = add_with_slot(&store, "alice@example.test");
    let generation = || store.tokens(alice).expect("read").expect("there").record.generation;
    store.note_tokens(alice, &record(3)).expect("noted");
    let mark = store.change_mark().expect("read");
    store.note_tokens(alice, &record(2)).expect("late");
    store.note_tokens(alice, &record(3)).expect("the same");
    assert_eq!((generation(), store.change_mark().expect("read")), (3, mark));
    // A keyring that went back, and a clock that did: the entry decides.
    store.note_tokens(alice, &TokenRecord { generation: 1, ..record(4) }).expect("noted");
    assert_eq!(generation(), 1);
    store.note_tokens(alice, &TokenRecord { refreshed_at: at(0), ..record(9) }).expect("noted");
    assert_eq!(generation(), 9);
}

#[test]
fn a_database_from_before_the_authorisation_finds_the_slot() {
    let (_home, store) = open();
    let alice = add(&store, "alice@example.test");
    let id = store.unknown_slot(alice).expect("read").expect("worth a look");
    assert_eq!(id.to_string(), alice.to_string());
    assert!(store.adopt_slot(alice, id, Storage::File, &record(5)).expect("adopted"));
    assert_eq!(slot(&store, alice).map(|slot| slot.storage), Some(Storage::File));
    assert_eq!(state(&store, alice), HealthState::Unchecked);
    assert_eq!(store.unknown_slot(alice).expect("read"), None, "it has one");
    assert!(!store.adopt_slot(alice, id, Storage::File, &record(5)).expect("somebody was faster"));

    // On its way out, or in: not to be taken for one that was forgotten.
    store.retire_slot(alice, at(2)).expect("retired");
    assert_eq!(store.unknown_slot(alice).expect("read"), None);
    let bob = add(&store, "bob@example.test");
    store.begin_slot(bob, Storage::Keyring, at(3)).expect("noted");
    assert_eq!(store.unknown_slot(bob).expect("read"), None);
}

#[test]
fn a_slot_takes_its_id_again_while_the_old_one_s_deletion_waits() {
    let (_home, store) = open();
    let (alice, id) = add_with_slot(&store, "alice@example.test");
    let retired = store.retire_slot(alice, at(2)).expect("retired").expect("there");
    assert_eq!((retired.id, store.tokens(alice).expect("read")), (id, None));
    assert_eq!(state(&store, alice), HealthState::SignInNeeded);
    assert_eq!(store.begin_slot(alice, Storage::Keyring, at(3)).expect("noted"), id);
    let intents = store.pending_intents().expect("read");
    assert!(intents.len() == 1 && intents[0].kind == IntentKind::Write, "nothing deletes what is about to be written");
    store.point_slot(alice, id, &record(1), at(3)).expect("pointed");

    // In another store it is another entry, whose deletion must not be forgotten.
    store.retire_slot(alice, at(4)).expect("retired");
    let other = store.begin_slot(alice, Storage::File, at(5)).expect("noted");
    assert_ne!(other, id);
    assert_eq!(store.pending_intents().expect("read").len(), 2);
}

#[test]
fn a_slot_that_could_not_be_written_is_announced_once_however_often_it_is_tried() {
    let (_home, store) = open();
    let alice = add(&store, "alice@example.test");
    let id = store.begin_slot(alice, Storage::Keyring, at(1)).expect("noted");
    for second in 2..5 {
        assert_eq!(store.begin_slot(alice, Storage::Keyring, at(second)).expect("noted"), id);
    }
    let intents = store.pending_intents().expect("read");
    assert!(intents.len() == 1 && intents[0].slot_of == Some(alice), "{intents:?}");
    // In another store it is another entry: the first may have been written after all.
    assert_ne!(store.begin_slot(alice, Storage::File, at(5)).expect("noted"), id);
    assert_eq!(store.pending_intents().expect("read").len(), 2);
}

#[test]
fn a_provider_s_wish_to_be_left_alone_is_known_to_all_until_tokens_come() {
    let (home, store) = open();
    let (alice, _) = add_with_slot(&store, "alice@example.test");
    store.note_not_before(alice, at(99)).expect("noted");
    let other = Store::open(home.path()).expect("opened");
    let waits = |store: &Store| store.tokens(alice).expect("read").expect("there").not_before;
    assert_eq!(waits(&other), Some(at(99)));
    other.note_tokens(alice, &record(2)).expect("noted");
    assert_eq!(waits(&store), None);
    store.note_not_before(AccountId::random(), at(99)).expect("nobody");
}

#[test]
fn a_slot_that_moves_to_another_store_retires_the_old_one() {
    let (_home, store) = open();
    let (alice, old) = add_with_slot(&store, "alice@example.test");
    let new = store.begin_slot(alice, Storage::File, at(2)).expect("noted");
    assert_ne!(new, old);
    let retired = store.point_slot(alice, new, &record(2), at(2)).expect("pointed").expect("replaced");
    assert_eq!((retired.id, retired.storage), (old, Storage::Keyring));
    assert_eq!(slot(&store, alice).map(|slot| slot.storage), Some(Storage::File));
}

#[test]
fn consent_that_was_given_anew_unproves_the_last_check() {
    let (_home, store) = open();
    let (alice, _) = add_with_slot(&store, "alice@example.test");
    store.append_check(alice, &passed(5)).expect("kept");
    store.note_consent(alice, &TokenRecord { obtained_at: at(9), ..record(2) }).expect("noted");
    assert_eq!(state(&store, alice), HealthState::Unchecked);
    store.retire_slot(alice, at(10)).expect("retired");
    assert_eq!(refused(store.note_consent(alice, &record(3))), "not found");
    let gone = AccountId::random();
    let id = store.begin_slot(gone, Storage::Keyring, at(11)).expect("noted");
    assert_eq!(refused(store.point_slot(gone, id, &record(1), at(11))), "not found");
}

#[test]
fn removing_an_account_retires_its_slot() {
    let (_home, store) = open();
    let (alice, id) = add_with_slot(&store, "alice@example.test");
    let retired = store.remove(alice, at(2)).expect("removed");
    assert_eq!(retired, [SecretRef { id, purpose: Purpose::OAuth, storage: Storage::Keyring }]);
    let intents = store.pending_intents().expect("read");
    assert!(intents.len() == 1 && intents[0].kind == IntentKind::Delete && intents[0].id == id);
    assert!(store.all_tokens().expect("read").is_empty());
    store.verify().expect("sound");
}

#[test]
fn a_program_that_knows_no_slots_removes_an_account_and_leaves_the_deletion_behind() {
    let (home, store) = open();
    let (_, id) = add_with_slot(&store, "alice@example.test");
    let older = rusqlite::Connection::open(home.path().join("courrier.db")).expect("opened");
    older
        .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM secret WHERE purpose IN ('incoming', 'outgoing');")
        .expect("done");
    older.execute("DELETE FROM account", []).expect("the slot does not keep the account");
    let intents = store.pending_intents().expect("read");
    assert!(intents.len() == 1 && intents[0].kind == IntentKind::Delete && intents[0].id == id);
    store.verify().expect("sound");
}

#[test]
fn a_slot_goes_where_its_account_goes() {
    let (_home, store) = open();
    let user = UserId::random();
    let person = SignIn {
        server: "https://courrier.example.test".to_owned(),
        issuer: "https://id.example.test".to_owned(),
        subject: "me".to_owned(),
        user,
        device: None,
        email: None,
        name: None,
    };
    store.sign_in(&person, &[]).expect("signed in");
    let (from, id) = add_with_slot(&store, "alice@example.test");
    let into = AccountId::random();
    let mut second = 2;
    let mut move_account = |from, into| {
        second += 1;
        let moved = move |_: &courrier_store::SyncFacts| vec![SyncChange::Move { from, into }];
        store.reconcile(user, at(second), moved).expect("applied").expect("signed in").retired
    };
    assert!(move_account(from, into).is_empty());
    assert_eq!(slot(&store, into).map(|slot| slot.id), Some(id), "where it was");
    assert_eq!(store.tokens(into).expect("read").map(|status| status.record), Some(record(1)));
    assert_eq!(state(&store, into), HealthState::Unchecked);

    // Into an account without one it goes along; where both have one, that of the account that stays stands.
    let other = add(&store, "bob@example.test");
    assert!(move_account(into, other).is_empty());
    assert_eq!(slot(&store, other).map(|slot| slot.id), Some(id));
    assert!(store.tokens(other).expect("read").is_some());
    let (third, retired) = add_with_slot(&store, "carol@example.test");
    let gone = move_account(third, other);
    assert_eq!(gone.iter().map(|secret| secret.id).collect::<Vec<_>>(), [retired]);
    assert_eq!(slot(&store, other).map(|slot| slot.id), Some(id));
    assert_eq!(store.all_tokens().expect("read").len(), 1);

    // An account that comes by the id that a slot still has is not given it.
    assert_eq!(store.unknown_slot(from).expect("read"), None);
    assert_ne!(store.begin_slot(from, Storage::Keyring, at(9)).expect("noted"), id);
    store.verify().expect("sound");
}

#[test]
fn a_slot_on_its_way_finds_an_account_that_took_another_id() {
    let (_home, store) = open();
    let alice = add(&store, "alice@example.test");
    let user = UserId::random();
    let person = |user| SignIn {
        server: "https://courrier.example.test".to_owned(),
        issuer: "https://id.example.test".to_owned(),
        subject: "me".to_owned(),
        user,
        device: None,
        email: None,
        name: None,
    };
    store.sign_in(&person(user), &[alice]).expect("signed in");
    let id = store.begin_slot(alice, Storage::Keyring, at(1)).expect("noted");
    let into = AccountId::random();
    let moved = |_: &courrier_store::SyncFacts| vec![SyncChange::Move { from: alice, into }];
    store.reconcile(user, at(2), moved).expect("applied").expect("signed in");
    assert_eq!(store.pending_intents().expect("read")[0].slot_of, Some(into));
    store.point_slot(into, id, &record(1), at(3)).expect("pointed");
    assert_eq!(slot(&store, into).map(|slot| slot.id), Some(id));
}

#[test]
fn accounts_do_not_wait_for_each_other() {
    let (home, store) = open();
    let [one, other] = [SecretId::random(), SecretId::random()];
    let held = store.try_token_lock(one).expect("asked").expect("free");
    assert!(Store::open(home.path()).expect("opened").try_token_lock(one).expect("asked").is_none());
    assert!(store.try_token_lock(other).expect("asked").is_some());
    drop(held);
    assert!(store.try_token_lock(one).expect("asked").is_some());
    let files = || std::fs::read_dir(home.path()).expect("listed").count();
    let before = files();
    store.forget_token_lock(one);
    store.forget_token_lock(one);
    assert_eq!(files(), before - 1);
}
