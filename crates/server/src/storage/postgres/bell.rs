//! LISTEN and NOTIFY: what one copy of the server changes, the others hear.
//!
//! A moved revision is told after its commit, from here, many at a time: PostgreSQL lets only one transaction with a
//! notice commit at once, and pushes shall not wait for each other's disk. What must not be lost, such as a revoked
//! device, is told by the transaction itself ([`ring_with`]).

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::UserId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_postgres::{AsyncMessage, Client, GenericClient};
use uuid::Uuid;

use super::{PATIENCE, SERVING, config, failure, tls};
use crate::storage::notice::Hub;
use crate::storage::{Notice, PostgresLocation, StorageError};

/// The name under which copies listen.
const CHANNEL: &str = "courrier";
/// Notices in one statement.
const TOGETHER: usize = 100;
/// How often an idle connection is asked whether it lives: a peer that vanished sends no word of it.
const CHECK: Duration = Duration::from_secs(20);
/// The wait before connecting again, at first and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// One notice on its way between copies; PostgreSQL carries up to 8,000 bytes, this has about 150.
#[derive(Debug, Serialize, Deserialize)]
struct Ring {
    /// The copy that sent it, which has told its own listeners already.
    from: Uuid,
    user: UserId,
    notice: Notice,
}

/// The connection to the other copies. Dropping it ends it.
pub(super) struct Bell {
    copy: Uuid,
    outgoing: UnboundedSender<String>,
    task: AbortHandle,
}

impl Bell {
    /// Connects, listens, and from then on does so again whenever the connection is lost.
    pub(super) async fn hang(location: &PostgresLocation, hub: Arc<Hub>) -> Result<Self, StorageError> {
        let copy = Uuid::new_v4();
        let (outgoing, waiting) = unbounded_channel();
        let line = Line::open(location).await?;
        let listener = Listener { location: location.clone(), hub, copy, waiting, unsent: Vec::new() };
        let task = tokio::spawn(listener.run(line)).abort_handle();
        Ok(Self { copy, outgoing, task })
    }

    /// Tells the other copies soon.
    pub(super) fn ring(&self, user: UserId, notice: Notice) {
        // An error says that the process is stopping; whoever listens to the others asks again on reconnecting.
        let _ = self.payload(user, notice).map(|payload| self.outgoing.send(payload));
    }

    fn payload(&self, user: UserId, notice: Notice) -> Result<String, StorageError> {
        let ring = Ring { from: self.copy, user, notice };
        serde_json::to_string(&ring).map_err(|_| StorageError::Refused("a notice could not be written".to_owned()))
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Tells the other copies by and with the transaction at hand.
pub(super) async fn ring_with(
    tx: &impl GenericClient,
    bell: &Bell,
    user: UserId,
    notice: Notice,
) -> Result<(), StorageError> {
    let payload = bell.payload(user, notice)?;
    tx.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &payload]).await.map_err(failure).map(drop)
}

struct Listener {
    location: PostgresLocation,
    hub: Arc<Hub>,
    copy: Uuid,
    waiting: UnboundedReceiver<String>,
    /// Notices that a lost connection may not have carried.
    unsent: Vec<String>,
}

impl Listener {
    async fn run(mut self, mut line: Line) {
        loop {
            if self.serve(&mut line).await {
                return;
            }
            tracing::warn!("the connection that listens to the other copies was lost");
            line = self.again().await;
            tracing::info!("listening to the other copies again");
            // What they said meanwhile is gone.
            self.hub.recheck();
        }
    }

    async fn again(&self) -> Line {
        let (mut wait, longest) = AGAIN;
        loop {
            match Line::open(&self.location).await {
                Ok(line) => return line,
                Err(error) => tracing::warn!(%error, "can't listen to the other copies yet"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(longest);
        }
    }

    /// True: the storage was closed. False: the connection was lost.
    async fn serve(&mut self, line: &mut Line) -> bool {
        let mut check = interval_at(Instant::now() + CHECK, CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if !self.unsent.is_empty() {
                if !line.send(&self.unsent).await {
                    return false;
                }
                self.unsent.clear();
            }
            tokio::select! {
                payload = line.heard.recv() => match payload {
                    Some(payload) => self.pass_on(&payload),
                    None => return false,
                },
                number = self.waiting.recv_many(&mut self.unsent, TOGETHER) => if number == 0 {
                    return true;
                },
                _ = check.tick() => if !line.lives().await {
                    return false;
                },
            }
        }
    }

    fn pass_on(&self, payload: &str) {
        match serde_json::from_str::<Ring>(payload) {
            Ok(ring) if ring.from == self.copy => {}
            Ok(ring) => self.hub.tell(ring.user, ring.notice),
            // A newer copy says something that this one does not know.
            Err(_) => self.hub.recheck(),
        }
    }
}

/// One connection that listens.
struct Line {
    client: Client,
    heard: UnboundedReceiver<String>,
    driver: AbortHandle,
}

impl Line {
    async fn open(location: &PostgresLocation) -> Result<Self, StorageError> {
        let (client, mut connection) = config(location).connect(tls::connector(location)?).await.map_err(failure)?;
        let (hears, heard) = unbounded_channel();
        let driver = tokio::spawn(async move {
            // Ends with the connection, and the channel with it.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(notification) = message {
                    // An error says that nobody listens any more; the client's end then ends the connection.
                    let _ = hears.send(notification.payload().to_owned());
                }
            }
        });
        let line = Self { client, heard, driver: driver.abort_handle() };
        // Nothing that is told here has to survive a crash of the database: all would reconnect and look again.
        let begin = format!("SET synchronous_commit = off; SET lock_timeout = '10s'; LISTEN {CHANNEL}");
        line.client.batch_execute(&begin).await.map_err(failure)?;
        // Held as long as this copy serves, so that nobody replaces everything under it.
        line.client.execute("SELECT pg_advisory_lock_shared($1)", &[&SERVING]).await.map_err(failure)?;
        Ok(line)
    }

    async fn send(&self, payloads: &[String]) -> bool {
        let sql = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
        matches!(timeout(PATIENCE, self.client.execute(sql, &[&CHANNEL, &payloads])).await, Ok(Ok(_)))
    }

    async fn lives(&self) -> bool {
        matches!(timeout(PATIENCE, self.client.batch_execute("SELECT")).await, Ok(Ok(())))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
