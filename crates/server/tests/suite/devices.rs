use courrier_model::{DeviceId, RecordId, Timestamp};
use courrier_server::storage::{Actor, Notice, Pushed, Registration, Seen, StoredDevice};
use courrier_wire::{AuditAction, Push};

use super::log::actions;
use super::{ISSUER, Person, Site, account, edit, minute, new_device, open, seen};

pub(crate) async fn a_device_is_registered_once_and_told_of(site: &impl Site) {
    let storage = open(site).await;
    let laptop = Person::sign_in(&storage, "alice", "laptop").await;
    let mut listening = storage.subscribe(laptop.device.user);
    let mut elsewhere = storage.subscribe(courrier_model::UserId::random());
    let phone = Person::sign_in(&storage, "alice", "phone").await;
    assert_eq!(listening.next().await, Some(Notice::Devices { registered: Some(phone.device.id) }));

    let again = storage.register_device(&phone.actor(), new_device("phone")).await;
    assert_eq!(again, Ok(Registration::Known(phone.device.clone())));
    assert_eq!(phone.standing().await.device, Some(phone.device.clone()));
    let listed = storage.devices(laptop.device.user, minute(0)).await.expect("listed");
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&laptop.device) && listed.contains(&phone.device));
    storage.close_subscriptions();
    assert_eq!(elsewhere.next().await, None, "somebody else heard of it");
}

pub(crate) async fn a_revoked_key_never_comes_back(site: &impl Site) {
    let storage = open(site).await;
    let laptop = Person::sign_in(&storage, "alice", "laptop").await;
    let phone = Person::sign_in(&storage, "alice", "phone").await;
    let mut listening = storage.subscribe(laptop.device.user);
    let revoked = storage.revoke_device(&laptop.actor(), phone.device.id).await.expect("asked").expect("found");
    assert_eq!(revoked.revoked_at, Some(minute(2)));
    assert_eq!(listening.next().await, Some(Notice::Ended { device: phone.device.id }));
    assert_eq!(listening.next().await, Some(Notice::Devices { registered: None }));

    assert_eq!(phone.standing().await.device.and_then(|device| device.revoked_at), Some(minute(2)));
    let back = storage.register_device(&Actor { device: None, ..phone.actor() }, new_device("phone")).await;
    assert_eq!(back, Ok(Registration::Revoked));
    let again = storage.revoke_device(&Actor { at: minute(9), ..laptop.actor() }, phone.device.id).await;
    assert_eq!(again.expect("asked").expect("found").revoked_at, Some(minute(2)), "revoked when it first was");
    // What a revoked device asked for before it knew: its request was already on its way.
    let late = storage.revoke_device(&phone.actor(), laptop.device.id).await;
    assert_eq!(late, Ok(None), "a revoked device revokes nobody");
    let late = storage.rename_device(&phone.actor(), laptop.device.id, "mine").await;
    assert_eq!(late, Ok(None), "and renames nothing");
    let renamed = storage.rename_device(&laptop.actor(), phone.device.id, "gone").await;
    assert_eq!(renamed, Ok(None));
    storage.touch(phone.device.user, phone.device.id, &seen(30, "other")).await.expect("ignored");
    assert_eq!(phone.standing().await.device, Some(revoked));

    let since = |at: Timestamp| storage.devices(laptop.device.user, at);
    assert_eq!(since(minute(1)).await.expect("listed").len(), 2);
    assert_eq!(since(minute(2)).await.expect("listed"), std::slice::from_ref(&laptop.device));
    let said = actions(&storage, Some(laptop.device.user)).await;
    assert_eq!(said.iter().filter(|action| **action == AuditAction::DeviceRevoked).count(), 1);
    assert_eq!(said.first(), Some(&AuditAction::DeviceRefused));
}

pub(crate) async fn nothing_is_written_for_a_revoked_device(site: &impl Site) {
    let storage = open(site).await;
    let laptop = Person::sign_in(&storage, "alice", "laptop").await;
    let phone = Person::sign_in(&storage, "alice", "phone").await;
    // It looked itself up while it still was one of the person's.
    let standing = phone.standing().await;
    storage.revoke_device(&laptop.actor(), phone.device.id).await.expect("asked").expect("found");
    let writes = vec![edit(RecordId::random(), None, account("late@example.test"))];
    let push = Push { sync_id: Some(standing.sync_id), cursor: standing.revision, writes };
    assert_eq!(storage.push(&phone.actor(), push.clone()).await, Ok(Pushed::DeviceRevoked));
    let nobody = Actor { device: Some(DeviceId::random()), ..phone.actor() };
    assert_eq!(storage.push(&nobody, push).await, Ok(Pushed::DeviceRevoked));
    assert!(laptop.everything().await.is_empty());
    // The answer left nothing half-open behind.
    laptop.add("alice@example.test").await;
}

