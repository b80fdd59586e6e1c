//! The authorization code grant of a native app (RFC 6749 section 4.1, RFC 7636, RFC 8252), up to the code.
//!
//! Nothing here knows OpenID Connect: mail providers' OAuth goes the same way.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::url::Url;
use oauth2::{AuthUrl, AuthorizationCode, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::loopback::{Loopback, Reply};
use crate::redirect::{Expected, Judgement, Redirect, as_registered};
use crate::{AuthError, Pages};

type Answer = Result<AuthorizationCode, AuthError>;

/// What to ask the authorization endpoint for.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The authorization endpoint.
    pub endpoint: Url,
    /// The client's id there.
    pub client_id: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Further parameters, by name and value.
    pub parameters: Vec<(String, String)>,
    /// Where the browser comes back to.
    pub redirect: Redirect,
    /// The issuer's name where it has one: an answer that names another one is refused (RFC 9207).
    pub issuer: Option<String>,
    /// The issuer promises to name itself; then an answer that does not is refused too.
    pub issuer_required: bool,
    /// What the browser shows.
    pub pages: Pages,
}

/// An attempt that waits for the browser. Any number may wait at once, each with a port, state and verifier of its own;
/// dropping one closes its port.
#[derive(Debug)]
pub struct Authorization {
    url: Url,
    redirect_uri: Url,
    verifier: PkceCodeVerifier,
    listening: AbortOnDropHandle<Answer>,
    pasted: oneshot::Receiver<Answer>,
    paste: PasteHandle,
}

/// The person's consent, to be exchanged for tokens once.
#[derive(Debug)]
pub struct Granted {
    pub(crate) code: AuthorizationCode,
    pub(crate) verifier: PkceCodeVerifier,
    pub(crate) redirect_uri: Url,
}

impl Authorization {
    /// Listens for the browser and makes the address to open in it.
    ///
    /// # Errors
    /// [`AuthError::NoListener`]; [`AuthError::Misconfigured`] when the redirect's path is none.
    pub async fn begin(request: AuthorizationRequest) -> Result<Self, AuthError> {
        let loopback = Loopback::bind(request.redirect.host).await?;
        let redirect_uri = loopback.url(&request.redirect.path)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client =
            BasicClient::new(ClientId::new(request.client_id)).set_auth_uri(AuthUrl::from_url(request.endpoint));
        let mut authorize = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(request.scopes.into_iter().map(Scope::new))
            .set_redirect_uri(Cow::Owned(as_registered(&redirect_uri)))
            .set_pkce_challenge(challenge);
        for (name, value) in request.parameters {
            authorize = authorize.add_extra_param(name, value);
        }
        let (url, state) = authorize.url();
        let expected = Arc::new(Expected { state, issuer: request.issuer, issuer_required: request.issuer_required });
        let path = request.redirect.path;
        let judge = Arc::clone(&expected);
        let serving = loopback.serve(request.pages, move |visited, query| {
            if visited != path {
                return Reply::Stray;
            }
            match judge.judge(query) {
                Judgement::Stray => Reply::Stray,
                Judgement::Answer(Ok(code)) => Reply::Finish(Ok(Ok(code))),
                Judgement::Answer(Err(error)) => Reply::Finish(Err(Err(error))),
            }
        });
        let (sender, pasted) = oneshot::channel();
        let paste =
            PasteHandle { expected, redirect_uri: redirect_uri.clone(), answer: Arc::new(Mutex::new(Some(sender))) };
        let listening = AbortOnDropHandle::new(tokio::spawn(serving));
        Ok(Self { url, redirect_uri, verifier, listening, pasted, paste })
    }

    /// The address to open in the browser. Nothing in it is a secret: the verifier stays here.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// For the person whose browser does not find back.
    pub fn paste_handle(&self) -> PasteHandle {
        self.paste.clone()
    }

    /// Waits for the answer, whichever way it comes, at most for `limit`.
    ///
    /// # Errors
    /// [`AuthError::Cancelled`], [`AuthError::TimedOut`], [`AuthError::Denied`], [`AuthError::Forged`],
    /// [`AuthError::Busy`], [`AuthError::Refused`] and [`AuthError::Misconfigured`] as the issuer said.
    pub async fn granted(self, cancel: &CancellationToken, limit: Duration) -> Result<Granted, AuthError> {
        let Self { redirect_uri, verifier, listening, pasted, .. } = self;
        let answer = tokio::select! {
            // Pasting is the person's word that the browser is stuck; both at once are the same answer.
            Ok(answer) = pasted => answer,
            // The task ends without an answer only when the runtime does.
            answer = listening => answer.unwrap_or(Err(AuthError::Cancelled)),
            () = cancel.cancelled() => Err(AuthError::Cancelled),
            () = tokio::time::sleep(limit) => Err(AuthError::TimedOut),
        };
        Ok(Granted { code: answer?, verifier, redirect_uri })
    }
}

/// Takes the address that the person copied from the browser, under the same conditions as a visit.
#[derive(Debug, Clone)]
pub struct PasteHandle {
    expected: Arc<Expected>,
    redirect_uri: Url,
    answer: Arc<Mutex<Option<oneshot::Sender<Answer>>>>,
}

/// Why a pasted address did not help. The attempt goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// Not the address of the page that could not be shown.
    #[error("not the address that the browser was sent to")]
    NotTheAddress,
    /// The address of another attempt, or cut off.
    #[error("the address belongs to another attempt, or is not whole")]
    OtherAttempt,
    /// Nobody waits any more.
    #[error("the attempt is over")]
    Over,
}

impl PasteHandle {
    /// Hands the address in; [`Authorization::granted`] then answers.
    ///
    /// # Errors
    /// [`PasteError`]; nothing of the text is kept.
    pub fn paste(&self, address: &str) -> Result<(), PasteError> {
        match self.expected.judge_pasted(address, &self.redirect_uri) {
            None => Err(PasteError::NotTheAddress),
            Some(Judgement::Stray) => Err(PasteError::OtherAttempt),
            Some(Judgement::Answer(answer)) => {
                let sender = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
                sender.and_then(|sender| sender.send(answer).ok()).ok_or(PasteError::Over)
            }
        }
    }
}

#[cfg(test)]
mod tests;
