use courrier_wire::Base;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn account(address: &str) -> Body {
    let endpoint = |port: u16| json!({"host": "mail.example.test", "port": port, "security": "tls", "username": "u", "auth": "password"});
    let body = json!({
        "address": address, "name": "", "color": "#112233", "imap": endpoint(993), "smtp": endpoint(465),
        "created_at": "2026-01-01T00:00:00Z",
    });
    match body {
        Value::Object(body) => body,
        _ => unreachable!("an object was written"),
    }
}

fn write(id: RecordId, base: Option<Base>, content: Content) -> Write {
    Write { mutation_id: MutationId::random(), id, kind: Kind::Account, base, origin: None, content }
}

fn run(ledger: &mut Ledger, write: &Write) -> Outcome {
    let step = ledger.decide(&Asked::read(write.clone()), WriteId::random()).expect("decided");
    ledger.note(&step);
    step.outcome
}

fn base_of(outcome: &Outcome) -> Option<Base> {
    match outcome {
        Outcome::Applied(applied) => Some(Base { revision: applied.revision, write_id: applied.write_id }),
        other => panic!("not applied: {other:?}"),
    }
}

#[test]
fn an_address_is_free_again_after_a_change_and_after_a_deletion() {
    let mut ledger = Ledger::default();
    let (one, two) = (RecordId::random(), RecordId::random());
    let made = run(&mut ledger, &write(one, None, Content::Body(account("a@x.test"))));
    let taken = run(&mut ledger, &write(two, None, Content::Body(account("A@X.test"))));
    assert_eq!(taken, Outcome::Refused(RefusedCode::AddressTaken { id: one }));
    let moved = run(&mut ledger, &write(one, base_of(&made), Content::Body(account("b@x.test"))));
    let free = run(&mut ledger, &write(two, None, Content::Body(account("a@x.test"))));
    base_of(&free);
    run(&mut ledger, &write(one, base_of(&moved), Content::Deleted(true)));
    base_of(&run(&mut ledger, &write(two, base_of(&free), Content::Body(account("b@x.test")))));
}

#[test]
fn a_deletion_of_what_never_was_leaves_a_tombstone() {
    let mut ledger = Ledger::default();
    let id = RecordId::random();
    let gone = run(&mut ledger, &write(id, None, Content::Deleted(true)));
    assert_eq!(ledger.rows[&id].body, None);
    // Another device that still has it must learn that it is gone.
    let back = run(&mut ledger, &write(id, None, Content::Body(account("a@x.test"))));
    assert!(matches!(back, Outcome::Conflict { current: Some(record) } if record.deleted));
    base_of(&run(&mut ledger, &write(id, base_of(&gone), Content::Body(account("a@x.test")))));
}

#[test]
fn the_limit_counts_new_records_only() {
    let mut ledger = Ledger::default();
    let id = RecordId::random();
    let made = run(&mut ledger, &write(id, None, Content::Body(account("a@x.test"))));
    ledger.record_count = RECORD_LIMIT;
    let more = run(&mut ledger, &write(RecordId::random(), None, Content::Body(account("b@x.test"))));
    assert_eq!(more, Outcome::Refused(RefusedCode::TooMany));
    base_of(&run(&mut ledger, &write(id, base_of(&made), Content::Body(account("c@x.test")))));
}

#[derive(Debug, Clone)]
struct Random {
    record: usize,
    address: usize,
    delete: bool,
    right_base: bool,
    repeat: Option<usize>,
}

fn random() -> impl Strategy<Value = Random> {
    (0..4_usize, 0..3_usize, any::<bool>(), prop::bool::weighted(0.8), prop::option::weighted(0.2, 0..20_usize))
        .prop_map(|(record, address, delete, right_base, repeat)| Random {
            record,
            address,
            delete,
            right_base,
            repeat,
        })
}

proptest! {
    #[test]
    fn whatever_is_asked_the_ledger_stays_true(schedule in prop::collection::vec(random(), 1..40)) {
        let mut ledger = Ledger::default();
        let ids: Vec<RecordId> = (0..4).map(|_| RecordId::random()).collect();
        let mut sent: Vec<(Write, Outcome)> = Vec::new();
        let mut applied = 0;
        for random in schedule {
            if let Some((again, first)) = random.repeat.and_then(|index| sent.get(index).cloned()) {
                let revision = ledger.revision;
                let second = run(&mut ledger, &again);
                prop_assert_eq!(std::mem::discriminant(&second), std::mem::discriminant(&first));
                if !matches!(first, Outcome::Conflict { .. }) {
                    prop_assert_eq!(second, first);
                }
                prop_assert_eq!(ledger.revision, revision, "a repeated write writes nothing");
                continue;
            }
            let id = ids[random.record];
            let base = match random.right_base {
                true => ledger.rows.get(&id).map(|row| Base { revision: row.revision, write_id: row.write_id }),
                false => Some(Base { revision: 1, write_id: WriteId::random() }),
            };
            let content = match random.delete {
                true => Content::Deleted(true),
                false => Content::Body(account(&format!("person{}@x.test", random.address))),
            };
            let write = write(id, base, content);
            let before = ledger.revision;
            let outcome = run(&mut ledger, &write);
            prop_assert!(ledger.revision - before <= 1);
            applied += ledger.revision - before;
            if !random.right_base {
                let already_gone = random.delete && ledger.rows.get(&id).is_some_and(|row| row.body.is_none());
                let conflict = matches!(outcome, Outcome::Conflict { .. });
                prop_assert!(already_gone || conflict);
            }
            sent.push((write, outcome));
        }
        prop_assert_eq!(ledger.revision, applied);
        prop_assert_eq!(ledger.record_count, ledger.rows.len() as u64);
        // No address twice, and the index of addresses is what the rows say.
        let mut live: HashMap<&String, RecordId> = HashMap::new();
        for row in ledger.rows.values() {
            if let Some(key) = &row.address_key {
                prop_assert!(live.insert(key, row.id).is_none());
                prop_assert_eq!(ledger.holders.get(key), Some(&row.id));
            }
        }
        prop_assert_eq!(live.len(), ledger.holders.len());
    }
}
