//! Who am I.

use axum::Json;
use axum::extract::State;
use courrier_wire::{ErrorCode, SessionInfo, User};

use super::openapi::Refusals;
use crate::access::caller::{Visitor, note};
use crate::refusal::Refused;
use crate::state::App;

/// Who asks, from which device, and where their data stands
///
/// The person's record is made if it is not there. Also for a key that is not registered yet: `device` is then null.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    tag = "session",
    responses((status = 200, description = "The person, the device and the revision", body = SessionInfo), Refusals),
)]
pub(super) async fn session(State(app): State<App>, visitor: Visitor) -> Result<Json<SessionInfo>, Refused> {
    let Visitor { identity, standing, seen, .. } = visitor;
    if let Some(device) = &standing.device {
        if device.revoked_at.is_some() {
            return Err(ErrorCode::DeviceRevoked.into());
        }
        note(&app, device, &seen).await;
    }
    let current = standing.device.as_ref().map(|device| device.id);
    let user = standing.user;
    Ok(Json(SessionInfo {
        user: User {
            id: user.id,
            issuer: user.issuer,
            subject: user.subject,
            email: user.email,
            name: user.name,
            admin: identity.admin,
        },
        device: standing.device.map(|device| device.shown_on(current)),
        sync_id: standing.sync_id,
        revision: standing.revision,
    }))
}
