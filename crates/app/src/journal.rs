//! Changing a secret without ever losing one.
//!
//! The database and the keyring are two stores that no transaction spans. A new version of a secret is announced in
//! the database, written to the keyring and read back; then one transaction saves the account, points it to the new
//! version and announces the old one's end; then the old one is deleted and forgotten. Whoever dies in between leaves
//! an announcement, which the next start finishes or undoes: exactly those, never by listing the keyring, so that a
//! restored database or a second data folder can't make a live secret look abandoned.
//!
//! An account's tokens go another way after their first time, for they can't be had again: `oauth::slot`
//! replaces them in place, and a first time that was interrupted is finished, not undone.
//!
//! One process changes secrets at a time (an advisory lock), so an announcement seen while holding the lock belongs to
//! nobody alive.

use std::sync::Arc;

use courrier_model::{Secret, SecretId, Timestamp};
use courrier_secrets::SecretKey;
use courrier_store::{IntentKind, NewSecret, Purpose, SaveAccount, Saved, SecretRef, Storage};

use crate::{AppError, Courrier};

/// A moment at which a process may die; told to an observer so that a test can make it die there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The new version is announced in the database.
    Announced,
    /// The new version is in the keyring and was read back.
    Written,
    /// The database points to the new version, or has the account no more; the old one's end is announced.
    Pointed,
    /// The old version is gone from the keyring.
    Deleted,
    /// Nothing is left to do.
    Forgotten,
}

/// Is told each [`Step`] right after it.
pub type Observer = Arc<dyn Fn(Step) + Send + Sync>;

/// Secrets to be stored with an account.
#[derive(Debug, Default)]
pub(crate) struct SecretChange {
    /// A new secret for receiving, and for sending unless that has one of its own.
    pub(crate) incoming: Option<Secret>,
    /// A new secret for sending only.
    pub(crate) outgoing: Option<Secret>,
    /// From now on the secret for receiving serves both: sending's own is retired.
    pub(crate) one_for_both: bool,
}

impl SecretChange {
    /// As a person gives them who is asked for both: one alone serves both sides.
    pub(crate) fn given(password: Option<Secret>, sending: Option<Secret>) -> Self {
        let one_for_both = password.is_some() && sending.is_none();
        Self { incoming: password, outgoing: sending, one_for_both }
    }
}

impl Courrier {
    /// Saves an account together with new secrets, in the order that survives a crash at any point. Blocks.
    pub(crate) fn save_with_secrets(
        &self,
        mut request: SaveAccount,
        secrets: &SecretChange,
    ) -> Result<Saved, AppError> {
        let wanted = [(Purpose::Incoming, &secrets.incoming), (Purpose::Outgoing, &secrets.outgoing)];
        request.drop_outgoing |= secrets.one_for_both;
        if wanted.iter().all(|(_, secret)| secret.is_none()) && !request.drop_outgoing {
            let saved = self.store().save(request)?;
            // An address taken over from an account that is being removed: its secrets go with it.
            if !saved.retired.is_empty()
                && let Err(error) = self.recover()
            {
                tracing::warn!(%error, "retired secrets stay for the next start");
            }
            return Ok(saved);
        }
        let _lock = self.store().secret_lock()?;
        let mut written = Vec::new();
        let result = self.write_all(&wanted, request.now, &mut written).and_then(|()| {
            request.secrets.clone_from(&written);
            Ok(self.store().save(request)?)
        });
        match result {
            Ok(saved) => {
                self.observe(Step::Pointed);
                self.delete_retired(&saved.retired);
                Ok(saved)
            }
            Err(error) => {
                // Undone now rather than at the next start; should that fail as well, the announcement stays.
                self.finish_intents();
                Err(error)
            }
        }
    }

    fn write_all(
        &self,
        wanted: &[(Purpose, &Option<Secret>)],
        now: Timestamp,
        written: &mut Vec<NewSecret>,
    ) -> Result<(), AppError> {
        let storage = self.storage_in_use()?;
        for (purpose, secret) in wanted {
            let Some(secret) = secret else { continue };
            let id = self.store().begin_write(storage, now)?;
            self.observe(Step::Announced);
            let key = SecretKey { home: self.store().home_id(), id };
            self.secrets_in(storage).put(&key, secret).map_err(|error| AppError::of_secrets(storage, error))?;
            self.observe(Step::Written);
            written.push(NewSecret { purpose: *purpose, id });
        }
        Ok(())
    }

    /// Deletes secrets that nothing points to any more. What can't be deleted now stays announced for later.
    pub(crate) fn delete_retired(&self, retired: &[SecretRef]) {
        self.delete_entries(retired.iter().map(|secret| (secret.id, secret.storage)));
        for slot in retired.iter().filter(|secret| secret.purpose == Purpose::OAuth) {
            self.oauth().drop_custodian(slot.id);
            self.store().forget_token_lock(slot.id);
        }
    }

    /// The same by where they are. The caller holds the lock.
    pub(crate) fn delete_entries(&self, retired: impl IntoIterator<Item = (SecretId, Storage)>) {
        for (id, storage) in retired {
            let key = SecretKey { home: self.store().home_id(), id };
            match self.secrets_in(storage).delete(&key) {
                Ok(()) => {
                    self.observe(Step::Deleted);
                    if let Err(error) = self.store().forget_intent(id) {
                        tracing::warn!(%error, "an announced deletion stays for the next start");
                    }
                    self.observe(Step::Forgotten);
                }
                Err(error) => tracing::warn!(%error, "a retired secret stays for the next start"),
            }
        }
    }

    /// Finishes or undoes what processes that died had announced. Quick when there is nothing; never prompts.
    pub(crate) fn recover(&self) -> Result<(), AppError> {
        if self.store().is_read_only() || self.store().pending_intents()?.is_empty() {
            return Ok(());
        }
        // Somebody alive is changing secrets: the announcements are theirs, or they will see to them.
        let Some(_lock) = self.store().try_secret_lock()? else { return Ok(()) };
        self.finish_intents();
        Ok(())
    }

    /// The caller holds the lock.
    pub(crate) fn finish_intents(&self) {
        let intents = match self.store().pending_intents() {
            Ok(intents) => intents,
            Err(error) => return tracing::warn!(%error, "announcements can't be read"),
        };
        for intent in intents {
            // What a person consented to can't be had twice: an authorisation is finished rather than undone.
            if let (IntentKind::Write, Some(account), false) = (intent.kind, intent.slot_of, intent.referenced) {
                match self.finish_slot(&intent, account) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::info!(%error, "an announced change waits for the keyring");
                        continue;
                    }
                }
            }
            let key = SecretKey { home: self.store().home_id(), id: intent.id };
            // What an account or the session points to is in use, whatever was announced about it.
            if !intent.referenced
                && let Err(error) = self.secrets_in(intent.storage).delete(&key)
            {
                tracing::info!(%error, "an announced change waits for the keyring");
                continue;
            }
            self.observe(Step::Deleted);
            let undone = intent.kind == IntentKind::Write;
            match self.store().forget_intent(intent.id) {
                Ok(()) => tracing::info!(undone, "finished a change that was interrupted"),
                Err(error) => tracing::warn!(%error, "an announcement stays for the next start"),
            }
            self.observe(Step::Forgotten);
        }
    }
}
