//! What the server lacks: whatever differs from what it confirmed.

use std::collections::HashMap;

use courrier_store::{Local, Outgoing, RecordFacts, SyncFacts};
use courrier_wire::{Content, Kind, Record};

use super::{content, key_in, key_of};

/// The writes to send, in an order in which the server can take them: deletions first, and an account that wants an
/// address after the one that gives it up.
pub fn outgoing(facts: &SyncFacts) -> Vec<Outgoing> {
    let (deletions, others): (Vec<_>, Vec<_>) = facts
        .records
        .iter()
        .filter(|record| !record.in_flight && record.incoming.is_none())
        .filter_map(|record| Some((record, difference(record)?)))
        .filter(|(record, write)| record.refused.as_ref().is_none_or(|refused| refused.content != write.content))
        .partition(|(_, write)| matches!(write.content, Content::Deleted(_)));
    let mut writes: Vec<Outgoing> = deletions.into_iter().map(|(_, write)| write).collect();
    writes.extend(in_order(others));
    writes
}

/// What would have to be written to make the server's record what it is here; `None` if it is the same.
pub(crate) fn difference(record: &RecordFacts) -> Option<Outgoing> {
    let there = record.base.as_ref().and_then(content);
    let here = match &record.local {
        Local::Present { body, .. } => Some(body),
        Local::Absent => None,
        Local::Held => return None,
    };
    let unknown = record.base.is_none();
    let wanted = match (here, there) {
        (Some(here), Some(there)) if *here == there => None,
        // Nobody has set a preference.
        (Some(here), None) if record.kind == Kind::Preferences && unknown && here.is_empty() => None,
        (Some(here), _) => Some(Content::Body(here.clone())),
        (None, Some(_)) => Some(Content::Deleted(true)),
        // After a restore: other devices may still have it, and must not bring it back.
        (None, None) if unknown && record.memory.is_some() => Some(Content::Deleted(true)),
        (None, None) => None,
    }?;
    let base = record.base.as_ref().map(Record::base);
    let origin = record.memory.as_ref().filter(|memory| content(memory).as_ref() == here).map(Record::age);
    Some(Outgoing { id: record.id, kind: record.kind, base, origin, content: wanted })
}

/// Each after those that occupy, at the server, the address that it wants. What waits in a circle comes last.
fn in_order(waiting: Vec<(&RecordFacts, Outgoing)>) -> Vec<Outgoing> {
    let mut occupied: HashMap<String, usize> = HashMap::new();
    for (index, (record, _)) in waiting.iter().enumerate() {
        if let Some(key) = key_of(record.base.as_ref()) {
            occupied.insert(key, index);
        }
    }
    let wants: Vec<Option<usize>> = waiting
        .iter()
        .enumerate()
        .map(|(index, (_, write))| {
            let Content::Body(body) = &write.content else { return None };
            occupied.get(&key_in(body)?).copied().filter(|holder| *holder != index)
        })
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    let mut placed = vec![false; waiting.len()];
    for start in 0..waiting.len() {
        // Down to the one that waits for nobody, then back up.
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next {
            match placed.get_mut(at) {
                Some(done) if !*done => *done = true,
                _ => break,
            }
            chain.push(at);
            next = wants.get(at).copied().flatten();
        }
        order.extend(chain.into_iter().rev());
    }
    let mut writes: Vec<Option<Outgoing>> = waiting.into_iter().map(|(_, write)| Some(write)).collect();
    order.into_iter().filter_map(|index| writes.get_mut(index)?.take()).collect()
}
