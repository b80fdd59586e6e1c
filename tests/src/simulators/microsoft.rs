//! A simulator of the Microsoft identity platform, version 2.0, for one public client ("Mobile and desktop
//! applications").
//!
//! Written from, on learn.microsoft.com/entra/identity-platform: [flow] `v2-oauth2-auth-code-flow`, [device]
//! `v2-oauth2-device-code`, [refresh] `refresh-tokens`, [oidc] `v2-protocols-oidc`, [reply] `reply-url`, [errors]
//! `reference-error-codes`.

use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::device::{self, Polled};
use super::microsoft_errors::Aadsts;
use super::odd::Refusal;
use super::pkce::Challenge;
use super::server::{Asked, Fields, Reply};
use super::simulator::{Core, Provider, Simulator};
use super::state::{Code, Grant, Standing, State, secret};

/// The one application that it knows.
pub const MICROSOFT_CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// The tenant of all its people.
pub const MICROSOFT_TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/// [reply], "Localhost exceptions": the port does not matter, the path does; 127.0.0.1 is not localhost.
const REDIRECT: (&str, &str) = ("localhost", "/");
/// [flow]: who may sign in.
const TENANTS: [&str; 4] = ["common", "organizations", "consumers", MICROSOFT_TENANT];
const MAIL: &str = "https://outlook.office.com/";
/// What the application may ask for, as answers write it.
const PERMISSIONS: [&str; 8] = [
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/POP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
    "https://graph.microsoft.com/Mail.Read",
    "openid",
    "profile",
    "email",
    OFFLINE,
];
const OFFLINE: &str = "offline_access";

/// Microsoft's identity platform on this computer. What all simulators can do it has from [`Simulator`].
#[derive(Debug)]
pub struct MicrosoftSimulator {
    simulator: Simulator,
}

impl Deref for MicrosoftSimulator {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

impl MicrosoftSimulator {
    /// Starts it.
    pub fn start() -> Self {
        Self { simulator: Simulator::start(Arc::new(Microsoft)) }
    }

    /// The authorization endpoint for everybody.
    pub fn authorization(&self) -> Url {
        self.url("/common/oauth2/v2.0/authorize")
    }

    /// The token endpoint for everybody.
    pub fn token(&self) -> Url {
        self.url("/common/oauth2/v2.0/token")
    }

    /// Where device codes come from.
    pub fn device(&self) -> Url {
        self.url("/common/oauth2/v2.0/devicecode")
    }

    /// The OpenID document for everybody.
    pub fn metadata(&self) -> Url {
        self.url("/common/v2.0/.well-known/openid-configuration")
    }

    /// The name in that document, which is a pattern: [oidc], ID tokens have the person's own tenant there.
    pub fn issuer(&self) -> String {
        format!("{}/{{tenantid}}/v2.0", self.base())
    }
}

#[derive(Debug)]
struct Microsoft;

impl Provider for Microsoft {
    fn answer(&self, core: &Core, asked: &Asked) -> Reply {
        let Some((tenant, path)) = asked.path.trim_start_matches('/').split_once('/') else {
            return Reply::nothing_here();
        };
        if !TENANTS.contains(&tenant) {
            return Reply::nothing_here();
        }
        match (asked.method.as_str(), path) {
            ("GET", "v2.0/.well-known/openid-configuration") => Reply::json(200, &metadata(core, tenant)),
            ("GET", "discovery/v2.0/keys") => Reply::json(200, &core.signer.keys()),
            ("GET", "oauth2/v2.0/authorize") => authorize(core, &asked.query),
            ("POST", "oauth2/v2.0/token") => core.token(asked, |state| token(core, state, asked)),
            ("POST", "oauth2/v2.0/devicecode") => begin_device(core, tenant, asked),
            _ => Reply::nothing_here(),
        }
    }

    /// [refresh]: old refresh tokens are not revoked when they are used.
    fn honours(&self, state: &State, refresh_token: &str) -> bool {
        state.refresh_tokens.get(refresh_token).is_some_and(|token| token.standing != Standing::Revoked)
    }
}

fn metadata(core: &Core, tenant: &str) -> Value {
    let name = if tenant == MICROSOFT_TENANT { tenant } else { "{tenantid}" };
    let at = |path: &str| format!("{}/{tenant}/{path}", core.base);
    // [oidc]; there is no revocation endpoint.
    json!({
        "issuer": format!("{}/{name}/v2.0", core.base),
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "token_endpoint": at("oauth2/v2.0/token"),
        "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", OFFLINE],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    })
}

