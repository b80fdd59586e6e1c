//! What both databases must do. A backend takes the suite with `suite::storage_suite!(its_site)`, where `its_site`
//! makes a [`Site`] with an empty database; each case is then a test of its own there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod cursors;
pub(crate) mod devices;
pub(crate) mod log;
pub(crate) mod moving;
pub(crate) mod people;
pub(crate) mod writing;

use std::collections::BTreeMap;

use courrier_model::{MutationId, RecordId, SyncId, Timestamp};
use courrier_server::storage::{
    Actor, Claims, Cursor, Location, NewDevice, Pull, Pushed, Registration, Seen, Standing, Storage, StoredDevice,
};
use courrier_wire::{Base, Body, Content, Kind, Outcome, Page, Platform, Push, PushAnswer, Record, Write};
use serde_json::{Value, json};

/// An empty database, and what the cases do to it from outside.
pub(crate) trait Site: Send + Sync {
    /// Where it is.
    fn location(&self) -> Location;
    /// A folder for files beside it.
    fn folder(&self) -> &std::path::Path;
    /// From now on it refuses records with this address key, as a defect of it might.
    fn poison(&self, address_key: &str) -> impl Future<Output = ()> + Send;
}

/// Makes a test of each case.
macro_rules! storage_suite {
    ($site:expr; $($module:ident: $($case:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                suite::$module::$case(&$site).await;
            }
        )+)+
    };
    ($site:expr) => {
        suite::storage_suite! { $site;
            people: a_person_is_made_at_first_sight_and_once, what_a_token_says_is_kept_until_it_says_otherwise,
                the_same_subject_elsewhere_is_somebody_else, a_text_that_one_database_can_not_keep_is_refused;
            devices: a_device_is_registered_once_and_told_of, a_revoked_key_never_comes_back,
                nothing_is_written_for_a_revoked_device, a_device_belongs_to_one_person,
                a_session_that_the_issuer_ends_stays_ended_until_a_later_sign_in, a_touch_is_seen;
            writing: what_is_pushed_is_pulled, one_bad_write_leaves_the_others_alone,
                what_the_database_refuses_leaves_the_others_alone, a_repeated_mutation_gets_its_first_answer,
                an_address_is_taken_however_it_is_spelled, a_write_on_an_old_base_is_a_conflict,
                a_deletion_is_applied_once_and_can_be_taken_back, two_writers_lose_nothing,
                a_person_has_a_limit, people_do_not_meet, an_origin_is_kept, a_large_push_and_its_pages;
            cursors: a_foreign_history_is_reset, a_cursor_ahead_begins_a_new_history_for_that_person_alone,
                a_device_that_was_away_too_long_is_reset, first_contact_needs_no_history;
            log: each_change_writes_its_line, a_log_is_read_in_pages, what_is_old_is_forgotten;
            moving: a_backup_brings_everything_back_in_a_new_history, a_backup_is_not_overwritten,
                restoring_over_data_asks_for_force, a_backup_is_taken_while_people_write,
                what_is_no_backup_changes_nothing, an_issuer_moves_with_its_people;
        }
    };
}
pub(crate) use storage_suite;

pub(crate) const ISSUER: &str = "https://id.example.test/realms/courrier";

/// So many minutes into the tests' day.
pub(crate) fn minute(number: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + number * 60).expect("in range")
}

pub(crate) async fn open(site: &impl Site) -> Storage {
    Storage::open(&site.location(), minute(0)).await.expect("opened")
}

pub(crate) fn claims(subject: &str) -> Claims {
    Claims { issuer: ISSUER.to_owned(), subject: subject.to_owned(), email: None, name: None }
}

/// A person at one of their devices.
pub(crate) struct Person {
    pub(crate) storage: Storage,
    pub(crate) subject: String,
    pub(crate) thumbprint: String,
    pub(crate) device: StoredDevice,
}

impl Person {
    /// Signs in with a device of their own and registers it.
    pub(crate) async fn sign_in(storage: &Storage, subject: &str, thumbprint: &str) -> Self {
        let standing = storage.authorize(&claims(subject), thumbprint, minute(0)).await.expect("authorized");
        let actor =
            Actor { user: standing.user.id, device: None, address: Some("192.0.2.7".to_owned()), at: minute(0) };
        let registration = storage.register_device(&actor, new_device(thumbprint)).await.expect("asked");
        let Registration::Registered(device) = registration else { panic!("{registration:?}") };
        Self { storage: storage.clone(), subject: subject.to_owned(), thumbprint: thumbprint.to_owned(), device }
    }

