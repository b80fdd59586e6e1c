//! A mail provider on this computer, a keyring that can fail, and processes that share it.

mod authorize;
mod clocks;
mod custody;
mod discovery;
mod ending;

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use courrier_model::{ExposeSecret, Host, MailHosts, Rotation, Secret};
use futures_util::future::BoxFuture;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::*;
use crate::testing::{CLIENT, TestIssuer, http_off_by, now};
use crate::{AuthError, KeepError, LockGuard, Redirect, RefreshLock};

const MINUTE: Duration = Duration::from_secs(60);
const IMAP: &str = "imap.example.test";

fn host(name: &str) -> Host {
    name.parse().expect("a host")
}

fn provider(issuer: &TestIssuer) -> MailProvider {
    let url = |path: &str| format!("{}{path}", issuer.world.base).parse().expect("valid");
    MailProvider {
        id: "test".into(),
        authorization: url("/authorize"),
        token: url("/token"),
        device: Some(url("/device")),
        revocation: Some(url("/revoke")),
        issuer: Some(issuer.world.base.clone()),
        names_itself: true,
        metadata: Some(url("/.well-known/openid-configuration")),
        scopes: vec!["imap".into(), "smtp".into(), "offline_access".into()],
        identity_scopes: vec!["openid".into(), "email".into()],
        parameters: vec![("access_type".into(), "offline".into())],
        reconsent: vec![("prompt".into(), "consent".into())],
        redirect: Redirect::default(),
        client_id: CLIENT.into(),
        client_secret: None,
        registered: false,
        mail_hosts: MailHosts::new([host(IMAP)]),
        rotation: Rotation::Unknown,
        idle: Some(Duration::from_secs(90 * 86_400)),
        admin_consent: None,
    }
}

/// What all processes of one account share: its place in the keyring, one lock, and a clock.
#[derive(Clone, Default)]
struct Place {
    kept: Arc<Mutex<Option<MailTokens>>>,
    /// What storing, and what proving, fails with.
    fault: Arc<Mutex<Option<KeepError>>>,
    not_writable: Arc<Mutex<Option<KeepError>>>,
    /// What loading fails with.
    locked: Arc<Mutex<Option<KeepError>>>,
    stores: Arc<AtomicUsize>,
    proofs: Arc<AtomicUsize>,
    cleared: Arc<AtomicUsize>,
    notes: Arc<Mutex<Vec<TokenFacts>>>,
    wait: Arc<Mutex<Option<courrier_model::Timestamp>>>,
    /// The clients that are known for tokens of other providers.
    clients: Arc<Mutex<Vec<MailClient>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
    clock_off_by: Arc<AtomicI64>,
}

fn failing(fault: &Mutex<Option<KeepError>>) -> Result<(), KeepError> {
    fault.lock().expect("free").clone().map_or(Ok(()), Err)
}

impl MailTokenKeeper for Place {
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>> {
        Box::pin(async {
            failing(&self.locked)?;
            Ok(self.kept.lock().expect("free").clone())
        })
    }

    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        Box::pin(async {
            self.stores.fetch_add(1, Ordering::SeqCst);
            failing(&self.fault)?;
            // As the keyring has it: one text.
            *self.kept.lock().expect("free") = MailTokens::from_secret(&tokens.to_secret());
            Ok(())
        })
    }

    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        self.proofs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { failing(&self.not_writable) })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async {
            failing(&self.locked)?;
            *self.kept.lock().expect("free") = None;
            self.cleared.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    }

    fn noted(&self, facts: &TokenFacts) {
        self.notes.lock().expect("free").push(facts.clone());
    }

    fn client_of<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Option<MailClient>> {
        let clients = self.clients.lock().expect("free");
        let found = clients.iter().find(|client| client.provider().id == tokens.provider).cloned();
        Box::pin(std::future::ready(found))
    }

    fn asked_to_wait(&self, until: courrier_model::Timestamp) {
        *self.wait.lock().expect("free") = Some(until);
    }

    fn waits_until(&self) -> Option<courrier_model::Timestamp> {
        *self.wait.lock().expect("free")
    }
}

impl RefreshLock for Place {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async {
            let guard: OwnedMutexGuard<()> = Arc::clone(&self.lock).lock_owned().await;
            Ok(Box::new(guard) as LockGuard)
        })
    }
}

impl Place {
    /// An account whose access token ended an hour ago.
    fn of(issuer: &TestIssuer) -> Self {
        let place = Self::default();
        place.keep(issuer, "refresh-0", |_| {});
        place
    }

    fn keep(&self, issuer: &TestIssuer, refresh_token: &str, change: impl FnOnce(&mut MailTokens)) {
        let provider = provider(issuer);
        let an_hour_ago = courrier_model::Timestamp::from_second(now().as_second() - 3600).expect("in range");
        let mut tokens = MailTokens {
            provider: provider.id,
            client_id: provider.client_id,
            client_secret: None,
            token_endpoint: provider.token,
            refresh_token: Secret::from(refresh_token),
            access_token: Some(Secret::from("access-old")),
            expires_at: Some(an_hour_ago),
            scopes: provider.scopes,
            consented_as: None,
            mail_hosts: provider.mail_hosts,
            obtained_at: an_hour_ago,
            refreshed_at: an_hour_ago,
            generation: 7,
        };
        change(&mut tokens);
        *self.kept.lock().expect("free") = Some(tokens);
    }

    fn kept(&self) -> Option<(String, u64)> {
        let kept = self.kept.lock().expect("free");
        kept.as_ref().map(|kept| (kept.refresh_token.expose_secret().to_owned(), kept.generation))
    }

    /// One more process.
    fn process(&self, provider: MailProvider) -> Custodian {
        let http = http_off_by(Arc::clone(&self.clock_off_by));
        let client = MailClient::new(http, provider).expect("private");
        Custodian::new(client, Arc::new(self.clone()), Arc::new(self.clone()))
    }

    fn last_note(&self) -> Option<(u64, TokenState)> {
        self.notes.lock().expect("free").last().map(|facts| (facts.generation, facts.state))
    }

    fn fail(&self, fault: Option<KeepError>) {
        *self.fault.lock().expect("free") = fault;
    }
}

fn requests(issuer: &TestIssuer) -> usize {
    issuer.world.requests.load(Ordering::SeqCst)
}

/// Every answer of the token endpoint from now on.
fn ail(issuer: &TestIssuer, status: u16, retry_after: Option<u64>, body: &str) {
    *issuer.world.ailment.lock().expect("free") = body.into();
    *issuer.world.ailing.lock().expect("free") = Some((status, retry_after));
}

fn heal(issuer: &TestIssuer) {
    *issuer.world.ailing.lock().expect("free") = None;
}

async fn text(custodian: &Custodian) -> Result<String, AuthError> {
    custodian.ensure_fresh(MINUTE).await.map(|token| token.secret().expose_secret().to_owned())
}

/// Waits for something that happens by itself, or fails.
async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + MINUTE;
    while !happened() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
