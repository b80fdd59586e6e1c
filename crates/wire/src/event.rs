//! What the server tells a device that listens.

use courrier_model::{DeviceId, SyncId};
use serde::{Deserialize, Serialize};

/// One server-sent event; its `event:` line carries the same word as `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// The person's revision is now this; also sent when the stream opens.
    Revision {
        /// The history that it belongs to.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
        sync_id: SyncId,
        /// The revision.
        #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
        revision: u64,
    },
    /// The list of devices changed.
    Devices {
        /// A device that was just registered, to be shown to the person.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36))]
        registered: Option<DeviceId>,
    },
    /// The stream ends, and coming back with the same credentials is useless: the device was revoked or its
    /// session ended.
    Ended,
}

impl Event {
    /// The word on the `event:` line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Revision { .. } => "revision",
            Self::Devices { .. } => "devices",
            Self::Ended => "ended",
        }
    }
}
