//! Reading records.

use std::sync::Arc;

use courrier_model::{RecordId, Timestamp, UserId};
use courrier_wire::{Page, Record};
use rusqlite::{Connection, OptionalExtension};

use super::row::{record, signed};
use super::{Sqlite, failure, history};
use crate::storage::cursor::{Cursor, Pull, Stand, Verdict, judge};
use crate::storage::pull::Gathering;
use crate::storage::{StorageError, columns};

impl Sqlite {
    pub(crate) async fn pull(
        self: &Arc<Self>,
        user: UserId,
        cursor: Cursor,
        limit: u32,
        now: Timestamp,
    ) -> Result<Pull, StorageError> {
        loop {
            if let Some(answer) = self.read(move |reader| answer(reader, user, cursor, limit)).await? {
                return Ok(answer);
            }
            // Looked at again under the writer: whatever it finds, the next look finds another verdict.
            let renewed =
                self.writer.write(move |connection| history::renew_if_ahead(connection, user, cursor, now)).await?;
            if let Some(reset) = renewed {
                return Ok(Pull::Reset(reset));
            }
        }
    }

    pub(crate) async fn record(self: &Arc<Self>, user: UserId, id: RecordId) -> Result<Option<Record>, StorageError> {
        self.read_now(|reader| {
            let found = reader
                .prepare_cached(concat!(
                    "SELECT ",
                    columns::record!(),
                    " FROM record r WHERE r.person_id = ?1 AND r.id = ?2"
                ))
                .map_err(failure)?
                .query_row((user.to_string(), id.to_string()), |row| Ok(record(row, 0)))
                .optional()
                .map_err(failure)?;
            found.transpose()?.map(|row| row.record()).transpose()
        })
    }
}

/// `None`: the cursor is ahead of the server.
fn answer(reader: &Connection, user: UserId, cursor: Cursor, limit: u32) -> Result<Option<Pull>, StorageError> {
    // One snapshot: between two, a purge could forget a deletion that the cursor has not seen.
    let snapshot = reader.unchecked_transaction().map_err(failure)?;
    let stand = history::stand(&snapshot, user)?;
    let verdict = judge(cursor, stand);
    if verdict == Verdict::Ahead {
        return Ok(None);
    }
    if let Some(reset) = history::reset(&snapshot, user, stand, verdict)? {
        return Ok(Some(Pull::Reset(reset)));
    }
    page(&snapshot, user, stand, cursor.after, limit).map(Pull::Page).map(Some)
}

fn page(reader: &Connection, user: UserId, stand: Stand, after: u64, limit: u32) -> Result<Page, StorageError> {
    let mut statement = reader
        .prepare_cached(concat!(
            "SELECT ",
            columns::record!(),
            " FROM record r WHERE r.person_id = ?1 AND r.revision > ?2 ORDER BY r.revision LIMIT ?3"
        ))
        .map_err(failure)?;
    let mut rows = statement.query((user.to_string(), signed(after), i64::from(limit) + 1)).map_err(failure)?;
    let mut gathering = Gathering::new(stand, limit);
    while let Some(row) = rows.next().map_err(failure)? {
        if !gathering.take(&record(row, 0)?)? {
            break;
        }
    }
    Ok(gathering.page())
}
