//! Reading records.

use courrier_model::{RecordId, Timestamp, UserId};
use courrier_wire::Record;

use super::row::{Id, get, record, signed};
use super::{Postgres, failure, history};
use crate::storage::cursor::{Cursor, Pull, Verdict, judge};
use crate::storage::pull::Gathering;
use crate::storage::{StorageError, columns};

impl Postgres {
    pub(crate) async fn pull(
        &self,
        user: UserId,
        cursor: Cursor,
        limit: u32,
        now: Timestamp,
    ) -> Result<Pull, StorageError> {
        loop {
            if let Some(answer) = self.answer(user, cursor, limit).await? {
                return Ok(answer);
            }
            // Looked at again under the person's lock: whatever it finds, the next look finds another verdict.
            if let Some(reset) = self.renew_if_ahead(user, cursor, now).await? {
                return Ok(Pull::Reset(reset));
            }
        }
    }

    /// `None`: the cursor is ahead of the server.
    async fn answer(&self, user: UserId, cursor: Cursor, limit: u32) -> Result<Option<Pull>, StorageError> {
        let client = self.client().await?;
        // One statement is one snapshot: between two, a purge could forget a deletion that the cursor has not seen.
        let statement = client
            .prepare_cached(concat!(
                "SELECT coalesce(p.sync_id, i.sync_id), p.revision, p.purged_revision, ",
                columns::record!(),
                " FROM person p CROSS JOIN instance i LEFT JOIN LATERAL
                 (SELECT * FROM record c WHERE c.person_id = p.id AND c.revision > $2 ORDER BY c.revision LIMIT $3) r
                 ON true WHERE p.id = $1 ORDER BY r.revision"
            ))
            .await
            .map_err(failure)?;
        let rows = client
            .query(&statement, &[&Id(user), &signed(cursor.after), &(i64::from(limit) + 1)])
            .await
            .map_err(failure)?;
        drop(client);
        let first = rows.first().ok_or_else(|| StorageError::Refused("a person is gone".to_owned()))?;
        let stand = history::stand(first)?;
        let verdict = judge(cursor, stand);
        if verdict == Verdict::Ahead {
            return Ok(None);
        }
        if let Some(reset) = self.reset(user, stand, verdict).await? {
            return Ok(Some(Pull::Reset(reset)));
        }
        let mut gathering = Gathering::new(stand, limit);
        for row in &rows {
            let known: Option<Id<RecordId>> = get(row, 3, "record's id")?;
            if known.is_none() || !gathering.take(&record(row, 3)?)? {
                break;
            }
        }
        Ok(Some(Pull::Page(gathering.page())))
    }

    pub(crate) async fn record(&self, user: UserId, id: RecordId) -> Result<Option<Record>, StorageError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(concat!(
                "SELECT ",
                columns::record!(),
                " FROM record r WHERE r.person_id = $1 AND r.id = $2"
            ))
            .await
            .map_err(failure)?;
        let found = client.query_opt(&statement, &[&Id(user), &Id(id)]).await.map_err(failure)?;
        found.map(|row| record(&row, 0)?.record()).transpose()
    }
}
