//! What the store keeps for carrying accounts elsewhere: versions, who is signed in, what travels.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use common::{add, add_with_secret, addresses, at, draft, refused};
use courrier_model::{AccountEdit, AccountId, DeviceId, RecordId, SyncId, UserId, WriteId};
use courrier_store::{
    HISTORY_LIMIT, Local, LocalCopy, Outgoing, Purpose, SaveAccount, SignIn, Store, SyncChange, Target, VersionSource,
};
use courrier_wire::{Applied, Content, Kind, Outcome, Page, PushAnswer, Record, Theme, WriteAnswer};

fn person(subject: &str, user: UserId) -> SignIn {
    SignIn {
        server: "https://courrier.example.test".to_owned(),
        issuer: "https://id.example.test".to_owned(),
        subject: subject.to_owned(),
        user,
        device: Some(DeviceId::random()),
        email: None,
        name: None,
    }
}

fn rename(store: &Store, id: AccountId, name: &str, second: i64) {
    let edit = AccountEdit { name: Some(name.parse().expect("valid")), ..AccountEdit::default() };
    store.save(SaveAccount::new(Target::Existing(id, edit), at(second))).expect("saved");
}

fn names(store: &Store, id: AccountId) -> Vec<String> {
    let versions = store.versions(id.into(), 100).expect("read");
    versions.iter().map(|version| version.body["name"].as_str().expect("a text").to_owned()).collect()
}

/// Sends everything that travels, and hears that it was done.
fn send_all(store: &Store, user: UserId) {
    let outgoing = |facts: &courrier_store::SyncFacts| {
        let travelling = facts.records.iter().filter(|record| record.kind == Kind::Account);
        let bodies = travelling.filter_map(|record| match &record.local {
            Local::Present { body, .. } => Some((record.id, body.clone())),
            Local::Absent | Local::Held => None,
        });
        bodies
            .map(|(id, body)| Outgoing {
                id,
                kind: Kind::Account,
                base: None,
                origin: None,
                content: Content::Body(body),
            })
            .collect()
    };
    store.fix_outbox(user, outgoing).expect("fixed").expect("signed in");
    let writes = store.outbox(500, usize::MAX).expect("read");
    let applied = |(revision, write): (u64, &courrier_wire::Write)| WriteAnswer {
        mutation_id: write.mutation_id,
        outcome: Outcome::Applied(Applied { revision, write_id: WriteId::random() }),
    };
    let answers: Vec<WriteAnswer> = (1..).zip(&writes).map(applied).collect();
    let answer = PushAnswer { sync_id: SyncId::random(), revision: answers.len() as u64, answers };
    assert_eq!(store.take_answers(user, &answer).expect("taken"), Some(true));
    assert!(store.outbox(1, 0).expect("read").is_empty());
}

#[test]
fn every_edit_leaves_a_version_and_the_last_fifty_stay() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account.id;
    let bob = add(&store, "bob@example.test").account.id;
    rename(&store, bob, "Bob", 1);
    rename(&store, bob, "Bob", 2);
    assert_eq!(names(&store, bob), ["Bob", ""], "saving the same again is no edit");
    for number in 0..60 {
        // A clock that runs backwards must not decide what is old.
        rename(&store, alice, &format!("a{number}"), -number);
    }
    let names = names(&store, alice);
    assert_eq!(names.len(), HISTORY_LIMIT as usize);
    assert_eq!((names[0].as_str(), names[49].as_str()), ("a59", "a10"));
    let newest = store.versions(alice.into(), 1).expect("read").remove(0);
    assert_eq!((newest.source, newest.device, newest.seen), (VersionSource::Local, None, true));
    store.remove(alice, at(0)).expect("removed");
    assert!(store.versions(alice.into(), 1).expect("read").is_empty(), "what a person removes here is gone");
}

#[test]
fn a_version_comes_back_as_a_new_edit() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account.id;
    let edit = AccountEdit {
        address: Some("alice@new.test".parse().expect("valid")),
        imap: Some(common::endpoint("imap.new.test:143/starttls", "al")),
        identities: Some(vec![common::identity("shop@new.test")]),
        ..AccountEdit::default()
    };
    store.save(SaveAccount::new(Target::Existing(alice, edit), at(1))).expect("saved");
    let first = store.versions(alice.into(), 9).expect("read").pop().expect("there");
    let restored = store.restore_version(alice, first.sequence, at(2)).expect("restored");
    assert_eq!(restored.address.to_string(), "alice@example.test");
    assert_eq!(restored.imap, draft("x@y.test").imap);
    assert!(restored.identities.is_empty());
    assert_eq!(store.versions(alice.into(), 9).expect("read").len(), 3);

    add(&store, "alice@new.test");
    let second = store.versions(alice.into(), 9).expect("read")[1].sequence;
    assert_eq!(refused(store.restore_version(alice, second, at(3))), "address taken");
    assert_eq!(refused(store.restore_version(alice, 999, at(3))), "not found");
    assert_eq!(refused(store.restore_version(AccountId::random(), second, at(3))), "not found");
}

