//! Signing in over plain HTTP: the authorization code flow with PKCE (RFC 7636) without a browser, for tests whose
//! subject is what comes after it. Direct grants are off at our issuers, as they should be everywhere.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::http::Http;
use crate::issuer::{DESKTOP_CLIENT, Person};
use crate::pages;

/// Makes the `DPoP` header for a method and an address (RFC 9449).
pub type MakeProof<'a> = dyn Fn(&str, &str) -> String + 'a;

/// Nobody listens there: the redirect is read, not followed.
const REDIRECT: &str = "http://127.0.0.1:1/callback";

/// A sign-in to be carried out.
pub struct SignIn<'a> {
    metadata: Value,
    resource: Option<String>,
    person: Person,
    client: String,
    scope: String,
    nonce: Option<String>,
    proof: Option<&'a MakeProof<'a>>,
}

impl fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("person", &self.person.username).field("client", &self.client).finish()
    }
}

impl<'a> SignIn<'a> {
    pub(crate) fn new(metadata: Value, resource: Option<&str>, person: &Person) -> Self {
        Self {
            metadata,
            resource: resource.map(str::to_owned),
            person: person.clone(),
            client: DESKTOP_CLIENT.into(),
            scope: "openid profile email offline_access".into(),
            nonce: None,
            proof: None,
        }
    }

    /// Another client.
    pub fn client(mut self, client: &str) -> Self {
        self.client = client.into();
        self
    }

    /// Other scopes, with blanks between them.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = scope.into();
        self
    }

    /// What the ID token is to have in `nonce`.
    pub fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Binds the tokens to the key that makes these proofs.
    pub fn dpop(mut self, proof: &'a MakeProof<'a>) -> Self {
        self.proof = Some(proof);
        self
    }

    /// Asks for no resource: the token is for the issuer's own endpoints then, where it needs resources at all.
    pub fn without_resource(mut self) -> Self {
        self.resource = None;
        self
    }

    /// Signs in.
    ///
    /// # Panics
    /// If the issuer refuses anything.
    pub fn run(self) -> Tokens {
        // At least 43 characters of those that RFC 7636 allows.
        let verifier = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut http = Http::new();
        let code = self.authorize(&mut http, &verifier);
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("client_id", &self.client),
            ("code_verifier", &verifier),
        ];
        fields.extend(self.resource.as_deref().map(|resource| ("resource", resource)));
        Tokens::ask(&mut http, &self.endpoint("token_endpoint"), &fields, self.proof)
            .unwrap_or_else(|refusal| panic!("no tokens for {}: {refusal}", self.person.username))
    }

    /// The code from the redirect, whose state and issuer (RFC 9207) are checked.
    fn authorize(&self, http: &mut Http, verifier: &str) -> String {
        let state = Uuid::new_v4().to_string();
        let mut url = self.endpoint("authorization_endpoint");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client)
            .append_pair("redirect_uri", REDIRECT)
            .append_pair("scope", &self.scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(self.nonce.iter().map(|nonce| ("nonce", nonce)))
            .extend_pairs(self.resource.iter().map(|resource| ("resource", resource)));
        // Where a resource is asked for, so must consent be, or there is no refresh token (OpenID Connect Core, 11).
        if self.resource.is_some() && self.scope.contains("offline_access") {
            url.query_pairs_mut().append_pair("prompt", "consent");
        }
        let last = pages::walk(http, &url, &self.person, |next| next.as_str().starts_with(REDIRECT));
        let back = last.location.unwrap_or_else(|| panic!("no redirect from {}: {}", last.url, last.body));
        let find = |name| back.query_pairs().find_map(|(n, value)| (n == name).then(|| value.into_owned()));
        assert_eq!(find("state").as_ref(), Some(&state), "{back}");
        assert_eq!(find("iss").as_deref(), self.metadata["issuer"].as_str(), "{back}");
        find("code").unwrap_or_else(|| panic!("no code: {back}"))
    }

    fn endpoint(&self, name: &str) -> Url {
        let address = self.metadata[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", self.metadata));
        Url::parse(address).expect("an address")
    }
}

/// What a token endpoint gave.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token, a JWT.
    pub access_token: String,
    /// The refresh token, where there is one.
    pub refresh_token: Option<String>,
    /// The ID token, where there is one.
    pub id_token: Option<String>,
    /// `Bearer`, or `DPoP` where the access token is bound to a key.
    pub token_type: String,
    /// The whole answer.
    pub json: Value,
}

impl Tokens {
    pub(crate) fn ask(
        http: &mut Http,
        url: &Url,
        fields: &[(&str, &str)],
        proof: Option<&MakeProof>,
    ) -> Result<Self, Value> {
        let proof = proof.map(|proof| proof("POST", url.as_str()));
        let headers: Vec<_> = proof.iter().map(|proof| ("DPoP", proof.as_str())).collect();
        let answer = http.post_form(url, fields, &headers);
        let json = answer.json();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        match (answer.status, text("access_token"), text("token_type")) {
            (200, Some(access_token), Some(token_type)) => Ok(Self {
                access_token,
                refresh_token: text("refresh_token"),
                id_token: text("id_token"),
                token_type,
                json,
            }),
            _ => Err(json),
        }
    }

    /// The refresh token.
    ///
    /// # Panics
    /// If there is none.
    pub fn refresh_token(&self) -> &str {
        self.refresh_token.as_deref().unwrap_or_else(|| panic!("no refresh token: {}", self.json))
    }

    /// The header of the access token.
    pub fn header(&self) -> Value {
        jwt_part(&self.access_token, 0)
    }

    /// The claims of the access token, not verified.
    pub fn claims(&self) -> Value {
        jwt_part(&self.access_token, 1)
    }

    /// The claims of the ID token, not verified.
    ///
    /// # Panics
    /// If there is none.
    pub fn id_claims(&self) -> Value {
        jwt_part(self.id_token.as_deref().unwrap_or_else(|| panic!("no ID token: {}", self.json)), 1)
    }
}

/// Part 0 (header) or 1 (claims) of a JWT.
fn jwt_part(jwt: &str, part: usize) -> Value {
    let encoded = jwt.split('.').nth(part).unwrap_or_else(|| panic!("not a JWT: {jwt}"));
    let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap_or_else(|e| panic!("{e}: {jwt}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {jwt}"))
}
