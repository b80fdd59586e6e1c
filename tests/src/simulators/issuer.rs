//! An OpenID provider whose rotation can be chosen: what RFC 9700 section 4.14.2 allows and real issuers do.

use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::device::{self, Polled};
use super::odd::Refusal;
use super::pkce::Challenge;
use super::server::{Asked, Fields, Reply};
use super::simulator::{Core, Provider, Simulator};
use super::state::{Code, Grant, Standing, State, secret};
use crate::issuer::MAIL_CLIENT;

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It is replaced and worth nothing from then on; using it again ends everything that followed from the same
    /// consent, since two parties must have it.
    Strict,
    /// It is replaced, and works until its successor is used for the first time: an answer may get lost.
    UntilUsed,
    /// It is replaced, and works all the same, as Microsoft's do.
    Keeps,
}

/// An OpenID provider on this computer, which knows one client: [`MAIL_CLIENT`], a public one. What all simulators can do it has from [`Simulator`].
#[derive(Debug)]
pub struct IssuerSimulator {
    simulator: Simulator,
}

impl Deref for IssuerSimulator {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

impl IssuerSimulator {
    /// Starts it.
    pub fn start(rotation: Rotation) -> Self {
        Self { simulator: Simulator::start(Arc::new(Issuer { rotation })) }
    }

    /// Its name, which is its address.
    pub fn issuer(&self) -> String {
        self.base().to_owned()
    }
}

impl crate::Issuer for IssuerSimulator {
    fn issuer(&self) -> String {
        self.base().to_owned()
    }

    fn api_resource(&self) -> Option<&str> {
        None
    }
}

#[derive(Debug)]
struct Issuer {
    rotation: Rotation,
}

impl Provider for Issuer {
    fn answer(&self, core: &Core, asked: &Asked) -> Reply {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/.well-known/openid-configuration") => Reply::json(200, &metadata(core)),
            ("GET", "/jwks") => Reply::json(200, &core.signer.keys()),
            ("GET", "/authorize") => authorize(core, &asked.query),
            ("POST", "/token") => core.token(asked, |state| self.token(core, state, asked)),
            ("POST", "/device") => begin_device(core, asked),
            ("POST", "/revoke") => revoke(&mut core.state(), asked),
            _ => Reply::nothing_here(),
        }
    }

    fn honours(&self, state: &State, refresh_token: &str) -> bool {
        let Some(token) = state.refresh_tokens.get(refresh_token) else { return false };
        match (token.standing, self.rotation) {
            (Standing::Good, _) | (Standing::Replaced, Rotation::Keeps) => true,
            (Standing::Revoked, _) | (Standing::Replaced, Rotation::Strict) => false,
            (Standing::Replaced, Rotation::UntilUsed) => {
                let mut successors = token.successors.iter().filter_map(|next| state.refresh_tokens.get(next));
                successors.all(|next| !next.used && next.standing != Standing::Revoked)
            }
        }
    }
}

