//! What is remembered of a write, so that sending it again is harmless.

use aws_lc_rs::digest::{Context, SHA256};
use courrier_model::MutationId;
use courrier_wire::{Applied, Content, RefusedCode, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fingerprint of what a mutation asked for: its id can't be used for anything else.
pub(crate) type Fingerprint = [u8; 32];

/// A mutation's first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Remembered {
    /// Done.
    Applied(Applied),
    /// Not done. Which record stood against it is looked up again, so that the answer is not older than it has to
    /// be and nobody's settings are kept twice.
    Conflict,
    /// Not done.
    Refused(RefusedCode),
}

/// A row of the table of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) mutation: MutationId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) outcome: Remembered,
}

/// SHA-256 over what the write asks for. Members are taken in the order of their names and each part carries its
/// length, so that two writes share a fingerprint only if they ask for the same.
pub(crate) fn fingerprint(write: &Write) -> Fingerprint {
    let mut context = Context::new(&SHA256);
    part(&mut context, write.id.to_string().as_bytes());
    part(&mut context, write.kind.as_str().as_bytes());
    match write.base {
        None => part(&mut context, b"no base"),
        Some(base) => {
            part(&mut context, base.revision.to_string().as_bytes());
            part(&mut context, base.write_id.to_string().as_bytes());
        }
    }
    part(&mut context, write.origin.map_or_else(String::new, |origin| origin.to_string()).as_bytes());
    match &write.content {
        Content::Deleted(_) => part(&mut context, b"deleted"),
        Content::Body(body) => {
            part(&mut context, b"body");
            members(&mut context, body);
        }
    }
    let mut fingerprint = Fingerprint::default();
    // A SHA-256 digest has exactly this length.
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

fn members(context: &mut Context, object: &serde_json::Map<String, Value>) {
    // Whether the map keeps the order of arrival depends on a feature that any crate can switch on.
    let mut names: Vec<&String> = object.keys().collect();
    names.sort_unstable();
    part(context, names.len().to_string().as_bytes());
    for name in names {
        part(context, name.as_bytes());
        value(context, &object[name]);
    }
}

fn value(context: &mut Context, given: &Value) {
    match given {
        Value::Object(object) => {
            part(context, b"object");
            members(context, object);
        }
        Value::Array(items) => {
            part(context, b"array");
            part(context, items.len().to_string().as_bytes());
            items.iter().for_each(|item| value(context, item));
        }
        Value::String(text) => {
            part(context, b"string");
            part(context, text.as_bytes());
        }
        // Numbers, booleans and null are told apart by how they are written.
        plain => part(context, plain.to_string().as_bytes()),
    }
}

fn part(context: &mut Context, bytes: &[u8]) {
    // A slice is never longer than a u64 can say.
    context.update(&(bytes.len() as u64).to_be_bytes());
    context.update(bytes);
}

#[cfg(test)]
mod tests {
    use courrier_model::{RecordId, WriteId};
    use courrier_wire::{Base, Kind};
    use serde_json::json;

    use super::*;

    fn write(id: RecordId, base: Option<Base>, body: &Value) -> Write {
        let content = match body {
            Value::Object(body) => Content::Body(body.clone()),
            _ => Content::Deleted(true),
        };
        Write { mutation_id: MutationId::random(), id, kind: Kind::Account, base, origin: None, content }
    }

    #[test]
    fn only_what_is_asked_for_counts() {
        let id = RecordId::random();
        let body = json!({"a": 1, "b": {"c": [true, null]}});
        let same = json!({"b": {"c": [true, null]}, "a": 1});
        assert_eq!(fingerprint(&write(id, None, &body)), fingerprint(&write(id, None, &same)));
    }

    #[test]
    fn whatever_differs_shows() {
        let (id, base) = (RecordId::random(), Base { revision: 1, write_id: WriteId::random() });
        let all = [
            write(id, None, &json!({})),
            write(id, None, &Value::Null),
            write(id, Some(base), &json!({})),
            write(id, Some(Base { revision: 2, ..base }), &json!({})),
            write(RecordId::random(), None, &json!({})),
            Write { origin: Some(1), ..write(id, None, &json!({})) },
            write(id, None, &json!({"a": []})),
            write(id, None, &json!({"a": {}})),
            write(id, None, &json!({"a": [[]]})),
            write(id, None, &json!({"a": "1"})),
            write(id, None, &json!({"a": 1})),
            write(id, None, &json!({"a": "null"})),
            write(id, None, &json!({"a": null})),
            write(id, None, &json!({"a": "x", "b": "y"})),
            write(id, None, &json!({"a": "xb", "": "y"})),
        ];
        let mut seen = std::collections::HashSet::new();
        for write in &all {
            assert!(seen.insert(fingerprint(write)), "{write:?}");
        }
    }

    #[test]
    fn answers_read_back() {
        for outcome in [
            Remembered::Applied(Applied { revision: 7, write_id: WriteId::random() }),
            Remembered::Conflict,
            Remembered::Refused(RefusedCode::AddressTaken { id: RecordId::random() }),
            Remembered::Refused(RefusedCode::TooMany),
        ] {
            let text = serde_json::to_string(&outcome).expect("written");
            assert_eq!(serde_json::from_str::<Remembered>(&text).expect("read"), outcome, "{text}");
        }
    }
}
