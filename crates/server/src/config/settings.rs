//! The settings as an operator writes them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use courrier_model::Secret;
use courrier_wire::ProviderClient;
use serde::{Deserialize, Deserializer};

use super::{Fault, Faults};

/// Bytes of a configuration file, at most.
const FILE_LIMIT: u64 = 1024 * 1024;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `text` on a terminal, else `json`.
    Auto,
    /// One JSON object a line.
    Json,
    /// For reading.
    Text,
}

/// The settings of one place. What is absent is decided by the next place, or has a default.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Where to listen [default: 127.0.0.1:8484]
    #[arg(long, env = "COURRIER_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    pub listen: Option<SocketAddr>,
    /// Serve /metrics there; else on the main address, for this machine alone
    #[arg(long, env = "COURRIER_METRICS_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// The address that desktops use, as a reverse proxy shows it [default: http:// and where it listens]
    #[arg(long, env = "COURRIER_PUBLIC_URL", value_name = "URL", global = true)]
    pub public_url: Option<String>,
    /// The folder of the SQLite database [default: the system's place for data]
    #[arg(long, env = "COURRIER_DATA", value_name = "FOLDER", global = true)]
    pub data: Option<PathBuf>,
    /// postgres://… or sqlite:FILE in place of --data; better not on the command line, where others can read it
    #[arg(long, env = "COURRIER_DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub database_url: Option<DatabaseUrl>,
    /// A PEM file with further authorities for PostgreSQL's certificate
    #[arg(long, env = "COURRIER_DATABASE_AUTHORITIES", value_name = "FILE", global = true)]
    pub database_authorities: Option<PathBuf>,
    /// Connections to PostgreSQL at a time [default: 16]
    #[arg(long, env = "COURRIER_DATABASE_CONNECTIONS", value_name = "N", global = true)]
    pub database_connections: Option<u16>,
    /// The OpenID Connect issuer where people sign in
    #[arg(long, env = "COURRIER_ISSUER", value_name = "URL", global = true)]
    pub issuer: Option<String>,
    /// keycloak or rfc9068 [default: keycloak if the issuer's path has /realms/, else rfc9068]
    #[arg(long, env = "COURRIER_ISSUER_PROFILE", value_name = "PROFILE", global = true)]
    pub issuer_profile: Option<String>,
    /// The audience of access tokens for this server [default: courrier-api]
    #[arg(long, env = "COURRIER_AUDIENCE", value_name = "TEXT", global = true)]
    pub audience: Option<String>,
    /// Client ids that may use this server; desktops are told the first [default: courrier-desktop]
    #[arg(long = "client", env = "COURRIER_CLIENTS", value_name = "ID", value_delimiter = ',', global = true)]
    pub clients: Option<Vec<String>>,
    /// The resource that desktops ask for by RFC 8707 [default: the audience if it is a URL]
    #[arg(long, env = "COURRIER_RESOURCE", value_name = "URL", global = true)]
    pub resource: Option<String>,
    /// Scopes that desktops ask for [default: openid,profile,email,offline_access]
    #[arg(long = "scope", env = "COURRIER_SCOPES", value_name = "SCOPE", value_delimiter = ',', global = true)]
    pub scopes: Option<Vec<String>>,
    /// The role of those who may read everybody's audit log [default: courrier-admin]
    #[arg(long, env = "COURRIER_ADMIN_ROLE", value_name = "ROLE", global = true)]
    pub admin_role: Option<String>,
    /// Networks of reverse proxies whose X-Forwarded-For is believed
    #[arg(
        long = "trusted-proxy",
        env = "COURRIER_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ',',
        global = true
    )]
    pub trusted_proxies: Option<Vec<String>>,
    /// Mail domains of the organisation
    #[arg(
        long = "managed-domain",
        env = "COURRIER_MANAGED_DOMAINS",
        value_name = "DOMAIN",
        value_delimiter = ',',
        global = true
    )]
    pub managed_domains: Option<Vec<String>>,
    /// Client ids at mail providers; in the file alone
    #[arg(skip)]
    pub providers: Option<Vec<ProviderClient>>,
    /// Days that a sign-in lasts at the issuer, to be shown with each device
    #[arg(long, env = "COURRIER_SESSION_DAYS", value_name = "DAYS", global = true)]
    pub session_days: Option<u32>,
    /// Days that the audit log is kept [default: 365]
    #[arg(long, env = "COURRIER_AUDIT_DAYS", value_name = "DAYS", global = true)]
    pub audit_days: Option<u32>,
    /// Requests a second of one person, 0 for any number [default: 20]
    #[arg(long, env = "COURRIER_USER_RATE", value_name = "N", global = true)]
    pub user_rate: Option<u32>,
    /// Requests a second from one address, 0 for any number [default: 200]
    #[arg(long, env = "COURRIER_ADDRESS_RATE", value_name = "N", global = true)]
    pub address_rate: Option<u32>,
    /// Event streams of one person at a time, 0 for any number [default: 32]
    #[arg(long, env = "COURRIER_USER_STREAMS", value_name = "N", global = true)]
    pub user_streams: Option<u32>,
    /// How the log is written [default: auto]
    #[arg(long, env = "COURRIER_LOG_FORMAT", value_name = "FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
    /// off, error, warn, info, debug or trace [default: info]
    #[arg(long, env = "COURRIER_LOG", value_name = "LEVEL", global = true)]
    pub log: Option<String>,
}