#[test]
fn what_is_picked_travels_and_what_is_added_while_signed_in() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account.id;
    add(&store, "bob@example.test");
    assert!(store.travelling().expect("read").is_empty());
    let user = UserId::random();
    assert!(!store.sign_in(&person("a", user), &[alice]).expect("signed in"));
    let carol = add(&store, "carol@example.test").account.id;
    assert_eq!(store.travelling().expect("read"), [alice, carol]);
    let facts = store.sync_facts().expect("read");
    assert_eq!(facts.kept_here.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>(), ["bob@example.test"]);
    let ids: Vec<RecordId> = facts.records.iter().map(|record| record.id).collect();
    assert_eq!(ids, [alice.into(), carol.into(), RecordId::PREFERENCES]);

    store.sign_out(LocalCopy::Keep, at(1)).expect("signed out");
    let dave = add(&store, "dave@example.test").account.id;
    assert!(!store.travelling().expect("read").contains(&dave), "nobody was signed in");
    assert_eq!(store.fix_outbox(user, |_| panic!("nothing travels")).expect("asked"), None);
    assert!(store.sign_in(&person("a", user), &[alice, dave]).expect("signed in"), "the same person goes on");
    assert_eq!(store.travelling().expect("read"), [alice, dave]);
}

#[test]
fn two_peoples_records_never_meet() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account.id;
    rename(&store, alice, "Alice", 1);
    let one = UserId::random();
    store.sign_in(&person("one", one), &[alice]).expect("signed in");
    send_all(&store, one);
    store.edit_preferences(at(2), |preferences| preferences.theme = Some(Theme::Dark)).expect("set");
    store.sign_out(LocalCopy::Keep, at(3)).expect("signed out");

    let two = UserId::random();
    assert!(!store.sign_in(&person("two", two), &[]).expect("signed in"));
    let account = store.accounts().expect("listed").remove(0);
    assert_ne!(account.id, alice, "the other person's server knows that id");
    assert!(account.has_secret, "it followed");
    assert_eq!(names(&store, account.id), ["Alice", ""], "they followed");
    let facts = store.sync_facts().expect("read");
    assert_eq!(facts.records.len(), 1, "{facts:?}");
    assert_eq!(facts.records[0].base, None);
    assert_eq!(facts.records[0].local, Local::Present { body: courrier_wire::Body::new(), hidden: false });
    // An answer to the first person that comes late.
    let page = Page { sync_id: SyncId::random(), revision: 9, changes: vec![], more: false, purged: 0 };
    assert_eq!(store.take_page(one, &page).expect("asked"), None);
    store.verify().expect("sound");
}

#[test]
fn the_same_person_is_known_by_more_than_an_address() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let user = UserId::random();
    let me = person("me", user);
    store.sign_in(&me, &[]).expect("signed in");
    let moved_issuer = SignIn { issuer: "https://new.example.test".to_owned(), subject: "x".to_owned(), ..me.clone() };
    assert!(store.sign_in(&moved_issuer, &[]).expect("signed in"));
    let new_server_record = SignIn { user: UserId::random(), ..moved_issuer.clone() };
    assert!(store.sign_in(&new_server_record, &[]).expect("signed in"));
    let other = SignIn { user: UserId::random(), subject: "y".to_owned(), ..moved_issuer.clone() };
    assert!(!store.sign_in(&other, &[]).expect("signed in"));
    let elsewhere = SignIn { server: "https://other.example.test".to_owned(), ..other };
    assert!(!store.sign_in(&elsewhere, &[]).expect("signed in"));
}

#[test]
fn signing_out_can_take_what_travels_and_leaves_the_rest() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account.id;
    add_with_secret(&store, "bob@example.test");
    let user = UserId::random();
    store.sign_in(&person("me", user), &[alice]).expect("signed in");
    send_all(&store, user);
    let retired = store.sign_out(LocalCopy::Remove, at(1)).expect("signed out");
    assert_eq!(retired.len(), 1);
    assert_eq!(addresses(&store), ["bob@example.test"]);
    assert_eq!(store.sync_session().expect("read"), None);
    assert!(store.versions(alice.into(), 9).expect("read").is_empty());
    assert_eq!(store.sync_facts().expect("read").records.len(), 1, "the preferences");
}

