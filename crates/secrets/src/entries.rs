//! What a keyring is underneath: named entries of bytes, perhaps of limited size.

use std::fmt;

use zeroize::Zeroizing;

use crate::{SecretError, SecretKey, StoreKind, StoreState};

/// Bytes that are zeroed when dropped.
pub(crate) type Bytes = Zeroizing<Vec<u8>>;

/// The name of an entry: a secret's own, or one of its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryName {
    /// The secret that the entry belongs to.
    pub(crate) key: SecretKey,
    /// Which part of it.
    pub(crate) part: Part,
}

/// Which part of a secret an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The secret itself, or the description of its pieces.
    Head,
    /// One piece of a long secret.
    Chunk {
        /// Which of the two sets of pieces.
        slot: Slot,
        /// The piece's place, from 0.
        index: u32,
    },
}

/// A long secret has two places for its pieces, so that a new value never overwrites the live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The first place.
    A,
    /// The second place.
    B,
}

impl Slot {
    /// The place that is not this one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Head => write!(f, "{}", self.key),
            Part::Chunk { slot: Slot::A, index } => write!(f, "{}/a{index}", self.key),
            Part::Chunk { slot: Slot::B, index } => write!(f, "{}/b{index}", self.key),
        }
    }
}

/// A platform's keyring, one entry at a time. Writing an entry replaces it as a whole or not at all.
pub(crate) trait Entries: Send + Sync {
    /// See [`crate::SecretStore::state`].
    fn state(&self) -> StoreState;
    /// See [`crate::SecretStore::unlock`].
    fn unlock(&self) -> Result<(), SecretError>;
    /// See [`crate::SecretStore::kind`].
    fn kind(&self) -> StoreKind;
    /// The most bytes that one entry holds, if the platform limits it.
    fn limit(&self) -> Option<usize>;
    /// Makes or replaces an entry.
    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError>;
    /// Reads an entry; `None` only when the keyring is ready and has no such entry.
    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError>;
    /// Removes an entry; succeeds when it is not there.
    fn remove(&self, name: &EntryName) -> Result<(), SecretError>;
}
