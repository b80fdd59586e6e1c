//! Writes on their way. Each is fixed before it is first sent, so that a repeat after a crash is the same write and
//! gets the same answer.

use courrier_model::{MutationId, RecordId, UserId};
use courrier_wire::{Applied, Base, Content, Kind, Outcome, PushAnswer, Record, RefusedCode, Write};
use rusqlite::{Connection, OptionalExtension};

use crate::row::text;
use crate::sync::facts::{RefusedWrite, SyncFacts, facts};
use crate::sync::{from_json, from_revision, inbox, session, to_json, to_revision};
use crate::{Store, StoreError};

/// Unanswered writes that are kept of one record. A device that has sent so many without hearing of one has edited the
/// record as often, between as many restores of the server.
const UNANSWERED: usize = 16;

/// A write that shall be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The record.
    pub id: RecordId,
    /// What it is.
    pub kind: Kind,
    /// What the server has.
    pub base: Option<Base>,
    /// See [`Write::origin`].
    pub origin: Option<u64>,
    /// What it shall have.
    pub content: Content,
}

impl Store {
    /// Fixes the writes that `decide` wants, in its order; none while earlier ones are unanswered. Answers how many
    /// wait to be sent; `None` if this person is not signed in any more.
    pub fn fix_outbox(
        &self,
        user: UserId,
        decide: impl FnOnce(&SyncFacts) -> Vec<Outgoing>,
    ) -> Result<Option<u32>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            let waiting: u32 = tx.query_row("SELECT count(*) FROM sync_outbox", [], |row| row.get(0))?;
            if waiting > 0 {
                return Ok(Some(waiting));
            }
            let writes = decide(&facts(tx)?);
            for write in &writes {
                fix(tx, write)?;
            }
            Ok(Some(u32::try_from(writes.len()).unwrap_or(u32::MAX)))
        })
    }

    /// The first writes that wait for an answer: at most `count`, and about `bytes` of JSON.
    pub fn outbox(&self, count: u32, bytes: usize) -> Result<Vec<Write>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT content FROM sync_outbox ORDER BY sequence LIMIT ?1")?;
            let mut rows = statement.query([count])?;
            let mut writes = Vec::new();
            let mut size = 0;
            while let Some(row) = rows.next()? {
                let json = text(row, 0)?;
                size += json.len();
                if size > bytes && !writes.is_empty() {
                    break;
                }
                writes.push(from_json("write", json)?);
            }
            Ok(writes)
        })
    }

    /// Takes the server's answers. An answer to a write that is not waiting is ignored: it was given before.
    ///
    /// Where every change above the cursor is one of these writes, the cursor moves with them, and nothing has to be
    /// pulled: the revision rises by one with each write. Answers whether it moved to the server's revision; `None` if
    /// this person is not signed in any more.
    pub fn take_answers(&self, user: UserId, answer: &PushAnswer) -> Result<Option<bool>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            let cursor = to_revision(tx.query_row("SELECT cursor FROM sync_session", [], |row| row.get(0))?)?;
            let mut reached = cursor;
            let (mut any_applied, mut all_applied) = (false, true);
            for answer in &answer.answers {
                let Some(write) = answered(tx, answer.mutation_id)? else { continue };
                if let Outcome::Applied(done) = answer.outcome {
                    reached += u64::from(done.revision == reached + 1);
                }
                let applied = matches!(answer.outcome, Outcome::Applied(_));
                any_applied |= applied;
                all_applied &= applied;
                settle(tx, write, &answer.outcome)?;
            }
            if any_applied {
                inbox::forgive(tx)?;
            }
            let up_to_date = all_applied && reached == answer.revision;
            if up_to_date {
                tx.execute("UPDATE sync_session SET cursor = ?1 WHERE cursor <> ?1", [from_revision(reached)])?;
            }
            Ok(Some(up_to_date))
        })
    }
}

