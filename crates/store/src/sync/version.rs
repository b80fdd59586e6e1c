//! The versions of each account: what was typed here, what came from elsewhere, what lost in a conflict.

use courrier_model::{Account, AccountEdit, AccountId, DeviceId, RecordId, Timestamp};
use courrier_wire::{AccountBody, Body};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::unreadable;
use crate::row::{self, text, time};
use crate::store::micros;
use crate::sync::{body, from_json, to_json};
use crate::{Store, StoreError, save};

/// How many versions of one account are kept.
pub const HISTORY_LIMIT: u32 = 50;

/// How long the versions of an account are kept that was removed on another device, in days: as long as the server
/// remembers the removal.
const ORPHAN_DAYS: i64 = courrier_wire::HORIZON_DAYS;

/// Where a version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionSource {
    /// Somebody changed it on this device.
    Local,
    /// It came from another device.
    Remote,
    /// What stood here and gave way to a different change from another device.
    Conflict,
}

impl VersionSource {
    const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
            Self::Conflict => "conflict",
        }
    }

    fn of(word: &str) -> Result<Self, StoreError> {
        match word {
            "local" => Ok(Self::Local),
            "remote" => Ok(Self::Remote),
            "conflict" => Ok(Self::Conflict),
            other => Err(unreadable("source of a version")(other)),
        }
    }
}

/// One version of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number: ascending in the order of arrival, whatever the clock did.
    pub sequence: i64,
    /// The record; an account's id.
    pub record: RecordId,
    /// When it was made or came, UTC.
    pub at: Timestamp,
    /// Where it comes from.
    pub source: VersionSource,
    /// The device it was made on, where that is known.
    pub device: Option<DeviceId>,
    /// What it said.
    pub body: Body,
    /// With [`VersionSource::Conflict`], the members in which it lost.
    pub members: Vec<String>,
    /// False until the person was shown this conflict.
    pub seen: bool,
}

impl Store {
    /// The versions of an account, or of the preferences, newest first, at most `limit`.
    pub fn versions(&self, record: RecordId, limit: u32) -> Result<Vec<Version>, StoreError> {
        self.read(|connection| {
            let sql = format!("{SELECT} WHERE record_id = ?1 ORDER BY sequence DESC LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            collect(statement.query((record.to_string(), limit))?)
        })
    }

    /// The conflicts that the person was not shown, oldest first.
    pub fn unseen_conflicts(&self) -> Result<Vec<Version>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE is_seen = 0 ORDER BY sequence"))?;
            collect(statement.query([])?)
        })
    }

    /// The person was shown the conflicts of this record.
    pub fn see_conflicts(&self, record: RecordId) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute(
                "UPDATE record_version SET is_seen = 1 WHERE record_id = ?1 AND is_seen = 0",
                [record.to_string()],
            )?;
            Ok(())
        })
    }

    /// Makes an account what it was in one of its versions: a new edit, which travels as any other. What a newer
    /// program wrote into that version comes back too.
    ///
    /// Errors: [`StoreError::NotFound`] if the account is not there or has no such version;
    /// [`StoreError::AddressTaken`] if another account has the address that it had then.
    pub fn restore_version(&self, account: AccountId, sequence: i64, now: Timestamp) -> Result<Account, StoreError> {
        self.write(|tx| {
            let sql = format!("{SELECT} WHERE record_id = ?1 AND sequence = ?2");
            let found = tx
                .prepare_cached(&sql)?
                .query_row((RecordId::from(account).to_string(), sequence), |row| Ok(version(row)))
                .optional()?;
            let version = found.ok_or(StoreError::NotFound)??;
            let body = AccountBody::from_body(version.body).map_err(unreadable("version"))?;
            let edit = AccountEdit {
                address: Some(body.address),
                name: Some(body.name),
                color: Some(body.color),
                primary: None,
                imap: Some(body.imap),
                smtp: Some(body.smtp),
                identities: Some(body.identities),
            };
            tx.execute(
                "UPDATE account SET other = ?2 WHERE id = ?1 AND removal_until IS NULL",
                (account.to_string(), to_json(&body.other)?),
            )?;
            save::edit(tx, account, &edit, now)?;
            row::account(tx, account)?.ok_or(StoreError::NotFound)
        })
    }

    /// Forgets the versions of accounts that were removed on another device long ago. Returns how many.
    pub fn purge_versions(&self, now: Timestamp) -> Result<usize, StoreError> {
        let days = microseconds_in(ORPHAN_DAYS);
        self.write(|tx| {
            Ok(tx.execute(
                "DELETE FROM record_version WHERE at < ?1 AND record_id <> ?2
                    AND record_id NOT IN (SELECT id FROM account)",
                (micros(now).saturating_sub(days), RecordId::PREFERENCES.to_string()),
            )?)
        })
    }
}

