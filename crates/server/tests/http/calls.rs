//! Each call, and what one person can't do to another.

use courrier_model::{MutationId, RecordId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::running::Running;

const CHANGES: &str = "/api/v1/changes";
const DEVICES: &str = "/api/v1/devices";
const PREFERENCES: &str = "/api/v1/preferences";

fn account(address: &str) -> Value {
    let endpoint = |host: &str, port: u16| json!({"host": host, "port": port, "security": "tls", "username": address, "auth": "password"});
    json!({
        "address": address, "name": "", "color": "#3f5bc4", "created_at": "2026-11-21T10:00:00Z",
        "imap": endpoint("imap.example.test", 993), "smtp": endpoint("smtp.example.test", 465),
    })
}

fn write(id: RecordId, kind: &str, content: Value) -> Value {
    let mut write = json!({"mutation_id": MutationId::random(), "id": id, "kind": kind});
    write.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    write
}

async fn push(desktop: &Desktop, writes: Vec<Value>) -> Value {
    desktop.post(CHANGES, json!({"cursor": 0, "writes": writes})).await.good()
}

#[tokio::test]
async fn what_one_device_writes_the_other_reads() {
    let running = Running::start().await;
    let (desk, laptop) = (running.desktop("alice").await, running.desktop("alice").await);
    let id = RecordId::random();
    let answer = push(&desk, vec![write(id, "account", json!({"body": account("zoe@example.test")}))]).await;
    let applied = &answer["answers"][0]["applied"];
    assert_eq!(applied["revision"], answer["revision"], "{answer}");
    let page = laptop.get(CHANGES).await.good();
    assert_eq!(page["changes"][0]["id"], json!(id));
    assert_eq!(page["changes"][0]["body"]["address"], "zoe@example.test");
    assert_eq!(page["more"], false);
    let (sync_id, revision) = (page["sync_id"].as_str().unwrap(), &page["revision"]);
    let empty = laptop.get(&format!("{CHANGES}?sync_id={sync_id}&after={revision}")).await.good();
    assert_eq!((&empty["revision"], &empty["changes"]), (revision, &json!([])));
    let conflict = push(&laptop, vec![write(id, "account", json!({"deleted": true}))]).await;
    assert_eq!(conflict["answers"][0]["conflict"]["current"]["id"], json!(id), "{conflict}");
}

#[tokio::test]
async fn a_cursor_of_another_history_begins_again() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let foreign = courrier_model::SyncId::random();
    let answer = desktop.get(&format!("{CHANGES}?sync_id={foreign}&after=3")).await;
    assert_eq!(answer.refusal(), (409, "reset"));
    assert_eq!(answer.body["reset"]["reason"], "foreign");
    let push = json!({"sync_id": foreign, "cursor": 3, "writes": []});
    assert_eq!(desktop.post(CHANGES, push).await.refusal(), (409, "reset"));
    let listen = desktop.get(&format!("/api/v1/events?sync_id={foreign}&after=3")).await;
    assert_eq!(listen.refusal(), (409, "reset"));
}

#[tokio::test]
async fn nobody_reaches_what_is_anothers() {
    let running = Running::start().await;
    let (alice, bruno) = (running.desktop("alice").await, running.desktop("bruno").await);
    let id = RecordId::random();
    push(&alice, vec![write(id, "account", json!({"body": account("zoe@example.test")}))]).await;
    assert_eq!(bruno.get(CHANGES).await.good()["changes"], json!([]));
    // The same id is another record: ids are each person's own.
    let his = push(&bruno, vec![write(id, "account", json!({"body": account("bruno@example.test")}))]).await;
    assert!(his["answers"][0]["applied"].is_object(), "{his}");
    assert_eq!(alice.get(CHANGES).await.good()["changes"][0]["body"]["address"], "zoe@example.test");
    let device = format!("{DEVICES}/{}", alice.id().await);
    assert_eq!(bruno.call(Method::DELETE, &device, None).await.refusal(), (404, "not_found"));
    let name = Some(json!({"name": "mine now"}));
    assert_eq!(bruno.call(Method::PATCH, &device, name).await.refusal(), (404, "not_found"));
    assert_eq!(bruno.get(DEVICES).await.good()["devices"].as_array().unwrap().len(), 1);
    let log = bruno.get("/api/v1/audit").await.good();
    let him = &bruno.get("/api/v1/session").await.good()["user"]["id"];
    assert!(log["entries"].as_array().unwrap().iter().all(|entry| &entry["user"] == him), "{log}");
    // Alice's key does not open anything with Bruno's token.
    let mixed = alice.with_token(bruno.token.clone());
    assert_eq!(mixed.get(CHANGES).await.refusal(), (403, "device_unknown"));
}

