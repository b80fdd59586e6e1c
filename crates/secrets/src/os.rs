//! The operating system's keyring.

use courrier_model::Secret;

#[cfg(target_os = "macos")]
use crate::apple::Platform;
use crate::chunked::Chunked;
#[cfg(all(unix, not(target_os = "macos")))]
use crate::linux::Platform;
#[cfg(windows)]
use crate::windows::Platform;
use crate::{SecretError, SecretKey, SecretStore, StoreKind, StoreState};

/// The service that all entries stand under, as keyring programs show it.
pub(crate) const SERVICE: &str = "courrier";

/// The keyring of the person who is logged in: Secret Service (Linux), the login Keychain (macOS),
/// Credential Manager (Windows).
///
/// An entry's service is `courrier`, its user `HOME/ID`. Nothing is opened until the first call, and a
/// keyring or bus that was restarted is connected to again. On Linux the bus is the session bus of the
/// environment; kernel keyutils is never used, because it forgets at reboot.
///
/// Where the platform limits an entry (Credential Manager, 2,560 bytes), longer secrets are kept in pieces,
/// all or nothing.
pub struct OsKeyring(Chunked<Platform>);

impl OsKeyring {
    /// The keyring of this session. Whether there is one, [`SecretStore::state`] tells.
    pub fn new() -> Self {
        Self(Chunked::new(Platform::new()))
    }
}

impl Default for OsKeyring {
    fn default() -> Self {
        Self::new()
    }
}

impl SecretStore for OsKeyring {
    fn state(&self) -> StoreState {
        self.0.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.0.unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        self.0.put(key, secret)
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        self.0.get(key)
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        self.0.delete(key)
    }

    fn kind(&self) -> StoreKind {
        self.0.kind()
    }
}
