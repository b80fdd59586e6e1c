//! Everything, out of PostgreSQL into a SQLite file and back.

use std::path::Path;

use courrier_model::Timestamp;
use futures_util::{StreamExt, pin_mut};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use tokio_postgres::types::ToSql;
use tokio_postgres::{GenericClient, IsolationLevel, Row};
use uuid::Uuid;

use super::pipeline::Pipeline;
use super::row::get;
use super::{SERVING, client, connect, failure, schema};
use crate::storage::error::unreadable;
use crate::storage::restore::{Restored, Surviving};
use crate::storage::sqlite;
use crate::storage::tables::{Holds, TABLES, Table};
use crate::storage::{PostgresLocation, StorageError};

/// Rows sent together.
const TOGETHER: usize = 500;

/// Writes all tables, as they are at one moment, into a SQLite file.
pub(crate) async fn dump(location: &PostgresLocation, file: &Path, now: Timestamp) -> Result<(), StorageError> {
    let mut client = client(&connect(location)?).await?;
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(failure)?;
    // A large database takes longer than a request may.
    snapshot.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(failure)?;
    match schema::version(&*snapshot).await? {
        0 => return Err(StorageError::Location("there is no database".to_owned())),
        schema::VERSION => {}
        found => return Err(StorageError::OlderSchema { found, needed: schema::VERSION }),
    }
    let mut file = sqlite::connect(file)?;
    sqlite::schema::migrate(&mut file, now)?;
    let dump = file.transaction().map_err(sqlite::failure)?;
    // Its own history, made a moment ago, makes way for the server's.
    dump.execute("DELETE FROM instance", []).map_err(sqlite::failure)?;
    for table in TABLES {
        let rows = snapshot
            .query_raw(&format!("SELECT {} FROM {}", table.names(), table.name), std::iter::empty::<i64>())
            .await
            .map_err(failure)?;
        pin_mut!(rows);
        while let Some(row) = rows.next().await {
            let row = row.map_err(failure)?;
            let cells = (0..).zip(table.columns).map(|(index, (_, holds))| cell(&row, index, *holds));
            let cells: Vec<Cell> = cells.collect::<Result<_, _>>()?;
            put(&dump, table, cells)?;
        }
    }
    dump.commit().map_err(sqlite::failure)?;
    file.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(sqlite::failure)
}

fn cell(row: &Row, index: usize, holds: Holds) -> Result<Cell, StorageError> {
    let what = "value";
    let cell = match holds {
        Holds::Id => get::<Option<Uuid>>(row, index, what)?.map(|id| Cell::Text(id.to_string())),
        Holds::Text => get::<Option<String>>(row, index, what)?.map(Cell::Text),
        Holds::Bytes => get::<Option<Vec<u8>>>(row, index, what)?.map(Cell::Blob),
        Holds::Number => get::<Option<i64>>(row, index, what)?.map(Cell::Integer),
    };
    Ok(cell.unwrap_or(Cell::Null))
}

fn put(file: &Connection, table: &Table, cells: Vec<Cell>) -> Result<(), StorageError> {
    let marks = vec!["?"; cells.len()].join(", ");
    file.prepare_cached(&format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.names()))
        .map_err(sqlite::failure)?
        .execute(rusqlite::params_from_iter(cells))
        .map_err(sqlite::failure)
        .map(drop)
}

/// Puts a backup in the place of what the database holds, in one transaction.
pub(crate) async fn restore(
    location: &PostgresLocation,
    backup: &Path,
    force: bool,
    now: Timestamp,
) -> Result<Restored, StorageError> {
    let mut client = client(&connect(location)?).await?;
    schema::migrate(&mut client, now).await?;
    let tx = client.transaction().await.map_err(failure)?;
    tx.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(failure)?;
    let alone = tx.query_one("SELECT pg_try_advisory_xact_lock($1)", &[&SERVING]).await.map_err(failure)?;
    if !get::<bool>(&alone, 0, "lock")? {
        return Err(StorageError::InUse);
    }
    let used = tx.query_one("SELECT EXISTS (SELECT FROM person)", &[]).await.map_err(failure)?;
    if !force && get::<bool>(&used, 0, "answer")? {
        return Err(StorageError::NotEmpty);
    }
    let surviving = surviving(&*tx).await?;
    // Beside the backup: the one folder of this machine that surely has room for a second one.
    let draft = sqlite::Draft::beside(backup)?;
    let (backup, path) = (backup.to_owned(), draft);
    let (ready, restored, _draft) = crate::storage::backup::blocking(move || {
        let (ready, restored) = sqlite::prepare(&backup, &path, &surviving, now)?;
        Ok((ready, restored, path))
    })
    .await?;
    let names: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    tx.batch_execute(&format!("TRUNCATE {}", names.join(", "))).await.map_err(failure)?;
    for table in TABLES {
        fill(&tx, &ready, table).await?;
    }
    tx.batch_execute(
        "SELECT setval(pg_get_serial_sequence('audit', 'sequence'), greatest((SELECT max(sequence) FROM audit), 1))",
    )
    .await
    .map_err(failure)?;
    tx.commit().await.map_err(failure)?;
    Ok(restored)
}