#[tokio::test]
async fn a_device_is_registered_named_and_revoked() {
    let running = Running::start().await;
    let desk = running.desktop("alice").await;
    let again = desk.post(DEVICES, json!({"name": "Desk", "platform": "linux"})).await;
    assert_eq!(again.status, StatusCode::OK, "asking twice is harmless");
    let laptop = running.desktop("alice").await;
    let id = laptop.id().await;
    let path = format!("{DEVICES}/{id}");
    let renamed = desk.call(Method::PATCH, &path, Some(json!({"name": "Laptop"}))).await.good();
    assert_eq!((&renamed["name"], &renamed["current"]), (&json!("Laptop"), &json!(false)));
    for name in ["", &"x".repeat(101), "two\nlines"] {
        let answer = desk.call(Method::PATCH, &path, Some(json!({"name": name}))).await;
        assert_eq!(answer.refusal(), (400, "invalid"), "{name:?}");
    }
    let revoked = desk.call(Method::DELETE, &path, None).await.good();
    assert!(revoked["revoked_at"].is_string());
    desk.call(Method::DELETE, &path, None).await.good();
    for (method, path) in [(Method::GET, CHANGES), (Method::GET, "/api/v1/session"), (Method::GET, "/api/v1/events")] {
        assert_eq!(laptop.call(method, path, None).await.refusal(), (403, "device_revoked"), "{path}");
    }
    let back = laptop.post(DEVICES, json!({"name": "Other name", "platform": "linux"})).await;
    assert_eq!(back.refusal(), (403, "device_revoked"), "its key never comes back");
    let log = desk.get("/api/v1/audit").await.good();
    let actions: Vec<_> = log["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    for action in ["device_refused", "device_revoked", "device_renamed", "device_registered"] {
        assert!(actions.contains(&action), "{action} is not among {actions:?}");
    }
    assert_eq!(log["entries"][0]["address"], "127.0.0.1");
}

