//! An account's tokens between the secret store and the database: read, written, adopted, forgotten.
//!
//! The first write goes the steps of [`crate::journal`]; each further one replaces the entry in place, for a refresh
//! token that was used is worth nothing. What the database knows is made from the entry, never the other way round.

use courrier_auth::{MailTokens, TokenFacts, renewal_time};
use courrier_model::{AccountId, Secret, SecretId, Timestamp};
use courrier_secrets::{SecretError, SecretKey};
use courrier_store::{Intent, Purpose, SecretRef, Storage, StoreError, TokenRecord};

use crate::journal::Step;
use crate::{AppError, Courrier};

/// What a slot's entry turned out to be.
enum Entry {
    Tokens(Box<MailTokens>),
    Nothing,
    /// Something that this program can't read.
    Unreadable,
}

impl Courrier {
    /// The tokens in an account's slot; one that the database has forgotten is found again. `None` only where the
    /// secret store is open and has none.
    pub(crate) fn slot_tokens(&self, account: AccountId) -> Result<Option<MailTokens>, AppError> {
        let mut found = self.store().secret_of(account, Purpose::OAuth)?;
        while let Some(SecretRef { id, storage, .. }) = found {
            match self.entry(storage, id)? {
                Entry::Tokens(tokens) => return Ok(Some(*tokens)),
                Entry::Unreadable => return Err(AppError::of_secrets(storage, SecretError::Damaged)),
                Entry::Nothing => {}
            }
            // Another process may have moved it between the two looks.
            let again = self.store().secret_of(account, Purpose::OAuth)?;
            if again.is_none_or(|again| again.id == id) {
                return Ok(None);
            }
            found = again;
        }
        self.adopt_unknown_slot(account)
    }

    /// Looks where an account's slot stands of which the database, restored from an earlier day, knows nothing.
    fn adopt_unknown_slot(&self, account: AccountId) -> Result<Option<MailTokens>, AppError> {
        let Some(id) = self.store().unknown_slot(account)? else { return Ok(None) };
        let in_use = self.storage_in_use()?;
        let other = if in_use == Storage::Keyring { Storage::File } else { Storage::Keyring };
        for storage in [in_use, other] {
            let tokens = match self.entry(storage, id) {
                Ok(Entry::Tokens(tokens)) => tokens,
                Ok(_) => continue,
                // The place that is not in use may well be closed.
                Err(_) if storage == other => continue,
                Err(error) => return Err(error),
            };
            let record = record(&tokens.facts(None), account);
            if self.store().adopt_slot(account, id, storage, &record)? {
                tracing::info!("found an account's tokens again that the database did not know");
            }
            return Ok(Some(*tokens));
        }
        Ok(None)
    }

    /// Keeps tokens in the account's slot and reads them back. Blocks.
    pub(crate) fn keep_slot(
        &self,
        account: AccountId,
        tokens: &MailTokens,
        known: &TokenRecord,
    ) -> Result<(), AppError> {
        let secret = tokens.to_secret();
        let _lock = self.store().secret_lock()?;
        let in_use = self.storage_in_use()?;
        let before = self.store().tokens(account)?;
        let consent = before.is_none_or(|before| before.record.obtained_at != known.obtained_at);
        match self.store().secret_of(account, Purpose::OAuth)? {
            // As with passwords: what is new goes to the place that is chosen now, the rest stays where it is.
            Some(slot) if slot.storage == in_use || !consent => {
                self.put_entry(slot.storage, slot.id, &secret)?;
                self.observe(Step::Written);
                let noted = if consent {
                    self.store().note_consent(account, known)
                } else {
                    self.store().note_tokens(account, known)
                };
                if let Err(error) = noted {
                    // The tokens are kept; what is known of them is made from them at the next look.
                    tracing::warn!(%error, "what is known of an account's tokens is out of date");
                }
                self.observe(Step::Pointed);
                Ok(())
            }
            _ => self.begin_slot(account, in_use, &secret, known),
        }
    }

    /// The caller holds the lock.
    fn begin_slot(
        &self,
        account: AccountId,
        storage: Storage,
        secret: &Secret,
        known: &TokenRecord,
    ) -> Result<(), AppError> {
        let now = self.now();
        let id = self.store().begin_slot(account, storage, now)?;
        self.observe(Step::Announced);
        let pointed = self.put_entry(storage, id, secret).and_then(|()| {
            self.observe(Step::Written);
            Ok(self.store().point_slot(account, id, known, now)?)
        });
        match pointed {
            Ok(retired) => {
                self.observe(Step::Pointed);
                self.delete_entries(retired.map(|secret| (secret.id, secret.storage)));
                Ok(())
            }
            Err(error) => {
                // Finished after all if the entry is there, undone if it is not.
                self.finish_intents();
                Err(error)
            }
        }
    }

