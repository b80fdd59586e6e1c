//! Signing out: at the issuer, in the browser, and on this computer.

use std::sync::Arc;
use std::time::Duration;

use courrier_auth::{AuthError, CancellationToken, Session, SignedOut};
use courrier_store::{LocalCopy, SessionPurpose};
use courrier_wire::path;

use crate::server::api::Call;
use crate::server::{ServerError, pages};
use crate::view::SessionView;
use crate::{AppError, Courrier};

/// How long the browser may take to end the issuer's session; the person is signed out here already.
const BROWSER: Duration = Duration::from_secs(10);

impl Courrier {
    /// Signs out: the refresh token is revoked, then forgotten here, then the browser ends the issuer's own session.
    ///
    /// With `keep` the accounts stay on this computer, for this computer only. Without it those that travelled leave it
    /// with their passwords, and the server forgets this computer; changes that have not reached the server are lost.
    ///
    /// # Errors
    /// `signin.needed` if nobody is signed in. `issuer.unreachable`: nothing has changed, for a token that is not
    /// revoked would stay good; with `anyway` it is forgotten all the same, and ends at the issuer when it expires.
    pub async fn sign_out(self: &Arc<Self>, keep: bool, anyway: bool) -> Result<SessionView, AppError> {
        let binding = self.server().binding.lock().await;
        let ended = self.blocking(|courrier| courrier.session_ended()).await?.is_some();
        let session = self.blocking(|courrier| courrier.session_to_end()).await?;
        if !keep && !ended {
            self.leave_server().await;
        }
        let done = match session.sign_out().await {
            Ok(done) => Some(done),
            // Of a session that is over anyway, or whose issuer is gone for good, nothing is left to revoke.
            Err(AuthError::Misconfigured(_) | AuthError::Insecure | AuthError::DeviceKey) => None,
            Err(AuthError::Unreachable(_) | AuthError::Busy { .. }) if ended || anyway => None,
            Err(error) => return Err(ServerError::from(error).into()),
        };
        if done.is_none() {
            session.forget().await.map_err(ServerError::from)?;
        }
        self.server().disconnect();
        let view = self.blocking(move |courrier| courrier.forget_person(keep)).await?;
        drop(binding);
        self.server().changed.notify_waiters();
        if let Some(done) = done {
            self.end_in_browser(&done).await;
        }
        Ok(view)
    }

    /// This computer shall not stay in the list of the person's computers. Should the server not hear of it, the person
    /// can revoke it there.
    async fn leave_server(self: &Arc<Self>) {
        let left = async {
            let device = self.blocking(|courrier| Ok(courrier.store().sync_session()?)).await?;
            let Some(device) = device.and_then(|session| session.device) else { return Ok(()) };
            let api = self.blocking(Self::connect).await?;
            api.send(&Call::delete(&format!("{}/{device}", path::DEVICES))).await?;
            Ok::<(), AppError>(())
        };
        if let Err(error) = left.await {
            tracing::info!(%error, "the server was not told that this computer leaves");
        }
    }

    fn forget_person(&self, keep: bool) -> Result<SessionView, AppError> {
        let copy = if keep { LocalCopy::Keep } else { LocalCopy::Remove };
        let lock = self.store().secret_lock()?;
        let retired = self.store().sign_out(copy, self.now())?;
        self.delete_retired(&retired);
        drop(lock);
        if !keep {
            self.drop_session_secret(SessionPurpose::DeviceKey)?;
        }
        self.forget_notes()?;
        self.session()
    }

    /// The issuer's session in the browser would sign the next person in without a password.
    async fn end_in_browser(self: &Arc<Self>, done: &SignedOut) {
        let ended = async {
            let Some(end) = done.end_session(pages::signed_out(&self.words())).await? else { return Ok(()) };
            self.open_in_browser(end.url().clone()).await?;
            end.wait(&CancellationToken::new(), BROWSER).await?;
            Ok::<(), ServerError>(())
        };
        if let Err(error) = ended.await {
            tracing::info!(%error, "the issuer's session in the browser may go on");
        }
    }

    /// The session of whoever is signed in, for its end: it need not be a working one.
    fn session_to_end(&self) -> Result<Session, AppError> {
        let person = self.store().sync_session()?.filter(|session| session.signed_in);
        let person = person.ok_or(ServerError::SignInNeeded)?;
        match self.connected_as(&person) {
            Some(api) => Ok(api.session.clone()),
            None => self.resumed(&person, self.device_key()?.as_ref()),
        }
    }
}
