//! How the server says no.

use courrier_model::SyncId;
use serde::{Deserialize, Serialize};

/// Why a request failed; one exists only where a desktop or an operator acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 401: the token is missing, expired, or not for this server. Refresh it and ask again.
    #[error("token_invalid")]
    TokenInvalid,
    /// 401: the proof is missing or does not fit the request, the token or the key.
    #[error("proof_invalid")]
    ProofInvalid,
    /// 401: sign the request again with the nonce in the `DPoP-Nonce` header (RFC 9449 section 9).
    #[error("use_dpop_nonce")]
    UseDpopNonce,
    /// 403: this key is not one of the person's devices. Register it.
    #[error("device_unknown")]
    DeviceUnknown,
    /// 403: the device was revoked. It may only sign out; its key is never taken again.
    #[error("device_revoked")]
    DeviceRevoked,
    /// 403: the person lacks the role that the call asks for.
    #[error("forbidden")]
    Forbidden,
    /// 404: there is no such thing, or it is not this person's.
    #[error("not_found")]
    NotFound,
    /// 409: the cursor belongs to another history: see [`Reset`].
    #[error("reset")]
    Reset,
    /// 400: the request is not what the call asks for.
    #[error("invalid")]
    Invalid,
    /// 413: the request's body is too large.
    #[error("too_large")]
    TooLarge,
    /// 429: too many requests; `Retry-After` says when to come back.
    #[error("rate_limited")]
    RateLimited,
    /// 503: the server can't do it now; `Retry-After` says when to come back.
    #[error("unavailable")]
    Unavailable,
    /// 500: a fault of the server.
    #[error("internal")]
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with it (RFC 9110 section 15).
    pub const fn status(self) -> u16 {
        match self {
            Self::TokenInvalid | Self::ProofInvalid | Self::UseDpopNonce => 401,
            Self::DeviceUnknown | Self::DeviceRevoked | Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Reset => 409,
            Self::Invalid => 400,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// What is wrong.
    pub error: ErrorCode,
    /// The same in English, for people who read traffic; never shown to others, never personal.
    pub message: String,
    /// With [`ErrorCode::Reset`], why and where to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
}

/// Why a device must begin again from the first revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The history is not this server's: the server was set up anew, or it is another one.
    Foreign,
    /// The server went back to a backup: send again what it lacks, deletions too.
    Restored,
    /// The device was away for longer than deletions are kept: what the server no longer has and was not
    /// edited here goes.
    Horizon,
}

/// Where to begin again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reset {
    /// Why.
    pub reason: ResetReason,
    /// The history that the server follows now.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub sync_id: SyncId,
}
