//! What the doctor says of the server.

use std::sync::Arc;

use crate::doctor::finding;
use crate::server::ServerError;
use crate::server::address::ServerAddress;
use crate::server::http::introduce;
use crate::view::FindingView;
use crate::words::Arg;
use crate::{AppError, Courrier};

impl Courrier {
    /// Whether the server answers, and whether the person is still signed in.
    pub(crate) async fn doctor_server(self: &Arc<Self>) -> Result<FindingView, AppError> {
        let words = self.words();
        let session = self.blocking(|courrier| {
            Ok(courrier
                .store()
                .sync_session()?
                .filter(|session| session.signed_in)
                .zip(Some(courrier.session_ended()?)))
        });
        let Some((session, ended)) = session.await? else {
            return Ok(finding("server", true, "doctor-server-none", &[], &words));
        };
        let args = [("server", Arg::from(session.server.clone()))];
        let asked = async {
            let server: ServerAddress = session.server.parse()?;
            introduce(self.http(), &server).await
        };
        let id = match (asked.await, ended) {
            (Ok(_), None) => "doctor-server-ok",
            (Ok(_), Some(_)) => "doctor-server-must_sign_in",
            (Err(ServerError::NotCourrier | ServerError::TooNew), _) => "doctor-server-other",
            (Err(_), _) => "doctor-server-unreachable",
        };
        Ok(finding("server", id == "doctor-server-ok", id, &args, &words))
    }
}
