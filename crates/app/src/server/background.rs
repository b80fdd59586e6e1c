//! What a window's program does without being asked: it keeps the accounts up to date for as long as somebody is signed
//! in.

use std::sync::Arc;
use std::time::Duration;

use courrier_model::Timestamp;
use courrier_sync::{Status, Stop, Wake, Watcher};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::server::ServerError;
use crate::server::state::Exchange;
use crate::server::transport::ServerTransport;
use crate::{AppError, Courrier};

/// How often the computer's own state is looked at.
const LOOK: Duration = Duration::from_secs(3);
/// A clock that went on for so much longer than the program did went on while the computer slept.
const SLEPT_SECONDS: i64 = 15;
/// Wakes that wait; more of them say nothing new.
const WAKES: usize = 8;
/// After an error that is not the network's, such as a locked keyring.
const AGAIN: Duration = Duration::from_secs(10);

/// What windows are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Who is signed in, or how the exchange stands.
    Session,
    /// Accounts or preferences came from elsewhere.
    Accounts,
    /// The list of the person's computers.
    Devices,
}

impl Courrier {
    /// Keeps the accounts up to date for as long as the program runs: it listens to the server, and exchanges what is
    /// edited here, in this process or another one that [`Courrier::look_for_edits`] noticed. Returns never; dropping
    /// the future stops it.
    pub async fn keep_in_sync(self: Arc<Self>, tell: impl Fn(Notice) + Send + Sync) {
        loop {
            // Registered before the look, so that a sign-in right after it is not missed.
            let changed = self.server().changed.notified();
            match self.blocking(Self::connect).await {
                Ok(api) => {
                    let transport = ServerTransport::new(api);
                    tokio::select! {
                        () = self.watch_server(transport, &tell) => {}
                        // Somebody signed out, or in again.
                        () = self.person_changed() => {}
                    }
                    tell(Notice::Session);
                }
                Err(AppError::Server(error)) if error.ends_session() => changed.await,
                Err(error) => {
                    tracing::warn!(%error, "accounts are not exchanged");
                    if let AppError::Server(error) = error {
                        self.server().set_exchange(Exchange::Failed(error));
                        tell(Notice::Session);
                    }
                    tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep(AGAIN) => {}
                    }
                }
            }
        }
    }

    /// Wakes the exchange if something waits to be sent, or if somebody signed in or out: called whenever
    /// [`Courrier::change_mark`] has moved.
    pub fn look_for_edits(&self) {
        self.server().changed.notify_waiters();
    }

    /// Until whoever is signed in is somebody else, nobody, or must sign in again.
    async fn person_changed(self: &Arc<Self>) {
        let who = |courrier: &Self| {
            let session = courrier.store().sync_session()?.filter(|session| session.signed_in);
            let ended = courrier.session_ended()?.is_some();
            Ok(session.map(|session| (session.server, session.user, session.device, ended)))
        };
        let Ok(before) = self.blocking(who).await else { return };
        loop {
            let changed = self.server().changed.notified();
            match self.blocking(who).await {
                Ok(now) if now == before => changed.await,
                _ => return,
            }
        }
    }

    /// Watches until no further attempt makes sense.
    async fn watch_server(self: &Arc<Self>, transport: ServerTransport, tell: &(impl Fn(Notice) + Send + Sync)) {
        let (status, mut statuses) = watch::channel(Status::Starting);
        let (devices, mut device_events) = mpsc::unbounded_channel();
        let (wake, wakes) = mpsc::channel(WAKES);
        let watcher = Watcher {
            store: self.shared_store(),
            transport: transport.clone(),
            clock: self.clock(),
            random: rand::random::<f64>,
            status,
            devices,
        };
        let watching = watcher.run(wakes);
        let surroundings = surroundings(self.clock(), &wake);
        let edits = self.edits(&wake);
        let requests = self.requests(&wake);
        let (look, looks) = mpsc::channel(1);
        let newcomers = self.newcomers_at(looks, tell);
        let mut unheard = true;
        tokio::pin!(watching, surroundings, edits, requests, newcomers);
        loop {
            tokio::select! {
                stop = &mut watching => return self.stopped(stop, &transport).await,
                () = &mut surroundings => return,
                () = &mut edits => return,
                () = &mut requests => return,
                () = &mut newcomers => return,
                Ok(()) = statuses.changed() => {
                    let status = statuses.borrow_and_update().clone();
                    match &status {
                        Status::Waiting { .. } => unheard = true,
                        // Of who came while nobody listened, nobody was told.
                        Status::UpToDate(_) if std::mem::take(&mut unheard) => drop(look.try_send(())),
                        _ => {}
                    }
                    self.follow(status, &transport, tell).await;
                }
                Some(_) = device_events.recv() => {
                    tell(Notice::Devices);
                    // A full channel looks as well.
                    let _ = look.try_send(());
                }
            }
        }
    }

    /// Looks for computers that have signed in as this person, whenever it is asked to.
    async fn newcomers_at(self: &Arc<Self>, mut looks: mpsc::Receiver<()>, tell: &(impl Fn(Notice) + Send + Sync)) {
        while looks.recv().await.is_some() {
            match self.look_for_newcomers().await {
                Ok(()) => tell(Notice::Session),
                Err(error) => tracing::info!(%error, "whether another computer has come is not known"),
            }
        }
    }

    async fn follow(
        self: &Arc<Self>,
        status: Status,
        transport: &ServerTransport,
        tell: &(impl Fn(Notice) + Send + Sync),
    ) {
        match status {
            Status::Starting | Status::Stopped(_) => return,
            // Whether the server is back is not known before it answered, which may take long: what waits stays said.
            Status::Exchanging if self.server().is_offline() => return,
            Status::Exchanging => self.server().set_exchange(Exchange::Working),
            Status::UpToDate(report) => {
                if let Err(error) = self.exchanged(&report).await {
                    tracing::warn!(%error, "after the exchange");
                }
                if report.received > 0 || report.sent > 0 || report.conflicts > 0 {
                    tell(Notice::Accounts);
                }
            }
            // A stream that ended, as it does with its token, is no failure: the next call shows whether there is one.
            Status::Waiting { .. } => match transport.last_failure() {
                Some(failure) => self.server().set_exchange(Exchange::Failed(failure)),
                None => self.server().set_exchange(Exchange::Done),
            },
        }
        tell(Notice::Session);
    }

    async fn stopped(self: &Arc<Self>, stop: Stop, transport: &ServerTransport) {
        let error = match stop {
            Stop::DeviceRevoked => ServerError::DeviceRevoked,
            Stop::SignInNeeded | Stop::DeviceUnknown => transport.last_failure().unwrap_or(ServerError::SignInNeeded),
            Stop::SignedOut | Stop::Abandoned => return,
        };
        self.server().set_exchange(Exchange::Failed(error.clone()));
        self.ended_by(error).await;
    }

    /// Ends the pause after a failure when the person's own attempt got through.
    async fn requests(&self, wake: &mpsc::Sender<Wake>) {
        loop {
            self.server().asked.notified().await;
            // A full channel wakes as well.
            let _ = wake.try_send(Wake::Asked);
        }
    }

    /// Wakes the exchange for what was edited here.
    async fn edits(self: &Arc<Self>, wake: &mpsc::Sender<Wake>) {
        loop {
            // Registered before the look, so that an edit right after it is not missed.
            let changed = self.server().changed.notified();
            let waits = self.blocking(|courrier| {
                let pending = courrier_sync::pending(courrier.store())?;
                Ok(pending.iter().any(|pending| pending.refused.is_none()))
            });
            if matches!(waits.await, Ok(true)) {
                // A full channel wakes as well.
                let _ = wake.try_send(Wake::LocalEdit);
            }
            changed.await;
        }
    }
}

