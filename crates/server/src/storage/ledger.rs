//! What becomes of each write of a push: decided in memory from facts that were read under the person's lock, then
//! applied by the database at hand. Both databases decide with this, so they can't differ.

use std::collections::HashMap;

use courrier_model::{MutationId, RecordId, WriteId};
use courrier_wire::{
    AccountBody, Applied, AuditAction, BODY_LIMIT, Body, Content, Kind, Outcome, PreferencesBody, Record, RefusedCode,
    Write, WriteAnswer,
};

use super::audit::Line;
use super::mutation::{Answer, Fingerprint, Remembered, fingerprint};
use super::{RECORD_LIMIT, StorageError};

/// A record's row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: RecordId,
    pub(crate) kind: Kind,
    pub(crate) revision: u64,
    pub(crate) write_id: WriteId,
    /// The body's JSON text; `None` for a tombstone.
    pub(crate) body: Option<String>,
    /// [`courrier_model::Address::key`] of a live account.
    pub(crate) address_key: Option<String>,
    /// As the write gave it: [`Write::origin`].
    pub(crate) origin: Option<u64>,
}

impl Row {
    /// As it travels.
    pub(crate) fn record(&self) -> Result<Record, StorageError> {
        let body: Option<Body> = self
            .body
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(super::error::unreadable("record's body"))?;
        Ok(Record {
            id: self.id,
            kind: self.kind,
            revision: self.revision,
            write_id: self.write_id,
            deleted: body.is_none(),
            body,
            origin: self.origin,
        })
    }
}

/// A write that was read: what it asks for, and what of it the facts are looked up by.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) write: Write,
    pub(crate) fingerprint: Fingerprint,
    /// What it would make of its record, or why it can never be right, whatever the server has.
    wanted: Result<Wanted, RefusedCode>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Live { body: String, address_key: Option<String> },
    Gone,
}

impl Asked {
    pub(crate) fn read(write: Write) -> Self {
        let fingerprint = fingerprint(&write);
        let wanted = wanted(&write);
        Self { write, fingerprint, wanted }
    }

    /// The address that it would take.
    pub(crate) fn address_key(&self) -> Option<&str> {
        match &self.wanted {
            Ok(Wanted::Live { address_key, .. }) => address_key.as_deref(),
            _ => None,
        }
    }

    /// Says that the database could not keep it.
    pub(crate) fn refuse(&mut self) {
        self.wanted = Err(RefusedCode::InvalidBody);
    }
}

fn wanted(write: &Write) -> Result<Wanted, RefusedCode> {
    if (write.kind == Kind::Preferences) != (write.id == RecordId::PREFERENCES) {
        return Err(RefusedCode::WrongKind);
    }
    let body = match &write.content {
        Content::Deleted(true) => return Ok(Wanted::Gone),
        Content::Deleted(false) => return Err(RefusedCode::InvalidBody),
        Content::Body(body) => body,
    };
    let text = serde_json::to_string(body).map_err(|_| RefusedCode::InvalidBody)?;
    if text.len() > BODY_LIMIT {
        return Err(RefusedCode::TooLarge);
    }
    let address_key = match write.kind {
        Kind::Account => {
            let account = AccountBody::from_body(body.clone()).map_err(|_| RefusedCode::InvalidBody)?;
            Some(account.address.key())
        }
        Kind::Preferences => {
            PreferencesBody::from_body(body.clone()).map_err(|_| RefusedCode::InvalidBody)?;
            None
        }
    };
    Ok(Wanted::Live { body: text, address_key })
}

/// The facts: the person's numbers, and whatever of theirs the push touches.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The person's revision.
    pub(crate) revision: u64,
    /// The records they have, tombstones included.
    pub(crate) record_count: u64,
    /// The rows that the push names.
    pub(crate) rows: HashMap<RecordId, Row>,
    /// Which live account has an address, for the addresses that the push names.
    pub(crate) holders: HashMap<String, RecordId>,
    /// The answers that its mutations got before.
    pub(crate) answers: HashMap<MutationId, (Fingerprint, Remembered)>,
}

/// What is to be written for one write, all of it or nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) outcome: Outcome,
    /// The record's new row, with the audit log's line.
    pub(crate) change: Option<(Row, Line)>,
    /// True if the row is a record that was not there.
    pub(crate) added: bool,
    /// The answer to remember, unless it is remembered or follows from the write alone.
    pub(crate) answer: Option<Answer>,
}

