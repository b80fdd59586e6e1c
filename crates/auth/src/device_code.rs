//! The device authorization grant (RFC 8628), for where no browser can open. Nothing here knows OpenID Connect.

use std::time::Duration;

use courrier_model::Timestamp;
use jiff::SignedDuration;
use oauth2::url::Url;
use oauth2::{
    DeviceAuthorizationUrl, DeviceCodeErrorResponse, DeviceCodeErrorResponseType, PkceCodeChallenge, PkceCodeVerifier,
    RequestTokenError, Scope, StandardDeviceAuthorizationResponse,
};
use tokio_util::sync::CancellationToken;

use crate::AuthError;
use crate::clock::later;
use crate::http_client::{HttpError, is_private};
use crate::refusal::Refusal;
use crate::token::TokenAnswer;
use crate::token_endpoint::{Fault, TokenEndpoint};

/// The fastest pace, whatever the issuer allows.
const FASTEST: Duration = Duration::from_secs(1);

/// A code that somebody enters in a browser elsewhere.
#[derive(Debug)]
pub struct DeviceCode {
    endpoint: TokenEndpoint,
    answer: StandardDeviceAuthorizationResponse,
    verifier: PkceCodeVerifier,
    verification_uri: Url,
    complete: Option<Url>,
    expires_at: Timestamp,
}

impl DeviceCode {
    /// Asks for a code (RFC 8628 section 3.1). PKCE goes with it: an issuer that wants it of this client wants it here
    /// too, others ignore it.
    ///
    /// # Errors
    /// [`AuthError::Insecure`], [`AuthError::Unreachable`], [`AuthError::Busy`], [`AuthError::Misconfigured`] when this
    /// client may not use device codes.
    pub async fn request(
        endpoint: TokenEndpoint,
        device_endpoint: Url,
        scopes: Vec<String>,
    ) -> Result<Self, AuthError> {
        if !is_private(&device_endpoint) {
            return Err(AuthError::Insecure);
        }
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = endpoint.client().set_device_authorization_url(DeviceAuthorizationUrl::from_url(device_endpoint));
        let mut request = client
            .exchange_device_code()
            .add_scopes(scopes.into_iter().map(Scope::new))
            .add_extra_param("code_challenge", challenge.as_str())
            .add_extra_param("code_challenge_method", challenge.method().as_str());
        for (name, value) in endpoint.parameters() {
            request = request.add_extra_param(name, value);
        }
        let answer: StandardDeviceAuthorizationResponse =
            request.request_async(&endpoint.sender.http).await.map_err(|error| no_code(&endpoint, error))?;
        // The page where a password is typed: never one that others can read along.
        let page = |text: &str| text.parse::<Url>().ok().filter(is_private);
        let verification_uri = page(answer.verification_uri().as_str()).ok_or(AuthError::Insecure)?;
        let complete = answer.verification_uri_complete().and_then(|url| page(url.secret()));
        let lifetime = SignedDuration::try_from(answer.expires_in()).unwrap_or(SignedDuration::ZERO);
        let expires_at = later(endpoint.clock().now(), lifetime);
        Ok(Self { endpoint, answer, verifier, verification_uri, complete, expires_at })
    }

    /// What the person types there.
    pub fn user_code(&self) -> &str {
        self.answer.user_code().secret()
    }

    /// Where the person types it.
    pub fn verification_uri(&self) -> &Url {
        &self.verification_uri
    }

    /// The same with the code filled in, for a QR code or a click.
    pub fn verification_uri_complete(&self) -> Option<&Url> {
        self.complete.as_ref()
    }

    /// When the code ends, by this computer's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Asks at the issuer's pace (RFC 8628 section 3.5: every `interval`, 5 s slower at each `slow_down`) until the
    /// person has answered or the code has ended.
    ///
    /// # Errors
    /// [`AuthError::Cancelled`], [`AuthError::Denied`], [`AuthError::CodeExpired`], and those of
    /// [`TokenEndpoint::exchange`]. A network that is away for a while is waited for.
    pub async fn granted(self, cancel: &CancellationToken) -> Result<TokenAnswer, AuthError> {
        let client = self.endpoint.client();
        let mut request = client
            .exchange_device_access_token(&self.answer)
            .set_max_backoff_interval(Duration::from_secs(30))
            .add_extra_param("code_verifier", self.verifier.secret().as_str());
        for (name, value) in self.endpoint.parameters() {
            request = request.add_extra_param(name, value);
        }
        let pause = |interval: Duration| tokio::time::sleep(interval.max(FASTEST));
        // The library watches the time of day, which may be set meanwhile; this limit runs by time that has passed.
        let limit = self.answer.expires_in() + Duration::from_secs(30);
        tokio::select! {
            answer = request.request_async(&self.endpoint.sender, pause, None) => {
                answer.map(|answer| self.endpoint.read(&answer)).map_err(|error| not_granted(&self.endpoint, error))
            }
            () = cancel.cancelled() => Err(AuthError::Cancelled),
            () = tokio::time::sleep(limit) => Err(AuthError::CodeExpired),
        }
    }
}

fn no_code(endpoint: &TokenEndpoint, error: RequestTokenError<HttpError, Refusal>) -> AuthError {
    match Fault::from(error) {
        Fault::Refused(refusal) if refusal.numbered().is_some() => refusal.into_error(),
        Fault::Unreadable(_) => AuthError::Misconfigured("the device endpoint's answer can't be read".into()),
        fault => endpoint.explain(fault),
    }
}

fn not_granted(endpoint: &TokenEndpoint, error: RequestTokenError<HttpError, DeviceCodeErrorResponse>) -> AuthError {
    use DeviceCodeErrorResponseType as Code;
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            Code::AccessDenied => AuthError::Denied,
            Code::ExpiredToken => AuthError::CodeExpired,
            Code::Basic(code) => {
                let refusal = Refusal::of_redirect(code.as_ref(), response.error_description().map(String::as_str));
                match refusal.numbered() {
                    Some(_) => refusal.into_error(),
                    None => endpoint.refusal(&refusal.error),
                }
            }
            // The library waits on these two.
            Code::AuthorizationPending | Code::SlowDown => AuthError::CodeExpired,
        },
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            AuthError::Misconfigured("the token endpoint's answer can't be read".into())
        }
    }
}
