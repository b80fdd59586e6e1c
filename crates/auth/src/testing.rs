//! An issuer on this computer for the tests of this crate: discovery, keys, and the token, revocation and device
//! endpoints as RFC 6749, 7009, 7636, 8628 and 9449 want them, strict about rotation as Keycloak is. What real issuers
//! do is proven end to end, elsewhere.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use courrier_model::Timestamp;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use oauth2::url::form_urlencoded;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use crate::{Client, Clock, DeviceKey, Http, Issuer, Page, Pages, Registration};

pub(crate) const CLIENT: &str = "courrier-desktop";
pub(crate) const ALICE: &str = "subject-of-alice";

/// A signing key with its id.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub(crate) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("generated");
        Self { kid: kid.into(), pair }
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let coordinate = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": coordinate(&point[1..33]), "y": coordinate(&point[33..]) })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid }), claims)
    }

    pub(crate) fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What the person consented to, by code.
#[derive(Clone)]
struct Consent {
    challenge: String,
    nonce: Option<String>,
}

/// What the tests change, and what they count.
pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) signer: Mutex<Signer>,
    /// What the key set shows, if not the signer's key.
    pub(crate) shown: Mutex<Option<Value>>,
    /// Claims that replace those of the next ID tokens.
    pub(crate) claims: Mutex<Value>,
    pub(crate) refresh_token: Mutex<Option<String>>,
    pub(crate) gives_refresh_token: Mutex<bool>,
    /// Status and `Retry-After` of every answer of the token endpoint.
    pub(crate) ailing: Mutex<Option<(u16, Option<u64>)>>,
    /// The body of every such answer.
    pub(crate) ailment: Mutex<String>,
    /// A refresh gives a new refresh token; only the new one works from then on.
    pub(crate) rotates: Mutex<bool>,
    /// `expires_in` and `scope` of tokens.
    pub(crate) expires_in: Mutex<u64>,
    pub(crate) scope: Mutex<Option<String>>,
    /// Members that the document has instead.
    pub(crate) document: Mutex<Value>,
    /// The document is that of plain OAuth (RFC 8414).
    pub(crate) plain: Mutex<bool>,
    /// What asked for a registration, and whether scopes are refused.
    pub(crate) registrations: Mutex<Vec<Value>>,
    pub(crate) refuses_scope: Mutex<bool>,
    /// The form of the last request to the token or revocation endpoint.
    pub(crate) form: Mutex<HashMap<String, String>>,
    /// The revocation endpoint knows nothing of any token, as Google says it.
    pub(crate) revokes_nothing: Mutex<bool>,
    pub(crate) nonce: Mutex<Option<String>>,
    /// One permit for each answer of the token endpoint.
    pub(crate) permits: Semaphore,
    pub(crate) asked: Semaphore,
    pub(crate) requests: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) discoveries: AtomicUsize,
    pub(crate) polls: Mutex<Vec<&'static str>>,
    consents: Mutex<HashMap<String, Consent>>,
}

pub(crate) struct TestIssuer {
    pub(crate) world: Arc<World>,
    _serving: AbortOnDropHandle<()>,
}

impl TestIssuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let base = format!("http://{}", listener.local_addr().expect("has one"));
        let world = Arc::new(World {
            base,
            signer: Mutex::new(Signer::new("k1")),
            shown: Mutex::default(),
            claims: Mutex::new(json!({})),
            refresh_token: Mutex::new(Some("refresh-0".into())),
            gives_refresh_token: Mutex::new(true),
            ailing: Mutex::default(),
            ailment: Mutex::new("{}".into()),
            rotates: Mutex::new(true),
            expires_in: Mutex::new(300),
            scope: Mutex::default(),
            document: Mutex::new(json!({})),
            plain: Mutex::new(false),
            registrations: Mutex::default(),
            refuses_scope: Mutex::new(false),
            form: Mutex::default(),
            revokes_nothing: Mutex::new(false),
            nonce: Mutex::default(),
            permits: Semaphore::new(1_000_000),
            asked: Semaphore::new(0),
            requests: AtomicUsize::new(0),
            refreshes: AtomicUsize::new(0),
            discoveries: AtomicUsize::new(0),
            polls: Mutex::default(),
            consents: Mutex::default(),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&world)));
        Self { world, _serving: AbortOnDropHandle::new(serving) }
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(None)
    }

    pub(crate) fn client_with(&self, key: Option<DeviceKey>) -> Client {
        let url = self.world.base.parse().expect("an issuer");
        let issuer = Issuer::new(http(), url);
        let scopes = vec!["offline_access".to_owned()];
        Client::new(issuer, Registration { client_id: CLIENT.into(), scopes, resource: None, kind: None }, key)
    }

    /// What the person's consent leads to: the query of the redirect.
    pub(crate) fn consent(&self, authorize_url: &oauth2::url::Url) -> String {
        let asked: HashMap<_, _> = authorize_url.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        let code = format!("code-{}", self.world.consents.lock().expect("free").len());
        let consent = Consent { challenge: asked["code_challenge"].clone(), nonce: asked.get("nonce").cloned() };
        self.world.consents.lock().expect("free").insert(code.clone(), consent);
        form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.world.base)
            .finish()
    }
}

