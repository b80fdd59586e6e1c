//! Random lengths and random failures over entries of Credential Manager's size.

use courrier_model::{HomeId, SecretId};
use proptest::prelude::*;

use super::*;
use crate::memory::MemoryEntries;
use crate::{Fault, MemoryStore};

const LIMIT: usize = 2560;

fn key() -> SecretKey {
    SecretKey { home: HomeId::random(), id: SecretId::random() }
}

fn text(store: &MemoryStore, key: &SecretKey) -> Option<String> {
    store.get(key).expect("can be read").map(|secret| secret.expose_secret().to_owned())
}

/// Secrets of 0 to 20,000 bytes, with characters of one to four bytes, so that cuts fall inside some.
fn secret() -> impl Strategy<Value = String> {
    let alphabet = prop::sample::select(vec!['a', '\0', 'é', '桜', '🔑']);
    (prop::collection::vec(alphabet, 1..12), 0_usize..20_000).prop_map(|(pattern, length)| {
        let mut text: String = pattern.iter().cycle().take(length).collect();
        while text.len() > 20_000 {
            text.pop();
        }
        text
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    (0_u64..40, any::<bool>(), any::<bool>()).prop_map(|(after, takes_effect, lasting)| Fault {
        after,
        takes_effect,
        lasting,
    })
}

proptest! {
    #[test]
    fn what_is_put_is_what_is_got(values in prop::collection::vec(secret(), 1..4)) {
        let store = MemoryStore::with_limit(LIMIT);
        let key = key();
        for value in &values {
            store.put(&key, &Secret::from(value.as_str())).expect("is written");
            prop_assert_eq!(text(&store, &key), Some(value.clone()));
            let pieces = if value.len() > LIMIT { value.len().div_ceil(LIMIT) } else { 0 };
            prop_assert_eq!(store.len(), pieces + 1, "nothing of older values is left");
        }
        store.delete(&key).expect("is deleted");
        prop_assert!(store.is_empty());
    }

    #[test]
    fn a_failed_put_leaves_the_old_value_or_the_new_one(
        old in prop::option::of(secret()), new in secret(), fault in fault(), last in secret(),
    ) {
        let store = MemoryStore::with_limit(LIMIT);
        let key = key();
        if let Some(old) = &old {
            store.put(&key, &Secret::from(old.as_str())).expect("is written");
        }
        store.fail(fault);
        let done = store.put(&key, &Secret::from(new.as_str()));
        store.heal();
        let now = text(&store, &key);
        if done.is_ok() {
            prop_assert_eq!(now, Some(new));
        } else {
            prop_assert!(now == old || now.as_ref() == Some(&new), "a mix, or a value lost");
        }
        store.put(&key, &Secret::from(last.as_str())).expect("can be written again");
        prop_assert_eq!(text(&store, &key), Some(last));
        store.delete(&key).expect("is deleted");
        prop_assert!(store.is_empty(), "nothing that a crash left behind stays");
    }

    #[test]
    fn a_failed_delete_leaves_the_value_or_none_and_can_be_repeated(value in secret(), fault in fault()) {
        let store = MemoryStore::with_limit(LIMIT);
        let key = key();
        store.put(&key, &Secret::from(value.as_str())).expect("is written");
        store.fail(fault);
        let done = store.delete(&key);
        store.heal();
        let now = text(&store, &key);
        if done.is_ok() {
            prop_assert_eq!(now, None);
        } else {
            prop_assert!(now.is_none() || now == Some(value));
        }
        store.delete(&key).expect("is deleted");
        prop_assert!(store.is_empty());
    }

    #[test]
    fn damage_is_never_taken_for_a_secret_or_for_none(
        length in LIMIT + 1..20_000, at in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(),
        gone in any::<bool>(),
    ) {
        let store = Chunked::new(MemoryEntries::with_limit(LIMIT));
        let key = key();
        let value = "s".repeat(length);
        store.put(&key, &Secret::from(value.as_str())).expect("is written");
        let index = u32::try_from(at.index(length.div_ceil(LIMIT))).expect("few pieces");
        store.entries().tamper(&chunk_name(&key, Slot::A, index), |mut bytes| {
            let place = byte.index(bytes.len());
            bytes[place] ^= 1;
            (!gone).then_some(bytes)
        });
        prop_assert!(matches!(store.get(&key), Err(SecretError::Damaged)));
        store.put(&key, &Secret::from(value.as_str())).expect("can be written again");
        prop_assert_eq!(store.get(&key).expect("is read").map(|s| s.expose_secret().len()), Some(length));
    }
}

#[test]
fn a_secret_that_looks_like_a_head_is_only_a_secret() {
    let store = MemoryStore::with_limit(LIMIT);
    let key = key();
    let pieces = Pieces { slot: Slot::A, count: 1, length: 3, digest: [b'x'; 32] };
    let value = String::from_utf8(pieces.encode().to_vec()).expect("all ASCII");
    store.put(&key, &Secret::from(value.as_str())).expect("is written");
    assert_eq!(text(&store, &key), Some(value));
}

#[test]
fn a_damaged_head_is_damage_and_can_be_replaced() {
    let store = Chunked::new(MemoryEntries::with_limit(LIMIT));
    let key = key();
    store.put(&key, &Secret::from("s".repeat(LIMIT * 3))).expect("is written");
    store.entries().tamper(&head_name(&key), |mut bytes| {
        bytes.truncate(MAGIC.len() + 5);
        Some(bytes)
    });
    assert!(matches!(store.get(&key), Err(SecretError::Damaged)));
    store.put(&key, &Secret::from("short")).expect("can be written again");
    assert_eq!(store.get(&key).expect("is read").expect("is there").expose_secret(), "short");
}

#[test]
fn more_than_the_store_can_hold_is_refused_before_anything_is_written() {
    let store = MemoryStore::with_limit(64);
    let key = key();
    store.put(&key, &Secret::from("old")).expect("is written");
    let long = Secret::from("x".repeat(64 * MOST_PIECES + 1));
    assert!(matches!(store.put(&key, &long), Err(SecretError::TooLong { limit }) if limit == 64 * MOST_PIECES));
    assert_eq!(text(&store, &key).as_deref(), Some("old"));
    assert_eq!(store.len(), 1);
}

/// What is kept of what was written.
type Keeps = fn(&[u8]) -> Option<Vec<u8>>;

/// Entries that say that they took what was written, and keep something else or nothing.
struct Lying {
    truly: MemoryEntries,
    keeps: Keeps,
}

impl Entries for Lying {
    fn state(&self) -> StoreState {
        self.truly.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.truly.unlock()
    }

    fn kind(&self) -> StoreKind {
        self.truly.kind()
    }

    fn limit(&self) -> Option<usize> {
        self.truly.limit()
    }

    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError> {
        (self.keeps)(bytes).map_or(Ok(()), |kept| self.truly.write(name, &kept))
    }

    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError> {
        self.truly.read(name)
    }

    fn remove(&self, name: &EntryName) -> Result<(), SecretError> {
        self.truly.remove(name)
    }
}

#[test]
fn a_write_counts_only_when_it_can_be_read_back() {
    let lies: [Keeps; 3] = [|_| None, |bytes| Some(bytes[..bytes.len() - 1].to_vec()), |_| Some(b"another".to_vec())];
    for keeps in lies {
        for (limited, length) in [(false, 12), (true, 12), (true, LIMIT * 3)] {
            let truly = if limited { MemoryEntries::with_limit(LIMIT) } else { MemoryEntries::default() };
            let store = Chunked::new(Lying { truly, keeps });
            let answer = store.put(&key(), &Secret::from("s".repeat(length)));
            assert!(matches!(answer, Err(SecretError::ReadBackMismatch | SecretError::Damaged)), "{answer:?}");
        }
    }
}

#[test]
fn states_are_different_answers_and_lose_nothing() {
    let store = MemoryStore::new();
    let key = key();
    assert!(matches!(store.get(&key), Ok(None)));
    store.put(&key, &Secret::from("kept")).expect("is written");

    store.set_state(StoreState::Locked);
    assert!(matches!(store.get(&key), Err(SecretError::Locked)));
    assert!(matches!(store.put(&key, &Secret::from("other")), Err(SecretError::Locked)));
    assert!(matches!(store.delete(&key), Err(SecretError::Locked)));

    store.set_state(StoreState::NoCollection);
    assert!(matches!(store.get(&key), Err(SecretError::NoCollection)));
    assert!(matches!(store.put(&key, &Secret::from("other")), Err(SecretError::NoCollection)));

    store.set_state(StoreState::Absent);
    assert!(matches!(store.get(&key), Err(SecretError::Absent)));
    assert!(matches!(store.unlock(), Err(SecretError::Absent)));

    for closed in [StoreState::Locked, StoreState::NoCollection] {
        store.set_state(closed);
        store.unlock().expect("opens");
        assert_eq!(text(&store, &key).as_deref(), Some("kept"));
    }
}

#[test]
fn homes_do_not_see_each_other() {
    let store = MemoryStore::new();
    let (one, id) = (HomeId::random(), SecretId::random());
    let (here, there) = (SecretKey { home: one, id }, SecretKey { home: HomeId::random(), id });
    store.put(&here, &Secret::from("here")).expect("is written");
    assert!(matches!(store.get(&there), Ok(None)));
    store.delete(&there).expect("is deleted");
    assert_eq!(text(&store, &here).as_deref(), Some("here"));
}
