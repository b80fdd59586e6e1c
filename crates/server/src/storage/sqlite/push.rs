//! Writing records.

use std::collections::hash_map::Entry;

use courrier_model::WriteId;
use courrier_wire::{Push, PushAnswer};
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use super::row::{count, parsed, record, signed};
use super::writer::in_savepoint;
use super::{Sqlite, audit, failure, history};
use crate::storage::cursor::{Cursor, Stand, Verdict, judge};
use crate::storage::error::unreadable;
use crate::storage::ledger::{Asked, Ledger, Step, answered};
use crate::storage::{Actor, Notice, Pushed, StorageError, columns};

impl Sqlite {
    pub(crate) async fn push(&self, actor: &Actor, push: Push) -> Result<Pushed, StorageError> {
        let cursor = Cursor { sync_id: push.sync_id, after: push.cursor, full: false };
        let mut asked: Vec<Asked> = push.writes.into_iter().map(Asked::read).collect();
        let doer = actor.clone();
        let (pushed, before) =
            self.writer.write(move |connection| write(connection, &doer, cursor, &mut asked)).await?;
        if let Pushed::Answer(answer) = &pushed
            && answer.revision > before
        {
            let notice = Notice::Revision { sync_id: answer.sync_id, revision: answer.revision };
            self.hub.tell(actor.user, notice);
        }
        Ok(pushed)
    }
}

/// Answers with the revision that the person had before.
fn write(
    connection: &Connection,
    actor: &Actor,
    cursor: Cursor,
    asked: &mut [Asked],
) -> Result<(Pushed, u64), StorageError> {
    let stand = history::stand(connection, actor.user)?;
    if is_revoked(connection, actor)? {
        return Ok((Pushed::DeviceRevoked, stand.revision));
    }
    let verdict = judge(cursor, stand);
    if verdict == Verdict::Ahead
        && let Some(reset) = history::renew_if_ahead(connection, actor.user, cursor, actor.at)?
    {
        return Ok((Pushed::Reset(reset), stand.revision));
    }
    if let Some(reset) = history::reset(connection, actor.user, stand, verdict)? {
        return Ok((Pushed::Reset(reset), stand.revision));
    }
    let mut ledger = ledger(connection, actor, stand, asked)?;
    let mut answers = Vec::with_capacity(asked.len());
    for asked in asked {
        let step = step(connection, actor, &ledger, asked)?;
        ledger.note(&step);
        answers.push(answered(asked, step.outcome));
    }
    if ledger.revision > stand.revision {
        raise(connection, actor, &ledger, stand)?;
    }
    let answer = PushAnswer { sync_id: stand.sync_id, revision: ledger.revision, answers };
    Ok((Pushed::Answer(answer), stand.revision))
}

/// Decides one write and applies it in a savepoint of its own.
fn step(connection: &Connection, actor: &Actor, ledger: &Ledger, asked: &mut Asked) -> Result<Step, StorageError> {
    let step = ledger.decide(asked, WriteId::random())?;
    if step.change.is_none() && step.answer.is_none() {
        return Ok(step);
    }
    let mut result = Ok(());
    in_savepoint(connection, |connection| {
        result = apply(connection, actor, &step);
        result.is_ok()
    })?;
    match result {
        Ok(()) => Ok(step),
        // The database can't keep this one, whatever the reason: the others must not wait behind it for ever.
        Err(error) if is_about_the_data(&error) => {
            tracing::warn!(user = %actor.user, record = %asked.write.id, "the database refused a record");
            asked.refuse();
            ledger.decide(asked, WriteId::random())
        }
        Err(error) => Err(failure(error)),
    }
}

