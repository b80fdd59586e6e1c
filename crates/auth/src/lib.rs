//! Signing in by the system's browser, and the tokens that keep a session alive.
//!
//! ```no_run
//! use std::time::Duration;
//! use courrier_auth::{AuthError, Client, Clock, Http, Issuer, Pages, Registration, Session, SignInOptions};
//! # async fn example(
//! #     now: fn() -> courrier_model::Timestamp, pages: Pages, browser: &dyn courrier_auth::Browser,
//! #     keeper: std::sync::Arc<dyn courrier_auth::TokenKeeper>, lock: std::sync::Arc<dyn courrier_auth::RefreshLock>,
//! # ) -> Result<(), AuthError> {
//! let http = Http::new(Clock::new(now));
//! let issuer = Issuer::new(http, "https://id.example.test/realms/office".parse()?);
//! let registration = Registration {
//!     client_id: "courrier-desktop".into(),
//!     scopes: vec!["profile".into(), "email".into(), "offline_access".into()],
//!     resource: None,
//!     kind: None,
//! };
//! let client = Client::new(issuer, registration, None);
//! let options = SignInOptions {
//!     pages, redirect: Default::default(), ui_locales: vec!["fr".into()], login_hint: None, reauthenticate: None,
//! };
//! let attempt = client.sign_in(options).await?;
//! let _ = browser.open(attempt.authorize_url()); // the person can copy the address as well
//! let signed_in = attempt.wait(&Default::default(), Duration::from_secs(600)).await?;
//! println!("{:?}", signed_in.identity().name);
//! let session = Session::begin(client, signed_in, keeper, lock).await?;
//! let token = session.ensure_fresh(Duration::from_secs(60)).await?; // as often as you like
//! # Ok(())
//! # }
//! ```
//!
//! A mail account goes the same way; its tokens are then looked after by a [`Custodian`], one for each account:
//!
//! ```no_run
//! # use std::{sync::Arc, time::Duration};
//! # use courrier_auth::*;
//! # use courrier_model::{Address, Host, OAuthPreset};
//! # async fn example(
//! #     http: Http, pages: Pages, address: Address, host: Host, browser: &dyn Browser,
//! #     keeper: Arc<dyn MailTokenKeeper>, lock: Arc<dyn RefreshLock>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let preset = OAuthPreset::for_host(&host).ok_or("an issuer of its own: MailProvider::discover")?;
//! let registration = MailClientId { client_id: "0a1b".into(), client_secret: None, tenant: None };
//! let client = MailClient::new(http, MailProvider::from_preset(preset, registration)?)?;
//! let login_hint = Some(address.to_string());
//! let attempt = client.authorize(AuthorizeOptions { pages, login_hint, ui_locales: vec![], reconsent: false }).await?;
//! let _ = browser.open(attempt.authorize_url());
//! let consent = attempt.wait(&Default::default(), Duration::from_secs(600)).await?;
//! if consent.names(&address) == Some(false) || !consent.missing_scopes.is_empty() {
//!     // Show who it was and what is missing; the person decides.
//! }
//! let custodian = Custodian::new(client, keeper, lock);
//! custodian.replace(consent.tokens).await?;
//! let token = custodian.ensure_fresh_for(&host, Duration::from_secs(60)).await?; // as often as you like
//! # Ok(())
//! # }
//! ```
//!
//! The grants themselves ([`Authorization`], [`DeviceCode`], [`TokenEndpoint`]) are plain OAuth 2.0; [`Client`],
//! [`SignIn`] and [`Session`] add OpenID Connect, [`MailClient`] what mail providers do differently. [`Session`] and
//! [`Custodian`] renew tokens by one and the same procedure.
//!
//! # What it promises
//!
//! - **The password is never seen.** It is typed into the issuer's page in the person's own browser (RFC 8252), or in
//!   one elsewhere (RFC 8628).
//! - **Only this attempt's answer counts**: `state`, `iss` (RFC 9207), PKCE with S256 and the ID token, whole, are
//!   verified. Anything else that comes by is answered with a page and forgotten. Attempts do not disturb each other.
//! - **Any number of callers, one refresh**, over all processes. A new refresh token is kept before it is needed, and
//!   what can't be kept is held on to. "Locked", "offline" and "busy" are never taken for "signed out".
//! - **Two people never mix**: a session is of one subject at one issuer, whatever is found in the keyring.
//! - **A mail account's token goes to its own servers**, whatever a server, an issuer or a settings file says.
//! - **A refusal is judged by its code alone** ([`Verdict`]); numbers and texts only explain.
//! - **Nothing secret** is in an error, a log, a `Debug` output, a page, or the address that a browser is started with.
//! - **Bounds**: every wait, answer, connection and header has one. TLS always, but on this computer itself.

mod authorization;
mod browser;
mod client;
mod clock;
mod device_code;
mod dpop;
mod error;
mod http_client;
mod id_token;
mod issuer;
mod keep;
mod loopback;
mod mail;
mod page;
mod profile;
mod redirect;
mod refusal;
mod renewal;
mod revocation;
mod session;
mod sign_in;
#[cfg(test)]
mod testing;
mod token;
mod token_endpoint;
mod token_response;

pub use authorization::{Authorization, AuthorizationRequest, Granted, PasteError, PasteHandle};
pub use browser::Browser;
pub use client::{Client, Registration};
pub use clock::Clock;
pub use device_code::DeviceCode;
pub use dpop::{DeviceKey, ProofOf};
pub use error::{AuthError, Forgery, KeepError};
pub use http_client::Http;
pub use id_token::Identity;
pub use issuer::{Issuer, IssuerUrl};
pub use keep::{KeptTokens, LockGuard, RefreshLock, TokenKeeper};
pub use mail::{
    AuthorizeOptions, Consent, Custodian, DiscoverOptions, MailAuthorization, MailClient, MailClientId, MailDeviceCode,
    MailProvider, MailTokenKeeper, MailTokens, TokenFacts, TokenState, renewal_time,
};
pub use oauth2::url::Url;
pub use page::{Page, Pages};
pub use profile::IssuerKind;
pub use redirect::{Redirect, RedirectHost};
pub use refusal::{Explanation, ProviderError, Verdict};
pub use revocation::Revocation;
pub use session::{EndSession, Session, SignedOut};
pub use sign_in::{DeviceSignIn, SignIn, SignInOptions, SignedIn};
pub use token::{AccessToken, TokenAnswer};
pub use token_endpoint::TokenEndpoint;
pub use tokio_util::sync::CancellationToken;
