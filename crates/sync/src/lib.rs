//! Carries a person's accounts and preferences between their computers and Courrier's server. `docs/sync.md` tells the
//! protocol; the messages are `courrier-wire`'s.
//!
//! ```no_run
//! # async fn example<T: courrier_sync::Transport>(store: std::sync::Arc<courrier_store::Store>, server: T,
//! #     clock: fn() -> courrier_model::Timestamp) -> Result<(), courrier_sync::SyncError> {
//! let report = courrier_sync::synchronise(&store, &server, clock).await?;
//! println!("{} sent, {} received, {} wait", report.sent, report.received, report.pending);
//! # Ok(())
//! # }
//! ```
//!
//! - [`merge`] is the three-way merge of one record; [`plan`] decides for all of them at once what to keep, show and
//!   send. Both are pure.
//! - [`Exchange`] is one exchange as a machine without I/O; [`synchronise`] runs it over a [`Transport`], which whoever
//!   has HTTP, tokens and proofs brings along.
//! - [`Watcher`] keeps at it for as long as somebody is signed in.
//!
//! # What it promises
//!
//! However many devices a person has, whatever messages are lost or arrive twice, whoever crashes between any two
//! writes to a disk, and whenever the server is restored from a backup: all devices come to the same accounts; what a
//! person typed is in them or in an account's history; nothing that was removed comes back unless somebody edited it;
//! no two accounts have one address. `schedules` (feature `testing`) tries this with random schedules; a seed that
//! fails replays.
//!
//! No time decides anything: a wrong clock shows wrong dates in the history, and that is all.

mod backoff;
mod driver;
mod error;
mod exchange;
pub mod merge;
pub mod plan;
mod report;
#[cfg(feature = "testing")]
pub mod schedules;
mod transport;
mod watcher;

pub use backoff::Backoff;
pub use driver::synchronise;
pub use error::{SyncError, TransportError};
pub use exchange::{Answer, Ask, Exchange};
pub use report::{Pending, Report, pending};
pub use transport::{Events, Pull, Transport};
pub use watcher::{Status, Stop, Wake, Watcher};
