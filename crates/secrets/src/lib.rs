//! Where secrets live: the one door to the OS keyring, and what stands in for it.
//!
//! Everything that Courrier must remember and nobody may read (passwords, tokens, keys) goes through
//! [`SecretStore`]. Three stores implement it:
//!
//! - [`OsKeyring`]: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows;
//! - [`EncryptedFile`]: for systems without a keyring, and only when the person chose it;
//! - [`MemoryStore`]: for tests; it can be locked, be absent, limit the size of an entry and fail on demand.
//!
//! ```
//! use courrier_model::{ExposeSecret, HomeId, Secret, SecretId};
//! use courrier_secrets::{MemoryStore, SecretError, SecretKey, SecretStore, StoreState};
//!
//! let store = MemoryStore::new();
//! let key = SecretKey { home: HomeId::random(), id: SecretId::random() };
//! store.put(&key, &Secret::from("correct horse"))?;
//! assert_eq!(store.get(&key)?.expect("just written").expose_secret(), "correct horse");
//!
//! store.set_state(StoreState::Locked);
//! assert!(matches!(store.get(&key), Err(SecretError::Locked)));   // locked is not absent is not "never stored"
//! # Ok::<(), SecretError>(())
//! ```
//!
//! # What it promises
//!
//! - **Different answers.** A locked store, a store that is not there, one in which no keyring was ever made,
//!   and one that has no such entry are never mixed up, also where the system mixes them up. `Ok(None)` is
//!   said only by a store that is open and was asked.
//! - **No surprise windows.** Only [`SecretStore::unlock`] lets the system prompt the person.
//! - **A write counts when it was read back**, and is all or nothing: whatever fails on the way, the entry
//!   holds its old value or its new one.
//! - **One entry, one version.** A new version of a secret gets a new [`SecretId`]; nothing is listed and
//!   nothing is deleted that was not named. Entries carry the id of their home, so that two data folders
//!   never touch each other's.
//! - **Wiped after use.** Buffers of this crate are zeroed when dropped. What D-Bus, Keychain or Credential
//!   Manager copy inside their own processes and libraries is out of its hands.
//!
//! The calls block (some for as long as the system takes): use a blocking thread. Every store may be used
//! from many threads and many processes at once; one key must not be *written* by two at the same time,
//! which the rule of one version per id already ensures.
//!
//! [`SecretId`]: courrier_model::SecretId

#[cfg(target_os = "macos")]
mod apple;
mod chunked;
mod entries;
mod error;
mod file;
#[cfg(all(unix, not(target_os = "macos")))]
mod linux;
mod memory;
mod os;
mod store;
#[cfg(windows)]
mod windows;

pub use error::SecretError;
pub use file::EncryptedFile;
pub use memory::{Fault, MemoryStore};
pub use os::OsKeyring;
pub use store::{SecretKey, SecretStore, StoreKind, StoreState};
