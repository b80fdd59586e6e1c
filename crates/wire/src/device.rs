//! A person's computers.

use courrier_model::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
    /// Something else that speaks the protocol.
    Other,
}

/// A device's public key as a JWK (RFC 7517): elliptic curve P-256, the key that signs its proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKey {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// The point's x, 32 bytes in base64url without padding.
    pub x: String,
    /// The point's y, likewise.
    pub y: String,
}

/// A device that asks to be one of the person's. The key is the one that signs the request's proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRegistration {
    /// What the person calls it, 1 to 100 characters, none of them a control character.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$"))]
    pub name: String,
    /// What it runs.
    pub platform: Platform,
}

/// A new name for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceChange {
    /// What the person calls it, 1 to 100 characters, none of them a control character.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$"))]
    pub name: String,
}

/// One of the person's devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: DeviceId,
    /// What the person calls it.
    pub name: String,
    /// What it runs.
    pub platform: Platform,
    /// True for the device that asks.
    pub current: bool,
    /// When it was registered, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub created_at: Timestamp,
    /// When it was last heard of, UTC, to the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub last_seen_at: Timestamp,
    /// The network address that it was last heard from.
    pub last_address: Option<String>,
    /// When its sign-in at the issuer ends, UTC, if the server knows.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "date-time"))]
    pub session_expires_at: Option<Timestamp>,
    /// When it was revoked, UTC; it can do nothing since.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "date-time"))]
    pub revoked_at: Option<Timestamp>,
}

/// The person's devices, the newest first; revoked ones stay in it for the horizon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceList {
    /// The devices.
    pub devices: Vec<Device>,
}
