//! Back-channel logout.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::desktop::{Answer, Desktop};
use crate::events::Stream;
use crate::issuer::now;
use crate::running::Running;

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
const CHANGES: &str = "/api/v1/changes";

fn claims(running: &Running, events: Value) -> Value {
    json!({
        "iss": running.issuer.name(), "aud": "courrier-desktop", "iat": now(), "exp": now() + 120, "jti": "1",
        "sub": "alice", "sid": "session of alice", "events": events,
    })
}

async fn post(running: &Running, token: &str) -> Answer {
    let request = reqwest::Client::new().post(format!("{}/oidc/backchannel-logout", running.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    Answer::read(request.body(format!("logout_token={token}")).send().await.unwrap()).await
}

#[tokio::test]
async fn offline_access_ends_when_the_issuer_says_so() {
    let running = Running::start().await;
    let (alice, bruno) = (running.desktop("alice").await, running.desktop("bruno").await);
    let mut stream = Stream::open(&alice).await;
    let token =
        running.issuer.key.sign("logout+jwt", &claims(&running, json!({LOGOUT: {}, "revoke_offline_access": true})));
    let answer = post(&running, &token).await;
    assert_eq!((answer.status, &answer.headers["cache-control"]), (StatusCode::OK, &"no-store".parse().unwrap()));
    assert_eq!(stream.next().await.unwrap()["type"], "ended");
    assert_eq!(stream.next().await, None);
    assert_eq!(alice.get(CHANGES).await.refusal(), (401, "token_invalid"));
    bruno.get(CHANGES).await.good();
    // A refreshed token of the same session does not bring it back; a new sign-in does.
    let refreshed = running.issuer.token("alice");
    let alice = alice.with_token(refreshed);
    assert_eq!(alice.get(CHANGES).await.refusal(), (401, "token_invalid"));
    let again = json!({"sid": "a new session", "auth_time": now() + 2, "iat": now() + 2});
    let alice = alice.with_token(running.issuer.token_with("alice", again));
    alice.get(CHANGES).await.good();
    alice.get(CHANGES).await.good();
}

#[tokio::test]
async fn a_browsers_session_is_nothing_to_us() {
    let running = Running::start().await;
    let alice = running.desktop("alice").await;
    let token = running.issuer.key.sign("logout+jwt", &claims(&running, json!({LOGOUT: {}})));
    assert_eq!(post(&running, &token).await.status, StatusCode::OK);
    alice.get(CHANGES).await.good();
}

#[tokio::test]
async fn only_the_issuers_logout_tokens_are_heard() {
    let running = Running::start().await;
    let alice = running.desktop("alice").await;
    let good = claims(&running, json!({LOGOUT: {}, "revoke_offline_access": true}));
    let mut others = good.clone();
    others["aud"] = json!("courrier-mail");
    let forger = crate::issuer::Key::new(jsonwebtoken::Algorithm::ES256, "first");
    for token in [
        forger.sign("logout+jwt", &good),
        running.issuer.key.sign("logout+jwt", &others),
        running.issuer.token("alice"),
        String::new(),
    ] {
        assert_eq!(post(&running, &token).await.refusal(), (400, "invalid"));
    }
    alice.get(CHANGES).await.good();
    // A logout token opens nothing.
    let token = running.issuer.key.sign("logout+jwt", &good);
    assert_eq!(Desktop::new(&running.url, token).get(CHANGES).await.refusal(), (401, "token_invalid"));
}
