//! Signing in by OpenID Connect: in the browser, or by a code that is entered in a browser elsewhere.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::{Secret, Timestamp};
use jiff::SignedDuration;
use oauth2::url::Url;
use openidconnect::Nonce;
use tokio_util::sync::CancellationToken;

use crate::authorization::{Authorization, AuthorizationRequest, PasteHandle};
use crate::clock::later;
use crate::device_code::DeviceCode;
use crate::id_token::{Expected, Identity};
use crate::issuer::Discovered;
use crate::redirect::Redirect;
use crate::token::{AccessToken, TokenAnswer};
use crate::{AuthError, Client, Forgery, Pages};

/// How one attempt goes.
#[derive(Debug, Clone)]
pub struct SignInOptions {
    /// What the browser shows when it comes back.
    pub pages: Pages,
    /// Where it comes back to.
    pub redirect: Redirect,
    /// The person's languages, best first, for the issuer's pages.
    pub ui_locales: Vec<String>,
    /// The user name to fill in.
    pub login_hint: Option<String>,
    /// The password is asked again, unless it was typed within this time; zero for always. The answer is checked.
    pub reauthenticate: Option<Duration>,
}

/// An attempt that waits for the browser. Attempts know nothing of each other: a second one, or one in another window,
/// has a port, state, nonce and verifier of its own. Dropping one closes its port.
#[derive(Debug)]
pub struct SignIn {
    client: Client,
    discovered: Arc<Discovered>,
    authorization: Authorization,
    nonce: Nonce,
    authenticated_since: Option<Timestamp>,
}

/// An attempt that waits for a code to be entered elsewhere.
#[derive(Debug)]
pub struct DeviceSignIn {
    client: Client,
    discovered: Arc<Discovered>,
    code: DeviceCode,
}

/// Somebody signed in. Nothing is kept yet: compare [`SignedIn::identity`] with who was here before, then begin a
/// [`crate::Session`].
#[derive(Debug)]
pub struct SignedIn {
    pub(crate) identity: Identity,
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Secret,
    pub(crate) id_token: Secret,
}

impl SignedIn {
    /// Who signed in.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl Client {
    /// Begins an attempt: open [`SignIn::authorize_url`] in the browser, then wait.
    ///
    /// # Errors
    /// [`AuthError::Unreachable`], [`AuthError::Busy`], [`AuthError::Misconfigured`], [`AuthError::Insecure`],
    /// [`AuthError::NoListener`].
    pub async fn sign_in(&self, options: SignInOptions) -> Result<SignIn, AuthError> {
        let discovered = self.issuer().discovered().await?;
        let nonce = Nonce::new_random();
        let mut parameters = vec![("nonce".to_owned(), nonce.secret().clone())];
        let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
        let kind = self.kind(&discovered);
        if let Some(prompt) = kind.prompt(self.wants_offline(), options.reauthenticate.is_some()) {
            add("prompt", prompt.to_owned());
        }
        if let Some(within) = options.reauthenticate {
            add("max_age", within.as_secs().to_string());
        }
        if !options.ui_locales.is_empty() {
            add("ui_locales", options.ui_locales.join(" "));
        }
        if let Some(hint) = options.login_hint {
            add("login_hint", hint);
        }
        if let Some(resource) = self.resource(&discovered) {
            add("resource", resource);
        }
        if let Some(key) = self.binding_key(&discovered) {
            // RFC 9449 section 10: the code, too, is worth nothing without the key.
            add("dpop_jkt", key.thumbprint().to_owned());
        }
        let now = self.issuer().clock().now();
        let authenticated_since = options
            .reauthenticate
            .map(|within| later(now, -SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX)));
        let authorization = Authorization::begin(AuthorizationRequest {
            endpoint: discovered.authorization.clone(),
            client_id: self.registration().client_id.clone(),
            scopes: self.scopes(),
            parameters,
            redirect: options.redirect,
            issuer: Some(discovered.name.as_str().to_owned()),
            issuer_required: discovered.names_itself,
            pages: options.pages,
        })
        .await?;
        Ok(SignIn { client: self.clone(), discovered, authorization, nonce, authenticated_since })
    }

    /// Begins an attempt without a browser here: show [`DeviceSignIn::user_code`], then wait.
    ///
    /// # Errors
    /// As [`Self::sign_in`], and [`AuthError::NotOffered`].
    pub async fn sign_in_by_code(&self) -> Result<DeviceSignIn, AuthError> {
        let discovered = self.issuer().discovered().await?;
        let endpoint = discovered.device_authorization.clone().ok_or(AuthError::NotOffered("device codes"))?;
        let code = DeviceCode::request(self.token_endpoint(&discovered)?, endpoint, self.scopes()).await?;
        Ok(DeviceSignIn { client: self.clone(), discovered, code })
    }

    async fn accept(
        &self,
        answer: TokenAnswer,
        discovered: &Arc<Discovered>,
        nonce: Option<&Nonce>,
        authenticated_since: Option<Timestamp>,
    ) -> Result<SignedIn, AuthError> {
        // A token endpoint that was asked for `openid` and gives no ID token is no OpenID provider.
        let id_token = answer.id_token.ok_or(AuthError::Forged(Forgery::Signature))?;
        let expected = Expected {
            client_id: &self.registration().client_id,
            nonce,
            access_token: answer.access_token.secret(),
            authenticated_since,
            subject: None,
        };
        let identity = self.verify(&id_token, discovered, &expected).await?;
        let refresh_token = answer.refresh_token.ok_or(AuthError::NoRefreshToken)?;
        Ok(SignedIn { identity, access_token: answer.access_token, refresh_token, id_token })
    }
}

