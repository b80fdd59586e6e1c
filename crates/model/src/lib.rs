//! What Courrier talks about: mail accounts, addresses, endpoints, and the codes that name a problem.
//!
//! Everything that comes from outside (a form, a command line, a database row, a provider's file) is
//! turned into these types once, here; an invalid value can't be constructed, so nobody further in has
//! to check again. The crate does no I/O and knows no clock; only new ids draw on
//! the system's randomness.
//!
//! ```
//! use courrier_model::Address;
//! let address: Address = "Zoë@BÜCHER.example".parse()?;
//! assert_eq!(address.to_string(), "Zoë@bücher.example");
//! assert_eq!(address.domain_ascii(), "xn--bcher-kva.example");
//! assert!(address.same_as(&"zoë@bücher.example".parse()?));
//! # Ok::<(), courrier_model::Invalid>(())
//! ```

mod account;
mod address;
mod color;
mod endpoint;
mod health;
mod host;
mod id;
mod invalid;
mod oauth;
mod preset;
mod problem;
mod secret;
mod text;

pub use account::{Account, AccountDraft, AccountEdit, Identity};
pub use address::Address;
pub use color::Color;
pub use endpoint::{AuthKind, Endpoint, EndpointSpec, Protocol, Security};
pub use health::{Health, HealthState};
pub use host::{Host, Port};
pub use id::{AccountId, CheckId, DeviceId, HomeId, MutationId, RecordId, SecretId, SyncId, UserId, WriteId};
pub use invalid::Invalid;
pub use jiff::Timestamp;
pub use oauth::{MailHosts, OAuthPreset, RedirectForm, Rotation, oauth_presets};
pub use preset::{Preset, PresetEndpoint, PresetUser, presets};
pub use problem::{ProblemCode, Stage, WarningCode};
pub use secret::{ExposeSecret, Secret};
pub use text::{DisplayName, Username};
