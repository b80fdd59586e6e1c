//! Which accounts travel, and which are for this computer only.

use courrier_model::{AccountId, RecordId};
use rusqlite::{Connection, OptionalExtension};

use crate::sync::body::{self, Traveller};
use crate::sync::moving;
use crate::{Store, StoreError};

impl Store {
    /// The accounts that are marked to travel, in the order in which they came. While nobody is signed in, nothing
    /// travels, and these are what the person had picked.
    pub fn travelling(&self) -> Result<Vec<AccountId>, StoreError> {
        self.read(|connection| {
            Ok(body::all(connection)?.into_iter().filter(|one| one.travels).map(|one| one.id).collect())
        })
    }

    /// Lets an account travel, or keeps it on this computer only; answers its id from now on.
    ///
    /// An account that no longer travels takes a new id. The old one becomes a deletion for the server and the other
    /// devices, while the account stays here with its secrets and versions.
    ///
    /// Errors: [`StoreError::NotFound`].
    pub fn set_travels(&self, account: AccountId, travels: bool) -> Result<AccountId, StoreError> {
        self.write(|tx| {
            let traveller = body::one(tx, account)?.filter(|one| !one.hidden).ok_or(StoreError::NotFound)?;
            if travels || !traveller.travels || !is_known(tx, account.into())? {
                mark(tx, account, travels)?;
                return Ok(account);
            }
            let id = AccountId::random();
            moving::rename(tx, account, id)?;
            mark(tx, id, false)?;
            Ok(id)
        })
    }
}

/// At sign-in: what the person picked travels. What they did not pick stays here under a new id where the server may
/// know it; the server's copy stays as it is, held back on this computer.
pub(crate) fn pick(tx: &Connection, traveller: &Traveller, picked: bool) -> Result<(), StoreError> {
    if picked || !is_known(tx, traveller.id.into())? {
        return mark(tx, traveller.id, picked);
    }
    let id = AccountId::random();
    moving::rename(tx, traveller.id, id)?;
    mark(tx, id, false)?;
    hold(tx, traveller.id.into())
}

/// An account was removed on this computer. If nobody is signed in, that says nothing about the other devices: at the
/// next sign-in it comes back from them.
pub(crate) fn keep_elsewhere(tx: &Connection, account: AccountId) -> Result<(), StoreError> {
    let signed_out = tx
        .prepare_cached("SELECT 1 FROM sync_session WHERE signed_in = 0")?
        .query_row([], |_| Ok(()))
        .optional()?
        .is_some();
    if signed_out { hold(tx, account.into()) } else { Ok(()) }
}

/// Parts from the server's records for good: accounts that it may know get new ids, so that they can never be taken
/// for another person's.
pub(crate) fn part(tx: &Connection) -> Result<(), StoreError> {
    for traveller in body::all(tx)? {
        if is_known(tx, traveller.id.into())? {
            moving::rename(tx, traveller.id, AccountId::random())?;
        }
    }
    tx.execute_batch("DELETE FROM sync_outbox; DELETE FROM sync_record; UPDATE account SET travels = 0;")?;
    Ok(())
}

/// True if the server has, had, or may have this record.
fn is_known(tx: &Connection, record: RecordId) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(
            "SELECT 1 FROM sync_record WHERE id = ?1 UNION ALL SELECT 1 FROM sync_outbox WHERE record_id = ?1",
        )?
        .exists([record.to_string()])?)
}

fn hold(tx: &Connection, record: RecordId) -> Result<(), StoreError> {
    tx.execute("UPDATE sync_record SET is_held = 1 WHERE id = ?1", [record.to_string()])?;
    Ok(())
}

/// From now on for this computer only, under an id that no server knows.
pub(crate) fn keep_here(tx: &Connection, account: AccountId) -> Result<(), StoreError> {
    let id = AccountId::random();
    moving::rename(tx, account, id)?;
    mark(tx, id, false)
}

fn mark(tx: &Connection, account: AccountId, travels: bool) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET travels = ?2 WHERE id = ?1", (account.to_string(), travels))?;
    Ok(())
}
