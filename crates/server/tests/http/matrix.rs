//! The authorisation matrix: every call of the OpenAPI document, each way to be nobody.
//!
//! Calls are taken from the document that the server serves, so a new one is tested the day it is there. Each row is
//! a person or a program that must not get through, with the one answer they get.

use std::collections::BTreeSet;

use courrier_model::{DeviceId, MutationId, RecordId, UserId};
use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};

use crate::desktop::{Answer, Desktop};
use crate::issuer::{Key, base64, now};
use crate::running::Running;

/// A call as the document has it.
#[derive(Debug, Clone)]
struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
    /// Whether it takes a key that is not registered yet.
    for_strangers: bool,
    for_administrators: bool,
}

/// The calls that want a token, with arguments that are right.
async fn calls(running: &Running, device: DeviceId) -> Vec<Call> {
    let response = reqwest::get(format!("{}/api/v1/openapi.json", running.url)).await.unwrap();
    let document = Answer::read(response).await.good();
    let mut calls = Vec::new();
    let mut open = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else { continue };
            if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                continue;
            }
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                open.insert(path.clone());
                continue;
            }
            let body = operation["requestBody"].is_object().then(|| body(&method, path));
            let path = path.replace("{id}", &device.to_string());
            let for_strangers = ["/api/v1/session", "/api/v1/devices"].contains(&path.as_str())
                && (method == Method::POST || path.ends_with("session"));
            let for_administrators = path.starts_with("/api/v1/admin/");
            calls.push(Call { method, path, body, for_strangers, for_administrators });
        }
    }
    let known = ["/.well-known/courrier", "/healthz", "/metrics", "/oidc/backchannel-logout", "/readyz"];
    assert_eq!(open.iter().map(String::as_str).collect::<Vec<_>>(), known, "nothing else is open");
    assert!(calls.len() >= 11, "{calls:?}");
    calls
}

fn body(method: &Method, path: &str) -> Value {
    let write = json!({
        "mutation_id": MutationId::random(), "id": RecordId::PREFERENCES, "kind": "preferences", "body": {"theme": "dark"},
    });
    match (method.as_str(), path) {
        ("POST", "/api/v1/changes") => json!({"cursor": 0, "writes": [write]}),
        ("PUT", "/api/v1/preferences") => write,
        ("POST", "/api/v1/devices") => json!({"name": "New", "platform": "linux"}),
        ("PATCH", "/api/v1/devices/{id}") => json!({"name": "Other"}),
        unknown => panic!("{unknown:?} is new: say here what it takes"),
    }
}

async fn send(desktop: &Desktop, call: &Call) -> Answer {
    let response = desktop.response(call.method.clone(), &call.path, call.body.clone()).await;
    if response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream") {
        // It would not end by itself.
        return Answer { status: response.status(), headers: response.headers().clone(), body: Value::Null };
    }
    Answer::read(response).await
}

#[track_caller]
fn expect(call: &Call, who: &str, answer: &Answer, refusal: (u16, &str)) {
    assert_eq!(answer.refusal(), refusal, "{who}: {} {}: {answer:?}", call.method, call.path);
}

#[tokio::test]
async fn nobody_gets_through_without_a_good_token() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let calls = calls(&running, desktop.id().await).await;
    let claims = running.issuer.claims("alice");
    let unsigned = base64(json!({"alg": "none", "typ": "JWT"}).to_string());
    let other_issuer = Key::new(Algorithm::ES256, "first");
    let mut desktop = desktop;
    for (who, token) in [
        ("expired", running.issuer.token_with("alice", json!({"exp": now() - 60}))),
        ("wrong audience", running.issuer.token_with("alice", json!({"aud": "other"}))),
        ("wrong issuer", running.issuer.token_with("alice", json!({"iss": "https://evil.example.test"}))),
        ("another issuer's signature", other_issuer.sign("JWT", &claims)),
        ("alg none", format!("{unsigned}.{}.", base64(claims.to_string()))),
        ("a mail client's", running.issuer.token_with("alice", json!({"aud": "mail", "azp": "courrier-mail"}))),
        ("a mail client's, with our audience", running.issuer.token_with("alice", json!({"azp": "courrier-mail"}))),
        ("an ID token", running.issuer.token_with("alice", json!({"typ": "ID", "aud": "courrier-desktop"}))),
    ] {
        desktop = desktop.with_token(token);
        for call in &calls {
            expect(call, who, &send(&desktop, call).await, (401, "token_invalid"));
        }
    }
    for call in &calls {
        let request = desktop.client.request(call.method.clone(), format!("{}{}", running.url, call.path));
        expect(call, "no token", &Answer::read(request.send().await.unwrap()).await, (401, "token_invalid"));
    }
}

