//! Where the session's tokens and this computer's key are kept: as secrets, journalled like those of accounts.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use courrier_auth::{DeviceKey, KeepError, KeptTokens, LockGuard, RefreshLock, TokenKeeper};
use courrier_model::Secret;
use courrier_secrets::{SecretError, SecretKey};
use courrier_store::{SessionPurpose, SessionSecret, StoreError};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::journal::Step;
use crate::{AppError, Courrier};

/// How long a refresh by another process is waited for; it takes at most as long as its request may.
const PATIENCE: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(20);

/// Keeps tokens for [`courrier_auth::Session`].
///
/// Somebody who has just signed in is not yet somebody whose accounts may be here: until [`Keeper::bind`] their tokens
/// stay in memory, and what was kept before is left alone.
pub(crate) struct Keeper {
    courrier: Weak<Courrier>,
    /// `Some` until bound.
    pending: Mutex<Option<Pending>>,
}

#[derive(Default)]
struct Pending(Option<KeptTokens>);

impl Keeper {
    /// For a session that is kept already.
    pub(crate) fn bound(courrier: &Courrier) -> Arc<Self> {
        Arc::new(Self { courrier: courrier.weak(), pending: Mutex::new(None) })
    }

    /// For somebody who is signing in.
    pub(crate) fn pending(courrier: &Courrier) -> Arc<Self> {
        Arc::new(Self { courrier: courrier.weak(), pending: Mutex::new(Some(Pending::default())) })
    }

    /// Keeps the tokens for good, in place of those before.
    pub(crate) async fn bind(&self) -> Result<(), KeepError> {
        let tokens = self.waiting().and_then(|pending| pending.0);
        if let Some(tokens) = tokens {
            // Whoever refreshes the earlier session writes where these are about to stand.
            let _guard = lock(&self.courrier).await?;
            self.write(&tokens).await?;
        }
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    fn waiting(&self) -> Option<Pending> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.as_ref().map(|pending| Pending(pending.0.clone()))
    }

    /// True if nothing is bound yet: then memory holds this.
    fn hold(&self, tokens: Option<KeptTokens>) -> bool {
        match &mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(pending) => {
                pending.0 = tokens;
                true
            }
            None => false,
        }
    }

    async fn write(&self, tokens: &KeptTokens) -> Result<(), KeepError> {
        let secret = tokens.to_secret();
        blocking(&self.courrier, move |courrier| courrier.keep_session_secret(SessionPurpose::Tokens, &secret)).await
    }
}

impl TokenKeeper for Keeper {
    fn load(&self) -> BoxFuture<'_, Result<Option<KeptTokens>, KeepError>> {
        Box::pin(async {
            if let Some(pending) = self.waiting() {
                return Ok(pending.0);
            }
            let secret = blocking(&self.courrier, |courrier| courrier.session_secret(SessionPurpose::Tokens)).await?;
            match secret {
                Some(secret) => match KeptTokens::from_secret(&secret) {
                    Some(tokens) => Ok(Some(tokens)),
                    None => Err(KeepError::Failed("what is kept is no token".to_owned())),
                },
                None => Ok(None),
            }
        })
    }

    fn store<'a>(&'a self, tokens: &'a KeptTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        Box::pin(async {
            if self.hold(Some(tokens.clone())) {
                return Ok(());
            }
            self.write(tokens).await
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async {
            if self.hold(None) {
                return Ok(());
            }
            blocking(&self.courrier, |courrier| courrier.drop_session_secret(SessionPurpose::Tokens)).await
        })
    }
}

impl RefreshLock for Keeper {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async {
            // Tokens that only this attempt knows are nobody else's to refresh.
            if self.waiting().is_some() {
                return Ok(Box::new(()) as LockGuard);
            }
            lock(&self.courrier).await
        })
    }
}

