//! Reading accounts: all of them, some, one.

use std::collections::HashMap;

use courrier_model::{Account, AccountId, Address};
use rusqlite::{Connection, Params};

use crate::fold::fold;
use crate::row::{self, Reader, SELECT_ACCOUNT};
use crate::{Store, StoreError};

/// The person's order: the one in which accounts were added, unless another was chosen, here or elsewhere.
pub(crate) const IN_ORDER: &str = "ORDER BY coalesce(a.sort_order, a.position), a.id";

impl Store {
    /// Every account that is not being removed, in the person's order.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(|connection| {
            many(connection, &format!("{SELECT_ACCOUNT} WHERE a.removal_until IS NULL {IN_ORDER}"), [])
        })
    }

    /// The accounts whose name, address or server contains the query, in the order of [`Store::accounts`].
    ///
    /// Case and accents don't matter; an internationalised domain is found in both its forms. An empty query
    /// finds all.
    pub fn search(&self, query: &str) -> Result<Vec<Account>, StoreError> {
        let folded = fold(query.trim());
        if folded.is_empty() {
            return self.accounts();
        }
        self.read(|connection| {
            let sql =
                format!("{SELECT_ACCOUNT} WHERE a.removal_until IS NULL AND instr(a.search_text, ?1) > 0 {IN_ORDER}");
            many(connection, &sql, [folded])
        })
    }

    /// The account with this id; `None` if there is none or it is being removed.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(|connection| row::visible(connection, id))
    }

    /// The same, also while it is being removed.
    pub fn account_or_hidden(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(|connection| row::account(connection, id))
    }

    /// The account with this address, however it is spelled; `None` if there is none or it is being removed.
    pub fn account_by_address(&self, address: &Address) -> Result<Option<Account>, StoreError> {
        self.read(|connection| {
            let sql = format!("{SELECT_ACCOUNT} WHERE a.address_key = ?1 AND a.removal_until IS NULL");
            row::one(connection, &sql, &address.key())
        })
    }
}

pub(crate) fn many(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Account>, StoreError> {
    let mut reader = Reader::default();
    let mut accounts = Vec::new();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        accounts.push(reader.account(row)?);
    }
    attach_identities(connection, &mut accounts)?;
    Ok(accounts)
}

/// One query for the identities of all; most people have none.
fn attach_identities(connection: &Connection, accounts: &mut [Account]) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let mut statement =
        connection.prepare_cached("SELECT account_id, address, name FROM identity ORDER BY account_id, ordinal")?;
    let mut rows = statement.query([])?;
    let mut places = HashMap::new();
    while let Some(row) = rows.next()? {
        if places.is_empty() {
            places = accounts.iter().enumerate().map(|(place, account)| (account.id.to_string(), place)).collect();
        }
        let account = places.get(row::text(row, 0)?).and_then(|place| accounts.get_mut(*place));
        if let Some(account) = account {
            account.identities.push(row::identity(row, 1)?);
        }
    }
    Ok(())
}
