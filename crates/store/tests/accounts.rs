//! Adding, changing, finding and removing accounts.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use common::{add, add_with_secret, addresses, at, draft, endpoint, identity, passed, primary, refused};
use courrier_model::{AccountEdit, AccountId, HealthState};
use courrier_store::{NewSecret, Purpose, SaveAccount, Saved, Storage, Store, StoreError, Target};

fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    (home, store)
}

fn edit(store: &Store, id: AccountId, edit: AccountEdit) -> Result<Saved, StoreError> {
    store.save(SaveAccount::new(Target::Existing(id, edit), at(60)))
}

#[test]
fn what_is_saved_reads_back() {
    let (_home, store) = store();
    let mut given = draft("Zoë@BÜCHER.example");
    given.name = "Zoë".parse().expect("valid");
    given.color = Some("#123456".parse().expect("valid"));
    given.imap = endpoint("[::1]:143/none", "zoë");
    given.smtp = endpoint("mail.müller.example:587/starttls", "z");
    given.identities = vec![identity("b@example.test"), identity("a@example.test")];
    let mut request = SaveAccount::new(Target::New(given.clone()), at(5));
    request.check = Some(passed(4));
    let Saved { account, retired, created } = store.save(request).expect("saved");
    assert!(created && retired.is_empty() && account.primary && !account.has_secret);
    assert_eq!(AccountEdit::default().applied_to(&account), courrier_model::AccountDraft { primary: true, ..given });
    assert_eq!((account.created_at, account.updated_at), (at(5), at(5)));
    assert_eq!((account.health.state, account.health.checked_at), (HealthState::Ok, Some(at(4))));
    assert_eq!(store.accounts().expect("listed"), std::slice::from_ref(&account));
    assert_eq!(store.account(account.id).expect("read"), Some(account.clone()));
    let spelled_otherwise = "zoë@xn--bcher-kva.example".parse().expect("valid");
    assert_eq!(store.account_by_address(&spelled_otherwise).expect("read"), Some(account));
    assert_eq!(store.account(AccountId::random()).expect("read"), None);
}

#[test]
fn adding_an_address_again_updates_it_and_keeps_what_was_not_given() {
    let (_home, store) = store();
    let mut first = draft("alice@example.test");
    first.name = "Alice".parse().expect("valid");
    first.color = Some("#123456".parse().expect("valid"));
    first.identities = vec![identity("shop@example.test")];
    let before = store.save(SaveAccount::new(Target::New(first), at(0))).expect("saved").account;
    add(&store, "bob@example.test");

    let mut again = draft("ALICE@Example.test");
    again.imap = endpoint("new.example.test:993/tls", "alice");
    let Saved { account, created, .. } = store.save(SaveAccount::new(Target::New(again), at(60))).expect("saved");
    assert!(!created && account.primary);
    assert_eq!((account.id, account.created_at, account.updated_at), (before.id, at(0), at(60)));
    assert_eq!((&account.name, account.color, &account.identities), (&before.name, before.color, &before.identities));
    assert_eq!(account.imap.host.to_string(), "new.example.test");
    assert_eq!(addresses(&store), ["ALICE@example.test", "bob@example.test"]);

    let mut third = draft("alice@example.test");
    third.identities = vec![identity("other@example.test")];
    let account = store.save(SaveAccount::new(Target::New(third.clone()), at(61))).expect("saved").account;
    assert_eq!(account.identities, third.identities);
}

