//! An account as it travels, from its row and back.

use std::collections::HashMap;

use courrier_model::{Account, AccountDraft, AccountId, Timestamp};
use courrier_wire::AccountBody;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use crate::StoreError;
use crate::error::unreadable;
use crate::list;
use crate::row::{self, SELECT_ACCOUNT};
use crate::save;
use crate::store::micros;
use crate::sync::{from_json, to_json};

/// An account and what its row says about travelling.
#[derive(Debug)]
pub(crate) struct Traveller {
    pub(crate) id: AccountId,
    pub(crate) body: AccountBody,
    /// It is being removed and can still come back.
    pub(crate) hidden: bool,
    pub(crate) travels: bool,
}

struct Extra {
    order: i64,
    other: Map<String, Value>,
    hidden: bool,
    travels: bool,
}

const SELECT_EXTRA: &str =
    "SELECT id, coalesce(sort_order, position), other, removal_until IS NOT NULL, travels FROM account";

/// Every account, hidden ones too, in the order in which this device got to know them.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Traveller>, StoreError> {
    let mut extras: HashMap<String, Extra> = HashMap::new();
    let mut statement = connection.prepare_cached(SELECT_EXTRA)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        extras.insert(row.get(0)?, extra(row)?);
    }
    let accounts = list::many(connection, &format!("{SELECT_ACCOUNT} ORDER BY a.position"), [])?;
    accounts
        .into_iter()
        .map(|account| {
            let extra = extras.remove(&account.id.to_string()).ok_or(()).map_err(unreadable("account id"))?;
            Ok(traveller(account, extra))
        })
        .collect()
}

/// One account, hidden or not.
pub(crate) fn one(connection: &Connection, id: AccountId) -> Result<Option<Traveller>, StoreError> {
    let Some(account) = row::account(connection, id)? else { return Ok(None) };
    let mut statement = connection.prepare_cached(&format!("{SELECT_EXTRA} WHERE id = ?1"))?;
    let extra = statement.query_row([id.to_string()], |row| Ok(extra(row)))??;
    Ok(Some(traveller(account, extra)))
}

fn extra(row: &rusqlite::Row<'_>) -> Result<Extra, StoreError> {
    Ok(Extra {
        order: row.get(1)?,
        other: from_json("unknown members", row::text(row, 2)?)?,
        hidden: row.get(3)?,
        travels: row.get(4)?,
    })
}

fn traveller(account: Account, extra: Extra) -> Traveller {
    let body = AccountBody {
        address: account.address,
        name: account.name,
        color: account.color,
        imap: account.imap,
        smtp: account.smtp,
        identities: account.identities,
        order: extra.order,
        created_at: account.created_at,
        other: extra.other,
    };
    Traveller { id: account.id, body, hidden: extra.hidden, travels: extra.travels }
}

/// Makes the account's row say this. Without a row, a visible one that travels is made.
///
/// The address must be free.
pub(crate) fn put(tx: &Connection, id: AccountId, body: &AccountBody, now: Timestamp) -> Result<(), StoreError> {
    let draft = AccountDraft {
        address: body.address.clone(),
        name: body.name.clone(),
        color: Some(body.color),
        primary: false,
        imap: body.imap.clone(),
        smtp: body.smtp.clone(),
        identities: body.identities.clone(),
    };
    match row::account(tx, id)? {
        Some(account) => {
            save::write_settings(tx, id, &draft, now)?;
            let proved = account.imap == draft.imap && account.smtp == draft.smtp;
            if !proved {
                save::uncheck(tx, id)?;
            }
        }
        None => save::insert_row(tx, id, &draft, now)?,
    }
    tx.prepare_cached("UPDATE account SET sort_order = ?2, other = ?3, created_at = ?4, travels = 1 WHERE id = ?1")?
        .execute((id.to_string(), body.order, to_json(&body.other)?, micros(body.created_at)))?;
    Ok(())
}

/// True if an account with this id has a row, hidden or not.
pub(crate) fn exists(connection: &Connection, id: AccountId) -> Result<bool, StoreError> {
    let found = connection.query_row("SELECT 1 FROM account WHERE id = ?1", [id.to_string()], |_| Ok(())).optional()?;
    Ok(found.is_some())
}
