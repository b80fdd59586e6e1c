//! The person's consent to one mail account's use, in the browser or by a code that is entered elsewhere.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::{Address, Timestamp};
use oauth2::url::Url;
use openidconnect::Nonce;
use tokio_util::sync::CancellationToken;

use super::identity::identify;
use super::provider::{MailProvider, provider_http};
use super::tokens::MailTokens;
use crate::authorization::{Authorization, AuthorizationRequest, PasteHandle};
use crate::device_code::DeviceCode;
use crate::http_client::IssuerHttp;
use crate::id_token::Identity;
use crate::token::TokenAnswer;
use crate::token_endpoint::Fault;
use crate::{AuthError, Clock, Http, Pages};

/// This program at one mail provider. Cheap to clone.
#[derive(Clone)]
pub struct MailClient(Arc<Inner>);

struct Inner {
    http: IssuerHttp,
    provider: MailProvider,
}

/// How one attempt goes.
#[derive(Debug, Clone)]
pub struct AuthorizeOptions {
    /// What the browser shows when it comes back.
    pub pages: Pages,
    /// The address to fill in. Most providers then pick the right one of several people who are signed in.
    pub login_hint: Option<String>,
    /// The person's languages, best first, for the provider's pages.
    pub ui_locales: Vec<String>,
    /// Ask for consent although it was given before.
    pub reconsent: bool,
}

/// An attempt that waits for the browser; dropping it closes its port.
#[derive(Debug)]
pub struct MailAuthorization {
    client: MailClient,
    authorization: Authorization,
    nonce: Option<Nonce>,
}

/// An attempt that waits for a code to be entered elsewhere.
#[derive(Debug)]
pub struct MailDeviceCode {
    client: MailClient,
    code: DeviceCode,
}

/// Somebody consented. Nothing is kept yet: compare who it was with the account's address, look at what is missing, then
/// hand the tokens to [`crate::Custodian::replace`].
#[derive(Debug)]
pub struct Consent {
    /// What to keep.
    pub tokens: MailTokens,
    /// Who consented, by the ID token; `None` where the provider does not say.
    pub identity: Option<Identity>,
    /// Scopes that mail needs and that were not granted.
    pub missing_scopes: Vec<String>,
}

impl Consent {
    /// Who consented, for showing.
    pub fn consented_as(&self) -> Option<&str> {
        self.tokens.consented_as.as_deref()
    }

    /// True if it was the person whom this address names, false if it was somebody else: a delegate, say, or the wrong one
    /// of two accounts in the same browser. `None` if the provider did not say.
    pub fn names(&self, address: &Address) -> Option<bool> {
        let identity = self.identity.as_ref()?;
        let said = [&identity.email, &identity.username].into_iter().flatten();
        let mut addresses = said.filter_map(|said| said.parse::<Address>().ok()).peekable();
        addresses.peek()?;
        Some(addresses.any(|said| said.same_as(address)))
    }
}

impl MailClient {
    /// The client; no network is needed.
    ///
    /// # Errors
    /// [`AuthError::Insecure`] for a provider with an endpoint without TLS outside this computer.
    pub fn new(http: Http, provider: MailProvider) -> Result<Self, AuthError> {
        if !provider.is_private() {
            return Err(AuthError::Insecure);
        }
        Ok(Self(Arc::new(Inner { http: provider_http(&http), provider })))
    }

    /// The provider.
    pub fn provider(&self) -> &MailProvider {
        &self.0.provider
    }

    /// Begins an attempt: open [`MailAuthorization::authorize_url`] in the browser, then wait.
    ///
    /// # Errors
    /// [`AuthError::NoListener`]; [`AuthError::Misconfigured`] when the redirect's path is none.
    pub async fn authorize(&self, options: AuthorizeOptions) -> Result<MailAuthorization, AuthError> {
        let provider = self.provider();
        let scopes = provider.all_scopes();
        let mut parameters = provider.parameters_for(options.reconsent);
        let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
        let nonce = scopes.iter().any(|scope| scope == "openid").then(Nonce::new_random);
        if let Some(nonce) = &nonce {
            add("nonce", nonce.secret().clone());
        }
        if !options.ui_locales.is_empty() {
            add("ui_locales", options.ui_locales.join(" "));
        }
        if let Some(hint) = options.login_hint {
            add("login_hint", hint);
        }
        let authorization = Authorization::begin(AuthorizationRequest {
            endpoint: provider.authorization.clone(),
            client_id: provider.client_id.clone(),
            scopes,
            parameters,
            redirect: provider.redirect.clone(),
            // A name with a gap for the tenant is none that an answer could be compared with.
            issuer: provider.issuer.clone().filter(|issuer| !issuer.contains('{')),
            issuer_required: provider.names_itself,
            pages: options.pages,
        })
        .await?;
        Ok(MailAuthorization { client: self.clone(), authorization, nonce })
    }

