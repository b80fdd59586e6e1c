//! Who somebody is.

use courrier_model::{SyncId, UserId};
use serde::{Deserialize, Serialize};

use crate::Device;

/// A person as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The server's own id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: UserId,
    /// Who vouches for them (OpenID Connect Core section 2, `iss`).
    pub issuer: String,
    /// Who they are there (`sub`).
    pub subject: String,
    /// The address at their organisation, if the issuer says; for showing, never for telling people apart.
    pub email: Option<String>,
    /// Their name, if the issuer says.
    pub name: Option<String>,
    /// True if they may read everybody's audit log.
    pub admin: bool,
}

/// Who asks, from which device, and where their data stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The person.
    pub user: User,
    /// The device, or `null` until it is registered.
    pub device: Option<Device>,
    /// The history that the server follows.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub sync_id: SyncId,
    /// The person's revision.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
}