/// Notices the computer's own comings and goings: the network, and sleep. Asked, not told, because each system tells in
/// a way of its own, and some not at all.
async fn surroundings(clock: fn() -> Timestamp, wake: &mpsc::Sender<Wake>) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut route, mut at, mut ran) = (courrier_net::has_route(), clock(), Instant::now());
    loop {
        ticks.tick().await;
        let (route_now, now, ran_now) = (courrier_net::has_route(), clock(), Instant::now());
        let woken = if slept(now.as_second() - at.as_second(), ran_now - ran) {
            Some(Wake::Resumed)
        } else if route_now && !route {
            Some(Wake::NetworkBack)
        } else {
            None
        };
        if let Some(woken) = woken {
            // A full channel wakes as well.
            let _ = wake.try_send(woken);
        }
        (route, at, ran) = (route_now, now, ran_now);
    }
}

/// True if the clock went on for much longer than the program ran. Setting the clock looks the same and does no harm.
pub(crate) fn slept(clock_seconds: i64, ran: Duration) -> bool {
    clock_seconds - i64::try_from(ran.as_secs()).unwrap_or(i64::MAX) >= SLEPT_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_is_time_that_passed_without_the_program() {
        assert!(!slept(3, Duration::from_secs(3)));
        assert!(!slept(40, Duration::from_secs(39)), "a slow machine did not sleep");
        assert!(slept(3600, Duration::from_secs(3)));
        assert!(!slept(-3600, Duration::from_secs(3)), "a clock that was set back");
    }
}
