//! Files that released versions made open with this one. For each schema version there is a dump under
//! `fixtures/`; a new migration fails here until it has its own.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use common::{add, at};
use courrier_model::{HealthState, ProblemCode};
use courrier_store::{IntentKind, Local, Purpose, SCHEMA_VERSION, SessionPurpose, Storage, Store};
use rusqlite::Connection;

fn fixture(version: u32) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/v{version}.sql"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("dump a filled database of version {version} to v{version}.sql"))
}

fn restore(version: u32, home: &Path) {
    let file = Connection::open(home.join("courrier.db")).expect("made");
    file.execute_batch(&fixture(version)).expect("the dump is valid");
    let found: u32 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("read");
    assert_eq!(found, version);
}

#[test]
fn every_released_version_opens_and_keeps_everything() {
    for version in 1..=SCHEMA_VERSION {
        let home = tempfile::tempdir().expect("made");
        restore(version, home.path());
        let store = Store::open(home.path()).unwrap_or_else(|error| panic!("version {version}: {error}"));
        store.verify().expect("sound");
        assert_eq!(store.home_id().to_string(), "3e5d1a3c-0b8e-4b53-9a55-5f2f4f0c9d01");

        let accounts = store.accounts().expect("listed");
        let [alice, zoe] = accounts.as_slice() else { panic!("version {version}: {accounts:?}") };
        assert_eq!((alice.address.to_string().as_str(), alice.name.as_str()), ("Alice@example.test", "Alice"));
        assert!(!alice.primary && alice.has_secret);
        assert_eq!(alice.color.to_string(), "#123456");
        assert_eq!((alice.imap.host.to_string().as_str(), alice.imap.port.get()), ("imap.example.test", 993));
        assert_eq!((alice.created_at, alice.updated_at), (at(0), at(60)));
        assert_eq!((alice.health.state, alice.health.checked_at), (HealthState::Problem, Some(at(90))));
        assert_eq!(alice.health.problem_code, Some(ProblemCode::AuthRejected));
        let identities: Vec<String> = alice.identities.iter().map(|identity| identity.address.to_string()).collect();
        assert_eq!(identities, ["shop@example.test", "a@bücher.example"]);
        assert_eq!(zoe.address.to_string(), "zoë@bücher.example");
        assert!(zoe.primary && !zoe.has_secret);
        assert_eq!(zoe.health.state, HealthState::Unchecked);
        assert_eq!(store.search("xn--bcher").expect("searched").len(), 1);

        let checks = store.checks(alice.id, 10).expect("read");
        assert_eq!(
            checks.iter().map(|check| check.report_json.as_str()).collect::<Vec<_>>(),
            ["{\"n\":2}", "{\"n\":1}"]
        );
        let secret = store.secret_of(alice.id, Purpose::Incoming).expect("read").expect("there");
        assert_eq!(secret.id.to_string(), "5c1f8a52-9c1e-4b7e-8a3f-0d9be1a10001");
        assert_eq!(store.secret_of(alice.id, Purpose::Outgoing).expect("read").map(|s| s.storage), Some(Storage::File));
        let kinds: Vec<_> = store.pending_intents().expect("read").iter().map(|intent| intent.kind).collect();
        assert_eq!(kinds, [IntentKind::Write, IntentKind::Delete]);
        let hidden = store.removals_due(at(1000)).expect("read");
        assert_eq!(hidden.len(), 1);
        assert_eq!(store.setting("language").expect("read").as_deref(), Some("\"fr\""));

        add(&store, "new@example.test");
        store.undo_removal(hidden[0]).expect("undone");
        assert_eq!(store.accounts().expect("listed").len(), 4);
    }
}

