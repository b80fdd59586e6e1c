//! Secrets of any length over entries that may be limited in size, all or nothing.
//!
//! A secret that fits stands in its entry as it is. A longer one is cut into pieces, and its own entry,
//! the head, describes them: in which of two slots they are, how many, and the length and SHA-256 of the
//! whole. The order of writing makes it safe:
//!
//! 1. the pieces go into the slot that the present head does not name;
//! 2. the head is replaced, in one write: this is the moment at which the new value becomes the value;
//! 3. what was read back is compared;
//! 4. pieces that no head names any more are removed.
//!
//! A failure before 2 leaves the old value (or none) in place, one after 2 the new one. Within a slot the
//! pieces are written upwards and removed downwards, so those that are there always run from 0 without a
//! gap: whatever a crash left behind is found without listing the store, by the next write or delete.
//!
//! A head whose pieces are missing or don't match is [`SecretError::Damaged`] and not "no such secret":
//! something was stored here, and the caller must not conclude that nothing ever was.

use courrier_model::{ExposeSecret, Secret};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::entries::{Bytes, Entries, EntryName, Part, Slot};
use crate::{SecretError, SecretKey, SecretStore, StoreKind, StoreState};

/// What a head begins with. A secret that begins like this is kept in pieces whatever its length, so that
/// it can't pass for a head.
const MAGIC: &[u8; 16] = b"\0courrier pieces";
/// Magic, version, slot, count, length, digest.
const HEAD_LENGTH: usize = 16 + 1 + 1 + 4 + 4 + 32;
const HEAD_VERSION: u8 = 1;
/// More pieces than any token or key needs; keeps a damaged head from sending us through millions.
const MOST_PIECES: usize = 4096;
/// How often a read starts over because another process replaced the secret under it.
const READ_ATTEMPTS: usize = 8;

/// Keeps secrets in `E`, in pieces where they don't fit.
pub(crate) struct Chunked<E> {
    entries: E,
}

/// What a head says about the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pieces {
    slot: Slot,
    count: u32,
    length: u32,
    digest: [u8; 32],
}

/// What stands in a secret's own entry.
enum Head {
    Whole(Bytes),
    Pieces(Pieces),
}

impl Pieces {
    fn encode(&self) -> [u8; HEAD_LENGTH] {
        let mut bytes = [0; HEAD_LENGTH];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16] = HEAD_VERSION;
        bytes[17] = match self.slot {
            Slot::A => 0,
            Slot::B => 1,
        };
        bytes[18..22].copy_from_slice(&self.count.to_le_bytes());
        bytes[22..26].copy_from_slice(&self.length.to_le_bytes());
        bytes[26..].copy_from_slice(&self.digest);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(&[HEAD_VERSION])?;
        let (&slot, rest) = rest.split_first()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let slot = match slot {
            0 => Slot::A,
            1 => Slot::B,
            _ => return None,
        };
        let pieces = Self {
            slot,
            count: u32::from_le_bytes(*count),
            length: u32::from_le_bytes(*length),
            digest: rest.try_into().ok()?,
        };
        (usize::try_from(pieces.count).ok()? <= MOST_PIECES).then_some(pieces)
    }
}

impl<E: Entries> Chunked<E> {
    pub(crate) fn new(entries: E) -> Self {
        Self { entries }
    }

    pub(crate) fn entries(&self) -> &E {
        &self.entries
    }

    fn head(&self, key: &SecretKey) -> Result<Option<Head>, SecretError> {
        let Some(bytes) = self.entries.read(&head_name(key))? else { return Ok(None) };
        // Without a limit nothing is ever cut, so nothing has to be told apart from a head.
        if self.entries.limit().is_none() || !bytes.starts_with(MAGIC) {
            return Ok(Some(Head::Whole(bytes)));
        }
        Pieces::decode(&bytes).map(|pieces| Some(Head::Pieces(pieces))).ok_or(SecretError::Damaged)
    }

    /// Puts the pieces together; `None` when one is missing or they are not what the head describes.
    fn join(&self, key: &SecretKey, pieces: &Pieces) -> Result<Option<Bytes>, SecretError> {
        let Ok(length) = usize::try_from(pieces.length) else { return Ok(None) };
        // Growing would leave unwiped copies behind, so the buffer gets its full size at once.
        let limit = self.entries.limit().unwrap_or(0);
        let mut whole: Bytes = Zeroizing::new(Vec::with_capacity(length.min(MOST_PIECES.saturating_mul(limit))));
        for index in 0..pieces.count {
            match self.entries.read(&chunk_name(key, pieces.slot, index))? {
                Some(piece) if whole.len() + piece.len() <= whole.capacity() => whole.extend_from_slice(&piece),
                _ => return Ok(None),
            }
        }
        let sound = whole.len() == length && Sha256::digest(&*whole).as_slice() == pieces.digest;
        Ok(sound.then_some(whole))
    }

