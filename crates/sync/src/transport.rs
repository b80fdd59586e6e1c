//! How the server is reached: implemented where HTTP, tokens and proofs are.

use std::future::Future;

use courrier_model::SyncId;
use courrier_wire::{Event, Page, Push, PushAnswer};

use crate::TransportError;

/// What to ask for when pulling: the query of [`courrier_wire::path::CHANGES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pull {
    /// The history that this device follows; left out at the first contact.
    pub sync_id: Option<SyncId>,
    /// The revision up to which it has everything.
    pub after: u64,
    /// It is pulling everything from the first revision, and `after` is how far it has come.
    pub full: bool,
    /// Records in one page, at most.
    pub limit: u32,
}

/// The server, as one signed-in device reaches it. Every call is bounded in time, is safe to repeat, and refreshes the
/// access token by itself.
pub trait Transport: Send + Sync {
    /// What happens at the server, as it happens.
    type Events: Events;

    /// GET [`courrier_wire::path::CHANGES`].
    fn pull(&self, pull: Pull) -> impl Future<Output = Result<Page, TransportError>> + Send;

    /// POST [`courrier_wire::path::CHANGES`].
    fn push(&self, push: &Push) -> impl Future<Output = Result<PushAnswer, TransportError>> + Send;

    /// GET [`courrier_wire::path::EVENTS`].
    fn events(
        &self,
        sync_id: Option<SyncId>,
        after: u64,
    ) -> impl Future<Output = Result<Self::Events, TransportError>> + Send;
}

/// An open stream of events.
pub trait Events: Send {
    /// The next one; `None` when the stream ended and may be opened again. An error ends it, silence that is longer
    /// than the server's heartbeat too. Dropping the future loses no event.
    fn next(&mut self) -> impl Future<Output = Result<Option<Event>, TransportError>> + Send;
}
