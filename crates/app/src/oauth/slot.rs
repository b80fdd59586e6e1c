//! An account's tokens between the secret store and the database: read, written, adopted, forgotten.
//!
//! The first write goes the steps of [`crate::journal`]; each further one replaces the entry in place, for a refresh
//! token that was used is worth nothing. What the database knows is made from the entry, never the other way round.

use std::time::Duration;

use courrier_auth::{MailTokens, TokenFacts, renewal_time};
use courrier_model::{AccountId, OAuthPreset, ProblemCode, Secret, SecretId, Timestamp};
use courrier_secrets::{SecretError, SecretKey};
use courrier_store::{Intent, Purpose, SecretRef, Storage, StoreError, TokenRecord, TokenStatus};

use crate::journal::Step;
use crate::{AppError, Courrier};

/// A day, in seconds.
const DAY: u64 = 86_400;
/// What an account is shown to have whose slot has no tokens any more: the same as one that never had any.
const LOST: ProblemCode = ProblemCode::AuthOauthRequired;

/// What a slot's entry turned out to be.
enum Entry {
    Tokens(Box<MailTokens>),
    Nothing,
    /// Something that this program can't read.
    Unreadable,
}

impl Courrier {
    /// The tokens in an account's slot; one that the database has forgotten is found again. `None` only where the
    /// secret store is open and has none that can be read; where the database knows of some, it is noted that they are
    /// lost.
    pub(crate) fn slot_tokens(&self, account: AccountId) -> Result<Option<MailTokens>, AppError> {
        let mut found = self.store().secret_of(account, Purpose::OAuth)?;
        while let Some(SecretRef { id, storage, .. }) = found {
            match self.entry(storage, id) {
                Ok(Entry::Tokens(tokens)) => return Ok(Some(*tokens)),
                Err(error) if !is_damage(&error) => return Err(error),
                Ok(Entry::Nothing) => {}
                Ok(Entry::Unreadable) | Err(_) => tracing::warn!("an account's tokens can't be read"),
            }
            // Another process may have moved it between the two looks.
            let again = self.store().secret_of(account, Purpose::OAuth)?;
            if again.is_some_and(|again| again.id == id) {
                // Perhaps not for good: what an earlier keyring held may come back with it.
                self.store().note_sign_in_needed(account, LOST, None, false)?;
                return Ok(None);
            }
            if again.is_none() {
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
            let record = record(&facts(&tokens), account);
            if self.store().adopt_slot(account, id, storage, &record)? {
                tracing::info!("found an account's tokens again that the database did not know");
            }
            return Ok(Some(*tokens));
        }
        Ok(None)
    }

    /// Keeps tokens in the account's slot and reads them back. Blocks.
    pub(crate) fn keep_slot(&self, account: AccountId, tokens: &MailTokens) -> Result<(), AppError> {
        let (secret, known) = (tokens.to_secret(), &record(&facts(tokens), account));
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
        let known = record(&facts(&tokens), account);
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

    /// True if what the database knows is of this very write of the slot, and not that it was lost.
    pub(crate) fn knows_tokens(&self, account: AccountId, facts: &TokenFacts) -> Result<bool, AppError> {
        let known = self.store().tokens(account)?.filter(|known| known.problem_code != Some(LOST));
        let of = (&facts.provider, &facts.client_id, facts.generation);
        Ok(known.is_some_and(|TokenStatus { record: known, .. }| {
            (&known.provider, &known.client_id, known.generation) == of
        }))
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

/// What kept tokens say of themselves.
fn facts(tokens: &MailTokens) -> TokenFacts {
    let idle = OAuthPreset::by_id(&tokens.provider).and_then(|preset| preset.idle_days);
    tokens.facts(idle.map(|days| Duration::from_secs(u64::from(days) * DAY)))
}

fn is_damage(error: &AppError) -> bool {
    matches!(error, AppError::Secrets(SecretError::Damaged) | AppError::SecretFile(SecretError::Damaged))
}

/// What the database is told of tokens, to the microsecond as it keeps it.
pub(crate) fn record(facts: &TokenFacts, account: AccountId) -> TokenRecord {
    TokenRecord {
        provider: facts.provider.clone(),
        client_id: facts.client_id.clone(),
        consented_as: facts.consented_as.clone(),
        scopes: facts.scopes.clone(),
        generation: facts.generation,
        obtained_at: micros(facts.obtained_at),
        refreshed_at: micros(facts.refreshed_at),
        expires_at: facts.expires_at.map(micros),
        renews_at: facts.expires_at.map(|end| micros(renewal_time(facts.refreshed_at, end, jitter(account)))),
        sign_in_by: facts.sign_in_by.map(micros),
    }
}

fn micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

/// The same in every process, another one for every account, whose ids are random: many accounts that were renewed at
/// once, after sleep, are not renewed at once for ever.
fn jitter(account: AccountId) -> u16 {
    let text = account.to_string();
    let end = text.len().checked_sub(4).and_then(|start| text.get(start..));
    end.and_then(|digits| u16::from_str_radix(digits, 16).ok()).unwrap_or_default()
}
