//! Everything a person can do with Courrier, as methods of [`Courrier`]: the only place that composes the store, the
//! keyring, the checks, signing in and the exchange with the server. A window and a command line are thin shells around it.
//!
//! ```no_run
//! use courrier_app::{Courrier, Ports};
//! let courrier = Courrier::open(None, Ports::system())?;
//! for account in courrier.accounts()? {
//!     println!("{} {}", account.address, account.health.state);
//! }
//! # Ok::<(), courrier_app::AppError>(())
//! ```
//!
//! Promises: a secret leaves through [`Courrier::reveal_secret`], [`Courrier::password`] and [`Courrier::token`] only; what is listed comes
//! from the local file without touching a network; whatever kills the process, no account and no working secret is
//! lost (see [`journal`]).

mod accounts;
mod attention;
mod checks;
mod convert;
mod courrier;
mod credentials;
mod doctor;
mod error;
mod input;
pub mod journal;
mod language;
mod oauth;
mod report_text;
mod server;
mod settings;
mod storage;
mod suggest;
pub mod view;
mod words;

pub use courrier_auth::{Browser, Url};
pub use courrier_model::{ExposeSecret, Secret};
pub use courrier_secrets::{MemoryStore, SecretStore};

pub use accounts::{AccountChange, EndpointChange, NewAccount};
pub use attention::Attention;
pub use checks::Run;
pub use courrier::{Courrier, Ports, default_home};
pub use error::AppError;
pub use language::Language;
pub use oauth::{AuthorizeOptions, FreshToken, OAuthError, TokenNotice};
pub use server::{Attempt, Moment, Notice, ServerError, SystemBrowser, Way};
pub use words::{Arg, Words};
