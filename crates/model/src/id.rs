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
id!(
    /// A person, as Courrier's server knows them. Never derived from an e-mail address.
    UserId
);
id!(
    /// One registration of one computer of a person.
    DeviceId
);
id!(
    /// A thing that travels between a person's devices: an account has its own id here too.
    RecordId
);
id!(
    /// One write to one record, chosen by the server; with the revision it tells two histories apart.
    WriteId
);
id!(
    /// One write as a device asked for it; repeating it is harmless.
    MutationId
);
id!(
    /// One unbroken history of a server's data. A server restored from a backup takes a new one.
    SyncId
);

impl RecordId {
    /// The one record of a person's preferences: the same on every device, so that two devices that make
    /// it at the same time make one (UUID version 8, RFC 9562 section 5.8).
    pub const PREFERENCES: Self = Self(Uuid::from_u128(0x636f7572_7269_8572_8000_707265666572));
}

impl From<AccountId> for RecordId {
    fn from(id: AccountId) -> Self {
        Self(id.0)
    }
}

impl From<RecordId> for AccountId {
    fn from(id: RecordId) -> Self {
        Self(id.0)
    }
}
