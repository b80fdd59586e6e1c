//! Which history a person's revisions belong to, and which ones it took the place of.

use courrier_model::{SyncId, Timestamp, UserId};
use courrier_wire::{Reset, ResetReason};
use rusqlite::{Connection, OptionalExtension};

use super::failure;
use super::row::{count, parsed};
use crate::storage::StorageError;
use crate::storage::cursor::{Cursor, Stand, Verdict, first_revision, judge};

/// Where the person's data stands.
pub(super) fn stand(connection: &Connection, user: UserId) -> Result<Stand, StorageError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT coalesce(p.sync_id, i.sync_id), p.revision, p.purged_revision FROM person p CROSS JOIN instance i
             WHERE p.id = ?1",
        )
        .map_err(failure)?;
    let stand = |row: &rusqlite::Row<'_>| {
        Ok(Stand {
            sync_id: parsed(row, 0, "history's id")?,
            revision: count(row, 1)?,
            purged_revision: count(row, 2)?,
        })
    };
    statement.query_row([user.to_string()], |row| Ok(stand(row))).map_err(failure)?
}

/// What a cursor with this verdict is answered; `None`: it can be continued, or only a change can tell.
pub(super) fn reset(
    connection: &Connection,
    user: UserId,
    stand: Stand,
    verdict: Verdict,
) -> Result<Option<Reset>, StorageError> {
    let reason = match verdict {
        Verdict::Continue | Verdict::Ahead => return Ok(None),
        Verdict::Unplaced => ResetReason::Foreign,
        Verdict::BeforeHorizon => ResetReason::Horizon,
        Verdict::OtherHistory(other) => {
            let known = connection
                .prepare_cached(
                    "SELECT 1 FROM replaced_history WHERE sync_id = ?1 AND (person_id IS NULL OR person_id = ?2)",
                )
                .map_err(failure)?
                .query_row((other.to_string(), user.to_string()), |_| Ok(()))
                .optional()
                .map_err(failure)?;
            if known.is_some() { ResetReason::Restored } else { ResetReason::Foreign }
        }
    };
    Ok(Some(Reset { reason, sync_id: stand.sync_id }))
}

/// Gives the person a new history if the cursor is ahead of them; `None` if it is not, or no longer.
pub(super) fn renew_if_ahead(
    connection: &Connection,
    user: UserId,
    cursor: Cursor,
    now: Timestamp,
) -> Result<Option<Reset>, StorageError> {
    let stand = stand(connection, user)?;
    if judge(cursor, stand) != Verdict::Ahead {
        return Ok(None);
    }
    let sync_id = SyncId::random();
    let (id, new) = (user.to_string(), sync_id.to_string());
    connection
        .execute(
            "INSERT INTO replaced_history (sync_id, person_id, replaced_at) VALUES (?1, ?2, ?3)",
            (stand.sync_id.to_string(), &id, now.as_microsecond()),
        )
        .map_err(failure)?;
    connection
        .execute(
            "UPDATE person SET sync_id = ?2, revision = max(revision, ?3) WHERE id = ?1",
            (&id, new, first_revision(now)),
        )
        .map_err(failure)?;
    Ok(Some(Reset { reason: ResetReason::Restored, sync_id }))
}
