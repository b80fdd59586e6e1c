//! The preferences by themselves, for programs that want nothing else.

use axum::Json as Answer;
use axum::extract::State;
use courrier_model::RecordId;
use courrier_wire::{ErrorCode, Kind, Outcome, Push, Record, Refusal, RefusedCode, Write, WriteAnswer};

use super::changes::write as push;
use super::openapi::{Refusals, RefusalsWithBody};
use crate::access::caller::Caller;
use crate::extract::Json;
use crate::refusal::Refused;
use crate::state::App;

/// The person's preferences
#[utoipa::path(
    get,
    path = "/api/v1/preferences",
    tag = "sync",
    responses(
        (status = 200, description = "The record", body = Record),
        (status = 404, description = "`not_found`: none were set yet", body = Refusal),
        Refusals,
    ),
)]
pub(super) async fn read(State(app): State<App>, caller: Caller) -> Result<Answer<Record>, Refused> {
    let record = app.storage.record(caller.device.user, RecordId::PREFERENCES).await?;
    Ok(Answer(record.ok_or(ErrorCode::NotFound)?))
}

/// Writes the person's preferences
///
/// The same as a push of this one write; one to another record is refused as `wrong_kind`.
#[utoipa::path(
    put,
    path = "/api/v1/preferences",
    tag = "sync",
    request_body = Write,
    responses((status = 200, description = "What became of the write", body = WriteAnswer), RefusalsWithBody),
)]
pub(super) async fn write(
    State(app): State<App>,
    caller: Caller,
    Json(write): Json<Write>,
) -> Result<Answer<WriteAnswer>, Refused> {
    let is_preferences = write.kind == Kind::Preferences && write.id == RecordId::PREFERENCES;
    if !is_preferences {
        let outcome = Outcome::Refused(RefusedCode::WrongKind);
        return Ok(Answer(WriteAnswer { mutation_id: write.mutation_id, outcome }));
    }
    let answer = push(&app, &caller, Push { sync_id: None, cursor: 0, writes: vec![write] }).await?;
    answer.answers.into_iter().next().map(Answer).ok_or_else(|| ErrorCode::Internal.into())
}
