//! From a host name to a connection that can be trusted, keeping every fact a diagnosis needs.
//!
//! The steps are separate on purpose, so that a caller can time each and say which one failed:
//! [`resolve()`] asks the system for addresses and, when it has none, DNS for the reason; [`connect()`] races
//! IPv6 and IPv4 (RFC 8305) or goes through a proxy; [`Trust::secure`] does TLS with the operating system's trust
//! store and reports the certificate also when it is refused.
//!
//! Every step has a limit of its own ([`limits`]) and can be cancelled by dropping its future; nothing is left
//! running that holds the caller up.

mod certificate;
mod connect;
pub mod limits;
mod proxy;
mod record;
mod resolve;
mod route;
mod tls;

pub use certificate::{Certificate, CertificateFault};
pub use connect::{ConnectError, Connected, connect, connect_to};
pub use proxy::Proxies;
pub use record::{Record, Recorded};
pub use resolve::{ResolveError, resolve};
pub use route::default_exists as has_route;
pub use tls::{Secured, TlsError, TlsStream, Trust};
