use courrier_model::WriteId;
use courrier_store::Outgoing;
use courrier_wire::{Base, Content, ResetReason};
use serde_json::json;

use super::*;

fn body(address: &str, name: &str) -> Body {
    let endpoint =
        |host: &str| json!({"host": host, "port": 993, "security": "tls", "username": "u", "auth": "password"});
    let value = json!({
        "address": address, "name": name, "color": "#3f5bc4", "imap": endpoint("imap.x.test"),
        "smtp": endpoint("smtp.x.test"), "identities": [], "order": 1, "created_at": "2026-11-21T10:00:00Z",
    });
    serde_json::from_value(value).expect("an object")
}

fn id() -> RecordId {
    RecordId::random()
}

fn there(id: RecordId, revision: u64, body: Option<Body>) -> Record {
    let deleted = body.is_none();
    Record { id, kind: Kind::Account, revision, write_id: WriteId::random(), deleted, body, origin: None }
}

/// Known by nobody yet.
fn stranger(id: RecordId) -> RecordFacts {
    RecordFacts {
        id,
        kind: Kind::Account,
        base: None,
        memory: None,
        incoming: None,
        sent: Vec::new(),
        local: Local::Absent,
        refused: None,
        in_flight: false,
        seen: true,
    }
}

fn present(body: Body) -> Local {
    Local::Present { body, hidden: false }
}

/// Confirmed by the server, and perhaps edited here since.
fn confirmed(id: RecordId, revision: u64, confirmed: Body, now: Option<Body>) -> RecordFacts {
    let local = now.map_or(Local::Absent, present);
    RecordFacts { base: Some(there(id, revision, Some(confirmed))), local, ..stranger(id) }
}

fn facts(records: Vec<RecordFacts>) -> SyncFacts {
    SyncFacts { reset: None, purged: 0, records, kept_here: Vec::new() }
}

fn plan(facts: &SyncFacts) -> Vec<SyncChange> {
    reconcile(facts, &mut id)
}

fn names(changes: &[SyncChange]) -> Vec<&'static str> {
    changes
        .iter()
        .map(|change| match change {
            SyncChange::Remember { source: VersionSource::Conflict, .. } => "conflict",
            SyncChange::Remember { .. } => "version",
            SyncChange::Remove { .. } => "remove",
            SyncChange::Move { .. } => "move",
            SyncChange::KeepHere { .. } => "keep here",
            SyncChange::Put { reveal: true, .. } => "reveal",
            SyncChange::Put { .. } => "put",
            SyncChange::PutPreferences { .. } => "preferences",
            SyncChange::Know { held: true, .. } => "hold",
            SyncChange::Know { .. } => "know",
            SyncChange::Forget { .. } => "forget",
        })
        .collect()
}

fn put(changes: &[SyncChange]) -> Vec<(AccountId, String, String)> {
    let of = |change: &SyncChange| match change {
        SyncChange::Put { account, body, .. } => {
            Some((*account, body.address.to_string(), body.name.as_str().to_owned()))
        }
        _ => None,
    };
    changes.iter().filter_map(of).collect()
}

#[test]
fn where_nothing_happened_nothing_is_done() {
    let one = confirmed(id(), 1, body("a@x.test", "A"), Some(body("a@x.test", "A")));
    let facts = facts(vec![one, stranger(id())]);
    assert_eq!(plan(&facts), []);
    assert_eq!(outgoing(&facts), []);
}

#[test]
fn what_comes_is_shown_and_kept_as_a_version() {
    let id = id();
    let new = RecordFacts { incoming: Some(there(id, 1, Some(body("a@x.test", "A")))), ..stranger(id) };
    assert_eq!(names(&plan(&facts(vec![new]))), ["version", "put", "know"]);
    let removed = RecordFacts {
        incoming: Some(there(id, 2, None)),
        ..confirmed(id, 1, body("a@x.test", "A"), Some(body("a@x.test", "A")))
    };
    assert_eq!(names(&plan(&facts(vec![removed]))), ["remove", "know"]);
}

#[test]
fn a_spelling_that_this_program_would_not_write_is_no_edit() {
    let id = id();
    let mut odd = body("a@x.test", "A");
    odd["color"] = json!("#3F5BC4");
    odd.remove("identities");
    let here = confirmed(id, 1, odd, Some(body("a@x.test", "A")));
    assert_eq!(outgoing(&facts(vec![here])), []);
}