/// [flow], "Request an authorization code": a person who signs in and consents at once.
fn authorize(core: &Core, query: &Fields) -> Reply {
    let mut state = core.state();
    state.authorizations.push(query.clone());
    let parameter = |name: &str| query.get(name).map_or("", String::as_str);
    // These two are shown and never sent back: the address that they would be sent to is not trusted.
    if parameter("client_id") != MICROSOFT_CLIENT {
        return page(Aadsts::UNKNOWN_APPLICATION);
    }
    if !is_registered(parameter("redirect_uri")) {
        return page(Aadsts::REDIRECT);
    }
    if let Some(denial) = state.denial.clone() {
        return core.send_back(query, Err(&denial));
    }
    if parameter("response_type") != "code" {
        return core.send_back(query, Err(&Refusal::new(400, "unsupported_response_type", "simulated")));
    }
    // Several resources are fine here: "for the /authorize leg, this parameter can cover multiple resources".
    let Some(scopes) = canonical(parameter("scope")) else {
        return core.send_back(query, Err(&Aadsts::SCOPES.refusal()));
    };
    let grant = consented(&state, scopes, state.whoever(query), query.get("nonce").cloned());
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

fn page(refusal: Aadsts) -> Reply {
    Reply::page(400, refusal.refusal().description())
}

fn is_registered(redirect_uri: &str) -> bool {
    Url::parse(redirect_uri)
        .is_ok_and(|url| url.scheme() == "http" && (url.host_str(), url.path()) == (Some(REDIRECT.0), REDIRECT.1))
}

/// The scopes as answers write them, whatever their case was ([device]: "user.read" is answered with "User.Read");
/// `None` if one is unknown.
fn canonical(scope: &str) -> Option<Vec<String>> {
    let known = |asked: &str| PERMISSIONS.iter().find(|known| known.eq_ignore_ascii_case(asked));
    scope.split_whitespace().map(|asked| known(asked).map(|&name| name.to_owned())).collect()
}

fn consented(state: &State, scopes: Vec<String>, person: String, nonce: Option<String>) -> Grant {
    let scopes: Vec<String> = scopes.into_iter().filter(|scope| !state.withheld.contains(scope)).collect();
    // [flow]: a refresh token is "only provided if offline_access scope was requested".
    let lasts = scopes.iter().any(|scope| scope == OFFLINE);
    Grant { id: Uuid::new_v4(), person, scopes, nonce, lasts }
}

fn token(core: &Core, state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    if asked.field("client_id") != MICROSOFT_CLIENT {
        return Err(Aadsts::UNKNOWN_APPLICATION.refusal());
    }
    // [flow]: public clients "must not use secrets or certificates when redeeming an authorization code".
    if asked.form.contains_key("client_secret") {
        return Err(Aadsts::SECRET_SENT.refusal());
    }
    let grant = match asked.field("grant_type") {
        "authorization_code" => redeem(state, asked)?,
        "refresh_token" => refreshed(state, asked)?,
        "urn:ietf:params:oauth:grant-type:device_code" => polled(state, asked)?,
        _ => return Err(Refusal::new(400, "unsupported_grant_type", "simulated")),
    };
    let asked_scopes = match asked.form.get("scope") {
        Some(scope) => canonical(scope).ok_or_else(|| Aadsts::SCOPES.refusal())?,
        None => grant.scopes.clone(),
    };
    // [flow]: "the scopes must all be from a single resource".
    if asked.form.contains_key("scope") && resources(&asked_scopes).len() > 1 {
        return Err(Aadsts::SCOPES.refusal());
    }
    if !asked_scopes.iter().all(|scope| grant.has(scope)) {
        return Err(Aadsts::NO_CONSENT.refusal());
    }
    let answer = issue(core, state, &grant, &asked_scopes);
    let old = state.refresh_tokens.get_mut(asked.field("refresh_token"));
    if let (Some(old), Some(new)) = (old, answer["refresh_token"].as_str()) {
        old.successors.push(new.to_owned());
    }
    Ok(answer)
}

/// The resources of scopes that are no part of OpenID Connect.
fn resources(scopes: &[String]) -> Vec<&str> {
    let mut resources: Vec<&str> =
        scopes.iter().filter_map(|scope| scope.rsplit_once('/').map(|(resource, _)| resource)).collect();
    resources.dedup();
    resources
}

fn redeem(state: &mut State, asked: &Asked) -> Result<Grant, Refusal> {
    let code = state.codes.get_mut(asked.field("code")).ok_or_else(|| Aadsts::NOT_A_TOKEN.refusal())?;
    if std::mem::replace(&mut code.redeemed, true) {
        return Err(Aadsts::REDEEMED.refusal());
    }
    // [flow]: "the same redirect_uri value that was used to acquire the authorization_code".
    if code.redirect_uri != asked.field("redirect_uri") {
        return Err(Aadsts::REDIRECT.refusal());
    }
    let fits = code.challenge.as_ref().is_none_or(|challenge| challenge.is_met_by(asked.field("code_verifier")));
    if fits { Ok(code.grant.clone()) } else { Err(Aadsts::VERIFIER.refusal()) }
}

fn refreshed(state: &mut State, asked: &Asked) -> Result<Grant, Refusal> {
    let token =
        state.refresh_tokens.get_mut(asked.field("refresh_token")).ok_or_else(|| Aadsts::NOT_A_TOKEN.refusal())?;
    if token.standing == Standing::Revoked {
        return Err(Aadsts::REVOKED.refusal());
    }
    // [refresh]: "refresh tokens replace themselves with a fresh token upon every use"; the old one is not revoked.
    token.standing = Standing::Replaced;
    token.used = true;
    Ok(token.grant.clone())
}

/// [device], "Expected errors": two of the four are not those of RFC 8628.
fn polled(state: &mut State, asked: &Asked) -> Result<Grant, Refusal> {
    match device::poll(state, asked.field("device_code"), |scopes| scopes.iter().any(|scope| scope == OFFLINE)) {
        Polled::Approved(grant) => Ok(grant),
        Polled::Pending => Err(Aadsts::PENDING.refusal()),
        Polled::Declined => Err(Refusal::new(400, "authorization_declined", "simulated")),
        Polled::Expired => Err(Refusal::new(400, "expired_token", "simulated")),
        Polled::Unknown => Err(Refusal::new(400, "bad_verification_code", "simulated")),
    }
}

fn issue(core: &Core, state: &mut State, grant: &Grant, scopes: &[String]) -> Value {
    // [flow], `scope`: "the scopes that the access_token is valid for". offline_access is valid for nothing, and the
    // access token is for one resource: the first that was asked for.
    let resource = resources(scopes).first().map_or(MAIL.to_owned(), |first| format!("{first}/"));
    let valid: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|scope| *scope != OFFLINE && (!scope.contains("://") || scope.starts_with(&resource)))
        .collect();
    let access_token = state.new_access_token(grant);
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": valid.join(" "),
        "expires_in": state.lifetime,
        "ext_expires_in": state.lifetime,
        "access_token": access_token,
    });
    if grant.lasts {
        answer["refresh_token"] = json!(state.new_refresh_token(grant));
    }
    if grant.has("openid") {
        let issuer = format!("{}/{MICROSOFT_TENANT}/v2.0", core.base);
        let more = json!({
            "tid": MICROSOFT_TENANT, "ver": "2.0", "preferred_username": grant.person,
            // An optional claim, which a work account without a mailbox of its own has not.
            "email": grant.has("email").then_some(&grant.person),
        });
        answer["id_token"] = json!(core.id_token(&issuer, MICROSOFT_CLIENT, grant, &access_token, more));
    }
    answer
}

/// [device], "Device authorization response", without `verification_uri_complete` and with a `message`.
fn begin_device(core: &Core, tenant: &str, asked: &Asked) -> Reply {
    if asked.field("client_id") != MICROSOFT_CLIENT {
        return Aadsts::UNKNOWN_APPLICATION.refusal().reply();
    }
    let Some(scopes) = canonical(asked.field("scope")) else { return Aadsts::SCOPES.refusal().reply() };
    let page = format!("{}/{tenant}/oauth2/deviceauth", core.base);
    let mut document = device::begin(&mut core.state(), scopes, &page);
    document["message"] = json!(format!("To sign in, open {page} and enter the code {}.", document["user_code"]));
    Reply::json(200, &document)
}
