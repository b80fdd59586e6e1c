//! A keyring in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_model::Secret;
use zeroize::Zeroizing;

use crate::chunked::Chunked;
use crate::entries::{Bytes, Entries, EntryName};
use crate::{SecretError, SecretKey, SecretStore, StoreKind, StoreState};

/// A store that behaves like a keyring and forgets when the last clone is dropped.
///
/// It can be put into any state, limited like Credential Manager, and told to fail. Clones share their
/// content, as two processes share a keyring.
#[derive(Clone)]
pub struct MemoryStore(Arc<Chunked<MemoryEntries>>);

/// A failure to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// How many operations on single entries (reads, writes, removals) still succeed. A put is several of
    /// them: at least a write and the reading back.
    pub after: u64,
    /// Whether the failing operation is done all the same, as when only its answer is lost.
    pub takes_effect: bool,
    /// Whether all operations fail from then on until [`MemoryStore::heal`], as when the process died;
    /// otherwise only that one fails.
    pub lasting: bool,
}

impl MemoryStore {
    /// An empty store that is ready and takes entries of any size.
    pub fn new() -> Self {
        Self::over(MemoryEntries::default())
    }

    /// An empty store whose entries hold `limit` bytes; longer secrets are kept in pieces, as
    /// [`OsKeyring`](crate::OsKeyring) keeps them in Credential Manager (2,560 bytes). At least 64.
    pub fn with_limit(limit: usize) -> Self {
        Self::over(MemoryEntries::with_limit(limit))
    }

    fn over(entries: MemoryEntries) -> Self {
        Self(Arc::new(Chunked::new(entries)))
    }

    /// Puts the store into a state; the entries stay. [`SecretStore::unlock`] opens it, unless it is absent.
    pub fn set_state(&self, state: StoreState) {
        self.0.entries().inner().state = state;
    }

    /// Makes an operation to come fail with [`SecretError::Backend`].
    pub fn fail(&self, fault: Fault) {
        self.0.entries().inner().fault = Some(fault);
    }

    /// Takes back every failure.
    pub fn heal(&self) {
        self.0.entries().inner().fault = None;
    }

    /// How many entries there are; a secret in pieces counts as its pieces and one.
    pub fn len(&self) -> usize {
        self.0.entries().inner().entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl SecretStore for MemoryStore {
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

/// The entries of a [`MemoryStore`].
#[derive(Default)]
pub(crate) struct MemoryEntries {
    limit: Option<usize>,
    inner: Mutex<Inner>,
}

struct Inner {
    entries: BTreeMap<String, Bytes>,
    state: StoreState,
    fault: Option<Fault>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), state: StoreState::Ready, fault: None }
    }
}

impl Inner {
    /// Does `work` unless the store is not ready or this operation is the one to fail.
    fn operate<T>(&mut self, work: impl FnOnce(&mut BTreeMap<String, Bytes>) -> T) -> Result<T, SecretError> {
        if let Some(error) = SecretError::of_state(self.state) {
            return Err(error);
        }
        match &mut self.fault {
            None => Ok(work(&mut self.entries)),
            Some(fault) if fault.after > 0 => {
                fault.after -= 1;
                Ok(work(&mut self.entries))
            }
            Some(fault) => {
                if std::mem::take(&mut fault.takes_effect) {
                    work(&mut self.entries);
                }
                if !fault.lasting {
                    self.fault = None;
                }
                Err(SecretError::Backend("failing on demand".into()))
            }
        }
    }
}

impl MemoryEntries {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self { limit: Some(limit.max(64)), ..Self::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes or removes what an entry holds, behind everybody's back.
    #[cfg(test)]
    pub(crate) fn tamper(&self, name: &EntryName, change: impl FnOnce(Bytes) -> Option<Bytes>) {
        let mut inner = self.inner();
        let bytes = inner.entries.remove(&name.to_string()).expect("the entry is there");
        if let Some(bytes) = change(bytes) {
            inner.entries.insert(name.to_string(), bytes);
        }
    }
}

impl Entries for MemoryEntries {
    fn state(&self) -> StoreState {
        self.inner().state
    }

    fn unlock(&self) -> Result<(), SecretError> {
        let mut inner = self.inner();
        if inner.state == StoreState::Absent {
            return Err(SecretError::Absent);
        }
        inner.state = StoreState::Ready;
        Ok(())
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Memory
    }

    fn limit(&self) -> Option<usize> {
        self.limit
    }

    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError> {
        if let Some(limit) = self.limit.filter(|limit| bytes.len() > *limit) {
            return Err(SecretError::TooLong { limit });
        }
        self.inner().operate(|entries| {
            entries.insert(name.to_string(), Zeroizing::new(bytes.to_vec()));
        })
    }

    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError> {
        self.inner().operate(|entries| entries.get(&name.to_string()).cloned())
    }

    fn remove(&self, name: &EntryName) -> Result<(), SecretError> {
        self.inner().operate(|entries| {
            entries.remove(&name.to_string());
        })
    }
}
