//! Calls to the server in a person's name, each signed by this computer's key (RFC 9449).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use courrier_auth::{AccessToken, AuthError, DeviceKey, Http, ProofOf, Session};
use courrier_model::{ExposeSecret as _, Timestamp};
use courrier_wire::{ErrorCode, path};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::server::ServerError;
use crate::server::address::ServerAddress;
use crate::server::http;

/// The header of a proof (RFC 9449 section 4.1), and that of the nonce that the next one must have (section 8).
const PROOF: &str = "DPoP";
const NONCE: &str = "DPoP-Nonce";
/// What [`AuthError::Refused`] says of a proof that the issuer does not take (RFC 9449 section 5).
const REFUSED_PROOF: &str = "invalid_dpop_proof";
/// A token that ends sooner is exchanged before it is used.
const FRESH: Duration = Duration::from_secs(30);
/// Longer than any stream lives: whether one is still alive is told by what comes in.
const STREAM: Duration = Duration::from_secs(7 * 24 * 3600);
/// A request is signed anew for a new nonce and for a new token. A server that is never content gets no more.
const TRIES: usize = 4;

/// The server, for one person on this computer.
pub(crate) struct ServerApi {
    pub(crate) http: Http,
    pub(crate) server: ServerAddress,
    pub(crate) key: DeviceKey,
    pub(crate) session: Session,
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) nonce: Mutex<Option<String>>,
}

/// One call.
pub(crate) struct Call<'a> {
    method: Method,
    path: &'a str,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    streams: bool,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, query: Vec::new(), body: None, streams: false }
    }

    pub(crate) fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn delete(path: &'a str) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub(crate) fn post(path: &'a str, body: &impl Serialize) -> Result<Self, ServerError> {
        Self::new(Method::POST, path).with(body)
    }

    pub(crate) fn patch(path: &'a str, body: &impl Serialize) -> Result<Self, ServerError> {
        Self::new(Method::PATCH, path).with(body)
    }

    fn with(mut self, body: &impl Serialize) -> Result<Self, ServerError> {
        let json = serde_json::to_vec(body).map_err(|_| ServerError::Sync("a message can't be written".to_owned()))?;
        self.body = Some(json);
        Ok(self)
    }

    pub(crate) fn query(mut self, name: &'static str, value: Option<String>) -> Self {
        self.query.extend(value.map(|value| (name, value)));
        self
    }

    /// The answer is a stream of events that has no end.
    pub(crate) fn streams(mut self) -> Self {
        self.streams = true;
        self
    }
}

impl ServerApi {
    /// The answer's message.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, ServerError> {
        http::read(self.send(call).await?).await
    }

    /// The answer, which is a success. A token that is no longer taken is exchanged once, a nonce that has aged too.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Response, ServerError> {
        let mut exchanged = false;
        for _ in 0..TRIES {
            let token = self.fresh_token().await?;
            let request = self.request(call, &token)?;
            let answer = self.http.client(request.url())?.execute(request).await.map_err(http::unreachable)?;
            self.session.client().issuer().observe_answer(answer.headers());
            if let Some(nonce) = answer.headers().get(NONCE).and_then(|value| value.to_str().ok()) {
                *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce.to_owned());
            }
            if answer.status().is_success() {
                return Ok(answer);
            }
            match http::refusal(answer).await {
                ServerError::Refused(ErrorCode::UseDpopNonce) => {}
                ServerError::Refused(ErrorCode::TokenInvalid) if !exchanged => {
                    exchanged = true;
                    self.session.refused(&token);
                }
                // The issuer gives tokens and the server takes none of them: it ended this session.
                ServerError::Refused(ErrorCode::TokenInvalid) => return Err(ServerError::SignInNeeded),
                error => return Err(error),
            }
        }
        Err(ServerError::Refused(ErrorCode::UseDpopNonce))
    }

    /// A token that is good for a while. An issuer that refuses the proof's date without telling its own gets one more,
    /// dated by the server's clock.
    async fn fresh_token(&self) -> Result<AccessToken, ServerError> {
        match self.session.ensure_fresh(FRESH).await {
            Err(AuthError::Refused { error }) if error == REFUSED_PROOF => {
                let url = self.server.join(path::WELL_KNOWN);
                let answer = self.http.client(&url)?.get(url).send().await.map_err(http::unreachable)?;
                self.session.client().issuer().observe_answer(answer.headers());
                Ok(self.session.ensure_fresh(FRESH).await?)
            }
            token => Ok(token?),
        }
    }

    fn request(&self, call: &Call<'_>, token: &AccessToken) -> Result<Request, ServerError> {
        let mut url = self.server.join(call.path);
        let proof = {
            let nonce = self.nonce.lock().unwrap_or_else(PoisonError::into_inner);
            self.key.proof(&ProofOf {
                method: call.method.as_str(),
                url: &url,
                at: (self.clock)(),
                access_token: Some(token.secret()),
                nonce: nonce.as_deref(),
            })?
        };
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let client = self.http.client(&url)?;
        // Shown to the server that it is for.
        let authorization = header(token.authorization().expose_secret())?;
        let mut request = client
            .request(call.method.clone(), url)
            .header(AUTHORIZATION, authorization)
            .header(PROOF, header(&proof)?)
            .header(ACCEPT, if call.streams { "text/event-stream" } else { "application/json" });
        if call.streams {
            request = request.timeout(STREAM);
        }
        if let Some(body) = &call.body {
            request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        request.build().map_err(http::unreachable)
    }
}

/// A header that is not written to any log.
fn header(value: &str) -> Result<HeaderValue, ServerError> {
    let mut value =
        HeaderValue::from_str(value).map_err(|_| ServerError::Sync("a token is no header value".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
