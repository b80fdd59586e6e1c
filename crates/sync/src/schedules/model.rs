//! A server in memory: the rules and nothing else.

use std::collections::HashMap;

use courrier_model::{Address, MutationId, RecordId, SyncId, WriteId};
use courrier_wire::{
    AccountBody, Applied, Body, Content, Kind, Outcome, Page, PreferencesBody, Push, PushAnswer, Record, RefusedCode,
    Reset, ResetReason, Write, WriteAnswer,
};

use super::server::Server;
use crate::Pull;

/// What a backup holds.
#[derive(Debug, Clone)]
struct State {
    sync_id: SyncId,
    /// Histories that this one has replaced.
    replaced: Vec<SyncId>,
    revision: u64,
    /// Deletions up to here may be forgotten.
    purged: u64,
    /// In the order of their first appearance.
    records: Vec<Record>,
    answers: HashMap<MutationId, (Write, Outcome)>,
}

/// See [`Server`].
#[derive(Debug)]
pub struct ModelServer {
    state: State,
    copies: Vec<State>,
    /// Milliseconds; moves on with each new history.
    clock: u64,
}

impl ModelServer {
    /// An empty one.
    pub fn new() -> Self {
        let clock = 1_000_000;
        Self { state: State::new(clock), copies: Vec::new(), clock }
    }

    fn judge(&self, sync_id: Option<SyncId>, after: u64, full: bool) -> Option<Reset> {
        let state = &self.state;
        let reason = match sync_id {
            None if after == 0 => return None,
            None => ResetReason::Foreign,
            Some(id) if state.replaced.contains(&id) => ResetReason::Restored,
            Some(id) if id != state.sync_id => ResetReason::Foreign,
            Some(_) if after > state.revision => ResetReason::Restored,
            Some(_) if !full && after > 0 && after < state.purged => ResetReason::Horizon,
            Some(_) => return None,
        };
        Some(Reset { reason, sync_id: state.sync_id })
    }

    fn begin_history(&mut self) {
        self.clock += 1_000_000;
        let state = &mut self.state;
        state.replaced.push(std::mem::replace(&mut state.sync_id, SyncId::random()));
        state.revision = state.revision.max(self.clock);
    }
}

impl Default for ModelServer {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn new(revision: u64) -> Self {
        Self {
            sync_id: SyncId::random(),
            replaced: Vec::new(),
            revision,
            purged: 0,
            records: Vec::new(),
            answers: HashMap::new(),
        }
    }

    fn decide(&mut self, write: &Write) -> Outcome {
        if let Some((first, outcome)) = self.answers.get(&write.mutation_id) {
            let same = first == write;
            return if same { outcome.clone() } else { Outcome::Refused(RefusedCode::MutationReused) };
        }
        let outcome = self.write(write);
        self.answers.insert(write.mutation_id, (write.clone(), outcome.clone()));
        outcome
    }

    fn write(&mut self, write: &Write) -> Outcome {
        let current = self.records.iter().position(|record| record.id == write.id);
        let known = current.and_then(|index| self.records.get(index));
        if known.is_some_and(|known| known.kind != write.kind) {
            return Outcome::Refused(RefusedCode::WrongKind);
        }
        if known.map(Record::base) != write.base {
            return Outcome::Conflict { current: known.cloned() };
        }
        if let Content::Body(body) = &write.content {
            if !is_valid(write.kind, body) {
                return Outcome::Refused(RefusedCode::InvalidBody);
            }
            if let Some(id) = self.holder(write.id, body) {
                return Outcome::Refused(RefusedCode::AddressTaken { id });
            }
        }
        self.revision += 1;
        let (deleted, body) = match &write.content {
            Content::Body(body) => (false, Some(body.clone())),
            Content::Deleted(_) => (true, None),
        };
        let record = Record {
            id: write.id,
            kind: write.kind,
            revision: self.revision,
            write_id: WriteId::random(),
            deleted,
            body,
            origin: write.origin,
        };
        let applied = Applied { revision: record.revision, write_id: record.write_id };
        match current.and_then(|index| self.records.get_mut(index)) {
            Some(place) => *place = record,
            None => self.records.push(record),
        }
        Outcome::Applied(applied)
    }

    /// Another live account with the address of this body.
    fn holder(&self, id: RecordId, body: &Body) -> Option<RecordId> {
        let wanted = address(body)?;
        let holds = |record: &&Record| {
            record.id != id && record.body.as_ref().and_then(address).is_some_and(|address| address.same_as(&wanted))
        };
        self.records.iter().find(holds).map(|record| record.id)
    }
}

fn address(body: &Body) -> Option<Address> {
    body.get("address")?.as_str()?.parse().ok()
}

fn is_valid(kind: Kind, body: &Body) -> bool {
    match kind {
        Kind::Account => AccountBody::from_body(body.clone()).is_ok(),
        Kind::Preferences => PreferencesBody::from_body(body.clone()).is_ok(),
    }
}

impl Server for ModelServer {
    fn pull(&mut self, pull: &Pull) -> Result<Page, Reset> {
        if let Some(reset) = self.judge(pull.sync_id, pull.after, pull.full) {
            return Err(reset);
        }
        let mut changes: Vec<Record> =
            self.state.records.iter().filter(|record| record.revision > pull.after).cloned().collect();
        changes.sort_by_key(|record| record.revision);
        let more = changes.len() > pull.limit as usize;
        changes.truncate(pull.limit as usize);
        let last = changes.last().filter(|_| more).map(|record| record.revision);
        let State { sync_id, revision, purged, .. } = self.state;
        Ok(Page { sync_id, revision: last.unwrap_or(revision), changes, more, purged })
    }

    fn push(&mut self, push: &Push) -> Result<PushAnswer, Reset> {
        if let Some(reset) = self.judge(push.sync_id, push.cursor, false) {
            return Err(reset);
        }
        let answers = push
            .writes
            .iter()
            .map(|write| WriteAnswer { mutation_id: write.mutation_id, outcome: self.state.decide(write) })
            .collect();
        Ok(PushAnswer { sync_id: self.state.sync_id, revision: self.state.revision, answers })
    }

    fn records(&mut self) -> Vec<Record> {
        self.state.records.clone()
    }

    fn back_up(&mut self) -> usize {
        self.copies.push(self.state.clone());
        self.copies.len() - 1
    }

    fn restore(&mut self, copy: usize) {
        if let Some(state) = self.copies.get(copy) {
            self.state = state.clone();
            self.begin_history();
        }
    }

    fn set_up_anew(&mut self) {
        self.clock += 1_000_000;
        self.state = State::new(self.clock);
    }

    fn purge(&mut self) {
        let state = &mut self.state;
        state.purged = state.revision;
        state.records.retain(|record| !record.deleted);
        state.answers.clear();
    }
}
