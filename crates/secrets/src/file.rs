//! Secrets in an encrypted file, for systems without a keyring.
//!
//! The person's passphrase (Argon2id) seals a random data key, and the data key seals each entry with
//! AES-256-GCM, bound to the file, the entry's key and the format's version: an entry that was moved,
//! exchanged or altered does not open. Changing the passphrase seals only the data key again.
//!
//! Every write replaces the file as a whole, on disk before it counts, under a lock that all processes
//! respect, and starts from what is in the file at that moment. What a thief of the file learns: how many
//! entries there are, their random ids, and how long each secret is. What somebody who can *write* the file
//! can do unnoticed: put back an older copy of it.

mod disk;
mod format;
mod seal;

use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use courrier_model::{ExposeSecret, Secret};

use crate::entries::Bytes;
use crate::{SecretError, SecretKey, SecretStore, StoreKind, StoreState};
use disk::WriteLock;
use format::{Document, Header, Kdf, KdfCost, Record};
use seal::SealingKey;

/// A file of secrets behind a passphrase. Locked until [`EncryptedFile::unlock_with`].
///
/// ```
/// # use courrier_model::{HomeId, Secret, SecretId};
/// use courrier_secrets::{EncryptedFile, SecretKey, SecretStore, StoreState};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join(EncryptedFile::FILE_NAME);
/// let key = SecretKey { home: HomeId::random(), id: SecretId::random() };
/// EncryptedFile::create(&path, &Secret::from("a long passphrase"))?.put(&key, &Secret::from("hush"))?;
///
/// let file = EncryptedFile::open(&path);
/// assert_eq!(file.state(), StoreState::Locked);
/// file.unlock_with(&Secret::from("a long passphrase"))?;
/// assert!(file.get(&key)?.is_some());
/// # Ok::<(), courrier_secrets::SecretError>(())
/// ```
pub struct EncryptedFile {
    path: PathBuf,
    opened: Mutex<Option<Opened>>,
}

/// What unlocking yields.
struct Opened {
    /// The file that the key belongs to: another file may have been put in its place since.
    file: [u8; 16],
    key: SealingKey,
}

impl EncryptedFile {
    /// The file's name in a data folder.
    pub const FILE_NAME: &str = "secrets.courrier";

    /// Makes a new file, and leaves it unlocked. Takes some tenths of a second and 64 MiB of memory.
    ///
    /// # Errors
    /// [`SecretError::Io`] with `AlreadyExists` when there is a file: it is never replaced.
    pub fn create(path: impl Into<PathBuf>, passphrase: &Secret) -> Result<Self, SecretError> {
        Self::create_at_cost(path.into(), passphrase, KdfCost::RECOMMENDED)
    }

    fn create_at_cost(path: PathBuf, passphrase: &Secret, cost: KdfCost) -> Result<Self, SecretError> {
        let opened = Opened { file: seal::random()?, key: SealingKey::random()? };
        let header = header(&opened, passphrase, cost)?;
        let lock = WriteLock::acquire(&path)?;
        if disk::read(&path)?.is_some() {
            return Err(Error::from(ErrorKind::AlreadyExists).into());
        }
        lock.replace(&Document::new(header).render())?;
        drop(lock);
        Ok(Self { path, opened: Mutex::new(Some(opened)) })
    }

