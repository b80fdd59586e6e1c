//! Exchanges and the watcher over a transport, with real database files.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use courrier_model::{AccountDraft, AuthKind, EndpointSpec, SyncId, Timestamp, UserId};
use courrier_store::{SaveAccount, SignIn, Store, Target};
use courrier_sync::schedules::{ModelServer, Server};
use courrier_sync::{
    Events, Pull, Status, Stop, SyncError, Transport, TransportError, Wake, Watcher, pending, synchronise,
};
use courrier_wire::{Event, Page, Push, PushAnswer};
use tokio::sync::{broadcast, mpsc, watch};

/// How the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    Up,
    Down,
    Revoked,
}

/// A server in this process.
#[derive(Clone)]
struct Net {
    server: Arc<Mutex<ModelServer>>,
    network: Arc<Mutex<Network>>,
    events: broadcast::Sender<Event>,
    requests: Arc<Mutex<usize>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Net {
    fn new() -> Self {
        Self {
            server: Arc::new(Mutex::new(ModelServer::new())),
            network: Arc::new(Mutex::new(Network::Up)),
            events: broadcast::channel(64).0,
            requests: Arc::default(),
        }
    }

    fn set(&self, network: Network) {
        *lock(&self.network) = network;
        // Open streams end.
        let _ = self.events.send(Event::Ended);
    }

    fn reach(&self) -> Result<MutexGuard<'_, ModelServer>, TransportError> {
        *lock(&self.requests) += 1;
        match *lock(&self.network) {
            Network::Up => Ok(lock(&self.server)),
            Network::Down => Err(TransportError::Offline),
            Network::Revoked => Err(TransportError::DeviceRevoked),
        }
    }
}

impl Transport for Net {
    type Events = Stream;

    async fn pull(&self, pull: Pull) -> Result<Page, TransportError> {
        self.reach()?.pull(&pull).map_err(TransportError::Reset)
    }

    async fn push(&self, push: &Push) -> Result<PushAnswer, TransportError> {
        let answer = self.reach()?.push(push).map_err(TransportError::Reset)?;
        // Nobody may be listening.
        let _ = self.events.send(Event::Revision { sync_id: answer.sync_id, revision: answer.revision });
        Ok(answer)
    }

    async fn events(&self, _sync_id: Option<SyncId>, _after: u64) -> Result<Stream, TransportError> {
        drop(self.reach()?);
        Ok(Stream(self.events.subscribe()))
    }
}

struct Stream(broadcast::Receiver<Event>);

impl Events for Stream {
    async fn next(&mut self) -> Result<Option<Event>, TransportError> {
        Ok(self.0.recv().await.ok())
    }
}

struct Computer {
    store: Arc<Store>,
    _home: tempfile::TempDir,
}

impl Computer {
    fn new(user: UserId) -> Self {
        let home = tempfile::tempdir().expect("made");
        let store = Arc::new(Store::open(home.path()).expect("opened"));
        let who = SignIn {
            server: "https://courrier.example.test".to_owned(),
            issuer: "https://id.example.test".to_owned(),
            subject: "4711".to_owned(),
            user,
            device: None,
            email: None,
            name: None,
        };
        store.sign_in(&who, &[]).expect("signed in");
        Self { store, _home: home }
    }

    fn add(&self, address: &str) {
        let endpoint = |spec: &str| {
            let spec: EndpointSpec = spec.parse().expect("valid");
            spec.with("someone".parse().expect("valid"), AuthKind::Password)
        };
        let draft = AccountDraft {
            address: address.parse().expect("valid"),
            name: "".parse().expect("valid"),
            color: None,
            primary: false,
            imap: endpoint("imap.example.test:993/tls"),
            smtp: endpoint("smtp.example.test:465/tls"),
            identities: Vec::new(),
        };
        self.store.save(SaveAccount::new(Target::New(draft), clock())).expect("saved");
    }

    fn addresses(&self) -> Vec<String> {
        self.store.accounts().expect("listed").iter().map(|account| account.address.to_string()).collect()
    }
}

fn clock() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// A watcher at work.
struct Watching {
    wakes: mpsc::Sender<Wake>,
    status: watch::Receiver<Status>,
    task: tokio::task::JoinHandle<Stop>,
}

fn watch_over(computer: &Computer, net: &Net) -> Watching {
    let (wakes, woken) = mpsc::channel(8);
    let (status, seen) = watch::channel(Status::Starting);
    let (devices, _) = mpsc::unbounded_channel();
    let watcher =
        Watcher { store: Arc::clone(&computer.store), transport: net.clone(), clock, random: || 0.5, status, devices };
    Watching { wakes, status: seen, task: tokio::spawn(watcher.run(woken)) }
}

