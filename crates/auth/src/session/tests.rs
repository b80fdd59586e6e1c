use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use courrier_model::{ExposeSecret, Secret};
use futures_util::future::BoxFuture;
use tokio::sync::OwnedMutexGuard;

use super::*;
use crate::keep::LockGuard;
use crate::testing::{ALICE, CLIENT, TestIssuer};
use crate::{DeviceKey, KeepError, Revocation};

const MINUTE: Duration = Duration::from_secs(60);

/// What all processes of a person share: one place for tokens, one lock.
#[derive(Clone, Default)]
struct Shared {
    kept: Arc<Mutex<Option<KeptTokens>>>,
    fault: Arc<Mutex<Option<KeepError>>>,
    stores: Arc<AtomicUsize>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl TokenKeeper for Shared {
    fn load(&self) -> BoxFuture<'_, Result<Option<KeptTokens>, KeepError>> {
        Box::pin(async { Ok(self.kept.lock().expect("free").clone()) })
    }

    fn store<'a>(&'a self, tokens: &'a KeptTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        Box::pin(async {
            self.stores.fetch_add(1, Ordering::SeqCst);
            if let Some(fault) = self.fault.lock().expect("free").clone() {
                return Err(fault);
            }
            *self.kept.lock().expect("free") = Some(tokens.clone());
            Ok(())
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async {
            *self.kept.lock().expect("free") = None;
            Ok(())
        })
    }
}

impl RefreshLock for Shared {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async {
            let guard: OwnedMutexGuard<()> = Arc::clone(&self.lock).lock_owned().await;
            Ok(Box::new(guard) as LockGuard)
        })
    }
}

impl Shared {
    /// A person whose tokens are kept.
    fn of(issuer: &TestIssuer) -> Self {
        let shared = Self::default();
        shared.keep(issuer, ALICE, "refresh-0");
        shared
    }

    fn keep(&self, issuer: &TestIssuer, subject: &str, refresh_token: &str) {
        *self.kept.lock().expect("free") = Some(KeptTokens {
            issuer: issuer.world.base.clone(),
            subject: subject.into(),
            client_id: CLIENT.into(),
            refresh_token: Secret::from(refresh_token),
            id_token: None,
        });
    }

    fn kept(&self) -> Option<String> {
        self.kept.lock().expect("free").as_ref().map(|kept| kept.refresh_token.expose_secret().to_owned())
    }

    fn session(&self, client: Client) -> Session {
        Session::resume(client, ALICE.into(), Arc::new(self.clone()), Arc::new(self.clone()))
    }
}

fn refreshes(issuer: &TestIssuer) -> usize {
    issuer.world.refreshes.load(Ordering::SeqCst)
}

fn requests(issuer: &TestIssuer) -> usize {
    issuer.world.requests.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_share_one_refresh() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.ensure_fresh(MINUTE).await })
        })
        .collect();
    for caller in callers {
        let token = caller.await.expect("ran").expect("fresh");
        assert_eq!(token.secret().expose_secret(), "access-1");
    }
    assert_eq!(refreshes(&issuer), 1);
    assert_eq!(shared.kept().as_deref(), Some("refresh-1"));
}

#[tokio::test]
async fn a_failure_is_shared_too() {
    let issuer = TestIssuer::start().await;
    *issuer.world.ailing.lock().expect("free") = Some((503, None));
    let session = Shared::of(&issuer).session(issuer.client());
    let answers = futures_util::future::join_all((0..100).map(|_| session.ensure_fresh(MINUTE))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(AuthError::Busy { retry_after: None }))), "{answers:?}");
    assert_eq!(requests(&issuer), 1);
    *issuer.world.ailing.lock().expect("free") = None;
    session.ensure_fresh(MINUTE).await.expect("the next call asks again");
}

#[tokio::test]
async fn processes_take_turns_and_none_uses_an_old_token() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let processes: Vec<_> = (0..8).map(|_| shared.session(issuer.client())).collect();
    for round in 0..3 {
        let answers = futures_util::future::join_all(processes.iter().map(|session| async move {
            let token = session.ensure_fresh(MINUTE).await.expect("fresh");
            session.refused(&token);
        }));
        answers.await;
        assert_eq!(refreshes(&issuer), 8 * (round + 1));
    }
}

#[tokio::test]
async fn what_can_not_be_kept_is_held_with_the_lock_and_kept_later() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    for (fault, tries) in [(KeepError::Locked, 1), (KeepError::Failed("full".into()), 4)] {
        *shared.fault.lock().expect("free") = Some(fault.clone());
        shared.stores.store(0, Ordering::SeqCst);
        let answer = session.ensure_fresh(MINUTE).await;
        assert!(matches!(answer, Err(AuthError::Keep(said)) if said == fault));
        assert_eq!(shared.stores.load(Ordering::SeqCst), tries);
        assert_eq!(shared.kept().as_deref(), Some("refresh-0"));
        assert!(shared.lock.try_lock().is_err(), "another process would use the old refresh token");
    }
    *shared.fault.lock().expect("free") = None;
    let token = session.ensure_fresh(MINUTE).await.expect("kept now");
    assert_eq!(token.secret().expose_secret(), "access-1");
    assert_eq!((refreshes(&issuer), shared.kept().as_deref()), (1, Some("refresh-1")));
    assert!(shared.lock.try_lock().is_ok(), "others may go on");
}

