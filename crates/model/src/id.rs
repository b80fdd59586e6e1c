//! Random identifiers, each of its own type so that one can't stand where another belongs.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::Invalid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from 122 random bits of the operating system (UUID version 4, RFC 9562).
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.parse().map(Self).map_err(|_| Invalid::Id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        crate::text::serde_as_string!($name);
    };
}

id!(
    /// An account, on every device it travels to.
    AccountId
);
id!(
    /// One version of one secret in a secret store; a new version gets a new id.
    SecretId
);
id!(
    /// One data folder. Keyring entries carry it, so that a restored database or a second home never
    /// makes another home's secrets look abandoned.
    HomeId
);
id!(
    /// One check in an account's history.
    CheckId
);
