//! What the operator decides.
//!
//! Every setting can stand in three places: on the command line, in the environment (`COURRIER_…`), and in the TOML
//! file that `--config` names. They mean the same everywhere, and the first place that has a setting decides, in
//! this order. [`Settings`] is what was written; [`Config`] is what it means, checked once.

mod check;
mod fault;
mod resolve;
mod settings;

pub use check::check;
pub use fault::{Fault, Faults};
pub use settings::{LogFormat, Settings};

use std::net::SocketAddr;

use courrier_wire::{IssuerProfile, ProviderClient};
use ipnet::IpNet;
use url::Url;

use crate::storage::Location;

/// The server's configuration; whatever could be wrong about it by itself was refused.
#[derive(Debug)]
pub struct Config {
    /// Where desktops, or the reverse proxy, connect.
    pub listen: SocketAddr,
    /// Where metrics are collected; absent, they stand on `listen` for this machine alone.
    pub metrics_listen: Option<SocketAddr>,
    /// The address that desktops use, if it is not `http://` and `listen`. Without a slash at its end.
    pub public_url: Option<Url>,
    /// Where the data is.
    pub database: Location,
    /// Who vouches for people; without one no call is served.
    pub issuer: Option<Issuer>,
    /// Networks of reverse proxies, whose word about addresses is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Client ids at mail providers.
    pub providers: Vec<ProviderClient>,
    /// Mail domains of the organisation.
    pub managed_domains: Vec<String>,
    /// How long sign-ins last at the issuer, in days, if the operator says.
    pub session_days: Option<u32>,
    /// How long the audit log is kept, in days.
    pub audit_days: u32,
    /// What one person or address may ask for.
    pub limits: Limits,
    /// How the log is written.
    pub log: Log,
}

/// Who vouches for people.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its name, exactly as its tokens carry it.
    pub name: String,
    /// The same as an address.
    pub address: Url,
    /// For whom its tokens must be.
    pub audience: String,
    /// The clients that may use this server; desktops are told the first.
    pub clients: Vec<String>,
    /// How its tokens look.
    pub profile: IssuerProfile,
    /// What desktops ask for by RFC 8707.
    pub resource: Option<String>,
    /// The scopes that desktops ask for.
    pub scopes: Vec<String>,
    /// The role of administrators.
    pub admin_role: String,
}

/// What one person or address may ask for; 0 is without limit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second of one person, over time.
    pub user_rate: u32,
    /// Requests a second from one address, over time; a whole office may share one.
    pub address_rate: u32,
    /// Event streams of one person at a time, on one copy of the server.
    pub user_streams: u32,
}

/// How the log is written.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// Its form.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: tracing::level_filters::LevelFilter,
}
