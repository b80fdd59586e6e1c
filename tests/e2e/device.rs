//! A registered device, as the server's protocol describes it, made without our own client.

use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use courrier_tests::Key;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use ureq::http::Request;
use uuid::Uuid;

/// How long anything may take on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// One computer of somebody who is signed in.
pub(crate) struct Device {
    pub(crate) key: Key,
    url: String,
    scheme: &'static str,
    token: String,
    agent: ureq::Agent,
    nonce: RefCell<Option<String>>,
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or("none"))
    }

    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }
}

impl Device {
    /// With a token that anybody could use.
    pub(crate) fn new(url: &str, token: &str) -> Self {
        Self::with_key(Key::new(), "Bearer", url, token)
    }

    /// With a token that is bound to the key.
    pub(crate) fn bound(key: Key, url: &str, token: &str) -> Self {
        Self::with_key(key, "DPoP", url, token)
    }

    fn with_key(key: Key, scheme: &'static str, url: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let (url, token) = (url.to_owned(), token.to_owned());
        Self { key, url, scheme, token, agent: config.into(), nonce: RefCell::default() }
    }

    pub(crate) fn registered(self) -> Self {
        let answer = self.post("/api/v1/devices", &json!({"name": "Desk", "platform": "linux"}));
        assert_eq!(answer.status, 201, "{answer:?}");
        self
    }

    /// The same computer with another token.
    pub(crate) fn with_token(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// The same computer at another copy of the server.
    pub(crate) fn at(self, url: &str) -> Self {
        Self { url: url.to_owned(), nonce: RefCell::default(), ..self }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body))
    }

    /// The registered device's id.
    pub(crate) fn id(&self) -> String {
        let session = self.get("/api/v1/session").good();
        session["device"]["id"].as_str().expect("registered").to_owned()
    }

    /// Calls, and once again where the server wants its nonce in the proof.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut answer = self.send(method, path, body);
        if answer.0 == 401 {
            answer = self.send(method, path, body);
        }
        let (status, mut response) = answer;
        let text = response.read_to_string().expect("the answer is read");
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Listens to the events.
    pub(crate) fn listen(&self) -> Events {
        self.id();
        let (status, body) = self.send("GET", "/api/v1/events", None);
        assert_eq!(status, 200);
        let (told, events) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(body.into_reader()).lines() {
                let Ok(line) = line else { return };
                let event = line.strip_prefix("data: ").map(|data| serde_json::from_str::<Value>(data).expect("JSON"));
                if event.is_some_and(|event| told.send(event).is_err()) {
                    return;
                }
            }
        });
        let events = Events(events);
        assert_eq!(events.next().expect("it begins")["type"], "revision");
        events
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, ureq::Body) {
        let address = format!("{}{path}", self.url);
        let proof = self.key.sign(&json!({
            "jti": Uuid::new_v4(), "htm": method, "htu": address.split('?').next(),
            "iat": OffsetDateTime::now_utc().unix_timestamp(),
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(&self.token)), "nonce": *self.nonce.borrow(),
        }));
        let request = Request::builder()
            .method(method)
            .uri(&address)
            .header("authorization", format!("{} {}", self.scheme, self.token))
            .header("dpop", proof);
        let answer = match body {
            Some(body) => self
                .agent
                .run(request.header("content-type", "application/json").body(body.to_string()).expect("built")),
            None => self.agent.run(request.body(()).expect("built")),
        };
        let answer = answer.unwrap_or_else(|error| panic!("{method} {address}: {error}"));
        if let Some(nonce) = answer.headers().get("dpop-nonce") {
            *self.nonce.borrow_mut() = Some(nonce.to_str().expect("a text").to_owned());
        }
        let (parts, body) = answer.into_parts();
        (parts.status.as_u16(), body)
    }
}

/// An open event stream.
pub(crate) struct Events(Receiver<Value>);

impl Events {
    /// The next event, or `None` at the end of the stream.
    pub(crate) fn next(&self) -> Option<Value> {
        match self.0.recv_timeout(PATIENCE) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing was told for {PATIENCE:?}"),
        }
    }
}
