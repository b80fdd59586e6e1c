//! Which proofs are taken.

use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};

use crate::desktop::{Answer, Desktop, Proof};
use crate::issuer::{Key, now};
use crate::running::Running;

const CHANGES: &str = "/api/v1/changes";

async fn with(desktop: &Desktop, change: impl FnOnce(&mut Proof)) -> Answer {
    desktop.nonce().await;
    let mut proof = desktop.proof(&Method::GET, CHANGES);
    change(&mut proof);
    desktop.call_with(Method::GET, CHANGES, &desktop.sign(&proof)).await
}

#[tokio::test]
async fn a_token_alone_reaches_nothing() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let answer = Answer::read(desktop.request(Method::GET, CHANGES, None).send().await.unwrap()).await;
    assert_eq!(answer.refusal(), (401, "proof_invalid"));
    // A thief has the token, and a key of their own.
    let thief = Desktop::new(&running.url, desktop.token.clone());
    assert_eq!(thief.get(CHANGES).await.refusal(), (403, "device_unknown"));
}

#[tokio::test]
async fn each_part_of_a_proof_counts() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    type Change = fn(&mut Proof);
    let wrong: [(&str, Change); 15] = [
        ("another type", |p| p.header["typ"] = json!("JWT")),
        ("another algorithm", |p| p.header["alg"] = json!("ES384")),
        ("no algorithm", |p| p.header["alg"] = json!("none")),
        ("the private key", |p| p.header["jwk"]["d"] = json!("AAAA")),
        ("no key", |p| p.header["jwk"] = Value::Null),
        ("another key", |p| p.header["jwk"] = Key::new(Algorithm::ES256, "x").public),
        ("not a point", |p| p.header["jwk"]["x"] = json!("AAAA")),
        ("another method", |p| p.claims["htm"] = json!("POST")),
        ("another path", |p| p.claims["htu"] = json!("http://127.0.0.1/api/v1/session")),
        ("another server", |p| p.claims["htu"] = json!("https://courrier.example.test/api/v1/changes")),
        ("another token", |p| p.claims["ath"] = json!("AAAA")),
        ("no token", |p| p.claims["ath"] = Value::Null),
        ("no id", |p| p.claims["jti"] = json!("")),
        ("a long id", |p| p.claims["jti"] = json!("x".repeat(200))),
        ("no time", |p| p.claims["iat"] = Value::Null),
    ];
    for (what, change) in wrong {
        assert_eq!(with(&desktop, change).await.refusal(), (401, "proof_invalid"), "{what}");
    }
    with(&desktop, |_| ()).await.good();
}

#[tokio::test]
async fn a_wrong_clock_does_no_harm() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    for years in [-30, 30] {
        with(&desktop, |proof| proof.claims["iat"] = json!(now() + years * 365 * 86_400)).await.good();
    }
}

#[tokio::test]
async fn a_nonce_of_this_server_is_wanted_and_given() {
    let running = Running::start().await;
    let other = Running::start().await;
    let foreign = other.stranger("alice").nonce().await;
    let desktop = running.desktop("alice").await;
    for nonce in [Value::Null, json!("made up"), json!(foreign)] {
        let answer = with(&desktop, |proof| proof.claims["nonce"] = nonce.clone()).await;
        assert_eq!(answer.refusal(), (401, "use_dpop_nonce"), "{nonce}");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("use_dpop_nonce"), "{challenge}");
        with(&desktop, |proof| proof.claims["nonce"] = json!(answer.headers["dpop-nonce"].to_str().unwrap()))
            .await
            .good();
    }
}

#[tokio::test]
async fn a_proof_works_once() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let proof = desktop.sign(&desktop.proof(&Method::GET, CHANGES));
    desktop.call_with(Method::GET, CHANGES, &proof).await.good();
    assert_eq!(desktop.call_with(Method::GET, CHANGES, &proof).await.refusal(), (401, "proof_invalid"));
    // Nor does the same id in a new signature.
    let mut first = desktop.proof(&Method::GET, CHANGES);
    desktop.call_with(Method::GET, CHANGES, &desktop.sign(&first)).await.good();
    first.claims["iat"] = json!(now() + 1);
    assert_eq!(desktop.call_with(Method::GET, CHANGES, &desktop.sign(&first)).await.refusal(), (401, "proof_invalid"));
}

#[tokio::test]
async fn two_proofs_are_none() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let proof = || desktop.sign(&desktop.proof(&Method::GET, CHANGES));
    let request = desktop.request(Method::GET, CHANGES, None).header("dpop", proof()).header("dpop", proof());
    assert_eq!(Answer::read(request.send().await.unwrap()).await.refusal(), (401, "proof_invalid"));
}

#[tokio::test]
async fn a_bound_token_is_taken_with_its_key_alone() {
    let running = Running::start().await;
    let mut desktop = running.stranger("alice");
    let bound = json!({"typ": "DPoP", "cnf": {"jkt": desktop.thumbprint()}});
    desktop.token = running.issuer.token_with("alice", bound);
    desktop.scheme = "DPoP";
    let mut desktop = desktop.registered().await;
    desktop.get(CHANGES).await.good();
    // As a bearer token it would not need its key (RFC 9449 section 7.2).
    desktop.scheme = "Bearer";
    assert_eq!(desktop.get(CHANGES).await.refusal(), (401, "token_invalid"));
    let mut thief = Desktop::new(&running.url, desktop.token.clone());
    thief.scheme = "DPoP";
    assert_eq!(thief.get(CHANGES).await.refusal(), (401, "proof_invalid"));
    // An unbound token is no bound one.
    let mut unbound = running.stranger("alice");
    unbound.scheme = "DPoP";
    assert_eq!(unbound.get(CHANGES).await.refusal(), (401, "token_invalid"));
}

#[tokio::test]
async fn behind_a_proxy_the_public_address_is_signed() {
    let running =
        Running::with(|settings| settings.public_url = Some("https://courrier.example.test/".to_owned())).await;
    let desktop = running.stranger("alice");
    desktop.nonce().await;
    let mut proof = desktop.proof(&Method::GET, "/api/v1/session");
    assert_eq!(
        desktop.call_with(Method::GET, "/api/v1/session", &desktop.sign(&proof)).await.refusal(),
        (401, "proof_invalid")
    );
    proof.claims["htu"] = json!("https://courrier.example.test/api/v1/session");
    let answer = desktop.call_with(Method::GET, "/api/v1/session", &desktop.sign(&proof)).await;
    assert!(answer.headers.contains_key("strict-transport-security"));
    answer.good();
}