#[tokio::test]
async fn nobody_gets_through_without_a_good_proof() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let calls = calls(&running, desktop.id().await).await;
    for call in &calls {
        let request = |proof: Option<&str>| {
            let request = desktop.request(call.method.clone(), &call.path, call.body.clone());
            match proof {
                Some(proof) => request.header("dpop", proof),
                None => request,
            }
        };
        let ask = async |proof: Option<&str>| Answer::read(request(proof).send().await.unwrap()).await;
        expect(call, "no proof", &ask(None).await, (401, "proof_invalid"));
        let other_call = desktop.sign(&desktop.proof(&Method::OPTIONS, &call.path));
        expect(call, "another call's proof", &ask(Some(&other_call)).await, (401, "proof_invalid"));
        // Revoking would end the device that asks; its turn comes below.
        if call.method != Method::DELETE {
            let proof = desktop.sign(&desktop.proof(&call.method, &call.path));
            drop(request(Some(&proof)).send().await.unwrap());
            expect(call, "a replayed proof", &ask(Some(&proof)).await, (401, "proof_invalid"));
        }
    }
    let victim = running.desktop("alice").await;
    let path = format!("/api/v1/devices/{}", victim.id().await);
    let proof = desktop.sign(&desktop.proof(&Method::DELETE, &path));
    desktop.call_with(Method::DELETE, &path, &proof).await.good();
    let again = desktop.call_with(Method::DELETE, &path, &proof).await;
    assert_eq!(again.refusal(), (401, "proof_invalid"), "a replayed proof: DELETE {path}");
}

#[tokio::test]
async fn another_devices_proof_does_not_do() {
    let running = Running::start().await;
    // Where the issuer binds tokens, a token goes with its key alone.
    let mut bound = running.stranger("alice");
    let claims = json!({"typ": "DPoP", "cnf": {"jkt": bound.thumbprint()}});
    bound.token = running.issuer.token_with("alice", claims);
    bound.scheme = "DPoP";
    let bound = bound.registered().await;
    let mut other = running.desktop("alice").await.with_token(bound.token.clone());
    other.scheme = "DPoP";
    // Where it does not, an unregistered key is nobody's.
    let stranger = Desktop::new(&running.url, running.issuer.token("alice"));
    for call in calls(&running, bound.id().await).await {
        expect(&call, "another device's proof", &send(&other, &call).await, (401, "proof_invalid"));
        if !call.for_strangers {
            expect(&call, "an unregistered key", &send(&stranger, &call).await, (403, "device_unknown"));
        }
    }
}

#[tokio::test]
async fn another_persons_things_are_not_there() {
    let running = Running::start().await;
    let alice = running.desktop("alice").await;
    let bruno = running.desktop("bruno").await;
    for call in calls(&running, alice.id().await).await {
        if call.path.contains("/devices/") {
            expect(&call, "another user's id", &send(&bruno, &call).await, (404, "not_found"));
        }
        // Alice's key with Bruno's token.
        let mixed = Desktop::new(&running.url, bruno.token.clone());
        if !call.for_strangers {
            expect(&call, "another user's device", &send(&mixed, &call).await, (403, "device_unknown"));
        }
        // Nothing takes somebody's id but the administrators' log.
        let query = format!("{}?user={}", call.path, UserId::random());
        if call.for_administrators {
            expect(
                &call,
                "missing role",
                &send(&bruno, &Call { path: query, ..call.clone() }).await,
                (403, "forbidden"),
            );
        }
    }
    alice.get("/api/v1/session").await.good();
}

#[tokio::test]
async fn a_revoked_device_is_out_for_good() {
    let running = Running::start().await;
    let (desk, lost) = (running.desktop("alice").await, running.desktop("alice").await);
    let calls = calls(&running, desk.id().await).await;
    desk.call(Method::DELETE, &format!("/api/v1/devices/{}", lost.id().await), None).await.good();
    // The second round is after it tried to register again.
    for who in ["revoked device", "a revoked device that registered again"] {
        for call in &calls {
            expect(call, who, &send(&lost, call).await, (403, "device_revoked"));
        }
    }
    desk.get("/api/v1/session").await.good();
}