#[test]
fn a_removal_that_was_begun_is_off_when_another_device_edits() {
    let id = id();
    let facts = |incoming: Body| {
        let hidden = Local::Present { body: body("a@x.test", "A"), hidden: true };
        let base = confirmed(id, 1, body("a@x.test", "A"), None);
        facts(vec![RecordFacts { local: hidden, incoming: Some(there(id, 2, Some(incoming))), ..base }])
    };
    assert_eq!(names(&plan(&facts(body("a@x.test", "B")))), ["version", "reveal", "know"]);
    assert_eq!(names(&plan(&facts(body("a@x.test", "A")))), ["know"]);
}

#[test]
fn the_same_mailbox_added_twice_becomes_the_one_that_the_server_has() {
    let (ours, theirs) = (id(), id());
    let mine = RecordFacts { local: present(body("A@x.test", "mine")), ..stranger(ours) };
    let incoming =
        RecordFacts { incoming: Some(there(theirs, 3, Some(body("a@x.test", "theirs")))), ..stranger(theirs) };
    let changes = plan(&facts(vec![mine, incoming]));
    assert_eq!(names(&changes), ["conflict", "version", "move", "put", "forget", "know"]);
    assert!(changes.contains(&SyncChange::Move { from: ours.into(), into: theirs.into() }));
    assert_eq!(put(&changes), [(theirs.into(), "a@x.test".to_owned(), "theirs".to_owned())]);
    let SyncChange::Remember { record, body, members, .. } = &changes[0] else { panic!("{changes:?}") };
    assert_eq!(
        (*record, body["name"].as_str(), members.as_slice()),
        (theirs, Some("mine"), &["address".to_owned(), "name".to_owned()][..])
    );
}

#[test]
fn an_account_that_is_moved_and_that_the_server_has_becomes_a_deletion_there() {
    let (ours, theirs) = (id(), id());
    let renamed = confirmed(ours, 1, body("old@x.test", "mine"), Some(body("a@x.test", "mine")));
    let incoming =
        RecordFacts { incoming: Some(there(theirs, 3, Some(body("a@x.test", "theirs")))), ..stranger(theirs) };
    let changes = plan(&facts(vec![renamed.clone(), incoming]));
    assert_eq!(names(&changes), ["conflict", "version", "move", "put", "know", "know"]);
    let sent = outgoing(&facts(vec![RecordFacts { local: Local::Absent, ..renamed }]));
    assert!(matches!(sent[..], [Outgoing { content: Content::Deleted(true), .. }]), "{sent:?}");
}

#[test]
fn an_account_for_this_computer_only_is_left_alone() {
    let theirs = id();
    let incoming =
        RecordFacts { incoming: Some(there(theirs, 3, Some(body("A@x.test", "theirs")))), ..stranger(theirs) };
    let mut facts = facts(vec![incoming]);
    facts.kept_here.push((AccountId::random(), "a@x.test".to_owned()));
    assert_eq!(names(&plan(&facts)), ["hold"]);
    facts.records[0].base = facts.records[0].incoming.take();
    facts.records[0].local = Local::Held;
    assert_eq!(plan(&facts), [], "it stays so");
    assert_eq!(outgoing(&facts), [], "and is not taken for a removal");
    facts.kept_here.clear();
    assert_eq!(names(&plan(&facts)), ["version", "put", "know"], "until the address is free");
}

#[test]
fn accounts_that_swapped_addresses_remotely_swap_here() {
    let (one, two) = (id(), id());
    let swapped = |id, here: &str, there_now: &str| RecordFacts {
        incoming: Some(there(id, 3, Some(body(there_now, "n")))),
        ..confirmed(id, 1, body(here, "n"), Some(body(here, "n")))
    };
    let changes = plan(&facts(vec![swapped(one, "a@x.test", "b@x.test"), swapped(two, "b@x.test", "a@x.test")]));
    assert_eq!(names(&changes), ["version", "version", "put", "put", "know", "know"]);
}

#[test]
fn accounts_that_swapped_addresses_here_do_not_wait_for_each_other() {
    let (one, two) = (id(), id());
    let swapped = |id, there: &str, here: &str| confirmed(id, 1, body(there, "n"), Some(body(here, "n")));
    let changes = plan(&facts(vec![swapped(one, "a@x.test", "b@x.test"), swapped(two, "b@x.test", "a@x.test")]));
    let [SyncChange::Move { from, .. }] =
        changes.iter().filter(|change| matches!(change, SyncChange::Move { .. })).collect::<Vec<_>>()[..]
    else {
        panic!("{changes:?}")
    };
    assert_eq!(*from, AccountId::from(one));
}