#[tokio::test]
async fn a_refresh_outlives_the_caller_who_gave_up() {
    let issuer = TestIssuer::start().await;
    let world = &issuer.world;
    world.permits.forget_permits(1_000_000);
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    {
        let asking = session.ensure_fresh(MINUTE);
        tokio::select! {
            answer = asking => panic!("nobody has answered yet: {answer:?}"),
            permit = world.asked.acquire() => permit.expect("open").forget(),
        }
    }
    world.permits.add_permits(1);
    session.ensure_fresh(MINUTE).await.expect("the same refresh");
    assert_eq!((refreshes(&issuer), shared.kept().as_deref()), (1, Some("refresh-1")));
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_session_until_another_is_kept() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    shared.keep(&issuer, ALICE, "refresh-old");
    let session = shared.session(issuer.client());
    for _ in 0..3 {
        assert!(matches!(session.ensure_fresh(MINUTE).await, Err(AuthError::SignedOut)));
    }
    assert_eq!(requests(&issuer), 1, "the issuer was asked once");
    // The person signed in again in another process.
    *issuer.world.refresh_token.lock().expect("free") = Some("refresh-new".into());
    shared.keep(&issuer, ALICE, "refresh-new");
    session.ensure_fresh(MINUTE).await.expect("goes on");
}

#[tokio::test]
async fn what_another_process_kept_meanwhile_is_tried_before_giving_up() {
    let issuer = TestIssuer::start().await;
    let world = &issuer.world;
    world.permits.forget_permits(1_000_000);
    let shared = Shared::of(&issuer);
    shared.keep(&issuer, ALICE, "refresh-old");
    let session = shared.session(issuer.client());
    let asking = tokio::spawn({
        let session = session.clone();
        async move { session.ensure_fresh(MINUTE).await }
    });
    world.asked.acquire().await.expect("open").forget();
    shared.keep(&issuer, ALICE, "refresh-new");
    world.permits.add_permits(1);
    world.asked.acquire().await.expect("open").forget();
    *world.refresh_token.lock().expect("free") = Some("refresh-new".into());
    world.permits.add_permits(1);
    asking.await.expect("ran").expect("fresh");
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is() {
    let issuer = TestIssuer::start().await;
    *issuer.world.ailing.lock().expect("free") = Some((429, Some(3000)));
    let session = Shared::of(&issuer).session(issuer.client());
    for _ in 0..3 {
        let answer = session.ensure_fresh(MINUTE).await;
        assert!(matches!(answer, Err(AuthError::Busy { retry_after: Some(wait) }) if wait > Duration::from_secs(2000)));
    }
    assert_eq!(requests(&issuer), 1);
}

#[tokio::test]
async fn two_people_never_mix() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    shared.keep(&issuer, "subject-of-bruno", "refresh-0");
    assert!(matches!(session.ensure_fresh(MINUTE).await, Err(AuthError::OtherPerson)));
    session.sign_out().await.expect("nothing of hers is left");
    assert_eq!((requests(&issuer), shared.kept().as_deref()), (0, Some("refresh-0")), "his are untouched");
}

#[tokio::test]
async fn signing_out_revokes_then_forgets() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    session.ensure_fresh(MINUTE).await.expect("fresh");
    let signed_out = session.sign_out().await.expect("signed out");
    assert_eq!(signed_out.revocation, Revocation::Revoked);
    assert_eq!(*issuer.world.refresh_token.lock().expect("free"), None, "the issuer has forgotten it");
    assert_eq!(shared.kept(), None);
    assert!(matches!(session.ensure_fresh(Duration::ZERO).await, Err(AuthError::SignedOut)));
}

#[tokio::test]
async fn an_issuer_that_can_not_be_asked_leaves_the_session_as_it_was() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let base = issuer.world.base.clone();
    let client = issuer.client();
    drop(issuer);
    let session = shared.session(client);
    assert!(matches!(session.sign_out().await, Err(AuthError::Unreachable(_))), "{base}");
    assert_eq!(shared.kept().as_deref(), Some("refresh-0"));
    assert!(matches!(session.ensure_fresh(MINUTE).await, Err(AuthError::Unreachable(_))), "not signed out");
    session.forget().await.expect("forgotten");
    assert_eq!(shared.kept(), None);
}

#[tokio::test]
async fn signing_out_ends_tokens_that_were_never_kept() {
    let issuer = TestIssuer::start().await;
    let shared = Shared::of(&issuer);
    let session = shared.session(issuer.client());
    *shared.fault.lock().expect("free") = Some(KeepError::Locked);
    session.ensure_fresh(MINUTE).await.expect_err("can't be kept");
    session.sign_out().await.expect("signed out");
    assert_eq!(*issuer.world.refresh_token.lock().expect("free"), None, "the newest token was revoked");
    assert!(shared.lock.try_lock().is_ok());
}

#[tokio::test]
async fn tokens_are_bound_to_the_key_and_a_nonce_is_taken_up() {
    let issuer = TestIssuer::start().await;
    *issuer.world.nonce.lock().expect("free") = Some("n-1".into());
    let key = DeviceKey::generate().expect("generated");
    let session = Shared::of(&issuer).session(issuer.client_with(Some(key)));
    let token = session.ensure_fresh(MINUTE).await.expect("fresh");
    assert!(token.is_bound());
    assert_eq!(token.authorization().expose_secret(), "DPoP access-1");
    assert_eq!(requests(&issuer), 2, "once without the nonce, once with it");
    session.refused(&token);
    session.ensure_fresh(MINUTE).await.expect("fresh");
    assert_eq!(requests(&issuer), 3, "the nonce is remembered");
}
