//! Random schedules: some devices of one person, a server, a bad network, and whatever else goes wrong, from one seed.
//!
//! A schedule edits, adds and removes accounts on 2 to 5 devices, lets each talk to the server a message at a time,
//! loses, repeats and delays messages, makes programs die at a write, and restores the server from a backup. Then
//! everything calms down, and [`oracle`] asks what the crate promises. The devices are real stores with real
//! exchanges; only disk and network are replaced. The server is any [`Server`]: [`ModelServer`] says in a page what a
//! server has to do, and the real one can stand in its place.
//!
//! ```
//! # use courrier_sync::schedules::{ModelServer, Options, run};
//! let tally = run(1, &Options::default(), ModelServer::new)?;
//! assert!(tally.edits > 0);
//! # Ok::<(), courrier_sync::schedules::Failure>(())
//! ```

mod device;
mod edits;
mod model;
mod oracle;
mod server;
mod world;

pub use model::ModelServer;
pub use server::Server;

use std::fmt;

use world::World;

/// What a schedule may contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Steps before everything calms down.
    pub steps: u32,
    /// Devices, at most; at least 2.
    pub devices: usize,
    /// Messages are lost, repeated and delayed.
    pub bad_network: bool,
    /// Programs die at a write.
    pub deaths: bool,
    /// The server goes back to a backup, or is set up anew.
    pub restores: bool,
    /// Keep a log of all steps, for a failing seed.
    pub trace: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 60, devices: 5, bad_network: true, deaths: true, restores: true, trace: false }
    }
}

/// What happened in a schedule; sums over many tell whether they were worth anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Edits by a person.
    pub edits: u64,
    /// Accounts that a person removed.
    pub removals: u64,
    /// Messages that arrived.
    pub messages: u64,
    /// Messages that did not, or twice, or late.
    pub mishaps: u64,
    /// Programs that died.
    pub deaths: u64,
    /// Times the server went back.
    pub restores: u64,
    /// Conflicts that a person was shown.
    pub conflicts: u64,
    /// Accounts that moved to another id, or were held back.
    pub collisions: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.edits += other.edits;
        self.removals += other.removals;
        self.messages += other.messages;
        self.mishaps += other.mishaps;
        self.deaths += other.deaths;
        self.restores += other.restores;
        self.conflicts += other.conflicts;
        self.collisions += other.collisions;
    }
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The schedule: run it again with [`Options::trace`].
    pub seed: u64,
    /// What is wrong.
    pub what: String,
    /// The steps, if they were kept.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "{line}")?;
        }
        write!(f, "SEED={}: {}", self.seed, self.what)
    }
}

impl std::error::Error for Failure {}

/// Runs the schedule of this seed.
///
/// # Errors
/// The first promise that was not kept.
pub fn run<S: Server>(seed: u64, options: &Options, server: impl FnOnce() -> S) -> Result<Tally, Failure> {
    let mut world = World::new(seed, options.clone(), server());
    let result = world.play().and_then(|()| oracle::judge(&mut world));
    match result {
        Ok(()) => Ok(world.tally),
        Err(what) => Err(Failure { seed, what, trace: world.trace }),
    }
}