#[test]
fn who_wants_an_address_is_sent_after_who_gives_it_up() {
    let (one, two, three, gone) = (id(), id(), id(), id());
    let moved = |id, there: &str, here: &str| confirmed(id, 1, body(there, "n"), Some(body(here, "n")));
    let records = vec![
        moved(one, "a@x.test", "b@x.test"),
        moved(two, "b@x.test", "c@x.test"),
        RecordFacts { local: present(body("d@x.test", "n")), ..stranger(three) },
        confirmed(gone, 1, body("d@x.test", "n"), None),
    ];
    let order: Vec<RecordId> = outgoing(&facts(records)).iter().map(|write| write.id).collect();
    assert_eq!(order, [gone, two, one, three]);
}

#[test]
fn what_was_refused_is_sent_again_only_when_it_has_changed() {
    let id = id();
    let refused = courrier_store::RefusedWrite {
        code: courrier_wire::RefusedCode::TooLarge,
        content: Content::Body(body("a@x.test", "A")),
    };
    let new = RecordFacts { local: present(body("a@x.test", "A")), refused: Some(refused), ..stranger(id) };
    assert_eq!(outgoing(&facts(vec![new.clone()])), []);
    let changed = RecordFacts { local: present(body("a@x.test", "B")), ..new };
    assert_eq!(outgoing(&facts(vec![changed])).len(), 1);
}

#[test]
fn what_only_a_newer_program_understands_waits_and_is_not_overwritten() {
    let id = id();
    let mut newer = body("a@x.test", "A");
    newer["imap"]["auth"] = json!("passkey");
    let here = RecordFacts {
        incoming: Some(there(id, 2, Some(newer))),
        ..confirmed(id, 1, body("a@x.test", "A"), Some(body("a@x.test", "mine")))
    };
    let facts = facts(vec![here]);
    assert_eq!(plan(&facts), []);
    assert_eq!(outgoing(&facts), []);
}

fn remembered(id: RecordId, memory: Record, incoming: Option<Record>, local: Option<Body>) -> RecordFacts {
    RecordFacts { memory: Some(memory), incoming, local: local.map_or(Local::Absent, present), ..stranger(id) }
}

/// The plan's word on the record, applied to the facts.
fn after(record: &RecordFacts) -> RecordFacts {
    let changes = plan(&facts(vec![record.clone()]));
    let mut after = RecordFacts { incoming: None, ..record.clone() };
    for change in changes {
        match change {
            SyncChange::Know { base, memory, .. } => (after.base, after.memory) = (base, memory),
            SyncChange::Put { body, .. } => after.local = present(body.into_body()),
            SyncChange::Remove { .. } => after.local = Local::Absent,
            _ => {}
        }
    }
    after
}

#[test]
fn after_a_restore_the_newer_state_is_repeated_as_what_it_was() {
    let id = id();
    let old = there(id, 5, Some(body("a@x.test", "old")));
    let memory = there(id, 9, Some(body("a@x.test", "new")));
    let record = remembered(id, memory, Some(old.clone()), Some(body("a@x.test", "new")));
    let sent = outgoing(&facts(vec![after(&record)]));
    let wanted = Outgoing {
        id,
        kind: Kind::Account,
        base: Some(Base { revision: 5, write_id: old.write_id }),
        origin: Some(9),
        content: Content::Body(body("a@x.test", "new")),
    };
    assert_eq!(sent, [wanted]);

    let edited = remembered(id, there(id, 9, Some(body("a@x.test", "new"))), None, Some(body("a@x.test", "newest")));
    assert_eq!(outgoing(&facts(vec![edited]))[0].origin, None, "an edit is one");
}

#[test]
fn after_a_restore_a_removal_stands_against_a_repetition_and_gives_way_to_an_edit() {
    let id = id();
    let back = |origin| Record { origin, ..there(id, 1_000_000, Some(body("a@x.test", "A"))) };
    let against = |origin| after(&remembered(id, there(id, 9, None), Some(back(origin)), None));
    let sent = outgoing(&facts(vec![against(Some(5))]));
    assert!(matches!(sent[..], [Outgoing { content: Content::Deleted(true), origin: Some(9), .. }]), "{sent:?}");
    assert!(matches!(against(None).local, Local::Present { .. }), "somebody edited it after the restore");
    let lacking = outgoing(&facts(vec![remembered(id, there(id, 9, None), None, None)]));
    assert!(matches!(lacking[..], [Outgoing { base: None, origin: Some(9), .. }]), "{lacking:?}");
}

