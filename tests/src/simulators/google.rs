//! A simulator of Google's OAuth 2.0 endpoints, for one client of the kind "Desktop app".
//!
//! Written from, on developers.google.com/identity/protocols/oauth2: [app] `native-app` ("OAuth 2.0 for iOS & Desktop
//! Apps"), [web] `web-server`, [device] `limited-input-device`, [expiry] the overview's "Refresh token expiration", and
//! [oidc] developers.google.com/identity/openid-connect/openid-connect.

use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::odd::{Odd, Refusal};
use super::pkce::Challenge;
use super::server::{Asked, Fields, Reply};
use super::simulator::{Core, Provider, Simulator};
use super::state::{Code, Grant, RefreshToken, Standing, State, secret};

/// The one client that it knows.
pub const GOOGLE_CLIENT: &str = "1234567890-simulated.apps.googleusercontent.com";
/// What it sends along, which [app] does not hold to be a secret.
pub const GOOGLE_SECRET: &str = "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al";

/// [expiry]: "there is currently a limit of 100 refresh tokens per Google Account per OAuth 2.0 client ID"; the oldest
/// is then invalidated "without warning".
const LIVE_TOKENS: usize = 100;

/// Refusals as Google writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoogleError {
    status: u16,
    error: &'static str,
    words: &'static str,
    subtype: Option<&'static str>,
}

const fn google(status: u16, error: &'static str, words: &'static str) -> GoogleError {
    GoogleError { status, error, words, subtype: None }
}

impl GoogleError {
    /// The refresh token is worth nothing any more, for one of the many reasons of [expiry].
    pub const REVOKED: Self = google(400, "invalid_grant", "Token has been expired or revoked.");
    /// The code was used before, is too old, or never was one.
    pub const CODE: Self = google(400, "invalid_grant", "Malformed auth code.");
    /// The verifier does not fit.
    pub const VERIFIER: Self = google(400, "invalid_grant", "Invalid code verifier.");
    /// The session policy of an organisation wants a sign-in ([expiry], `invalid_rapt`).
    pub const REAUTHENTICATE: Self =
        Self { subtype: Some("invalid_rapt"), ..google(400, "invalid_grant", "reauth related error (invalid_rapt)") };
    /// No such client.
    pub const UNKNOWN_CLIENT: Self = google(401, "invalid_client", "The OAuth client was not found.");
    /// The secret is another one.
    pub const SECRET: Self = google(401, "invalid_client", "Unauthorized");
    /// The secret is missing.
    pub const NO_SECRET: Self = google(400, "invalid_request", "client_secret is missing.");
    /// The address is another than at the authorization endpoint.
    pub const REDIRECT: Self = google(400, "redirect_uri_mismatch", "Bad Request");
    /// An administrator does not allow the client.
    pub const ADMIN_POLICY: Self =
        google(400, "admin_policy_enforced", "This app is not allowed by the administrator.");
    /// The person said no.
    pub const DENIED: Self = google(400, "access_denied", "The user denied access.");
    /// Something broke.
    pub const BROKEN: Self = google(500, "internal_failure", "Internal error.");

    /// The document.
    pub fn refusal(self) -> Refusal {
        let mut refusal = Refusal::new(self.status, self.error, self.words);
        if let Some(subtype) = self.subtype {
            refusal.document["error_subtype"] = json!(subtype);
        }
        refusal
    }
}

impl From<GoogleError> for Odd {
    fn from(refusal: GoogleError) -> Self {
        Self::Refuse(refusal.refusal())
    }
}

impl From<GoogleError> for Option<Refusal> {
    fn from(refusal: GoogleError) -> Self {
        Some(refusal.refusal())
    }
}

/// Google's endpoints on this computer. What all simulators can do it has from [`Simulator`].
#[derive(Debug)]
pub struct GoogleSimulator {
    simulator: Simulator,
}

impl Deref for GoogleSimulator {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

impl GoogleSimulator {
    /// Starts it.
    pub fn start() -> Self {
        Self { simulator: Simulator::start(Arc::new(Google)) }
    }

    /// Its name.
    pub fn issuer(&self) -> String {
        self.base().to_owned()
    }