    /// Writes what the slot holds once more: what can be done now can be done in a moment, with new tokens.
    pub(crate) fn prove_slot_writable(&self, account: AccountId) -> Result<(), AppError> {
        let _lock = self.store().secret_lock()?;
        let Some(slot) = self.store().secret_of(account, Purpose::OAuth)? else { return self.require_storage() };
        let key = SecretKey { home: self.store().home_id(), id: slot.id };
        let secrets = self.secrets_in(slot.storage);
        let proved = secrets.get(&key).and_then(|held| held.map_or(Ok(()), |held| secrets.put(&key, &held)));
        proved.map_err(|error| AppError::of_secrets(slot.storage, error))
    }

    /// Forgets an account's tokens; an entry that can't be deleted now is deleted later. Blocks.
    pub(crate) fn drop_slot(&self, account: AccountId) -> Result<(), AppError> {
        let _lock = self.store().secret_lock()?;
        let retired = self.store().retire_slot(account, self.now())?;
        self.observe(Step::Pointed);
        self.delete_entries(retired.map(|secret| (secret.id, secret.storage)));
        if let Some(slot) = retired {
            self.store().forget_token_lock(slot.id);
        }
        Ok(())
    }

    /// Gives an announced slot to its account, if it was written. False: it is to be undone. The caller holds the lock.
    pub(crate) fn finish_slot(&self, intent: &Intent, account: AccountId) -> Result<bool, AppError> {
        let Entry::Tokens(tokens) = self.entry(intent.storage, intent.id)? else { return Ok(false) };
        let known = record(&tokens.facts(None), account);
        match self.store().point_slot(account, intent.id, &known, self.now()) {
            Ok(retired) => {
                tracing::info!("an authorisation that was interrupted is finished");
                self.observe(Step::Pointed);
                self.delete_entries(retired.map(|secret| (secret.id, secret.storage)));
                Ok(true)
            }
            // The account is gone.
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// True if what the database knows is of this very write of the slot.
    pub(crate) fn knows_generation(&self, account: AccountId, generation: u64) -> Result<bool, AppError> {
        Ok(self.store().tokens(account)?.is_some_and(|known| known.record.generation == generation))
    }

    /// The account whose slot this is; a slot outlives a change of its account's id.
    pub(crate) fn owner_of_slot(&self, slot: SecretId, first: AccountId) -> Result<AccountId, AppError> {
        Ok(self.store().slot_owner(slot)?.unwrap_or(first))
    }

    /// What an account's slot is called: as long as there is none, the name that it will have.
    pub(crate) fn slot_id(&self, account: AccountId) -> Result<SecretId, AppError> {
        if let Some(slot) = self.store().secret_of(account, Purpose::OAuth)? {
            return Ok(slot.id);
        }
        let own = account.to_string().parse()?;
        // The slot of an account that has another id by now.
        let taken = self.store().slot_owner(own)?.is_some();
        Ok(if taken { SecretId::random() } else { own })
    }

    fn entry(&self, storage: Storage, id: SecretId) -> Result<Entry, AppError> {
        let key = SecretKey { home: self.store().home_id(), id };
        let held = self.secrets_in(storage).get(&key).map_err(|error| AppError::of_secrets(storage, error))?;
        Ok(match held.map(|held| MailTokens::from_secret(&held)) {
            None => Entry::Nothing,
            Some(None) => Entry::Unreadable,
            Some(Some(tokens)) => Entry::Tokens(Box::new(tokens)),
        })
    }

    fn put_entry(&self, storage: Storage, id: SecretId, secret: &Secret) -> Result<(), AppError> {
        let key = SecretKey { home: self.store().home_id(), id };
        self.secrets_in(storage).put(&key, secret).map_err(|error| AppError::of_secrets(storage, error))
    }
}

/// What the database is told of tokens.
pub(crate) fn record(facts: &TokenFacts, account: AccountId) -> TokenRecord {
    TokenRecord {
        provider: facts.provider.clone(),
        client_id: facts.client_id.clone(),
        consented_as: facts.consented_as.clone(),
        scopes: facts.scopes.clone(),
        generation: facts.generation,
        obtained_at: facts.obtained_at,
        refreshed_at: facts.refreshed_at,
        expires_at: facts.expires_at,
        renews_at: facts
            .expires_at
            .map(|end| renewal_time(facts.refreshed_at, end, jitter(account, facts.refreshed_at))),
        sign_in_by: facts.sign_in_by,
    }
}

/// The same for the same tokens in every process, another one for every account: many accounts that were renewed at
/// once, after sleep, are not renewed at once for ever.
fn jitter(account: AccountId, refreshed_at: Timestamp) -> u16 {
    let seed = format!("{account} {}", refreshed_at.as_second());
    // FNV-1a: spread is all that is asked of it.
    let hash = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let [.., high, low] = hash.rotate_right(16).to_be_bytes();
    u16::from_be_bytes([high, low])
}
