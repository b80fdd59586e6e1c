//! The login Keychain.
//!
//! Keychain prompts by itself, for its password when it is locked and for consent when another program
//! made the entry. Both are switched off for the process while we read or write, unless the person asked
//! to unlock: Keychain then answers with an error instead of a window. Its list of entries can be read
//! while it is locked, so "no such entry" is true even then; the state is asked first all the same, so
//! that locked answers as locked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use security_framework::os::macos::keychain::{SecKeychain, SecPreferencesDomain};
use zeroize::Zeroizing;

use crate::entries::{Bytes, Entries, EntryName};
use crate::os::SERVICE;
use crate::{SecretError, StoreKind, StoreState};

/// `errSecNotAvailable`, `errSecNoSuchKeychain`, `errSecInvalidKeychain`, `errSecNoDefaultKeychain`.
const NO_KEYCHAIN: [i32; 4] = [-25291, -25294, -25295, -25307];
/// `errSecUserCanceled`, `errSecAuthFailed`, `errSecInteractionNotAllowed`.
const NOT_OPENED: [i32; 3] = [-128, -25293, -25308];

/// Whether Keychain may show windows is a property of the process: one call at a time changes it.
static INTERACTION: Mutex<()> = Mutex::new(());

/// The login Keychain of the person who is logged in.
pub(crate) struct Platform {
    /// The person asked to unlock: consent for single entries may be asked for from now on.
    may_ask: AtomicBool,
}

impl Platform {
    pub(crate) fn new() -> Self {
        Self { may_ask: AtomicBool::new(false) }
    }

    /// Does `work` with an entry of the open Keychain.
    fn with_entry<T>(
        &self,
        name: &EntryName,
        work: impl FnOnce(&Entry) -> keyring_core::Result<T>,
    ) -> Result<T, SecretError> {
        if let Some(error) = SecretError::of_state(self.state()) {
            return Err(error);
        }
        let work = || Store::new()?.build(SERVICE, &name.to_string(), None).and_then(|entry| work(&entry));
        let done = if self.may_ask.load(Ordering::Relaxed) { work() } else { silently(work) };
        done.map_err(store_error)
    }
}

/// Does `work` while Keychain can't show windows.
fn silently<T>(work: impl FnOnce() -> T) -> T {
    let _one_at_a_time = INTERACTION.lock().unwrap_or_else(PoisonError::into_inner);
    // Fails only where there is no security server; then nothing can prompt either.
    let _no_windows = SecKeychain::disable_user_interaction();
    work()
}

fn login_keychain() -> Result<SecKeychain, SecretError> {
    SecKeychain::default_for_domain(SecPreferencesDomain::User).map_err(|error| {
        tracing::debug!(%error, "no login keychain");
        SecretError::Absent
    })
}

fn code_error(code: i32, text: impl FnOnce() -> String) -> SecretError {
    if NO_KEYCHAIN.contains(&code) {
        SecretError::Absent
    } else if NOT_OPENED.contains(&code) {
        SecretError::Locked
    } else {
        SecretError::Backend(text())
    }
}

fn store_error(error: Error) -> SecretError {
    let code = match &error {
        Error::PlatformFailure(source) | Error::NoStorageAccess(source) => {
            source.downcast_ref::<security_framework::base::Error>().map(|error| error.code())
        }
        _ => None,
    };
    match code {
        Some(code) => code_error(code, || error.to_string()),
        None => error.into(),
    }
}

impl Entries for Platform {
    fn state(&self) -> StoreState {
        // Unlocking without a password and without windows succeeds exactly if it is open already.
        silently(|| match login_keychain() {
            Err(_) => StoreState::Absent,
            Ok(mut keychain) => match keychain.unlock(None) {
                Ok(()) => StoreState::Ready,
                Err(_) => StoreState::Locked,
            },
        })
    }

    fn unlock(&self) -> Result<(), SecretError> {
        let mut keychain = login_keychain()?;
        self.may_ask.store(true, Ordering::Relaxed);
        keychain.unlock(None).map_err(|error| code_error(error.code(), || error.to_string()))
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Keyring
    }

    fn limit(&self) -> Option<usize> {
        None
    }

    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError> {
        self.with_entry(name, |entry| entry.set_secret(bytes))
    }

    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError> {
        self.with_entry(name, |entry| match entry.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn remove(&self, name: &EntryName) -> Result<(), SecretError> {
        self.with_entry(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}
