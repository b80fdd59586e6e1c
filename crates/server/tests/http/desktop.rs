//! A desktop's half of the protocol, and every way to get it wrong.

use std::sync::Mutex;

use courrier_model::DeviceId;
use jsonwebtoken::Algorithm;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::issuer::{Key, base64, now};

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// The status and the error code.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or("none"))
    }

    #[track_caller]
    pub fn good(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }
}

/// What signs a request, each part changeable.
pub struct Proof {
    pub header: Value,
    pub claims: Value,
}

pub struct Desktop {
    pub url: String,
    pub token: String,
    pub scheme: &'static str,
    pub key: Key,
    pub client: reqwest::Client,
    nonce: Mutex<Option<String>>,
}

impl Desktop {
    pub fn new(url: &str, token: String) -> Self {
        Self {
            url: url.to_owned(),
            token,
            scheme: "Bearer",
            key: Key::new(Algorithm::ES256, "device"),
            client: reqwest::Client::new(),
            nonce: Mutex::new(None),
        }
    }

    /// The same computer with another token.
    pub fn with_token(self, token: String) -> Self {
        Self { token, ..self }
    }

    pub async fn registered(self) -> Self {
        let answer = self.post("/api/v1/devices", json!({"name": "Desk", "platform": "linux"})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Calls as a good desktop does: with the last nonce, and again if the server wants another.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        Answer::read(self.response(method, path, body).await).await
    }

    /// The same without reading the body.
    pub async fn response(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Response {
        self.nonce().await;
        let proof = self.proof(&method, path);
        let request = self.request(method, path, body).header("dpop", self.sign(&proof));
        let response = request.send().await.unwrap();
        self.remember(&response);
        response
    }

    /// A request with the token and without a proof.
    pub fn request(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = request.header("authorization", format!("{} {}", self.scheme, self.token));
        match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    /// Sends a request with this proof, whatever it is.
    pub async fn call_with(&self, method: Method, path: &str, proof: &str) -> Answer {
        let response = self.request(method, path, None).header("dpop", proof).send().await.unwrap();
        self.remember(&response);
        Answer::read(response).await
    }

    /// The server's present nonce.
    pub async fn nonce(&self) -> String {
        if let Some(nonce) = self.nonce.lock().unwrap().clone() {
            return nonce;
        }
        let response = self.client.get(format!("{}/api/v1/session", self.url)).send().await.unwrap();
        self.remember(&response);
        self.nonce.lock().unwrap().clone().expect("every answer has a nonce")
    }

    fn remember(&self, response: &reqwest::Response) {
        if let Some(nonce) = response.headers().get("dpop-nonce") {
            *self.nonce.lock().unwrap() = Some(nonce.to_str().unwrap().to_owned());
        }
    }

    /// A good proof.
    pub fn proof(&self, method: &Method, path: &str) -> Proof {
        let mut jwk = self.key.public.clone();
        for member in ["kid", "use"] {
            jwk.as_object_mut().unwrap().remove(member);
        }
        let path = path.split('?').next().unwrap();
        Proof {
            header: json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}),
            claims: json!({
                "jti": courrier_model::MutationId::random().to_string(), "htm": method.as_str(),
                "htu": format!("{}{path}", self.url), "iat": now(), "ath": base64(sha256(&self.token)),
                "nonce": *self.nonce.lock().unwrap(),
            }),
        }
    }

    pub fn sign(&self, proof: &Proof) -> String {
        self.key.sign_with_header(&proof.header, &proof.claims)
    }

    /// The key's thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let key = &self.key.public;
        base64(sha256(&format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"])))
    }

    /// The registered device's id.
    pub async fn id(&self) -> DeviceId {
        let session = self.get("/api/v1/session").await.good();
        session["device"]["id"].as_str().expect("registered").parse().unwrap()
    }
}

fn sha256(text: &str) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref().to_vec()
}
