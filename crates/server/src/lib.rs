//! `courrier-server`: carries a person's accounts between their computers, and can read none of their secrets.
//!
//! Desktops talk to it with the messages of `courrier-wire`; the OpenAPI document that it serves describes every
//! call. People are whoever the configured OpenID Connect issuer says they are; the server keeps no passwords.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use courrier_server::{Server, config::{Config, Settings}};
//!
//! let settings = Settings { issuer: Some("https://id.example.org/realms/staff".to_owned()), ..Settings::default() };
//! let server = Server::bind(Config::from_settings(settings)?).await?;
//! println!("listening on {}", server.address());
//! server.run(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - A call reaches only what belongs to the person whom its token names. A token alone reaches nothing: each request
//!   is signed by a registered device's key, for this request, once (`access`).
//! - A device that was revoked is refused from the moment that revoking it was answered, on every copy of the server
//!   that shares the database, and its event streams close.
//! - Whatever is refused is refused as a `courrier_wire::Refusal`.
//! - The log names people and devices by id; neither it nor the metrics have a token, an e-mail or network address.
//! - Told to stop, it takes no new connections, ends event streams and finishes what it has begun ([`Server::run`]).
//!
//! `docs/operating.md` is the guide for those who operate it.

mod access;
mod api;
mod client_address;
pub mod clock;
pub mod config;
mod extract;
mod layers;
mod limits;
mod metrics;
mod rate;
mod refusal;
mod serve;
mod state;
pub mod storage;

pub use serve::{ServeError, Server};
