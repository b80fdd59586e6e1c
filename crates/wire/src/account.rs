//! A mail account as it travels.

use courrier_model::{Address, Color, DisplayName, Endpoint, Identity, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Body;

/// A mail account's settings. Which account is primary is a preference; secrets are never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountBody {
    /// Its address; no two live accounts of a person share one ([`Address::same_as`]).
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "email"))]
    pub address: Address,
    /// What the person calls it; may be empty.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 200))]
    pub name: DisplayName,
    /// The colour by which it is told apart.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^#[0-9a-fA-F]{6}$"))]
    pub color: Color,
    /// Receiving.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::schema::Endpoint))]
    pub imap: Endpoint,
    /// Sending.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::schema::Endpoint))]
    pub smtp: Endpoint,
    /// Further sender identities, in the person's order.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::schema::Identity>))]
    pub identities: Vec<Identity>,
    /// Its place in the person's list: ascending, equal ones by id.
    #[serde(default)]
    pub order: i64,
    /// When it was first added, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub created_at: Timestamp,
    /// What a newer Courrier wrote and this one does not know.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub other: Map<String, Value>,
}

impl AccountBody {
    /// Reads and validates it.
    ///
    /// # Errors
    /// Names the first member that is missing or not valid.
    pub fn from_body(body: Body) -> Result<Self, serde_json::Error> {
        let account: Self = serde_json::from_value(Value::Object(body))?;
        if account.imap.auth == courrier_model::AuthKind::None {
            return Err(serde::de::Error::custom("imap: receiving needs authentication"));
        }
        Ok(account)
    }

    /// The JSON object that travels.
    pub fn into_body(self) -> Body {
        match serde_json::to_value(self) {
            Ok(Value::Object(body)) => body,
            // A structure of strings and numbers always serialises to an object.
            _ => Body::new(),
        }
    }
}