fn apply(connection: &Connection, actor: &Actor, step: &Step) -> rusqlite::Result<()> {
    let (person, at) = (actor.user.to_string(), actor.at.as_microsecond());
    if let Some((row, line)) = &step.change {
        connection
            .prepare_cached(
                "INSERT INTO record (person_id, id, kind, revision, write_id, body, address_key, origin,
                 written_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (person_id, id) DO UPDATE SET revision = excluded.revision, write_id = excluded.write_id,
                 body = excluded.body, address_key = excluded.address_key, origin = excluded.origin,
                 written_at = excluded.written_at",
            )?
            .execute((
                &person,
                row.id.to_string(),
                row.kind.as_str(),
                signed(row.revision),
                row.write_id.to_string(),
                &row.body,
                &row.address_key,
                row.origin.map(signed),
                at,
            ))?;
        audit::insert(connection, actor, line)?;
    }
    if let Some(answer) = &step.answer {
        let outcome = serde_json::to_string(&answer.outcome)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        connection
            .prepare_cached(
                "INSERT INTO mutation (person_id, id, fingerprint, outcome, answered_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((&person, answer.mutation.to_string(), answer.fingerprint, outcome, at))?;
    }
    Ok(())
}

fn is_about_the_data(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
    )
}

fn raise(connection: &Connection, actor: &Actor, ledger: &Ledger, stand: Stand) -> Result<(), StorageError> {
    let by = ledger.revision - stand.revision;
    let raised: i64 = connection
        .prepare_cached(
            "UPDATE person SET revision = revision + ?2, record_count = ?3 WHERE id = ?1 RETURNING revision",
        )
        .map_err(failure)?
        .query_row((actor.user.to_string(), signed(by), signed(ledger.record_count)), |row| row.get(0))
        .map_err(failure)?;
    match raised == signed(ledger.revision) {
        true => Ok(()),
        false => Err(StorageError::Refused("a person's revision moved under the writer".to_owned())),
    }
}

/// Asked in the transaction itself: a request may have waited behind the one that revoked its device.
pub(super) fn is_revoked(connection: &Connection, actor: &Actor) -> Result<bool, StorageError> {
    let Some(device) = actor.device else { return Ok(false) };
    let revoked = connection
        .prepare_cached("SELECT revoked_at IS NOT NULL FROM device WHERE id = ?1 AND person_id = ?2")
        .map_err(failure)?
        .query_row((device.to_string(), actor.user.to_string()), |row| row.get(0))
        .optional()
        .map_err(failure)?;
    // A device that is gone can do no more than a revoked one.
    Ok(revoked.unwrap_or(true))
}

/// The facts that these writes are decided by.
fn ledger(connection: &Connection, actor: &Actor, stand: Stand, asked: &[Asked]) -> Result<Ledger, StorageError> {
    let person = actor.user.to_string();
    let mut ledger = Ledger { revision: stand.revision, ..Ledger::default() };
    ledger.record_count = connection
        .prepare_cached("SELECT record_count FROM person WHERE id = ?1")
        .map_err(failure)?
        .query_row([&person], |row| Ok(count(row, 0)))
        .map_err(failure)??;
    let mut rows = connection
        .prepare_cached(concat!("SELECT ", columns::record!(), " FROM record r WHERE r.person_id = ?1 AND r.id = ?2"))
        .map_err(failure)?;
    let mut holders = connection
        .prepare_cached("SELECT id FROM record WHERE person_id = ?1 AND address_key = ?2")
        .map_err(failure)?;
    let mut answers = connection
        .prepare_cached("SELECT fingerprint, outcome FROM mutation WHERE person_id = ?1 AND id = ?2")
        .map_err(failure)?;
    for asked in asked {
        let write = &asked.write;
        if let Entry::Vacant(place) = ledger.rows.entry(write.id) {
            let found = rows.query_row((&person, write.id.to_string()), |row| Ok(record(row, 0))).optional();
            if let Some(row) = found.map_err(failure)? {
                place.insert(row?);
            }
        }
        if let Some(key) = asked.address_key() {
            let found = holders.query_row((&person, key), |row| Ok(parsed(row, 0, "record's id"))).optional();
            if let Some(holder) = found.map_err(failure)? {
                ledger.holders.insert(key.to_owned(), holder?);
            }
        }
        let found = answers
            .query_row((&person, write.mutation_id.to_string()), |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
            .optional()
            .map_err(failure)?;
        if let Some((fingerprint, outcome)) = found {
            let outcome = serde_json::from_str(&outcome).map_err(unreadable("answer"))?;
            ledger.answers.insert(write.mutation_id, (fingerprint, outcome));
        }
    }
    Ok(ledger)
}
