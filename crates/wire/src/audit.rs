//! Who did what.

use courrier_model::{DeviceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// A device was seen with a new session at the issuer.
    SignIn,
    /// The issuer said that a session ended.
    SignOut,
    /// A device was registered.
    DeviceRegistered,
    /// A device got another name.
    DeviceRenamed,
    /// A device was revoked.
    DeviceRevoked,
    /// A revoked device tried to come back.
    DeviceRefused,
    /// An account was added.
    AccountAdded,
    /// An account was changed.
    AccountChanged,
    /// An account was removed.
    AccountRemoved,
    /// Preferences were changed.
    PreferencesChanged,
}

impl AuditAction {
    /// Its name in messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::DeviceRegistered => "device_registered",
            Self::DeviceRenamed => "device_renamed",
            Self::DeviceRevoked => "device_revoked",
            Self::DeviceRefused => "device_refused",
            Self::AccountAdded => "account_added",
            Self::AccountChanged => "account_changed",
            Self::AccountRemoved => "account_removed",
            Self::PreferencesChanged => "preferences_changed",
        }
    }
}

/// One line of the log. It names things by id; addresses of mail accounts never stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Ascending in time; what `before` takes.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub sequence: u64,
    /// When, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub at: Timestamp,
    /// Who.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub user: UserId,
    /// From which device, if one was known.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36))]
    pub device: Option<DeviceId>,
    /// What.
    pub action: AuditAction,
    /// The id of the thing it was done to: a record or a device.
    pub target: Option<String>,
    /// The network address that asked, for the person's own log and for administrators.
    pub address: Option<String>,
}

/// A page of the log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The lines.
    pub entries: Vec<AuditEntry>,
    /// What to give as `before` for the next page; `null` at the end.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub before: Option<u64>,
}