pub(crate) fn http() -> Http {
    Http::new(Clock::new(now))
}

/// A computer whose clock is wrong by that many seconds.
pub(crate) fn http_off_by(seconds: Arc<AtomicI64>) -> Http {
    let shifted = move || Timestamp::from_second(now().as_second() + seconds.load(Ordering::SeqCst)).expect("in range");
    Http::new(Clock::new(shifted))
}

/// Tests on real sockets go by the real time.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn pages() -> Pages {
    let page = |title: &str| Page { language: "en".into(), title: title.into(), body: "Words.".into() };
    Pages { success: page("Signed in"), failure: page("Not signed in"), stray: page("Nothing here") }
}

async fn serve(listener: TcpListener, world: Arc<World>) {
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let world = Arc::clone(&world);
                async move { Ok::<_, Infallible>(world.answer(request).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl World {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let proof = request.headers().get("dpop").map(|proof| proof.to_str().expect("text").to_owned());
        let body = request.into_body().collect().await.expect("whole").to_bytes();
        let form: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
        let plain = *self.plain.lock().expect("free");
        match path.as_str() {
            "/.well-known/oauth-authorization-server" if plain => json_answer(200, &self.document()),
            "/.well-known/openid-configuration" if !plain => {
                self.discoveries.fetch_add(1, Ordering::SeqCst);
                json_answer(200, &self.document())
            }
            "/jwks" => {
                let shown = self.shown.lock().expect("free").clone();
                json_answer(200, &json!({ "keys": [shown.unwrap_or_else(|| self.signer.lock().expect("free").jwk())] }))
            }
            "/token" => {
                *self.form.lock().expect("free") = form.clone();
                self.token(&form, proof.as_deref()).await
            }
            "/register" => self.register(&body),
            "/revoke" if *self.revokes_nothing.lock().expect("free") => {
                json_answer(400, &json!({ "error": "invalid_token" }))
            }
            "/revoke" => {
                *self.form.lock().expect("free") = form.clone();
                let mut current = self.refresh_token.lock().expect("free");
                if current.as_deref() == form.get("token").map(String::as_str) {
                    *current = None;
                }
                json_answer(200, &json!({}))
            }
            "/device" => json_answer(
                200,
                &json!({ "device_code": "D", "user_code": "ABCD-EFGH", "expires_in": 60, "interval": 0,
                    "verification_uri": format!("{}/enter", self.base) }),
            ),
            _ => json_answer(404, &json!({})),
        }
    }

    fn document(&self) -> Value {
        let base = &self.base;
        let mut document = json!({
            "issuer": base, "authorization_endpoint": format!("{base}/authorize"), "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/jwks"), "revocation_endpoint": format!("{base}/revoke"),
            "device_authorization_endpoint": format!("{base}/device"), "end_session_endpoint": format!("{base}/logout"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"], "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        for (name, value) in self.document.lock().expect("free").as_object().expect("members") {
            document[name] = value.clone();
        }
        document
    }

    fn register(&self, body: &[u8]) -> Response<Full<Bytes>> {
        let metadata: Value = serde_json::from_slice(body).expect("JSON");
        let scoped = metadata.get("scope").is_some();
        self.registrations.lock().expect("free").push(metadata);
        if scoped && *self.refuses_scope.lock().expect("free") {
            return json_answer(400, &json!({ "error": "invalid_client_metadata" }));
        }
        json_answer(201, &json!({ "client_id": CLIENT, "token_endpoint_auth_method": "none", "client_secret": "x" }))
    }

    async fn token(&self, form: &HashMap<String, String>, proof: Option<&str>) -> Response<Full<Bytes>> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.asked.add_permits(1);
        self.permits.acquire().await.expect("open").forget();
        if let Some((status, retry_after)) = *self.ailing.lock().expect("free") {
            let body = Bytes::from(self.ailment.lock().expect("free").clone());
            let mut answer = Response::builder().status(status).body(Full::new(body)).expect("a response");
            if let Some(seconds) = retry_after {
                answer.headers_mut().insert("retry-after", seconds.into());
            }
            return answer;
        }
        if let (Some(nonce), Some(proof)) = (self.nonce.lock().expect("free").clone(), proof) {
            let claims = BASE64_URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).expect("claims")).expect("base64url");
            if serde_json::from_slice::<Value>(&claims).expect("JSON")["nonce"] != nonce.as_str() {
                let mut answer = json_answer(400, &json!({ "error": "use_dpop_nonce" }));
                answer.headers_mut().insert("dpop-nonce", nonce.parse().expect("a header"));
                return answer;
            }
        }
        let scheme = if proof.is_some() { "DPoP" } else { "Bearer" };
        match form["grant_type"].as_str() {
            "refresh_token" => self.refresh(form, scheme),
            "authorization_code" => {
                let consent = self.consents.lock().expect("free").remove(&form["code"]);
                let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
                match consent {
                    Some(consent) if consent.challenge == challenge => self.tokens(scheme, consent.nonce.as_deref()),
                    _ => json_answer(400, &json!({ "error": "invalid_grant" })),
                }
            }
            _ => match self.polls.lock().expect("free").pop() {
                Some(error) => json_answer(400, &json!({ "error": error })),
                None => self.tokens(scheme, None),
            },
        }
    }

    fn refresh(&self, form: &HashMap<String, String>, scheme: &str) -> Response<Full<Bytes>> {
        let mut current = self.refresh_token.lock().expect("free");
        if current.as_deref() != Some(form["refresh_token"].as_str()) {
            // Used twice: a thief, or so it looks. The session ends (RFC 9700 section 4.14.2).
            *current = None;
            return json_answer(400, &json!({ "error": "invalid_grant" }));
        }
        let count = self.refreshes.fetch_add(1, Ordering::SeqCst) + 1;
        let access = format!("access-{count}");
        let expires_in = *self.expires_in.lock().expect("free");
        let mut answer = json!({ "access_token": access, "token_type": scheme, "expires_in": expires_in });
        if *self.rotates.lock().expect("free") {
            let next = format!("refresh-{count}");
            *current = Some(next.clone());
            answer["refresh_token"] = next.into();
        }
        json_answer(200, &answer)
    }

    fn tokens(&self, scheme: &str, nonce: Option<&str>) -> Response<Full<Bytes>> {
        let now = now().as_second();
        let mut claims = json!({ "iss": self.base, "aud": CLIENT, "azp": CLIENT, "sub": ALICE, "iat": now,
            "exp": now + 300, "preferred_username": "alice" });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        for (name, value) in self.claims.lock().expect("free").as_object().expect("claims") {
            claims[name] = value.clone();
        }
        let id_token = self.signer.lock().expect("free").sign(&claims);
        let mut answer =
            json!({ "access_token": "access-0", "token_type": scheme, "expires_in": 300, "id_token": id_token });
        if let Some(scope) = &*self.scope.lock().expect("free") {
            answer["scope"] = scope.as_str().into();
        }
        if *self.gives_refresh_token.lock().expect("free") {
            answer["refresh_token"] = self.refresh_token.lock().expect("free").clone().into();
        }
        json_answer(200, &answer)
    }
}

fn json_answer(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let builder = Response::builder().status(status).header("content-type", "application/json");
    builder.body(Full::new(Bytes::from(body.to_string()))).expect("a response")
}
