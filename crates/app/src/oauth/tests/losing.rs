//! Tokens that are gone, or that are others than the database says.

use courrier_model::SecretId;
use courrier_secrets::{SecretKey, SecretStore as _};

use super::renewing::health;
use super::*;

/// The entry that the account's tokens are in.
fn key(courrier: &Courrier) -> SecretKey {
    let account = courrier.find(ALICE).expect("there").id;
    let slot: SecretId = courrier.slot_id(account).expect("read");
    SecretKey { home: courrier.store().home_id(), id: slot }
}

#[tokio::test]
async fn tokens_that_are_gone_or_unreadable_are_shown_to_be_and_found_again() {
    for garbage in [None, Some("a password")] {
        let (issuer, place) = (FakeIssuer::start().await, Place::new());
        let courrier = place.open();
        authorized(&courrier, &issuer, 3600).await;
        let key = key(&courrier);
        let held = place.keyring.get(&key).expect("open").expect("there");
        match garbage {
            Some(garbage) => place.keyring.put(&key, &garbage.into()).expect("written"),
            None => place.keyring.delete(&key).expect("deleted"),
        }
        // A keyring that is closed says nothing.
        place.keyring.set_state(StoreState::Locked);
        assert_eq!(token(&place.open()).await, Err("keyring.locked"));
        assert_eq!(health(&courrier), "unchecked");
        place.keyring.set_state(StoreState::Ready);
        let other = place.open();
        assert_eq!(token(&other).await, Err("secret.missing"));
        let view = courrier.account(ALICE).expect("there");
        let state = view.oauth.expect("known").state;
        assert_eq!((view.health.state.as_str(), state.as_str()), ("sign_in_needed", "sign_in_needed"), "{garbage:?}");

        // The keyring that was away is back.
        place.keyring.put(&key, &held).expect("written");
        for process in [&other, &place.open()] {
            assert_eq!(process.custodian(&process.find(ALICE).expect("there")).map(drop).map_err(|e| e.code()), Ok(()));
            let mail = process.custodian(&process.find(ALICE).expect("there")).expect("there");
            mail.custodian.ensure_fresh(MINUTE).await.expect("found");
        }
        assert_eq!(health(&courrier), "unchecked");
    }
}

#[tokio::test]
async fn an_account_that_has_no_tokens_here_is_told_unless_that_is_on_purpose() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    add(&courrier, "bob@example.test");
    let id = authorized(&courrier, &issuer, 3600).await.id;
    courrier.forget_access(&id).await.expect("forgotten");
    place.keyring.set_state(StoreState::Locked);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let told = Arc::clone(&told);
        move |notice| told.lock().expect("whole").push(notice)
    };
    let renewing = tokio::spawn(Arc::clone(&courrier).keep_tokens_fresh(tell));
    for _ in 0..5 {
        courrier.oauth().changed.notify_waiters();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(told.lock().expect("whole").is_empty(), "a closed keyring may well have them");
    place.keyring.set_state(StoreState::Ready);
    until(|| {
        courrier.oauth().changed.notify_waiters();
        !told.lock().expect("whole").is_empty()
    })
    .await;
    renewing.abort();
    let told = told.lock().expect("whole");
    let [TokenNotice::SignInNeeded(accounts)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(accounts.iter().map(|account| account.address.as_str()).collect::<Vec<_>>(), ["bob@example.test"]);
}

#[tokio::test]
async fn what_is_known_of_tokens_that_are_gone_is_forgotten_when_the_person_asks() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let id = authorized(&courrier, &issuer, 3600).await.id;
    place.keyring.delete(&key(&courrier)).expect("deleted");
    let view = courrier.forget_access(&id).await.expect("forgotten");
    assert_eq!(view.oauth.expect("shown").state, "missing");
    assert!(courrier.store().tokens(id.parse().expect("an id")).expect("read").is_none());
}

#[tokio::test]
async fn a_database_from_before_a_change_of_provider_goes_on_with_the_tokens_that_are_there() {
    let (before, issuer, place) = (FakeIssuer::start().await, FakeIssuer::start().await, Place::new());
    for revoked in [false, true] {
        let courrier = place.open();
        let id = authorized(&courrier, &before, 3600).await.id;
        drop(courrier);
        let file = place.home.path().join("courrier.db");
        let backup = std::fs::read(&file).expect("read");
        let courrier = place.open();
        authorized(&courrier, &issuer, 10).await;
        drop(courrier);
        for leftover in ["courrier.db-wal", "courrier.db-shm"] {
            drop(std::fs::remove_file(place.home.path().join(leftover)));
        }
        std::fs::write(&file, backup).expect("restored");

        let courrier = place.open();
        let provider = || courrier.account(ALICE).expect("there").oauth.expect("known").provider;
        assert_eq!(provider(), before.url);
        if revoked {
            let view = courrier.forget_access(&id).await.expect("forgotten");
            assert_eq!((view.oauth.expect("shown").state.as_str(), place.keyring.len()), ("missing", 0));
        } else {
            // The issuer itself was forgotten: the tokens say enough.
            let token = courrier.custodian(&courrier.find(ALICE).expect("there")).expect("there");
            token.custodian.ensure_fresh(MINUTE).await.expect("fresh");
            assert_eq!((issuer.refreshes(), before.refreshes()), (1, 0));
            assert_eq!(provider(), issuer.url);
            assert!(super::token(&place.open()).await.is_ok(), "as a mail program asks");
            assert_eq!(issuer.refreshes(), 1);
        }
    }
}
