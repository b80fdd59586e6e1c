//! Forgetting, in changes small enough that nobody waits long behind one.

use std::collections::BTreeMap;

use courrier_model::Timestamp;
use rusqlite::Connection;

use super::{Sqlite, failure};
use crate::storage::{Purged, Retention, StorageError};

/// Rows in one change.
const BATCH: u64 = 500;

impl Sqlite {
    pub(crate) async fn purge(&self, retention: Retention) -> Result<Purged, StorageError> {
        let mut purged = Purged::default();
        let Retention { horizon, audit } = retention;
        let more = |gone: u64| gone == BATCH;
        loop {
            let gone = self.writer.write(move |connection| tombstones(connection, horizon)).await?;
            purged.tombstones += gone;
            if !more(gone) {
                break;
            }
        }
        loop {
            let sql = "DELETE FROM mutation WHERE (person_id, id) IN
                       (SELECT person_id, id FROM mutation WHERE answered_at < ?1 LIMIT ?2)";
            let gone = self.writer.write(move |connection| delete(connection, sql, horizon)).await?;
            purged.answers += gone;
            if !more(gone) {
                break;
            }
        }
        loop {
            let sql = "DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE at < ?1 LIMIT ?2)";
            let gone = self.writer.write(move |connection| delete(connection, sql, audit)).await?;
            purged.audit += gone;
            if !more(gone) {
                break;
            }
        }
        // A device that was away longer than the horizon starts anew in any case.
        let sql = "DELETE FROM replaced_history WHERE rowid IN (SELECT rowid FROM replaced_history
                   WHERE person_id IS NOT NULL AND replaced_at < ?1 LIMIT ?2)";
        self.writer.write(move |connection| delete(connection, sql, horizon)).await?;
        Ok(purged)
    }
}

fn delete(connection: &Connection, sql: &str, before: Timestamp) -> Result<u64, StorageError> {
    let gone = connection.execute(sql, (before.as_microsecond(), BATCH as i64)).map_err(failure)?;
    Ok(gone as u64)
}

fn tombstones(connection: &Connection, horizon: Timestamp) -> Result<u64, StorageError> {
    let mut statement = connection
        .prepare_cached(
            "DELETE FROM record WHERE rowid IN
             (SELECT rowid FROM record WHERE body IS NULL AND written_at < ?1 LIMIT ?2) RETURNING person_id, revision",
        )
        .map_err(failure)?;
    let mut rows = statement.query((horizon.as_microsecond(), BATCH as i64)).map_err(failure)?;
    // For each person the highest revision forgotten, and how many records.
    let mut people: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut gone = 0;
    while let Some(row) = rows.next().map_err(failure)? {
        let revision: i64 = row.get(1).map_err(failure)?;
        let (highest, count) = people.entry(row.get(0).map_err(failure)?).or_default();
        *highest = revision.max(*highest);
        *count += 1;
        gone += 1;
    }
    drop(rows);
    for (person, (highest, count)) in people {
        connection
            .prepare_cached(
                "UPDATE person SET purged_revision = max(purged_revision, ?2), record_count = record_count - ?3
                 WHERE id = ?1",
            )
            .map_err(failure)?
            .execute((person, highest, count))
            .map_err(failure)?;
    }
    Ok(gone)
}
