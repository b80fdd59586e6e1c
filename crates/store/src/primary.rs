//! Exactly one of the visible accounts is primary. Every change below ends with that true; the partial unique
//! index `account_one_primary` refuses a second one.

use courrier_model::AccountId;
use rusqlite::Connection;

use crate::StoreError;

/// The person chose this account.
pub(crate) fn choose(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    // A choice outlives the undoing of an earlier removal.
    tx.execute("UPDATE account SET had_primary = 0 WHERE had_primary = 1", [])?;
    give(tx, id)
}

/// Makes this visible account primary in place of the one that was.
pub(crate) fn give(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET is_primary = 0 WHERE is_primary = 1", [])?;
    tx.execute("UPDATE account SET is_primary = 1 WHERE id = ?1", [id.to_string()])?;
    Ok(())
}

/// Hands it from this account to the oldest other; the only account keeps it.
pub(crate) fn hand_on(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    let id = id.to_string();
    tx.execute(
        "UPDATE account SET is_primary = 0 WHERE id = ?1 AND is_primary = 1
            AND EXISTS (SELECT 1 FROM account WHERE id <> ?1 AND removal_until IS NULL)",
        [&id],
    )?;
    tx.execute(
        "UPDATE account SET is_primary = 1
            WHERE position = (SELECT min(position) FROM account WHERE id <> ?1 AND removal_until IS NULL)
            AND NOT EXISTS (SELECT 1 FROM account WHERE is_primary = 1)",
        [&id],
    )?;
    Ok(())
}

/// If no account is primary, the oldest visible one becomes it.
pub(crate) fn elect(tx: &Connection) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET is_primary = 1
            WHERE position = (SELECT min(position) FROM account WHERE removal_until IS NULL)
            AND NOT EXISTS (SELECT 1 FROM account WHERE is_primary = 1)",
        [],
    )?;
    Ok(())
}