/// A database's address, which may hold a password.
#[derive(Debug, Clone)]
pub struct DatabaseUrl(pub Secret);

impl From<String> for DatabaseUrl {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.into())
    }
}

impl Settings {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// If it can't be read, or is not what it should be.
    pub fn from_file(path: &Path) -> Result<Self, Faults> {
        let fault = |problem: String, remedy: &str| Faults(vec![Fault::new("config", problem, remedy)]);
        let shown = path.display();
        let metadata = std::fs::metadata(path).map_err(|error| {
            fault(format!("{shown} can't be read: {error}"), "Name an existing file that this user may read.")
        })?;
        if metadata.len() > FILE_LIMIT {
            return Err(fault(format!("{shown} is larger than {FILE_LIMIT} bytes"), "Name the right file."));
        }
        let text = std::fs::read_to_string(path).map_err(|error| {
            fault(format!("{shown} can't be read: {error}"), "Give this user the right to read it.")
        })?;
        // The error's own text quotes the line, which may be the one with a password.
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
            fault(
                format!("{shown}, line {line}: {}", error.message()),
                "Compare it with the operator's guide: each setting is written as on the command line, lists with [\"…\"].",
            )
        })
    }

    /// These settings, and where they say nothing those of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            public_url: self.public_url.or(other.public_url),
            data: self.data.or(other.data),
            database_url: self.database_url.or(other.database_url),
            database_authorities: self.database_authorities.or(other.database_authorities),
            database_connections: self.database_connections.or(other.database_connections),
            issuer: self.issuer.or(other.issuer),
            issuer_profile: self.issuer_profile.or(other.issuer_profile),
            audience: self.audience.or(other.audience),
            clients: self.clients.or(other.clients),
            resource: self.resource.or(other.resource),
            scopes: self.scopes.or(other.scopes),
            admin_role: self.admin_role.or(other.admin_role),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            managed_domains: self.managed_domains.or(other.managed_domains),
            providers: self.providers.or(other.providers),
            session_days: self.session_days.or(other.session_days),
            audit_days: self.audit_days.or(other.audit_days),
            user_rate: self.user_rate.or(other.user_rate),
            address_rate: self.address_rate.or(other.address_rate),
            user_streams: self.user_streams.or(other.user_streams),
            log_format: self.log_format.or(other.log_format),
            log: self.log.or(other.log),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Settings, Faults> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("courrier.toml");
        std::fs::write(&path, text).unwrap();
        Settings::from_file(&path)
    }

    #[test]
    fn a_file_says_what_the_command_line_says() {
        let settings = file(
            "listen = \"127.0.0.1:9000\"\nissuer = \"https://id.example.test\"\nclients = [\"one\", \"two\"]\n\
             audit-days = 30\nlog-format = \"json\"\n\
             [[providers]]\nprovider = \"google\"\nclient_id = \"abc\"\n",
        )
        .unwrap();
        assert_eq!(settings.listen.unwrap().port(), 9000);
        assert_eq!(settings.clients.unwrap(), ["one", "two"]);
        assert_eq!(settings.audit_days, Some(30));
        assert_eq!(settings.providers.unwrap()[0].provider, "google");
    }

    #[test]
    fn a_fault_in_a_file_is_placed_and_never_quoted() {
        let fault = file("listen = \"127.0.0.1:9000\"\n\ndatabase-url = postgres://u:hunter2@h/d\n").unwrap_err();
        assert!(fault.0[0].problem.contains("line 3"), "{fault}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
        let unknown = file("isuer = \"https://id.example.test\"\n").unwrap_err();
        assert!(unknown.0[0].problem.contains("isuer"), "{unknown}");
    }

    #[test]
    fn the_first_place_decides() {
        let near = Settings { audience: Some("near".to_owned()), ..Settings::default() };
        let far = Settings { audience: Some("far".to_owned()), audit_days: Some(1), ..Settings::default() };
        let both = near.or(far);
        assert_eq!((both.audience.as_deref(), both.audit_days), (Some("near"), Some(1)));
    }

    #[test]
    fn a_database_address_is_never_shown() {
        let settings =
            Settings { database_url: Some("postgres://u:hunter2@h/d".to_owned().into()), ..Settings::default() };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