/// Microseconds in so many days of 24 hours.
const fn microseconds_in(days: i64) -> i64 {
    days * 24 * 60 * 60 * 1_000_000
}

const SELECT: &str = "SELECT sequence, record_id, at, source, device_id, body, members, is_seen FROM record_version";

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Version>, StoreError> {
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(version(row)?);
    }
    Ok(versions)
}

#[cfg(feature = "testing")]
pub(crate) fn every(connection: &Connection) -> Result<Vec<Version>, StoreError> {
    collect(connection.prepare(&format!("{SELECT} ORDER BY sequence"))?.query([])?)
}

fn version(row: &Row<'_>) -> Result<Version, StoreError> {
    let device: Option<String> = row.get(4)?;
    Ok(Version {
        sequence: row.get(0)?,
        record: text(row, 1)?.parse().map_err(unreadable("record id"))?,
        at: time(row.get(2)?)?,
        source: VersionSource::of(text(row, 3)?)?,
        device: device.map(|id| id.parse().map_err(unreadable("device id"))).transpose()?,
        body: from_json("version", text(row, 5)?)?,
        members: from_json("version's members", text(row, 6)?)?,
        seen: row.get(7)?,
    })
}

/// Adds a version, unless the newest one says the same; of each record the last [`HISTORY_LIMIT`] stay.
pub(crate) fn append(
    tx: &Connection,
    record: RecordId,
    source: VersionSource,
    body: &Body,
    members: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = record.to_string();
    let json = to_json(body)?;
    let newest: Option<String> = tx
        .prepare_cached("SELECT body FROM record_version WHERE record_id = ?1 ORDER BY sequence DESC LIMIT 1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    if source != VersionSource::Conflict && newest.as_ref() == Some(&json) {
        return Ok(());
    }
    // A remote change is somebody else's; everything else was made here.
    let device = match source {
        VersionSource::Remote => None,
        VersionSource::Local | VersionSource::Conflict => own_device(tx)?,
    };
    tx.prepare_cached(
        "INSERT INTO record_version (record_id, at, source, device_id, body, members, is_seen)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        &id,
        micros(now),
        source.word(),
        device,
        &json,
        to_json(&members)?,
        source != VersionSource::Conflict,
    ))?;
    prune(tx, record)
}

/// Keeps the last [`HISTORY_LIMIT`] versions of a record.
pub(crate) fn prune(tx: &Connection, record: RecordId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM record_version WHERE record_id = ?1 AND sequence <=
            (SELECT sequence FROM record_version WHERE record_id = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute((record.to_string(), HISTORY_LIMIT))?;
    Ok(())
}

/// The account as it is now, as a version; `now` is when it became so.
pub(crate) fn append_account(tx: &Connection, id: AccountId, now: Timestamp) -> Result<(), StoreError> {
    let Some(traveller) = body::one(tx, id)? else { return Ok(()) };
    append(tx, id.into(), VersionSource::Local, &traveller.body.into_body(), &[], now)
}

/// An account that is older than the history begins it with what it was.
pub(crate) fn begin(tx: &Connection, account: &Account) -> Result<(), StoreError> {
    let begun = tx
        .prepare_cached("SELECT 1 FROM record_version WHERE record_id = ?1 LIMIT 1")?
        .exists([account.id.to_string()])?;
    if begun { Ok(()) } else { append_account(tx, account.id, account.updated_at) }
}

/// Forgets the versions of an account that the person removed here.
pub(crate) fn forget(tx: &Connection, record: RecordId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM record_version WHERE record_id = ?1")?.execute([record.to_string()])?;
    Ok(())
}

fn own_device(tx: &Connection) -> Result<Option<String>, StoreError> {
    let device: Option<Option<String>> = tx
        .prepare_cached("SELECT device_id FROM sync_session WHERE signed_in = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(device.flatten())
}
