//! What all simulators have in common: how a test tells them what to do, and how it learns what they did.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use super::odd::{Odd, Refusal};
use super::server::{Asked, Fields, Listening, Reply, Serving, with_query};
use super::signer::{Signer, at_hash};
use super::state::{Grant, Standing, State, TokenRequest};
use crate::http::Http;

/// A provider's part of a simulator.
pub(super) trait Provider: Send + Sync + 'static {
    /// Answers a request.
    fn answer(&self, core: &Core, asked: &Asked) -> Reply;

    /// Whether a refresh token would be accepted now.
    fn honours(&self, state: &State, refresh_token: &str) -> bool {
        state.refresh_tokens.get(refresh_token).is_some_and(|token| token.standing == Standing::Good)
    }
}

/// What answers requests.
#[derive(Debug)]
pub(super) struct Core {
    /// Its address, without a slash at the end.
    pub(super) base: String,
    pub(super) signer: Signer,
    state: Mutex<State>,
    changed: Condvar,
}

impl Core {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no answer panics")
    }

    /// Answers at a token endpoint: `issue` makes the document of a proper answer.
    pub(super) fn token(&self, asked: &Asked, issue: impl FnOnce(&mut State) -> Result<Value, Refusal>) -> Reply {
        let mut state = self.state();
        let odd = state.odd();
        let mut access_token = None;
        let mut reply = match odd.as_ref().and_then(Odd::instead) {
            Some(reply) => reply,
            None => match issue(&mut state) {
                Ok(mut document) => {
                    odd.iter().for_each(|odd| odd.change(&mut document));
                    access_token = document["access_token"].as_str().map(str::to_owned);
                    Reply::json(200, &document)
                }
                Err(refusal) => refusal.reply(),
            },
        };
        match odd {
            Some(Odd::Slow(delay)) => reply.delay = delay,
            Some(Odd::Lost) => reply.lost = true,
            _ => {}
        }
        state.requests.push(TokenRequest { fields: asked.form.clone(), status: reply.status, access_token });
        drop(state);
        self.changed.notify_all();
        reply
    }

    /// Sends the browser back with a code or with what a test wants instead (RFC 6749 section 4.1.2).
    pub(super) fn send_back(&self, query: &Fields, outcome: Result<&str, &Refusal>) -> Reply {
        let parameters = match outcome {
            Ok(code) => vec![("code", code)],
            Err(refusal) => vec![("error", refusal.error()), ("error_description", refusal.description())],
        };
        let state = query.get("state").map(|state| ("state", state.as_str()));
        let parameters: Vec<_> = parameters.into_iter().chain(state).collect();
        let redirect_uri = query.get("redirect_uri").map_or("", String::as_str);
        with_query(redirect_uri, &parameters)
            .map_or_else(|| Reply::page(400, "No redirect_uri"), |to| Reply::redirect(&to))
    }

    /// An ID token with what every provider's has, and `more`.
    pub(super) fn id_token(
        &self,
        issuer: &str,
        client_id: &str,
        grant: &Grant,
        access_token: &str,
        more: Value,
    ) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = serde_json::json!({
            "iss": issuer, "aud": client_id, "iat": now, "exp": now + 3600,
            "sub": format!("subject-of-{}", grant.person), "at_hash": at_hash(access_token),
        });
        let all = claims.as_object_mut().expect("an object");
        all.extend(grant.nonce.iter().map(|nonce| ("nonce".to_owned(), nonce.as_str().into())));
        if let Value::Object(more) = more {
            all.extend(more);
        }
        self.signer.sign(&claims)
    }
}

/// A running simulator, whichever provider it stands for. Ended on drop.
pub struct Simulator {
    core: Arc<Core>,
    provider: Arc<dyn Provider>,
    _serving: Serving,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("base", &self.core.base).finish_non_exhaustive()
    }
}

/// Where a person's way through an authorization endpoint ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Walked {
    /// The browser is sent to this address, which was not asked.
    Back(Url),
    /// A page, with its status and text: the provider does not trust the address that it was to send the browser to.
    Page(u16, String),
}