impl Watching {
    async fn until(&mut self, what: impl FnMut(&Status) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(60), self.status.wait_for(what)).await;
        waited.expect("in time").expect("the watcher lives");
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_thousand_accounts_take_few_requests_and_one_edit_takes_one() {
    let net = Net::new();
    let user = UserId::random();
    let (one, two) = (Computer::new(user), Computer::new(user));
    for number in 0..1000 {
        one.add(&format!("person{number}@example.test"));
    }
    let report = synchronise(&one.store, &net, clock).await.expect("exchanged");
    assert_eq!((report.sent, report.pending), (1000, 0));
    assert!(*lock(&net.requests) <= 4, "{} requests", lock(&net.requests));

    *lock(&net.requests) = 0;
    let report = synchronise(&two.store, &net, clock).await.expect("exchanged");
    assert_eq!(report.received, 1000);
    assert!(*lock(&net.requests) <= 3, "{} requests", lock(&net.requests));
    assert_eq!(one.addresses(), two.addresses());

    *lock(&net.requests) = 0;
    two.add("person7@example.test");
    let edit = courrier_model::AccountEdit { name: Some("Seven".parse().expect("valid")), ..Default::default() };
    let seven = two.store.account_by_address(&"person7@example.test".parse().expect("valid")).expect("read");
    let seven = seven.expect("there").id;
    two.store.save(SaveAccount::new(Target::Existing(seven, edit), clock())).expect("saved");
    let report = synchronise(&two.store, &net, clock).await.expect("exchanged");
    assert_eq!((report.sent, *lock(&net.requests)), (1, 1));
}

#[tokio::test]
async fn one_program_of_a_folder_exchanges_at_a_time() {
    let net = Net::new();
    let computer = Computer::new(UserId::random());
    let held = computer.store.try_sync_lock().expect("asked").expect("free");
    let turned_away = synchronise(&computer.store, &net, clock).await;
    assert!(matches!(turned_away, Err(SyncError::Elsewhere)), "{turned_away:?}");
    drop(held);
    synchronise(&computer.store, &net, clock).await.expect("exchanged");
    computer.store.sign_out(courrier_store::LocalCopy::Keep, clock()).expect("signed out");
    let nobody = synchronise(&computer.store, &net, clock).await;
    assert!(matches!(nobody, Err(SyncError::SignedOut)), "{nobody:?}");
}

#[tokio::test]
async fn an_edit_shows_on_the_other_computer_by_itself() {
    let net = Net::new();
    let user = UserId::random();
    let (one, two) = (Computer::new(user), Computer::new(user));
    let (mut at_one, mut at_two) = (watch_over(&one, &net), watch_over(&two, &net));
    at_one.until(|status| matches!(status, Status::UpToDate(_))).await;
    at_two.until(|status| matches!(status, Status::UpToDate(_))).await;
    one.add("alice@example.test");
    at_one.wakes.send(Wake::LocalEdit).await.expect("heard");
    until("the account is on the other computer", || two.addresses() == ["alice@example.test"]).await;
}

#[tokio::test]
async fn what_is_edited_without_a_network_goes_out_when_it_is_back() {
    let net = Net::new();
    let user = UserId::random();
    let (one, two) = (Computer::new(user), Computer::new(user));
    let (mut at_one, mut at_two) = (watch_over(&one, &net), watch_over(&two, &net));
    at_one.until(|status| matches!(status, Status::UpToDate(_))).await;
    at_two.until(|status| matches!(status, Status::UpToDate(_))).await;
    net.set(Network::Down);
    at_one.until(|status| matches!(status, Status::Waiting { busy: false, .. })).await;
    one.add("alice@example.test");
    two.add("bob@example.test");
    assert_eq!(pending(&one.store).expect("read").len(), 1);
    net.set(Network::Up);
    for watching in [&at_one, &at_two] {
        watching.wakes.send(Wake::NetworkBack).await.expect("heard");
    }
    until("both have both", || one.addresses().len() == 2 && two.addresses().len() == 2).await;
    assert!(pending(&one.store).expect("read").is_empty());
}

#[tokio::test]
async fn a_revoked_computer_stops_asking() {
    let net = Net::new();
    let computer = Computer::new(UserId::random());
    let mut watching = watch_over(&computer, &net);
    watching.until(|status| matches!(status, Status::UpToDate(_))).await;
    net.set(Network::Revoked);
    watching.until(|status| *status == Status::Stopped(Stop::DeviceRevoked)).await;
    assert_eq!(watching.task.await.expect("no panic"), Stop::DeviceRevoked);
}

#[tokio::test]
async fn whoever_stops_listening_stops_the_watcher() {
    let net = Net::new();
    let computer = Computer::new(UserId::random());
    let mut watching = watch_over(&computer, &net);
    watching.until(|status| matches!(status, Status::UpToDate(_))).await;
    drop(watching.wakes);
    assert_eq!(watching.task.await.expect("no panic"), Stop::Abandoned);
}
