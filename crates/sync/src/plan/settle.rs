//! One record by itself: what the server had confirmed, what stands here, what the server has now.

use courrier_store::{Local, RecordFacts};
use courrier_wire::{Body, Content, Record, ResetReason};

use super::{Planned, content};
use crate::merge::{differing, merge, merge_after};

/// What becomes of this record, before addresses are looked at.
pub(super) fn settle(facts: &RecordFacts, reset: Option<ResetReason>) -> Planned {
    let mut planned = Planned::unchanged(facts);
    if facts.in_flight {
        // Its write may have been done: only the answer tells what it stands on.
        return planned;
    }
    let local = local_body(facts);
    planned.target.clone_from(&local);
    match (&facts.incoming, reset) {
        (Some(incoming), _) => take(&mut planned, local, incoming, &facts.sent),
        // Removed here, and not known to a server that went back: another device may still send it again.
        (None, Some(ResetReason::Horizon)) if !facts.seen && local.is_none() && facts.memory.is_some() => {}
        // The server forgot it long ago, deletion and all.
        (None, Some(ResetReason::Horizon)) if !facts.seen && (facts.base.is_some() || facts.memory.is_some()) => {
            let known = facts.base.as_ref().or(facts.memory.as_ref()).and_then(content);
            planned.target = merge(known.as_ref(), local.as_ref(), None).body;
            (planned.base, planned.memory, planned.learned) = (None, None, true);
        }
        (None, _) => {}
    }
    if !planned.understand() {
        // Nothing is sent or shown of it until a program that understands it sees to it.
        return Planned::unchanged(facts);
    }
    planned.held = false;
    planned.reveal = planned.hidden && planned.target.is_some() && planned.target != planned.before;
    planned
}

/// What stands here. A record that is held back stands as the server has it.
fn local_body(facts: &RecordFacts) -> Option<Body> {
    match &facts.local {
        Local::Present { body, .. } => Some(body.clone()),
        Local::Held => facts.base.as_ref().or(facts.memory.as_ref()).and_then(content),
        Local::Absent => None,
    }
}

fn take(planned: &mut Planned, local: Option<Body>, incoming: &Record, sent: &[Content]) {
    let theirs = content(incoming);
    planned.learned = true;
    let base = planned.base.replace(incoming.clone());
    if base.as_ref().is_some_and(|base| base.base() == incoming.base()) {
        return;
    }
    let sent: Vec<Option<&Body>> = sent
        .iter()
        .map(|sent| match sent {
            Content::Body(body) => Some(body),
            Content::Deleted(_) => None,
        })
        .collect();
    if sent.contains(&theirs.as_ref()) {
        // Our own write had arrived before the answer to it was lost.
        planned.memory = None;
        planned.target = local;
        return;
    }
    let sent: Vec<&Body> = sent.into_iter().flatten().collect();
    let Some(memory) = planned.memory.take() else {
        let known = base.as_ref().and_then(content);
        let merged = merge_after(known.as_ref(), &sent, local.as_ref(), theirs.as_ref());
        planned.target = merged.body;
        if let Some(local) = local {
            planned.conflict(local, merged.lost);
        }
        return;
    };
    let known = content(&memory);
    if incoming.age() < memory.age() {
        // The server has what came before: what it had confirmed is sent again, unless it was undone here since. Where
        // it says the same, another device may still send again what came between.
        planned.memory = Some(memory);
    } else if known == theirs {
        // The server did not go back as far as this, or another device has repeated it.
        let merged = merge(known.as_ref(), local.as_ref(), theirs.as_ref());
        planned.target = merged.body;
    } else {
        let merged = merge_after(known.as_ref(), &sent, local.as_ref(), theirs.as_ref());
        if let (Some(local), Some(body)) = (&local, &merged.body) {
            // Somebody changed it who may not have known what the server had lost: what stood here may be news to
            // them, even where nobody has touched it since.
            let members = if incoming.origin.is_none() { differing(local, body) } else { merged.lost };
            planned.conflict(local.clone(), members);
        }
        planned.target = merged.body;
    }
}
