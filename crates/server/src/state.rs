//! What all requests share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use courrier_model::{Timestamp, UserId};
use courrier_wire::{IssuerInfo, Versions, WellKnown};

use crate::access::discovery::Discovery;
use crate::access::keys::IssuerKeys;
use crate::access::nonce::Nonces;
use crate::access::replay::Replays;
use crate::access::token::{TokenPolicy, Tokens};
use crate::clock::Clock;
use crate::config::{Config, Issuer};
use crate::metrics::Metrics;
use crate::rate::Rate;
use crate::storage::Storage;

/// The server at work. Cheap to clone.
pub(crate) type App = Arc<Shared>;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The address that proofs are made for, without a slash at its end.
    pub(crate) public_url: String,
    pub(crate) storage: Storage,
    /// Absent while no issuer is configured.
    pub(crate) tokens: Option<Tokens>,
    /// What desktops learn before sign-in; absent likewise.
    pub(crate) well_known: Option<WellKnown>,
    pub(crate) nonces: Nonces,
    pub(crate) replays: Replays,
    /// By subject at the issuer: known before the database is asked.
    pub(crate) user_rate: Rate<String>,
    pub(crate) address_rate: Rate<std::net::IpAddr>,
    pub(crate) streams: Streams,
    pub(crate) metrics: Metrics,
    clock: Clock,
}

impl Shared {
    /// Puts everything together; asks nobody yet.
    ///
    /// # Errors
    /// If the system gives no randomness, or its trust store can't be used.
    pub(crate) fn new(
        config: Config,
        public_url: &str,
        storage: Storage,
        clock: Clock,
    ) -> Result<Self, crate::ServeError> {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let tokens = config.issuer.as_ref().map(tokens).transpose()?;
        Ok(Self {
            well_known: config.issuer.as_ref().map(|issuer| well_known(issuer, &config, &public_url)),
            tokens,
            nonces: Nonces::new(Instant::now()).map_err(|_| crate::ServeError::Randomness)?,
            replays: Replays::default(),
            user_rate: Rate::new(config.limits.user_rate),
            address_rate: Rate::new(config.limits.address_rate),
            streams: Streams::default(),
            metrics: Metrics::new(),
            clock,
            public_url,
            storage,
            config,
        })
    }

    /// The server's time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

fn tokens(issuer: &Issuer) -> Result<Tokens, crate::ServeError> {
    let discovery =
        Discovery::new(issuer.address.clone(), issuer.name.clone()).map_err(|_| crate::ServeError::TrustStore)?;
    let policy = TokenPolicy {
        issuer: issuer.name.clone(),
        audience: issuer.audience.clone(),
        clients: issuer.clients.clone(),
        profile: issuer.profile,
        admin_role: issuer.admin_role.clone(),
    };
    Ok(Tokens::new(policy, Arc::new(IssuerKeys::new(discovery))))
}

fn well_known(issuer: &Issuer, config: &Config, public_url: &str) -> WellKnown {
    WellKnown {
        api_base: public_url.to_owned(),
        oidc: IssuerInfo {
            issuer: issuer.name.clone(),
            client_id: issuer.clients.first().cloned().unwrap_or_default(),
            scopes: issuer.scopes.clone(),
            profile: issuer.profile,
            resource: issuer.resource.clone(),
        },
        providers: config.providers.clone(),
        managed_domains: config.managed_domains.clone(),
        versions: Versions { server: env!("CARGO_PKG_VERSION").to_owned(), api: vec![1] },
    }
}

/// How many event streams each person has open here.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: Mutex<HashMap<UserId, u32>>,
}

/// One open stream; dropping it makes room for another.
pub(crate) struct OpenStream {
    app: App,
    user: UserId,
}

impl OpenStream {
    /// Counts a stream, or `None` if the person has as many as they may.
    pub(crate) fn open(app: &App, user: UserId) -> Option<Self> {
        let limit = app.config.limits.user_streams;
        let mut open = app.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_insert(0);
        if limit != 0 && *count >= limit {
            return None;
        }
        *count += 1;
        app.metrics.streams().inc();
        Some(Self { app: Arc::clone(app), user })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.app.metrics.streams().dec();
        let mut open = self.app.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}