/// One refresh at a time over all processes of the data folder.
async fn lock(courrier: &Weak<Courrier>) -> Result<LockGuard, KeepError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let held = blocking(courrier, |courrier| Ok(courrier.store().try_refresh_lock()?)).await?;
        if let Some(held) = held {
            return Ok(Box::new(held));
        }
        if Instant::now() >= deadline {
            return Err(KeepError::Busy);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Asks keyring and database, which block, off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    courrier: &Weak<Courrier>,
    work: impl FnOnce(&Courrier) -> Result<T, AppError> + Send + 'static,
) -> Result<T, KeepError> {
    let courrier = courrier.upgrade().ok_or_else(|| KeepError::Failed("the program is ending".to_owned()))?;
    let done = tokio::task::spawn_blocking(move || work(&courrier)).await;
    done.map_err(|_| KeepError::Failed("a task failed".to_owned()))?.map_err(|error| kept(&error))
}

/// Why tokens can't be kept, as `courrier-auth` understands it.
pub(crate) fn kept(error: &AppError) -> KeepError {
    match error {
        AppError::Secrets(SecretError::Locked) | AppError::SecretFile(SecretError::Locked) => KeepError::Locked,
        AppError::Secrets(SecretError::Absent | SecretError::NoCollection)
        | AppError::SecretFile(SecretError::Absent | SecretError::NoCollection) => KeepError::Absent,
        AppError::Store(StoreError::Busy) => KeepError::Busy,
        other => KeepError::Failed(other.to_string()),
    }
}

impl Courrier {
    /// This computer's key, if it has one.
    pub(crate) fn device_key(&self) -> Result<Option<DeviceKey>, AppError> {
        let Some(secret) = self.session_secret(SessionPurpose::DeviceKey)? else { return Ok(None) };
        // One that can't be read is as good as lost: signing in makes another, and signing out needs none.
        let key = DeviceKey::from_secret(&secret);
        Ok(key.inspect_err(|error| tracing::warn!(%error, "this computer's key is unreadable")).ok())
    }

    /// Keeps this computer's key.
    pub(crate) fn keep_device_key(&self, key: &DeviceKey) -> Result<(), AppError> {
        self.keep_session_secret(SessionPurpose::DeviceKey, &key.to_secret()?)
    }

    fn session_secret(&self, purpose: SessionPurpose) -> Result<Option<Secret>, AppError> {
        let mut found = self.store().session_secret(purpose)?;
        while let Some(SessionSecret { id, storage }) = found {
            let key = SecretKey { home: self.store().home_id(), id };
            let secret = self.secrets_in(storage).get(&key).map_err(|error| AppError::of_secrets(storage, error))?;
            if secret.is_some() {
                return Ok(secret);
            }
            // Another process may have replaced it between the two looks.
            let again = self.store().session_secret(purpose)?;
            found = again.filter(|again| again.id != id);
        }
        Ok(None)
    }

    /// In the order that survives a crash at any point (see [`crate::journal`]).
    fn keep_session_secret(&self, purpose: SessionPurpose, secret: &Secret) -> Result<(), AppError> {
        let storage = self.storage_in_use()?;
        let _lock = self.store().secret_lock()?;
        let id = self.store().begin_write(storage, self.now())?;
        self.observe(Step::Announced);
        let key = SecretKey { home: self.store().home_id(), id };
        let written = self.secrets_in(storage).put(&key, secret).map_err(|error| AppError::of_secrets(storage, error));
        let pointed = written.and_then(|()| {
            self.observe(Step::Written);
            Ok(self.store().point_session(purpose, id, self.now())?)
        });
        match pointed {
            Ok(retired) => {
                self.observe(Step::Pointed);
                self.delete_entries(retired.map(|secret| (secret.id, secret.storage)));
                Ok(())
            }
            Err(error) => {
                self.finish_intents();
                Err(error)
            }
        }
    }