impl SignIn {
    /// The address to open in the browser.
    pub fn authorize_url(&self) -> &Url {
        self.authorization.url()
    }

    /// For the person whose browser does not find back.
    pub fn paste_handle(&self) -> PasteHandle {
        self.authorization.paste_handle()
    }

    /// Waits for the person, at most for `limit`, then gets and verifies the tokens.
    ///
    /// # Errors
    /// Those of [`Authorization::granted`] and of the token endpoint; [`AuthError::Forged`], [`AuthError::ClockSkew`],
    /// [`AuthError::NoRefreshToken`].
    pub async fn wait(self, cancel: &CancellationToken, limit: Duration) -> Result<SignedIn, AuthError> {
        let Self { client, discovered, authorization, nonce, authenticated_since } = self;
        let granted = authorization.granted(cancel, limit).await?;
        let finish = async {
            let answer = client.token_endpoint(&discovered)?.exchange(granted).await?;
            client.accept(answer, &discovered, Some(&nonce), authenticated_since).await
        };
        tokio::select! {
            signed_in = finish => signed_in,
            () = cancel.cancelled() => Err(AuthError::Cancelled),
        }
    }
}

impl DeviceSignIn {
    /// What the person types.
    pub fn user_code(&self) -> &str {
        self.code.user_code()
    }

    /// Where the person types it.
    pub fn verification_uri(&self) -> &Url {
        self.code.verification_uri()
    }

    /// The same with the code filled in, for a QR code or a click.
    pub fn verification_uri_complete(&self) -> Option<&Url> {
        self.code.verification_uri_complete()
    }

    /// When the code ends, by this computer's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.code.expires_at()
    }

    /// Waits until the person has entered the code, then verifies the tokens.
    ///
    /// # Errors
    /// Those of [`DeviceCode::granted`]; [`AuthError::Forged`], [`AuthError::ClockSkew`],
    /// [`AuthError::NoRefreshToken`].
    pub async fn wait(self, cancel: &CancellationToken) -> Result<SignedIn, AuthError> {
        let answer = self.code.granted(cancel).await?;
        self.client.accept(answer, &self.discovered, None, None).await
    }
}

#[cfg(test)]
mod tests;