/// What becomes of a write that was answered.
fn settle(tx: &Connection, write: Write, outcome: &Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Applied(done) => confirm(tx, &write, *done),
        Outcome::Conflict { current: Some(current) } => {
            // It may stand on this very write, if the server has forgotten that it answered it before.
            keep_unanswered(tx, &write)?;
            inbox::take(tx, current).map(drop)
        }
        Outcome::Conflict { current: None } => {
            tx.prepare_cached("UPDATE sync_record SET base = NULL, memory = NULL WHERE id = ?1")?
                .execute([write.id.to_string()])?;
            Ok(())
        }
        // It gets another id when it is sent again.
        Outcome::Refused(RefusedCode::MutationReused) => Ok(()),
        Outcome::Refused(code) => {
            let refused = RefusedWrite { code: *code, content: write.content };
            tx.prepare_cached("UPDATE sync_record SET refused = ?2 WHERE id = ?1")?
                .execute((write.id.to_string(), to_json(&refused)?))?;
            Ok(())
        }
    }
}

/// Notes that the server may have this write, though it was never heard to have taken it.
pub(crate) fn keep_unanswered(tx: &Connection, write: &Write) -> Result<(), StoreError> {
    let id = write.id.to_string();
    let kept: Option<Option<String>> = tx
        .prepare_cached("SELECT sent FROM sync_record WHERE id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    let mut kept = kept.flatten().map(|json| unanswered(&json)).transpose()?.unwrap_or_default();
    kept.retain(|content| *content != write.content);
    kept.push(write.content.clone());
    kept.drain(..kept.len().saturating_sub(UNANSWERED));
    tx.prepare_cached("UPDATE sync_record SET sent = ?2 WHERE id = ?1")?.execute((id, to_json(&kept)?))?;
    Ok(())
}

/// Reads what [`keep_unanswered`] wrote; before there were several, it was one.
pub(crate) fn unanswered(json: &str) -> Result<Vec<Content>, StoreError> {
    if json.starts_with('[') { from_json("writes", json) } else { Ok(vec![from_json("write", json)?]) }
}

fn fix(tx: &Connection, outgoing: &Outgoing) -> Result<(), StoreError> {
    let id = outgoing.id.to_string();
    tx.prepare_cached("INSERT INTO sync_record (id, kind) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?
        .execute([&id, outgoing.kind.as_str()])?;
    tx.prepare_cached("UPDATE sync_record SET refused = NULL WHERE id = ?1 AND refused IS NOT NULL")?.execute([&id])?;
    let write = Write {
        mutation_id: MutationId::random(),
        id: outgoing.id,
        kind: outgoing.kind,
        base: outgoing.base,
        origin: outgoing.origin,
        content: outgoing.content.clone(),
    };
    tx.prepare_cached("INSERT INTO sync_outbox (mutation_id, record_id, content) VALUES (?1, ?2, ?3)")?.execute((
        write.mutation_id.to_string(),
        &id,
        to_json(&write)?,
    ))?;
    Ok(())
}

/// Takes the write with this id from the outbox.
fn answered(tx: &Connection, id: MutationId) -> Result<Option<Write>, StoreError> {
    let json: Option<String> = tx
        .prepare_cached("DELETE FROM sync_outbox WHERE mutation_id = ?1 RETURNING content")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    json.map(|json| from_json("write", &json)).transpose()
}

/// What was sent is what the server has.
fn confirm(tx: &Connection, write: &Write, done: Applied) -> Result<(), StoreError> {
    let (deleted, body) = match &write.content {
        Content::Body(body) => (false, Some(body.clone())),
        Content::Deleted(_) => (true, None),
    };
    let base = Record {
        id: write.id,
        kind: write.kind,
        revision: done.revision,
        write_id: done.write_id,
        deleted,
        body,
        origin: write.origin,
    };
    tx.prepare_cached("UPDATE sync_record SET base = ?2, memory = NULL, sent = NULL, is_seen = 1 WHERE id = ?1")?
        .execute((write.id.to_string(), to_json(&base)?))?;
    Ok(())
}
