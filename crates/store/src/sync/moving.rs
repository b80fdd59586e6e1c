//! Moving an account to another id, with everything that hangs on it. One transaction is the journal: whoever dies in
//! between leaves it where it was. Entries in the secret store have ids of their own and stay untouched.

use courrier_model::{AccountId, RecordId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use crate::journal;
use crate::removal;
use crate::sync::{body, preferences, version};
use crate::{Purpose, SecretRef, StoreError, primary};

/// Gives an account another id, which no account has.
pub(crate) fn rename(tx: &Connection, from: AccountId, to: AccountId) -> Result<(), StoreError> {
    let (old, new) = (from.to_string(), to.to_string());
    // Until the end of this transaction: the rows that refer to the account follow it.
    tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    tx.execute("UPDATE account SET id = ?2 WHERE id = ?1", [&old, &new])?;
    tx.execute("UPDATE identity SET account_id = ?2 WHERE account_id = ?1", [&old, &new])?;
    tx.execute("UPDATE check_report SET account_id = ?2 WHERE account_id = ?1", [&old, &new])?;
    tx.execute("UPDATE secret SET account_id = ?2 WHERE account_id = ?1", [&old, &new])?;
    follow_slot(tx, &old, &new)?;
    move_versions(tx, from.into(), to.into())?;
    follow_choice(tx, from, to)
}

/// Moves an account into another, which then stands for both; it keeps its own settings. Where both have a secret for
/// the same purpose, the one that stays keeps its own and the other is retired. If the other has no row, this is
/// [`rename`].
pub(crate) fn absorb(
    tx: &Connection,
    from: AccountId,
    into: AccountId,
    now: Timestamp,
) -> Result<Vec<SecretRef>, StoreError> {
    if !body::exists(tx, into)? {
        rename(tx, from, into)?;
        return Ok(Vec::new());
    }
    let (old, new) = (from.to_string(), into.to_string());
    for purpose in Purpose::ALL {
        tx.execute(
            "UPDATE secret SET account_id = ?2 WHERE account_id = ?1 AND purpose = ?3
                AND NOT EXISTS (SELECT 1 FROM secret WHERE account_id = ?2 AND purpose = ?3)",
            (&old, &new, purpose.to_string()),
        )?;
    }
    // What is known of tokens goes where they go.
    tx.execute(
        "UPDATE OR IGNORE oauth SET account_id = ?2 WHERE account_id = ?1
            AND NOT EXISTS (SELECT 1 FROM secret WHERE account_id = ?1 AND purpose = 'oauth')",
        [&old, &new],
    )?;
    follow_slot(tx, &old, &new)?;
    let retired = journal::retire_all(tx, from, now)?;
    tx.execute("UPDATE check_report SET account_id = ?2 WHERE account_id = ?1", [&old, &new])?;
    let was_primary: Option<bool> =
        tx.query_row("SELECT is_primary FROM account WHERE id = ?1", [&old], |row| row.get(0)).optional()?;
    move_versions(tx, from.into(), into.into())?;
    follow_choice(tx, from, into)?;
    removal::delete(tx, from, now)?;
    if was_primary == Some(true) {
        removal::reveal(tx, into)?;
        primary::give(tx, into)?;
    }
    Ok(retired)
}

/// The versions of one record become those of another. They keep their order of arrival.
fn move_versions(tx: &Connection, from: RecordId, to: RecordId) -> Result<(), StoreError> {
    tx.execute("UPDATE record_version SET record_id = ?2 WHERE record_id = ?1", [from.to_string(), to.to_string()])?;
    version::prune(tx, to)
}

/// A token slot that is on its way in finds the account.
fn follow_slot(tx: &Connection, from: &str, to: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE secret_intent SET slot_of = ?2 WHERE slot_of = ?1", [from, to])?;
    Ok(())
}

/// If it was the account that the person chose as primary, its new id is.
fn follow_choice(tx: &Connection, from: AccountId, to: AccountId) -> Result<(), StoreError> {
    if preferences::chosen(tx)? == Some(from) {
        preferences::change(tx, |preferences| preferences.primary = Some(to))?;
    }
    Ok(())
}
