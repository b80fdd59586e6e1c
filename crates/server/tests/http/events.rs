//! Event streams: what they tell, and when they end.

use std::time::Duration;

use courrier_model::{MutationId, RecordId};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::desktop::Desktop;
use crate::issuer::now;
use crate::running::Running;

/// How long anything may take on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    pub async fn open(desktop: &Desktop) -> Self {
        let response = desktop.response(Method::GET, "/api/v1/events", None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { response, text: String::new() };
        assert_eq!(stream.next().await.unwrap()["type"], "revision", "the first says where things stand");
        stream
    }

    /// The next event, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Value> {
        timeout(PATIENCE, async {
            loop {
                if let Some((event, rest)) = self.text.split_once("\n\n") {
                    let event = event.to_owned();
                    self.text = rest.to_owned();
                    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                    let name = event.lines().find_map(|line| line.strip_prefix("event: "));
                    if let Some(data) = data {
                        let data: Value = serde_json::from_str(data).unwrap();
                        assert_eq!(data["type"], name.unwrap());
                        return Some(data);
                    }
                    continue;
                }
                let chunk = self.response.chunk().await.unwrap()?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        })
        .await
        .expect("something happens in time")
    }
}

async fn set_theme(desktop: &Desktop) -> Value {
    let write = json!({
        "mutation_id": MutationId::random(), "id": RecordId::PREFERENCES, "kind": "preferences", "body": {"theme": "dark"},
    });
    desktop.post("/api/v1/changes", json!({"cursor": 0, "writes": [write]})).await.good()
}

#[tokio::test]
async fn a_write_is_told_to_the_persons_devices_alone() {
    let running = Running::start().await;
    let (desk, laptop) = (running.desktop("alice").await, running.desktop("alice").await);
    let stranger = running.desktop("bruno").await;
    let mut hers = Stream::open(&laptop).await;
    let mut his = Stream::open(&stranger).await;
    let answer = set_theme(&desk).await;
    let event = hers.next().await.unwrap();
    assert_eq!((&event["type"], &event["revision"]), (&json!("revision"), &answer["revision"]));
    let own = set_theme(&stranger).await;
    assert_eq!(his.next().await.unwrap()["revision"], own["revision"], "he hears of his own write first");
}

#[tokio::test]
async fn a_new_device_is_announced_to_the_others() {
    let running = Running::start().await;
    let desk = running.desktop("alice").await;
    let mut stream = Stream::open(&desk).await;
    let laptop = running.desktop("alice").await;
    let event = stream.next().await.unwrap();
    assert_eq!((&event["type"], &event["registered"]), (&json!("devices"), &json!(laptop.id().await)));
}

#[tokio::test]
async fn a_revoked_devices_streams_end() {
    let running = Running::start().await;
    let (desk, laptop) = (running.desktop("alice").await, running.desktop("alice").await);
    let mut first = Stream::open(&laptop).await;
    let mut second = Stream::open(&laptop).await;
    let mut other = Stream::open(&desk).await;
    desk.call(Method::DELETE, &format!("/api/v1/devices/{}", laptop.id().await), None).await.good();
    for stream in [&mut first, &mut second] {
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        assert_eq!(last.expect("a last word")["type"], "ended");
    }
    assert_eq!(other.next().await.unwrap()["type"], "devices", "the others go on");
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let desktop = desktop.with_token(running.issuer.token_with("alice", json!({"exp": now() + 2})));
    let mut stream = Stream::open(&desktop).await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn stopping_ends_streams_and_finishes() {
    let mut running = Running::start().await;
    let desktop = running.desktop("alice").await;
    let mut stream = Stream::open(&desktop).await;
    let stopped = running.stop();
    assert_eq!(stream.next().await, None);
    timeout(PATIENCE, stopped).await.expect("it stops").unwrap();
    assert!(desktop.client.get(format!("{}/healthz", running.url)).send().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn one_person_has_so_many_streams() {
    let running = Running::with(|settings| settings.user_streams = Some(2)).await;
    let desktop = running.desktop("alice").await;
    let streams = (Stream::open(&desktop).await, Stream::open(&desktop).await);
    assert_eq!(desktop.get("/api/v1/events").await.refusal(), (429, "rate_limited"));
    let other = running.desktop("bruno").await;
    Stream::open(&other).await;
    drop(streams);
    // The server notices that they were closed when it next looks at the connections.
    let again = async {
        while desktop.response(Method::GET, "/api/v1/events", None).await.status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again).await.expect("there is room again");
}