fn metadata(core: &Core) -> Value {
    let at = |path: &str| format!("{}{path}", core.base);
    json!({
        "issuer": core.base,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "device_authorization_endpoint": at("/device"),
        "revocation_endpoint": at("/revoke"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported":
            ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn authorize(core: &Core, query: &Fields) -> Reply {
    let mut state = core.state();
    state.authorizations.push(query.clone());
    let parameter = |name: &str| query.get(name).map_or("", String::as_str);
    // RFC 8252 section 7.3: any port of the loopback address.
    let here = Url::parse(parameter("redirect_uri"))
        .is_ok_and(|url| matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_loopback()));
    if parameter("client_id") != MAIL_CLIENT || !here {
        return Reply::page(400, "Unknown client or redirect_uri");
    }
    // RFC 9207: it always says who it is.
    let query: Fields = query.clone().into_iter().chain([named(core, parameter("redirect_uri"))]).collect();
    if let Some(denial) = state.denial.clone() {
        return core.send_back(&query, Err(&denial));
    }
    // RFC 9700 section 2.1.1: of a public client it wants PKCE, and no plain one.
    let Some(challenge @ Challenge::S256(_)) = Challenge::of(&query) else {
        return core.send_back(&query, Err(&Refusal::new(400, "invalid_request", "code_challenge is missing")));
    };
    let asked = parameter("scope").split_whitespace().filter(|scope| !state.withheld.contains(*scope));
    let scopes: Vec<String> = asked.map(str::to_owned).collect();
    let lasts = scopes.iter().any(|scope| scope == "offline_access");
    let person = state.whoever(&query);
    let grant = Grant { id: Uuid::new_v4(), person, scopes, nonce: query.get("nonce").cloned(), lasts };
    let code = secret("code");
    let redirect_uri = parameter("redirect_uri").to_owned();
    state.codes.insert(code.clone(), Code { grant, redirect_uri, challenge: Some(challenge), redeemed: false });
    core.send_back(&query, Ok(&code))
}

/// The redirect address with the issuer's name in it.
fn named(core: &Core, redirect_uri: &str) -> (String, String) {
    let named = super::server::with_query(redirect_uri, &[("iss", &core.base)]);
    ("redirect_uri".into(), named.map_or_else(String::new, Into::into))
}

fn invalid_grant(why: &str) -> Refusal {
    Refusal::new(400, "invalid_grant", why)
}

impl Issuer {
    fn token(&self, core: &Core, state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
        if asked.field("client_id") != MAIL_CLIENT {
            return Err(Refusal::new(401, "invalid_client", "unknown client"));
        }
        match asked.field("grant_type") {
            "authorization_code" => {
                let grant = redeem(state, asked)?;
                Ok(issue(core, state, &grant).0)
            }
            "urn:ietf:params:oauth:grant-type:device_code" => {
                let lasts = |scopes: &[String]| scopes.iter().any(|scope| scope == "offline_access");
                match device::poll(state, asked.field("device_code"), lasts) {
                    Polled::Approved(grant) => Ok(issue(core, state, &grant).0),
                    other => Err(device::refusal(&other)),
                }
            }
            "refresh_token" => self.refresh(core, state, asked.field("refresh_token")),
            _ => Err(Refusal::new(400, "unsupported_grant_type", "simulated")),
        }
    }

    fn refresh(&self, core: &Core, state: &mut State, refresh_token: &str) -> Result<Value, Refusal> {
        if !self.honours(state, refresh_token) {
            // Somebody has an old token: whoever has the new one may be a thief.
            if let Some(grant) = state.refresh_tokens.get(refresh_token).map(|token| token.grant.id) {
                state.revoke(grant);
            }
            return Err(invalid_grant("the refresh token is not good any more"));
        }
        let Some(token) = state.refresh_tokens.get(refresh_token) else { return Err(invalid_grant("unknown")) };
        let grant = token.grant.clone();
        let (answer, successor) = issue(core, state, &grant);
        if let Some(token) = state.refresh_tokens.get_mut(refresh_token) {
            token.standing = Standing::Replaced;
            token.used = true;
            token.successors.extend(successor);
        }
        Ok(answer)
    }
}

fn redeem(state: &mut State, asked: &Asked) -> Result<Grant, Refusal> {
    let code = state.codes.get_mut(asked.field("code")).ok_or_else(|| invalid_grant("unknown code"))?;
    let grant = code.grant.clone();
    if std::mem::replace(&mut code.redeemed, true) {
        // RFC 6749 section 4.1.2: what was issued for it SHOULD be revoked.
        state.revoke(grant.id);
        return Err(invalid_grant("the code was used before"));
    }
    let fits = code.redirect_uri == asked.field("redirect_uri")
        && code.challenge.as_ref().is_some_and(|challenge| challenge.is_met_by(asked.field("code_verifier")));
    if fits { Ok(grant) } else { Err(invalid_grant("redirect_uri or code_verifier")) }
}

/// The answer, and the refresh token in it.
fn issue(core: &Core, state: &mut State, grant: &Grant) -> (Value, Option<String>) {
    let access_token = state.new_access_token(grant);
    let refresh_token = grant.lasts.then(|| state.new_refresh_token(grant));
    let mut answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": state.lifetime,
        "scope": grant.scopes.join(" "),
    });
    if let Some(refresh_token) = &refresh_token {
        answer["refresh_token"] = json!(refresh_token);
    }
    if grant.has("openid") {
        let more = json!({"email": grant.person, "email_verified": true, "preferred_username": grant.person});
        answer["id_token"] = json!(core.id_token(&core.base, MAIL_CLIENT, grant, &access_token, more));
    }
    (answer, refresh_token)
}

fn begin_device(core: &Core, asked: &Asked) -> Reply {
    if asked.field("client_id") != MAIL_CLIENT {
        return Refusal::new(401, "invalid_client", "unknown client").reply();
    }
    let scopes = asked.field("scope").split_whitespace().map(str::to_owned).collect();
    let page = format!("{}/activate", core.base);
    Reply::json(200, &device::begin(&mut core.state(), scopes, &page))
}

/// RFC 7009 section 2.2: also a token that is worth nothing is answered with 200.
fn revoke(state: &mut State, asked: &Asked) -> Reply {
    let token = asked.field("token");
    let kept = state.refresh_tokens.get(token).map(|kept| kept.grant.id);
    if let Some(grant) = kept.or_else(|| state.access_tokens.get(token).copied()) {
        state.revoke(grant);
    }
    Reply::json(200, &json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Issuer as _, Person, Tokens};

    fn signed_in(simulator: &IssuerSimulator) -> Tokens {
        simulator.signs_in("alice@example.test");
        let text = |text: &str| text.to_owned();
        let alice = Person {
            id: text("a"),
            username: text("alice"),
            password: text("typed nowhere"),
            name: text("Alice"),
            email: text("alice@example.test"),
        };
        let tokens = simulator.mail_sign_in(&alice);
        assert_eq!(tokens.id_claims()["email"], "alice@example.test");
        tokens
    }

    /// The refresh token that a refresh brings.
    fn refreshed(simulator: &IssuerSimulator, refresh_token: &str) -> Option<String> {
        let expected = simulator.honours(refresh_token);
        let tokens = simulator.refresh(refresh_token, MAIL_CLIENT).ok();
        assert_eq!(tokens.is_some(), expected, "it does what it says");
        tokens.map(|tokens| tokens.refresh_token().to_owned())
    }

    #[test]
    fn reuse_ends_everything_where_a_token_works_once() {
        let simulator = IssuerSimulator::start(Rotation::Strict);
        let first = signed_in(&simulator);
        let second = refreshed(&simulator, first.refresh_token()).expect("it is good for one time");
        assert!(simulator.accepts(&first.access_token));
        assert_eq!(refreshed(&simulator, first.refresh_token()), None);
        assert_eq!(refreshed(&simulator, &second), None, "revoked by that");
        assert!(!simulator.accepts(&first.access_token));
    }

    #[test]
    fn an_old_token_works_until_its_successor_does() {
        let simulator = IssuerSimulator::start(Rotation::UntilUsed);
        let first = signed_in(&simulator);
        refreshed(&simulator, first.refresh_token()).expect("this answer was lost");
        let second = refreshed(&simulator, first.refresh_token()).expect("still good");
        refreshed(&simulator, &second).expect("the successor");
        assert_eq!(refreshed(&simulator, first.refresh_token()), None);
    }

    #[test]
    fn old_tokens_stay_good_where_nothing_ends_them() {
        let simulator = IssuerSimulator::start(Rotation::Keeps);
        let first = signed_in(&simulator);
        for _ in 0..2 {
            let second = refreshed(&simulator, first.refresh_token()).expect("still good");
            refreshed(&simulator, &second).expect("the successor");
        }
        simulator.revoke(first.refresh_token(), MAIL_CLIENT);
        assert_eq!(refreshed(&simulator, first.refresh_token()), None);
    }
}