pub(crate) async fn a_device_belongs_to_one_person(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "key").await;
    let bruno = Person::sign_in(&storage, "bruno", "key").await;
    assert_ne!(alice.device.id, bruno.device.id);
    assert_eq!(storage.rename_device(&bruno.actor(), alice.device.id, "mine").await, Ok(None));
    assert_eq!(storage.revoke_device(&bruno.actor(), alice.device.id).await, Ok(None));
    storage.touch(bruno.device.user, alice.device.id, &seen(9, "stolen")).await.expect("ignored");
    assert_eq!(alice.standing().await.device, Some(alice.device.clone()));
    let renamed = storage.rename_device(&alice.actor(), alice.device.id, "büro").await.expect("asked").expect("found");
    assert_eq!(renamed, StoredDevice { name: "büro".to_owned(), ..alice.device.clone() });
    assert_eq!(alice.standing().await.device, Some(renamed));
    // Nor does another person's device write for her.
    let foreign = Actor { device: Some(bruno.device.id), ..alice.actor() };
    let standing = alice.standing().await;
    let push = Push { sync_id: Some(standing.sync_id), cursor: standing.revision, writes: Vec::new() };
    assert_eq!(storage.push(&foreign, push).await, Ok(Pushed::DeviceRevoked));
}

pub(crate) async fn a_session_that_the_issuer_ends_stays_ended_until_a_later_sign_in(site: &impl Site) {
    let storage = open(site).await;
    let laptop = Person::sign_in(&storage, "alice", "laptop").await;
    let phone = Person::sign_in(&storage, "alice", "phone").await;
    let bruno = Person::sign_in(&storage, "bruno", "desktop").await;
    storage.touch(laptop.device.user, laptop.device.id, &seen(3, "one")).await.expect("noted");
    storage.touch(phone.device.user, phone.device.id, &seen(3, "two")).await.expect("noted");
    storage.touch(bruno.device.user, bruno.device.id, &seen(3, "three")).await.expect("noted");
    let mut listening = storage.subscribe(laptop.device.user);

    let end = |session: Option<&'static str>, subject: Option<&'static str>| {
        let storage = storage.clone();
        async move { storage.end_sessions(ISSUER, session, subject, minute(5)).await.expect("asked") }
    };
    assert_eq!(end(Some("one"), None).await, [laptop.device.id]);
    assert_eq!(listening.next().await, Some(Notice::Ended { device: laptop.device.id }));
    assert_eq!(end(Some("one"), None).await, [], "ended already");
    assert_eq!(end(Some("two"), Some("bruno")).await, [], "another person's session");
    assert_eq!(end(None, None).await, []);
    let elsewhere = storage.end_sessions("https://other.example.test", Some("two"), None, minute(5)).await;
    assert_eq!(elsewhere, Ok(Vec::new()));
    assert_eq!(end(None, Some("alice")).await, [phone.device.id]);
    assert_eq!(bruno.standing().await.device.and_then(|device| device.session_ended_at), None);

    let device = async || laptop.standing().await.device.expect("registered");
    assert!(device().await.session_is_over(minute(5)));
    let stale = Seen { signed_in_at: minute(5), ..seen(6, "one") };
    storage.touch(laptop.device.user, laptop.device.id, &stale).await.expect("noted");
    assert!(device().await.session_is_over(minute(5)), "a token of the ended session brought it back");
    storage.touch(laptop.device.user, laptop.device.id, &seen(7, "four")).await.expect("noted");
    assert_eq!(device().await.session_ended_at, None);
    assert_eq!(device().await.session_id.as_deref(), Some("four"));
    let said = actions(&storage, Some(laptop.device.user)).await;
    assert_eq!(said[..2], [AuditAction::SignIn, AuditAction::SignOut]);
}

pub(crate) async fn a_touch_is_seen(site: &impl Site) {
    let storage = open(site).await;
    let laptop = Person::sign_in(&storage, "alice", "laptop").await;
    let later = Seen {
        at: "2026-06-01T10:20:42Z".parse().expect("valid"),
        address: Some("2001:db8::1".to_owned()),
        session_expires_at: Some(minute(90)),
        ..seen(0, "session")
    };
    assert!(laptop.device.differs_from(&later));
    storage.touch(laptop.device.user, laptop.device.id, &later).await.expect("noted");
    let device = laptop.standing().await.device.expect("registered");
    assert_eq!(device.last_seen_at.to_string(), "2026-06-01T10:20:00Z");
    assert_eq!(device.last_address.as_deref(), Some("2001:db8::1"));
    assert_eq!(device.session_expires_at, Some(minute(90)));
    assert!(!device.differs_from(&later));
    // The same session was seen: nobody signed in again.
    let signed_in = actions(&storage, Some(laptop.device.user)).await;
    assert_eq!(signed_in.iter().filter(|action| **action == AuditAction::SignIn).count(), 1);
}
