//! What a desktop learns before sign-in.

use axum::Json;
use axum::extract::State;
use courrier_wire::{Refusal, WellKnown};

use crate::refusal::Refused;
use crate::state::App;

/// Where to sign in, and what the organisation sets
#[utoipa::path(
    get,
    path = "/.well-known/courrier",
    tag = "open",
    responses(
        (status = 200, description = "What a desktop needs before sign-in", body = WellKnown),
        (status = 429, description = "`rate_limited`", body = Refusal),
        (status = 503, description = "`unavailable`: no issuer is configured", body = Refusal),
    ),
)]
pub(super) async fn well_known(State(app): State<App>) -> Result<Json<WellKnown>, Refused> {
    app.well_known.clone().map(Json).ok_or_else(Refused::without_issuer)
}
