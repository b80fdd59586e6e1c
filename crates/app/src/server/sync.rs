//! Exchanging accounts once, because somebody asked.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::{AccountId, RecordId};
use courrier_sync::{Report, SyncError, TransportError, synchronise};
use tokio::time::Instant;

use crate::server::ServerError;
use crate::server::state::Exchange;
use crate::server::transport::ServerTransport;
use crate::view::{ConflictView, SessionView, SyncedView};
use crate::{AppError, Courrier, convert};

/// How long an exchange by another process is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

impl Courrier {
    /// Exchanges all changes with the server, once.
    ///
    /// # Errors
    /// `server.unreachable`, `issuer.unreachable`: changes wait on. `signin.needed`, `device.revoked`, `sync.failed`.
    pub async fn synchronise(self: &Arc<Self>) -> Result<SyncedView, AppError> {
        let done = self.exchange_once().await;
        let report = match done {
            Ok(report) => report,
            Err(error) => {
                if let AppError::Server(error) = &error {
                    self.ended_by(error.clone()).await;
                }
                return Err(error);
            }
        };
        self.exchanged(&report).await?;
        self.blocking(move |courrier| courrier.synced_view(&report)).await
    }

    /// The same for a window, which shows how it stands.
    pub async fn sync_now(self: &Arc<Self>) -> Result<SessionView, AppError> {
        self.synchronise().await?;
        // Who listens to the server may be in the middle of a pause.
        self.server().asked.notify_one();
        self.blocking(|courrier| courrier.session()).await
    }

    async fn exchange_once(self: &Arc<Self>) -> Result<Report, AppError> {
        let deadline = Instant::now() + PATIENCE;
        let transport = ServerTransport::new(self.blocking(Self::connect).await?);
        self.server().set_exchange(Exchange::Working);
        loop {
            match synchronise(&self.shared_store(), &transport, self.clock()).await {
                Ok(report) => return Ok(report),
                // Another process, or another task of this one, is at it.
                Err(SyncError::Elsewhere) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
                Err(SyncError::Transport(error)) => {
                    let failure = transport.last_failure().unwrap_or_else(|| failure(&error));
                    self.server().set_exchange(Exchange::Failed(failure.clone()));
                    return Err(failure.into());
                }
                Err(error) => {
                    self.server().set_exchange(Exchange::Unknown);
                    return Err(error.into());
                }
            }
        }
    }

    /// After an exchange that succeeded.
    pub(crate) async fn exchanged(self: &Arc<Self>, report: &Report) -> Result<(), AppError> {
        self.server().set_exchange(Exchange::Done);
        let retired = report.retired;
        self.blocking(move |courrier| {
            courrier.note_synced()?;
            // Accounts that were removed elsewhere leave their passwords behind.
            if retired { courrier.recover() } else { Ok(()) }
        })
        .await
    }

    /// After an error that may have ended the session.
    pub(crate) async fn ended_by(self: &Arc<Self>, error: ServerError) {
        if error.ends_session()
            && let Err(error) = self.blocking(move |courrier| courrier.note_end(&error)).await
        {
            tracing::warn!(%error, "the end of the session is not noted");
        }
    }

    fn synced_view(&self, report: &Report) -> Result<SyncedView, AppError> {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut conflicts = Vec::new();
        for version in self.store().unseen_conflicts()? {
            if version.record == RecordId::PREFERENCES {
                continue;
            }
            let id = AccountId::from(version.record);
            let account = self.store().account(id)?;
            conflicts.push(ConflictView {
                account: id.to_string(),
                address: account.map(|account| account.address.to_string()),
                version: version.sequence.to_string(),
                changed: version.members,
                at: convert::time(version.at),
            });
        }
        Ok(SyncedView {
            sent: count(report.sent),
            received: count(report.received),
            conflicts,
            pending: count(report.pending),
            revision: report.revision,
        })
    }
}

fn failure(error: &TransportError) -> ServerError {
    match error {
        TransportError::Offline => ServerError::Unreachable("no answer".to_owned()),
        TransportError::Busy { after } => ServerError::Busy { after: *after },
        TransportError::Reset(reset) => ServerError::Reset(*reset),
        TransportError::SignInNeeded => ServerError::SignInNeeded,
        TransportError::DeviceUnknown => ServerError::DeviceUnknown,
        TransportError::DeviceRevoked => ServerError::DeviceRevoked,
        TransportError::Refused(code) => ServerError::Refused(*code),
    }
}
