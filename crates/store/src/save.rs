//! Saving an account: its settings, its secrets and the check that proved them, in one transaction.

use courrier_model::{
    Account, AccountDraft, AccountEdit, AccountId, Color, Endpoint, HealthState, Identity, Timestamp,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::unreadable;
use crate::fold::fold;
use crate::store::micros;
use crate::sync::version;
use crate::{NewCheck, NewSecret, Purpose, SecretRef, Store, StoreError, check, journal, primary, removal, row};

/// What to save an account as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A new account. If its address is known already, that account is updated, and shown again if it was being
    /// removed: what the draft leaves empty (name, colour, identities) stays as it was.
    New(AccountDraft),
    /// A change to an account.
    Existing(AccountId, AccountEdit),
}

/// Step 3 of a change to a secret, or a change without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveAccount {
    /// The account.
    pub target: Target,
    /// Secrets that were written and read back since [`Store::begin_write`]; they replace the present ones.
    pub secrets: Vec<NewSecret>,
    /// Retire the secret for sending: from now on the one for receiving serves both.
    pub drop_outgoing: bool,
    /// The check that these settings passed or failed. Without one, a change to an endpoint or a secret makes the
    /// account unchecked.
    pub check: Option<NewCheck>,
    /// The time now.
    pub now: Timestamp,
}

impl SaveAccount {
    /// Settings only: no secret, no check.
    pub fn new(target: Target, now: Timestamp) -> Self {
        Self { target, secrets: Vec::new(), drop_outgoing: false, check: None, now }
    }
}

/// What saving did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The account as it is now.
    pub account: Account,
    /// Secrets that nothing uses any more: delete each from its store, then [`Store::forget_intent`].
    pub retired: Vec<SecretRef>,
    /// False if the address was known already, or the account was changed.
    pub created: bool,
}

impl Store {
    /// Saves all of it or nothing.
    ///
    /// Errors: [`StoreError::NotFound`] if the account to change is not there; [`StoreError::AddressTaken`] if its
    /// new address is another visible account's (one that is being removed is deleted for it instead, its secrets
    /// among the retired); [`StoreError::Superseded`] if a secret's write was undone by another process.
    pub fn save(&self, request: SaveAccount) -> Result<Saved, StoreError> {
        self.write(|tx| save(tx, request))
    }
}

fn save(tx: &Connection, request: SaveAccount) -> Result<Saved, StoreError> {
    let SaveAccount { target, secrets, drop_outgoing, check, now } = request;
    let mut retired = Vec::new();
    let mut created = false;
    let (id, mut unproved) = match target {
        Target::New(draft) => match holder(tx, &draft.address.key())? {
            None => {
                created = true;
                (insert(tx, &draft, now)?, true)
            }
            Some(holder) => {
                removal::reveal(tx, holder.id)?;
                (holder.id, change(tx, holder.id, &readding(draft), now)?)
            }
        },
        Target::Existing(id, edit) => {
            let (freed, reached_otherwise) = edit_freeing(tx, id, &edit, now)?;
            retired.extend(freed);
            (id, reached_otherwise)
        }
    };
    for secret in secrets {
        unproved = true;
        retired.extend(journal::point(tx, id, secret, now)?);
    }
    if drop_outgoing && let Some(secret) = journal::retire(tx, id, Purpose::Outgoing, now)? {
        unproved = true;
        retired.push(secret);
    }
    match check {
        Some(check) => check::append(tx, id, &check)?,
        None if unproved => uncheck(tx, id)?,
        None => {}
    }
    let account = row::account(tx, id)?.ok_or(StoreError::NotFound)?;
    Ok(Saved { account, retired, created })
}

