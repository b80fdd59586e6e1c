//! Two copies of the server on one PostgreSQL.

use courrier_tests::{CourrierServer, Issuer, OidcProvider, Postgres};
use serde_json::json;

use crate::device::Device;

const CHANGES: &str = "/api/v1/changes";

#[test]
fn who_is_revoked_at_one_copy_is_out_at_the_other() {
    let provider = OidcProvider::start();
    let database = Postgres::shared().create_database();
    let copy = || CourrierServer::with(&provider).database(&database).start();
    let (one, two) = (copy(), copy());
    let desk = Device::new(one.url(), &provider.token_for(&provider.alice())).registered();
    let lost = Device::new(one.url(), &provider.token_for(&provider.alice())).registered().at(two.url());
    let here = desk.listen();
    let there = lost.listen();
    let write = json!({
        "mutation_id": uuid::Uuid::new_v4(), "id": courrier_model::RecordId::PREFERENCES.to_string(),
        "kind": "preferences", "body": {"theme": "dark"},
    });
    let answer = lost.post(CHANGES, &json!({"cursor": 0, "writes": [write]})).good();
    assert_eq!(here.next().expect("told by the other copy")["revision"], answer["revision"]);
    assert_eq!(there.next().expect("told")["revision"], answer["revision"]);

    let revoked = desk.call("DELETE", &format!("/api/v1/devices/{}", lost.id()), None).good();
    assert!(revoked["revoked_at"].is_string());
    let mut last = None;
    while let Some(event) = there.next() {
        last = Some(event);
    }
    assert_eq!(last.expect("a last word")["type"], "ended", "its stream at the other copy closes");
    assert_eq!(lost.get(CHANGES).refusal(), (403, "device_revoked"));
    let lost = lost.at(one.url());
    assert_eq!(lost.get(CHANGES).refusal(), (403, "device_revoked"));
    let back = lost.post("/api/v1/devices", &json!({"name": "Desk", "platform": "linux"}));
    assert_eq!(back.refusal(), (403, "device_revoked"));
    desk.get(CHANGES).good();
}

#[test]
fn a_copy_that_stops_leaves_the_other_serving() {
    let provider = OidcProvider::start();
    let database = Postgres::shared().create_database();
    let copy = || CourrierServer::with(&provider).database(&database).start();
    let (one, two) = (copy(), copy());
    let desk = Device::new(one.url(), &provider.token_for(&provider.alice())).registered();
    let events = desk.listen();
    one.stop();
    assert_eq!(events.next(), None, "the stream ends, without a last word: the device comes back");
    let desk = desk.at(two.url());
    desk.get(CHANGES).good();
    desk.listen();
}