    /// The authorization endpoint.
    pub fn authorization(&self) -> Url {
        self.url("/o/oauth2/v2/auth")
    }

    /// The token endpoint.
    pub fn token(&self) -> Url {
        self.url("/token")
    }

    /// Where tokens are taken back.
    pub fn revocation(&self) -> Url {
        self.url("/revoke")
    }

    /// The OpenID document.
    pub fn metadata(&self) -> Url {
        self.url("/.well-known/openid-configuration")
    }
}

#[derive(Debug)]
struct Google;

impl Provider for Google {
    fn answer(&self, core: &Core, asked: &Asked) -> Reply {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/.well-known/openid-configuration") => Reply::json(200, &metadata(core)),
            ("GET", "/oauth2/v3/certs") => Reply::json(200, &core.signer.keys()),
            ("GET", "/o/oauth2/v2/auth") => authorize(core, &asked.query),
            ("POST", "/token") => core.token(asked, |state| token(core, state, asked)),
            ("POST", "/revoke") => revoke(&mut core.state(), asked),
            // [device]: clients of another kind are refused, and mail is none of the scopes that it allows.
            ("POST", "/device/code") => Refusal::new(401, "invalid_client", "Invalid client type.").reply(),
            _ => Reply::nothing_here(),
        }
    }
}

