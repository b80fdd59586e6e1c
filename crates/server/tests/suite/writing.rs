use courrier_model::{MutationId, RecordId, WriteId};
use courrier_server::storage::{Cursor, Notice, RECORD_LIMIT};
use courrier_wire::{BODY_LIMIT, Base, Body, Content, Kind, Outcome, RefusedCode, Write};
use serde_json::json;

use super::{Person, Site, account, after, applied, delete, edit, object, open, page};

pub(crate) async fn what_is_pushed_is_pulled(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let mut listening = storage.subscribe(alice.device.user);
    let before = alice.standing().await;
    let mut body = account("zoë@bücher.example");
    body.insert("from_the_future".to_owned(), json!({"nul": "\u{0}", "emoji": "🦉", "deep": [1, 2.5, null, true]}));
    let mut preferences = edit(RecordId::PREFERENCES, None, object(json!({"theme": "dark"})));
    preferences.kind = Kind::Preferences;
    let id = RecordId::random();
    let answer = alice.push(vec![edit(id, None, body.clone()), preferences]).await;

    assert_eq!(answer.sync_id, before.sync_id);
    assert_eq!(answer.revision, before.revision + 2);
    let revision = Notice::Revision { sync_id: before.sync_id, revision: answer.revision };
    assert_eq!(listening.next().await, Some(revision));
    assert_eq!(alice.standing().await.revision, answer.revision);
    let all = page(alice.pull(after(before.sync_id, before.revision), 500).await);
    assert_eq!((all.revision, all.more, all.changes.len()), (answer.revision, false, 2));
    let record = &all.changes[0];
    assert_eq!((record.id, record.kind, record.deleted), (id, Kind::Account, false));
    assert_eq!(record.body.as_ref(), Some(&body), "nothing that is unknown is lost");
    assert_eq!(record.base(), applied(answer.answers[0].outcome.clone()));
    assert_eq!(storage.record(alice.device.user, id).await.expect("read").as_ref(), Some(record));
    assert_eq!(storage.record(alice.device.user, RecordId::random()).await, Ok(None));

    // Up to date: nothing new, and no history is needed to say so.
    let none = page(alice.pull(after(before.sync_id, answer.revision), 500).await);
    assert_eq!((none.revision, none.changes.len()), (answer.revision, 0));
}

pub(crate) async fn one_bad_write_leaves_the_others_alone(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let before = alice.standing().await.revision;
    let (first, last) = (RecordId::random(), RecordId::random());
    let mut huge = account("huge@example.test");
    huge.insert("padding".to_owned(), json!("x".repeat(BODY_LIMIT)));
    let mut kind = edit(RecordId::random(), None, object(json!({"theme": "dark"})));
    kind.kind = Kind::Preferences;
    let never = Write { content: Content::Deleted(false), ..edit(RecordId::random(), None, Body::new()) };
    let writes = vec![
        edit(first, None, account("first@example.test")),
        edit(RecordId::random(), None, object(json!({"address": "not one"}))),
        edit(RecordId::random(), None, huge),
        edit(RecordId::PREFERENCES, None, account("kind@example.test")),
        kind,
        never,
        edit(RecordId::random(), Some(Base { revision: 1, write_id: WriteId::random() }), account("base@example.test")),
        edit(last, None, account("last@example.test")),
    ];
    let answer = alice.push(writes.clone()).await;
    let outcomes: Vec<_> = answer.answers.iter().map(|answer| answer.outcome.clone()).collect();
    assert!(answer.answers.iter().map(|answer| answer.mutation_id).eq(writes.iter().map(|write| write.mutation_id)));
    assert_eq!(applied(outcomes[0].clone()).revision, before + 1);
    let refused = |code| Outcome::Refused(code);
    assert_eq!(
        outcomes[1..7],
        [
            refused(RefusedCode::InvalidBody),
            refused(RefusedCode::TooLarge),
            refused(RefusedCode::WrongKind),
            refused(RefusedCode::WrongKind),
            refused(RefusedCode::InvalidBody),
            Outcome::Conflict { current: None },
        ]
    );
    assert_eq!(applied(outcomes[7].clone()).revision, before + 2, "refusals leave no gap");
    let mut kept: Vec<_> = alice.everything().await.into_keys().collect();
    let mut right = vec![first, last];
    kept.sort();
    right.sort();
    assert_eq!(kept, right);
    // An account's id stays one.
    let mut other = delete(first, Some(applied(outcomes[0].clone())));
    other.kind = Kind::Preferences;
    assert_eq!(alice.write(other).await, refused(RefusedCode::WrongKind));
}

