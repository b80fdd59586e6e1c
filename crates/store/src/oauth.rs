//! What is known of an account's tokens, and the entry that holds them: the token slot.
//!
//! A slot is a secret like others with two differences. It is replaced in place, again and again: a refresh token that
//! was used is worth nothing, so there is no old version to fall back to, and no pointer to move. And its id is the
//! account's own wherever that is free, so that a database that was restored from before the authorisation still finds
//! it. The tokens decide what is true; this table says what can be said without opening them.
//!
//! The first time it goes the five steps of the crate's header, with [`Store::begin_slot`] and [`Store::point_slot`] as
//! the first and the third. An intent that was left says whose slot it is ([`crate::Intent::slot_of`]): give it to that
//! account with [`Store::point_slot`] instead of undoing it.

use courrier_model::{AccountId, ProblemCode, SecretId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::unreadable;
use crate::journal::{self, Purpose, SecretRef, Storage};
use crate::row::{problem_code, text, time};
use crate::store::micros;
use crate::{IntentKind, NewSecret, Store, StoreError, save};

/// What is known of an account's tokens without opening them. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// The provider's id, or the issuer's address.
    pub provider: String,
    /// The client that the tokens were given to.
    pub client_id: String,
    /// Who consented, where the provider says.
    pub consented_as: Option<String>,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// Rises by one at each write of the slot.
    pub generation: u64,
    /// When the person consented, UTC.
    pub obtained_at: Timestamp,
    /// When the tokens were last renewed, UTC.
    pub refreshed_at: Timestamp,
    /// When the access token ends, UTC; `None` if the provider does not say.
    pub expires_at: Option<Timestamp>,
    /// When it is renewed ahead of that, UTC.
    pub renews_at: Option<Timestamp>,
    /// When the person has to sign in again unless the tokens are used before, UTC; `None` if never.
    pub sign_in_by: Option<Timestamp>,
}

/// [`TokenRecord`] with what the provider last said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenStatus {
    /// What is known.
    pub record: TokenRecord,
    /// True if only the person can bring it back.
    pub needs_sign_in: bool,
    /// Why.
    pub problem_code: Option<ProblemCode>,
    /// The provider's own reason, as a code of the caller's.
    pub explanation: Option<String>,
    /// False if the same tokens may work again when something else changes. Of no meaning while nobody has to sign in.
    pub for_good: bool,
    /// Until when the provider asked to be left alone, UTC.
    pub not_before: Option<Timestamp>,
}

impl Store {
    /// Step 1 for an account's first slot: notes that it is about to be written, and gives its id.
    pub fn begin_slot(&self, account: AccountId, storage: Storage, now: Timestamp) -> Result<SecretId, StoreError> {
        self.write(|tx| {
            let own = own_id(account)?;
            let id = if is_free(tx, own, account, storage)? { own } else { SecretId::random() };
            journal::note(tx, id, IntentKind::Write, storage, now)?;
            tx.execute("UPDATE secret_intent SET slot_of = ?2 WHERE id = ?1", (id.to_string(), account.to_string()))?;
            Ok(id)
        })
    }

    /// Step 3: from now on this entry, which [`Store::begin_slot`] announced, is the account's slot. What its last
    /// check proved holds no longer. Answers the slot that it replaces: delete it, then [`Store::forget_intent`].
    ///
    /// Errors: [`StoreError::Superseded`] if its write-intent is gone; [`StoreError::NotFound`] if the account is.
    pub fn point_slot(
        &self,
        account: AccountId,
        id: SecretId,
        record: &TokenRecord,
        now: Timestamp,
    ) -> Result<Option<SecretRef>, StoreError> {
        self.write(|tx| {
            require(tx, account)?;
            let retired = journal::point(tx, account, NewSecret { purpose: Purpose::OAuth, id }, now)?;
            upsert(tx, account, record)?;
            save::uncheck(tx, account)?;
            Ok(retired)
        })
    }

    /// The id under which an account's slot may stand although the database does not say so, as one does that was
    /// restored from before the authorisation. `None` if it has a slot, or the id is another's or on its way out.
    pub fn unknown_slot(&self, account: AccountId) -> Result<Option<SecretId>, StoreError> {
        self.read(|connection| unknown_slot(connection, account))
    }

    /// The entry that [`Store::unknown_slot`] named was found in this store: it is the account's slot again. False if
    /// somebody else was faster, or the account is gone.
    pub fn adopt_slot(
        &self,
        account: AccountId,
        id: SecretId,
        storage: Storage,
        record: &TokenRecord,
    ) -> Result<bool, StoreError> {
        self.write(|tx| {
            if unknown_slot(tx, account)? != Some(id) || !exists(tx, account)? {
                return Ok(false);
            }
            tx.execute(
                "INSERT INTO secret (account_id, purpose, id, storage) VALUES (?1, ?2, ?3, ?4)",
                (account.to_string(), Purpose::OAuth.to_string(), id.to_string(), storage.to_string()),
            )?;
            upsert(tx, account, record)?;
            Ok(true)
        })
    }

