//! Calls of `ensure_fresh`, in a process on the keyring's own session: the benchmark starts it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use courrier_auth::{
    Clock, Custodian, Http, KeepError, LockGuard, MailClient, MailClientId, MailProvider, MailTokenKeeper, MailTokens,
    RefreshLock, TokenFacts,
};
use courrier_model::{HomeId, OAuthPreset, Secret, SecretId, Timestamp};
use courrier_secrets::{OsKeyring, SecretKey, SecretStore as _};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

/// What this part is called on the command line.
pub(crate) const PART: &str = "oauth-calls";
/// How many calls from memory are timed as one: the clock is not finer.
pub(crate) const CALLS: u32 = 1000;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: i64 = 3600;
/// About as long as the access tokens of Microsoft and of Keycloak.
const LENGTH: usize = 1500;

/// One account's tokens in the keyring, reached as the program does: by a thread that may block.
struct Place {
    keyring: Arc<OsKeyring>,
    key: SecretKey,
}

impl Place {
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OsKeyring, &SecretKey) -> Result<T, courrier_secrets::SecretError> + Send + 'static,
    ) -> Result<T, KeepError> {
        let (keyring, key) = (Arc::clone(&self.keyring), self.key);
        let done = tokio::task::spawn_blocking(move || work(&keyring, &key)).await.expect("it does not panic");
        done.map_err(|error| KeepError::Failed(error.to_string()))
    }
}

impl MailTokenKeeper for Place {
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>> {
        Box::pin(async {
            let held = self.blocking(|keyring, key| keyring.get(key)).await?;
            Ok(held.and_then(|held| MailTokens::from_secret(&held)))
        })
    }

    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        let secret = tokens.to_secret();
        Box::pin(self.blocking(move |keyring, key| keyring.put(key, &secret)))
    }

    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(async { Ok(()) })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(self.blocking(|keyring, key| keyring.delete(key)))
    }

    fn noted(&self, _facts: &TokenFacts) {}
}

impl RefreshLock for Place {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        // Nobody else knows this entry.
        Box::pin(async { Ok(Box::new(()) as LockGuard) })
    }
}

/// Measures, and prints for [`read`].
pub(crate) fn run(runs: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let measured = runtime.expect("it starts").block_on(measure(runs));
    println!("{measured}");
}

/// The times that were printed, in microseconds: from memory, and from the keyring.
pub(crate) fn read(printed: &str) -> [Vec<f64>; 2] {
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

async fn measure(runs: usize) -> Value {
    let place = Arc::new(Place {
        keyring: Arc::new(OsKeyring::new()),
        key: SecretKey { home: HomeId::random(), id: SecretId::random() },
    });
    let custodian = || Custodian::new(client(), Arc::clone(&place) as _, Arc::clone(&place) as _);
    let first = custodian();
    first.replace(tokens()).await.expect("the keyring keeps them");
    let (mut memory, mut keyring) = (Vec::new(), Vec::new());
    // The first of each filled the caches.
    for run in 0..=runs {
        let new = custodian();
        let (from_keyring, from_memory) = (time(&new, 1).await, time(&first, CALLS).await);
        if run > 0 {
            keyring.push(from_keyring);
            memory.push(from_memory);
        }
    }
    place.clear().await.expect("the keyring is open");
    json!([memory, keyring])
}

/// Microseconds for each of so many calls.
async fn time(custodian: &Custodian, calls: u32) -> f64 {
    let started = Instant::now();
    for _ in 0..calls {
        std::hint::black_box(custodian.ensure_fresh(MINUTE).await.expect("it is good for an hour"));
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

fn client() -> MailClient {
    let preset = OAuthPreset::by_id("google").expect("known");
    let id = MailClientId { client_id: "benchmark".into(), client_secret: None, tenant: None };
    let provider = MailProvider::from_preset(preset, id).expect("complete");
    MailClient::new(Http::new(Clock::new(now)), provider).expect("encrypted")
}

fn tokens() -> MailTokens {
    let now = now();
    let provider = client().provider().clone();
    MailTokens {
        provider: provider.id,
        client_id: provider.client_id,
        client_secret: None,
        token_endpoint: provider.token,
        refresh_token: Secret::from("r".repeat(LENGTH)),
        access_token: Some(Secret::from("a".repeat(LENGTH))),
        expires_at: Timestamp::from_second(now.as_second() + HOUR).ok(),
        scopes: provider.scopes,
        consented_as: None,
        mail_hosts: provider.mail_hosts,
        obtained_at: now,
        refreshed_at: now,
        generation: 0,
    }
}

#[expect(clippy::disallowed_methods, reason = "tokens in a real keyring go by the real time")]
fn now() -> Timestamp {
    Timestamp::now()
}
