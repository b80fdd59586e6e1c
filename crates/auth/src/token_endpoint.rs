//! The token endpoint (RFC 6749 section 3.2), with the device's key where the issuer binds tokens to it.

use std::sync::Arc;

use courrier_model::{ExposeSecret, Secret};
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, StatusCode};
use oauth2::basic::{BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::url::Url;
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    RefreshToken, RequestTokenError, StandardRevocableToken, TokenResponse as _, TokenUrl,
};
use serde::Deserialize;

use crate::authorization::Granted;
use crate::clock::Clock;
use crate::dpop::NonceStore;
use crate::error::error_code;
use crate::http_client::{HttpError, IssuerHttp, is_private, retry_after};
use crate::redirect::as_registered;
use crate::refusal::{Refusal, Verdict};
use crate::token::{AccessToken, TokenAnswer};
use crate::token_response::TokenResponse;
use crate::{AuthError, DeviceKey, Http, ProofOf};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Where codes and refresh tokens become tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    pub(crate) sender: Sender,
    url: Url,
    client_id: String,
    client_secret: Option<Secret>,
    resource: Option<String>,
}

/// Sends requests to one issuer, with a proof of the device's key if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) http: IssuerHttp,
    pub(crate) proof: Option<(DeviceKey, Arc<NonceStore>)>,
}

pub(crate) type OAuth<Device> = oauth2::Client<
    Refusal,
    TokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    Device,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The endpoint said no.
    Refused(Refusal),
    /// What came is not an answer of a token endpoint.
    Unreadable(&'static str),
    /// Nothing came.
    Unanswered(HttpError),
}

impl From<RequestTokenError<HttpError, Refusal>> for Fault {
    /// The answer's body, which may hold tokens, goes no further.
    fn from(error: RequestTokenError<HttpError, Refusal>) -> Self {
        match error {
            RequestTokenError::ServerResponse(refusal) => Self::Refused(refusal),
            RequestTokenError::Request(error) => Self::Unanswered(error),
            RequestTokenError::Parse(..) => Self::Unreadable("the token endpoint's answer can't be read"),
            RequestTokenError::Other(_) => Self::Unreadable("the token endpoint answers without JSON"),
        }
    }
}

impl TokenEndpoint {
    /// The endpoint at this address, for this client.
    ///
    /// # Errors
    /// [`AuthError::Insecure`] for an address without TLS outside this computer.
    pub fn new(http: Http, url: Url, client_id: String) -> Result<Self, AuthError> {
        Self::within(Sender { http: IssuerHttp::new(http), proof: None }, url, client_id)
    }

    pub(crate) fn within(sender: Sender, url: Url, client_id: String) -> Result<Self, AuthError> {
        if !is_private(&url) {
            return Err(AuthError::Insecure);
        }
        Ok(Self { sender, url, client_id, client_secret: None, resource: None })
    }

    /// With a secret that goes into the request's body; for a native app it is none (RFC 8252 section 8.5), but some
    /// providers want it.
    pub fn with_client_secret(mut self, secret: Secret) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// For one resource (RFC 8707 section 2.2).
    pub fn with_resource(mut self, resource: Option<String>) -> Self {
        self.resource = resource;
        self
    }

    pub(crate) fn client(&self) -> OAuth<EndpointNotSet> {
        let client = oauth2::Client::new(ClientId::new(self.client_id.clone())).set_auth_type(AuthType::RequestBody);
        let client = match &self.client_secret {
            // The library sends it to the endpoint it was registered at.
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
            None => client,
        };
        client.set_token_uri(TokenUrl::from_url(self.url.clone()))
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> + use<'_> {
        self.resource.iter().map(|resource| ("resource", resource.clone()))
    }

    /// Exchanges a code (RFC 6749 section 4.1.3).
    ///
    /// # Errors
    /// [`AuthError::Refused`], [`AuthError::Misconfigured`], [`AuthError::Unreachable`], [`AuthError::Busy`].
    pub async fn exchange(&self, granted: Granted) -> Result<TokenAnswer, AuthError> {
        self.try_exchange(granted).await.map_err(|fault| self.explain(fault))
    }

    pub(crate) async fn try_exchange(&self, granted: Granted) -> Result<TokenAnswer, Fault> {
        let client = self.client().set_redirect_uri(as_registered(&granted.redirect_uri));
        let mut request = client.exchange_code(granted.code).set_pkce_verifier(granted.verifier);
        for (name, value) in self.parameters() {
            request = request.add_extra_param(name, value);
        }
        Ok(self.read(&request.request_async(&self.sender).await?))
    }

