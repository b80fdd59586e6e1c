//! Signs of life for those who operate the server.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use courrier_wire::{ErrorCode, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::client_address::{Peer, is_local};
use crate::refusal::Refused;
use crate::state::App;

/// The text form that Prometheus asks for.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the server needs in order to serve, and whether it has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// The database answers.
    database: bool,
    /// An issuer is configured and its keys are known.
    issuer: bool,
}

/// The process lives
#[utoipa::path(get, path = "/healthz", tag = "operation", responses(
    (status = 200, description = "It does"),
    (status = 429, description = "`rate_limited`", body = Refusal),
))]
pub(super) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// Calls can be served
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, description = "They can", body = Readiness),
        (status = 429, description = "`rate_limited`", body = Refusal),
        (status = 503, description = "They can't", body = Readiness),
    ),
)]
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let database = app.storage.ping().await.is_ok();
    let issuer = match &app.tokens {
        None => false,
        Some(tokens) => {
            if !tokens.keys().is_ready() {
                tokens.keys().fetch_since(None).await;
            }
            tokens.keys().is_ready()
        }
    };
    let status = if database && issuer { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { database, issuer }))
}

/// What can be counted, for Prometheus; on this address for this machine alone
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses(
        (status = 200, description = "OpenMetrics", body = String, content_type = "application/openmetrics-text"),
        (status = 404, description = "`not_found`: somebody else asks, or they are served elsewhere", body = Refusal),
        (status = 429, description = "`rate_limited`", body = Refusal),
    ),
)]
pub(super) async fn local_metrics(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    if app.config.metrics_listen.is_some() || !is_local(peer.ip(), &headers) {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(metrics(State(app)).await)
}

/// The same for everybody who reaches the address that the operator gave it.
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, OPENMETRICS)], app.metrics.text())
}
