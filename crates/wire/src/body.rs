//! What a record carries.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What kind of thing a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A mail account: [`crate::AccountBody`].
    Account,
    /// The person's preferences: [`crate::PreferencesBody`].
    Preferences,
}

impl Kind {
    /// Its name in messages and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Preferences => "preferences",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = crate::ErrorCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "account" => Ok(Self::Account),
            "preferences" => Ok(Self::Preferences),
            _ => Err(crate::ErrorCode::Invalid),
        }
    }
}

/// A record's content: a JSON object. Each of its top-level members is one field group of the merge (an
/// endpoint is one member, so host, port and user name move together); members that a reader does not know
/// stay as they are.
pub type Body = Map<String, Value>;
