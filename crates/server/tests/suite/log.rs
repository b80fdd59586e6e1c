use courrier_model::{RecordId, UserId};
use courrier_server::storage::{Actor, Purged, Retention, Storage};
use courrier_wire::{AuditAction, Kind, Outcome, RefusedCode};
use serde_json::json;

use super::{Person, Site, account, applied, delete, edit, minute, object, open};

/// What the log says, the newest first.
pub(crate) async fn actions(storage: &Storage, of: Option<UserId>) -> Vec<AuditAction> {
    let page = storage.audit(of, None, 1000).await.expect("read");
    assert_eq!(page.before, None);
    page.entries.into_iter().map(|entry| entry.action).collect()
}

pub(crate) async fn each_change_writes_its_line(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (id, base) = alice.add("alice@example.test").await;
    let base = applied(alice.write(edit(id, Some(base), account("alice@example.org"))).await);
    applied(alice.write(delete(id, Some(base))).await);
    // What changes nothing is not told.
    applied(alice.write(delete(id, Some(base))).await);
    let mut theme = edit(RecordId::PREFERENCES, None, object(json!({"theme": "dark"})));
    theme.kind = Kind::Preferences;
    applied(alice.write(theme).await);
    storage.rename_device(&alice.actor(), alice.device.id, "desk").await.expect("renamed");

    let page = storage.audit(Some(alice.device.user), None, 100).await.expect("read");
    let said: Vec<_> = page.entries.iter().map(|entry| entry.action).collect();
    use AuditAction::*;
    assert_eq!(
        said,
        [DeviceRenamed, PreferencesChanged, AccountRemoved, AccountChanged, AccountAdded, DeviceRegistered, SignIn]
    );
    let added = &page.entries[4];
    assert_eq!((added.user, added.device), (alice.device.user, Some(alice.device.id)));
    assert_eq!(added.target, Some(id.to_string()));
    assert_eq!(added.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(added.at, minute(2));
    assert!(!serde_json::to_string(&page).expect("written").contains("alice@"), "an address of a mail account");
}

pub(crate) async fn a_log_is_read_in_pages(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let bruno = Person::sign_in(&storage, "bruno", "laptop").await;
    for person in [&alice, &bruno, &alice] {
        storage.append_audit(&person.actor(), AuditAction::SignOut, None).await.expect("written");
    }
    let mut read = Vec::new();
    let mut before = None;
    loop {
        let page = storage.audit(None, before, 2).await.expect("read");
        assert!(page.entries.len() <= 2);
        read.extend(page.entries);
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(read.len(), 7);
    assert!(read.is_sorted_by(|newer, older| newer.sequence > older.sequence));
    assert_eq!(actions(&storage, Some(alice.device.user)).await.len(), 4);
    assert_eq!(actions(&storage, Some(bruno.device.user)).await.len(), 3);
    assert_eq!(actions(&storage, Some(UserId::random())).await, []);
}

pub(crate) async fn what_is_old_is_forgotten(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (id, base) = alice.add("alice@example.test").await;
    let (kept, _) = alice.add("kept@example.test").await;
    let removal = delete(id, Some(base));
    let gone = applied(alice.write(removal.clone()).await);

    let nothing = Retention { horizon: minute(2), audit: minute(0) };
    assert_eq!(storage.purge(nothing).await, Ok(Purged::default()), "what is exactly as old stays");
    let all = Retention { horizon: minute(3), audit: minute(1) };
    assert_eq!(storage.purge(all).await, Ok(Purged { tombstones: 1, answers: 3, audit: 2 }));
    assert_eq!(storage.purge(all).await, Ok(Purged::default()));
    assert_eq!(alice.standing().await.purged_revision, gone.revision);
    assert_eq!(alice.everything().await.into_keys().collect::<Vec<_>>(), [kept]);
    assert_eq!(actions(&storage, None).await.len(), 3);

    // The answer was forgotten with the tombstone, so the write is judged anew, against nothing.
    let again = alice.write(removal).await;
    assert_eq!(again, Outcome::Conflict { current: None });
    // Its address is free, and its place is.
    alice.add("alice@example.test").await;
    let late = Actor { at: minute(9), ..alice.actor() };
    storage.append_audit(&late, AuditAction::SignOut, None).await.expect("written");
    let taken = alice.write(edit(RecordId::random(), None, account("kept@example.test"))).await;
    assert_eq!(taken, Outcome::Refused(RefusedCode::AddressTaken { id: kept }));
}
