//! PostgreSQL: a pool of connections for requests, and one that listens to the other copies of the server.

mod audit;
mod bell;
mod copy;
mod devices;
mod history;
mod issuer;
mod people;
mod pipeline;
mod pull;
mod purge;
mod push;
mod row;
pub(crate) mod schema;
mod tls;

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::Timestamp;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::{Error, SqlState};

use super::notice::Hub;
use super::{PostgresLocation, StorageError};
use bell::Bell;

pub(crate) use copy::{dump, restore};

/// How long a request waits for a connection that others use, and for the server to answer a new one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a dead peer goes unnoticed on an idle connection.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// What every connection begins with: no statement, lock or forgotten transaction lasts longer than a request may.
const SESSION: &str = "SET statement_timeout = '15s'; SET lock_timeout = '10s';
     SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'";

/// Held shared by each serving copy, alone by who replaces everything. `COUS`.
const SERVING: i64 = 0x434f_5553;

/// The database, open for serving.
pub(crate) struct Postgres {
    pool: Pool,
    bell: Bell,
    hub: Arc<Hub>,
}

impl std::fmt::Debug for Postgres {
    // By hand: the pool's own would print its settings.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    pub(crate) async fn open(location: &PostgresLocation, hub: Arc<Hub>, now: Timestamp) -> Result<Self, StorageError> {
        let pool = connect(location)?;
        schema::migrate(&mut *client(&pool).await?, now).await?;
        let bell = Bell::hang(location, Arc::clone(&hub)).await?;
        Ok(Self { pool, bell, hub })
    }

    pub(crate) async fn open_beside(location: &PostgresLocation, hub: Arc<Hub>) -> Result<Self, StorageError> {
        let pool = connect(location)?;
        match schema::version(&**client(&pool).await?).await? {
            0 => return Err(StorageError::Location("there is no database".to_owned())),
            schema::VERSION => {}
            found => return Err(StorageError::OlderSchema { found, needed: schema::VERSION }),
        }
        let bell = Bell::hang(location, Arc::clone(&hub)).await?;
        Ok(Self { pool, bell, hub })
    }

    pub(crate) async fn ping(&self) -> Result<(), StorageError> {
        let client = self.client().await?;
        let statement = client.prepare_cached("SELECT 1 FROM instance").await.map_err(failure)?;
        client.query_one(&statement, &[]).await.map_err(failure).map(drop)
    }

    async fn client(&self) -> Result<Object, StorageError> {
        client(&self.pool).await
    }
}

/// Brings the tables up to date. Answers the version they had.
pub(crate) async fn migrate(location: &PostgresLocation, now: Timestamp) -> Result<u32, StorageError> {
    schema::migrate(&mut *client(&connect(location)?).await?, now).await
}

/// The schema's version, 0 for none.
pub(crate) async fn version(location: &PostgresLocation) -> Result<u32, StorageError> {
    schema::version(&**client(&connect(location)?).await?).await
}

/// A pool; it connects when it is first asked for a connection.
pub(crate) fn connect(location: &PostgresLocation) -> Result<Pool, StorageError> {
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config(location), tls::connector(location)?, settings);
    let prepare = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(location.connections.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .post_create(prepare)
        .build()
        .map_err(|_| StorageError::Location("the pool's settings".to_owned()))
}

/// A connection out of the pool.
pub(crate) async fn client(pool: &Pool) -> Result<Object, StorageError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => failure(error),
        PoolError::Timeout(TimeoutType::Wait) => StorageError::Unavailable("all connections are busy".to_owned()),
        _ => StorageError::Unavailable("no connection".to_owned()),
    })
}

fn config(location: &PostgresLocation) -> tokio_postgres::Config {
    let mut config = location.config.clone();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("courrier-server");
    }
    config.keepalives_idle(KEEPALIVE);
    if config.get_ssl_mode() == SslMode::Prefer {
        // What the URL leaves open. "Prefer" would let whoever sits in between choose; and on the same computer there
        // is nobody in between, while the certificate that packages make there is one that nobody can verify.
        config.ssl_mode(if is_here(&config) { SslMode::Disable } else { SslMode::Require });
    }
    config
}

/// True if every server that the settings name is on this computer.
fn is_here(config: &tokio_postgres::Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        // A socket in the file system, which Windows does not have.
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// PostgreSQL's refusal as ours: its code alone, because its words can repeat what was stored.
pub(crate) fn failure(error: Error) -> StorageError {
    let Some(code) = error.code() else {
        // Of the connection's own troubles, what the operating system or TLS says; that names no data.
        let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
        return StorageError::Unavailable(match cause {
            Some(cause) => format!("no connection: {cause}"),
            None if error.is_closed() => "the connection was lost".to_owned(),
            None => "no answer".to_owned(),
        });
    };
    let told = |what: &str| format!("{what} (SQLSTATE {})", code.code());
    match code.code().get(..2) {
        Some("28") => StorageError::Unavailable(told("it refused the user or the password")),
        Some("3D") => StorageError::Unavailable(told("there is no such database")),
        Some("53") => StorageError::Unavailable(told("it is out of connections, memory or disk")),
        // The connection, rollback by deadlock, a lock, the operator, its own input and output: it may pass.
        Some("08" | "40" | "55" | "57" | "58") => StorageError::Unavailable(told("it gave up")),
        Some("XX") => StorageError::Corrupt(told("it reports damage")),
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StorageError::Unavailable(told("it is read-only")),
        _ => StorageError::Refused(told("a statement")),
    }
}

/// True if the values of one statement are what the database can't keep.
fn is_about_the_data(error: &Error) -> bool {
    // Data exception, integrity constraint, program limit, raised by a trigger.
    error.code().is_some_and(|code| matches!(code.code().get(..2), Some("22" | "23" | "54" | "P0")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Location;

    #[test]
    fn a_connection_that_leaves_the_computer_is_encrypted_unless_told_otherwise() {
        for (url, mode) in [
            ("postgres://u@db.example.test/d", SslMode::Require),
            ("postgres://u@127.0.0.1,db.example.test/d", SslMode::Require),
            ("host=localhost hostaddr=192.0.2.1 user=u", SslMode::Require),
            ("postgres://u@db.example.test/d?sslmode=disable", SslMode::Disable),
            ("postgres://u@localhost/d", SslMode::Disable),
            ("postgres://u@[::1]/d", SslMode::Disable),
            ("host=/run/postgresql user=u", SslMode::Disable),
            ("postgres://u@localhost/d?sslmode=require", SslMode::Require),
        ] {
            let Ok(Location::Postgres(location)) = Location::from_url(url) else { panic!("{url}") };
            assert_eq!(config(&location).get_ssl_mode(), mode, "{url}");
        }
    }
}
