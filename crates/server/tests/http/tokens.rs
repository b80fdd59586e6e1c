//! Which access tokens are taken.

use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::StatusCode;
use serde_json::json;

use crate::desktop::Desktop;
use crate::issuer::{Key, base64, now};
use crate::running::Running;

const SESSION: &str = "/api/v1/session";

async fn refusal(running: &Running, token: String) -> (u16, String) {
    let answer = Desktop::new(&running.url, token).get(SESSION).await;
    let (status, code) = answer.refusal();
    (status, code.to_owned())
}

fn invalid() -> (u16, String) {
    (401, "token_invalid".to_owned())
}

#[tokio::test]
async fn a_person_is_known_at_first_sight() {
    let running = Running::start().await;
    let session = running.stranger("alice").get(SESSION).await.good();
    assert_eq!(session["user"]["subject"], "alice");
    assert_eq!(session["user"]["issuer"], running.issuer.name());
    assert_eq!(session["user"]["email"], "alice@example.test");
    assert_eq!(session["user"]["admin"], false);
    assert!(session["device"].is_null());
    let again = running.stranger("alice").get(SESSION).await.good();
    assert_eq!(again["user"]["id"], session["user"]["id"]);
    let other = running.stranger("bruno").get(SESSION).await.good();
    assert_ne!(other["user"]["id"], session["user"]["id"]);
}

#[tokio::test]
async fn all_four_algorithms_are_taken() {
    let running = Running::start().await;
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA] {
        let key = Key::new(algorithm, &format!("{algorithm:?}"));
        running.issuer.add(&key);
        let token = key.sign("JWT", &running.issuer.claims("alice"));
        let answer = Desktop::new(&running.url, token).get(SESSION).await;
        assert_eq!(answer.status, StatusCode::OK, "{algorithm:?} {answer:?}");
    }
}

#[tokio::test]
async fn tokens_that_are_not_for_this_server_are_refused() {
    let running = Running::start().await;
    for changes in [
        json!({"exp": now() - 60}),
        json!({"exp": null}),
        json!({"nbf": now() + 120}),
        json!({"aud": "mail", "azp": "courrier-mail"}),
        json!({"aud": "mail"}),
        json!({"azp": "courrier-mail"}),
        json!({"iss": "http://127.0.0.1:1/realms/test"}),
        json!({"typ": "ID"}),
        json!({"typ": "Refresh"}),
        json!({"sub": null}),
    ] {
        let token = running.issuer.token_with("alice", changes.clone());
        assert_eq!(refusal(&running, token).await, invalid(), "{changes}");
    }
}

#[tokio::test]
async fn tokens_that_the_issuer_did_not_sign_are_refused() {
    let running = Running::start().await;
    let claims = running.issuer.claims("alice");
    let good = running.issuer.token("alice");
    let (message, signature) = good.rsplit_once('.').unwrap();
    let payload = base64(claims.to_string());
    let unsigned = base64(json!({"alg": "none", "typ": "JWT"}).to_string());
    // The classic: the public key, which everybody has, as the secret of a symmetric algorithm.
    let confused = Key {
        algorithm: Algorithm::HS256,
        id: "first".to_owned(),
        private: EncodingKey::from_secret(running.issuer.key.public["x"].as_str().unwrap().as_bytes()),
        public: json!({}),
    };
    for token in [
        format!("{unsigned}.{payload}."),
        format!("{unsigned}.{payload}.{signature}"),
        confused.sign("JWT", &claims),
        Key::new(Algorithm::ES256, "first").sign("JWT", &claims),
        Key::new(Algorithm::ES256, "another").sign("JWT", &claims),
        format!("{message}."),
        message.to_owned(),
        format!("{}.{}.{signature}", message.split_once('.').unwrap().0, base64("{}")),
        running.issuer.key.sign_with_header(&json!({"alg": "ES256", "kid": "first", "crit": ["exp"]}), &claims),
        "not.a.token".to_owned(),
        "x".repeat(20_000),
    ] {
        assert_eq!(refusal(&running, token.clone()).await, invalid(), "{token}");
    }
}

#[tokio::test]
async fn without_a_token_the_answer_says_what_is_wanted() {
    let running = Running::start().await;
    let response = reqwest::get(format!("{}{SESSION}", running.url)).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("DPoP ") && challenge.contains("invalid_token"), "{challenge}");
    assert!(response.headers().contains_key("dpop-nonce"));
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_made_up_ones_are_not_asked_for_forever() {
    let running = Running::start().await;
    running.desktop("alice").await;
    let before = running.issuer.fetched();
    let rotated = Key::new(Algorithm::ES256, "second");
    running.issuer.add(&rotated);
    let token = rotated.sign("JWT", &running.issuer.claims("alice"));
    let waiting = (0..8).map(|_| refusal(&running, token.clone()));
    for answer in futures_util::future::join_all(waiting).await {
        assert_eq!(answer, (200, "none".to_owned()));
    }
    assert_eq!(running.issuer.fetched(), before + 1, "one asked for all");
    for number in 0..20 {
        let made_up = Key::new(Algorithm::ES256, &format!("made up {number}"));
        assert_eq!(refusal(&running, made_up.sign("JWT", &running.issuer.claims("alice"))).await, invalid());
    }
    assert!(running.issuer.fetched() <= before + 4, "asked {} times", running.issuer.fetched() - before);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_said_to_be() {
    let running = Running::with(|settings| settings.issuer = Some("http://127.0.0.1:1/realms/test".to_owned())).await;
    let claims = json!({"iss": "http://127.0.0.1:1/realms/test"});
    let answer = Desktop::new(&running.url, running.issuer.token_with("alice", claims)).get(SESSION).await;
    assert_eq!(answer.refusal(), (503, "unavailable"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn an_issuer_by_rfc_9068_works_the_same() {
    let running = Running::with(|settings| {
        settings.issuer_profile = Some("rfc9068".to_owned());
        settings.audience = Some("https://courrier.example.test/api".to_owned());
    })
    .await;
    let mut claims = running.issuer.claims("alice");
    claims["aud"] = json!("https://courrier.example.test/api");
    claims["client_id"] = json!("courrier-desktop");
    for absent in ["azp", "typ", "realm_access", "auth_time", "sid"] {
        claims.as_object_mut().unwrap().remove(absent);
    }
    let token = running.issuer.key.sign("at+jwt", &claims);
    let desktop = Desktop::new(&running.url, token).registered().await;
    desktop.get("/api/v1/changes").await.good();
    assert_eq!(refusal(&running, running.issuer.key.sign("JWT", &claims)).await, invalid());
}
