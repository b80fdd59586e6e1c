//! Short texts that a person typed: display names and user names.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::Invalid;

/// Serialises through `Display` and reads back through `FromStr`, so that no path skips validation.
macro_rules! serde_as_string {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_string;

/// How a person names an account or an identity: at most 200 characters, no control characters; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DisplayName(String);

impl DisplayName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text: String = text.trim().nfc().collect();
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err(Invalid::DisplayName);
        }
        Ok(Self(text))
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(DisplayName);

/// The name a server knows the person by: 1 to 320 bytes, sent as given, no control characters.
///
/// NUL would end the field in SASL PLAIN (RFC 4616 section 2), CR and LF would end a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.len() > 320 || text.chars().any(char::is_control) {
            return Err(Invalid::Username);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_string!(Username);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_control_character_survives(text in "\\PC{0,5}[\\x00-\\x1f\\x7f]?\\PC{0,5}") {
            if let Ok(name) = text.parse::<Username>() {
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(name.to_string().parse::<Username>(), Ok(name));
            }
            if let Ok(name) = text.parse::<DisplayName>() {
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert_eq!(name.to_string().parse::<DisplayName>(), Ok(name));
            }
        }
    }
}
