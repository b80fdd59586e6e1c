//! The three-way merge: a pure function of what the server had confirmed, what stands here, and what the server has
//! now.
//!
//! A record's body is merged member by member of its top level. An endpoint is one member, so host, port, security,
//! user name and authentication never come from two sides. Members that this program does not know are merged like
//! all others. An absent member is a value of its own: removing one is a change.

use std::collections::BTreeSet;

use courrier_wire::Body;
use serde_json::Value;

/// Members that nobody types: a difference takes the server's value without a word.
const QUIET: [&str; 2] = ["created_at", "order"];

/// What a merge makes of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// What it says now; `None`: it is gone.
    pub body: Option<Body>,
    /// The members of the local side that gave way to a different change: the person gets to see them.
    pub lost: Vec<String>,
}

impl Merged {
    fn whole(body: Option<&Body>) -> Self {
        Self { body: body.cloned(), lost: Vec::new() }
    }
}

/// Merges a record; `None` on a side means that it is not, or no longer, there.
///
/// Changed on one side: that side's. Changed on both sides differently: the remote value stands and the local one is
/// named in `lost`. An edit beats a deletion, whichever side each is on.
pub fn merge(base: Option<&Body>, local: Option<&Body>, remote: Option<&Body>) -> Merged {
    merge_after(base, &[], local, remote)
}

/// The same for a device that sent writes, oldest first, and never heard of them: what the server has of them is no
/// change by anybody else. Where nothing had been confirmed before, the last write itself is what everything later
/// stands on.
pub fn merge_after(base: Option<&Body>, sent: &[&Body], local: Option<&Body>, remote: Option<&Body>) -> Merged {
    let base = base.or(sent.last().copied().filter(|_| remote.is_some()));
    match (local, remote) {
        (Some(local), Some(remote)) => merge_bodies(base, sent, local, remote),
        (Some(one), None) | (None, Some(one)) => {
            let edited = base != Some(one);
            Merged::whole(edited.then_some(one))
        }
        (None, None) => Merged::whole(None),
    }
}

fn merge_bodies(base: Option<&Body>, sent: &[&Body], local: &Body, remote: &Body) -> Merged {
    let mut body = Body::new();
    let mut lost = Vec::new();
    let names: BTreeSet<&String> = local.keys().chain(remote.keys()).collect();
    for name in names {
        let before = base.and_then(|base| base.get(name));
        let (ours, theirs) = (local.get(name), remote.get(name));
        let is_our_own = sent.iter().any(|sent| sent.get(name) == theirs);
        let value = if ours == theirs || theirs == before || is_our_own {
            ours
        } else {
            if ours != before && !QUIET.contains(&name.as_str()) {
                lost.push(name.clone());
            }
            theirs
        };
        if let Some(value) = value {
            body.insert(name.clone(), value.clone());
        }
    }
    Merged { body: Some(body), lost }
}

