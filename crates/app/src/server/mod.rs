//! The organisation's server: signing in to it, carrying accounts by it, and the person's other computers.
//!
//! | module | what it is |
//! | --- | --- |
//! | `address`, `registration` | the server's address; this program and computer, as others are told |
//! | `http`, `api`, `events`, `transport` | requests, signed by this computer's key |
//! | `keeper` | where tokens and key are kept; what two processes share |
//! | `attempt`, `sign_in`, `sign_out`, `browser`, `pages` | the journeys |
//! | `session`, `state` | who is signed in, and how far everything has come |
//! | `background` | what the window does without being asked |
//! | `sync`, `devices`, `audit`, `history`, `travelling` | the use cases |

mod address;
mod api;
mod attempt;
mod audit;
mod background;
mod browser;
mod devices;
mod doctor;
mod error;
mod events;
mod history;
mod http;
mod keeper;
pub(crate) mod pages;
mod registration;
mod session;
mod sign_in;
mod sign_out;
mod state;
mod sync;
mod transport;
mod travelling;

pub use attempt::{Attempt, Moment, Way};
pub use background::Notice;
pub(crate) use background::slept;
pub use browser::SystemBrowser;
pub use error::ServerError;
pub(crate) use keeper::kept;
pub(crate) use state::ServerState;