    /// The person consented anew, and the slot, which stays where it is, holds the tokens: what the account's last
    /// check proved holds no longer.
    ///
    /// Errors: [`StoreError::NotFound`] if the account or its slot is gone.
    pub fn note_consent(&self, account: AccountId, record: &TokenRecord) -> Result<(), StoreError> {
        self.write(|tx| {
            if journal::current(tx, account, Purpose::OAuth)?.is_none() {
                return Err(StoreError::NotFound);
            }
            upsert(tx, account, record)?;
            save::uncheck(tx, account)
        })
    }

    /// The slot holds these tokens, and they work. Does nothing if there is no slot, or if what is noted is newer:
    /// programs that renew one after the other may note it in another order.
    pub fn note_tokens(&self, account: AccountId, record: &TokenRecord) -> Result<(), StoreError> {
        let known = self.tokens(account)?;
        if known.is_some_and(|known| !known.needs_sign_in && known.record == *record) {
            return Ok(());
        }
        self.write(|tx| {
            let Some(before) = status(tx, account)? else {
                if journal::current(tx, account, Purpose::OAuth)?.is_some() {
                    upsert(tx, account, record)?;
                }
                return Ok(());
            };
            let older =
                record.generation < before.record.generation && record.refreshed_at < before.record.refreshed_at;
            if older {
                return Ok(());
            }
            upsert(tx, account, record)?;
            // The last check failed for want of tokens: that is over.
            if before.needs_sign_in { save::uncheck(tx, account) } else { Ok(()) }
        })
    }

    /// Only the person can bring this account's access back, or, unless it is `for_good`, something that changes by
    /// itself. True if that was not known. Does nothing if there is no row.
    pub fn note_sign_in_needed(
        &self,
        account: AccountId,
        why: ProblemCode,
        explanation: Option<&str>,
        for_good: bool,
    ) -> Result<bool, StoreError> {
        let changes = |status: TokenStatus| {
            let known = (status.problem_code, status.explanation.as_deref(), status.for_good);
            !status.needs_sign_in || known != (Some(why), explanation, for_good)
        };
        if !self.tokens(account)?.is_some_and(changes) {
            return Ok(false);
        }
        self.write(|tx| {
            let new = tx.execute(
                "UPDATE oauth SET needs_sign_in = 1, problem_code = ?2, explanation = ?3, for_good = ?4
                    WHERE account_id = ?1",
                (account.to_string(), why.as_str(), explanation, for_good),
            )?;
            Ok(new > 0)
        })
    }

    /// The provider asked to be left alone until then, for this account's tokens. The next tokens end that.
    pub fn note_not_before(&self, account: AccountId, until: Timestamp) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("UPDATE oauth SET not_before = ?2 WHERE account_id = ?1", (account.to_string(), micros(until)))?;
            Ok(())
        })
    }

    /// The account whose token slot this entry is.
    pub fn slot_owner(&self, slot: SecretId) -> Result<Option<AccountId>, StoreError> {
        self.read(|connection| {
            let owner: Option<String> = connection
                .prepare_cached("SELECT account_id FROM secret WHERE id = ?1 AND purpose = ?2")?
                .query_row((slot.to_string(), Purpose::OAuth.to_string()), |row| row.get(0))
                .optional()?;
            owner.map(|id| id.parse().map_err(unreadable("account id"))).transpose()
        })
    }

    /// What is known of an account's tokens, also while the account is being removed.
    pub fn tokens(&self, account: AccountId) -> Result<Option<TokenStatus>, StoreError> {
        self.read(|connection| status(connection, account))
    }

    /// The same of every account that has any.
    pub fn all_tokens(&self) -> Result<Vec<(AccountId, TokenStatus)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY account_id"))?;
            let mut rows = statement.query([])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push((text(row, 15)?.parse().map_err(unreadable("account id"))?, read(row)?));
            }
            Ok(all)
        })
    }

    /// From now on the account has no tokens. Answers the slot: delete it, then [`Store::forget_intent`].
    pub fn retire_slot(&self, account: AccountId, now: Timestamp) -> Result<Option<SecretRef>, StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM oauth WHERE account_id = ?1", [account.to_string()])?;
            journal::retire(tx, account, Purpose::OAuth, now)
        })
    }
}

/// The slot's id of choice.
fn own_id(account: AccountId) -> Result<SecretId, StoreError> {
    account.to_string().parse().map_err(unreadable("account id"))
}

