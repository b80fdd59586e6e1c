//! What to do, as pure functions of what this device knows. [`reconcile`] makes one state of the server's changes and
//! ours; [`outgoing`] says what the server lacks then.
//!
//! The work is divided: [`settle`] merges each record by itself, [`place`] sees to it that an address belongs to one
//! account, and what is left here turns the result into steps for the store.

mod aside;
mod place;
mod send;
mod settle;

use courrier_model::{AccountId, RecordId};
use courrier_store::{Local, RecordFacts, SyncChange, SyncFacts, VersionSource};
use courrier_wire::{AccountBody, Body, Kind, Record};

pub(crate) use send::difference;
pub use send::outgoing;

/// Makes one state of what the server has sent and what stands here.
///
/// `fresh` gives ids that no record has: an account needs one where two swapped their addresses.
pub fn reconcile(facts: &SyncFacts, fresh: &mut dyn FnMut() -> RecordId) -> Vec<SyncChange> {
    let mut records: Vec<Planned> = facts.records.iter().map(|record| settle::settle(record, facts.reset)).collect();
    aside::set_aside(&mut records, facts);
    let moves = place::place(&mut records, facts, fresh);
    let mut changes: Vec<SyncChange> = records.iter().flat_map(Planned::memories).collect();
    changes.extend(records.iter().filter_map(Planned::removal));
    changes.extend(records.iter().filter_map(Planned::parting));
    changes.extend(moves);
    changes.extend(records.iter().filter_map(Planned::placing));
    changes.extend(records.iter().filter_map(Planned::knowledge));
    changes
}

/// What becomes of one record.
#[derive(Debug, Clone)]
struct Planned {
    id: RecordId,
    kind: Kind,
    /// What stands here before; `None` also where it is only held back.
    before: Option<Body>,
    /// It was held back until now.
    was_held: bool,
    /// It is being removed here and can still come back.
    hidden: bool,
    /// What the server has.
    base: Option<Record>,
    /// What the server had before it went back.
    memory: Option<Record>,
    /// What stands here afterwards.
    target: Option<Body>,
    /// The same, understood; only for accounts.
    account: Option<AccountBody>,
    /// It can't be shown here.
    held: bool,
    /// It has moved to another id: what stood here stands there.
    moved: bool,
    /// It is for this computer only from now on.
    aside: bool,
    /// A removal that was begun is off: another device has changed the account.
    reveal: bool,
    /// Versions for the history.
    versions: Vec<Version>,
    /// What is known about the server's record has changed.
    learned: bool,
}

#[derive(Debug, Clone)]
struct Version {
    source: VersionSource,
    body: Body,
    members: Vec<String>,
}

impl Planned {
    /// As it is, with nothing to do.
    fn unchanged(facts: &RecordFacts) -> Self {
        let (before, hidden) = match &facts.local {
            Local::Present { body, hidden } => (Some(body.clone()), *hidden),
            Local::Absent | Local::Held => (None, false),
        };
        let was_held = facts.local == Local::Held;
        let mut planned = Self {
            id: facts.id,
            kind: facts.kind,
            target: before.clone(),
            before,
            was_held,
            hidden,
            base: facts.base.clone(),
            memory: facts.memory.clone(),
            account: None,
            held: was_held,
            moved: false,
            aside: false,
            reveal: false,
            versions: Vec::new(),
            learned: false,
        };
        planned.understand();
        planned
    }

    /// Reads the target as an account; false if it is one that only a newer Courrier understands.
    fn understand(&mut self) -> bool {
        self.account = match (&self.target, self.kind) {
            (Some(body), Kind::Account) => AccountBody::from_body(body.clone()).ok(),
            _ => None,
        };
        self.account.is_some() || self.target.is_none() || self.kind != Kind::Account
    }

    /// The address that it occupies afterwards.
    fn key(&self) -> Option<String> {
        self.account.as_ref().map(|account| account.address.key())
    }

    /// What stood here lost in these members.
    fn conflict(&mut self, body: Body, members: Vec<String>) {
        if !members.is_empty() {
            self.versions.push(Version { source: VersionSource::Conflict, body, members });
        }
    }

    fn is_account(&self) -> bool {
        self.kind == Kind::Account
    }

    fn memories(&self) -> Vec<SyncChange> {
        let mut versions = self.versions.clone();
        if let Some(body) = &self.target
            && self.before.as_ref() != Some(body)
            && !self.held
        {
            versions.push(Version { source: VersionSource::Remote, body: body.clone(), members: Vec::new() });
        }
        let record = self.id;
        versions
            .into_iter()
            .map(|Version { source, body, members }| SyncChange::Remember { record, source, body, members })
            .collect()
    }

    fn removal(&self) -> Option<SyncChange> {
        let stands = self.target.is_some() && !self.held;
        (self.is_account() && self.before.is_some() && !stands && !self.moved && !self.aside)
            .then(|| SyncChange::Remove { account: AccountId::from(self.id) })
    }

    fn parting(&self) -> Option<SyncChange> {
        self.aside.then(|| SyncChange::KeepHere { account: AccountId::from(self.id) })
    }

    fn placing(&self) -> Option<SyncChange> {
        let body = self.target.as_ref().filter(|_| !self.held)?;
        if self.before.as_ref() == Some(body) && !self.reveal {
            return None;
        }
        match (self.kind, &self.account) {
            (Kind::Preferences, _) => Some(SyncChange::PutPreferences { body: body.clone() }),
            (Kind::Account, Some(account)) => Some(SyncChange::Put {
                account: AccountId::from(self.id),
                body: Box::new(account.clone()),
                reveal: self.reveal,
            }),
            (Kind::Account, None) => None,
        }
    }

    fn knowledge(&self) -> Option<SyncChange> {
        if !self.learned && self.held == self.was_held {
            return None;
        }
        let record = self.id;
        let gone = self.target.is_none() || self.moved;
        Some(if self.base.is_none() && self.memory.is_none() && gone {
            SyncChange::Forget { record }
        } else {
            let (base, memory) = (self.base.clone(), self.memory.clone());
            SyncChange::Know { record, kind: self.kind, base, memory, held: self.held }
        })
    }
}

/// What a record says, in the one form in which this program would write it; `None` for a tombstone.
fn content(record: &Record) -> Option<Body> {
    let body = record.body.as_ref().filter(|_| !record.deleted)?;
    Some(match record.kind {
        // Another program may spell a host or a colour differently; that alone is no change.
        Kind::Account => AccountBody::from_body(body.clone()).map_or_else(|_| body.clone(), AccountBody::into_body),
        Kind::Preferences => body.clone(),
    })
}

/// The address that a record of the server's occupies there.
fn key_of(record: Option<&Record>) -> Option<String> {
    key_in(record?.body.as_ref().filter(|_| record.is_some_and(|record| !record.deleted))?)
}

/// What makes the address of an account's body the same as another.
fn key_in(body: &Body) -> Option<String> {
    let address: courrier_model::Address = body.get("address")?.as_str()?.parse().ok()?;
    Some(address.key())
}

#[cfg(test)]
mod tests;
