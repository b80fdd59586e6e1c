//! Listening, answering, stopping.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use jiff::SignedDuration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tower::ServiceExt;
use tracing::{info, warn};
use url::Url;

use crate::client_address::Peer;
use crate::config::Config;
use crate::state::{App, Shared};
use crate::storage::{Retention, Storage, StorageError};
use crate::{api, clock, limits};

/// Between two rounds of forgetting what is older than it has to be.
const PURGE: Duration = Duration::from_secs(3600);
/// Between two rounds of forgetting whose rate was counted.
const FORGET_IDLE: Duration = Duration::from_secs(60);
/// After an error that has nothing to do with one connection (too many open files).
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}; choose another with --{setting}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The setting that names it.
        setting: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The database can't be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The folder for the database can't be made.
    #[error("the data folder can't be made: {0}; name another with --data")]
    Folder(std::io::Error),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    Randomness,
    /// The system's certificate authorities can't be loaded.
    #[error("the system's certificate authorities can't be used; install them (on Debian: ca-certificates)")]
    TrustStore,
}

/// A server that listens and does not answer yet.
pub struct Server {
    app: App,
    listener: TcpListener,
    metrics: Option<TcpListener>,
    address: SocketAddr,
}

impl Server {
    /// Opens the database, brings its tables up to date, and listens.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        let listener = listen(config.listen, "listen").await?;
        let metrics = match config.metrics_listen {
            Some(address) => Some(listen(address, "metrics-listen").await?),
            None => None,
        };
        let address = listener.local_addr().map_err(|source| ServeError::Listen {
            address: config.listen,
            setting: "listen",
            source,
        })?;
        config.make_folder().map_err(ServeError::Folder)?;
        let storage = Storage::open(&config.database, clock::system()).await?;
        // Without a public address only this machine can be meant.
        let public_url = config.public_url.as_ref().map_or_else(|| format!("http://{address}"), Url::to_string);
        let app = Arc::new(Shared::new(config, &public_url, storage, clock::system)?);
        Ok(Self { app, listener, metrics, address })
    }

    /// Where it listens; with port 0 in the configuration, the port that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that desktops use.
    pub fn public_url(&self) -> &str {
        &self.app.public_url
    }

    /// Where metrics are collected, if that is an address of its own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Answers until `stop` is done. Then it takes no new connections, ends the event streams, and gives answers on
    /// their way 10 seconds.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { app, listener, metrics, .. } = self;
        let chores = tokio::spawn(chores(App::clone(&app)));
        let metrics = metrics.map(|listener| {
            let router = Router::new().route("/metrics", get(api::metrics_page)).with_state(App::clone(&app));
            tokio::spawn(accept(listener, router, GracefulShutdown::new(), std::future::pending()))
        });
        let graceful = accept(listener, api::router(App::clone(&app)), GracefulShutdown::new(), stop).await;
        info!("stopping");
        app.storage.close_subscriptions();
        if timeout(limits::STOP_TIME, graceful.shutdown()).await.is_err() {
            warn!("some answers were cut off");
        }
        chores.abort();
        if let Some(metrics) = metrics {
            metrics.abort();
        }
    }
}

async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, setting, source })
}

/// Takes connections until `stop` is done, and gives back what watches those that are open.
async fn accept(
    listener: TcpListener,
    router: Router,
    graceful: GracefulShutdown,
    stop: impl Future<Output = ()>,
) -> GracefulShutdown {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    tokio::pin!(stop);
    loop {
        // The semaphore is never closed.
        let place = tokio::select! {
            () = &mut stop => return graceful,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = &mut stop => return graceful,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connection(stream, peer, router.clone()));
                tokio::spawn(async move {
                    let _place = place;
                    // A connection that broke is the other end's affair.
                    let _ = connection.await;
                });
            }
            Err(error) => {
                warn!(%error, "a connection can't be accepted");
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send>,
> {
    // Answers are small, and events must not wait. A failure costs some milliseconds.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIME)
        .max_buf_size(limits::HEAD)
        .serve_connection(TokioIo::new(stream), service)
}

/// What is to be done now and then.
async fn chores(app: App) {
    if let Some(tokens) = &app.tokens {
        // So that the first person need not wait for it.
        tokens.keys().fetch_since(None).await;
    }
    let mut purge = interval(PURGE);
    let mut forget = interval(FORGET_IDLE);
    purge.set_missed_tick_behavior(MissedTickBehavior::Delay);
    forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = purge.tick() => match app.storage.purge(retention(&app)).await {
                Ok(purged) => info!(
                    tombstones = purged.tombstones, answers = purged.answers, audit = purged.audit, "forgot what was old"
                ),
                Err(error) => warn!(%error, "what is old can't be forgotten"),
            },
            _ = forget.tick() => {
                app.user_rate.forget_idle();
                app.address_rate.forget_idle();
            }
        }
    }
}

fn retention(app: &Shared) -> Retention {
    let now = app.now();
    let ago = |days: i64| now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(now);
    Retention { horizon: ago(courrier_wire::HORIZON_DAYS), audit: ago(i64::from(app.config.audit_days)) }
}
