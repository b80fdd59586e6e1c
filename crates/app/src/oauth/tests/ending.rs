//! Accounts that go, and access that is given back.

use courrier_model::Secret;
use courrier_secrets::{SecretError, SecretKey, SecretStore, StoreKind};

use super::*;
use crate::MemoryStore;

/// A keyring at whose reading something else happens.
struct Meddled {
    keyring: MemoryStore,
    happens: Box<dyn Fn() + Send + Sync>,
}

impl SecretStore for Meddled {
    fn state(&self) -> StoreState {
        self.keyring.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.keyring.unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        self.keyring.put(key, secret)
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        (self.happens)();
        self.keyring.get(key)
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        self.keyring.delete(key)
    }

    fn kind(&self) -> StoreKind {
        self.keyring.kind()
    }
}

#[tokio::test]
async fn access_is_not_revoked_of_an_account_that_stays_after_all() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let other = place.open();
    let account = authorized(&other, &issuer, 3600).await.id.parse().expect("an id");
    let due = other.now() - jiff::SignedDuration::from_secs(60);
    other.store().begin_removal(account, due).expect("hidden");
    // Undone in the moment before; further looks find nothing to undo.
    let happens = Box::new(move || drop(other.store().undo_removal(account)));
    let courrier = place.open_with(Arc::new(Meddled { keyring: place.keyring.clone(), happens }), None);
    courrier.finish_due_removals().expect("looked");
    assert_eq!(courrier.accounts().expect("listed").len(), 1);
    courrier.revoke_leaving().await;
    assert_eq!(issuer.revoked(), 0);
    // Once it is really gone: whoever starts next sees to that.
    place.open().store().begin_removal(account, due).expect("hidden");
    let last = place.open();
    last.finish_due_removals().expect("done");
    assert!(last.accounts().expect("listed").is_empty());
    last.revoke_leaving().await;
    assert_eq!(issuer.revoked(), 1);
}

#[tokio::test]
async fn accounts_of_people_whom_nobody_named_do_not_share_a_consent() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let bob = "bob@example.test";
    for (consented, address) in [(None, ALICE), (None, bob)] {
        let given = issuer.consent(3600, consented);
        consent_for(&courrier, &issuer, given, AuthorizeOptions::default(), &draft(address)).await.expect("authorised");
    }
    let id = courrier.account(ALICE).expect("there").id;
    courrier.revoke_access(&id).await.expect("revoked");
    assert_eq!(issuer.revoked(), 1);

    // Both by the word of one person: what that person gave stays while somebody lives by it.
    let as_delegate = AuthorizeOptions { as_delegate: true, ..AuthorizeOptions::default() };
    for address in [ALICE, bob] {
        let given = issuer.consent(3600, Some("carol@example.test"));
        consent_for(&courrier, &issuer, given, as_delegate.clone(), &draft(address)).await.expect("authorised");
    }
    courrier.revoke_access(&id).await.expect("forgotten here");
    assert_eq!(issuer.revoked(), 1);
}