impl Ledger {
    /// Decides one write; nothing is noted yet.
    pub(crate) fn decide(&self, asked: &Asked, write_id: WriteId) -> Result<Step, StorageError> {
        let write = &asked.write;
        let only = |outcome| Ok(Step { outcome, change: None, added: false, answer: None });
        if let Some((first, outcome)) = self.answers.get(&write.mutation_id) {
            if *first != asked.fingerprint {
                return only(Outcome::Refused(RefusedCode::MutationReused));
            }
            return only(match *outcome {
                Remembered::Applied(applied) => Outcome::Applied(applied),
                Remembered::Conflict => Outcome::Conflict { current: self.current(write.id)? },
                Remembered::Refused(code) => Outcome::Refused(code),
            });
        }
        let wanted = match &asked.wanted {
            // Follows from the write alone: the same again next time, without remembering.
            Err(code) => return only(Outcome::Refused(*code)),
            Ok(wanted) => wanted,
        };
        let answer = |outcome| Answer { mutation: write.mutation_id, fingerprint: asked.fingerprint, outcome };
        let refused = |code| {
            let answer = Some(answer(Remembered::Refused(code)));
            Ok(Step { outcome: Outcome::Refused(code), change: None, added: false, answer })
        };
        let before = self.rows.get(&write.id);
        if before.is_some_and(|row| row.kind != write.kind) {
            return refused(RefusedCode::WrongKind);
        }
        // What is gone already is gone: whoever deletes it again gets the answer of the first.
        if let (Some(row), Wanted::Gone) = (before, wanted)
            && row.body.is_none()
        {
            let applied = Applied { revision: row.revision, write_id: row.write_id };
            let answer = Some(answer(Remembered::Applied(applied)));
            return Ok(Step { outcome: Outcome::Applied(applied), change: None, added: false, answer });
        }
        if write.base.map(|base| (base.revision, base.write_id)) != before.map(|row| (row.revision, row.write_id)) {
            let outcome = Outcome::Conflict { current: self.current(write.id)? };
            return Ok(Step { outcome, change: None, added: false, answer: Some(answer(Remembered::Conflict)) });
        }
        if before.is_none() && self.record_count >= RECORD_LIMIT {
            return refused(RefusedCode::TooMany);
        }
        let (body, address_key) = match wanted {
            Wanted::Gone => (None, None),
            Wanted::Live { body, address_key } => (Some(body.clone()), address_key.clone()),
        };
        if let Some(id) = address_key.as_ref().and_then(|key| self.holders.get(key))
            && *id != write.id
        {
            return refused(RefusedCode::AddressTaken { id: *id });
        }
        let revision = self.revision + 1;
        let action = match (write.kind, before.is_some_and(|row| row.body.is_some()), body.is_some()) {
            (Kind::Preferences, ..) => AuditAction::PreferencesChanged,
            (Kind::Account, false, true) => AuditAction::AccountAdded,
            (Kind::Account, true, true) => AuditAction::AccountChanged,
            (Kind::Account, _, false) => AuditAction::AccountRemoved,
        };
        let applied = Applied { revision, write_id };
        let row = Row { id: write.id, kind: write.kind, revision, write_id, body, address_key, origin: write.origin };
        Ok(Step {
            outcome: Outcome::Applied(applied),
            change: Some((row, Line::new(action, write.id))),
            added: before.is_none(),
            answer: Some(answer(Remembered::Applied(applied))),
        })
    }

    /// Notes what a step did, for the writes behind it.
    pub(crate) fn note(&mut self, step: &Step) {
        if let Some(answer) = step.answer {
            self.answers.insert(answer.mutation, (answer.fingerprint, answer.outcome));
        }
        let Some((row, _)) = &step.change else { return };
        self.revision = row.revision;
        self.record_count += u64::from(step.added);
        if let Some(key) = self.rows.get(&row.id).and_then(|before| before.address_key.as_ref()) {
            self.holders.remove(key);
        }
        if let Some(key) = &row.address_key {
            self.holders.insert(key.clone(), row.id);
        }
        self.rows.insert(row.id, row.clone());
    }

    fn current(&self, id: RecordId) -> Result<Option<Record>, StorageError> {
        self.rows.get(&id).map(Row::record).transpose()
    }
}

/// The answer to one write.
pub(crate) fn answered(asked: &Asked, outcome: Outcome) -> WriteAnswer {
    WriteAnswer { mutation_id: asked.write.mutation_id, outcome }
}

#[cfg(test)]
mod tests;
