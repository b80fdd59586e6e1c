//! An OpenID Connect issuer as small as can be: metadata and keys over HTTP, and tokens with any content.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub const AUDIENCE: &str = "courrier-api";
pub const CLIENT: &str = "courrier-desktop";

/// A signing key and its public half.
pub struct Key {
    pub algorithm: Algorithm,
    pub id: String,
    pub private: EncodingKey,
    pub public: Value,
}

impl Key {
    pub fn new(algorithm: Algorithm, id: &str) -> Self {
        let random = SystemRandom::new();
        let (private, mut public) = match algorithm {
            Algorithm::ES256 => {
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
                let point = pair.public_key().as_ref();
                let public =
                    json!({"kty": "EC", "crv": "P-256", "x": base64(&point[1..33]), "y": base64(&point[33..])});
                (EncodingKey::from_ec_der(pkcs8.as_ref()), public)
            }
            Algorithm::EdDSA => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
                let public = json!({"kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key().as_ref())});
                (EncodingKey::from_ed_der(pkcs8.as_ref()), public)
            }
            Algorithm::RS256 | Algorithm::PS256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let public = pair.public_key();
                let (n, e) = (public.modulus().big_endian_without_leading_zero(), public.exponent());
                let public = json!({"kty": "RSA", "n": base64(n), "e": base64(e.big_endian_without_leading_zero())});
                let pkcs8 = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
                // PKCS #1, which is wanted here, stands behind 26 bytes of PKCS #8 (RFC 5208) at this key size.
                (EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..]), public)
            }
            other => panic!("no key for {other:?}"),
        };
        public["use"] = json!("sig");
        public["kid"] = json!(id);
        Self { algorithm, id: id.to_owned(), private, public }
    }

    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let alg = serde_json::to_value(self.algorithm).unwrap();
        self.sign_with_header(&json!({"alg": alg, "typ": typ, "kid": self.id}), claims)
    }

    pub fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

struct Published {
    name: String,
    keys: Mutex<Vec<Value>>,
    fetched: AtomicUsize,
}

/// The issuer; ends with the test.
pub struct Issuer {
    published: Arc<Published>,
    pub key: Key,
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let name = format!("http://{}/realms/test", listener.local_addr().unwrap());
        let key = Key::new(Algorithm::ES256, "first");
        let published =
            Arc::new(Published { name, keys: Mutex::new(vec![key.public.clone()]), fetched: AtomicUsize::new(0) });
        let router = Router::new()
            .route("/realms/test/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&published));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { published, key }
    }

    pub fn name(&self) -> &str {
        &self.published.name
    }

    /// Publishes another key beside the others.
    pub fn add(&self, key: &Key) {
        self.published.keys.lock().unwrap().push(key.public.clone());
    }

    /// How often the keys were asked for.
    pub fn fetched(&self) -> usize {
        self.published.fetched.load(Ordering::SeqCst)
    }

    /// The claims of a good access token, as Keycloak makes them.
    pub fn claims(&self, subject: &str) -> Value {
        let now = now();
        json!({
            "iss": self.name(), "sub": subject, "aud": AUDIENCE, "azp": CLIENT, "typ": "Bearer",
            "iat": now, "exp": now + 300, "auth_time": now - 5, "sid": format!("session of {subject}"),
            "email": format!("{subject}@example.test"), "name": format!("The person {subject}"),
            "realm_access": {"roles": ["courrier-user"]},
        })
    }

    /// A good access token.
    pub fn token(&self, subject: &str) -> String {
        self.key.sign("JWT", &self.claims(subject))
    }

    /// A token with some claims changed; `null` takes one away.
    pub fn token_with(&self, subject: &str, changes: Value) -> String {
        let mut claims = self.claims(subject);
        for (claim, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(claim);
            } else {
                claims[claim] = value.clone();
            }
        }
        self.key.sign("JWT", &claims)
    }
}

pub fn now() -> i64 {
    courrier_server::clock::system().as_second()
}

async fn metadata(State(published): State<Arc<Published>>) -> Json<Value> {
    let (origin, _) = published.name.rsplit_once("/realms").unwrap();
    Json(json!({"issuer": published.name, "jwks_uri": format!("{origin}/keys")}))
}

async fn keys(State(published): State<Arc<Published>>) -> Json<Value> {
    published.fetched.fetch_add(1, Ordering::SeqCst);
    Json(json!({"keys": *published.keys.lock().unwrap()}))
}
