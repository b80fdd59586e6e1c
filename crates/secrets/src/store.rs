//! What every store of secrets can do.

use std::fmt;
use std::sync::Arc;

use courrier_model::{HomeId, Secret, SecretId};

use crate::SecretError;

/// Names one version of one secret of one data folder. Nothing in it is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretKey {
    /// The data folder that the secret belongs to.
    pub home: HomeId,
    /// The version of the secret.
    pub id: SecretId,
}

impl fmt::Display for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.home, self.id)
    }
}

/// Whether a store can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    /// Open: secrets can be read and written.
    Ready,
    /// There, but the person has to open it first.
    Locked,
    /// The service runs and has no collection that secrets could go to, as where nobody ever made a keyring:
    /// [`SecretStore::unlock`] lets the person make one.
    NoCollection,
    /// Not there, or not reachable.
    Absent,
}

/// Which store this is, for showing to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// The operating system's keyring.
    Keyring,
    /// An encrypted file in the data folder.
    File,
    /// This process's memory.
    Memory,
}

/// A place for secrets. See the crate's header for what every implementation promises.
pub trait SecretStore: Send + Sync {
    /// The store's state, found out within a second and without prompting the person.
    fn state(&self) -> StoreState;

    /// Opens the store, and has its collection made where there is none; the system may prompt the person.
    /// Blocks until answered or dismissed.
    ///
    /// # Errors
    /// [`SecretError::Locked`], or [`SecretError::NoCollection`] where one was to be made, when the prompt was
    /// dismissed or none can be shown; [`SecretError::Absent`] when there is nothing to open.
    fn unlock(&self) -> Result<(), SecretError>;

    /// Writes the secret and reads it back.
    ///
    /// # Errors
    /// Any error means that the entry holds what it held before, or the new secret, whole in both cases.
    /// The store's state, as with [`SecretStore::get`]. [`SecretError::ReadBackMismatch`] when the store took the secret and gave back another one.
    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError>;

    /// Reads the secret; `None` only when the store is ready and has no such entry.
    ///
    /// # Errors
    /// [`SecretError::Locked`], [`SecretError::NoCollection`] and [`SecretError::Absent`], never a prompt;
    /// [`SecretError::Damaged`] when there is an entry that can't be put together.
    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError>;

    /// Deletes the secret. Deleting what is not there succeeds.
    ///
    /// # Errors
    /// The store's state, as with [`SecretStore::get`]; after any other error the call can be repeated.
    fn delete(&self, key: &SecretKey) -> Result<(), SecretError>;

    /// Which kind of store this is.
    fn kind(&self) -> StoreKind;
}

impl<S: SecretStore + ?Sized> SecretStore for Arc<S> {
    fn state(&self) -> StoreState {
        (**self).state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        (**self).unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        (**self).put(key, secret)
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        (**self).get(key)
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        (**self).delete(key)
    }

    fn kind(&self) -> StoreKind {
        (**self).kind()
    }
}
