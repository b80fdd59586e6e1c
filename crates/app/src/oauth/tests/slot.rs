//! The slot, whoever dies between receiving and using what stands in it, and whatever the keyring does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use courrier_auth::MailTokens;
use courrier_model::{AccountId, ExposeSecret as _, Secret};
use courrier_secrets::{Fault, StoreState};

use super::add;
use crate::journal::{Observer, Step};
use crate::oauth::testing::{ALICE, FakeIssuer, Place};
use crate::{AppError, Courrier};

/// The most operations on single entries that keeping tokens takes: a read, a write, and reading it back.
const OPERATIONS: u64 = 3;

fn keep(courrier: &Courrier, account: AccountId, tokens: &MailTokens) -> Result<(), AppError> {
    courrier.keep_slot(account, tokens)
}

/// What stands in the slot.
fn kept(courrier: &Courrier, account: AccountId) -> Option<String> {
    let tokens = courrier.slot_tokens(account).expect("the keyring is open");
    // Exposed to compare them with what was stored.
    tokens.map(|tokens| tokens.refresh_token.expose_secret().to_owned())
}

fn tokens(issuer: &FakeIssuer, refresh_token: &str, generation: u64) -> MailTokens {
    let tokens = issuer.consent(3600, None).tokens;
    MailTokens { refresh_token: Secret::from(refresh_token), generation, ..tokens }
}

/// Dies at the step of this number, as far as a thread can.
fn dies_at(number: u32) -> Observer {
    let reached = AtomicU32::new(0);
    Arc::new(move |_: Step| {
        if reached.fetch_add(1, Ordering::SeqCst) + 1 == number {
            std::panic::resume_unwind(Box::new("killed"));
        }
    })
}

#[tokio::test]
async fn who_dies_between_receiving_and_using_loses_no_tokens_that_were_written() {
    let issuer = FakeIssuer::start().await;
    for again in [false, true] {
        for step in 1..=4 {
            let place = Place::new();
            let account = add(&place.open(), ALICE);
            if again {
                keep(&place.open(), account, &tokens(&issuer, "old", 1)).expect("kept");
            }
            let courrier = place.open_with(Arc::new(place.keyring.clone()), Some(dies_at(step)));
            let new = MailTokens { generation: 2, ..tokens(&issuer, "new", 2) };
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| keep(&courrier, account, &new)));
            drop(courrier);
            // The first time is announced, written, pointed; afterwards written and noted.
            let survives = if again { done.is_ok() || step >= 1 } else { step >= 2 };
            let courrier = place.open();
            let expected = match (survives, again) {
                (true, _) => Some("new"),
                (false, true) => Some("old"),
                (false, false) => None,
            };
            let context = format!("again {again}, step {step}");
            assert_eq!(kept(&courrier, account).as_deref(), expected, "{context}");
            assert_eq!(place.keyring.len(), usize::from(expected.is_some()), "{context}");
            assert!(courrier.store().pending_intents().expect("read").is_empty(), "{context}");
            courrier.store().verify().expect("sound");
        }
    }
}

#[tokio::test]
async fn a_keyring_that_fails_at_any_moment_has_the_old_tokens_or_the_new_ones() {
    let issuer = FakeIssuer::start().await;
    for again in [false, true] {
        for (takes_effect, lasting) in [(false, false), (false, true), (true, false), (true, true)] {
            for after in 0..=OPERATIONS {
                let context = format!("again {again}, after {after}, effect {takes_effect}, lasting {lasting}");
                let place = Place::new();
                let courrier = place.open();
                let account = add(&courrier, ALICE);
                if again {
                    keep(&courrier, account, &tokens(&issuer, "old", 1)).expect("kept");
                }
                place.keyring.fail(Fault { after, takes_effect, lasting });
                let done = keep(&courrier, account, &tokens(&issuer, "new", 2));
                place.keyring.heal();
                assert!(done.is_ok() || after < OPERATIONS, "{context}");
                drop(courrier);
                let courrier = place.open();
                let found = kept(&courrier, account);
                match (done.is_ok(), again) {
                    (true, _) => assert_eq!(found.as_deref(), Some("new"), "{context}"),
                    (false, true) => assert!(matches!(found.as_deref(), Some("old" | "new")), "{context}: {found:?}"),
                    // Written although it was said to fail: finished, for the consent can't be had twice.
                    (false, false) => assert!(matches!(found.as_deref(), None | Some("new")), "{context}: {found:?}"),
                }
                assert_eq!(place.keyring.len(), usize::from(found.is_some()), "{context}");
                assert!(courrier.store().pending_intents().expect("read").is_empty(), "{context}");
            }
        }
    }
}

#[tokio::test]
async fn a_database_from_before_the_authorisation_finds_the_tokens_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let account = add(&courrier, ALICE);
    drop(courrier);
    let file = place.home.path().join("courrier.db");
    let backup = std::fs::read(&file).expect("read");
    let courrier = place.open();
    keep(&courrier, account, &tokens(&issuer, "precious", 7)).expect("kept");
    drop(courrier);
    for leftover in ["courrier.db-wal", "courrier.db-shm"] {
        drop(std::fs::remove_file(place.home.path().join(leftover)));
    }
    std::fs::write(&file, backup).expect("restored");

    let courrier = place.open();
    assert_eq!(courrier.account(ALICE).expect("there").health.state, "sign_in_needed", "not known yet");
    assert_eq!(kept(&courrier, account).as_deref(), Some("precious"));
    let view = courrier.account(ALICE).expect("there");
    assert_eq!((view.health.state.as_str(), view.has_secret), ("unchecked", true));
    assert_eq!(courrier.store().tokens(account).expect("read").expect("there").record.generation, 7);
}

#[tokio::test]
async fn a_keyring_that_is_locked_while_tokens_come_is_left_with_one_announcement() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let account = add(&courrier, ALICE);
    place.keyring.set_state(StoreState::Locked);
    for _ in 0..3 {
        keep(&courrier, account, &tokens(&issuer, "new", 1)).expect_err("locked");
    }
    assert_eq!(courrier.store().pending_intents().expect("read").len(), 1);
    place.keyring.set_state(StoreState::Ready);
    keep(&courrier, account, &tokens(&issuer, "new", 1)).expect("kept");
    assert!(courrier.store().pending_intents().expect("read").is_empty());
    assert_eq!((kept(&courrier, account).as_deref(), place.keyring.len()), (Some("new"), 1));
    assert_eq!(courrier.slot_id(account).expect("read").to_string(), account.to_string(), "the account's own");
}

#[tokio::test]
async fn when_disuse_ends_tokens_is_known_however_they_were_found() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let account = add(&courrier, ALICE);
    let google = MailTokens { provider: "google".to_owned(), ..tokens(&issuer, "new", 1) };
    let by = |courrier: &Courrier| courrier.store().tokens(account).expect("read").and_then(|t| t.record.sign_in_by);
    let expected = google.refreshed_at + jiff::SignedDuration::from_hours(180 * 24);
    // Finished by whoever comes after one that died, and found by a database that knows nothing.
    let dying = place.open_with(Arc::new(place.keyring.clone()), Some(dies_at(2)));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| keep(&dying, account, &google)));
    assert!(done.is_err());
    let next = place.open();
    assert_eq!(by(&next).map(|by| by.as_second()), Some(expected.as_second()));
}
