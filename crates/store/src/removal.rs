//! Removing an account, with a time in which it can be undone.

use courrier_model::{AccountId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use crate::error::unreadable;
use crate::store::micros;
use crate::sync::{travel, version};
use crate::{SecretRef, Store, StoreError, journal, primary};

impl Store {
    /// Hides the account from every list until [`Store::undo_removal`] or [`Store::finish_removal`]. Its secret
    /// stays. If it was primary, the oldest other account becomes it.
    ///
    /// Errors: [`StoreError::NotFound`] if it is not there or hidden already.
    pub fn begin_removal(&self, account: AccountId, until: Timestamp) -> Result<(), StoreError> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE account SET removal_until = ?2, had_primary = is_primary, is_primary = 0
                    WHERE id = ?1 AND removal_until IS NULL",
                (account.to_string(), micros(until)),
            )?;
            if changed == 0 {
                return Err(StoreError::NotFound);
            }
            primary::elect(tx)
        })
    }

    /// Shows a hidden account again, at its old place. It is primary again if it was, unless the person has
    /// chosen another since.
    ///
    /// Errors: [`StoreError::NotFound`] if it is not hidden, or gone for good.
    pub fn undo_removal(&self, account: AccountId) -> Result<(), StoreError> {
        self.write(|tx| if reveal(tx, account)? { Ok(()) } else { Err(StoreError::NotFound) })
    }

    /// The hidden accounts whose time to undo is over.
    pub fn removals_due(&self, now: Timestamp) -> Result<Vec<AccountId>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT id FROM account WHERE removal_until <= ?1 ORDER BY removal_until, position")?;
            let ids = statement.query_map([micros(now)], |row| row.get::<_, String>(0))?;
            ids.map(|id| id?.parse().map_err(unreadable("account id"))).collect()
        })
    }

    /// Deletes a hidden account whose time is over, and answers which secrets are to go: delete each from its
    /// store, then [`Store::forget_intent`].
    ///
    /// Errors: [`StoreError::NotFound`] if the removal was undone, finished by another process, or is not due.
    pub fn finish_removal(&self, account: AccountId, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
        self.write(|tx| {
            let due: bool = tx.query_row(
                "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND removal_until <= ?2)",
                (account.to_string(), micros(now)),
                |row| row.get(0),
            )?;
            if due { delete_here(tx, account, now) } else { Err(StoreError::NotFound) }
        })
    }

    /// Deletes an account at once, hidden or not; the rest is as with [`Store::finish_removal`].
    ///
    /// Errors: [`StoreError::NotFound`].
    pub fn remove(&self, account: AccountId, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
        self.write(|tx| delete_here(tx, account, now))
    }
}

/// Shows a hidden account again; false if it is not hidden.
pub(crate) fn reveal(tx: &Connection, account: AccountId) -> Result<bool, StoreError> {
    let had_primary: Option<bool> = tx
        .query_row(
            "UPDATE account SET removal_until = NULL WHERE id = ?1 AND removal_until IS NOT NULL RETURNING had_primary",
            [account.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    let Some(had_primary) = had_primary else { return Ok(false) };
    tx.execute("UPDATE account SET had_primary = 0 WHERE id = ?1", [account.to_string()])?;
    if had_primary {
        primary::give(tx, account)?;
    }
    primary::elect(tx)?;
    Ok(true)
}

/// Deletes an account that the person removed on this device, its versions too.
pub(crate) fn delete_here(tx: &Connection, account: AccountId, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
    let retired = delete(tx, account, now)?;
    version::forget(tx, account.into())?;
    travel::keep_elsewhere(tx, account)?;
    Ok(retired)
}

/// Deletes the account with all that hangs on it, leaving a delete-intent for each of its secrets.
pub(crate) fn delete(tx: &Connection, account: AccountId, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
    let retired = journal::retire_all(tx, account, now)?;
    if tx.execute("DELETE FROM account WHERE id = ?1", [account.to_string()])? == 0 {
        return Err(StoreError::NotFound);
    }
    primary::elect(tx)?;
    Ok(retired)
}
