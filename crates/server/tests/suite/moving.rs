use courrier_model::RecordId;
use courrier_server::storage::{Pull, Storage, StorageError, backup, restore};
use courrier_wire::{Reset, ResetReason};

use super::{ISSUER, Person, Site, account, after, applied, claims, delete, edit, minute, open, page};

pub(crate) async fn a_backup_brings_everything_back_in_a_new_history(site: &impl Site) {
    let file = site.folder().join("backup.db");
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let stolen = Person::sign_in(&storage, "alice", "stolen").await;
    let (kept, _) = alice.add("kept@example.test").await;
    let (gone, base) = alice.add("gone@example.test").await;
    applied(alice.write(delete(gone, Some(base))).await);
    let at_backup = (alice.everything().await, alice.standing().await);
    backup(&site.location(), &file, minute(10)).await.expect("backed up");

    let (lost, _) = alice.add("lost@example.test").await;
    storage.revoke_device(&alice.actor(), stolen.device.id).await.expect("asked").expect("found");
    let before = alice.standing().await;
    let in_use = restore(&site.location(), &file, true, minute(20)).await;
    assert_eq!(in_use.map(drop), Err(StorageError::InUse));
    let user = alice.device.user;
    drop((storage, alice, stolen));

    let restored = restored(site, &file, true).await;
    assert_eq!((restored.people, restored.records), (1, 2));
    let storage = open(site).await;
    let standing = storage.authorize(&claims("alice"), "laptop", minute(21)).await.expect("authorized");
    assert_eq!((standing.user.id, standing.sync_id), (user, restored.sync_id));
    assert_ne!(standing.sync_id, before.sync_id);
    assert!(standing.revision > before.revision, "a new history's revisions begin above the old one's");
    let device = standing.device.clone().expect("registered");
    let alice =
        Person { storage: storage.clone(), subject: "alice".to_owned(), thumbprint: "laptop".to_owned(), device };
    let all = alice.everything().await;
    assert_eq!(all, at_backup.0);
    assert!(all.contains_key(&kept) && all[&gone].deleted && !all.contains_key(&lost));
    let stolen = storage.authorize(&claims("alice"), "stolen", minute(21)).await.expect("authorized").device;
    assert!(stolen.is_some_and(|device| device.revoked_at.is_some()), "a backup brought a revoked device back");

    // Devices follow the history from before, wherever they stand in it.
    let reset = Reset { reason: ResetReason::Restored, sync_id: restored.sync_id };
    for position in [0, at_backup.1.revision, before.revision] {
        assert_eq!(alice.pull(after(before.sync_id, position), 500).await, Pull::Reset(reset));
    }
    page(alice.pull(after(restored.sync_id, 0), 500).await);
    // Answers are part of it, and the numbers go on.
    alice.add("new@example.test").await;
    assert!(!super::log::actions(&storage, Some(user)).await.is_empty());
    drop((storage, alice));

    // The same backup once more: devices that follow the history between the two are known as well.
    let again = self::restored(site, &file, true).await;
    let storage = open(site).await;
    let standing = storage.authorize(&claims("alice"), "laptop", minute(31)).await.expect("authorized");
    for history in [before.sync_id, restored.sync_id] {
        let answer = storage.pull(&standing, after(history, 1), 500, minute(31)).await.expect("pulled");
        assert_eq!(answer, Pull::Reset(Reset { reason: ResetReason::Restored, sync_id: again.sync_id }));
    }
}

