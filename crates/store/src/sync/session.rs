//! Who is signed in, and how two people's records stay apart.

use courrier_model::{AccountId, DeviceId, SyncId, Timestamp, UserId};
use courrier_wire::ResetReason;
use rusqlite::Connection;

use crate::error::unreadable;
use crate::row::text;
use crate::sync::{body, from_json, preferences, to_json, to_revision, travel, version};
use crate::{SecretRef, Store, StoreError, removal};

/// Who is signed in, or was before they signed out and kept the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncSession {
    /// The server's address.
    pub server: String,
    /// Who vouches for the person (OpenID Connect Core section 2, `iss`).
    pub issuer: String,
    /// Who they are there (`sub`).
    pub subject: String,
    /// Who they are for the server.
    pub user: UserId,
    /// What this computer is for the server.
    pub device: Option<DeviceId>,
    /// The address at their organisation, for showing.
    pub email: Option<String>,
    /// Their name, for showing.
    pub name: Option<String>,
    /// False after signing out.
    pub signed_in: bool,
    /// The history that was pulled; `None` before the first page.
    pub sync_id: Option<SyncId>,
    /// The revision up to which it was pulled.
    pub cursor: u64,
    /// True while everything is being pulled from the first revision.
    pub full: bool,
    /// Why everything is being pulled again, until that is done.
    pub reset: Option<ResetReason>,
    /// The server may have forgotten deletions up to this revision.
    pub purged: u64,
}

/// Somebody who has just signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The server's address.
    pub server: String,
    /// Who vouches for the person.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Who they are for the server.
    pub user: UserId,
    /// What this computer is for the server.
    pub device: Option<DeviceId>,
    /// The address at their organisation.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
}

impl SignIn {
    /// The same person at the same server. Never by e-mail address. The server may know them by a new id after it was
    /// set up anew; the issuer by a new name after it moved.
    fn continues(&self, before: &SyncSession) -> bool {
        self.server == before.server
            && (self.user == before.user || (self.issuer == before.issuer && self.subject == before.subject))
    }
}

/// What becomes of the accounts on this computer when the person signs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalCopy {
    /// They stay, on this computer only, until the person signs in again and picks what travels.
    Keep,
    /// Those that travel go, with their secrets and versions; "this computer only" stays.
    Remove,
}

impl Store {
    /// Who is signed in, or was last.
    pub fn sync_session(&self) -> Result<Option<SyncSession>, StoreError> {
        self.read(current)
    }

    /// Notes who has signed in and which accounts they picked to travel; all others are "this computer only".
    ///
    /// The same person goes on where they were: true. For somebody else everything that is known about the other
    /// one's records is forgotten, and accounts that the other one's server knows get new ids: false.
    pub fn sign_in(&self, who: &SignIn, travel: &[AccountId]) -> Result<bool, StoreError> {
        self.write(|tx| {
            let before = current(tx)?;
            let same = before.as_ref().is_some_and(|before| who.continues(before));
            if !same {
                if before.is_some() {
                    travel::part(tx)?;
                    preferences::forget(tx)?;
                }
                tx.execute("DELETE FROM sync_session", [])?;
            }
            tx.execute(
                "INSERT INTO sync_session (only, server, issuer, subject, user_id, device_id, email, name, signed_in)
                    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)
                    ON CONFLICT (only) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject,
                        user_id = excluded.user_id, device_id = excluded.device_id, email = excluded.email,
                        name = excluded.name, signed_in = 1",
                (
                    &who.server,
                    &who.issuer,
                    &who.subject,
                    who.user.to_string(),
                    who.device.map(|id| id.to_string()),
                    &who.email,
                    &who.name,
                ),
            )?;
            for traveller in body::all(tx)? {
                travel::pick(tx, &traveller, travel.contains(&traveller.id))?;
            }
            Ok(same)
        })
    }

    /// Ends the session on this computer; the caller ends it at the server and the issuer. Does nothing if nobody is
    /// signed in. Changes that wait are not sent: with [`LocalCopy::Keep`] they wait on, with [`LocalCopy::Remove`]
    /// they are lost, so ask first.
    ///
    /// Answers which secrets are to go: delete each, then [`Store::forget_intent`].
    pub fn sign_out(&self, copy: LocalCopy, now: Timestamp) -> Result<Vec<SecretRef>, StoreError> {
        self.write(|tx| {
            let mut retired = Vec::new();
            match copy {
                LocalCopy::Keep => {
                    tx.execute("UPDATE sync_session SET signed_in = 0", [])?;
                }
                LocalCopy::Remove => {
                    if current(tx)?.is_none() {
                        return Ok(retired);
                    }
                    for traveller in body::all(tx)?.into_iter().filter(|traveller| traveller.travels) {
                        retired.extend(removal::delete(tx, traveller.id, now)?);
                        version::forget(tx, traveller.id.into())?;
                    }
                    travel::part(tx)?;
                    preferences::forget(tx)?;
                    tx.execute("DELETE FROM sync_session", [])?;
                    // Versions of accounts that other devices had removed are this person's too.
                    tx.execute("DELETE FROM record_version WHERE record_id NOT IN (SELECT id FROM account)", [])?;
                }
            }
            Ok(retired)
        })
    }
}

pub(crate) fn current(connection: &Connection) -> Result<Option<SyncSession>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT server, issuer, subject, user_id, device_id, email, name, signed_in, sync_id, cursor, is_full, reset,
            purged
            FROM sync_session",
    )?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let device: Option<String> = row.get(4)?;
    let sync_id: Option<String> = row.get(8)?;
    let reset: Option<String> = row.get(11)?;
    Ok(Some(SyncSession {
        server: row.get(0)?,
        issuer: row.get(1)?,
        subject: row.get(2)?,
        user: text(row, 3)?.parse().map_err(unreadable("user id"))?,
        device: device.map(|id| id.parse().map_err(unreadable("device id"))).transpose()?,
        email: row.get(5)?,
        name: row.get(6)?,
        signed_in: row.get(7)?,
        sync_id: sync_id.map(|id| id.parse().map_err(unreadable("history's id"))).transpose()?,
        cursor: to_revision(row.get(9)?)?,
        full: row.get(10)?,
        reset: reset.map(|word| from_json("reason", &word)).transpose()?,
        purged: to_revision(row.get(12)?)?,
    }))
}

/// True if this person is signed in: an exchange that began in their name may go on.
pub(crate) fn is_signed_in(tx: &Connection, user: UserId) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM sync_session WHERE signed_in = 1 AND user_id = ?1")?
        .exists([user.to_string()])?)
}

/// Begins again from the first revision of this history.
pub(crate) fn begin_again(tx: &Connection, sync_id: SyncId, reason: ResetReason) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sync_session SET sync_id = ?1, cursor = 0, is_full = 1, reset = ?2",
        (sync_id.to_string(), to_json(&reason)?),
    )?;
    Ok(())
}
