//! The server as `courrier-sync` wants it.

use std::sync::{Arc, Mutex, PoisonError};

use courrier_model::SyncId;
use courrier_sync::{Pull, Transport, TransportError};
use courrier_wire::{Page, Push, PushAnswer, path};

use crate::server::ServerError;
use crate::server::api::{Call, ServerApi};
use crate::server::events::{self, ServerEvents};

/// The server for one exchange, or for as long as somebody watches it.
#[derive(Clone)]
pub(crate) struct ServerTransport {
    api: Arc<ServerApi>,
    /// Why the last call failed, in more words than an exchange needs.
    last: Arc<Mutex<Option<ServerError>>>,
}

impl ServerTransport {
    pub(crate) fn new(api: Arc<ServerApi>) -> Self {
        Self { api, last: Arc::default() }
    }

    /// Why the last call failed; `None` if it did not.
    pub(crate) fn last_failure(&self) -> Option<ServerError> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn noted<T>(&self, answer: Result<T, ServerError>) -> Result<T, TransportError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(answer) => {
                *last = None;
                Ok(answer)
            }
            Err(error) => {
                let told = told(&error);
                *last = Some(error);
                Err(told)
            }
        }
    }
}

/// The same, by what an exchange does about it. What passes by itself, or by what the person does here, is waited for.
fn told(error: &ServerError) -> TransportError {
    match error {
        ServerError::Busy { after } => TransportError::Busy { after: *after },
        ServerError::Reset(reset) => TransportError::Reset(*reset),
        ServerError::DeviceUnknown => TransportError::DeviceUnknown,
        ServerError::DeviceRevoked => TransportError::DeviceRevoked,
        ServerError::Refused(code) => TransportError::Refused(*code),
        error if error.ends_session() => TransportError::SignInNeeded,
        _ => TransportError::Offline,
    }
}

impl Transport for ServerTransport {
    type Events = ServerEvents;

    async fn pull(&self, pull: Pull) -> Result<Page, TransportError> {
        let call = Call::get(path::CHANGES)
            .query("sync_id", pull.sync_id.map(|id| id.to_string()))
            .query("after", Some(pull.after.to_string()))
            .query("limit", Some(pull.limit.to_string()))
            .query("full", pull.full.then(|| "true".to_owned()));
        let page = self.api.ask(&call).await;
        self.noted(page)
    }

    async fn push(&self, push: &Push) -> Result<PushAnswer, TransportError> {
        let answer = match Call::post(path::CHANGES, push) {
            Ok(call) => self.api.ask(&call).await,
            Err(error) => Err(error),
        };
        self.noted(answer)
    }

    async fn events(&self, sync_id: Option<SyncId>, after: u64) -> Result<ServerEvents, TransportError> {
        let call = Call::get(path::EVENTS)
            .query("sync_id", sync_id.map(|id| id.to_string()))
            .query("after", Some(after.to_string()))
            .streams();
        let stream = self.api.send(&call).await.and_then(events::opened);
        self.noted(stream)
    }
}