/// Restores as soon as the server that was just dropped let go of the database.
pub(crate) async fn restored(
    site: &impl Site,
    file: &std::path::Path,
    force: bool,
) -> courrier_server::storage::Restored {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match restore(&site.location(), file, force, minute(20)).await {
            Ok(restored) => return restored,
            Err(StorageError::InUse) if std::time::Instant::now() < deadline => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) async fn a_backup_is_not_overwritten(site: &impl Site) {
    let file = site.folder().join("backup.db");
    let nothing = backup(&site.location(), &file, minute(1)).await;
    assert!(matches!(nothing, Err(StorageError::Location(_))), "{nothing:?}");
    assert!(!file.exists());
    let storage = open(site).await;
    storage.authorize(&claims("alice"), "key", minute(0)).await.expect("authorized");
    backup(&site.location(), &file, minute(1)).await.expect("backed up");
    let written = std::fs::read(&file).expect("there");
    assert_eq!(backup(&site.location(), &file, minute(1)).await, Err(StorageError::NotEmpty));
    assert_eq!(std::fs::read(&file).expect("there"), written);
    let left: Vec<_> = std::fs::read_dir(site.folder())
        .expect("listed")
        .map(|entry| entry.expect("read").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.starts_with("backup"))
        .collect();
    assert_eq!(left, ["backup.db"], "nothing else stays behind");
}

pub(crate) async fn restoring_over_data_asks_for_force(site: &impl Site) {
    let file = site.folder().join("backup.db");
    let storage = open(site).await;
    let first = storage.authorize(&claims("alice"), "key", minute(0)).await.expect("authorized");
    backup(&site.location(), &file, minute(1)).await.expect("backed up");
    storage.authorize(&claims("bruno"), "key", minute(0)).await.expect("authorized");
    drop(storage);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let answer = loop {
        let answer = restore(&site.location(), &file, false, minute(2)).await;
        if answer != Err(StorageError::InUse) || std::time::Instant::now() > deadline {
            break answer;
        }
    };
    assert_eq!(answer, Err(StorageError::NotEmpty));
    let storage = open(site).await;
    let still = storage.authorize(&claims("alice"), "key", minute(0)).await.expect("authorized");
    assert_eq!(still, first);
    drop(storage);
    assert_eq!(restored(site, &file, true).await.people, 1);
}

pub(crate) async fn a_backup_is_taken_while_people_write(site: &impl Site) {
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let writer = {
        let storage = storage.clone();
        tokio::spawn(async move {
            let device = Person::sign_in(&storage, "alice", "desk").await;
            for number in 0..60 {
                let pair = ["left", "right"].map(|side| format!("{side}{number}@example.test"));
                device
                    .push(pair.iter().map(|address| edit(RecordId::random(), None, account(address))).collect())
                    .await;
            }
        })
    };
    let mut files = Vec::new();
    while !writer.is_finished() || files.is_empty() {
        let file = site.folder().join(format!("backup{}.db", files.len()));
        backup(&site.location(), &file, minute(1)).await.expect("backed up");
        files.push(file);
    }
    writer.await.expect("ran");
    assert_eq!(alice.everything().await.len(), 120);
    for file in files {
        let opened = rusqlite::Connection::open(file).expect("a SQLite file");
        let ask = |sql: &str| opened.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("answered");
        assert_eq!(ask("SELECT count(*) FROM record") % 2, 0, "half a push");
        let gap = "SELECT coalesce(max(r.revision), p.revision) - p.revision FROM person p LEFT JOIN record r";
        assert_eq!(ask(gap), 0, "two moments in one backup");
        assert_eq!(ask("SELECT record_count - (SELECT count(*) FROM record) FROM person"), 0);
    }
}

pub(crate) async fn what_is_no_backup_changes_nothing(site: &impl Site) {
    let storage = open(site).await;
    let before = storage.authorize(&claims("alice"), "key", minute(0)).await.expect("authorized");
    drop(storage);
    let file = site.folder().join("holiday.jpg");
    std::fs::write(&file, b"not a database at all, but longer than its header would be: ".repeat(100))
        .expect("written");
    let empty = site.folder().join("empty.db");
    std::fs::write(&empty, "").expect("written");
    for file in [&file, &empty, &site.folder().join("missing.db")] {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let answer = loop {
            let answer = restore(&site.location(), file, true, minute(2)).await;
            if answer != Err(StorageError::InUse) || std::time::Instant::now() > deadline {
                break answer;
            }
        };
        assert!(matches!(answer, Err(StorageError::Corrupt(_) | StorageError::Location(_))), "{answer:?}");
    }
    let storage = open(site).await;
    assert_eq!(storage.authorize(&claims("alice"), "key", minute(0)).await, Ok(before));
}

pub(crate) async fn an_issuer_moves_with_its_people(site: &impl Site) {
    const NEW: &str = "https://new.example.test";
    let storage = open(site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    let (id, _) = alice.add("alice@example.test").await;
    storage.authorize(&claims("bruno"), "key", minute(0)).await.expect("authorized");
    // She came too early under the new name, and has nothing there.
    let moved = courrier_server::storage::Claims { issuer: NEW.to_owned(), ..claims("alice") };
    let early = storage.authorize(&moved, "laptop", minute(0)).await.expect("authorized");
    assert_ne!(early.user.id, alice.device.user);

    let beside = Storage::open_beside(&site.location()).await.expect("opened");
    assert_eq!(beside.rename_issuer("https://nobody.example.test", NEW).await, Ok(0));
    assert_eq!(beside.rename_issuer(ISSUER, NEW).await, Ok(2));
    let standing = storage.authorize(&moved, "laptop", minute(1)).await.expect("authorized");
    assert_eq!(standing.user.id, alice.device.user);
    assert_eq!(standing.device.map(|device| device.id), Some(alice.device.id));
    assert!(storage.record(standing.user.id, id).await.expect("read").is_some());

    // Somebody with data on both sides is nobody's to throw away.
    let other = Person::sign_in(&storage, "alice", "laptop").await;
    other.add("alice@example.test").await;
    assert_eq!(beside.rename_issuer(ISSUER, NEW).await, Err(StorageError::IssuerTaken { people: 1 }));
    assert_eq!(storage.authorize(&claims("alice"), "x", minute(1)).await.expect("there").user.id, other.device.user);
}
