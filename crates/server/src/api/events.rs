//! What moves while a device listens (server-sent events, HTML Living Standard section 9.2).
//!
//! A stream lives no longer than the token that opened it, and less if the device is revoked or its session ends.
//! It holds little: ten thousand of them must fit beside everything else.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use courrier_model::{SyncId, Timestamp};
use courrier_wire::{Event, Refusal};
use futures_util::stream;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use tracing::warn;
use utoipa::IntoParams;

use super::openapi::Refusals;
use crate::access::caller::Caller;
use crate::extract::Query;
use crate::limits::{INTEGER, KEEP_ALIVE, LOOK_UP};
use crate::refusal::Refused;
use crate::state::{App, OpenStream};
use crate::storage::{Claims, Cursor, Notice, Pull, Standing, Subscription};

/// Seconds after which one who has too many streams open may try again.
const CROWDED: u64 = 60;
/// A comment (section 9.2.6): something to send where there is nothing to say.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

/// From where to listen.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// The history that the device follows; absent at its first contact
    #[param(value_type = Option<String>, format = "uuid", nullable = false)]
    sync_id: Option<SyncId>,
    /// The revision up to which the device has pulled
    #[serde(default)]
    #[param(default = 0, maximum = 9007199254740991_u64)]
    after: u64,
}

/// Tells what moves for the person, as server-sent events
///
/// Each event's `data` is an `Event`. The first says where the revision is. The stream ends with the access token;
/// after an `ended` event coming back with the same credentials is useless.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "sync",
    params(EventsQuery),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "text/event-stream"),
        (status = 429, description = "`rate_limited`: also if the person has too many streams open", body = Refusal),
        Refusals,
    ),
)]
pub(super) async fn events(
    State(app): State<App>,
    caller: Caller,
    Query(EventsQuery { sync_id, after }): Query<EventsQuery>,
) -> Result<Response, Refused> {
    if after > INTEGER {
        return Err(Refused::invalid("after is out of range"));
    }
    let place = OpenStream::open(&app, caller.device.user).ok_or_else(|| Refused::rate_limited(CROWDED))?;
    // First listen, then look: what happens between is heard.
    let subscription = app.storage.subscribe(caller.device.user);
    let claims = caller.visitor.claims();
    let standing = app.storage.authorize(&claims, &caller.device.thumbprint, app.now()).await?;
    let cursor = Cursor { sync_id, after, full: false };
    if let Pull::Reset(reset) = app.storage.pull(&standing, cursor, 1, app.now()).await? {
        return Err(Refused::reset(reset));
    }
    let now = Instant::now();
    let left = caller.visitor.identity.expires_at.duration_since(app.now());
    let listener = Listener {
        device: caller.device.id,
        thumbprint: caller.device.thumbprint.into_boxed_str(),
        signed_in_at: caller.visitor.seen.signed_in_at,
        claims,
        subscription,
        ends: now + left.try_into().unwrap_or_default(),
        looks: now + LOOK_UP,
        told: Vec::new(),
        over: false,
        app,
        _place: place,
    };
    let first = listener.judge(&standing);
    let listener = Listener { over: first.is_ended(), told: first.frames(), ..listener };
    let body = Body::from_stream(stream::unfold(Box::new(listener), async |mut listener| {
        let frame = listener.next().await?;
        Some((Ok::<_, Infallible>(frame), listener))
    }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // nginx would otherwise keep events until its buffer is full.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, body).into_response())
}

/// One open stream.
struct Listener {
    app: App,
    subscription: Subscription,
    claims: Claims,
    thumbprint: Box<str>,
    signed_in_at: Timestamp,
    device: courrier_model::DeviceId,
    /// When the token ends.
    ends: Instant,
    /// When to look up the person's state without being told.
    looks: Instant,
    /// What is to be sent next, the last first.
    told: Vec<Bytes>,
    /// Nothing comes after `told`.
    over: bool,
    _place: OpenStream,
}

/// What a look-up or a notice means for one stream.
enum Meaning {
    Tell(Event),
    End,
}

impl Listener {
    /// The next bytes, or `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.told.pop() {
                return Some(frame);
            }
            if self.over {
                return None;
            }
            let silent = Instant::now() + KEEP_ALIVE;
            let notice = timeout_at(silent.min(self.ends), self.subscription.next()).await;
            let now = Instant::now();
            let meaning = match notice {
                _ if now >= self.ends => return None,
                // The server stops.
                Ok(None) => return None,
                Ok(Some(Notice::Revision { sync_id, revision })) => {
                    Meaning::Tell(Event::Revision { sync_id, revision })
                }
                Ok(Some(Notice::Devices { registered })) => Meaning::Tell(Event::Devices { registered }),
                Ok(Some(Notice::Ended { device })) if device == self.device => Meaning::End,
                Ok(Some(Notice::Ended { .. })) => continue,
                // Boxed, because looking is rare and what it needs would else be held by each stream all the time.
                Ok(Some(Notice::Recheck)) => Box::pin(self.look()).await?,
                Err(_) if now >= self.looks => Box::pin(self.look()).await?,
                Err(_) => return Some(SIGN_OF_LIFE),
            };
            self.over = meaning.is_ended();
            self.told = meaning.frames();
        }
    }

    /// Looks up what it may have missed. `None` if that is impossible now: the device comes back and asks.
    async fn look(&mut self) -> Option<Meaning> {
        self.looks = Instant::now() + LOOK_UP;
        match self.app.storage.authorize(&self.claims, &self.thumbprint, self.app.now()).await {
            Ok(standing) => Some(self.judge(&standing)),
            Err(error) => {
                warn!(%error, "an event stream can't go on");
                None
            }
        }
    }

    fn judge(&self, standing: &Standing) -> Meaning {
        let may_listen = standing.device.as_ref().is_some_and(|device| {
            device.id == self.device && device.revoked_at.is_none() && !device.session_is_over(self.signed_in_at)
        });
        if may_listen {
            Meaning::Tell(Event::Revision { sync_id: standing.sync_id, revision: standing.revision })
        } else {
            Meaning::End
        }
    }
}

impl Meaning {
    fn is_ended(&self) -> bool {
        matches!(self, Self::End)
    }

    fn frames(self) -> Vec<Bytes> {
        let event = match self {
            Self::Tell(event) => event,
            Self::End => Event::Ended,
        };
        match serde_json::to_string(&event) {
            Ok(data) => vec![Bytes::from(format!("event: {}\ndata: {data}\n\n", event.name()))],
            // Ids and numbers always serialise.
            Err(_) => Vec::new(),
        }
    }
}
