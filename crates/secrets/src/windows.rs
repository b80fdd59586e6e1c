//! Credential Manager.
//!
//! It is open as long as the person is logged in and never prompts. An entry holds 2,560 bytes
//! (`CRED_MAX_CREDENTIAL_BLOB_SIZE`, 5 * 512); they are stored as they are, not as UTF-16.

use std::collections::HashMap;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use crate::entries::{Bytes, Entries, EntryName};
use crate::os::SERVICE;
use crate::{SecretError, StoreKind, StoreState};

const ENTRY_LIMIT: usize = 2560;

/// The credentials of the person who is logged in.
pub(crate) struct Platform;

impl Platform {
    pub(crate) fn new() -> Self {
        Self
    }
}

/// `Local`: what belongs to this computer's data folder does not roam to others.
fn entry(user: &str) -> keyring_core::Result<Entry> {
    Store::new()?.build(SERVICE, user, Some(&HashMap::from([("persistence", "Local")])))
}

/// Without a logon session (a service, a network logon) there is no set of credentials at all.
fn error(error: Error) -> SecretError {
    match error {
        Error::NoStorageAccess(_) => SecretError::Absent,
        error => error.into(),
    }
}

impl Entries for Platform {
    fn state(&self) -> StoreState {
        // A name that is never written: only whether there is anything to ask is of interest.
        match entry("state").and_then(|entry| entry.get_attributes()) {
            Ok(_) | Err(Error::NoEntry) => StoreState::Ready,
            Err(error) => {
                tracing::debug!(%error, "no credential manager");
                StoreState::Absent
            }
        }
    }

    fn unlock(&self) -> Result<(), SecretError> {
        SecretError::of_state(self.state()).map_or(Ok(()), Err)
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Keyring
    }

    fn limit(&self) -> Option<usize> {
        Some(ENTRY_LIMIT)
    }

    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError> {
        entry(&name.to_string()).and_then(|entry| entry.set_secret(bytes)).map_err(error)
    }

    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError> {
        match entry(&name.to_string()).and_then(|entry| entry.get_secret()) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(other) => Err(error(other)),
        }
    }

    fn remove(&self, name: &EntryName) -> Result<(), SecretError> {
        match entry(&name.to_string()).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(other) => Err(error(other)),
        }
    }
}
