//! The window and command-line processes side by side on one file.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{add, addresses, at, child, child_home, draft, passed, primary, refused, said, this_program};
use courrier_store::{SaveAccount, Store, Target};

const WRITERS: usize = 8;
const EACH: usize = 50;

fn add_some(store: &Store, writer: usize) {
    for number in 0..EACH {
        let request = SaveAccount::new(Target::New(draft(&format!("w{writer}n{number}@example.test"))), at(0));
        let saved = store.save(request).unwrap_or_else(|error| panic!("writer {writer}, {number}: {error}"));
        assert!(saved.created);
        store.append_check(saved.account.id, &passed(0)).unwrap_or_else(|error| panic!("{error}"));
        assert!(
            store.accounts().expect("listed").contains(&store.account(saved.account.id).expect("read").expect("there"))
        );
    }
}

fn all_are_there(store: &Store) {
    let found: HashSet<String> = addresses(store).into_iter().collect();
    assert_eq!(found.len(), WRITERS * EACH);
    primary(store);
    store.verify().expect("sound");
}

#[test]
#[ignore = "runs as a child of the next test"]
fn child_adds_some() {
    let Some(home) = child_home() else { return };
    let writer = std::env::var("COURRIER_TEST_WRITER").expect("set").parse().expect("a number");
    add_some(&Store::open(&home).expect("opened"), writer);
}

#[test]
fn eight_processes_lose_nothing_and_are_never_turned_away() {
    let folder = tempfile::tempdir().expect("made");
    // Nobody has made the file yet: they meet at that too.
    let home = folder.path().join("home");
    let children: Vec<_> = (0..WRITERS)
        .map(|writer| {
            child(&this_program(), "child_adds_some", &home)
                .env("COURRIER_TEST_WRITER", writer.to_string())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("started")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", said(&output));
    }
    all_are_there(&Store::open(&home).expect("opened"));
}

#[test]
fn eight_threads_with_a_store_each_lose_nothing() {
    let home = tempfile::tempdir().expect("made");
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let home = home.path();
            scope.spawn(move || add_some(&Store::open(home).expect("opened"), writer));
        }
    });
    all_are_there(&Store::open(home.path()).expect("opened"));
}

#[test]
fn eight_threads_share_one_store() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || add_some(store, writer));
        }
    });
    all_are_there(&store);
}

#[test]
fn a_new_home_gets_one_id_however_many_make_it() {
    let folder = tempfile::tempdir().expect("made");
    let home = folder.path().join("home");
    let ids: HashSet<_> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..16).map(|_| scope.spawn(|| Store::open(&home).expect("opened").home_id())).collect();
        openers.into_iter().map(|opener| opener.join().expect("no panic")).collect()
    });
    assert_eq!(ids.len(), 1);
}

#[test]
#[ignore = "runs as a child of the next test"]
fn child_adds_until_it_is_killed() {
    let Some(home) = child_home() else { return };
    let store = Store::open(&home).expect("opened");
    for number in 0.. {
        let address = format!("person{number}@example.test");
        add(&store, &address);
        println!("\nsaved {address}");
    }
}

#[test]
fn what_a_killed_process_had_saved_is_there() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    for round in 1..=5 {
        let mut child = child(&this_program(), "child_adds_until_it_is_killed", home.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let saved: Vec<String> = lines
            .map(|line| line.expect("text"))
            .filter_map(|line| line.strip_prefix("saved ").map(str::to_owned))
            .take(round * 20)
            .collect();
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert_eq!(saved.len(), round * 20);
        let found: HashSet<String> = addresses(&store).into_iter().collect();
        assert!(saved.iter().all(|address| found.contains(address)));
        primary(&store);
        store.verify().expect("sound");
    }
}

#[test]
fn waiting_for_another_writer_ends() {
    let home = tempfile::tempdir().expect("made");
    let store = Store::open(home.path()).expect("opened");
    add(&store, "alice@example.test");
    let mut other = rusqlite::Connection::open(home.path().join("courrier.db")).expect("opened");
    let writing = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).expect("begun");
    assert_eq!(refused(store.set_setting("a", "1")), "busy");
    assert_eq!(addresses(&store), ["alice@example.test"], "readers never wait");
    assert_eq!(addresses(&Store::open(home.path()).expect("opened")).len(), 1);
    drop(writing);
    store.set_setting("a", "1").expect("its turn came");
}

#[test]
fn a_store_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Store>();
}
