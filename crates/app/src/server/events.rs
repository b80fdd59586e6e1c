//! What the server tells while one listens: server-sent events (HTML Living Standard, section 9.2).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use courrier_sync::{Events, TransportError};
use courrier_wire::Event;
use eventsource_stream::Eventsource as _;
use futures_util::{Stream, StreamExt as _, stream};
use reqwest::Response;

use crate::server::ServerError;

/// The server sends something at least every 25 s; two of those may be late.
const SILENCE: Duration = Duration::from_secs(80);
/// The longest event in bytes; ours have a few dozen.
const LONGEST: usize = 64 * 1024;

/// An open stream.
pub(crate) struct ServerEvents {
    events: Pin<Box<dyn Stream<Item = Result<eventsource_stream::Event, ()>> + Send>>,
    /// Bytes since the last event.
    unread: Arc<AtomicUsize>,
}

impl ServerEvents {
    pub(crate) fn new(answer: Response) -> Self {
        let unread = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&unread);
        let chunks = stream::unfold(answer, move |mut answer| {
            let counted = Arc::clone(&counted);
            async move {
                // A proxy in between may hold heartbeats back for ever.
                let chunk = tokio::time::timeout(SILENCE, answer.chunk()).await;
                let chunk = match chunk {
                    Ok(Ok(Some(chunk))) => chunk,
                    Ok(Ok(None)) => return None,
                    Ok(Err(_)) | Err(_) => return Some((Err(()), answer)),
                };
                // Heartbeats are comments: they end with a line of their own and fill nothing.
                let heartbeat = chunk.starts_with(b":");
                let before = if heartbeat { 0 } else { counted.fetch_add(chunk.len(), Ordering::Relaxed) };
                let fits = before + chunk.len() <= LONGEST;
                Some((if fits { Ok(chunk) } else { Err(()) }, answer))
            }
        });
        let events = chunks.eventsource().map(|event| event.map_err(|_| ()));
        Self { events: Box::pin(events), unread }
    }
}

impl Events for ServerEvents {
    async fn next(&mut self) -> Result<Option<Event>, TransportError> {
        loop {
            let Some(event) = self.events.next().await else { return Ok(None) };
            let event = event.map_err(|()| TransportError::Offline)?;
            self.unread.store(0, Ordering::Relaxed);
            // What a newer server tells beyond this is none of this program's business.
            if let Ok(event) = serde_json::from_str(&event.data) {
                return Ok(Some(event));
            }
        }
    }
}

/// The answer to a request for a stream, or why there is none.
pub(crate) fn opened(answer: Response) -> Result<ServerEvents, ServerError> {
    let kind = answer.headers().get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        Ok(ServerEvents::new(answer))
    } else {
        Err(ServerError::NotCourrier)
    }
}
