//! The lock of whoever is between the first and the last step of a change to a secret.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

use courrier_model::SecretId;

use crate::open::private;
use crate::{Store, StoreError};

/// How long [`Store::secret_lock`] waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// Held while secrets change; dropping it, or dying, lets the next one in.
#[derive(Debug)]
#[must_use = "the lock is held for as long as this value lives"]
pub struct SecretLock {
    // The operating system lets go when the file is closed.
    _file: File,
}

impl Store {
    /// Waits up to 10 s for whoever else, thread or process, is changing secrets. Take it before
    /// [`Store::begin_write`] and keep it until the last [`Store::forget_intent`]: an intent that is found while
    /// this lock is held belongs to somebody who died. Not to be taken twice by one thread.
    ///
    /// Errors: [`StoreError::Busy`], [`StoreError::ReadOnly`], [`StoreError::Io`] where the file system knows no locks.
    pub fn secret_lock(&self) -> Result<SecretLock, StoreError> {
        self.secret_lock_within(PATIENCE)
    }

    fn secret_lock_within(&self, patience: Duration) -> Result<SecretLock, StoreError> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(lock) = self.try_secret_lock()? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                return Err(StoreError::Busy);
            }
            std::thread::sleep(POLL);
        }
    }

    /// The same without waiting: `None` if somebody is changing secrets right now. For recovery at start, which
    /// then leaves the intents to their living owner.
    pub fn try_secret_lock(&self) -> Result<Option<SecretLock>, StoreError> {
        Ok(self.try_lock("secrets.lock")?.map(|file| SecretLock { _file: file }))
    }
}

/// Held while accounts are exchanged with the server; dropping it, or dying, lets the next one in.
#[derive(Debug)]
#[must_use = "the lock is held for as long as this value lives"]
pub struct SyncLock {
    _file: File,
}

/// Held while the session's or an account's tokens are refreshed; dropping it, or dying, lets the next one in.
#[derive(Debug)]
#[must_use = "the lock is held for as long as this value lives"]
pub struct RefreshLock {
    _file: File,
}

impl Store {
    /// The right to exchange accounts with the server: one program of a data folder at a time, because an answer is
    /// understood only by whoever sent the write. `None` if somebody else has it.
    ///
    /// Errors: [`StoreError::ReadOnly`], [`StoreError::Io`] where the file system knows no locks.
    pub fn try_sync_lock(&self) -> Result<Option<SyncLock>, StoreError> {
        Ok(self.try_lock("sync.lock")?.map(|file| SyncLock { _file: file }))
    }

    /// The right to take new tokens for a refresh token: one program of a data folder at a time, because an issuer that
    /// rotates them takes the second use of one for theft. `None` if somebody else has it.
    ///
    /// Errors: [`StoreError::ReadOnly`], [`StoreError::Io`] where the file system knows no locks.
    pub fn try_refresh_lock(&self) -> Result<Option<RefreshLock>, StoreError> {
        Ok(self.try_lock("refresh.lock")?.map(|file| RefreshLock { _file: file }))
    }

    /// The same for the tokens of one token slot: one program of a data folder at a time, and accounts do not wait for
    /// each other. `None` if somebody else has it.
    ///
    /// Errors: [`StoreError::ReadOnly`], [`StoreError::Io`] where the file system knows no locks.
    pub fn try_token_lock(&self, slot: SecretId) -> Result<Option<RefreshLock>, StoreError> {
        Ok(self.try_lock(&token_lock_name(slot))?.map(|file| RefreshLock { _file: file }))
    }

    /// Removes the file behind [`Store::try_token_lock`] of a slot that is gone for good; without one there is nothing
    /// left to be locked. One that can't be removed is an empty file.
    pub fn forget_token_lock(&self, slot: SecretId) {
        let removed = std::fs::remove_file(self.home().join(token_lock_name(slot)));
        if let Err(error) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::info!(%error, "the lock file of a token slot stays");
        }
    }

    fn try_lock(&self, name: &str) -> Result<Option<File>, StoreError> {
        self.writable()?;
        let file = private(OpenOptions::new().write(true).create(true).truncate(false)).open(self.home().join(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

fn token_lock_name(slot: SecretId) -> String {
    format!("tokens-{slot}.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends() {
        let home = tempfile::tempdir().expect("made");
        let store = Store::open(home.path()).expect("opened");
        let held = store.secret_lock().expect("locked");
        let answer = store.secret_lock_within(Duration::from_millis(30));
        assert!(matches!(answer, Err(StoreError::Busy)), "{answer:?}");
        drop(held);
        store.secret_lock_within(Duration::ZERO).map(drop).expect("free again");
    }
}