/// A change to a visible account; the check that it had proved holds no longer where an endpoint changed.
pub(crate) fn edit(tx: &Connection, id: AccountId, edit: &AccountEdit, now: Timestamp) -> Result<(), StoreError> {
    // The address of an account that is being removed is freed; its secrets have their delete-intents, which the
    // next recovery finishes.
    let (_, reached_otherwise) = edit_freeing(tx, id, edit, now)?;
    if reached_otherwise { uncheck(tx, id) } else { Ok(()) }
}

/// The secrets that were retired, and true if what the last check proved no longer holds.
fn edit_freeing(
    tx: &Connection,
    id: AccountId,
    edit: &AccountEdit,
    now: Timestamp,
) -> Result<(Vec<SecretRef>, bool), StoreError> {
    let retired = match &edit.address {
        Some(address) => make_way(tx, id, &address.key(), now)?,
        None => Vec::new(),
    };
    Ok((retired, change(tx, id, edit, now)?))
}

/// Who has an address.
struct Holder {
    id: AccountId,
    hidden: bool,
}

fn holder(tx: &Connection, address_key: &str) -> Result<Option<Holder>, StoreError> {
    let found: Option<(String, bool)> = tx
        .query_row("SELECT id, removal_until IS NOT NULL FROM account WHERE address_key = ?1", [address_key], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    found.map(|(id, hidden)| Ok(Holder { id: id.parse().map_err(unreadable("account id"))?, hidden })).transpose()
}

/// Frees an address for this account, at the cost of one that the person is removing anyway.
fn make_way(tx: &Connection, id: AccountId, address_key: &str, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
    match holder(tx, address_key)? {
        Some(other) if other.id != id && other.hidden => removal::delete_here(tx, other.id, now),
        Some(other) if other.id != id => Err(StoreError::AddressTaken { id: other.id }),
        _ => Ok(Vec::new()),
    }
}

/// What adding an address again changes: only what was given.
fn readding(draft: AccountDraft) -> AccountEdit {
    AccountEdit {
        address: Some(draft.address),
        name: Some(draft.name).filter(|name| !name.as_str().is_empty()),
        color: draft.color,
        primary: draft.primary.then_some(true),
        imap: Some(draft.imap),
        smtp: Some(draft.smtp),
        identities: Some(draft.identities).filter(|identities| !identities.is_empty()),
    }
}

/// Makes a new row at the end of the list.
fn insert(tx: &Connection, draft: &AccountDraft, now: Timestamp) -> Result<AccountId, StoreError> {
    let id = AccountId::random();
    insert_row(tx, id, draft, now)?;
    if draft.primary {
        primary::choose(tx, id)?
    } else {
        primary::elect(tx)?
    }
    version::append_account(tx, id, now)?;
    Ok(id)
}

/// The row itself, last of the list. What is added while somebody is signed in travels.
pub(crate) fn insert_row(
    tx: &Connection,
    id: AccountId,
    draft: &AccountDraft,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO account (id, address, address_key, name, color, search_text, imap_host, imap_port, imap_security,
            imap_username, imap_auth, smtp_host, smtp_port, smtp_security, smtp_username, smtp_auth, updated_at, created_at,
            sort_order, travels)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17,
            (SELECT coalesce(max(coalesce(sort_order, position)), 0) + 1 FROM account),
            EXISTS (SELECT 1 FROM sync_session WHERE signed_in = 1))",
    )?
    .execute(parameters(id, draft, now))?;
    replace_identities(tx, id, &draft.identities)
}

/// Makes an account's row say this, identities too.
pub(crate) fn write_settings(
    tx: &Connection,
    id: AccountId,
    draft: &AccountDraft,
    now: Timestamp,
) -> Result<(), StoreError> {
    update_row(tx, id, draft, now)?;
    replace_identities(tx, id, &draft.identities)
}

