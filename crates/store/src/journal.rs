//! Which secret an account uses, and the journal of changes that were begun. The order of the steps is in the
//! crate's header.

use std::fmt;
use std::str::FromStr;

use courrier_model::{AccountId, SecretId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::unreadable;
use crate::row::text;
use crate::store::micros;
use crate::{Store, StoreError};

/// An enum that is stored as one word each.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word,)+
                })
            }
        }

        impl FromStr for $name {
            type Err = StoreError;

            fn from_str(word: &str) -> Result<Self, StoreError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(unreadable(stringify!($name))(())),
                }
            }
        }
    };
}

words! {
    /// What an account's secret is for.
    Purpose {
        /// Receiving, and sending too unless there is an `Outgoing` one.
        Incoming = "incoming",
        /// Sending, where its password differs.
        Outgoing = "outgoing",
        /// Access by OAuth, for both sides: the token slot ([`crate::TokenRecord`]).
        OAuth = "oauth",
    }
}

impl Purpose {
    /// Every purpose.
    pub(crate) const ALL: [Self; 3] = [Self::Incoming, Self::Outgoing, Self::OAuth];
}

words! {
    /// Which secret store holds a secret.
    Storage {
        /// The operating system's keyring.
        Keyring = "keyring",
        /// The encrypted file that the person chose instead.
        File = "file",
    }
}

words! {
    /// What was about to happen to a secret.
    IntentKind {
        /// It was to be written, and nothing points to it yet.
        Write = "write",
        /// It is to be deleted.
        Delete = "delete",
    }
}

/// Where an account's secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretRef {
    /// Its entry.
    pub id: SecretId,
    /// What it is for.
    pub purpose: Purpose,
    /// The store that has the entry.
    pub storage: Storage,
}

/// A secret that was written and read back under an id from [`Store::begin_write`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewSecret {
    /// What it is for.
    pub purpose: Purpose,
    /// Its entry.
    pub id: SecretId,
}

/// A change that was begun and not seen through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Intent {
    /// The entry it is about.
    pub id: SecretId,
    /// What was to happen.
    pub kind: IntentKind,
    /// The store that has, or may have, the entry.
    pub storage: Storage,
    /// True if an account or the session uses this entry: it must not be deleted, whatever the intent says.
    pub referenced: bool,
    /// The account whose token slot was to be written. If the entry is there, [`Store::point_slot`] finishes the
    /// change instead of undoing it.
    pub slot_of: Option<AccountId>,
}

impl Store {
    /// Step 1: notes that an entry is about to be written, and gives its id.
    pub fn begin_write(&self, storage: Storage, now: Timestamp) -> Result<SecretId, StoreError> {
        let id = SecretId::random();
        self.write(|tx| note(tx, id, IntentKind::Write, storage, now))?;
        Ok(id)
    }

    /// The secret that an account uses for this purpose, also while the account is being removed.
    pub fn secret_of(&self, account: AccountId, purpose: Purpose) -> Result<Option<SecretRef>, StoreError> {
        self.read(|connection| current(connection, account, purpose))
    }

    /// Every change that was begun and not seen through. While [`Store::secret_lock`] is held they are those of
    /// processes that died; without it they may be somebody's work in progress.
    pub fn pending_intents(&self) -> Result<Vec<Intent>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT i.id, i.kind, i.storage, EXISTS (SELECT 1 FROM secret s WHERE s.id = i.id)
                        OR EXISTS (SELECT 1 FROM session_secret t WHERE t.id = i.id), i.slot_of
                    FROM secret_intent i ORDER BY i.created_at, i.id",
            )?;
            let mut rows = statement.query([])?;
            let mut intents = Vec::new();
            while let Some(row) = rows.next()? {
                let slot_of: Option<String> = row.get(4)?;
                intents.push(Intent {
                    slot_of: slot_of.map(|id| id.parse().map_err(unreadable("account id"))).transpose()?,
                    id: secret_id(row, 0)?,
                    kind: text(row, 1)?.parse()?,
                    storage: text(row, 2)?.parse()?,
                    referenced: row.get(3)?,
                });
            }
            Ok(intents)
        })
    }

    /// Step 5: the change to this entry is done, or undone. Does nothing if there is no intent.
    pub fn forget_intent(&self, id: SecretId) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute("DELETE FROM secret_intent WHERE id = ?1", [id.to_string()])?;
            Ok(())
        })
    }
}

/// Points an account to a secret that was written; the one it replaces is retired.
///
/// Errors: [`StoreError::Superseded`] if its write-intent is gone.
pub(crate) fn point(
    tx: &Connection,
    account: AccountId,
    secret: NewSecret,
    now: Timestamp,
) -> Result<Option<SecretRef>, StoreError> {
    let storage = take_write_intent(tx, secret.id)?;
    let retired = retire(tx, account, secret.purpose, now)?;
    tx.execute(
        "INSERT INTO secret (account_id, purpose, id, storage) VALUES (?1, ?2, ?3, ?4)",
        (account.to_string(), secret.purpose.to_string(), secret.id.to_string(), storage),
    )?;
    Ok(retired)
}

/// The entry is written: its write-intent goes, and tells in which store it is.
///
/// Errors: [`StoreError::Superseded`] if there is none any more.
pub(crate) fn take_write_intent(tx: &Connection, id: SecretId) -> Result<String, StoreError> {
    let storage: Option<String> = tx
        .query_row(
            "DELETE FROM secret_intent WHERE id = ?1 AND kind = ?2 RETURNING storage",
            (id.to_string(), IntentKind::Write.to_string()),
            |row| row.get(0),
        )
        .optional()?;
    storage.ok_or(StoreError::Superseded)
}

/// Takes a secret from its account and makes a delete-intent for it.
pub(crate) fn retire(
    tx: &Connection,
    account: AccountId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<SecretRef>, StoreError> {
    let Some(secret) = current(tx, account, purpose)? else { return Ok(None) };
    tx.execute("DELETE FROM secret WHERE id = ?1", [secret.id.to_string()])?;
    note(tx, secret.id, IntentKind::Delete, secret.storage, now)?;
    Ok(Some(secret))
}

/// [`retire`] for every secret of an account.
pub(crate) fn retire_all(tx: &Connection, account: AccountId, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
    let mut retired = Vec::new();
    for purpose in Purpose::ALL {
        retired.extend(retire(tx, account, purpose, now)?);
    }
    Ok(retired)
}

pub(crate) fn note(
    tx: &Connection,
    id: SecretId,
    kind: IntentKind,
    storage: Storage,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        // A token slot has the same id again, perhaps while the deletion of the one before it still waits.
        "INSERT INTO secret_intent (id, kind, storage, created_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, storage = excluded.storage, slot_of = NULL,
                created_at = excluded.created_at",
        (id.to_string(), kind.to_string(), storage.to_string(), micros(now)),
    )?;
    Ok(())
}

pub(crate) fn current(
    connection: &Connection,
    account: AccountId,
    purpose: Purpose,
) -> Result<Option<SecretRef>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, storage FROM secret WHERE account_id = ?1 AND purpose = ?2")?;
    let mut rows = statement.query((account.to_string(), purpose.to_string()))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(SecretRef { id: secret_id(row, 0)?, purpose, storage: text(row, 1)?.parse()? }))
}

fn secret_id(row: &Row<'_>, column: usize) -> Result<SecretId, StoreError> {
    text(row, column)?.parse().map_err(unreadable("secret id"))
}
