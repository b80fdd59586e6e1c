//! A mail account's tokens by `courrier-auth` alone, at a simulated provider: no window, no keyring, no database.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use courrier_auth::{
    AuthError, AuthorizeOptions, CancellationToken, Clock, Consent, Custodian, Http, KeepError, LockGuard, MailClient,
    MailClientId, MailProvider, MailTokenKeeper, MailTokens, RefreshLock, TokenFacts,
};
use courrier_model::{ExposeSecret, OAuthPreset, Secret};
use courrier_tests::simulators::{
    GOOGLE_CLIENT, GOOGLE_SECRET, GoogleSimulator, MICROSOFT_CLIENT, MicrosoftSimulator, Simulator,
};
use futures_util::future::BoxFuture;

use crate::desktop::{LONG, now, options};

/// Whose mail it is.
pub(crate) const ALICE: &str = "alice@example.test";
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// What every process of one person shares: a place for tokens and a lock.
#[derive(Clone, Default)]
pub(crate) struct Place {
    kept: Arc<Mutex<Option<MailTokens>>>,
    noted: Arc<Mutex<Vec<TokenFacts>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl Place {
    /// The custodian of these tokens in one process.
    pub(crate) fn custodian(&self, provider: &MailProvider) -> Custodian {
        Custodian::new(client(provider), Arc::new(self.clone()), Arc::new(self.clone()))
    }

    /// The same after a consent.
    pub(crate) async fn authorised(&self, provider: &MailProvider, consent: Consent) -> Custodian {
        let custodian = self.custodian(provider);
        custodian.replace(consent.tokens).await.expect("memory keeps everything");
        custodian
    }

    /// The tokens that are kept.
    pub(crate) fn tokens(&self) -> Option<MailTokens> {
        self.kept().clone()
    }

    /// The refresh token that is kept.
    pub(crate) fn refresh_token(&self) -> Option<String> {
        self.kept().as_ref().map(|kept| kept.refresh_token.expose_secret().to_owned())
    }

    /// What the database would know now.
    pub(crate) fn facts(&self) -> Option<TokenFacts> {
        self.noted.lock().expect("nobody panics while holding it").last().cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Option<MailTokens>> {
        self.kept.lock().expect("nobody panics while holding it")
    }
}

impl MailTokenKeeper for Place {
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>> {
        Box::pin(async { Ok(self.kept().clone()) })
    }

    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        Box::pin(async {
            *self.kept() = Some(tokens.clone());
            Ok(())
        })
    }

    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async { Ok(()) })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async {
            *self.kept() = None;
            Ok(())
        })
    }

    fn noted(&self, facts: &TokenFacts) {
        self.noted.lock().expect("nobody panics while holding it").push(facts.clone());
    }
}

impl RefreshLock for Place {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async { Ok(Box::new(Arc::clone(&self.lock).lock_owned().await) as LockGuard) })
    }
}

/// Microsoft as we know it, at the simulator's addresses.
pub(crate) fn microsoft(simulator: &MicrosoftSimulator) -> MailProvider {
    MailProvider {
        authorization: simulator.authorization(),
        token: simulator.token(),
        device: Some(simulator.device()),
        metadata: Some(simulator.metadata()),
        issuer: Some(simulator.issuer()),
        ..preset("microsoft", MICROSOFT_CLIENT, None)
    }
}

/// Google as we know it, at the simulator's addresses.
pub(crate) fn google(simulator: &GoogleSimulator) -> MailProvider {
    MailProvider {
        authorization: simulator.authorization(),
        token: simulator.token(),
        revocation: Some(simulator.revocation()),
        metadata: Some(simulator.metadata()),
        issuer: Some(simulator.issuer()),
        ..preset("google", GOOGLE_CLIENT, Some(GOOGLE_SECRET))
    }
}

fn preset(id: &str, client_id: &str, client_secret: Option<&str>) -> MailProvider {
    let client_secret = client_secret.map(Secret::from);
    let client = MailClientId { client_id: client_id.into(), client_secret, tenant: None };
    MailProvider::from_preset(OAuthPreset::by_id(id).expect("known"), client).expect("complete")
}

pub(crate) fn http() -> Http {
    Http::new(Clock::new(now))
}

pub(crate) fn client(provider: &MailProvider) -> MailClient {
    MailClient::new(http(), provider.clone()).expect("loopback is private")
}

/// For this address, as a person begins it.
pub(crate) fn asking(address: &str) -> AuthorizeOptions {
    let pages = options().pages;
    AuthorizeOptions { pages, login_hint: Some(address.into()), ui_locales: Vec::new(), reconsent: false }
}

/// Authorises as a person with a browser does.
pub(crate) async fn authorise(
    simulator: &Simulator,
    provider: &MailProvider,
    options: AuthorizeOptions,
) -> Result<Consent, AuthError> {
    let attempt = client(provider).authorize(options).await?;
    let address = attempt.authorize_url().to_string();
    // The browser blocks, while our own page is served by another thread of the runtime.
    tokio::task::block_in_place(|| simulator.walk_back(&address));
    attempt.wait(&CancellationToken::new(), LONG).await
}