#[test]
fn an_address_belongs_to_one_account() {
    let (_home, store) = store();
    let alice = add(&store, "alice@example.test").account;
    let bob = add_with_secret(&store, "bob@example.test").account;
    let to_bob = || AccountEdit { address: Some("BOB@example.test".parse().expect("valid")), ..AccountEdit::default() };

    match edit(&store, alice.id, to_bob()) {
        Err(StoreError::AddressTaken { id }) => assert_eq!(id, bob.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(addresses(&store), ["alice@example.test", "bob@example.test"]);

    // An account that is being removed anyway gives way, and its secret is not forgotten.
    let secret = store.secret_of(bob.id, Purpose::Incoming).expect("read").expect("there");
    store.begin_removal(bob.id, at(100)).expect("hidden");
    let saved = edit(&store, alice.id, to_bob()).expect("saved");
    assert_eq!(saved.retired, [secret]);
    assert_eq!(addresses(&store), ["BOB@example.test"]);
    assert_eq!(refused(store.undo_removal(bob.id)), "not found");
    let pending = store.pending_intents().expect("read");
    assert_eq!(pending.iter().map(|intent| intent.id).collect::<Vec<_>>(), [secret.id]);

    // Its own address in another spelling is no conflict.
    let respelled = AccountEdit { address: Some("Bob@example.test".parse().expect("valid")), ..AccountEdit::default() };
    assert_eq!(edit(&store, alice.id, respelled).expect("saved").account.address.to_string(), "Bob@example.test");
    assert_eq!(refused(edit(&store, AccountId::random(), AccountEdit::default())), "not found");
}

#[test]
fn settings_that_were_not_checked_are_unchecked() {
    let (_home, store) = store();
    let mut request = SaveAccount::new(Target::New(draft("alice@example.test")), at(0));
    request.check = Some(passed(0));
    let id = store.save(request).expect("saved").account.id;
    let health = |saved: Saved| saved.account.health;
    let recheck = || store.append_check(id, &passed(1)).expect("kept");

    let name = AccountEdit { name: Some("Alice".parse().expect("valid")), ..AccountEdit::default() };
    assert_eq!(health(edit(&store, id, name).expect("saved")).state, HealthState::Ok);
    let same = AccountEdit { imap: Some(draft("x@example.test").imap), ..AccountEdit::default() };
    assert_eq!(health(edit(&store, id, same).expect("saved")).state, HealthState::Ok, "nothing changed");

    let host = AccountEdit { smtp: Some(endpoint("other.test:465/tls", "a")), ..AccountEdit::default() };
    let unchecked = health(edit(&store, id, host).expect("saved"));
    assert_eq!(unchecked, courrier_model::Health::UNCHECKED);

    recheck();
    let address = AccountEdit { address: Some("al@example.test".parse().expect("valid")), ..AccountEdit::default() };
    assert_eq!(health(edit(&store, id, address).expect("saved")).state, HealthState::Unchecked);

    recheck();
    let secret = store.begin_write(Storage::Keyring, at(2)).expect("noted");
    let mut request = SaveAccount::new(Target::Existing(id, AccountEdit::default()), at(2));
    request.secrets.push(NewSecret { purpose: Purpose::Outgoing, id: secret });
    assert_eq!(health(store.save(request).expect("saved")).state, HealthState::Unchecked);

    recheck();
    let mut request = SaveAccount::new(Target::Existing(id, AccountEdit::default()), at(3));
    request.drop_outgoing = true;
    assert_eq!(health(store.save(request.clone()).expect("saved")).state, HealthState::Unchecked);
    recheck();
    assert_eq!(health(store.save(request).expect("saved")).state, HealthState::Ok, "there was none to drop");
}

#[test]
fn only_changed_settings_count_as_an_update() {
    let (_home, store) = store();
    let alice = add(&store, "alice@example.test").account;
    let bob = add(&store, "bob@example.test").account;
    let primary = AccountEdit { primary: Some(true), ..AccountEdit::default() };
    assert_eq!(edit(&store, bob.id, primary).expect("saved").account.updated_at, at(0));
    assert_eq!(edit(&store, alice.id, AccountEdit::default()).expect("saved").account.updated_at, at(0));
    let identities = AccountEdit { identities: Some(vec![identity("x@example.test")]), ..AccountEdit::default() };
    assert_eq!(edit(&store, alice.id, identities).expect("saved").account.updated_at, at(60));
}

#[test]
fn primary_moves_and_is_handed_on() {
    let (_home, store) = store();
    let [a, b, c] = ["a@x.test", "b@x.test", "c@x.test"].map(|address| add(&store, address).account.id);
    let set = |id, primary| edit(&store, id, AccountEdit { primary: Some(primary), ..AccountEdit::default() });
    assert_eq!(primary(&store), "a@x.test");
    set(c, true).expect("saved");
    assert_eq!(primary(&store), "c@x.test");
    set(c, false).expect("saved");
    assert_eq!(primary(&store), "a@x.test");
    set(a, false).expect("saved");
    assert_eq!(primary(&store), "b@x.test");
    set(a, false).expect("saved");
    assert_eq!(primary(&store), "b@x.test", "it had nothing to give");

    store.begin_removal(b, at(100)).expect("hidden");
    assert_eq!(primary(&store), "a@x.test");
    store.undo_removal(b).expect("undone");
    assert_eq!((primary(&store).as_str(), addresses(&store).len()), ("b@x.test", 3));

    store.begin_removal(b, at(100)).expect("hidden");
    set(c, true).expect("saved");
    store.undo_removal(b).expect("undone");
    assert_eq!(primary(&store), "c@x.test", "the person chose since");

    store.remove(c, at(100)).expect("removed");
    store.remove(a, at(100)).expect("removed");
    assert_eq!(primary(&store), "b@x.test");
    set(b, false).expect("saved");
    assert_eq!(primary(&store), "b@x.test", "the only account stays primary");
    store.begin_removal(b, at(100)).expect("hidden");
    assert!(store.accounts().expect("listed").is_empty());
    add(&store, "d@x.test");
    assert_eq!(primary(&store), "d@x.test");
}

#[test]
fn removal_hides_at_once_and_deletes_when_due() {
    let (_home, store) = store();
    let alice = add_with_secret(&store, "alice@example.test").account;
    add(&store, "bob@example.test");
    let secret = store.secret_of(alice.id, Purpose::Incoming).expect("read").expect("there");
    store.append_check(alice.id, &passed(1)).expect("kept");

    store.begin_removal(alice.id, at(100)).expect("hidden");
    assert_eq!(addresses(&store), ["bob@example.test"]);
    assert_eq!(store.account(alice.id).expect("read"), None);
    assert_eq!(store.account_by_address(&alice.address).expect("read"), None);
    assert!(store.search("alice").expect("searched").is_empty());
    assert_eq!(refused(store.begin_removal(alice.id, at(100))), "not found");
    assert_eq!(refused(edit(&store, alice.id, AccountEdit::default())), "not found");
    assert_eq!(store.secret_of(alice.id, Purpose::Incoming).expect("read"), Some(secret), "undo must find it");
    assert!(store.pending_intents().expect("read").is_empty());

    assert!(store.removals_due(at(99)).expect("read").is_empty());
    assert_eq!(refused(store.finish_removal(alice.id, at(99))), "not found");
    store.undo_removal(alice.id).expect("undone");
    assert_eq!(addresses(&store), ["alice@example.test", "bob@example.test"]);
    assert_eq!(refused(store.undo_removal(alice.id)), "not found");
    assert_eq!(refused(store.finish_removal(alice.id, at(200))), "not found");

    store.begin_removal(alice.id, at(100)).expect("hidden");
    assert_eq!(store.removals_due(at(100)).expect("read"), [alice.id]);
    assert_eq!(store.finish_removal(alice.id, at(100)).expect("deleted"), [secret]);
    assert_eq!(store.pending_intents().expect("read").len(), 1);
    assert!(store.checks(alice.id, 10).expect("read").is_empty());
    assert!(add(&store, "alice@example.test").created);
    assert_eq!(addresses(&store), ["bob@example.test", "alice@example.test"]);
}

#[test]
fn adding_an_address_that_is_being_removed_brings_it_back() {
    let (_home, store) = store();
    let alice = add_with_secret(&store, "alice@example.test").account;
    add(&store, "bob@example.test");
    store.begin_removal(alice.id, at(100)).expect("hidden");
    let saved = add(&store, "alice@example.test");
    assert!(!saved.created && saved.account.primary && saved.account.has_secret);
    assert_eq!(saved.account.id, alice.id);
    assert!(store.removals_due(at(1000)).expect("read").is_empty());
}

#[test]
fn search_folds_case_and_accents_and_knows_both_forms_of_a_domain() {
    let (_home, store) = store();
    let mut helene = draft("h@bücher.example");
    helene.name = "Hélène Müller".parse().expect("valid");
    helene.imap = endpoint("imap.straße.example:993/tls", "h");
    store.save(SaveAccount::new(Target::New(helene), at(0))).expect("saved");
    add(&store, "100%_sure@example.test");
    let found = |query: &str| store.search(query).expect("searched").len();
    for query in ["HELENE", "hélène mu", "  müller ", "@BÜCHER", "xn--bcher-kva", "imap.", "straße", "h@b"] {
        let accounts = store.search(query).expect("searched");
        assert!(accounts.iter().any(|account| account.address.to_string() == "h@bücher.example"), "{query}");
    }
    assert_eq!(found(""), 2);
    assert_eq!(found("nobody"), 0);
    assert_eq!(found("%"), 1, "no wildcards");
    assert_eq!(found("_"), 1, "no wildcards");
    assert_eq!(found("mullerh@"), 0, "not across two parts");

    let id = store.search("helene").expect("searched")[0].id;
    edit(&store, id, AccountEdit { name: Some("Anna".parse().expect("valid")), ..AccountEdit::default() })
        .expect("saved");
    assert_eq!((found("helene"), found("anna")), (0, 1));
}

#[test]
fn identities_stay_with_their_account_in_a_list() {
    let (_home, store) = store();
    for name in ["a", "b", "c"] {
        let mut given = draft(&format!("{name}@example.test"));
        given.identities = (0..12).map(|n| identity(&format!("{name}{n}@example.test"))).collect();
        store.save(SaveAccount::new(Target::New(given), at(0))).expect("saved");
    }
    let hidden = store.accounts().expect("listed")[1].id;
    store.begin_removal(hidden, at(100)).expect("hidden");
    for account in store.accounts().expect("listed") {
        let expected: Vec<_> =
            (0..12).map(|n| identity(&format!("{}{n}@example.test", account.address.local_part()))).collect();
        assert_eq!(account.identities, expected);
    }
}
