//! The person's devices.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use courrier_model::DeviceId;
use courrier_wire::{Device, DeviceChange, DeviceList, DeviceRegistration, ErrorCode, HORIZON_DAYS, Refusal};
use jiff::SignedDuration;

use super::openapi::{Refusals, RefusalsWithBody};
use crate::access::caller::{Caller, Visitor};
use crate::extract::{Json, Path};
use crate::refusal::Refused;
use crate::state::App;
use crate::storage::{NewDevice, Registration};

/// Characters of a device's name, at most.
const NAME_LIMIT: usize = 100;

/// The person's devices, the newest first
#[utoipa::path(
    get,
    path = "/api/v1/devices",
    tag = "devices",
    responses((status = 200, description = "Also revoked ones, for half a year", body = DeviceList), Refusals),
)]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Result<Answer<DeviceList>, Refused> {
    let now = caller.visitor.seen.at;
    let revoked_since = now.checked_sub(SignedDuration::from_hours(24 * HORIZON_DAYS)).unwrap_or(now);
    let devices = app.storage.devices(caller.device.user, revoked_since).await?;
    let current = Some(caller.device.id);
    Ok(Answer(DeviceList { devices: devices.into_iter().map(|device| device.shown_on(current)).collect() }))
}

/// Registers the key that signed this request's proof
///
/// Asking twice is harmless. A revoked key is never taken again.
#[utoipa::path(
    post,
    path = "/api/v1/devices",
    tag = "devices",
    request_body = DeviceRegistration,
    responses(
        (status = 200, description = "The key was registered before", body = Device),
        (status = 201, description = "It is registered now; the person's other devices were told", body = Device),
        RefusalsWithBody,
    ),
)]
pub(super) async fn register(
    State(app): State<App>,
    visitor: Visitor,
    Json(asked): Json<DeviceRegistration>,
) -> Result<(StatusCode, Answer<Device>), Refused> {
    let actor = visitor.actor(visitor.standing.device.as_ref().map(|device| device.id));
    let Visitor { thumbprint, seen, .. } = visitor;
    let device = NewDevice { name: valid_name(asked.name)?, platform: asked.platform, thumbprint, seen };
    let (status, device) = match app.storage.register_device(&actor, device).await? {
        Registration::Registered(device) => (StatusCode::CREATED, device),
        Registration::Known(device) => (StatusCode::OK, device),
        Registration::Revoked => return Err(ErrorCode::DeviceRevoked.into()),
        Registration::TooMany => return Err(Refused::too_many_devices()),
    };
    let current = Some(device.id);
    Ok((status, Answer(device.shown_on(current))))
}

/// Gives one of the person's devices another name
#[utoipa::path(
    patch,
    path = "/api/v1/devices/{id}",
    tag = "devices",
    params(("id" = String, Path, description = "The device", format = "uuid")),
    request_body = DeviceChange,
    responses(
        (status = 200, description = "The device", body = Device),
        (status = 404, description = "`not_found`: the person has no such device, or it is revoked", body = Refusal),
        RefusalsWithBody,
    ),
)]
pub(super) async fn rename(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DeviceId>,
    Json(change): Json<DeviceChange>,
) -> Result<Answer<Device>, Refused> {
    let name = valid_name(change.name)?;
    let renamed = app.storage.rename_device(&caller.actor(), id, &name).await?;
    let device = renamed.ok_or(ErrorCode::NotFound)?;
    Ok(Answer(device.shown_on(Some(caller.device.id))))
}

/// Revokes one of the person's devices, for good
///
/// It is refused at once and its event streams close, on every copy of the server. Its key is never taken again.
#[utoipa::path(
    delete,
    path = "/api/v1/devices/{id}",
    tag = "devices",
    params(("id" = String, Path, description = "The device", format = "uuid")),
    responses(
        (status = 200, description = "The device; revoking it again changes nothing", body = Device),
        (status = 404, description = "`not_found`: the person has no such device", body = Refusal),
        Refusals,
    ),
)]
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DeviceId>,
) -> Result<Answer<Device>, Refused> {
    let revoked = app.storage.revoke_device(&caller.actor(), id).await?;
    let device = revoked.ok_or(ErrorCode::NotFound)?;
    Ok(Answer(device.shown_on(Some(caller.device.id))))
}

fn valid_name(name: String) -> Result<String, Refused> {
    let fits = (1..=NAME_LIMIT).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(Refused::invalid("name: not 1 to 100 printable characters")) }
}
