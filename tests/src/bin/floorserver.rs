//! `floorserver ISSUER AUDIENCE DATABASE`: the least that a request to our server has to cost.
//!
//! Verifies the same token and the same proof of possession, runs one SELECT for the person, and answers. It does not
//! remember proofs, limit rates, keep anything or look at devices. DATABASE is a file of SQLite or an address of
//! PostgreSQL with our server's tables. Prints its address once it serves.

// A measuring instrument: it stops at the first surprise, and prints.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio_postgres::NoTls;

/// Connections to PostgreSQL; our server's default is in the same region.
const CONNECTIONS: usize = 8;

#[derive(Deserialize)]
struct TokenClaims {
    iss: String,
    sub: String,
    cnf: Confirmation,
}

#[derive(Deserialize)]
struct Confirmation {
    jkt: String,
}

#[derive(Deserialize)]
struct ProofClaims {
    htm: String,
    htu: String,
    ath: String,
    #[expect(dead_code, reason = "must be there; nobody here remembers it")]
    jti: String,
}

struct Floor {
    keys: JwkSet,
    token: Validation,
    proof: Validation,
    address: String,
    database: Database,
}

enum Database {
    Sqlite(Mutex<rusqlite::Connection>),
    Postgres(Vec<(tokio_postgres::Client, tokio_postgres::Statement)>, AtomicUsize),
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, audience, database] = &arguments[..] else { panic!("usage: floorserver ISSUER AUDIENCE DATABASE") };
    let metadata: serde_json::Value = get(&format!("{issuer}/.well-known/openid-configuration"));
    let keys: JwkSet = serde_json::from_value(get(metadata["jwks_uri"].as_str().expect("jwks_uri"))).expect("keys");
    let mut token = Validation::new(Algorithm::RS256);
    token.set_issuer(&[issuer]);
    token.set_audience(&[audience]);
    let mut proof = Validation::new(Algorithm::ES256);
    proof.required_spec_claims.clear();
    proof.validate_exp = false;
    proof.validate_aud = false;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    println!("{address}");
    let floor: &'static Floor =
        Box::leak(Box::new(Floor { keys, token, proof, address, database: Database::open(database).await }));
    let app = axum::Router::new().fallback(answer).with_state(floor);
    axum::serve(listener, app).await.expect("it serves");
}

fn get(address: &str) -> serde_json::Value {
    let text = ureq::get(address).call().expect("an answer").body_mut().read_to_string().expect("a text");
    serde_json::from_str(&text).expect("a document")
}

async fn answer(State(floor): State<&'static Floor>, uri: Uri, headers: HeaderMap) -> (StatusCode, String) {
    match floor.subject(&uri, &headers) {
        Some((issuer, subject)) => (StatusCode::OK, floor.database.revision(&issuer, &subject).await.to_string()),
        None => (StatusCode::UNAUTHORIZED, String::new()),
    }
}

impl Floor {
    /// Issuer and subject, if token and proof are good.
    fn subject(&self, uri: &Uri, headers: &HeaderMap) -> Option<(String, String)> {
        let token = headers.get("authorization")?.to_str().ok()?.strip_prefix("DPoP ")?;
        let key = self.keys.find(&decode_header(token).ok()?.kid?)?;
        let claims: TokenClaims = decode(token, &DecodingKey::from_jwk(key).ok()?, &self.token).ok()?.claims;
        let proof = headers.get("dpop")?.to_str().ok()?;
        let key = decode_header(proof).ok()?.jwk?;
        let said: ProofClaims = decode(proof, &DecodingKey::from_jwk(&key).ok()?, &self.proof).ok()?.claims;
        let fits = said.htm == "GET"
            && said.htu == format!("{}{}", self.address, uri.path())
            && said.ath == URL_SAFE_NO_PAD.encode(Sha256::digest(token))
            && key
                .thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256)
                .is_ok_and(|thumbprint| claims.cnf.jkt == thumbprint);
        fits.then_some((claims.iss, claims.sub))
    }
}

impl Database {
    async fn open(place: &str) -> Self {
        if !place.starts_with("postgres:") {
            let connection = rusqlite::Connection::open(place).expect("a database");
            return Self::Sqlite(Mutex::new(connection));
        }
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(place, NoTls).await.expect("a connection");
            tokio::spawn(connection);
            let select = "SELECT revision FROM person WHERE issuer = $1 AND subject = $2";
            let statement = client.prepare(select).await.expect("a statement");
            clients.push((client, statement));
        }
        Self::Postgres(clients, AtomicUsize::new(0))
    }

    async fn revision(&self, issuer: &str, subject: &str) -> i64 {
        match self {
            Self::Sqlite(connection) => connection
                .lock()
                .expect("nobody panicked")
                .prepare_cached("SELECT revision FROM person WHERE issuer = ?1 AND subject = ?2")
                .and_then(|mut select| select.query_row([issuer, subject], |row| row.get(0)))
                .expect("the person is there"),
            Self::Postgres(clients, next) => {
                let (client, select) = &clients[next.fetch_add(1, Ordering::Relaxed) % clients.len()];
                client.query_one(select, &[&issuer, &subject]).await.expect("the person is there").get(0)
            }
        }
    }
}
