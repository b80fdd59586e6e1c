//! Secrets on their way to the person, or to a mail program that asked.

use courrier_model::{AccountId, Secret};
use courrier_secrets::{SecretError, SecretKey, StoreState};
use courrier_store::{Purpose, Storage};

use crate::journal::SecretChange;
use crate::view::SecretStorageView;
use crate::{AppError, Courrier};

/// The setting that says where new secrets go; the keyring unless the person chose the file.
pub(crate) const STORAGE: &str = "secret_storage";

impl Courrier {
    /// The password for receiving, or for sending where that has one of its own. For the one account that was asked
    /// for, at the person's request.
    ///
    /// Errors: [`AppError::SecretMissing`] if none is stored; the keyring's state if it can't be read.
    pub fn reveal_secret(&self, id: &str, sending: bool) -> Result<Secret, AppError> {
        let account = self.by_id(id)?;
        self.stored_secret(account.id, sending)?.ok_or(AppError::SecretMissing)
    }

    /// The password of the account with this address, for a mail program.
    pub fn password(&self, address: &str) -> Result<Secret, AppError> {
        let account = self.find(address)?;
        self.stored_secret(account.id, false)?.ok_or(AppError::SecretMissing)
    }

    /// How secrets are kept, and whether they can be had now. Never prompts; takes at most a second.
    pub fn secret_storage(&self) -> Result<SecretStorageView, AppError> {
        let storage = self.storage_in_use()?;
        let [keyring, file] = [Storage::Keyring, Storage::File].map(|place| self.secrets_in(place).state());
        let in_use = if storage == Storage::File { file } else { keyring };
        let word = |state| match state {
            StoreState::Ready => "ready".to_owned(),
            StoreState::Locked => "locked".to_owned(),
            StoreState::NoCollection | StoreState::Absent => "absent".to_owned(),
        };
        Ok(SecretStorageView {
            storage: storage.to_string(),
            state: word(in_use),
            keyring: word(keyring),
            file: word(file),
            can_create: in_use == StoreState::NoCollection,
        })
    }

    /// Lets the system ask the person to open the keyring, or to create one where there is none yet. Blocks until
    /// answered.
    pub fn unlock_secrets(&self) -> Result<SecretStorageView, AppError> {
        let storage = self.storage_in_use()?;
        self.secrets_in(storage).unlock().map_err(|error| AppError::of_secrets(storage, error))?;
        self.recover()?;
        self.secret_storage()
    }

    /// Where new secrets go.
    pub(crate) fn storage_in_use(&self) -> Result<Storage, AppError> {
        let chosen = self.store().setting(STORAGE)?;
        Ok(if chosen.as_deref() == Some("\"file\"") { Storage::File } else { Storage::Keyring })
    }

    /// An error unless the secrets that were given could be stored now: said before a check, not after it.
    pub(crate) fn require_storage_for(&self, given: &[&Option<Secret>]) -> Result<(), AppError> {
        if given.iter().all(|secret| secret.is_none()) {
            return Ok(());
        }
        self.require_storage()
    }

    /// An error unless a secret could be stored now.
    pub(crate) fn require_storage(&self) -> Result<(), AppError> {
        let storage = self.storage_in_use()?;
        match self.secrets_in(storage).state() {
            StoreState::Ready => Ok(()),
            StoreState::Locked => Err(AppError::of_secrets(storage, SecretError::Locked)),
            StoreState::NoCollection => Err(AppError::of_secrets(storage, SecretError::NoCollection)),
            StoreState::Absent => Err(AppError::of_secrets(storage, SecretError::Absent)),
        }
    }

    /// The secret on record; for sending the one of its own, else the one for receiving.
    pub(crate) fn stored_secret(&self, account: AccountId, sending: bool) -> Result<Option<Secret>, AppError> {
        let own = if sending { self.store().secret_of(account, Purpose::Outgoing)? } else { None };
        let on_record = match own {
            Some(secret) => Some(secret),
            None => self.store().secret_of(account, Purpose::Incoming)?,
        };
        let Some(secret) = on_record else { return Ok(None) };
        let key = SecretKey { home: self.store().home_id(), id: secret.id };
        self.secrets_in(secret.storage).get(&key).map_err(|error| AppError::of_secrets(secret.storage, error))
    }

    /// What is on record for an account.
    pub(crate) fn secrets_on_record(&self, account: AccountId) -> Result<OnRecord, AppError> {
        let own = self.store().secret_of(account, Purpose::Outgoing)?.is_some();
        let outgoing = if own { self.stored_secret(account, true)? } else { None };
        Ok(OnRecord { incoming: self.stored_secret(account, false)?, outgoing })
    }
}

/// The secrets of an account: sending has one of its own only where it differs.
#[derive(Debug, Default)]
pub(crate) struct OnRecord {
    pub(crate) incoming: Option<Secret>,
    pub(crate) outgoing: Option<Secret>,
}

impl OnRecord {
    /// What receiving and sending would sign in with after this change.
    pub(crate) fn after(self, change: &SecretChange) -> (Option<Secret>, Option<Secret>) {
        let own = if change.one_for_both { None } else { self.outgoing };
        let incoming = change.incoming.clone().or(self.incoming);
        let outgoing = change.outgoing.clone().or(own).or_else(|| incoming.clone());
        (incoming, outgoing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExposeSecret as _;

    fn after(record: (Option<&str>, Option<&str>), change: SecretChange) -> (Option<String>, Option<String>) {
        let secret = |text: Option<&str>| text.map(Secret::from);
        let (incoming, outgoing) = OnRecord { incoming: secret(record.0), outgoing: secret(record.1) }.after(&change);
        let text = |secret: Option<Secret>| secret.map(|secret| secret.expose_secret().to_owned());
        (text(incoming), text(outgoing))
    }

    #[test]
    fn one_password_serves_both_sides_until_sending_has_its_own() {
        let word = |text: &str| Some(Secret::from(text));
        let both = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
        assert_eq!(after((None, None), SecretChange::default()), (None, None));
        assert_eq!(after((None, None), SecretChange::given(word("new"), None)), both("new", "new"));
        assert_eq!(after((None, None), SecretChange::given(word("in"), word("out"))), both("in", "out"));
        assert_eq!(after((Some("old"), None), SecretChange::default()), both("old", "old"));
        assert_eq!(after((Some("old"), Some("out")), SecretChange::default()), both("old", "out"));
        // Asked for both and given one: it is for both.
        assert_eq!(after((Some("old"), Some("out")), SecretChange::given(word("new"), None)), both("new", "new"));
        // Only the refused one is retyped: sending's own stays.
        let retyped = SecretChange { incoming: word("new"), ..SecretChange::default() };
        assert_eq!(after((Some("old"), Some("out")), retyped), both("new", "out"));
    }
}
