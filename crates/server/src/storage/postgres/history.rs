//! Which history a person's revisions belong to, and which ones it took the place of.

use courrier_model::{SyncId, Timestamp, UserId};
use courrier_wire::{Reset, ResetReason};
use tokio_postgres::Row;

use super::row::{Id, count, id};
use super::{Postgres, failure};
use crate::storage::StorageError;
use crate::storage::cursor::{Cursor, Stand, Verdict, first_revision, judge};

/// Takes the person's lock: whoever changes their records, devices or history waits here, so that what is read
/// behind it holds until the transaction's end.
pub(super) const LOCK: &str = "SELECT coalesce(p.sync_id, i.sync_id), p.revision, p.purged_revision, p.record_count
     FROM person p CROSS JOIN instance i WHERE p.id = $1 FOR NO KEY UPDATE OF p";

/// Where the person's data stands, from the first three columns.
pub(super) fn stand(row: &Row) -> Result<Stand, StorageError> {
    Ok(Stand { sync_id: id(row, 0, "history's id")?, revision: count(row, 1)?, purged_revision: count(row, 2)? })
}

impl Postgres {
    /// What a cursor with this verdict is answered; `None`: it can be continued, or only a change can tell.
    pub(super) async fn reset(
        &self,
        user: UserId,
        stand: Stand,
        verdict: Verdict,
    ) -> Result<Option<Reset>, StorageError> {
        let reason = match verdict {
            Verdict::Continue | Verdict::Ahead => return Ok(None),
            Verdict::Unplaced => ResetReason::Foreign,
            Verdict::BeforeHorizon => ResetReason::Horizon,
            Verdict::OtherHistory(other) => {
                let client = self.client().await?;
                let known = client
                    .query_opt(
                        "SELECT FROM replaced_history WHERE sync_id = $1 AND (person_id IS NULL OR person_id = $2)
                         LIMIT 1",
                        &[&Id(other), &Id(user)],
                    )
                    .await
                    .map_err(failure)?;
                if known.is_some() { ResetReason::Restored } else { ResetReason::Foreign }
            }
        };
        Ok(Some(Reset { reason, sync_id: stand.sync_id }))
    }

    /// Gives the person a new history if the cursor is ahead of them; `None` if it is not, or no longer.
    pub(super) async fn renew_if_ahead(
        &self,
        user: UserId,
        cursor: Cursor,
        now: Timestamp,
    ) -> Result<Option<Reset>, StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        let stand = stand(&tx.query_one(LOCK, &[&Id(user)]).await.map_err(failure)?)?;
        if judge(cursor, stand) != Verdict::Ahead {
            return Ok(None);
        }
        let sync_id = SyncId::random();
        tx.execute(
            "INSERT INTO replaced_history (sync_id, person_id, replaced_at) VALUES ($1, $2, $3)",
            &[&Id(stand.sync_id), &Id(user), &now.as_microsecond()],
        )
        .await
        .map_err(failure)?;
        tx.execute(
            "UPDATE person SET sync_id = $2, revision = greatest(revision, $3) WHERE id = $1",
            &[&Id(user), &Id(sync_id), &first_revision(now)],
        )
        .await
        .map_err(failure)?;
        tx.commit().await.map_err(failure)?;
        Ok(Some(Reset { reason: ResetReason::Restored, sync_id }))
    }
}