    fn read(&self, key: &SecretKey) -> Result<Option<Bytes>, SecretError> {
        let mut seen = None;
        for _ in 0..READ_ATTEMPTS {
            let pieces = match self.head(key)? {
                None => return Ok(None),
                Some(Head::Whole(bytes)) => return Ok(Some(bytes)),
                Some(Head::Pieces(pieces)) => pieces,
            };
            if let Some(bytes) = self.join(key, &pieces)? {
                return Ok(Some(bytes));
            }
            // The pieces may have gone because a new head came; the same head twice means they are lost.
            if seen.replace(pieces) == Some(pieces) {
                break;
            }
        }
        Err(SecretError::Damaged)
    }

    /// Writes the secret where entries hold at most `limit` bytes.
    fn write_limited(&self, key: &SecretKey, bytes: &[u8], limit: usize) -> Result<(), SecretError> {
        let live = match self.head(key) {
            Ok(Some(Head::Pieces(pieces))) => Some(pieces.slot),
            // A head that can't be read names no slot that would have to be spared.
            Ok(_) | Err(SecretError::Damaged) => None,
            Err(error) => return Err(error),
        };
        if bytes.len() <= limit && !bytes.starts_with(MAGIC) {
            self.entries.write(&head_name(key), bytes)?;
            self.verify(key, bytes)?;
            self.tidy(key, None);
            return Ok(());
        }
        let too_long = || SecretError::TooLong { limit: limit.saturating_mul(MOST_PIECES) };
        let count = bytes.len().div_ceil(limit);
        if count > MOST_PIECES {
            return Err(too_long());
        }
        let pieces = Pieces {
            slot: live.map_or(Slot::A, Slot::other),
            count: u32::try_from(count).map_err(|_| too_long())?,
            length: u32::try_from(bytes.len()).map_err(|_| too_long())?,
            digest: Sha256::digest(bytes).into(),
        };
        for (index, piece) in (0..).zip(bytes.chunks(limit)) {
            self.entries.write(&chunk_name(key, pieces.slot, index), piece)?;
        }
        self.entries.write(&head_name(key), &pieces.encode())?;
        self.verify(key, bytes)?;
        self.tidy(key, Some(&pieces));
        Ok(())
    }

    fn verify(&self, key: &SecretKey, written: &[u8]) -> Result<(), SecretError> {
        match self.read(key)? {
            Some(read) if *read == written => Ok(()),
            _ => Err(SecretError::ReadBackMismatch),
        }
    }

    /// Removes the pieces that the head does not name. The new value already counts, so a failure here is
    /// none of the caller's: the next write or delete finds the same pieces again.
    fn tidy(&self, key: &SecretKey, live: Option<&Pieces>) {
        for slot in [Slot::A, Slot::B] {
            let from = live.filter(|pieces| pieces.slot == slot).map_or(0, |pieces| pieces.count);
            if let Err(error) = self.clear(key, slot, from) {
                tracing::warn!(%key, %error, "pieces of an older secret are still there");
            }
        }
    }

    /// Removes a slot's pieces from `from` on, the last one first.
    fn clear(&self, key: &SecretKey, slot: Slot, from: u32) -> Result<(), SecretError> {
        let mut end = from;
        while self.entries.read(&chunk_name(key, slot, end))?.is_some() {
            end += 1;
        }
        (from..end).rev().try_for_each(|index| self.entries.remove(&chunk_name(key, slot, index)))
    }
}

impl<E: Entries> SecretStore for Chunked<E> {
    fn state(&self) -> StoreState {
        self.entries.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.entries.unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        // Exposed because storing it is what this call is for.
        let bytes = secret.expose_secret().as_bytes();
        match self.entries.limit() {
            Some(limit) => self.write_limited(key, bytes, limit),
            None => {
                self.entries.write(&head_name(key), bytes)?;
                self.verify(key, bytes)
            }
        }
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        let Some(bytes) = self.read(key)? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).map_err(|_| SecretError::Damaged)?;
        Ok(Some(Secret::from(text)))
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        self.entries.remove(&head_name(key))?;
        if self.entries.limit().is_some() {
            // After the head, so that a failure half way leaves no secret rather than a broken one.
            self.clear(key, Slot::A, 0)?;
            self.clear(key, Slot::B, 0)?;
        }
        Ok(())
    }

    fn kind(&self) -> StoreKind {
        self.entries.kind()
    }
}

fn head_name(key: &SecretKey) -> EntryName {
    EntryName { key: *key, part: Part::Head }
}

fn chunk_name(key: &SecretKey, slot: Slot, index: u32) -> EntryName {
    EntryName { key: *key, part: Part::Chunk { slot, index } }
}

#[cfg(test)]
mod tests;