pub(crate) async fn what_the_database_refuses_leaves_the_others_alone(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    site.poison("poison@example.test").await;
    let before = alice.standing().await.revision;
    let ids: Vec<_> = (0..4).map(|_| RecordId::random()).collect();
    let addresses = ["one@example.test", "poison@example.test", "two@example.test", "poison@example.test"];
    let writes = ids.iter().zip(addresses).map(|(id, address)| edit(*id, None, account(address))).collect();
    let answer = alice.push(writes).await;
    let outcomes: Vec<_> = answer.answers.into_iter().map(|answer| answer.outcome).collect();
    assert_eq!(applied(outcomes[0].clone()).revision, before + 1);
    assert_eq!(outcomes[1], Outcome::Refused(RefusedCode::InvalidBody));
    assert_eq!(applied(outcomes[2].clone()).revision, before + 2);
    assert_eq!(outcomes[3], Outcome::Refused(RefusedCode::InvalidBody));
    assert_eq!((answer.revision, alice.standing().await.revision), (before + 2, before + 2));
    assert_eq!(alice.everything().await.len(), 2);
    assert_eq!(super::log::actions(&storage, Some(alice.device.user)).await.len(), 4);
}

pub(crate) async fn a_repeated_mutation_gets_its_first_answer(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let add = edit(RecordId::random(), None, account("alice@example.test"));
    let first = alice.write(add.clone()).await;
    let base = applied(first.clone());
    let same = edit(RecordId::random(), None, account("ALICE@example.test"));
    let taken = alice.write(same.clone()).await;
    // The world moves on: another address, and the first one is free.
    applied(alice.write(edit(add.id, Some(base), account("other@example.test"))).await);
    let revision = alice.standing().await.revision;
    let again = alice.push(vec![add.clone(), same.clone(), add.clone()]).await;
    let outcomes: Vec<_> = again.answers.into_iter().map(|answer| answer.outcome).collect();
    assert_eq!(outcomes, [first.clone(), taken, first]);
    assert_eq!(again.revision, revision);

    let conflicting = edit(add.id, Some(base), account("third@example.test"));
    let conflict = alice.write(conflicting.clone()).await;
    assert!(matches!(&conflict, Outcome::Conflict { current: Some(record) } if record.id == add.id));
    assert_eq!(alice.write(conflicting).await, conflict);

    // Its id names this write and no other.
    let reused = Outcome::Refused(RefusedCode::MutationReused);
    let other = Write { content: Content::Body(account("elsewhere@example.test")), ..add.clone() };
    assert_eq!(alice.write(other).await, reused);
    let gone = Write { content: Content::Deleted(true), ..add.clone() };
    assert_eq!(alice.write(gone).await, reused);
    // Twice in one push: the second is the repetition.
    let one = edit(RecordId::random(), None, account("twice@example.test"));
    let two = alice.push(vec![one.clone(), one.clone()]).await;
    assert_eq!(two.answers[0], two.answers[1]);
    assert_eq!(two.revision, revision + 1);
    // Another person's mutations are their own.
    let bruno = Person::sign_in(&storage, "bruno", "laptop").await;
    applied(bruno.write(add).await);
}

pub(crate) async fn an_address_is_taken_however_it_is_spelled(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    for (one, other) in [
        ("Alice@Example.test", "aLICE@eXAMPLE.TEST"),
        ("info@müller.example", "INFO@xn--mller-kva.example"),
        ("ren\u{e9}@example.test", "rene\u{301}@example.test"),
        ("ÄÖÜ@example.test", "äöü@example.test"),
    ] {
        let (id, base) = alice.add(one).await;
        let taken = alice.write(edit(RecordId::random(), None, account(other))).await;
        assert_eq!(taken, Outcome::Refused(RefusedCode::AddressTaken { id }), "{one} {other}");
        // The account itself may be spelled in another way.
        applied(alice.write(edit(id, Some(base), account(other))).await);
    }
    alice.add("straße@example.test").await;
    alice.add("strasse@example.test").await;

    // Within one push, in its order: what the first lets go of, the second may take.
    let (id, base) = alice.add("moves@example.test").await;
    let next = RecordId::random();
    let answer = alice
        .push(vec![
            edit(next, None, account("moves@example.test")),
            edit(id, Some(base), account("moved@example.test")),
            edit(next, None, account("moves@example.test")),
            edit(RecordId::random(), None, account("MOVED@example.test")),
        ])
        .await;
    let outcomes: Vec<_> = answer.answers.into_iter().map(|answer| answer.outcome).collect();
    assert_eq!(outcomes[0], Outcome::Refused(RefusedCode::AddressTaken { id }));
    let moved = applied(outcomes[1].clone());
    applied(outcomes[2].clone());
    assert_eq!(outcomes[3], Outcome::Refused(RefusedCode::AddressTaken { id }));
    // A deleted account holds nothing.
    let answer =
        alice.push(vec![delete(id, Some(moved)), edit(RecordId::random(), None, account("moved@example.test"))]).await;
    assert!(answer.answers.iter().all(|answer| matches!(answer.outcome, Outcome::Applied(_))));
}

