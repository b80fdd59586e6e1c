//! The desktop program's part of signing in, by `courrier-auth` alone: no window, no keyring, no server.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use courrier_auth::{
    AuthError, CancellationToken, Client, Clock, DeviceKey, Http, IssuerUrl, KeepError, KeptTokens, LockGuard, Page,
    Pages, Redirect, RefreshLock, Registration, Session, SignIn, SignInOptions, SignedIn, TokenKeeper,
};
use courrier_model::{ExposeSecret, Timestamp};
use courrier_tests::{DESKTOP_CLIENT, Issuer, Person};
use futures_util::future::BoxFuture;

/// Longer than any page takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The program at an issuer, with a key of its own or without.
pub(crate) fn client(issuer: &dyn Issuer, key: Option<DeviceKey>) -> Client {
    client_at(issuer, key, now)
}

/// The same by another clock.
pub(crate) fn client_at(issuer: &dyn Issuer, key: Option<DeviceKey>, now: fn() -> Timestamp) -> Client {
    let url: IssuerUrl = issuer.issuer().parse().expect("an issuer");
    let registration = Registration {
        client_id: DESKTOP_CLIENT.into(),
        scopes: ["profile", "email", "offline_access"].map(str::to_owned).into(),
        resource: issuer.api_resource().map(str::to_owned),
        kind: None,
    };
    let http = Http::new(Clock::new(now));
    Client::new(courrier_auth::Issuer::new(http, url), registration, key)
}

/// Real issuers go by the real time.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn options() -> SignInOptions {
    let page =
        |title: &str| Page { language: "en".into(), title: title.into(), body: "This tab can be closed.".into() };
    let pages = Pages {
        success: page("Back to Courrier"),
        failure: page("That did not work"),
        stray: page("Nothing waits here"),
    };
    SignInOptions {
        pages,
        redirect: Redirect::default(),
        ui_locales: Vec::new(),
        login_hint: None,
        reauthenticate: None,
    }
}

/// Begins an attempt and walks its pages as a person without a browser's window would.
pub(crate) async fn sign_in(
    issuer: &(dyn Issuer + Sync),
    client: &Client,
    person: &Person,
) -> Result<SignedIn, AuthError> {
    let attempt = client.sign_in(options()).await?;
    walk(issuer, &attempt, person).await;
    attempt.wait(&CancellationToken::new(), LONG).await
}

/// Types the password and consents; the last page is ours.
pub(crate) async fn walk(issuer: &(dyn Issuer + Sync), attempt: &SignIn, person: &Person) {
    let url = attempt.authorize_url().as_str();
    // The walk blocks, while our own page is served by another thread of the runtime.
    tokio::task::block_in_place(|| issuer.approve_device(url, person));
}

/// What every process of one person shares: a place for tokens and a lock. The keyring has lanes of its own.
#[derive(Clone, Default)]
pub(crate) struct Place {
    kept: Arc<Mutex<Option<KeptTokens>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl Place {
    /// The refresh token that is kept.
    pub(crate) fn refresh_token(&self) -> Option<String> {
        self.kept().as_ref().map(|kept| kept.refresh_token.expose_secret().to_owned())
    }

    pub(crate) async fn begin(&self, client: &Client, signed_in: SignedIn) -> Session {
        let session = Session::begin(client.clone(), signed_in, Arc::new(self.clone()), Arc::new(self.clone())).await;
        session.expect("memory keeps everything")
    }

    /// The session as another process takes it up.
    pub(crate) fn resume(&self, client: &Client) -> Session {
        let subject = self.kept().as_ref().expect("somebody is signed in").subject.clone();
        Session::resume(client.clone(), subject, Arc::new(self.clone()), Arc::new(self.clone()))
    }

    fn kept(&self) -> MutexGuard<'_, Option<KeptTokens>> {
        self.kept.lock().expect("nobody panics while holding it")
    }
}

impl TokenKeeper for Place {
    fn load(&self) -> BoxFuture<'_, Result<Option<KeptTokens>, KeepError>> {
        Box::pin(async { Ok(self.kept().clone()) })
    }

    fn store<'a>(&'a self, tokens: &'a KeptTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        Box::pin(async {
            *self.kept() = Some(tokens.clone());
            Ok(())
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async {
            *self.kept() = None;
            Ok(())
        })
    }
}

impl RefreshLock for Place {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async { Ok(Box::new(Arc::clone(&self.lock).lock_owned().await) as LockGuard) })
    }
}