    pub(crate) async fn standing(&self) -> Standing {
        self.storage.authorize(&claims(&self.subject), &self.thumbprint, minute(1)).await.expect("authorized")
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor {
            user: self.device.user,
            device: Some(self.device.id),
            address: Some("192.0.2.7".to_owned()),
            at: minute(2),
        }
    }

    /// A push at the person's present history and revision.
    pub(crate) async fn push(&self, writes: Vec<Write>) -> PushAnswer {
        let standing = self.standing().await;
        let push = Push { sync_id: Some(standing.sync_id), cursor: standing.revision, writes };
        match self.storage.push(&self.actor(), push).await.expect("pushed") {
            Pushed::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// The outcome of one write.
    pub(crate) async fn write(&self, write: Write) -> Outcome {
        self.push(vec![write]).await.answers.remove(0).outcome
    }

    /// Adds an account and answers its record's id and base.
    pub(crate) async fn add(&self, address: &str) -> (RecordId, Base) {
        let id = RecordId::random();
        let base = applied(self.write(edit(id, None, account(address))).await);
        (id, base)
    }

    pub(crate) async fn pull(&self, cursor: Cursor, limit: u32) -> Pull {
        self.storage.pull(&self.standing().await, cursor, limit, minute(3)).await.expect("pulled")
    }

    /// All that the person has, as a new device would get it.
    pub(crate) async fn everything(&self) -> BTreeMap<RecordId, Record> {
        let mut all = BTreeMap::new();
        let mut cursor = Cursor { sync_id: None, after: 0, full: true };
        loop {
            let page = page(self.pull(cursor, 7).await);
            assert!(page.changes.is_sorted_by_key(|record| record.revision));
            all.extend(page.changes.into_iter().map(|record| (record.id, record)));
            cursor = Cursor { sync_id: Some(page.sync_id), after: page.revision, full: true };
            if !page.more {
                return all;
            }
        }
    }
}

pub(crate) fn new_device(thumbprint: &str) -> NewDevice {
    NewDevice {
        name: "laptop".to_owned(),
        platform: Platform::Linux,
        thumbprint: thumbprint.to_owned(),
        seen: seen(0, "session"),
    }
}

pub(crate) fn seen(at: i64, session: &str) -> Seen {
    Seen {
        at: minute(at),
        address: Some("192.0.2.7".to_owned()),
        session_id: Some(session.to_owned()),
        session_expires_at: None,
        signed_in_at: minute(at),
    }
}

pub(crate) fn account(address: &str) -> Body {
    let endpoint = |port: u16| json!({"host": "mail.example.test", "port": port, "security": "tls", "username": "u", "auth": "password"});
    object(json!({
        "address": address, "name": "", "color": "#112233", "imap": endpoint(993), "smtp": endpoint(465),
        "created_at": "2026-01-01T00:00:00Z",
    }))
}

pub(crate) fn object(value: Value) -> Body {
    match value {
        Value::Object(body) => body,
        other => panic!("not an object: {other}"),
    }
}

pub(crate) fn edit(id: RecordId, base: Option<Base>, body: Body) -> Write {
    Write {
        mutation_id: MutationId::random(),
        id,
        kind: Kind::Account,
        base,
        origin: None,
        content: Content::Body(body),
    }
}

pub(crate) fn delete(id: RecordId, base: Option<Base>) -> Write {
    Write { content: Content::Deleted(true), ..edit(id, base, Body::new()) }
}

pub(crate) fn applied(outcome: Outcome) -> Base {
    match outcome {
        Outcome::Applied(applied) => Base { revision: applied.revision, write_id: applied.write_id },
        other => panic!("not applied: {other:?}"),
    }
}

pub(crate) fn page(pull: Pull) -> Page {
    match pull {
        Pull::Page(page) => page,
        Pull::Reset(reset) => panic!("{reset:?}"),
    }
}

pub(crate) fn after(sync_id: SyncId, after: u64) -> Cursor {
    Cursor { sync_id: Some(sync_id), after, full: false }
}
