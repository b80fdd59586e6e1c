//! The server's storage on PostgreSQL: the suite that SQLite passes too, and what only several copies of a server
//! have to show.

#[path = "../../crates/server/tests/suite/mod.rs"]
mod suite;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use courrier_model::RecordId;
use courrier_server::storage::{Location, Notice, Storage, StorageError, Subscription, backup, restore};
use courrier_tests::{Ca, Postgres};
use suite::{ISSUER, Person, Site, account, claims, edit, minute, open};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// An empty database, and a folder for files.
struct Database {
    url: String,
    folder: TempDir,
}

impl Database {
    fn new() -> Self {
        Self { url: Postgres::shared().create_database(), folder: tempfile::tempdir().expect("made") }
    }

    /// Runs a statement as the database's own administrator would.
    async fn run(&self, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.expect("connected");
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await.expect("run");
        drop(client);
        driver.await.expect("ended").expect("closed");
    }

    /// Ends every connection that the server's copies have.
    async fn cut(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'courrier-server'";
        self.run(sql).await;
    }
}

impl Site for Database {
    fn location(&self) -> Location {
        Location::from_url(&self.url).expect("understood")
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn poison(&self, address_key: &str) {
        self.run(&format!("ALTER TABLE record ADD CHECK (address_key <> '{address_key}')")).await;
    }
}

suite::storage_suite!(Database::new());

/// The next notice, or a failed test.
async fn heard(subscription: &mut Subscription) -> Notice {
    let next = tokio::time::timeout(PATIENCE, subscription.next()).await;
    next.expect("nothing was heard").expect("the storage was closed")
}

/// Somebody who has just signed in on one copy, and is listened to on both.
async fn heard_on_both(one: &Storage, two: &Storage) -> (Person, Subscription, Subscription) {
    let user = one.authorize(&claims("alice"), "laptop", minute(0)).await.expect("authorized").user.id;
    let (mut here, mut there) = (one.subscribe(user), two.subscribe(user));
    let alice = Person::sign_in(one, "alice", "laptop").await;
    let registered = Notice::Devices { registered: Some(alice.device.id) };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (registered, registered));
    (alice, here, there)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_copy_changes_all_copies_tell() {
    let site = Database::new();
    let (one, two) = (open(&site).await, open(&site).await);
    let (alice, mut here, mut there) = heard_on_both(&one, &two).await;
    for number in 0..3 {
        alice.add(&format!("alice{number}@example.test")).await;
        let standing = alice.standing().await;
        let moved = Notice::Revision { sync_id: standing.sync_id, revision: standing.revision };
        assert_eq!((heard(&mut here).await, heard(&mut there).await), (moved, moved));
    }
    let phone = Person::sign_in(&two, "alice", "phone").await;
    let registered = Notice::Devices { registered: Some(phone.device.id) };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (registered, registered));
    one.rename_device(&alice.actor(), phone.device.id, "old phone").await.expect("asked").expect("found");
    let renamed = Notice::Devices { registered: None };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (renamed, renamed));
    one.revoke_device(&alice.actor(), phone.device.id).await.expect("asked").expect("found");
    let ended = Notice::Ended { device: phone.device.id };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (ended, ended));
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (renamed, renamed));
    two.end_sessions(ISSUER, Some("session"), None, minute(9)).await.expect("asked");
    let ended = Notice::Ended { device: alice.device.id };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (ended, ended));
    // Each once: behind the last of them there is nothing but the end.
    one.close_subscriptions();
    two.close_subscriptions();
    assert_eq!((here.next().await, there.next().await), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_connection_everything_is_looked_up_again() {
    let site = Database::new();
    let (one, two) = (open(&site).await, open(&site).await);
    let (alice, mut here, mut there) = heard_on_both(&one, &two).await;
    site.cut().await;
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (Notice::Recheck, Notice::Recheck));
    one.ping().await.expect("alive");
    alice.add("alice@example.test").await;
    let standing = alice.standing().await;
    let moved = Notice::Revision { sync_id: standing.sync_id, revision: standing.revision };
    assert_eq!((heard(&mut here).await, heard(&mut there).await), (moved, moved));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_encrypted_and_the_database_proves_who_it_is() {
    let site = Database::new();
    let url = site.url.replace("@127.0.0.1:", "@localhost:") + "?sslmode=require";
    let location = |authorities: Option<PathBuf>| {
        let Ok(Location::Postgres(mut location)) = Location::from_url(&url) else { panic!("understood") };
        location.authorities = authorities;
        Location::Postgres(location)
    };
    let storage = Storage::open(&location(Some(Postgres::shared().authorities())), minute(0)).await.expect("opened");
    storage.authorize(&claims("alice"), "laptop", minute(0)).await.expect("authorized");
    let (client, connection) = tokio_postgres::connect(&site.url, tokio_postgres::NoTls).await.expect("connected");
    let driver = tokio::spawn(connection);
    let encrypted = "SELECT bool_and(ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE datname = current_database() AND application_name = 'courrier-server'";
    let row = client.query_one(encrypted, &[]).await.expect("asked");
    assert!(row.get::<_, bool>(0) && row.get::<_, i64>(1) >= 2, "the one that listens too: {row:?}");
    drop(client);
    driver.await.expect("ended").expect("closed");
    // An authority that did not sign its certificate, and none at all.
    let another = Ca::new();
    for authorities in [Some(another.bundle()), None] {
        let refused = Storage::open(&location(authorities.clone()), minute(0)).await;
        assert!(refused.is_err(), "{authorities:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_start_together_make_one_schema() {
    let site = Database::new();
    assert_eq!(Storage::schema(&site.location()).await, Ok((0, 1)));
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let location = site.location();
            tokio::spawn(async move {
                let storage = Storage::open(&location, minute(0)).await.expect("opened");
                storage.authorize(&claims("alice"), "key", minute(0)).await.expect("authorized")
            })
        })
        .collect();
    let mut standings = Vec::new();
    for copy in starting {
        standings.push(copy.await.expect("ran"));
    }
    standings.dedup();
    assert_eq!(standings.len(), 1, "{standings:?}");
    assert_eq!(Storage::migrate(&site.location(), minute(0)).await, Ok((1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_newer_or_not_ours_is_left_alone() {
    let site = Database::new();
    site.run("CREATE TABLE person (id integer)").await;
    assert!(matches!(Storage::open(&site.location(), minute(0)).await.map(drop), Err(StorageError::Corrupt(_))));
    site.run("DROP TABLE person").await;
    drop(open(&site).await);
    site.run("INSERT INTO schema_migration (version, applied_at) VALUES (7, 0)").await;
    let newer = StorageError::NewerSchema { found: 7, known: 1 };
    assert_eq!(Storage::open(&site.location(), minute(0)).await.map(drop), Err(newer.clone()));
    assert_eq!(backup(&site.location(), &site.folder().join("x.db"), minute(0)).await, Err(newer));
    let nowhere = Location::from_url("postgres://courrier@127.0.0.1:1/none").expect("understood");
    assert!(matches!(Storage::open(&nowhere, minute(0)).await.map(drop), Err(StorageError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_can_not_be_changed() {
    let site = Database::new();
    let storage = open(&site).await;
    Person::sign_in(&storage, "alice", "laptop").await;
    let (client, connection) = tokio_postgres::connect(&site.url, tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    client.batch_execute("UPDATE audit SET action = 'sign_out'").await.expect_err("changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_waiting_leaves_no_half_push() {
    const EACH: usize = 20;
    let site = Database::new();
    let storage = open(&site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    for patience in 0..60_u64 {
        let writes = (0..EACH)
            .map(|number| edit(RecordId::random(), None, account(&format!("person{patience}-{number}@example.test"))));
        // A client that closes its connection drops the request's future wherever it is.
        let push = alice.push(writes.collect());
        let _ = tokio::time::timeout(Duration::from_micros(150 * patience), push).await;
    }
    let standing = alice.standing().await;
    let records = alice.everything().await;
    assert_eq!(records.len() % EACH, 0, "half a push");
    assert!(records.len() < 60 * EACH, "none was given up");
    let highest = records.values().map(|record| record.revision).max();
    assert!(highest.is_none_or(|highest| highest == standing.revision));
    alice.add("after@example.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_moves_between_the_databases() {
    let (site, folder) = (Database::new(), tempfile::tempdir().expect("made"));
    let files = [folder.path().join("first.db"), folder.path().join("second.db")];
    let local = Location::sqlite(folder.path().join("server.db"));
    let storage = Storage::open(&local, minute(0)).await.expect("opened");
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    for number in 0..700 {
        // More than one batch of the copy.
        if number % 100 == 0 {
            alice.add(&format!("person{number}@example.test")).await;
        }
        storage.append_audit(&alice.actor(), courrier_wire::AuditAction::SignOut, None).await.expect("written");
    }
    let records = alice.everything().await;
    let log = storage.audit(None, None, 1000).await.expect("read");
    backup(&local, &files[0], minute(1)).await.expect("backed up");
    drop((alice, storage));

    let to_postgres = restore(&site.location(), &files[0], false, minute(2)).await.expect("restored");
    assert_eq!((to_postgres.people, to_postgres.records), (1, 7));
    let storage = open(&site).await;
    let device = storage.authorize(&claims("alice"), "laptop", minute(2)).await.expect("authorized").device;
    let alice = Person {
        storage: storage.clone(),
        subject: "alice".to_owned(),
        thumbprint: "laptop".to_owned(),
        device: device.expect("registered"),
    };
    assert_eq!(alice.everything().await, records);
    assert_eq!(storage.audit(None, None, 1000).await.as_ref(), Ok(&log));
    // The log's numbers go on behind the copied ones.
    alice.add("more@example.test").await;
    let records = alice.everything().await;
    let log = storage.audit(None, None, 1000).await.expect("read");
    backup(&site.location(), &files[1], minute(3)).await.expect("backed up");

    let back = Location::sqlite(folder.path().join("back.db"));
    restore(&back, &files[1], false, minute(4)).await.expect("restored");
    let storage = Storage::open(&back, minute(5)).await.expect("opened");
    let alice = Person { storage: storage.clone(), ..alice };
    assert_eq!(alice.everything().await, records);
    assert_eq!(storage.audit(None, None, 1000).await, Ok(log));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_comes_back_is_used_again() {
    let site = Database::new();
    let storage = open(&site).await;
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    alice.add("before@example.test").await;
    site.cut().await;
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = storage.ping().await {
        assert!(matches!(error, StorageError::Unavailable(_)), "{error}");
        assert!(Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    alice.add("after@example.test").await;
    assert_eq!(alice.everything().await.len(), 2);
}