    /// Gets new tokens for a refresh token (RFC 6749 section 6), which may be worthless from then on.
    ///
    /// # Errors
    /// As [`Self::exchange`]; `Refused` with `invalid_grant` means that the refresh token is no good any more.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<TokenAnswer, AuthError> {
        self.try_refresh(refresh_token).await.map_err(|fault| self.explain(fault))
    }

    pub(crate) async fn try_refresh(&self, refresh_token: &Secret) -> Result<TokenAnswer, Fault> {
        // The issuer that gave it is the only one to see it again.
        let refresh_token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let client = self.client();
        let mut request = client.exchange_refresh_token(&refresh_token);
        for (name, value) in self.parameters() {
            request = request.add_extra_param(name, value);
        }
        Ok(self.read(&request.request_async(&self.sender).await?))
    }

    pub(crate) fn read(&self, answer: &TokenResponse) -> TokenAnswer {
        // From here on they are secrets of ours, wiped when dropped.
        let token = Secret::from(answer.access_token().secret().clone());
        let bound = answer.token_type().as_ref().eq_ignore_ascii_case("dpop");
        TokenAnswer {
            access_token: AccessToken::new(token, bound, answer.expires_in(), self.clock()),
            refresh_token: answer.refresh_token().map(|token| Secret::from(token.secret().clone())),
            id_token: answer.id_token.clone().map(Secret::from),
            scopes: answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str().to_owned()).collect()),
        }
    }

    /// What a failed request means.
    pub(crate) fn explain(&self, fault: Fault) -> AuthError {
        match fault {
            Fault::Refused(refusal) => self.refusal(&refusal.error),
            Fault::Unreadable(what) => AuthError::Misconfigured(what.into()),
            Fault::Unanswered(error) => error.into(),
        }
    }

    /// What the token endpoint's error code means (RFC 6749 section 5.2).
    pub(crate) fn refusal(&self, error: &str) -> AuthError {
        match error {
            "invalid_client"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_scope"
            | "invalid_target" => AuthError::Misconfigured(error_code(error)),
            "temporarily_unavailable" | "server_error" => AuthError::Busy { retry_after: None },
            // The second is Microsoft's word for a device code that the person refused.
            "access_denied" | "authorization_declined" => AuthError::Denied,
            // Keycloak's word for a proof that it does not accept; the rest of our requests has the same form always.
            "invalid_request" if self.sender.proof.is_some() => {
                AuthError::Refused { error: "invalid_dpop_proof".into() }
            }
            other => AuthError::Refused { error: error_code(other) },
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.sender.http.http.clock()
    }
}

impl Sender {
    /// Sends a request; with a key, it is sent once more when the server wants its nonce in the proof (RFC 9449
    /// section 8), or the proof dated by its own clock.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.send_proven(request).await?;
        // A server that says so by 400 may name the time as well; the library keeps no headers.
        let later = serde_json::from_slice::<Refusal>(response.body())
            .is_ok_and(|refusal| refusal.judged().verdict == Verdict::RetryLater && refusal.error != "slow_down");
        match retry_after(response.headers(), self.http.http.clock()) {
            wait @ Some(_) if later && !response.status().is_success() => Err(HttpError::Busy { retry_after: wait }),
            _ => Ok(response),
        }
    }

    async fn send_proven(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Some((key, nonces)) = &self.proof else { return self.http.send(request).await };
        let first = self.prove(key, nonces, &request)?;
        let before = self.http.clock.now();
        let response = self.http.send(first).await?;
        let learnt = match response.headers().get(DPOP_NONCE).and_then(|nonce| nonce.to_str().ok()) {
            Some(nonce) if nonces.get().as_deref() != Some(nonce) => {
                nonces.set(nonce.to_owned());
                true
            }
            _ => false,
        };
        let again = match error_of(&response).as_deref() {
            Some("use_dpop_nonce") => learnt,
            _ if is_refused_proof(&response) => {
                let moved = (self.http.clock.now().as_second() - before.as_second()).abs() >= 5;
                learnt || moved || self.http.clock.believe()
            }
            _ => false,
        };
        if !again {
            return Ok(response);
        }
        let response = self.http.send(self.prove(key, nonces, &request)?).await?;
        if is_refused_proof(&response) {
            // Whoever told the time knew it no better: the next attempt begins with this computer's clock again.
            self.http.clock.doubt();
        }
        Ok(response)
    }

    fn prove(&self, key: &DeviceKey, nonces: &NonceStore, request: &HttpRequest) -> Result<HttpRequest, HttpError> {
        let impossible = |_| HttpError::Unreachable("no proof could be made".into());
        let url = request.uri().to_string().parse::<Url>().map_err(|_| HttpError::Insecure)?;
        let nonce = nonces.get();
        let of = ProofOf {
            method: request.method().as_str(),
            url: &url,
            at: self.http.clock.now(),
            access_token: None,
            nonce: nonce.as_deref(),
        };
        let proof = key.proof(&of).map_err(impossible)?;
        let mut request = request.clone();
        if let Ok(proof) = HeaderValue::from_str(&proof) {
            request.headers_mut().insert(DPOP, proof);
        }
        Ok(request)
    }
}

impl<'c> AsyncHttpClient<'c> for Sender {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// True if the issuer does not accept the proof's date, as far as it can be told; the second is Keycloak's word.
fn is_refused_proof(response: &HttpResponse) -> bool {
    matches!(error_of(response).as_deref(), Some("invalid_dpop_proof" | "invalid_request"))
}

/// The error code of a refusal.
fn error_of(response: &HttpResponse) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    if !matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        return None;
    }
    serde_json::from_slice::<Refusal>(response.body()).ok().map(|refusal| refusal.error)
}