pub(crate) async fn a_write_on_an_old_base_is_a_conflict(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (id, old) = alice.add("alice@example.test").await;
    let new = applied(alice.write(edit(id, Some(old), account("alice@example.org"))).await);
    let current = storage.record(alice.device.user, id).await.expect("read");
    assert_eq!(current.as_ref().map(courrier_wire::Record::base), Some(new));
    let conflict = Outcome::Conflict { current: current.clone() };
    for base in [Some(old), None, Some(Base { write_id: old.write_id, ..new }), Some(Base { revision: 1, ..new })] {
        let outcome = alice.write(edit(id, base, account("other@example.test"))).await;
        assert_eq!(outcome, conflict, "{base:?}");
        assert_eq!(alice.write(delete(id, base)).await, conflict, "{base:?}");
    }
    assert_eq!(storage.record(alice.device.user, id).await.expect("read"), current);
    // Two writes on one base, in one push: the second comes too late.
    let answer = alice
        .push(vec![edit(id, Some(new), account("one@example.test")), edit(id, Some(new), account("two@example.test"))])
        .await;
    let first = applied(answer.answers[0].outcome.clone());
    let Outcome::Conflict { current: Some(record) } = &answer.answers[1].outcome else { panic!("{answer:?}") };
    assert_eq!(record.base(), first);
    // And the second on the base that the first makes would be right, were it known.
    assert_eq!(storage.record(alice.device.user, id).await.expect("read").as_ref(), Some(record));
}

pub(crate) async fn a_deletion_is_applied_once_and_can_be_taken_back(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (id, base) = alice.add("alice@example.test").await;
    let gone = applied(alice.write(delete(id, Some(base))).await);
    let revision = alice.standing().await.revision;
    // Another device deletes it too, on what it knew.
    for base in [Some(base), Some(gone), None] {
        assert_eq!(applied(alice.write(delete(id, base)).await), gone);
    }
    assert_eq!(alice.standing().await.revision, revision);
    let tombstone = storage.record(alice.device.user, id).await.expect("read").expect("kept");
    assert!(tombstone.deleted && tombstone.body.is_none());
    // An edit that did not see the deletion is told; one that did brings the record back.
    let unseen = alice.write(edit(id, Some(base), account("alice@example.test"))).await;
    assert_eq!(unseen, Outcome::Conflict { current: Some(tombstone) });
    let (taker, _) = alice.add("alice@example.test").await;
    let taken = alice.write(edit(id, Some(gone), account("alice@example.test"))).await;
    assert_eq!(taken, Outcome::Refused(RefusedCode::AddressTaken { id: taker }));
    applied(alice.write(edit(id, Some(gone), account("back@example.test"))).await);

    // After a restore a device sends deletions of what the server never had.
    let never = RecordId::random();
    applied(alice.write(delete(never, None)).await);
    let all = alice.everything().await;
    assert!(all[&never].deleted && !all[&id].deleted && !all[&taker].deleted);
}

pub(crate) async fn two_writers_lose_nothing(site: &impl Site) {
    const EACH: usize = 40;
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let before = alice.standing().await.revision;
    let (shared, base) = alice.add("shared@example.test").await;
    let writers: Vec<_> = ["one", "two", "three"]
        .into_iter()
        .map(|name| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let device = Person::sign_in(&storage, "alice", name).await;
                let (mut revisions, mut base) = (Vec::new(), base);
                for number in 0..EACH {
                    // Each adds its own, and all fight for the address of one.
                    let own = edit(RecordId::random(), None, account(&format!("{name}{number}@example.test")));
                    let fought = edit(shared, Some(base), account(&format!("{name}-shared{number}@example.test")));
                    for answer in device.push(vec![own, fought]).await.answers {
                        match answer.outcome {
                            Outcome::Applied(applied) => revisions.push(applied.revision),
                            Outcome::Conflict { current: Some(record) } => base = record.base(),
                            other => panic!("{other:?}"),
                        }
                    }
                    if let Some(record) = storage.record(device.device.user, shared).await.expect("read") {
                        base = record.base();
                    }
                }
                revisions
            })
        })
        .collect();
    let mut revisions = vec![base.revision];
    for writer in writers {
        revisions.extend(writer.await.expect("ran"));
    }
    revisions.sort_unstable();
    let expected: Vec<u64> = (before + 1..=before + revisions.len() as u64).collect();
    assert_eq!(revisions, expected, "each revision once, none left out");
    assert_eq!(alice.standing().await.revision, before + revisions.len() as u64);
    assert_eq!(alice.everything().await.len(), 3 * EACH + 1);
}