#[test]
fn what_travels_survives_from_version_2_on() {
    for version in 2..=SCHEMA_VERSION {
        let home = tempfile::tempdir().expect("made");
        restore(version, home.path());
        let store = Store::open(home.path()).unwrap_or_else(|error| panic!("version {version}: {error}"));
        let session = store.sync_session().expect("read").expect("there");
        assert!(session.signed_in && session.cursor == 12 && session.subject == "4711");
        let facts = store.sync_facts().expect("read");
        let [alice, gone, zoe, _preferences] = facts.records.as_slice() else { panic!("{facts:?}") };
        assert_eq!(alice.base.as_ref().map(|base| base.revision), Some(12));
        let Local::Present { body, .. } = &alice.local else { panic!("{alice:?}") };
        assert_eq!(body["signature"]["text"], "from a newer Courrier");
        assert!(gone.base.as_ref().is_some_and(|base| base.deleted) && gone.local == Local::Absent);
        assert!(zoe.in_flight && !alice.in_flight);
        assert_eq!(store.outbox(9, usize::MAX).expect("read").len(), 1);
        assert_eq!(store.unseen_conflicts().expect("read")[0].members, ["name"]);
        assert_eq!(store.versions(alice.id, 9).expect("read").len(), 2);
    }
}

#[test]
fn the_session_s_secrets_survive_from_version_3_on() {
    for version in 3..=SCHEMA_VERSION {
        let home = tempfile::tempdir().expect("made");
        restore(version, home.path());
        let store = Store::open(home.path()).unwrap_or_else(|error| panic!("version {version}: {error}"));
        let secret = |purpose| store.session_secret(purpose).expect("read").expect("there");
        assert_eq!(secret(SessionPurpose::Tokens).storage, Storage::Keyring);
        assert_eq!(secret(SessionPurpose::DeviceKey).id.to_string(), "5c1f8a52-9c1e-4b7e-8a3f-0d9be1a10012");
    }
}

#[test]
fn how_far_deletions_may_be_forgotten_survives_from_version_4_on() {
    for version in 3..=SCHEMA_VERSION {
        let home = tempfile::tempdir().expect("made");
        restore(version, home.path());
        let store = Store::open(home.path()).unwrap_or_else(|error| panic!("version {version}: {error}"));
        assert_eq!(store.sync_facts().expect("read").purged, if version < 4 { 0 } else { 5 });
    }
}

#[test]
fn what_is_known_of_tokens_survives_from_version_5_on() {
    for version in 5..=SCHEMA_VERSION {
        let home = tempfile::tempdir().expect("made");
        restore(version, home.path());
        let store = Store::open(home.path()).unwrap_or_else(|error| panic!("version {version}: {error}"));
        let all = store.all_tokens().expect("read");
        let [(alice, status)] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(store.account(*alice).expect("read").expect("there").address.to_string(), "Alice@example.test");
        assert_eq!((status.record.provider.as_str(), status.record.generation), ("microsoft", 7));
        assert_eq!((status.record.expires_at, status.record.sign_in_by.is_some()), (Some(at(3800)), true));
        assert!(status.needs_sign_in && status.problem_code == Some(ProblemCode::AuthConsentRequired));
        let slot = store.secret_of(*alice, Purpose::OAuth).expect("read").expect("there");
        assert_eq!(slot.id.to_string(), alice.to_string());
    }
}

/// A migration that was edited after its release, or a fixture that does not tell the truth, shows here.
#[test]
fn an_upgraded_file_has_the_schema_of_a_new_one() {
    let schema = |home: &Path| -> Vec<(String, String)> {
        let file = Connection::open(home.join("courrier.db")).expect("opened");
        let mut statement =
            file.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").expect("prepared");
        let words = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, words(row.get(1)?)))).expect("queried");
        rows.collect::<Result<_, _>>().expect("read")
    };
    let new = tempfile::tempdir().expect("made");
    Store::open(new.path()).expect("opened");
    for version in 1..=SCHEMA_VERSION {
        let old = tempfile::tempdir().expect("made");
        restore(version, old.path());
        Store::open(old.path()).expect("opened");
        assert_eq!(schema(old.path()), schema(new.path()), "from version {version}");
    }
}
