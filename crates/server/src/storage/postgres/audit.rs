//! The audit log.

use courrier_model::UserId;
use courrier_wire::{AuditAction, AuditEntry, AuditPage};
use tokio_postgres::{GenericClient, Row};

use super::row::{Id, count, get, id, signed, time};
use super::{Postgres, failure};
use crate::storage::audit::{Line, action};
use crate::storage::{Actor, StorageError, columns};

impl Postgres {
    pub(crate) async fn append_audit(
        &self,
        actor: &Actor,
        action: AuditAction,
        target: Option<String>,
    ) -> Result<(), StorageError> {
        append(&**self.client().await?, actor, &Line { action, target }).await
    }

    pub(crate) async fn audit(
        &self,
        of: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<AuditPage, StorageError> {
        let client = self.client().await?;
        let (before, limit_and_one) = (before.map_or(i64::MAX, signed), i64::from(limit) + 1);
        let rows = match of {
            Some(user) => {
                let sql = concat!(
                    "SELECT ",
                    columns::audit!(),
                    " FROM audit WHERE sequence < $1 AND person_id = $3 ORDER BY sequence DESC LIMIT $2"
                );
                let statement = client.prepare_cached(sql).await.map_err(failure)?;
                client.query(&statement, &[&before, &limit_and_one, &Id(user)]).await
            }
            None => {
                let sql = concat!(
                    "SELECT ",
                    columns::audit!(),
                    " FROM audit WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2"
                );
                let statement = client.prepare_cached(sql).await.map_err(failure)?;
                client.query(&statement, &[&before, &limit_and_one]).await
            }
        };
        let entries: Result<_, _> = rows.map_err(failure)?.iter().map(entry).collect();
        Ok(crate::storage::audit::page(entries?, limit))
    }
}

/// Writes one line.
pub(super) async fn append(client: &impl GenericClient, actor: &Actor, line: &Line) -> Result<(), StorageError> {
    client
        .execute(
            "INSERT INTO audit (at, person_id, device_id, action, target, address) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &actor.at.as_microsecond(),
                &Id(actor.user),
                &actor.device.map(Id),
                &line.action.as_str(),
                &line.target,
                &actor.address,
            ],
        )
        .await
        .map_err(failure)
        .map(drop)
}

fn entry(row: &Row) -> Result<AuditEntry, StorageError> {
    let device: Option<Id<courrier_model::DeviceId>> = get(row, 3, "device's id")?;
    Ok(AuditEntry {
        sequence: count(row, 0)?,
        at: time(row, 1)?,
        user: id(row, 2, "person's id")?,
        device: device.map(|device| device.0),
        action: action(get(row, 4, "audit action")?)?,
        target: get(row, 5, "audit target")?,
        address: get(row, 6, "network address")?,
    })
}