/// The members in which the local side does not survive, whatever came before: for when what came before is not known.
pub fn differing(local: &Body, result: &Body) -> Vec<String> {
    let differs = |(name, value): (&String, &Value)| {
        (result.get(name) != Some(value) && !QUIET.contains(&name.as_str())).then(|| name.clone())
    };
    local.iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Body {
        serde_json::from_value(value).expect("an object")
    }

    #[test]
    fn each_side_keeps_what_only_it_changed() {
        let base = body(json!({"name": "A", "imap": {"host": "old", "port": 993}, "signature": 1}));
        let local = body(json!({"name": "Alice", "imap": {"host": "old", "port": 993}, "signature": 1}));
        let remote = body(json!({"name": "A", "imap": {"host": "new", "port": 143}, "signature": 2, "new": true}));
        let merged = merge(Some(&base), Some(&local), Some(&remote));
        let wanted = body(json!({"name": "Alice", "imap": {"host": "new", "port": 143}, "signature": 2, "new": true}));
        assert_eq!(merged, Merged { body: Some(wanted), lost: vec![] });
    }

    #[test]
    fn an_endpoint_never_comes_from_two_sides() {
        let base = body(json!({"imap": {"host": "a", "port": 1}}));
        let local = body(json!({"imap": {"host": "a", "port": 2}}));
        let remote = body(json!({"imap": {"host": "b", "port": 1}}));
        let merged = merge(Some(&base), Some(&local), Some(&remote));
        assert_eq!(merged, Merged { body: Some(remote), lost: vec!["imap".to_owned()] });
    }

    #[test]
    fn what_was_sent_and_not_answered_is_nobody_elses_change() {
        let sent = body(json!({"name": "sent", "imap": 1, "smtp": 1}));
        let local = body(json!({"name": "edited since", "imap": 1, "smtp": 1}));
        let remote = body(json!({"name": "sent", "imap": 1, "smtp": 2}));
        let wanted = Merged { body: Some(body(json!({"name": "edited since", "imap": 1, "smtp": 2}))), lost: vec![] };
        assert_eq!(merge_after(None, &[&sent], Some(&local), Some(&remote)), wanted, "an account that is new");
        let base = body(json!({"name": "before", "imap": 1, "smtp": 1}));
        assert_eq!(merge_after(Some(&base), &[&sent], Some(&local), Some(&remote)), wanted);
        let unheard = body(json!({"name": "before", "imap": 1, "smtp": 2}));
        assert_eq!(merge_after(Some(&base), &[&sent], Some(&local), Some(&unheard)), wanted, "it did not arrive");
        let earlier = body(json!({"name": "sent earlier", "imap": 1, "smtp": 1}));
        let twice = merge_after(None, &[&earlier, &sent], Some(&local), Some(&earlier));
        assert_eq!(twice, Merged { body: Some(local.clone()), lost: vec![] }, "the first of two arrived");
        let other = body(json!({"name": "another's", "imap": 1, "smtp": 2}));
        let merged = merge_after(Some(&base), &[&sent], Some(&local), Some(&other));
        assert_eq!(merged, Merged { body: Some(other), lost: vec!["name".to_owned()] });
    }

    #[test]
    fn a_removed_member_stays_removed_unless_it_was_changed() {
        let base = body(json!({"language": "fr", "theme": "dark"}));
        let local = body(json!({"theme": "dark"}));
        assert_eq!(merge(Some(&base), Some(&local), Some(&base)).body, Some(local.clone()));
        let remote = body(json!({"language": "en", "theme": "dark"}));
        assert_eq!(
            merge(Some(&base), Some(&local), Some(&remote)),
            Merged { body: Some(remote), lost: vec!["language".to_owned()] }
        );
    }

    #[test]
    fn an_edit_beats_a_deletion_on_either_side() {
        let base = body(json!({"name": "A"}));
        let edit = body(json!({"name": "B"}));
        assert_eq!(merge(Some(&base), Some(&edit), None).body, Some(edit.clone()));
        assert_eq!(merge(Some(&base), None, Some(&edit)).body, Some(edit));
        assert_eq!(merge(Some(&base), Some(&base), None).body, None);
        assert_eq!(merge(Some(&base), None, Some(&base)).body, None);
    }

    fn bodies() -> impl Strategy<Value = Body> {
        let value = prop_oneof![Just(json!(1)), Just(json!(2)), Just(json!({"host": "a"})), Just(json!({"host": "b"}))];
        proptest::collection::btree_map("[abcd]", value, 0..5).prop_map(|members| members.into_iter().collect())
    }

    fn side() -> impl Strategy<Value = Option<Body>> {
        proptest::option::weighted(0.8, bodies())
    }

    proptest! {
        /// Merging the result again, on top of what the server has, changes nothing.
        #[test]
        fn is_idempotent(base in side(), local in side(), remote in side()) {
            let once = merge(base.as_ref(), local.as_ref(), remote.as_ref());
            let again = merge(remote.as_ref(), once.body.as_ref(), remote.as_ref());
            prop_assert_eq!(&again.body, &once.body);
            prop_assert!(again.lost.is_empty());
            let repeated = merge(base.as_ref(), once.body.as_ref(), remote.as_ref());
            prop_assert_eq!(&repeated.body, &once.body);
        }

        /// Whatever either side changed is in the result, or is named.
        #[test]
        fn loses_nothing_that_was_changed(base in side(), local in side(), remote in side()) {
            let merged = merge(base.as_ref(), local.as_ref(), remote.as_ref());
            let before = |name: &String| base.as_ref().and_then(|base| base.get(name));
            let now = |name: &String| merged.body.as_ref().and_then(|body| body.get(name));
            for (name, value) in local.iter().flatten() {
                let kept = now(name) == Some(value) || merged.lost.contains(name);
                prop_assert!(kept || before(name) == Some(value), "here: {}", name);
            }
            for (name, value) in remote.iter().flatten() {
                prop_assert!(now(name) == Some(value) || before(name) == Some(value), "there: {}", name);
            }
        }

        /// Who is local and who is remote matters in conflicts only.
        #[test]
        fn commutes_where_there_is_no_conflict(base in side(), a in side(), b in side()) {
            let one = merge(base.as_ref(), a.as_ref(), b.as_ref());
            let other = merge(base.as_ref(), b.as_ref(), a.as_ref());
            if one.lost.is_empty() && other.lost.is_empty() {
                prop_assert_eq!(one.body, other.body);
            } else {
                let (one, other) = (one.body.unwrap_or_default(), other.body.unwrap_or_default());
                for name in one.keys().chain(other.keys()).filter(|name| one.get(*name) != other.get(*name)) {
                    let value = |side: &Option<Body>| side.as_ref().and_then(|body| body.get(name).cloned());
                    prop_assert!(value(&a) != value(&base) && value(&b) != value(&base), "{}", name);
                }
            }
        }

        /// A side that changed nothing gives way entirely.
        #[test]
        fn an_unchanged_side_gives_way(base in bodies(), other in side()) {
            prop_assert_eq!(&merge(Some(&base), Some(&base), other.as_ref()), &Merged { body: other.clone(), lost: vec![] });
            prop_assert_eq!(&merge(Some(&base), other.as_ref(), Some(&base)).body, &other);
        }
    }
}
