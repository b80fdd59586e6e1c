//! Forgetting, in transactions small enough that nobody waits long behind one.

use courrier_model::{Timestamp, UserId};

use super::history::LOCK;
use super::row::{Id, count, get, id};
use super::{Postgres, failure};
use crate::storage::{Purged, Retention, StorageError};

/// Rows, or people, in one transaction.
const BATCH: i64 = 500;

impl Postgres {
    pub(crate) async fn purge(&self, retention: Retention) -> Result<Purged, StorageError> {
        let (horizon, audit) = (retention.horizon.as_microsecond(), retention.audit.as_microsecond());
        let tombstones = self.purge_tombstones(retention.horizon).await?;
        let answers = self
            .delete(
                "DELETE FROM mutation WHERE (person_id, id) IN
                 (SELECT person_id, id FROM mutation WHERE answered_at < $1 LIMIT $2)",
                horizon,
            )
            .await?;
        let audit = self
            .delete("DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit WHERE at < $1 LIMIT $2)", audit)
            .await?;
        // A device that was away longer than the horizon starts anew in any case.
        self.delete(
            "DELETE FROM replaced_history WHERE ctid IN (SELECT ctid FROM replaced_history
             WHERE person_id IS NOT NULL AND replaced_at < $1 LIMIT $2)",
            horizon,
        )
        .await?;
        Ok(Purged { tombstones, answers, audit })
    }

    async fn delete(&self, sql: &str, before: i64) -> Result<u64, StorageError> {
        let client = self.client().await?;
        let mut all = 0;
        loop {
            let gone = client.execute(sql, &[&before, &BATCH]).await.map_err(failure)?;
            all += gone;
            if gone < BATCH.unsigned_abs() {
                return Ok(all);
            }
        }
    }

    async fn purge_tombstones(&self, horizon: Timestamp) -> Result<u64, StorageError> {
        let mut client = self.client().await?;
        let mut all = 0;
        loop {
            let people = client
                .query(
                    "SELECT DISTINCT person_id FROM
                     (SELECT person_id FROM record WHERE body IS NULL AND written_at < $1 LIMIT $2) old",
                    &[&horizon.as_microsecond(), &BATCH],
                )
                .await
                .map_err(failure)?;
            if people.is_empty() {
                return Ok(all);
            }
            for row in &people {
                let user: UserId = id(row, 0, "person's id")?;
                let tx = client.transaction().await.map_err(failure)?;
                // The person's lock first, as everywhere: two who take locks in another order wait for ever.
                tx.query_one(LOCK, &[&Id(user)]).await.map_err(failure)?;
                let gone = tx
                    .query_one(
                        "WITH gone AS (DELETE FROM record WHERE person_id = $1 AND body IS NULL AND written_at < $2
                         RETURNING revision) SELECT count(*), coalesce(max(revision), 0) FROM gone",
                        &[&Id(user), &horizon.as_microsecond()],
                    )
                    .await
                    .map_err(failure)?;
                let (number, highest): (i64, i64) = (get(&gone, 0, "number")?, get(&gone, 1, "revision")?);
                tx.execute(
                    "UPDATE person SET purged_revision = greatest(purged_revision, $2),
                     record_count = record_count - $3 WHERE id = $1",
                    &[&Id(user), &highest, &number],
                )
                .await
                .map_err(failure)?;
                tx.commit().await.map_err(failure)?;
                all += count(&gone, 0)?;
            }
        }
    }
}
