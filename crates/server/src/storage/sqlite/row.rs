//! From rows to values; text that can't be understood is damage, not absence.

use std::str::FromStr;

use courrier_model::Timestamp;
use rusqlite::Row;

use super::failure;
use crate::storage::StorageError;
use crate::storage::device::platform;
use crate::storage::error::unreadable;
use crate::storage::ledger;
use crate::storage::{StoredDevice, StoredUser};

/// The value that a text column holds.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: usize, what: &'static str) -> Result<T, StorageError> {
    row.get_ref(column).map_err(failure)?.as_str().map_err(unreadable(what))?.parse().map_err(unreadable(what))
}

/// The same, where absence is a state.
pub(super) fn parsed_or_none<T: FromStr>(
    row: &Row<'_>,
    column: usize,
    what: &'static str,
) -> Result<Option<T>, StorageError> {
    let text = row.get_ref(column).map_err(failure)?.as_str_or_null().map_err(unreadable(what))?;
    text.map(|text| text.parse().map_err(unreadable(what))).transpose()
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(row.get(column).map_err(failure)?).map_err(unreadable("time"))
}

pub(super) fn time_or_none(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, StorageError> {
    let micros: Option<i64> = row.get(column).map_err(failure)?;
    micros.map(|micros| Timestamp::from_microsecond(micros).map_err(unreadable("time"))).transpose()
}

/// A revision or a count, which SQLite keeps signed.
pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u64, StorageError> {
    row.get::<_, i64>(column).map_err(failure)?.try_into().map_err(unreadable("number"))
}

/// The same, where absence is a state.
fn count_or_none(row: &Row<'_>, column: usize) -> Result<Option<u64>, StorageError> {
    let number: Option<i64> = row.get(column).map_err(failure)?;
    number.map(|number| number.try_into().map_err(unreadable("number"))).transpose()
}

/// The device whose columns begin here.
pub(super) fn device(row: &Row<'_>, first: usize) -> Result<StoredDevice, StorageError> {
    Ok(StoredDevice {
        id: parsed(row, first, "device's id")?,
        user: parsed(row, first + 1, "device's person")?,
        name: row.get(first + 2).map_err(failure)?,
        platform: platform(row.get_ref(first + 3).map_err(failure)?.as_str().map_err(unreadable("platform"))?)?,
        thumbprint: row.get(first + 4).map_err(failure)?,
        created_at: time(row, first + 5)?,
        last_seen_at: time(row, first + 6)?,
        last_address: row.get(first + 7).map_err(failure)?,
        session_id: row.get(first + 8).map_err(failure)?,
        session_expires_at: time_or_none(row, first + 9)?,
        session_ended_at: time_or_none(row, first + 10)?,
        revoked_at: time_or_none(row, first + 11)?,
    })
}

/// The person whose id, issuer, subject, e-mail address and name begin here.
pub(super) fn user(row: &Row<'_>, first: usize) -> Result<StoredUser, StorageError> {
    Ok(StoredUser {
        id: parsed(row, first, "person's id")?,
        issuer: row.get(first + 1).map_err(failure)?,
        subject: row.get(first + 2).map_err(failure)?,
        email: row.get(first + 3).map_err(failure)?,
        name: row.get(first + 4).map_err(failure)?,
    })
}

/// The record whose columns begin here.
pub(super) fn record(row: &Row<'_>, first: usize) -> Result<ledger::Row, StorageError> {
    Ok(ledger::Row {
        id: parsed(row, first, "record's id")?,
        kind: parsed(row, first + 1, "record's kind")?,
        revision: count(row, first + 2)?,
        write_id: parsed(row, first + 3, "write's id")?,
        body: row.get(first + 4).map_err(failure)?,
        address_key: row.get(first + 5).map_err(failure)?,
        origin: count_or_none(row, first + 6)?,
    })
}

/// A number that SQLite keeps signed.
pub(super) fn signed(number: u64) -> i64 {
    // No revision gets there: at a million writes a second it would take 290,000 years.
    i64::try_from(number).unwrap_or(i64::MAX)
}