/// True if an entry of this id is nobody's: an account that took another id leaves its slot where it is, and one whose
/// deletion waits in another store must not be forgotten for this one. What was announced for this account in the same
/// store, and could not be written or undone, is written now.
fn is_free(connection: &Connection, id: SecretId, account: AccountId, storage: Storage) -> Result<bool, StoreError> {
    let taken = connection
        .prepare_cached(
            "SELECT 1 FROM secret WHERE id = ?1 UNION ALL SELECT 1 FROM session_secret WHERE id = ?1
                UNION ALL SELECT 1 FROM secret_intent WHERE id = ?1
                    AND (storage <> ?2 OR (kind <> 'delete' AND slot_of IS NOT ?3))",
        )?
        .exists((id.to_string(), storage.to_string(), account.to_string()))?;
    Ok(!taken)
}

fn unknown_slot(connection: &Connection, account: AccountId) -> Result<Option<SecretId>, StoreError> {
    let id = own_id(account)?;
    let known = connection
        .prepare_cached(
            "SELECT 1 FROM secret WHERE id = ?1 OR (account_id = ?2 AND purpose = ?3)
                UNION ALL SELECT 1 FROM session_secret WHERE id = ?1 UNION ALL SELECT 1 FROM secret_intent WHERE id = ?1",
        )?
        .exists((id.to_string(), account.to_string(), Purpose::OAuth.to_string()))?;
    Ok((!known).then_some(id))
}

fn exists(connection: &Connection, account: AccountId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM account WHERE id = ?1")?.exists([account.to_string()])?)
}

fn require(connection: &Connection, account: AccountId) -> Result<(), StoreError> {
    if exists(connection, account)? { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Notes what the slot holds; whatever was wrong with it is over.
fn upsert(tx: &Connection, account: AccountId, record: &TokenRecord) -> Result<(), StoreError> {
    let scopes = serde_json::to_string(&record.scopes)
        .map_err(|_| StoreError::Corrupt("scopes can't be written down".to_owned()))?;
    tx.execute(
        "INSERT INTO oauth (account_id, provider, client_id, consented_as, scopes, generation, obtained_at,
                refreshed_at, expires_at, renews_at, sign_in_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (account_id) DO UPDATE SET provider = excluded.provider, client_id = excluded.client_id,
                consented_as = excluded.consented_as, scopes = excluded.scopes, generation = excluded.generation,
                obtained_at = excluded.obtained_at, refreshed_at = excluded.refreshed_at,
                expires_at = excluded.expires_at, renews_at = excluded.renews_at, sign_in_by = excluded.sign_in_by,
                needs_sign_in = 0, problem_code = NULL, explanation = NULL, for_good = 1, not_before = NULL",
        (
            account.to_string(),
            &record.provider,
            &record.client_id,
            &record.consented_as,
            scopes,
            i64::try_from(record.generation).unwrap_or(i64::MAX),
            micros(record.obtained_at),
            micros(record.refreshed_at),
            record.expires_at.map(micros),
            record.renews_at.map(micros),
            record.sign_in_by.map(micros),
        ),
    )?;
    Ok(())
}

const SELECT: &str =
    "SELECT provider, client_id, consented_as, scopes, generation, obtained_at, refreshed_at, expires_at,
    renews_at, sign_in_by, needs_sign_in, problem_code, explanation, for_good, not_before, account_id FROM oauth";

fn status(connection: &Connection, account: AccountId) -> Result<Option<TokenStatus>, StoreError> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE account_id = ?1"))?
        .query_row([account.to_string()], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

fn read(row: &Row<'_>) -> Result<TokenStatus, StoreError> {
    let moment = |column: usize| row.get::<_, Option<i64>>(column)?.map(time).transpose();
    let record = TokenRecord {
        provider: row.get(0)?,
        client_id: row.get(1)?,
        consented_as: row.get(2)?,
        scopes: serde_json::from_str(text(row, 3)?).map_err(unreadable("list of scopes"))?,
        generation: u64::try_from(row.get::<_, i64>(4)?).map_err(unreadable("generation"))?,
        obtained_at: time(row.get(5)?)?,
        refreshed_at: time(row.get(6)?)?,
        expires_at: moment(7)?,
        renews_at: moment(8)?,
        sign_in_by: moment(9)?,
    };
    let problem: Option<String> = row.get(11)?;
    let problem_code = problem.as_deref().map(problem_code);
    Ok(TokenStatus {
        record,
        needs_sign_in: row.get(10)?,
        problem_code,
        explanation: row.get(12)?,
        for_good: row.get(13)?,
        not_before: moment(14)?,
    })
}
