//! Who did what.

use axum::Json as Answer;
use axum::extract::State;
use courrier_model::UserId;
use courrier_wire::AuditPage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::openapi::Refusals;
use crate::access::caller::{Admin, Caller};
use crate::extract::Query;
use crate::limits::{AUDIT_PAGE, INTEGER};
use crate::refusal::Refused;
use crate::state::App;

/// Which page of one's own log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OwnQuery {
    /// Entries below this `sequence`; absent for the newest
    #[param(nullable = false, maximum = 9007199254740991_u64)]
    before: Option<u64>,
    /// Entries on the page, at most
    #[serde(default = "page")]
    #[param(default = 200, minimum = 1, maximum = 200)]
    limit: u32,
}

/// Which page of everybody's log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AllQuery {
    /// Entries below this `sequence`; absent for the newest
    #[param(nullable = false, maximum = 9007199254740991_u64)]
    before: Option<u64>,
    /// Entries on the page, at most
    #[serde(default = "page")]
    #[param(default = 200, minimum = 1, maximum = 200)]
    limit: u32,
    /// Of this person alone
    #[param(value_type = Option<String>, format = "uuid", nullable = false)]
    user: Option<UserId>,
}

fn page() -> u32 {
    AUDIT_PAGE
}

/// What was done on the person's behalf, the newest first
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    params(OwnQuery),
    responses((status = 200, description = "A page of the log", body = AuditPage), Refusals),
)]
pub(super) async fn own(
    State(app): State<App>,
    caller: Caller,
    Query(OwnQuery { before, limit }): Query<OwnQuery>,
) -> Result<Answer<AuditPage>, Refused> {
    in_range(before, limit)?;
    Ok(Answer(app.storage.audit(Some(caller.device.user), before, limit).await?))
}

/// What was done by anybody, the newest first; for administrators
#[utoipa::path(
    get,
    path = "/api/v1/admin/audit",
    tag = "admin",
    params(AllQuery),
    responses((status = 200, description = "A page of the log", body = AuditPage), Refusals),
)]
pub(super) async fn all(
    State(app): State<App>,
    _: Admin,
    Query(AllQuery { before, limit, user }): Query<AllQuery>,
) -> Result<Answer<AuditPage>, Refused> {
    in_range(before, limit)?;
    Ok(Answer(app.storage.audit(user, before, limit).await?))
}

fn in_range(before: Option<u64>, limit: u32) -> Result<(), Refused> {
    if before.is_none_or(|before| before <= INTEGER) && (1..=AUDIT_PAGE).contains(&limit) {
        Ok(())
    } else {
        Err(Refused::invalid("before or limit is out of range"))
    }
}
