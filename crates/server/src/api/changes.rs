//! Pulling and pushing.

use axum::Json as Answer;
use axum::extract::State;
use courrier_model::SyncId;
use courrier_wire::{ErrorCode, PAGE_LIMIT, PUSH_LIMIT, Page, Push, PushAnswer, Write};
use serde::Deserialize;
use utoipa::IntoParams;

use super::openapi::{Refusals, RefusalsWithBody};
use crate::access::caller::{Caller, Visitor};
use crate::extract::{Json, Query};
use crate::limits::INTEGER;
use crate::refusal::Refused;
use crate::state::App;
use crate::storage::{Cursor, Pull, Pushed};

/// From where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PullQuery {
    /// The history that the device follows; absent at its first contact
    #[param(value_type = Option<String>, format = "uuid", nullable = false)]
    sync_id: Option<SyncId>,
    /// The revision up to which the device has pulled
    #[serde(default)]
    #[param(default = 0, maximum = 9007199254740991_u64)]
    after: u64,
    /// Records on the page, at most
    #[serde(default = "page_limit")]
    #[param(default = 500, minimum = 1, maximum = 500)]
    limit: u32,
    /// True while everything is pulled page by page from revision 0: `after` is then no claim to have seen the
    /// deletions below it
    #[serde(default)]
    #[param(default = false)]
    full: bool,
}

fn page_limit() -> u32 {
    PAGE_LIMIT
}

/// What changed after a revision, ascending
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    tag = "sync",
    params(PullQuery),
    responses((status = 200, description = "A page of records", body = Page), Refusals),
)]
pub(super) async fn pull(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PullQuery>,
) -> Result<Answer<Page>, Refused> {
    let PullQuery { sync_id, after, limit, full } = query;
    if after > INTEGER || !(1..=PAGE_LIMIT).contains(&limit) {
        return Err(Refused::invalid("after or limit is out of range"));
    }
    let Visitor { standing, seen, .. } = &caller.visitor;
    match app.storage.pull(standing, Cursor { sync_id, after, full }, limit, seen.at).await? {
        Pull::Page(page) => Ok(Answer(page)),
        Pull::Reset(reset) => Err(Refused::reset(reset)),
    }
}

/// Writes records; each write is answered for itself, in order
///
/// A write that is repeated with the same `mutation_id` gets its first answer again.
#[utoipa::path(
    post,
    path = "/api/v1/changes",
    tag = "sync",
    request_body = Push,
    responses((status = 200, description = "One answer for each write", body = PushAnswer), RefusalsWithBody),
)]
pub(super) async fn push(
    State(app): State<App>,
    caller: Caller,
    Json(push): Json<Push>,
) -> Result<Answer<PushAnswer>, Refused> {
    write(&app, &caller, push).await.map(Answer)
}

/// Checks what storage leaves to its callers, and writes.
pub(super) async fn write(app: &App, caller: &Caller, push: Push) -> Result<PushAnswer, Refused> {
    if push.writes.len() > PUSH_LIMIT {
        return Err(Refused::invalid("more than 500 writes"));
    }
    if push.cursor > INTEGER || !push.writes.iter().all(is_in_range) {
        return Err(Refused::invalid("a revision is out of range"));
    }
    app.metrics.writes(push.writes.len());
    match app.storage.push(&caller.actor(), push).await? {
        Pushed::Answer(answer) => Ok(answer),
        Pushed::Reset(reset) => Err(Refused::reset(reset)),
        Pushed::DeviceRevoked => Err(ErrorCode::DeviceRevoked.into()),
    }
}

fn is_in_range(write: &Write) -> bool {
    write.base.is_none_or(|base| base.revision <= INTEGER) && write.origin.is_none_or(|origin| origin <= INTEGER)
}
