//! From rows to values; what can't be understood is damage, not absence.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use courrier_model::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::storage::device::platform;
use crate::storage::error::unreadable;
use crate::storage::ledger;
use crate::storage::{StorageError, StoredDevice, StoredUser};

/// One of the model's ids as PostgreSQL's `uuid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Debug + Display> ToSql for Id<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Uuid::parse_str(&self.0.to_string())?.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <Uuid as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a, T: FromStr<Err: Error + Sync + Send + 'static>> FromSql<'a> for Id<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Uuid::from_sql(ty, raw)?.to_string().parse()?))
    }

    fn accepts(ty: &Type) -> bool {
        <Uuid as FromSql>::accepts(ty)
    }
}

/// The value of a column.
pub(super) fn get<'row, T: FromSql<'row>>(
    row: &'row Row,
    column: usize,
    what: &'static str,
) -> Result<T, StorageError> {
    row.try_get(column).map_err(unreadable(what))
}

/// The id in a column.
pub(super) fn id<T>(row: &Row, column: usize, what: &'static str) -> Result<T, StorageError>
where
    T: FromStr<Err: Error + Sync + Send + 'static>,
{
    get::<Id<T>>(row, column, what).map(|id| id.0)
}

pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(get(row, column, "time")?).map_err(unreadable("time"))
}

pub(super) fn time_or_none(row: &Row, column: usize) -> Result<Option<Timestamp>, StorageError> {
    let micros: Option<i64> = get(row, column, "time")?;
    micros.map(|micros| Timestamp::from_microsecond(micros).map_err(unreadable("time"))).transpose()
}

/// A revision or a count, which PostgreSQL keeps signed.
pub(super) fn count(row: &Row, column: usize) -> Result<u64, StorageError> {
    get::<i64>(row, column, "number")?.try_into().map_err(unreadable("number"))
}

/// The same, where absence is a state.
fn count_or_none(row: &Row, column: usize) -> Result<Option<u64>, StorageError> {
    let number: Option<i64> = get(row, column, "number")?;
    number.map(|number| number.try_into().map_err(unreadable("number"))).transpose()
}

/// The device whose columns begin here.
pub(super) fn device(row: &Row, first: usize) -> Result<StoredDevice, StorageError> {
    Ok(StoredDevice {
        id: id(row, first, "device's id")?,
        user: id(row, first + 1, "device's person")?,
        name: get(row, first + 2, "device's name")?,
        platform: platform(get(row, first + 3, "platform")?)?,
        thumbprint: get(row, first + 4, "thumbprint")?,
        created_at: time(row, first + 5)?,
        last_seen_at: time(row, first + 6)?,
        last_address: get(row, first + 7, "network address")?,
        session_id: get(row, first + 8, "session's id")?,
        session_expires_at: time_or_none(row, first + 9)?,
        session_ended_at: time_or_none(row, first + 10)?,
        revoked_at: time_or_none(row, first + 11)?,
    })
}

/// The person whose id, issuer, subject, e-mail address and name begin here.
pub(super) fn user(row: &Row, first: usize) -> Result<StoredUser, StorageError> {
    Ok(StoredUser {
        id: id(row, first, "person's id")?,
        issuer: get(row, first + 1, "issuer")?,
        subject: get(row, first + 2, "subject")?,
        email: get(row, first + 3, "e-mail address")?,
        name: get(row, first + 4, "person's name")?,
    })
}

/// The record whose columns begin here.
pub(super) fn record(row: &Row, first: usize) -> Result<ledger::Row, StorageError> {
    Ok(ledger::Row {
        id: id(row, first, "record's id")?,
        kind: get::<&str>(row, first + 1, "record's kind")?.parse().map_err(unreadable("record's kind"))?,
        revision: count(row, first + 2)?,
        write_id: id(row, first + 3, "write's id")?,
        body: get(row, first + 4, "record's body")?,
        address_key: get(row, first + 5, "address")?,
        origin: count_or_none(row, first + 6)?,
    })
}

/// A number that PostgreSQL keeps signed.
pub(super) fn signed(number: u64) -> i64 {
    // No revision gets there: at a million writes a second it would take 290,000 years.
    i64::try_from(number).unwrap_or(i64::MAX)
}