pub(crate) async fn a_person_has_a_limit(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let mut left = RECORD_LIMIT;
    while left > 0 {
        let now = left.min(1000);
        // Tombstones are the cheapest records, and count.
        let answer = alice.push((0..now).map(|_| delete(RecordId::random(), None)).collect()).await;
        assert!(answer.answers.into_iter().all(|answer| matches!(answer.outcome, Outcome::Applied(_))));
        left -= now;
    }
    let more = edit(RecordId::random(), None, account("more@example.test"));
    let refused = Outcome::Refused(RefusedCode::TooMany);
    assert_eq!(alice.write(more.clone()).await, refused);
    // What is there can still be changed.
    let page = page(alice.pull(Cursor { sync_id: None, after: 0, full: true }, 1).await);
    let record = &page.changes[0];
    applied(alice.write(edit(record.id, Some(record.base()), account("back@example.test"))).await);
    // Room that a purge makes counts for new writes; a refused one stays refused.
    let retention = courrier_server::storage::Retention { horizon: super::minute(60), audit: super::minute(0) };
    storage.purge(retention).await.expect("purged");
    alice.add("room@example.test").await;
    let again = Write { mutation_id: MutationId::random(), ..more };
    applied(alice.write(again).await);
}

pub(crate) async fn people_do_not_meet(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let bruno = Person::sign_in(&storage, "bruno", "laptop").await;
    let (id, base) = alice.add("shared@example.test").await;
    let mut listening = storage.subscribe(alice.device.user);
    // The same id, the same address: another person's are other things.
    assert_eq!(storage.record(bruno.device.user, id).await, Ok(None));
    let theft = bruno.write(edit(id, Some(base), account("theft@example.test"))).await;
    assert_eq!(theft, Outcome::Conflict { current: None });
    applied(bruno.write(edit(id, None, account("shared@example.test"))).await);
    let (hers, his) = (alice.everything().await, bruno.everything().await);
    assert_eq!(hers[&id].base(), base);
    assert_ne!(his[&id].base(), base);
    storage.close_subscriptions();
    assert_eq!(listening.next().await, None, "she heard of his writes");
}

pub(crate) async fn an_origin_is_kept(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let id = RecordId::random();
    let repeated = Write { origin: Some(42), ..edit(id, None, account("alice@example.test")) };
    let base = applied(alice.write(repeated.clone()).await);
    assert_eq!(alice.everything().await[&id].origin, Some(42));
    assert_eq!(
        alice.write(Write { origin: Some(43), ..repeated }).await,
        Outcome::Refused(RefusedCode::MutationReused)
    );
    applied(alice.write(edit(id, Some(base), account("alice@example.test"))).await);
    assert_eq!(alice.everything().await[&id].origin, None);
}

pub(crate) async fn a_large_push_and_its_pages(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let before = alice.standing().await;
    let writes = (0..300).map(|number| {
        let mut body = account(&format!("person{number}@example.test"));
        body.insert("padding".to_owned(), json!("x".repeat(30_000)));
        edit(RecordId::random(), None, body)
    });
    let answer = alice.push(writes.collect()).await;
    let revisions: Vec<_> = answer.answers.into_iter().map(|answer| applied(answer.outcome).revision).collect();
    assert_eq!(revisions, (before.revision + 1..=before.revision + 300).collect::<Vec<_>>());
    let (mut cursor, mut read, mut pages) = (before.revision, Vec::new(), 0);
    loop {
        let page = page(alice.pull(after(before.sync_id, cursor), 500).await);
        read.extend(page.changes.iter().map(|record| record.revision));
        pages += 1;
        assert!(page.revision > cursor, "a page that does not get on");
        cursor = page.revision;
        if !page.more {
            break;
        }
    }
    assert_eq!(read, revisions);
    assert!(pages > 1, "9 MB in one answer");
}
