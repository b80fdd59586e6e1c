//! The numbered migrations of the PostgreSQL schema.

use courrier_model::{SyncId, Timestamp};
use deadpool_postgres::ClientWrapper;
use tokio_postgres::GenericClient;

use super::failure;
use super::row::Id;
use crate::storage::StorageError;

/// Every migration in order; the first has number 1. `migrations/server/NOTES.md` has the rules.
const MIGRATIONS: &[&str] = &[include_str!("../../../../../migrations/server/postgres/0001_people.sql")];

/// The newest schema version that this program knows.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Held while the schema changes, so that copies that start together change it once. `COUM`.
const MIGRATING: i64 = 0x434f_554d;

/// The database's schema version, 0 where it has none. Only reads.
pub(crate) async fn version(client: &impl GenericClient) -> Result<u32, StorageError> {
    let made = client
        .query_one("SELECT to_regclass('schema_migration') IS NOT NULL, to_regclass('person') IS NOT NULL", &[])
        .await
        .map_err(failure)?;
    if !made.get::<_, bool>(0) {
        // A table that we would make, and did not.
        return match made.get(1) {
            true => Err(StorageError::Corrupt("the tables were not made by courrier-server".to_owned())),
            false => Ok(0),
        };
    }
    let row = client.query_one("SELECT coalesce(max(version), 0) FROM schema_migration", &[]).await.map_err(failure)?;
    let found: i32 = row.get(0);
    let found = u32::try_from(found).map_err(crate::storage::error::unreadable("schema version"))?;
    if found > VERSION {
        return Err(StorageError::NewerSchema { found, known: VERSION });
    }
    Ok(found)
}

/// Brings the schema up to [`VERSION`] in one transaction. Answers the version it had.
pub(crate) async fn migrate(client: &mut ClientWrapper, now: Timestamp) -> Result<u32, StorageError> {
    let tx = client.transaction().await.map_err(failure)?;
    // Large tables take their time, and another copy that is at it is worth waiting for.
    tx.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await.map_err(failure)?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATING]).await.map_err(failure)?;
    let from = version(&*tx).await?;
    if from < VERSION {
        tx.batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_migration (version integer PRIMARY KEY, applied_at bigint NOT NULL)",
        )
        .await
        .map_err(failure)?;
        for (number, sql) in (1_i32..).zip(MIGRATIONS).skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            tx.batch_execute(sql).await.map_err(failure)?;
            tx.execute(
                "INSERT INTO schema_migration (version, applied_at) VALUES ($1, $2)",
                &[&number, &now.as_microsecond()],
            )
            .await
            .map_err(failure)?;
        }
        tx.execute(
            "INSERT INTO instance (one, sync_id, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING",
            &[&Id(SyncId::random()), &now.as_microsecond()],
        )
        .await
        .map_err(failure)?;
    }
    tx.commit().await.map_err(failure)?;
    Ok(from)
}