#[test]
fn after_a_restore_to_the_same_what_came_between_does_not_come_back() {
    let id = id();
    // Removed at 2, brought back at 4, removed again at 9; the backup is of 3.
    let removed = after(&remembered(id, there(id, 9, None), Some(there(id, 2, None)), None));
    assert_eq!(outgoing(&facts(vec![removed.clone()])), []);
    let between = Record { origin: Some(4), ..there(id, 1_000_000, Some(body("a@x.test", "A"))) };
    let repeated = after(&RecordFacts { incoming: Some(between), ..removed });
    let sent = outgoing(&facts(vec![repeated]));
    assert!(matches!(sent[..], [Outgoing { content: Content::Deleted(true), origin: Some(9), .. }]), "{sent:?}");
}

#[test]
fn after_a_restore_the_servers_newer_state_is_taken() {
    let id = id();
    let newer = Record { origin: Some(12), ..there(id, 1_000_000, Some(body("a@x.test", "newer"))) };
    let memory = there(id, 9, Some(body("a@x.test", "old")));
    let after = after(&remembered(id, memory, Some(newer), Some(body("a@x.test", "old"))));
    assert_eq!(after.local, present(body("a@x.test", "newer")));
    assert_eq!(outgoing(&facts(vec![after])), []);
}

#[test]
fn our_own_write_is_known_again_after_a_restore() {
    let id = id();
    let arrived = there(id, 7, Some(body("a@x.test", "sent")));
    let here = RecordFacts {
        incoming: Some(arrived),
        sent: vec![Content::Body(body("a@x.test", "sent"))],
        local: present(body("a@x.test", "edited since")),
        ..stranger(id)
    };
    assert_eq!(names(&plan(&facts(vec![here]))), ["know"], "no conflict of a person with themself");
}

#[test]
fn what_may_have_been_deleted_since_the_server_went_back_stays_on_this_computer_only() {
    let plan_for = |purged: u64, now: Option<&str>, others: Vec<RecordFacts>| {
        let id = RecordId::random();
        let now = now.map(|name| body("a@x.test", name));
        let unseen =
            RecordFacts { seen: false, ..remembered(id, there(id, 9, Some(body("a@x.test", "A"))), None, now) };
        let mut facts = facts([vec![unseen], others].concat());
        (facts.reset, facts.purged) = (Some(ResetReason::Restored), purged);
        names(&plan(&facts))
    };
    assert_eq!(plan_for(10, Some("A"), vec![]), ["keep here", "forget"]);
    let id = id();
    let held = RecordFacts {
        seen: false,
        local: Local::Held,
        ..remembered(id, there(id, 9, Some(body("b@x.test", "B"))), None, None)
    };
    assert_eq!(plan_for(10, Some("A"), vec![held]), ["keep here", "forget", "forget"]);
    assert_eq!(plan_for(9, Some("A"), vec![]), Vec::<&str>::new(), "it can't have been: it is sent again");
    assert_eq!(plan_for(10, Some("edited"), vec![]), Vec::<&str>::new(), "an edit beats a deletion");
    assert_eq!(plan_for(10, None, vec![]), Vec::<&str>::new(), "removed here: that is told");
    let other = RecordId::random();
    let again = RecordFacts { incoming: Some(there(other, 20, Some(body("A@X.test", "again")))), ..stranger(other) };
    assert!(plan_for(10, Some("A"), vec![again]).contains(&"move"), "somebody has added the address again");
}

#[test]
fn after_a_long_absence_what_was_not_edited_goes() {
    let away = |now: Option<Body>| RecordFacts { seen: false, ..confirmed(id(), 1, body("a@x.test", "A"), now) };
    let plan_for = |record: RecordFacts| {
        let mut facts = facts(vec![record]);
        facts.reset = Some(ResetReason::Horizon);
        names(&plan(&facts)).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(plan_for(away(Some(body("a@x.test", "A")))), ["remove", "forget"]);
    assert_eq!(plan_for(away(Some(body("a@x.test", "B")))), ["know"], "edited: it is made again");
    assert_eq!(plan_for(away(None)), ["forget"]);
    let id = id();
    let gone = RecordFacts { seen: false, ..remembered(id, there(id, 9, Some(body("a@x.test", "A"))), None, None) };
    assert_eq!(plan_for(gone.clone()), Vec::<String>::new());
    let sent = outgoing(&facts(vec![gone]));
    assert!(matches!(sent[..], [Outgoing { content: Content::Deleted(true), .. }]), "its server went back: {sent:?}");
    assert_eq!(plan_for(RecordFacts { seen: true, ..away(Some(body("a@x.test", "A"))) }), Vec::<String>::new());
}
