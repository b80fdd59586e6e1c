//! Check history, settings, and noticing changes.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use common::{add, at, passed, refused};
use courrier_model::{AccountId, CheckId, HealthState, ProblemCode};
use courrier_store::{NewCheck, Store, StoredCheck};

#[test]
fn the_last_hundred_checks_of_each_account_are_kept() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account.id;
    let bob = add(&store, "bob@example.test").account.id;
    store.append_check(bob, &passed(0)).expect("kept");
    let mut given = Vec::new();
    for number in 0..105_i64 {
        // A clock that runs backwards must not decide what is old.
        let check = NewCheck { report_json: format!("{{\"n\":{number}}}"), ..passed(-number) };
        store.append_check(alice, &check).expect("kept");
        given.push(StoredCheck { id: check.id, at: check.at, report_json: check.report_json });
    }
    given.reverse();
    assert_eq!(store.checks(alice, 1000).expect("read"), given[..100]);
    assert_eq!(store.checks(alice, 3).expect("read"), given[..3]);
    assert_eq!(store.checks(bob, 1000).expect("read").len(), 1);
    assert_eq!(refused(store.append_check(AccountId::random(), &passed(0))), "not found");
}

#[test]
fn the_last_check_is_the_accounts_health() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account;
    assert_eq!(alice.health, courrier_model::Health::UNCHECKED);
    for code in ProblemCode::ALL {
        let check = NewCheck { id: CheckId::random(), ok: false, problem_code: Some(*code), ..passed(7) };
        store.append_check(alice.id, &check).expect("kept");
        let health = store.accounts().expect("listed")[0].health;
        assert_eq!((health.state, health.checked_at), (HealthState::Problem, Some(at(7))));
        assert_eq!(health.problem_code, Some(*code));
    }
    store.append_check(alice.id, &passed(8)).expect("kept");
    let account = store.accounts().expect("listed").remove(0);
    assert_eq!((account.health.state, account.health.problem_code), (HealthState::Ok, None));
    assert_eq!(account.updated_at, alice.updated_at, "a check changes no setting");
}

#[test]
fn settings_are_kept_by_key() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    assert_eq!(store.setting("theme").expect("read"), None);
    store.set_setting("theme", "\"dark\"").expect("set");
    store.set_setting("theme", "\"light\"").expect("set");
    store.set_setting("language", "\"fr\"").expect("set");
    drop(store);
    let store = Store::open(home.path()).expect("opened");
    assert_eq!(store.setting("theme").expect("read").as_deref(), Some("\"light\""));
    assert_eq!(store.setting("language").expect("read").as_deref(), Some("\"fr\""));
}

#[test]
fn the_mark_moves_with_every_change_by_anybody_and_only_then() {
    let home = tempfile::tempdir().expect("made");
    let window = Store::open(home.path()).expect("opened");
    let other = Store::open(home.path()).expect("opened");
    let mut seen = vec![window.change_mark().expect("read")];
    let mut moved = |what: &str| {
        let mark = window.change_mark().expect("read");
        assert!(!seen.contains(&mark), "{what}");
        assert_eq!(window.change_mark().expect("read"), mark, "nothing happened after {what}");
        seen.push(mark);
    };
    let alice = add(&other, "alice@example.test").account.id;
    moved("an account by the other");
    add(&window, "bob@example.test");
    moved("an account of our own");
    other.append_check(alice, &passed(0)).expect("kept");
    moved("a check by the other");
    window.set_setting("theme", "1").expect("set");
    moved("a setting of our own");
    other.begin_removal(alice, at(1)).expect("hidden");
    moved("a removal by the other");
    other.undo_removal(alice).expect("undone");
    moved("an undo by the other");
    window.remove(alice, at(1)).expect("removed");
    moved("a removal of our own");

    let before = window.change_mark().expect("read");
    other.accounts().expect("listed");
    window.search("bob").expect("searched");
    drop(other);
    assert_eq!(window.change_mark().expect("read"), before, "reading and closing change nothing");
}
