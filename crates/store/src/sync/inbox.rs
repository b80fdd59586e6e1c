//! What the server sends: pages of changes, and that everything has to begin again.

use courrier_model::UserId;
use courrier_wire::{Page, Record, RefusedCode, Reset, ResetReason, Write};
use rusqlite::Connection;

use crate::error::unreadable;
use crate::row::text;
use crate::sync::facts::RefusedWrite;
use crate::sync::{from_json, from_revision, outbox, session, to_json};
use crate::{Store, StoreError};

impl Store {
    /// Keeps a page, and the cursor that it ends at. Nothing else changes before [`Store::reconcile`]: only when all
    /// pages are there can it be told which account has which address. Answers how many records are news; `None` if
    /// this person is not signed in any more.
    pub fn take_page(&self, user: UserId, page: &Page) -> Result<Option<usize>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            let mut news = 0;
            for record in &page.changes {
                news += usize::from(take(tx, record)?);
            }
            if news > 0 {
                forgive(tx)?;
            }
            // Not written where nothing moves: other programs would take it for a change.
            tx.execute(
                "UPDATE sync_session SET sync_id = ?1, cursor = ?2, is_full = is_full AND ?3, purged = ?4
                    WHERE sync_id IS NOT ?1 OR cursor <> ?2 OR is_full > ?3 OR purged <> ?4",
                (page.sync_id.to_string(), from_revision(page.revision), page.more, from_revision(page.purged)),
            )?;
            Ok(Some(news))
        })
    }

    /// Pulling everything was interrupted: it starts over, because what was named on an early page may be deleted, and
    /// the deletion forgotten, before the next page is asked for. Deletions that were named stay known: whatever came back
    /// since will be named again. `None` if this person is not signed in any more.
    pub fn start_over(&self, user: UserId) -> Result<Option<()>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            if tx.execute("UPDATE sync_session SET cursor = 0 WHERE is_full = 1 AND cursor > 0", [])? > 0 {
                tx.execute_batch(
                    "UPDATE sync_record SET is_seen = 0,
                        incoming = CASE WHEN json_extract(incoming, '$.deleted') THEN incoming END",
                )?;
            }
            Ok(Some(()))
        })
    }

    /// Begins again from the first revision. Writes that were on their way are withdrawn: what they said still stands on
    /// this device, and is sent again if the server lacks it. `None` if this person is not signed in any more.
    pub fn begin_again(&self, user: UserId, reset: Reset) -> Result<Option<()>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            withdraw(tx)?;
            tx.execute_batch("UPDATE sync_record SET incoming = NULL, refused = NULL, is_seen = 0")?;
            if reset.reason != ResetReason::Horizon {
                remember(tx)?;
            }
            let pending = session::current(tx)?.and_then(|session| session.reset);
            // What was forgotten by the server while this device was away must not come back by a restore either.
            let reason = if pending == Some(ResetReason::Horizon) { ResetReason::Horizon } else { reset.reason };
            session::begin_again(tx, reset.sync_id, reason).map(Some)
        })
    }
}

/// Keeps a record that the server sent; false if it is what was confirmed before.
pub(crate) fn take(tx: &Connection, record: &Record) -> Result<bool, StoreError> {
    let id = record.id.to_string();
    let base: Option<Option<String>> = {
        let mut statement = tx.prepare_cached("SELECT base FROM sync_record WHERE id = ?1")?;
        let mut rows = statement.query([&id])?;
        rows.next()?.map(|row| row.get(0)).transpose()?
    };
    let base: Option<Record> = base.flatten().map(|json| from_json("record", &json)).transpose()?;
    if base.is_some_and(|base| base.base() == record.base()) {
        tx.prepare_cached("UPDATE sync_record SET incoming = NULL, is_seen = 1 WHERE id = ?1")?.execute([&id])?;
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT INTO sync_record (id, kind, incoming) VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET incoming = excluded.incoming, is_seen = 1",
    )?
    .execute((&id, record.kind.as_str(), to_json(record)?))?;
    Ok(true)
}

/// Empties the outbox. What it held is kept beside the records, to be known again if the server has it after all.
fn withdraw(tx: &Connection) -> Result<(), StoreError> {
    let mut writes: Vec<Write> = Vec::new();
    {
        let mut statement = tx.prepare_cached("SELECT content FROM sync_outbox ORDER BY sequence")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            writes.push(from_json("write", text(row, 0)?)?);
        }
    }
    for write in writes {
        outbox::keep_unanswered(tx, &write)?;
    }
    tx.execute("DELETE FROM sync_outbox", [])?;
    Ok(())
}

/// What the server had confirmed becomes what it is known to have had: the newer of what is remembered already.
fn remember(tx: &Connection) -> Result<(), StoreError> {
    let mut older = Vec::new();
    {
        let mut statement = tx
            .prepare_cached("SELECT id, base, memory FROM sync_record WHERE base IS NOT NULL AND memory IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let base: Record = from_json("record", text(row, 1)?)?;
            let memory: Record = from_json("record", text(row, 2)?)?;
            if base.age() < memory.age() {
                older.push(row.get::<_, String>(0)?);
            }
        }
    }
    for id in older {
        tx.execute("UPDATE sync_record SET base = NULL WHERE id = ?1", [id])?;
    }
    tx.execute_batch("UPDATE sync_record SET memory = base, base = NULL WHERE base IS NOT NULL")?;
    Ok(())
}

/// Something moved at the server: an address that was taken, or room, may be free.
pub(crate) fn forgive(tx: &Connection) -> Result<(), StoreError> {
    let mut forgiven = Vec::new();
    {
        let mut statement = tx.prepare_cached("SELECT id, refused FROM sync_record WHERE refused IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let json = row.get_ref(1)?.as_str().map_err(unreadable("text"))?;
            let refused: RefusedWrite = from_json("refused write", json)?;
            if matches!(refused.code, RefusedCode::AddressTaken { .. } | RefusedCode::TooMany) {
                forgiven.push(row.get::<_, String>(0)?);
            }
        }
    }
    for id in forgiven {
        tx.execute("UPDATE sync_record SET refused = NULL WHERE id = ?1", [id])?;
    }
    Ok(())
}
