use courrier_model::SyncId;
use courrier_server::storage::{Cursor, Pull, Pushed, Retention};
use courrier_wire::{Push, Reset, ResetReason};

use super::{Person, Site, after, applied, delete, minute, open, page};

pub(crate) async fn first_contact_needs_no_history(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let empty = page(alice.pull(Cursor { sync_id: None, after: 0, full: false }, 500).await);
    let standing = alice.standing().await;
    assert_eq!((empty.sync_id, empty.revision), (standing.sync_id, standing.revision));
    assert!(empty.changes.is_empty() && !empty.more);
    // A position without its history is worth nothing.
    let nowhere = alice.pull(Cursor { sync_id: None, after: 5, full: false }, 500).await;
    let reset = Reset { reason: ResetReason::Foreign, sync_id: standing.sync_id };
    assert_eq!(nowhere, Pull::Reset(reset));
    let push = Push { sync_id: None, cursor: 0, writes: Vec::new() };
    assert!(matches!(storage.push(&alice.actor(), push).await, Ok(Pushed::Answer(_))));
}

pub(crate) async fn a_foreign_history_is_reset(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let ours = alice.standing().await.sync_id;
    let reset = Reset { reason: ResetReason::Foreign, sync_id: ours };
    let foreign = SyncId::random();
    for position in [0, 1, u64::MAX] {
        assert_eq!(alice.pull(after(foreign, position), 500).await, Pull::Reset(reset));
        let push = Push { sync_id: Some(foreign), cursor: position, writes: Vec::new() };
        assert_eq!(storage.push(&alice.actor(), push).await, Ok(Pushed::Reset(reset)));
    }
    assert_eq!(alice.standing().await.sync_id, ours);
}

pub(crate) async fn a_cursor_ahead_begins_a_new_history_for_that_person_alone(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let bruno = Person::sign_in(&storage, "bruno", "laptop").await;
    let (before, his) = (alice.standing().await, bruno.standing().await);
    let ahead = after(before.sync_id, before.revision + 1);

    let Pull::Reset(reset) = alice.pull(ahead, 500).await else { panic!("no reset") };
    assert_eq!(reset.reason, ResetReason::Restored);
    assert_ne!(reset.sync_id, before.sync_id);
    assert_eq!(alice.standing().await.sync_id, reset.sync_id);
    // Her other device comes with the old history, and gets the same answer, not yet another history.
    assert_eq!(alice.pull(ahead, 500).await, Pull::Reset(reset));
    assert_eq!(alice.pull(after(before.sync_id, 0), 500).await, Pull::Reset(reset));
    let push = Push { sync_id: Some(before.sync_id), cursor: before.revision, writes: Vec::new() };
    assert_eq!(storage.push(&alice.actor(), push).await, Ok(Pushed::Reset(reset)));
    page(alice.pull(after(reset.sync_id, 0), 500).await);

    // Whoever does that on purpose does it to themselves.
    assert_eq!(bruno.standing().await, his);
    page(bruno.pull(after(his.sync_id, his.revision), 500).await);
    let foreign = Reset { reason: ResetReason::Foreign, sync_id: his.sync_id };
    assert_eq!(bruno.pull(after(reset.sync_id, 0), 500).await, Pull::Reset(foreign));

    // By pushing it is found out as well.
    let push = Push { sync_id: Some(his.sync_id), cursor: his.revision + 1, writes: Vec::new() };
    let Ok(Pushed::Reset(reset)) = storage.push(&bruno.actor(), push).await else { panic!("no reset") };
    assert_eq!((reset.reason, reset.sync_id), (ResetReason::Restored, bruno.standing().await.sync_id));
}

pub(crate) async fn a_device_that_was_away_too_long_is_reset(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (one, base) = alice.add("one@example.test").await;
    alice.add("two@example.test").await;
    let stale = base.revision;
    let gone = applied(alice.write(delete(one, Some(base))).await);
    alice.add("three@example.test").await;
    let sync_id = alice.standing().await.sync_id;
    let before = page(alice.pull(after(sync_id, stale), 500).await);
    assert!(before.changes.iter().any(|record| record.id == one && record.deleted));

    storage.purge(Retention { horizon: minute(60), audit: minute(0) }).await.expect("purged");
    let reset = Reset { reason: ResetReason::Horizon, sync_id };
    assert_eq!(alice.pull(after(sync_id, stale), 500).await, Pull::Reset(reset));
    let push = Push { sync_id: Some(sync_id), cursor: stale, writes: Vec::new() };
    assert_eq!(storage.push(&alice.actor(), push).await, Ok(Pushed::Reset(reset)));
    // Who saw the deletion goes on; who begins anew can read page after page below it.
    assert_eq!(page(alice.pull(after(sync_id, gone.revision), 500).await).changes.len(), 1);
    let first = page(alice.pull(Cursor { full: true, ..after(sync_id, 0) }, 1).await);
    assert!(first.more && first.revision < gone.revision);
    let second = page(alice.pull(Cursor { full: true, ..after(sync_id, first.revision) }, 1).await);
    assert_eq!(second.changes.len(), 1);
}
