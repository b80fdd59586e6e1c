//! Keeps a device up to date for as long as somebody is signed in: exchanges when something was edited here, when the
//! server says that something moved, and when the network or the computer comes back; backs off while that fails.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::Timestamp;
use courrier_store::Store;
use courrier_wire::Event;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::{Backoff, Events, Report, SyncError, Transport, TransportError, synchronise};

/// How long to wait for further edits before sending the first: a person who changes three fields sends one change.
const GATHER: Duration = Duration::from_millis(200);
/// How long to wait while another program of the same data folder is at it.
const ELSEWHERE: Duration = Duration::from_secs(1);

/// Why to exchange now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something was edited here.
    LocalEdit,
    /// The network may be back.
    NetworkBack,
    /// The computer was asleep: streams that look open may be dead.
    Resumed,
    /// The person asked.
    Asked,
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not yet known.
    Starting,
    /// An exchange is running.
    Exchanging,
    /// Everything is exchanged, but for what the report says still waits.
    UpToDate(Report),
    /// The server can't be reached, or can't do it now.
    Waiting {
        /// When the next attempt is made, from now.
        retry_in: Duration,
        /// True if the server was reached and asked to come back later.
        busy: bool,
    },
    /// No further attempt is made.
    Stopped(Stop),
}

/// Why no further attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The session is over: the person has to sign in again.
    SignInNeeded,
    /// The server does not know this computer: register it, then watch again.
    DeviceUnknown,
    /// This computer was revoked.
    DeviceRevoked,
    /// Nobody is signed in.
    SignedOut,
    /// Whoever wakes is gone.
    Abandoned,
}

/// What is to be watched, and with what.
pub struct Watcher<T> {
    /// The accounts.
    pub store: Arc<Store>,
    /// The server.
    pub transport: T,
    /// The time now.
    pub clock: fn() -> Timestamp,
    /// A number between 0 and 1.
    pub random: fn() -> f64,
    /// Is told each change of how it stands.
    pub status: watch::Sender<Status>,
    /// Is told that the list of the person's devices has changed.
    pub devices: mpsc::UnboundedSender<Event>,
}

/// What comes next.
enum Next {
    Exchange,
    /// The stream ended; why is in the answer to the next request.
    Lost,
    Stop(Stop),
}

impl<T: Transport> Watcher<T> {
    /// Watches until no further attempt makes sense. Dropping the future stops it at any point, without harm.
    pub async fn run(self, mut wakes: mpsc::Receiver<Wake>) -> Stop {
        let mut backoff = Backoff::default();
        let mut stream = None;
        let stop = loop {
            self.status.send_replace(Status::Exchanging);
            let done = self.exchange(&mut stream).await;
            let next = match done {
                Ok(report) => {
                    backoff.reset();
                    self.status.send_replace(Status::UpToDate(report));
                    self.listen(&mut stream, &mut wakes).await
                }
                Err(error) => {
                    stream = None;
                    self.wait(&error, &mut backoff, &mut wakes).await
                }
            };
            let next = match next {
                // Not at once: a server that ends every stream would be asked without a pause.
                Next::Lost => {
                    stream = None;
                    self.wait(&SyncError::Transport(TransportError::Offline), &mut backoff, &mut wakes).await
                }
                next => next,
            };
            match next {
                Next::Exchange | Next::Lost => {}
                Next::Stop(stop) => break stop,
            }
        };
        self.status.send_replace(Status::Stopped(stop));
        stop
    }

    /// Opens the stream first: what moves during the exchange is told by it.
    async fn exchange(&self, stream: &mut Option<T::Events>) -> Result<Report, SyncError> {
        if stream.is_none() {
            let session = self.store.sync_session()?.filter(|session| session.signed_in);
            let session = session.ok_or(SyncError::SignedOut)?;
            *stream = match self.transport.events(session.sync_id, session.cursor).await {
                Ok(events) => Some(events),
                // The exchange is told the same, and begins again.
                Err(TransportError::Reset(_)) => None,
                Err(error) => return Err(error.into()),
            };
        }
        synchronise(&self.store, &self.transport, self.clock).await
    }

    /// Waits until there is something to do.
    async fn listen(&self, stream: &mut Option<T::Events>, wakes: &mut mpsc::Receiver<Wake>) -> Next {
        let Some(events) = stream else { return Next::Lost };
        loop {
            tokio::select! {
                wake = wakes.recv() => match wake {
                    None => return Next::Stop(Stop::Abandoned),
                    Some(Wake::Resumed | Wake::NetworkBack) => {
                        *stream = None;
                        return Next::Exchange;
                    }
                    Some(Wake::LocalEdit) => {
                        gather(wakes).await;
                        return Next::Exchange;
                    }
                    Some(Wake::Asked) => return Next::Exchange,
                },
                event = events.next() => match event {
                    Ok(Some(Event::Revision { sync_id, revision })) => {
                        if self.is_news(sync_id, revision) {
                            return Next::Exchange;
                        }
                    }
                    Ok(Some(event @ Event::Devices { .. })) => {
                        // Nobody may be showing devices just now.
                        let _ = self.devices.send(event);
                    }
                    Ok(Some(Event::Ended) | None) | Err(_) => return Next::Lost,
                },
            }
        }
    }

    /// False if this device has that revision already, for instance because it made it.
    fn is_news(&self, sync_id: courrier_model::SyncId, revision: u64) -> bool {
        match self.store.sync_session() {
            Ok(Some(session)) => session.sync_id != Some(sync_id) || session.cursor < revision,
            // The exchange will say what is wrong.
            Ok(None) | Err(_) => true,
        }
    }

    /// Waits for the next attempt, or ends.
    async fn wait(&self, error: &SyncError, backoff: &mut Backoff, wakes: &mut mpsc::Receiver<Wake>) -> Next {
        let (retry_in, busy) = match error {
            SyncError::SignedOut => return Next::Stop(Stop::SignedOut),
            SyncError::Transport(TransportError::SignInNeeded) => return Next::Stop(Stop::SignInNeeded),
            SyncError::Transport(TransportError::DeviceUnknown) => return Next::Stop(Stop::DeviceUnknown),
            SyncError::Transport(TransportError::DeviceRevoked) => return Next::Stop(Stop::DeviceRevoked),
            SyncError::Elsewhere => (ELSEWHERE, false),
            SyncError::Transport(TransportError::Busy { after }) => (backoff.next((self.random)(), *after), true),
            SyncError::Transport(_) | SyncError::Store(_) | SyncError::Protocol(_) => {
                (backoff.next((self.random)(), None), false)
            }
        };
        tracing::info!(%error, ?retry_in, "the exchange is tried again");
        self.status.send_replace(Status::Waiting { retry_in, busy });
        let until = Instant::now() + retry_in;
        loop {
            tokio::select! {
                () = sleep_until(until) => return Next::Exchange,
                wake = wakes.recv() => match wake {
                    None => return Next::Stop(Stop::Abandoned),
                    // Edits wait like everything else; what may have changed the network does not.
                    Some(Wake::LocalEdit) => {}
                    Some(Wake::NetworkBack | Wake::Resumed | Wake::Asked) => return Next::Exchange,
                },
            }
        }
    }
}

/// Lets edits that follow at once join the first.
async fn gather(wakes: &mut mpsc::Receiver<Wake>) {
    let until = Instant::now() + GATHER;
    while let Ok(Some(Wake::LocalEdit)) = tokio::time::timeout_at(until, wakes.recv()).await {}
}
