//! One account to an address.
//!
//! The server allows one live account per address, and so does the store. Two can still meet here: the same mailbox
//! was added on two devices, or an address was given to an account that another device gave to another. The account
//! that the server has under the address stands for both.

use std::collections::{HashMap, HashSet};

use courrier_model::{AccountId, RecordId};
use courrier_store::{SyncChange, SyncFacts};

use super::{Planned, content, key_of};
use crate::merge::{differing, merge};

/// Gives each address to one account; answers the moves that this takes.
pub(super) fn place(
    records: &mut Vec<Planned>,
    facts: &SyncFacts,
    fresh: &mut dyn FnMut() -> RecordId,
) -> Vec<SyncChange> {
    hold_back(records, facts);
    let mut moves = share_out(records);
    moves.extend(untangle(records, fresh));
    moves
}

/// An address that an account for this computer only occupies: what travels under it is held back, so that neither
/// becomes the other.
fn hold_back(records: &mut [Planned], facts: &SyncFacts) {
    let occupied: HashSet<&str> = facts.kept_here.iter().map(|(_, key)| key.as_str()).collect();
    for record in records.iter_mut() {
        if record.key().is_some_and(|key| occupied.contains(key.as_str())) {
            hold(record);
        }
    }
}

/// Takes it from view. What was changed here and not sent goes to the history.
fn hold(record: &mut Planned) {
    record.held = true;
    let there = record.base.as_ref().and_then(content).unwrap_or_default();
    if let Some(body) = record.before.clone() {
        let members = differing(&body, &there);
        record.conflict(body, members);
    }
}

/// Two that travel under one address become one.
fn share_out(records: &mut [Planned]) -> Vec<SyncChange> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut keys = Vec::new();
    for (index, record) in records.iter().enumerate().filter(|(_, record)| !record.held) {
        let Some(key) = record.key() else { continue };
        let holders = by_key.entry(key.clone()).or_default();
        if holders.len() == 1 {
            keys.push(key);
        }
        holders.push(index);
    }
    let mut moves = Vec::new();
    for key in keys {
        let Some(holders) = by_key.get(&key) else { continue };
        let owns =
            |index: &&usize| key_of(records.get(**index).and_then(|one| one.base.as_ref())).as_ref() == Some(&key);
        let Some(winner) = holders.iter().find(owns).or(holders.first()).copied() else { continue };
        for loser in holders.iter().copied().filter(|loser| *loser != winner) {
            moves.extend(join(records, loser, winner));
        }
    }
    moves
}

/// Moves one account into another; nothing if there is nothing here to move.
fn join(records: &mut [Planned], loser: usize, winner: usize) -> Option<SyncChange> {
    let (from, into_id) = (records.get(loser)?.clone(), records.get(winner)?.id);
    let lost = records.get_mut(loser)?;
    lost.learned = true;
    if from.before.is_none() {
        // The server has both, which it must not: shown is the one that was first.
        lost.held = true;
        return None;
    }
    lost.target = None;
    lost.account = None;
    if from.hidden && !from.reveal {
        // It is being removed anyway.
        return None;
    }
    lost.moved = true;
    // Versions made on the way belong to the account that stays.
    let versions = std::mem::take(&mut lost.versions);
    let record = records.get_mut(winner)?;
    let ours = from.target?;
    let merged = merge(None, Some(&ours), record.target.as_ref());
    record.versions.extend(versions);
    record.conflict(ours, merged.lost);
    record.target = merged.body;
    record.understand();
    record.learned = true;
    record.reveal |= record.hidden;
    Some(SyncChange::Move { from: AccountId::from(from.id), into: AccountId::from(into_id) })
}

/// Accounts that swapped their addresses here wait for each other at the server for ever: each wants what the other
/// has. One of every such circle becomes a new account under a new id, and its old record a deletion.
fn untangle(records: &mut Vec<Planned>, fresh: &mut dyn FnMut() -> RecordId) -> Vec<SyncChange> {
    let mut moves = Vec::new();
    while let Some(index) = in_a_circle(records) {
        let Some(record) = records.get_mut(index).filter(|record| record.before.is_some()) else { break };
        let id = fresh();
        let mut renamed = record.clone();
        renamed.id = id;
        (renamed.base, renamed.memory, renamed.learned) = (None, None, false);
        record.versions.clear();
        (record.target, record.account) = (None, None);
        (record.moved, record.learned) = (true, true);
        moves.push(SyncChange::Move { from: AccountId::from(record.id), into: AccountId::from(id) });
        records.push(renamed);
    }
    moves
}

/// The first record that waits, over any number of others, for an address that it occupies itself.
fn in_a_circle(records: &[Planned]) -> Option<usize> {
    let mut occupied: HashMap<String, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        if let Some(key) = key_of(record.base.as_ref()) {
            occupied.insert(key, index);
        }
    }
    // Whom a record waits for: the one that has its address at the server and shall get another.
    let waits_for = |index: usize| -> Option<usize> {
        let record = records.get(index).filter(|record| !record.held)?;
        let holder = *occupied.get(&record.key()?)?;
        (holder != index).then_some(holder)
    };
    (0..records.len()).find(|start| {
        let mut at = *start;
        for _ in 0..records.len() {
            match waits_for(at) {
                Some(next) if next == *start => return true,
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    })
}