    /// Begins an attempt without a browser here: show [`MailDeviceCode::user_code`], then wait.
    ///
    /// # Errors
    /// [`AuthError::NotOffered`], [`AuthError::Provider`], [`AuthError::Unreachable`], [`AuthError::Busy`],
    /// [`AuthError::Misconfigured`].
    pub async fn authorize_by_code(&self) -> Result<MailDeviceCode, AuthError> {
        let provider = self.provider();
        let device = provider.device.clone().ok_or(AuthError::NotOffered("device codes"))?;
        let endpoint = provider.endpoint(self.http().clone())?;
        let code = DeviceCode::request(endpoint, device, provider.all_scopes()).await?;
        Ok(MailDeviceCode { client: self.clone(), code })
    }

    pub(super) fn http(&self) -> &IssuerHttp {
        &self.0.http
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.http.http.clock()
    }

    async fn accept(&self, answer: TokenAnswer, nonce: Option<&Nonce>) -> Result<Consent, AuthError> {
        let provider = self.provider();
        let identity = identify(self.http(), provider, &answer, nonce).await?;
        let refresh_token = answer.refresh_token.ok_or(AuthError::NoRefreshToken)?;
        let missing_scopes = provider.missing(answer.scopes.as_deref());
        let consented_as = identity.as_ref().and_then(|identity| identity.email.clone().or(identity.username.clone()));
        let now = self.clock().now();
        let tokens = MailTokens {
            provider: provider.id.clone(),
            client_id: provider.client_id.clone(),
            client_secret: provider.client_secret.clone(),
            token_endpoint: provider.token.clone(),
            refresh_token,
            access_token: Some(answer.access_token.secret().clone()),
            expires_at: Some(answer.access_token.expires_at()),
            scopes: provider.granted(answer.scopes),
            consented_as,
            mail_hosts: provider.mail_hosts.clone(),
            obtained_at: now,
            refreshed_at: now,
            generation: 0,
        };
        Ok(Consent { tokens, identity, missing_scopes })
    }
}

impl fmt::Debug for MailClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailClient").field("provider", &self.0.provider.id).finish()
    }
}

impl MailAuthorization {
    /// The address to open in the browser.
    pub fn authorize_url(&self) -> &Url {
        self.authorization.url()
    }

    /// For the person whose browser does not find back.
    pub fn paste_handle(&self) -> PasteHandle {
        self.authorization.paste_handle()
    }

    /// Waits for the person, at most for `limit`, then gets the tokens and finds out who consented to what.
    ///
    /// # Errors
    /// [`AuthError::Cancelled`], [`AuthError::TimedOut`]; [`AuthError::Denied`] when the person said no;
    /// [`AuthError::Provider`], also when an administrator has to consent; [`AuthError::NoRefreshToken`];
    /// [`AuthError::Forged`], [`AuthError::Unreachable`], [`AuthError::Busy`], [`AuthError::Misconfigured`].
    pub async fn wait(self, cancel: &CancellationToken, limit: Duration) -> Result<Consent, AuthError> {
        let Self { client, authorization, nonce } = self;
        let granted = authorization.granted(cancel, limit).await?;
        let finish = async {
            let endpoint = client.provider().endpoint(client.http().clone())?;
            let answer = endpoint.try_exchange(granted).await.map_err(explain)?;
            client.accept(answer, nonce.as_ref()).await
        };
        tokio::select! {
            consent = finish => consent,
            () = cancel.cancelled() => Err(AuthError::Cancelled),
        }
    }
}

impl MailDeviceCode {
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

    /// Waits until the person has entered the code, then finds out who consented to what.
    ///
    /// # Errors
    /// Those of [`DeviceCode::granted`]; [`AuthError::NoRefreshToken`], [`AuthError::Forged`].
    pub async fn wait(self, cancel: &CancellationToken) -> Result<Consent, AuthError> {
        let answer = self.code.granted(cancel).await?;
        self.client.accept(answer, None).await
    }
}

/// What a failed request means for a mail account. What is not an answer of a token endpoint comes from something on the
/// way (a gateway, a login page of a hotel): it passes.
pub(super) fn explain(fault: Fault) -> AuthError {
    match fault {
        Fault::Refused(refusal) => refusal.into_error(),
        Fault::Unreadable(what) => AuthError::Unreachable(what.to_owned()),
        Fault::Unanswered(error) => error.into(),
    }
}