impl Simulator {
    pub(super) fn start(provider: Arc<dyn Provider>) -> Self {
        let listening = Listening::bind();
        let base = format!("http://{}", listening.address());
        let core = Arc::new(Core { base, signer: Signer::new(), state: Mutex::default(), changed: Condvar::new() });
        let handler = {
            let (core, provider) = (Arc::clone(&core), Arc::clone(&provider));
            Arc::new(move |asked: &Asked| provider.answer(&core, asked))
        };
        Self { core, provider, _serving: listening.serve(handler) }
    }

    /// Its address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.core.base
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.core.base)).expect("an address")
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.core.state()
    }

    /// Who signs in and consents from now on, whatever the `login_hint` says.
    pub fn signs_in(&self, address: &str) {
        self.state().person = Some(address.into());
    }

    /// From now on the browser comes back with this instead of a code; with a code again after `None`.
    pub fn denies(&self, denial: impl Into<Option<Refusal>>) {
        self.state().denial = denial.into();
    }

    /// Nobody consents to this scope from now on.
    pub fn withholds(&self, scope: &str) {
        self.state().withheld.insert(scope.into());
    }

    /// How long new access tokens live, in seconds.
    pub fn lifetime(&self, seconds: u64) {
        self.state().lifetime = seconds;
    }

    /// The next request to the token endpoint is answered so, or the one after those that were announced before.
    pub fn next(&self, odd: impl Into<Odd>) {
        self.state().next.push_back(odd.into());
    }

    /// Every further request is answered so.
    pub fn every(&self, odd: impl Into<Odd>) {
        self.state().every = Some(odd.into());
    }

    /// Everything is as it should be again.
    pub fn recovers(&self) {
        let mut state = self.state();
        state.next.clear();
        state.every = None;
    }

    /// Takes every token back, as when a password was changed.
    pub fn revokes_everything(&self) {
        self.state().revoke_all();
    }

    /// Every request to the token endpoint, in turn.
    pub fn requests(&self) -> Vec<TokenRequest> {
        self.state().requests.clone()
    }

    /// How many refreshes were answered with tokens.
    pub fn refreshes(&self) -> usize {
        self.state().requests.iter().filter(|request| request.is_refresh() && request.status == 200).count()
    }

    /// Waits until `count` requests to the token endpoint have been answered, the last just now. False if that takes
    /// longer than `limit`.
    pub fn has_answered(&self, count: usize, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.state();
        while state.requests.len() < count {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            state = self.core.changed.wait_timeout(state, left).expect("no answer panics").0;
        }
        true
    }

    /// The parameters of every authorization request, in turn.
    pub fn authorizations(&self) -> Vec<std::collections::BTreeMap<String, String>> {
        self.state().authorizations.clone()
    }

    /// Whether this refresh token would be accepted now.
    pub fn honours(&self, refresh_token: &str) -> bool {
        self.provider.honours(&self.state(), refresh_token)
    }

    /// The refresh tokens that were given for this one.
    pub fn successors(&self, refresh_token: &str) -> Vec<String> {
        let state = self.state();
        let token = state.refresh_tokens.get(refresh_token);
        token.map_or_else(Vec::new, |token| token.successors.clone())
    }

    /// Whether this access token was given and not taken back.
    pub fn accepts(&self, access_token: &str) -> bool {
        self.state().access_tokens.contains_key(access_token)
    }

    /// Does what a person's browser does at an authorization address, up to the redirect, which is not followed.
    ///
    /// # Panics
    /// If nobody answers.
    pub fn walk(&self, address: &str) -> Walked {
        let answer = Http::new().get(&Url::parse(address).expect("an address"));
        match answer.location {
            Some(location) => Walked::Back(location),
            None => Walked::Page(answer.status, answer.body),
        }
    }

    /// The same, and follows the redirect to the program that waits for it. The page that the program shows.
    ///
    /// # Panics
    /// If the browser is not sent back, or nobody listens there.
    pub fn walk_back(&self, address: &str) -> String {
        match self.walk(address) {
            Walked::Back(location) => Http::new().get(&location).body,
            Walked::Page(status, text) => panic!("{status}: {text}"),
        }
    }
}
