//! The JSON itself: what another implementation would read and write.

// Helper functions of tests are test code too, which Clippy sees only for what stands in a `#[test]` function.
#![allow(clippy::expect_used)]

use courrier_model::RecordId;
use courrier_wire::{AccountBody, Content, Event, Outcome, PreferencesBody, Push, RefusedCode, WriteAnswer};
use serde_json::{Value, json};

const ID: &str = "018f2f4e-5c1d-4b3a-9a70-0b1a2c3d4e5f";

fn account() -> Value {
    let endpoint = |host: &str, port: u16| json!({"host": host, "port": port, "security": "tls", "username": "zoe", "auth": "password"});
    json!({
        "address": "zoe@example.test", "name": "Zoë", "color": "#3f5bc4",
        "imap": endpoint("imap.example.test", 993), "smtp": endpoint("smtp.example.test", 465),
        "identities": [], "order": 3, "created_at": "2026-11-21T10:00:00Z",
        "signature": {"text": "from a newer Courrier"},
    })
}

fn object(value: Value) -> courrier_wire::Body {
    serde_json::from_value(value).expect("an object")
}

#[test]
fn an_account_keeps_what_it_does_not_know() {
    let body = object(account());
    let read = AccountBody::from_body(body.clone()).expect("valid");
    assert_eq!(read.into_body(), body);
}

#[test]
fn an_account_is_validated() {
    for (member, value) in [
        ("address", json!("nobody")),
        ("color", json!("red")),
        ("imap", json!({"host": "x"})),
        ("created_at", json!(5)),
    ] {
        let mut body = object(account());
        body.insert(member.to_owned(), value);
        assert!(AccountBody::from_body(body).is_err(), "{member}");
    }
    let mut body = object(account());
    body["imap"]["auth"] = json!("none");
    assert!(AccountBody::from_body(body).is_err(), "receiving without authentication");
}

#[test]
fn preferences_are_validated_and_keep_what_they_do_not_know() {
    let body = object(json!({"theme": "dark", "clipboard_seconds": 30, "density": "compact"}));
    assert_eq!(PreferencesBody::from_body(body.clone()).expect("valid").into_body(), body);
    for wrong in
        [json!({"theme": "pink"}), json!({"clipboard_seconds": 4}), json!({"primary": "x"}), json!({"language": ""})]
    {
        assert!(PreferencesBody::from_body(object(wrong.clone())).is_err(), "{wrong}");
    }
}

#[test]
fn writes_say_body_or_deleted() {
    let push: Push = serde_json::from_value(json!({
        "sync_id": ID, "cursor": 7,
        "writes": [
            {"mutation_id": ID, "id": ID, "kind": "account", "base": {"revision": 5, "write_id": ID}, "deleted": true},
            {"mutation_id": ID, "id": ID, "kind": "preferences", "body": {"theme": "dark"}},
        ],
    }))
    .expect("a push");
    assert_eq!(push.writes[0].content, Content::Deleted(true));
    assert!(matches!(&push.writes[1].content, Content::Body(body) if body["theme"] == "dark"));
    assert!(push.writes[1].base.is_none());
}

#[test]
fn a_write_that_says_both_or_neither_is_refused() {
    let read = |content: Value| {
        let mut write = json!({"mutation_id": ID, "id": ID, "kind": "preferences"});
        write.as_object_mut().expect("an object").extend(object(content));
        serde_json::from_value::<courrier_wire::Write>(write).map(|write| write.content)
    };
    assert_eq!(read(json!({"deleted": true, "body": null})).expect("read"), Content::Deleted(true));
    assert!(matches!(read(json!({"deleted": false, "body": {}})).expect("read"), Content::Body(_)));
    for neither in [json!({}), json!({"deleted": false}), json!({"deleted": true, "body": {}}), json!({"body": 5})] {
        assert!(read(neither.clone()).is_err(), "{neither}");
    }
}

#[test]
fn a_whole_number_is_one_however_it_is_written() {
    let cursor = |number: &str| {
        serde_json::from_str::<Push>(&format!(r#"{{"cursor": {number}, "writes": []}}"#)).map(|push| push.cursor)
    };
    assert_eq!(cursor("7.0").expect("read"), 7);
    assert_eq!(cursor("9007199254740991").expect("read"), 9_007_199_254_740_991);
    for wrong in ["-1", "7.5", "1e300", "\"7\"", "null"] {
        assert!(cursor(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn answers_read_as_the_design_words_them() {
    let answer = |outcome| {
        serde_json::to_value(WriteAnswer { mutation_id: ID.parse().expect("an id"), outcome }).expect("serialises")
    };
    let id: RecordId = ID.parse().expect("an id");
    assert_eq!(
        answer(Outcome::Refused(RefusedCode::AddressTaken { id })),
        json!({"mutation_id": ID, "refused": {"code": "address_taken", "id": ID}})
    );
    assert_eq!(answer(Outcome::Conflict { current: None }), json!({"mutation_id": ID, "conflict": {"current": null}}));
}

#[test]
fn an_event_names_itself_on_both_lines() {
    for event in [Event::Ended, Event::Devices { registered: None }] {
        assert_eq!(serde_json::to_value(&event).expect("serialises")["type"], event.name());
    }
}
