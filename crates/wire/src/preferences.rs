//! A person's preferences as they travel.

use courrier_model::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Body;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the desktop is.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What a person prefers on every device. Every member may be absent: then each device has its own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferencesBody {
    /// The account that is offered first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36))]
    pub primary: Option<AccountId>,
    /// The window's language (BCP 47), or the desktop's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Light or dark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// Seconds after which a copied secret leaves the clipboard, 5 to 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clipboard_seconds: Option<u32>,
    /// What a newer Courrier wrote and this one does not know.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub other: Map<String, Value>,
}

impl PreferencesBody {
    /// Reads and validates them.
    ///
    /// # Errors
    /// Names the first member that is not valid.
    pub fn from_body(body: Body) -> Result<Self, serde_json::Error> {
        let preferences: Self = serde_json::from_value(Value::Object(body))?;
        if preferences.clipboard_seconds.is_some_and(|seconds| !(5..=600).contains(&seconds)) {
            return Err(serde::de::Error::custom("clipboard_seconds: not between 5 and 600"));
        }
        if preferences.language.as_ref().is_some_and(|tag| tag.is_empty() || tag.len() > 35) {
            return Err(serde::de::Error::custom("language: not a language tag"));
        }
        Ok(preferences)
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
