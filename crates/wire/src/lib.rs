//! The messages between a desktop and Courrier's server: what `docs/sync.md` describes, as types.
//!
//! Both sides build and read their JSON with these and nothing else, so neither can drift. Fields that a
//! reader does not know are skipped in messages and survive in record bodies ([`Body`]): an older desktop
//! never strips what a newer one wrote. The crate does no I/O. With the feature `openapi` the types describe themselves
//! for the server's OpenAPI document.
//!
//! - before sign-in: [`WellKnown`] at [`path::WELL_KNOWN`];
//! - who am I: [`SessionInfo`] at [`path::SESSION`];
//! - what changed: [`Page`] from, and [`Push`] to, [`path::CHANGES`];
//! - what moves while one listens: [`Event`] at [`path::EVENTS`];
//! - the person's computers: [`Device`], [`DeviceRegistration`] at [`path::DEVICES`];
//! - who did what: [`AuditPage`] at [`path::AUDIT`];
//! - every refusal: [`Refusal`] with an [`ErrorCode`].

mod account;
mod audit;
mod body;
mod change;
mod device;
mod error;
mod event;
pub mod path;
mod preferences;
#[cfg(feature = "openapi")]
mod schema;
mod session;
mod well_known;
mod whole;

pub use account::AccountBody;
pub use audit::{AuditAction, AuditEntry, AuditPage};
pub use body::{Body, Kind};
pub use change::{Applied, Base, Content, Outcome, Page, Push, PushAnswer, Record, RefusedCode, Write, WriteAnswer};
pub use device::{Device, DeviceChange, DeviceList, DeviceRegistration, Platform, PublicKey};
pub use error::{ErrorCode, Refusal, Reset, ResetReason};
pub use event::Event;
pub use preferences::{PreferencesBody, Theme};
pub use session::{SessionInfo, User};
pub use well_known::{IssuerInfo, IssuerProfile, ProviderClient, Versions, WellKnown};

/// Records in one page of changes, at most; also what a desktop asks for.
pub const PAGE_LIMIT: u32 = 500;
/// Writes in one push, at most.
pub const PUSH_LIMIT: usize = 500;
/// Bytes of one record's body as JSON, at most.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Days for which deletions and answers to mutations are kept: a device that was away longer starts anew.
pub const HORIZON_DAYS: i64 = 180;
