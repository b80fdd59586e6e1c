//! Exactly one of the visible accounts is primary. Every change below ends with that true; the partial unique
//! index `account_one_primary` refuses a second one.

use courrier_model::AccountId;
use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::error::unreadable;
use crate::sync::preferences;

/// The person chose this account: a preference, which travels.
pub(crate) fn choose(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    // A choice outlives the undoing of an earlier removal.
    tx.execute("UPDATE account SET had_primary = 0 WHERE had_primary = 1", [])?;
    give(tx, id)?;
    preferences::change(tx, |preferences| preferences.primary = Some(id))
}

/// The person chose that this account is no longer primary.
pub(crate) fn renounce(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    hand_on(tx, id)?;
    match current(tx)? {
        Some(other) if other != id => preferences::change(tx, |preferences| preferences.primary = Some(other)),
        _ => Ok(()),
    }
}

/// Which account is primary.
fn current(tx: &Connection) -> Result<Option<AccountId>, StoreError> {
    let id: Option<String> =
        tx.query_row("SELECT id FROM account WHERE is_primary = 1", [], |row| row.get(0)).optional()?;
    id.map(|id| id.parse().map_err(unreadable("account id"))).transpose()
}

/// Makes this visible account primary in place of the one that was.
pub(crate) fn give(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET is_primary = 0 WHERE is_primary = 1", [])?;
    tx.execute("UPDATE account SET is_primary = 1 WHERE id = ?1", [id.to_string()])?;
    Ok(())
}

/// Hands it from this account to the first other of the list; the only account keeps it.
fn hand_on(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    let id = id.to_string();
    tx.execute(
        "UPDATE account SET is_primary = 0 WHERE id = ?1 AND is_primary = 1
            AND EXISTS (SELECT 1 FROM account WHERE id <> ?1 AND removal_until IS NULL)",
        [&id],
    )?;
    tx.execute(
        "UPDATE account SET is_primary = 1
            WHERE id = (SELECT id FROM account WHERE id <> ?1 AND removal_until IS NULL
                ORDER BY coalesce(sort_order, position), id LIMIT 1)
            AND NOT EXISTS (SELECT 1 FROM account WHERE is_primary = 1)",
        [&id],
    )?;
    Ok(())
}

/// If no account is primary, the first visible one of the list becomes it. Nobody chose it: it does not travel.
pub(crate) fn elect(tx: &Connection) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET is_primary = 1
            WHERE id = (SELECT id FROM account WHERE removal_until IS NULL
                ORDER BY coalesce(sort_order, position), id LIMIT 1)
            AND NOT EXISTS (SELECT 1 FROM account WHERE is_primary = 1)",
        [],
    )?;
    Ok(())
}
