//! One custodian for each account's tokens in this process, and what waits for a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_auth::{AuthError, Custodian, MailClient, MailProvider, MailTokens};
use courrier_model::{Account, AccountEdit, AccountId, Address, AuthKind, SecretId, Timestamp};
use courrier_store::TokenStatus;
use tokio::sync::Notify;

use crate::oauth::OAuthError;
use crate::oauth::authorize::HeldConsent;
use crate::oauth::keeper::SlotKeeper;
use crate::oauth::provider::{Named, preset_of, provider_name};
use crate::oauth::revoke::Leaving;
use crate::oauth::slot::record;
use crate::{AppError, Courrier};

/// The part of [`Courrier`] that belongs to accounts' tokens.
#[derive(Default)]
pub(crate) struct OAuthState {
    custodians: Mutex<BTreeMap<SecretId, Mail>>,
    consents: Mutex<BTreeMap<String, HeldConsent>>,
    /// Addresses whose consent lacked something: it is asked for again although it was given.
    incomplete: Mutex<BTreeSet<String>>,
    leaving: Mutex<Vec<Leaving>>,
    /// Accounts whose access the person revoked or forgot while this process runs.
    given_back: Mutex<BTreeSet<AccountId>>,
    /// Held while the secret store is looked through for tokens that the database does not know.
    searching: Mutex<()>,
    /// Woken when there is something to renew, to keep or to revoke.
    pub(crate) changed: Notify,
}

/// One account's custodian, with what words need.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) custodian: Custodian,
    pub(crate) name: String,
}