fn update_row(tx: &Connection, id: AccountId, draft: &AccountDraft, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE account SET address = ?2, address_key = ?3, name = ?4, color = ?5, search_text = ?6,
            imap_host = ?7, imap_port = ?8, imap_security = ?9, imap_username = ?10, imap_auth = ?11,
            smtp_host = ?12, smtp_port = ?13, smtp_security = ?14, smtp_username = ?15, smtp_auth = ?16,
            updated_at = ?17 WHERE id = ?1",
    )?
    .execute(parameters(id, draft, now))?;
    Ok(())
}

/// Changes a visible account; true if what its last check proved no longer holds.
fn change(tx: &Connection, id: AccountId, edit: &AccountEdit, now: Timestamp) -> Result<bool, StoreError> {
    let account = row::visible(tx, id)?.ok_or(StoreError::NotFound)?;
    let draft = edit.applied_to(&account);
    let reached_otherwise =
        draft.imap != account.imap || draft.smtp != account.smtp || !draft.address.same_as(&account.address);
    let identities_changed = draft.identities != account.identities;
    let shown_otherwise = draft.address != account.address
        || draft.name != account.name
        || draft.color != Some(account.color)
        || identities_changed;
    if reached_otherwise || shown_otherwise {
        version::begin(tx, &account)?;
        update_row(tx, id, &draft, now)?;
        if identities_changed {
            replace_identities(tx, id, &draft.identities)?;
        }
        version::append_account(tx, id, now)?;
    }
    match edit.primary {
        Some(true) => primary::choose(tx, id)?,
        Some(false) if account.primary => primary::renounce(tx, id)?,
        _ => {}
    }
    Ok(reached_otherwise)
}

/// The settings in the order ?1 to ?17 of both statements above.
fn parameters(id: AccountId, draft: &AccountDraft, now: Timestamp) -> [Value; 17] {
    let color = draft.color.unwrap_or_else(|| Color::for_address(&draft.address));
    let AccountDraft { imap, smtp, .. } = draft;
    let port = |endpoint: &Endpoint| Value::from(i64::from(endpoint.port.get()));
    [
        Value::from(id.to_string()),
        Value::from(draft.address.to_string()),
        Value::from(draft.address.key()),
        Value::from(draft.name.to_string()),
        Value::from(color.to_string()),
        Value::from(search_text(draft)),
        Value::from(imap.host.to_string()),
        port(imap),
        Value::from(imap.security.to_string()),
        Value::from(imap.username.to_string()),
        Value::from(imap.auth.to_string()),
        Value::from(smtp.host.to_string()),
        port(smtp),
        Value::from(smtp.security.to_string()),
        Value::from(smtp.username.to_string()),
        Value::from(smtp.auth.to_string()),
        Value::from(micros(now)),
    ]
}

/// What a search looks through: each part on its own line, so that nothing is found across two of them.
fn search_text(draft: &AccountDraft) -> String {
    let mut parts = vec![draft.name.to_string(), draft.address.to_string(), draft.address.to_ascii_domain()];
    for host in [&draft.imap.host, &draft.smtp.host] {
        parts.extend([host.to_string(), host.to_unicode()]);
    }
    let mut parts: Vec<String> = parts.iter().map(|part| fold(part)).collect();
    parts.dedup();
    parts.join("\n")
}

fn replace_identities(tx: &Connection, id: AccountId, identities: &[Identity]) -> Result<(), StoreError> {
    let id = id.to_string();
    tx.prepare_cached("DELETE FROM identity WHERE account_id = ?1")?.execute([&id])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO identity (account_id, ordinal, address, name) VALUES (?1, ?2, ?3, ?4)")?;
    for (ordinal, identity) in (0_i64..).zip(identities) {
        insert.execute(params![id, ordinal, identity.address.to_string(), identity.name.as_str()])?;
    }
    Ok(())
}

pub(crate) fn uncheck(tx: &Connection, id: AccountId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET health_state = ?2, checked_at = NULL, problem_code = NULL WHERE id = ?1",
        (id.to_string(), row::health_word(HealthState::Unchecked)),
    )?;
    Ok(())
}