#[test]
fn an_account_that_stays_here_is_a_deletion_elsewhere() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add_with_secret(&store, "alice@example.test").account.id;
    let user = UserId::random();
    store.sign_in(&person("me", user), &[alice]).expect("signed in");
    assert_eq!(store.set_travels(alice, false).expect("marked"), alice, "nobody knows it yet");
    assert_eq!(store.set_travels(alice, true).expect("marked"), alice);
    send_all(&store, user);
    let here = store.set_travels(alice, false).expect("marked");
    assert_ne!(here, alice);
    let account = store.account(here).expect("read").expect("there");
    assert!(account.has_secret && account.primary);
    assert_eq!(store.secret_of(alice, Purpose::Incoming).expect("read"), None);
    let facts = store.sync_facts().expect("read");
    let record = facts.records.iter().find(|record| record.id == alice.into()).expect("known");
    assert!(record.base.is_some() && record.local == Local::Absent, "{record:?}");
    store.verify().expect("sound");
}

#[test]
fn what_is_removed_while_signed_out_is_not_removed_elsewhere() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let alice = add(&store, "alice@example.test").account.id;
    let user = UserId::random();
    store.sign_in(&person("me", user), &[alice]).expect("signed in");
    send_all(&store, user);
    store.sign_out(LocalCopy::Keep, at(1)).expect("signed out");
    store.remove(alice, at(2)).expect("removed");
    store.sign_in(&person("me", user), &[]).expect("signed in");
    let facts = store.sync_facts().expect("read");
    assert_eq!(facts.records[0].local, Local::Held);
}

#[test]
fn a_move_takes_secrets_versions_and_the_choice_of_the_person_along() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let user = UserId::random();
    store.sign_in(&person("me", user), &[]).expect("signed in");
    add(&store, "first@example.test");
    let from = add_with_secret(&store, "alice@example.test").account.id;
    let chosen = AccountEdit { primary: Some(true), ..AccountEdit::default() };
    store.save(SaveAccount::new(Target::Existing(from, chosen), at(1))).expect("saved");
    store.append_check(from, &common::passed(5)).expect("kept");
    let secret = store.secret_of(from, Purpose::Incoming).expect("read").expect("there");
    let into = AccountId::random();
    let moved = |_: &courrier_store::SyncFacts| vec![SyncChange::Move { from, into }];
    let done = store.reconcile(user, at(2), moved).expect("applied").expect("signed in");
    assert!(done.retired.is_empty());
    let account = store.account(into).expect("read").expect("there");
    assert!(account.primary);
    assert_eq!(store.secret_of(into, Purpose::Incoming).expect("read").map(|found| found.id), Some(secret.id));
    assert_eq!(store.preferences().expect("read").primary, Some(into));
    assert_eq!(store.checks(into, 9).expect("read").len(), 1);
    assert_eq!(store.versions(into.into(), 9).expect("read").len(), 1);
    assert_eq!(store.account(from).expect("read"), None);

    // Where both have a secret, the one that stays keeps its own, and the other is to be deleted.
    let second = add_with_secret(&store, "bob@example.test").account.id;
    let join = |_: &courrier_store::SyncFacts| vec![SyncChange::Move { from: second, into }];
    let done = store.reconcile(user, at(3), join).expect("applied").expect("signed in");
    assert_eq!(done.retired.len(), 1);
    assert_eq!(store.secret_of(into, Purpose::Incoming).expect("read").map(|found| found.id), Some(secret.id));
    assert_eq!(addresses(&store), ["first@example.test", "alice@example.test"]);
    store.verify().expect("sound");
}

#[test]
fn a_page_that_says_nothing_new_changes_nothing() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    let user = UserId::random();
    store.sign_in(&person("me", user), &[]).expect("signed in");
    let record = Record {
        id: RecordId::random(),
        kind: Kind::Account,
        revision: 3,
        write_id: WriteId::random(),
        deleted: true,
        body: None,
        origin: None,
    };
    let page = Page { sync_id: SyncId::random(), revision: 3, changes: vec![record.clone()], more: false, purged: 0 };
    assert_eq!(store.take_page(user, &page).expect("taken"), Some(1));
    let known = |_: &courrier_store::SyncFacts| {
        vec![SyncChange::Know {
            record: record.id,
            kind: Kind::Account,
            base: Some(record.clone()),
            memory: None,
            held: false,
        }]
    };
    store.reconcile(user, at(1), known).expect("applied").expect("signed in");
    let mark = store.change_mark().expect("read");
    assert_eq!(store.take_page(user, &Page { changes: vec![], ..page }).expect("taken"), Some(0));
    store.reconcile(user, at(2), |_| Vec::new()).expect("applied").expect("signed in");
    assert_eq!(store.change_mark().expect("read"), mark);
    assert_eq!(store.sync_session().expect("read").map(|session| (session.cursor, session.full)), Some((3, false)));
}