/// Copies one table out of the prepared file.
async fn fill(tx: &tokio_postgres::Transaction<'_>, from: &Connection, table: &Table) -> Result<(), StorageError> {
    let marks: Vec<_> = (1..=table.columns.len()).map(|number| format!("${number}")).collect();
    let insert = tx
        .prepare(&format!("INSERT INTO {} ({}) VALUES ({})", table.name, table.names(), marks.join(", ")))
        .await
        .map_err(failure)?;
    let mut last = 0;
    loop {
        let rows = take(from, table, &mut last)?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut pipeline = Pipeline::new();
        for row in &rows {
            let insert = &insert;
            pipeline.then(async move {
                let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| &**value as _).collect();
                tx.execute(insert, &values).await
            });
        }
        pipeline.run().await.map_err(|(_, error)| failure(error))?;
    }
}

type Sent = Box<dyn ToSql + Sync + Send>;

/// The next rows behind the place `last`, in the shape that PostgreSQL takes.
fn take(from: &Connection, table: &Table, last: &mut i64) -> Result<Vec<Vec<Sent>>, StorageError> {
    let mut statement = from
        .prepare_cached(&format!("SELECT {} FROM {} LIMIT ?1 OFFSET ?2", table.names(), table.name))
        .map_err(sqlite::failure)?;
    let mut rows = statement.query((TOGETHER as i64, *last)).map_err(sqlite::failure)?;
    let mut taken = Vec::new();
    while let Some(row) = rows.next().map_err(sqlite::failure)? {
        let values = (0..).zip(table.columns).map(|(index, (_, holds))| sent(row, index, *holds));
        taken.push(values.collect::<Result<_, _>>()?);
        *last += 1;
    }
    Ok(taken)
}

fn sent(row: &rusqlite::Row<'_>, index: usize, holds: Holds) -> Result<Sent, StorageError> {
    Ok(match holds {
        Holds::Id => {
            let id: Option<String> = row.get(index).map_err(sqlite::failure)?;
            Box::new(id.map(|id| Uuid::parse_str(&id)).transpose().map_err(unreadable("id"))?)
        }
        Holds::Text => Box::new(row.get::<_, Option<String>>(index).map_err(sqlite::failure)?),
        Holds::Bytes => Box::new(row.get::<_, Option<Vec<u8>>>(index).map_err(sqlite::failure)?),
        Holds::Number => Box::new(row.get::<_, Option<i64>>(index).map_err(sqlite::failure)?),
    })
}

async fn surviving(tx: &impl GenericClient) -> Result<Surviving, StorageError> {
    let histories = tx
        .query(
            "SELECT sync_id, NULL::uuid FROM instance UNION SELECT sync_id, person_id FROM replaced_history
             UNION SELECT sync_id, id FROM person WHERE sync_id IS NOT NULL",
            &[],
        )
        .await
        .map_err(failure)?;
    let revoked =
        tx.query("SELECT id, revoked_at FROM device WHERE revoked_at IS NOT NULL", &[]).await.map_err(failure)?;
    let mut surviving = Surviving::default();
    for row in &histories {
        let (history, person): (Uuid, Option<Uuid>) = (get(row, 0, "history's id")?, get(row, 1, "person's id")?);
        surviving.histories.push((history.to_string(), person.map(|person| person.to_string())));
    }
    for row in &revoked {
        surviving.revoked.push((get::<Uuid>(row, 0, "device's id")?.to_string(), get(row, 1, "time")?));
    }
    Ok(surviving)
}