fn metadata(core: &Core) -> Value {
    let at = |path: &str| format!("{}{path}", core.base);
    json!({
        "issuer": core.base,
        "authorization_endpoint": at("/o/oauth2/v2/auth"),
        "device_authorization_endpoint": at("/device/code"),
        "token_endpoint": at("/token"),
        "revocation_endpoint": at("/revoke"),
        "jwks_uri": at("/oauth2/v3/certs"),
        "response_types_supported": ["code", "token", "id_token", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "code_challenge_methods_supported": ["plain", "S256"],
    })
}

/// [app], step 2: a person who signs in and consents at once.
fn authorize(core: &Core, query: &Fields) -> Reply {
    let mut state = core.state();
    state.authorizations.push(query.clone());
    let parameter = |name: &str| query.get(name).map_or("", String::as_str);
    // [app], "Handling errors": these are shown, never sent back.
    if parameter("client_id") != GOOGLE_CLIENT {
        return Reply::page(401, "Error 401: invalid_client");
    }
    if !is_loopback(parameter("redirect_uri")) {
        return Reply::page(400, "Error 400: redirect_uri_mismatch");
    }
    if let Some(denial) = state.denial.clone() {
        // [app]: an administrator's policy is an error on Google's own page.
        return match denial.error() {
            "admin_policy_enforced" => Reply::page(400, "Error 400: admin_policy_enforced"),
            _ => core.send_back(query, Err(&denial)),
        };
    }
    if parameter("response_type") != "code" {
        return Reply::page(400, "Error 400: unsupported_response_type");
    }
    let person = state.whoever(query);
    let first = state.known.insert(person.clone());
    let asked = parameter("scope").split_whitespace().filter(|scope| !state.withheld.contains(*scope));
    // [web]: with access_type=offline a refresh token comes "the first time that your application exchanges an
    // authorization code", and again only after the consent that prompt=consent asks for. [app] promises one to every
    // installed application; who gets along with the stricter page gets along with both.
    let consents = parameter("prompt").split(' ').any(|prompt| prompt == "consent");
    let grant = Grant {
        id: Uuid::new_v4(),
        scopes: asked.map(str::to_owned).collect(),
        person,
        nonce: query.get("nonce").cloned(),
        lasts: parameter("access_type") == "offline" && (first || consents),
    };
    let code = secret("code");
    let kept = Code {
        grant,
        redirect_uri: parameter("redirect_uri").into(),
        challenge: Challenge::of(query),
        redeemed: false,
    };
    state.codes.insert(code.clone(), kept);
    core.send_back(query, Ok(&code))
}

/// [app], "Loopback IP address": `http://127.0.0.1:port` or `http://[::1]:port`.
fn is_loopback(redirect_uri: &str) -> bool {
    Url::parse(redirect_uri).is_ok_and(|url| {
        let here = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        url.scheme() == "http" && here
    })
}

fn token(core: &Core, state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    if asked.field("client_id") != GOOGLE_CLIENT {
        return Err(GoogleError::UNKNOWN_CLIENT.refusal());
    }
    // [app], step 5: the secret is among the fields of both requests.
    match asked.field("client_secret") {
        GOOGLE_SECRET => {}
        "" => return Err(GoogleError::NO_SECRET.refusal()),
        _ => return Err(GoogleError::SECRET.refusal()),
    }
    match asked.field("grant_type") {
        "authorization_code" => {
            let grant = redeem(state, asked)?;
            let refresh_token = grant.lasts.then(|| new_refresh_token(state, &grant));
            let mut answer = issue(core, state, &grant);
            if let Some(refresh_token) = refresh_token {
                answer["refresh_token"] = json!(refresh_token);
            }
            Ok(answer)
        }
        "refresh_token" => {
            let token = state.refresh_tokens.get_mut(asked.field("refresh_token"));
            let token = token.filter(|token| token.standing == Standing::Good);
            let token = token.ok_or_else(|| GoogleError::REVOKED.refusal())?;
            token.used = true;
            let grant = token.grant.clone();
            // [app], "Refreshing an access token": the answer has no refresh token; the old one goes on.
            Ok(issue(core, state, &grant))
        }
        _ => Err(Refusal::new(400, "unsupported_grant_type", "Invalid grant_type: ")),
    }
}

fn redeem(state: &mut State, asked: &Asked) -> Result<Grant, Refusal> {
    let code = state.codes.get_mut(asked.field("code")).ok_or_else(|| GoogleError::CODE.refusal())?;
    if std::mem::replace(&mut code.redeemed, true) {
        return Err(GoogleError::CODE.refusal());
    }
    if code.redirect_uri != asked.field("redirect_uri") {
        return Err(GoogleError::REDIRECT.refusal());
    }
    let fits = code.challenge.as_ref().is_none_or(|challenge| challenge.is_met_by(asked.field("code_verifier")));
    if fits { Ok(code.grant.clone()) } else { Err(GoogleError::VERIFIER.refusal()) }
}

/// A refresh token, which may cost the oldest one its life.
fn new_refresh_token(state: &mut State, grant: &Grant) -> String {
    let alive = |token: &&RefreshToken| token.standing == Standing::Good && token.grant.person == grant.person;
    let tokens: Vec<&RefreshToken> = state.refresh_tokens.values().filter(alive).collect();
    if tokens.len() >= LIVE_TOKENS
        && let Some(oldest) = tokens.iter().min_by_key(|token| token.number).map(|token| token.grant.id)
    {
        state.revoke(oldest);
    }
    state.new_refresh_token(grant)
}

fn issue(core: &Core, state: &mut State, grant: &Grant) -> Value {
    let access_token = state.new_access_token(grant);
    let mut answer = json!({
        "access_token": access_token,
        "expires_in": state.lifetime,
        // [app]: what was granted, which may be less than what was asked for.
        "scope": grant.scopes.join(" "),
        "token_type": "Bearer",
    });
    if grant.has("openid") {
        let email = grant.has("email").then_some(&grant.person);
        let more = json!({"azp": GOOGLE_CLIENT, "email": email, "email_verified": email.is_some()});
        answer["id_token"] = json!(core.id_token(&core.base, GOOGLE_CLIENT, grant, &access_token, more));
    }
    answer
}

/// [app], "Revoking a token": an access token or a refresh token, in the query or in the form. "If the token is an
/// access token and it has a corresponding refresh token, the refresh token will also be revoked."
fn revoke(state: &mut State, asked: &Asked) -> Reply {
    let token = asked.query.get("token").or_else(|| asked.form.get("token")).map_or("", String::as_str);
    let grant = state.access_tokens.get(token).copied().or_else(|| {
        let kept = state.refresh_tokens.get(token).filter(|kept| kept.standing == Standing::Good);
        kept.map(|kept| kept.grant.id)
    });
    match grant {
        Some(grant) => {
            state.revoke(grant);
            Reply::json(200, &json!({}))
        }
        None => Refusal::new(400, "invalid_token", "Token expired or revoked").reply(),
    }
}
