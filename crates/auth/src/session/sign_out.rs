//! The end of a session: here, at the issuer, and in the browser.

use std::time::Duration;

use courrier_model::{ExposeSecret, Secret};
use oauth2::CsrfToken;
use oauth2::url::{Url, form_urlencoded};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Session;
use crate::http_client::is_private;
use crate::loopback::{Loopback, Reply};
use crate::redirect::RedirectHost;
use crate::revocation::{Revocation, revoke};
use crate::{AuthError, Client, Pages};

/// Where the issuer sends the browser after it ended the session.
const SIGNED_OUT: &str = "/signed-out";

/// A session that is over on this computer.
#[derive(Debug)]
pub struct SignedOut {
    /// What became of the refresh token at the issuer.
    pub revocation: Revocation,
    client: Client,
    id_token: Option<Secret>,
}

/// The end of the session in the browser, which waits to be opened.
#[derive(Debug)]
pub struct EndSession {
    url: Url,
    serving: AbortOnDropHandle<()>,
}

impl Session {
    /// Revokes the refresh token, then forgets the tokens. The issuer's own session, in the browser, goes on until
    /// [`SignedOut::end_session`]; ending that one alone would leave the refresh token alive.
    ///
    /// # Errors
    /// Nothing was forgotten: the issuer can't be asked ([`AuthError::Unreachable`], [`AuthError::Busy`],
    /// [`AuthError::Misconfigured`]), or the tokens can't be fetched or cleared ([`AuthError::Keep`]). Try again, or
    /// [`Self::forget`].
    pub async fn sign_out(&self) -> Result<SignedOut, AuthError> {
        let closing = self.0.close().await;
        let (kept, _guard) = closing.tokens().await?;
        let client = self.0.renewal.client.clone();
        let Some(kept) = kept else {
            closing.finish();
            return Ok(SignedOut { revocation: Revocation::NothingKept, client, id_token: None });
        };
        let discovered = client.issuer().discovered().await?;
        let sender = client.sender(&discovered);
        let client_id = &client.registration().client_id;
        let revocation = revoke(&sender, discovered.revocation.as_ref(), client_id, None, &kept.refresh_token).await?;
        self.0.renewal.keeper.clear().await?;
        closing.finish();
        Ok(SignedOut { revocation, client, id_token: kept.id_token })
    }

    /// Forgets the tokens on this computer, whatever the issuer does with its session.
    ///
    /// # Errors
    /// [`AuthError::Keep`].
    pub async fn forget(&self) -> Result<(), AuthError> {
        let closing = self.0.close().await;
        let (kept, _guard) = closing.tokens().await?;
        if kept.is_some() {
            self.0.renewal.keeper.clear().await?;
        }
        closing.finish();
        Ok(())
    }
}

impl SignedOut {
    /// Prepares the end of the issuer's session in the browser (OpenID Connect RP-Initiated Logout 1.0); `None` where
    /// the issuer does not offer it.
    ///
    /// # Errors
    /// [`AuthError::NoListener`], [`AuthError::Unreachable`], [`AuthError::Busy`], [`AuthError::Misconfigured`].
    pub async fn end_session(&self, pages: Pages) -> Result<Option<EndSession>, AuthError> {
        let discovered = self.client.issuer().discovered().await?;
        let Some(endpoint) = discovered.end_session.clone().filter(is_private) else { return Ok(None) };
        let loopback = Loopback::bind(RedirectHost::Ip).await?;
        let state = CsrfToken::new_random();
        let back = loopback.url(SIGNED_OUT)?;
        let mut target = endpoint;
        {
            let mut query = target.query_pairs_mut();
            if let Some(id_token) = &self.id_token {
                // The issuer that made the token reads it, through the browser alone.
                query.append_pair("id_token_hint", id_token.expose_secret());
            }
            query
                .append_pair("client_id", &self.client.registration().client_id)
                .append_pair("post_logout_redirect_uri", back.as_str())
                .append_pair("state", state.secret());
        }
        // A browser is started with an address among its arguments, which every process can read. So it is sent here
        // first, by an address that nobody can guess, and from here on.
        let start = format!("/sign-out/{}", CsrfToken::new_random().secret());
        let url = loopback.url(&start)?;
        let serving = loopback.serve(pages, move |path, query| {
            let comes_back = || {
                form_urlencoded::parse(query.as_bytes())
                    .any(|(name, value)| name == "state" && value == *state.secret())
            };
            if path == start {
                Reply::Lead(target.clone())
            } else if path == SIGNED_OUT && comes_back() {
                Reply::Finish(Ok(()))
            } else {
                Reply::Stray
            }
        });
        Ok(Some(EndSession { url, serving: AbortOnDropHandle::new(tokio::spawn(serving)) }))
    }
}

impl EndSession {
    /// The address to open in the browser.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until the browser is back, at most for `limit`.
    ///
    /// # Errors
    /// [`AuthError::Cancelled`], [`AuthError::TimedOut`]; this computer is signed out all the same.
    pub async fn wait(self, cancel: &CancellationToken, limit: Duration) -> Result<(), AuthError> {
        tokio::select! {
            joined = self.serving => joined.map_err(|_| AuthError::Cancelled),
            () = cancel.cancelled() => Err(AuthError::Cancelled),
            () = tokio::time::sleep(limit) => Err(AuthError::TimedOut),
        }
    }
}
