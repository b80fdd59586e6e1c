//! Who is signed in, as shells show it: from the local file alone.

use courrier_store::SyncSession;

use crate::server::ServerError;
use crate::server::state::Exchange;
use crate::view::{SessionView, SyncView, UserView};
use crate::{AppError, Courrier, convert};

impl Courrier {
    /// Who is signed in, and how far the exchange with the server is.
    pub fn session(&self) -> Result<SessionView, AppError> {
        let known = self.store().sync_session()?;
        let Some(session) = known.as_ref().filter(|session| session.signed_in) else {
            return Ok(SessionView {
                state: "signed_out".to_owned(),
                server: known.map(|session| session.server),
                user: None,
                device: None,
                newcomers: Vec::new(),
                sync: self.sync_view(false, false)?,
            });
        };
        let profile = self.profile()?;
        let works = self.session_ended()?.is_none();
        Ok(SessionView {
            state: if works { "signed_in" } else { "must_sign_in" }.to_owned(),
            server: Some(session.server.clone()),
            user: Some(user(session, profile.as_ref().is_some_and(|profile| profile.admin))),
            device: profile.and_then(|profile| profile.device).as_ref().map(convert::device),
            newcomers: self.newcomers()?.iter().map(convert::device).collect(),
            sync: self.sync_view(true, works)?,
        })
    }

    /// Who is signed in, for whoever needs them to be.
    ///
    /// Errors: `signin.needed` or `device.revoked` where only signing in helps.
    pub fn who_is_signed_in(&self) -> Result<SessionView, AppError> {
        let session = self.session()?;
        match session.state.as_str() {
            "signed_in" => Ok(session),
            "must_sign_in" => Err(self.session_ended()?.unwrap_or(ServerError::SignInNeeded).into()),
            _ => Err(ServerError::SignInNeeded.into()),
        }
    }

    fn sync_view(&self, signed_in: bool, works: bool) -> Result<SyncView, AppError> {
        let pending = if signed_in { courrier_sync::pending(self.store())?.len() } else { 0 };
        let (state, problem) = match self.server().exchange() {
            _ if !works => ("off", self.session_ended()?.filter(is_revoked).map(|error| self.error(&error.into()))),
            Exchange::Working => ("working", None),
            Exchange::Failed(error) if error.is_offline() => ("offline", None),
            Exchange::Failed(error) => ("failed", Some(self.error(&error.into()))),
            Exchange::Unknown | Exchange::Done if pending > 0 => ("waiting", None),
            Exchange::Unknown | Exchange::Done => ("up_to_date", None),
        };
        Ok(SyncView {
            state: state.to_owned(),
            pending: u32::try_from(pending).unwrap_or(u32::MAX),
            last_at: if signed_in { self.synced_at()?.map(convert::time) } else { None },
            problem,
            unseen_conflicts: u32::try_from(self.store().unseen_conflicts()?.len()).unwrap_or(u32::MAX),
        })
    }
}

/// The one end of a session that needs more words than that it has ended.
fn is_revoked(error: &ServerError) -> bool {
    matches!(error, ServerError::DeviceRevoked)
}

fn user(session: &SyncSession, admin: bool) -> UserView {
    UserView {
        id: session.user.to_string(),
        issuer: session.issuer.clone(),
        email: session.email.clone(),
        name: session.name.clone(),
        admin,
    }
}