impl Mail {
    /// What went wrong, in words that name the provider.
    pub(crate) fn failed(&self, error: AuthError) -> AppError {
        let admin = self.custodian.client().provider().admin_consent_url().map(ToString::to_string);
        AppError::of_mail(&self.name, error, admin)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OAuthState {
    /// Holds a consent until the person decides; an earlier one of the same address is forgotten.
    pub(crate) fn hold(&self, address: &Address, consent: HeldConsent) {
        lock(&self.consents).insert(address.key(), consent);
    }

    pub(crate) fn take_held(&self, address: &Address) -> Option<HeldConsent> {
        lock(&self.consents).remove(&address.key()).filter(HeldConsent::is_fresh)
    }

    /// Notes whether an address's consent lacked something.
    pub(crate) fn note_incomplete(&self, address: &Address, incomplete: bool) {
        let mut all = lock(&self.incomplete);
        if incomplete {
            all.insert(address.key())
        } else {
            all.remove(&address.key())
        };
    }

    pub(crate) fn is_incomplete(&self, address: &Address) -> bool {
        lock(&self.incomplete).contains(&address.key())
    }

    /// Tokens of an account that is gone.
    pub(crate) fn leave(&self, leaving: Leaving) {
        lock(&self.leaving).push(leaving);
        self.changed.notify_waiters();
    }

    pub(crate) fn take_leaving(&self) -> Vec<Leaving> {
        std::mem::take(&mut lock(&self.leaving))
    }

    /// Those whose new tokens are in memory only.
    pub(crate) fn unkept(&self) -> Vec<Mail> {
        lock(&self.custodians).values().filter(|mail| mail.custodian.is_unkept()).cloned().collect()
    }

    /// True if this account's new tokens are in memory only.
    pub(crate) fn is_unkept(&self, slot: SecretId) -> bool {
        lock(&self.custodians).get(&slot).is_some_and(|mail| mail.custodian.is_unkept())
    }

    fn held(&self, slot: SecretId) -> Option<Mail> {
        lock(&self.custodians).get(&slot).cloned()
    }

    /// Puts a custodian in its place, and gives back that one. Where another caller was faster it is theirs: two would
    /// not know of each other's tokens.
    fn keep(&self, slot: SecretId, mail: Mail, replaces: bool) -> Mail {
        let mut custodians = lock(&self.custodians);
        if let Some(held) = custodians.get(&slot).filter(|_| !replaces) {
            return held.clone();
        }
        custodians.insert(slot, mail.clone());
        mail
    }

    /// The computer slept: what was refused for where it was, or for when, may be granted now.
    pub(crate) fn awoke(&self) {
        lock(&self.custodians).values().for_each(|mail| mail.custodian.awoke());
    }

    /// Notes whether the person gave an account's access back on purpose: nobody has to tell them that it is gone.
    pub(crate) fn note_given_back(&self, account: AccountId, given_back: bool) {
        let mut all = lock(&self.given_back);
        if given_back {
            all.insert(account)
        } else {
            all.remove(&account)
        };
    }

    pub(crate) fn is_given_back(&self, account: AccountId) -> bool {
        lock(&self.given_back).contains(&account)
    }

    pub(crate) fn drop_custodian(&self, slot: SecretId) {
        lock(&self.custodians).remove(&slot);
    }
}

/// True if a side of the account signs in by OAuth.
pub(crate) fn uses_oauth(account: &Account) -> bool {
    account.imap.auth == AuthKind::OAuth || account.smtp.auth == AuthKind::OAuth
}

impl Courrier {
    /// True while this program is the only one that has an account's new tokens, because they can't be stored: asked
    /// before it ends.
    pub fn unkept_tokens(&self) -> bool {
        !self.oauth().unkept().is_empty()
    }

    /// The custodian of an account's tokens, if this process has one. No secret store is asked.
    pub(crate) fn custodian_in_memory(&self, account: AccountId) -> Result<Option<Mail>, AppError> {
        Ok(self.oauth().held(self.slot_id(account)?))
    }

    /// The custodian of an account's tokens. Asks the secret store only where the database knows of none. Blocks.
    ///
    /// Errors: `secret.missing` where nothing was ever authorised on this computer.
    pub(crate) fn custodian(&self, account: &Account) -> Result<Mail, AppError> {
        let status = match self.store().tokens(account.id)? {
            Some(status) => status,
            None => self.found_tokens(account)?.ok_or_else(|| never_authorised(account))?,
        };
        let record = status.record;
        let slot = self.slot_id(account.id)?;
        let held = self.oauth().held(slot);
        if let Some(held) = &held {
            // What it has not stored yet is newer than what the database says.
            if held.custodian.is_unkept() {
                return Ok(held.clone());
            }
            let seen = held.custodian.obtained_at().map(Timestamp::as_microsecond);
            if seen.is_some_and(|seen| seen < record.obtained_at.as_microsecond()) {
                held.custodian.look_again();
            }
        }
        let draft = AccountEdit::default().applied_to(account);
        let named = match (self.provider_of(&record, &draft)?, held) {
            (Some(named), _) => named,
            (None, Some(held)) => return Ok(held),
            // Nobody knows the issuer any more, but the tokens may still be good.
            (None, None) => {
                let tokens = self.slot_tokens(account.id)?.ok_or_else(|| never_authorised(account))?;
                Named { provider: MailProvider::of_tokens(&tokens), name: provider_name(&tokens.provider) }
            }
        };
        self.custodian_of(named, account.id, slot)
    }

    /// What is known of tokens that the database had forgotten. Many callers at once look one after the other: the first
    /// one finds them for all.
    fn found_tokens(&self, account: &Account) -> Result<Option<TokenStatus>, AppError> {
        let _searching = lock(&self.oauth().searching);
        if let Some(status) = self.store().tokens(account.id)? {
            return Ok(Some(status));
        }
        self.slot_tokens(account.id)?;
        Ok(self.store().tokens(account.id)?)
    }

    /// The custodian for what the person has just consented to.
    pub(crate) fn custodian_for_consent(&self, named: Named, account: AccountId) -> Result<Mail, AppError> {
        let slot = self.slot_id(account)?;
        self.custodian_of(named, account, slot)
    }

    /// Who asks for tokens as these say, for an account whose database may say otherwise.
    pub(crate) fn client_of_tokens(&self, account: AccountId, tokens: &MailTokens) -> Result<MailClient, AppError> {
        let account = self.store().account_or_hidden(account)?.ok_or(AppError::AccountNotFound)?;
        let known = record(&tokens.facts(None), account.id);
        let named = self.provider_of(&known, &AccountEdit::default().applied_to(&account))?;
        let provider = named.map_or_else(|| MailProvider::of_tokens(tokens), |named| named.provider);
        self.mail_client(provider, &provider_name(&tokens.provider))
    }

    /// The one custodian of a slot, from now on for this provider.
    fn custodian_of(&self, named: Named, account: AccountId, slot: SecretId) -> Result<Mail, AppError> {
        let Named { provider, name } = named;
        let held = self.oauth().held(slot);
        if let Some(held) = held.as_ref().filter(|held| held.custodian.client().provider().serves_like(&provider)) {
            return Ok(held.clone());
        }
        let client = self.mail_client(provider, &name)?;
        let replaces = held.is_some();
        let custodian = match held {
            Some(held) => {
                held.custodian.use_client(client);
                held.custodian
            }
            None => {
                let keeper = SlotKeeper::new(self, slot, account);
                Custodian::new(client, Arc::clone(&keeper) as _, keeper)
            }
        };
        Ok(self.oauth().keep(slot, Mail { custodian, name }, replaces))
    }

    fn mail_client(&self, provider: MailProvider, name: &str) -> Result<MailClient, AppError> {
        MailClient::new(self.http().clone(), provider).map_err(|error| AppError::of_mail(name, error, None))
    }
}

/// Nothing is stored for this account.
pub(crate) fn never_authorised(account: &Account) -> AppError {
    let provider = preset_of(&account.imap, &account.smtp)
        .map_or_else(|| account.imap.host.to_unicode(), |preset| provider_name(preset.id));
    OAuthError::Provider { provider, error: AuthError::SignedOut, admin_consent: None }.into()
}
