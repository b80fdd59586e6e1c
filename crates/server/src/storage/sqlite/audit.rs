//! The audit log.

use std::sync::Arc;

use courrier_model::{DeviceId, UserId};
use courrier_wire::{AuditAction, AuditEntry, AuditPage};
use rusqlite::{Connection, Row};

use super::row::{count, parsed, parsed_or_none, signed, time};
use super::{Sqlite, failure};
use crate::storage::audit::{Line, action};
use crate::storage::error::unreadable;
use crate::storage::{Actor, StorageError, columns};

impl Sqlite {
    pub(crate) async fn append_audit(
        &self,
        actor: &Actor,
        action: AuditAction,
        target: Option<String>,
    ) -> Result<(), StorageError> {
        let actor = actor.clone();
        self.writer.write(move |connection| append(connection, &actor, &Line { action, target })).await
    }

    pub(crate) async fn audit(
        self: &Arc<Self>,
        of: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<AuditPage, StorageError> {
        self.read(move |reader| {
            let sql = match of {
                Some(_) => concat!(
                    "SELECT ",
                    columns::audit!(),
                    " FROM audit WHERE sequence < ?1 AND person_id = ?3 ORDER BY sequence DESC LIMIT ?2"
                ),
                None => concat!(
                    "SELECT ",
                    columns::audit!(),
                    " FROM audit WHERE sequence < ?1 AND ?3 IS NULL ORDER BY sequence DESC LIMIT ?2"
                ),
            };
            let mut statement = reader.prepare_cached(sql).map_err(failure)?;
            let before = before.map_or(i64::MAX, signed);
            let parameters = (before, i64::from(limit) + 1, of.map(|user| user.to_string()));
            let mut rows = statement.query(parameters).map_err(failure)?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next().map_err(failure)? {
                entries.push(entry(row)?);
            }
            Ok(crate::storage::audit::page(entries, limit))
        })
        .await
    }
}

/// Writes one line.
pub(super) fn append(connection: &Connection, actor: &Actor, line: &Line) -> Result<(), StorageError> {
    insert(connection, actor, line).map_err(failure)
}

/// The same, for who looks into SQLite's own error.
pub(super) fn insert(connection: &Connection, actor: &Actor, line: &Line) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit (at, person_id, device_id, action, target, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            actor.at.as_microsecond(),
            actor.user.to_string(),
            actor.device.map(|device| device.to_string()),
            line.action.as_str(),
            &line.target,
            &actor.address,
        ))
        .map(drop)
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, StorageError> {
    let device: Option<DeviceId> = parsed_or_none(row, 3, "device's id")?;
    Ok(AuditEntry {
        sequence: count(row, 0)?,
        at: time(row, 1)?,
        user: parsed(row, 2, "person's id")?,
        device,
        action: action(row.get_ref(4).map_err(failure)?.as_str().map_err(unreadable("audit action"))?)?,
        target: row.get(5).map_err(failure)?,
        address: row.get(6).map_err(failure)?,
    })
}