    /// The file at this place, locked. Nothing is read yet; [`SecretStore::state`] tells whether it is there.
    pub fn open(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), opened: Mutex::new(None) }
    }

    /// Unlocks the file for this process. Takes some tenths of a second and 64 MiB of memory.
    ///
    /// # Errors
    /// [`SecretError::WrongPassphrase`] when the file is sound, else [`SecretError::Damaged`],
    /// [`SecretError::NewerVersion`] or [`SecretError::Absent`].
    pub fn unlock_with(&self, passphrase: &Secret) -> Result<(), SecretError> {
        let opened = open_header(&self.document()?.header, passphrase)?;
        *self.opened() = Some(opened);
        Ok(())
    }

    /// Forgets the key: the file is locked until the passphrase is given again.
    pub fn lock(&self) {
        *self.opened() = None;
    }

    /// Changes the passphrase; the entries stay as they are, and other processes that have the file open
    /// keep it open.
    ///
    /// # Errors
    /// As [`EncryptedFile::unlock_with`], for the old passphrase.
    pub fn change_passphrase(&self, old: &Secret, new: &Secret) -> Result<(), SecretError> {
        let before = self.document()?.header;
        let opened = open_header(&before, old)?;
        // Before the lock, because deriving the key takes long and other processes would wait.
        let after = header(&opened, new, KdfCost::RECOMMENDED)?;
        self.rewrite(|document| {
            if document.header != before {
                // Another process was faster; the old passphrase is not valid any more.
                return Err(SecretError::WrongPassphrase);
            }
            document.header = after;
            Ok(true)
        })?;
        *self.opened() = Some(opened);
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn document(&self) -> Result<Document, SecretError> {
        Document::parse(&disk::read(&self.path)?.ok_or(SecretError::Absent)?)
    }

    /// Changes what is in the file now, and not what was there when somebody last looked. Returns the
    /// changed document; nothing is written when `change` says that there was nothing to do.
    fn rewrite(
        &self,
        change: impl FnOnce(&mut Document) -> Result<bool, SecretError>,
    ) -> Result<Document, SecretError> {
        // Asked before the lock makes a file beside it.
        if disk::read(&self.path)?.is_none() {
            return Err(SecretError::Absent);
        }
        let lock = WriteLock::acquire(&self.path)?;
        let mut document = self.document()?;
        if change(&mut document)? {
            lock.replace(&document.render())?;
            document = self.document()?;
        }
        Ok(document)
    }

    /// Does `work` with the data key, if it is this file's.
    fn with_key<T>(
        &self,
        header: &Header,
        work: impl FnOnce(&SealingKey) -> Result<T, SecretError>,
    ) -> Result<T, SecretError> {
        match &*self.opened() {
            Some(opened) if opened.file == header.file => work(&opened.key),
            _ => Err(SecretError::Locked),
        }
    }

    fn find(&self, document: &Document, key: &SecretKey) -> Result<Option<Bytes>, SecretError> {
        self.with_key(&document.header, |data_key| {
            let open = |record: &Record| {
                record.sealed().and_then(|sealed| data_key.open(&sealed, &document.header.binding(&record.key)))
            };
            if let Some(record) = document.find(key) {
                return open(record).map(Some).ok_or(SecretError::Damaged);
            }
            // "Never stored" is certain only if no damaged entry could have been this one.
            let all_sound = !document.has_damaged_lines() && document.records().iter().all(|r| open(r).is_some());
            if all_sound { Ok(None) } else { Err(SecretError::Damaged) }
        })
    }
}

fn header(opened: &Opened, passphrase: &Secret, cost: KdfCost) -> Result<Header, SecretError> {
    let kdf = Kdf { cost, salt: seal::random()? };
    let passphrase_key = SealingKey::from_passphrase(passphrase, &kdf)?;
    let mut header = Header { file: opened.file, kdf, sealed_key: Vec::new() };
    header.sealed_key = passphrase_key.wrap(&opened.key, header.preamble().as_bytes())?;
    Ok(header)
}

fn open_header(header: &Header, passphrase: &Secret) -> Result<Opened, SecretError> {
    let passphrase_key = SealingKey::from_passphrase(passphrase, &header.kdf)?;
    let key = passphrase_key
        .unwrap(&header.sealed_key, header.preamble().as_bytes())
        // The header's checksum holds, so it is the passphrase that is wrong.
        .ok_or(SecretError::WrongPassphrase)?;
    Ok(Opened { file: header.file, key })
}

impl SecretStore for EncryptedFile {
    fn state(&self) -> StoreState {
        match self.document() {
            Ok(document) => match self.with_key(&document.header, |_| Ok(())) {
                Ok(()) => StoreState::Ready,
                Err(_) => StoreState::Locked,
            },
            // Not there, or not for us to read.
            Err(SecretError::Absent | SecretError::Io(_)) => StoreState::Absent,
            // There, and unlocking will say what is wrong with it.
            Err(_) => StoreState::Locked,
        }
    }

    /// The system has no prompt for a file of ours: a locked one needs [`EncryptedFile::unlock_with`].
    fn unlock(&self) -> Result<(), SecretError> {
        SecretError::of_state(self.state()).map_or(Ok(()), Err)
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        // Exposed because storing it is what this call is for.
        let bytes = secret.expose_secret().as_bytes();
        let document = self.rewrite(|document| {
            let binding = document.header.binding(key);
            let sealed = self.with_key(&document.header, |data_key| data_key.seal(bytes, &binding))?;
            document.replace(*key, &sealed);
            Ok(true)
        })?;
        match self.find(&document, key)? {
            Some(read) if *read == bytes => Ok(()),
            _ => Err(SecretError::ReadBackMismatch),
        }
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        let Some(bytes) = self.find(&self.document()?, key)? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).map_err(|_| SecretError::Damaged)?;
        Ok(Some(Secret::from(text)))
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        self.rewrite(|document| {
            // Deleting needs no key, but a locked store must not be changed.
            self.with_key(&document.header, |_| Ok(()))?;
            Ok(document.remove(key))
        })?;
        Ok(())
    }

    fn kind(&self) -> StoreKind {
        StoreKind::File
    }
}

#[cfg(test)]
mod tests;