    /// Forgets a secret of the session; one that can't be deleted now is deleted later.
    pub(crate) fn drop_session_secret(&self, purpose: SessionPurpose) -> Result<(), AppError> {
        let _lock = self.store().secret_lock()?;
        let retired = self.store().retire_session(purpose, self.now())?;
        self.observe(Step::Pointed);
        self.delete_entries(retired.map(|secret| (secret.id, secret.storage)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use courrier_model::ExposeSecret as _;
    use courrier_secrets::{Fault, MemoryStore, StoreState};

    use super::*;
    use crate::Ports;

    fn tokens(refresh_token: &str) -> KeptTokens {
        KeptTokens {
            issuer: "https://id.example.test".into(),
            subject: "alice".into(),
            client_id: "courrier-desktop".into(),
            refresh_token: Secret::from(refresh_token),
            id_token: None,
        }
    }

    struct Place {
        courrier: Arc<Courrier>,
        keyring: MemoryStore,
        _home: tempfile::TempDir,
    }

    fn place() -> Place {
        let (home, keyring) = (tempfile::tempdir().expect("made"), MemoryStore::new());
        let ports = Ports { secrets: Arc::new(keyring.clone()), ..Ports::system() };
        Place { courrier: Courrier::open(Some(home.path()), ports).expect("opened"), keyring, _home: home }
    }

    async fn kept(keeper: &Keeper) -> Option<String> {
        let kept = keeper.load().await.expect("the keyring is open");
        kept.map(|kept| kept.refresh_token.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn tokens_of_an_attempt_stay_in_memory_until_they_are_bound() {
        let place = place();
        let before = Keeper::bound(&place.courrier);
        before.store(&tokens("before")).await.expect("kept");
        let attempt = Keeper::pending(&place.courrier);
        attempt.store(&tokens("attempt")).await.expect("held");
        assert_eq!(kept(&attempt).await.as_deref(), Some("attempt"));
        assert_eq!(kept(&before).await.as_deref(), Some("before"), "nothing was replaced");
        let _guard = before.acquire().await.expect("free");
        attempt.acquire().await.expect("an attempt waits for nobody");
        drop(_guard);
        attempt.clear().await.expect("forgotten");
        assert_eq!(kept(&before).await.as_deref(), Some("before"));

        attempt.store(&tokens("again")).await.expect("held");
        attempt.bind().await.expect("kept");
        assert_eq!(kept(&before).await.as_deref(), Some("again"));
        attempt.store(&tokens("rotated")).await.expect("kept");
        assert_eq!(kept(&before).await.as_deref(), Some("rotated"));
        assert_eq!(place.keyring.len(), 1, "old tokens are gone");
        attempt.clear().await.expect("forgotten");
        assert!(place.keyring.is_empty() && kept(&before).await.is_none());
    }

    #[tokio::test]
    async fn what_can_not_be_written_leaves_what_was_there() {
        let place = place();
        let keeper = Keeper::bound(&place.courrier);
        keeper.store(&tokens("old")).await.expect("kept");
        for (after, takes_effect) in [(0, false), (0, true), (1, false)] {
            place.keyring.fail(Fault { after, takes_effect, lasting: false });
            keeper.store(&tokens("new")).await.expect_err("the keyring fails");
            assert_eq!(kept(&keeper).await.as_deref(), Some("old"), "after {after}, {takes_effect}");
        }
        place.courrier.recover().expect("nothing is left over");
        assert_eq!(place.keyring.len(), 1);
        place.keyring.set_state(StoreState::Locked);
        assert_eq!(keeper.store(&tokens("new")).await, Err(KeepError::Locked));
        assert_eq!(keeper.load().await.map(drop), Err(KeepError::Locked), "locked is not signed out");
        place.keyring.set_state(StoreState::Ready);
        assert_eq!(kept(&keeper).await.as_deref(), Some("old"));
    }

    #[tokio::test]
    async fn one_refreshes_at_a_time() {
        let place = place();
        let (one, other) = (Keeper::bound(&place.courrier), Keeper::bound(&place.courrier));
        let guard = one.acquire().await.expect("free");
        let mut waiting = Box::pin(other.acquire());
        let soon = Duration::from_millis(100);
        assert!(tokio::time::timeout(soon, &mut waiting).await.is_err(), "it is held");
        drop(guard);
        waiting.await.expect("free again");
    }
}