#[tokio::test]
async fn preferences_are_a_record_like_others() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    assert_eq!(desktop.get(PREFERENCES).await.refusal(), (404, "not_found"));
    let set = write(RecordId::PREFERENCES, "preferences", json!({"body": {"theme": "dark"}}));
    let answer = desktop.call(Method::PUT, PREFERENCES, Some(set)).await.good();
    assert!(answer["applied"].is_object(), "{answer}");
    assert_eq!(desktop.get(PREFERENCES).await.good()["body"]["theme"], "dark");
    let wrong = write(RecordId::PREFERENCES, "preferences", json!({"body": {"theme": "pink"}}));
    let answer = desktop.call(Method::PUT, PREFERENCES, Some(wrong)).await.good();
    assert_eq!(answer["refused"]["code"], "invalid_body");
    let account = write(RecordId::random(), "account", json!({"body": account("zoe@example.test")}));
    let answer = desktop.call(Method::PUT, PREFERENCES, Some(account)).await.good();
    assert_eq!(answer["refused"]["code"], "wrong_kind");
    assert_eq!(desktop.get(CHANGES).await.good()["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn everybodys_log_is_for_administrators() {
    let running = Running::start().await;
    let alice = running.desktop("alice").await;
    assert_eq!(alice.get("/api/v1/admin/audit").await.refusal(), (403, "forbidden"));
    let token = running.issuer.token_with("root", json!({"realm_access": {"roles": ["courrier-admin"]}}));
    let admin = Desktop::new(&running.url, token).registered().await;
    assert_eq!(admin.get("/api/v1/session").await.good()["user"]["admin"], true);
    let all = admin.get("/api/v1/admin/audit").await.good();
    let user = alice.get("/api/v1/session").await.good()["user"]["id"].clone();
    assert!(all["entries"].as_array().unwrap().iter().any(|entry| entry["user"] == user), "{all}");
    let one = admin.get(&format!("/api/v1/admin/audit?user={}&limit=1", user.as_str().unwrap())).await.good();
    assert_eq!(one["entries"].as_array().unwrap().len(), 1);
    assert_eq!(one["entries"][0]["user"], user);
}

#[tokio::test]
async fn what_is_not_asked_for_rightly_is_refused_in_one_form() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let many = vec![write(RecordId::random(), "account", json!({"deleted": true})); 501];
    for (method, path, body, refusal) in [
        (Method::GET, "/api/v1/changes?after=x", None, (400, "invalid")),
        (Method::GET, "/api/v1/changes?limit=0", None, (400, "invalid")),
        (Method::GET, "/api/v1/changes?limit=501", None, (400, "invalid")),
        (Method::GET, "/api/v1/changes?after=9007199254740992", None, (400, "invalid")),
        (Method::GET, "/api/v1/changes?sync_id=x", None, (400, "invalid")),
        (Method::GET, "/api/v1/audit?limit=0", None, (400, "invalid")),
        (Method::POST, CHANGES, Some(json!({"writes": []})), (400, "invalid")),
        (Method::POST, CHANGES, Some(json!({"cursor": 0, "writes": many})), (400, "invalid")),
        (Method::POST, CHANGES, Some(json!("x".repeat(5 * 1024 * 1024))), (413, "too_large")),
        (Method::DELETE, "/api/v1/devices/x", None, (400, "invalid")),
        (Method::GET, "/api/v2/session", None, (404, "not_found")),
        (Method::DELETE, "/api/v1/session", None, (405, "invalid")),
    ] {
        let answer = desktop.call(method.clone(), path, body).await;
        assert_eq!(answer.refusal(), refusal, "{method} {path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn one_person_can_ask_so_often_and_others_go_on() {
    let running = Running::with(|settings| settings.user_rate = Some(1)).await;
    let (alice, bruno) = (running.desktop("alice").await, running.desktop("bruno").await);
    let mut refused = None;
    for _ in 0..20 {
        let answer = alice.get(CHANGES).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("twenty at once are too many");
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    bruno.get(CHANGES).await.good();
}

#[tokio::test]
async fn one_address_can_ask_so_often() {
    let running = Running::with(|settings| settings.address_rate = Some(1)).await;
    let ask = || async { reqwest::get(format!("{}/.well-known/courrier", running.url)).await.unwrap().status() };
    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.push(ask().await);
    }
    assert_eq!(seen[0], StatusCode::OK);
    assert!(seen.contains(&StatusCode::TOO_MANY_REQUESTS), "{seen:?}");
}

#[tokio::test]
async fn a_new_session_at_the_issuer_is_a_sign_in() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let desktop = desktop.with_token(running.issuer.token_with("alice", json!({"sid": "another"})));
    desktop.get(CHANGES).await.good();
    desktop.get(CHANGES).await.good();
    let log = desktop.get("/api/v1/audit").await.good();
    let entries = log["entries"].as_array().unwrap();
    let sign_ins = entries.iter().filter(|entry| entry["action"] == "sign_in").count();
    let registered = entries.iter().filter(|entry| entry["action"] == "device_registered").count();
    assert_eq!(registered, 1, "{log}");
    assert!(sign_ins >= 1, "{log}");
    assert_eq!(entries[0]["action"], "sign_in");
}
