//! The schedules against the real server's database instead of the model: the same promises, so neither can drift from
//! what `docs/sync.md` says. `SEED=…` and `SCHEDULES=…` as in `schedules.rs`.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use courrier_model::{RecordId, Timestamp};
use courrier_server::storage::{
    Actor, Claims, Cursor, Location, NewDevice, Pull as Pulled, Pushed, Registration, Retention, Seen, Standing,
    Storage,
};
use courrier_sync::Pull;
use courrier_sync::schedules::{Options, Server, Tally, run};
use courrier_wire::{Page, Platform, Push, PushAnswer, Record, Reset};
use tokio::runtime::Runtime;

/// A server's database in a folder of its own, reached as the HTTP half reaches it.
struct RealServer {
    runtime: Runtime,
    folder: tempfile::TempDir,
    /// `None` only while it is being replaced.
    storage: Option<Storage>,
    machines: u32,
    copies: Vec<PathBuf>,
    /// Seconds. It moves on with each call.
    clock: i64,
}

impl RealServer {
    fn new() -> Self {
        let runtime = Runtime::new().expect("started");
        let folder = tempfile::tempdir().expect("made");
        let mut server = Self { runtime, folder, storage: None, machines: 0, copies: Vec::new(), clock: 1_780_000_000 };
        server.open();
        server
    }

    fn location(&self) -> Location {
        Location::sqlite(self.folder.path().join(format!("server{}.db", self.machines)))
    }

    fn now(&mut self) -> Timestamp {
        self.clock += 1;
        Timestamp::from_second(self.clock).expect("in range")
    }

    fn open(&mut self) {
        let now = self.now();
        let location = self.location();
        self.storage = Some(self.runtime.block_on(Storage::open(&location, now)).expect("opened"));
    }

    /// The person at a registered device.
    fn enter(&mut self) -> (Storage, Standing, Actor) {
        let at = self.now();
        let storage = self.storage.clone().expect("open");
        let claims =
            Claims { issuer: "https://id.example.test".into(), subject: "4711".into(), email: None, name: None };
        let (standing, device) = self.runtime.block_on(async {
            let standing = storage.authorize(&claims, "key", at).await.expect("authorized");
            let actor = Actor { user: standing.user.id, device: None, address: None, at };
            let seen = Seen { at, address: None, session_id: None, session_expires_at: None, signed_in_at: at };
            let new = NewDevice { name: "All".into(), platform: Platform::Linux, thumbprint: "key".into(), seen };
            match storage.register_device(&actor, new).await.expect("asked") {
                Registration::Registered(device) | Registration::Known(device) => (standing, device),
                other => panic!("{other:?}"),
            }
        });
        let actor = Actor { user: standing.user.id, device: Some(device.id), address: None, at };
        (storage, standing, actor)
    }
}

impl Server for RealServer {
    fn pull(&mut self, pull: &Pull) -> Result<Page, Reset> {
        let (storage, standing, actor) = self.enter();
        let cursor = Cursor { sync_id: pull.sync_id, after: pull.after, full: pull.full };
        match self.runtime.block_on(storage.pull(&standing, cursor, pull.limit, actor.at)).expect("pulled") {
            Pulled::Page(page) => Ok(page),
            Pulled::Reset(reset) => Err(reset),
        }
    }

    fn push(&mut self, push: &Push) -> Result<PushAnswer, Reset> {
        let (storage, _, actor) = self.enter();
        match self.runtime.block_on(storage.push(&actor, push.clone())).expect("pushed") {
            Pushed::Answer(answer) => Ok(answer),
            Pushed::Reset(reset) => Err(reset),
            Pushed::DeviceRevoked => panic!("nobody revoked it"),
        }
    }

    fn records(&mut self) -> Vec<Record> {
        let mut all: BTreeMap<RecordId, Record> = BTreeMap::new();
        let mut pull = Pull { sync_id: None, after: 0, full: true, limit: 500 };
        loop {
            let page = self.pull(&pull).expect("from the beginning");
            pull = Pull { sync_id: Some(page.sync_id), after: page.revision, ..pull };
            all.extend(page.changes.into_iter().map(|record| (record.id, record)));
            if !page.more {
                return all.into_values().collect();
            }
        }
    }

    fn back_up(&mut self) -> usize {
        let file = self.folder.path().join(format!("copy{}", self.copies.len()));
        let (location, now) = (self.location(), self.now());
        self.runtime.block_on(courrier_server::storage::backup(&location, &file, now)).expect("backed up");
        self.copies.push(file);
        self.copies.len() - 1
    }

    fn restore(&mut self, copy: usize) {
        self.storage = None;
        let (location, now) = (self.location(), self.now());
        let file = self.copies[copy].clone();
        self.runtime.block_on(courrier_server::storage::restore(&location, &file, true, now)).expect("restored");
        self.open();
    }

    fn set_up_anew(&mut self) {
        self.storage = None;
        self.machines += 1;
        self.open();
    }

    fn purge(&mut self) {
        let at = self.now();
        let storage = self.storage.clone().expect("open");
        let retention = Retention { horizon: at, audit: at };
        self.runtime.block_on(storage.purge(retention)).expect("purged");
    }
}

#[test]
fn the_real_database_keeps_the_promises_too() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().expect("a number"));
    if let Some(seed) = number("SEED") {
        let options = Options { trace: true, ..Options::default() };
        run(seed, &options, RealServer::new).unwrap_or_else(|failure| panic!("{failure}"));
        return;
    }
    let mut sum = Tally::default();
    for seed in 0..number("SCHEDULES").unwrap_or(60) {
        sum += run(seed, &Options::default(), RealServer::new).unwrap_or_else(|failure| panic!("{failure}"));
    }
    assert!(sum.messages > 1000 && sum.restores > 10, "{sum:?}");
}
