//! From what was written to what it means.

use std::net::{Ipv4Addr, SocketAddr};

use courrier_model::{ExposeSecret, Host};
use courrier_wire::IssuerProfile;
use ipnet::IpNet;
use tracing::level_filters::LevelFilter;
use url::Url;

use super::settings::DatabaseUrl;
use super::{Config, Fault, Faults, Issuer, Limits, Log, LogFormat, Settings};
use crate::access::discovery::is_safe;
use crate::storage::Location;

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8484);
/// The database's name in the data folder.
const DATABASE_FILE: &str = "courrier-server.db";
const AUDIENCE: &str = "courrier-api";
const CLIENT: &str = "courrier-desktop";
const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const ADMIN_ROLE: &str = "courrier-admin";
/// A desktop pulls a few times a minute and pushes in batches; a first sync is some tens of requests.
const USER_RATE: u32 = 20;
const ADDRESS_RATE: u32 = 200;
const USER_STREAMS: u32 = 32;
const AUDIT_DAYS: u32 = 365;
/// More than a century: sums with it must not overflow a date.
const DAYS_LIMIT: u32 = 36_500;

impl Config {
    /// Checks settings and fills in what they leave out.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_settings(settings: Settings) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let listen = settings.listen.unwrap_or(LISTEN);
        // Stands in while the other settings are checked, so that all faults are told at once.
        let nowhere = Location::sqlite("");
        let database = kept(&mut faults, database(&settings)).unwrap_or(nowhere);
        let config = Self {
            listen,
            metrics_listen: settings.metrics_listen,
            public_url: kept(&mut faults, public_url(settings.public_url.as_deref(), listen)).flatten(),
            issuer: kept(&mut faults, issuer(&settings)).flatten(),
            trusted_proxies: kept(&mut faults, networks(settings.trusted_proxies.as_deref())).unwrap_or_default(),
            managed_domains: kept(&mut faults, domains(settings.managed_domains.as_deref())).unwrap_or_default(),
            session_days: kept(&mut faults, days("session-days", settings.session_days)).flatten(),
            audit_days: kept(&mut faults, days("audit-days", settings.audit_days)).flatten().unwrap_or(AUDIT_DAYS),
            providers: settings.providers.unwrap_or_default(),
            limits: Limits {
                user_rate: settings.user_rate.unwrap_or(USER_RATE),
                address_rate: settings.address_rate.unwrap_or(ADDRESS_RATE),
                user_streams: settings.user_streams.unwrap_or(USER_STREAMS),
            },
            log: Log {
                format: settings.log_format.unwrap_or(LogFormat::Auto),
                level: kept(&mut faults, level(settings.log.as_deref())).unwrap_or(LevelFilter::INFO),
            },
            database,
        };
        if faults.is_empty() { Ok(config) } else { Err(Faults(faults)) }
    }
}

fn kept<T>(faults: &mut Vec<Fault>, result: Result<T, Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}

fn public_url(text: Option<&str>, listen: SocketAddr) -> Result<Option<Url>, Fault> {
    let Some(text) = text else {
        return if listen.ip().is_loopback() {
            Ok(None)
        } else {
            Err(Fault::new(
                "public-url",
                format!("it listens on {listen}, which others can reach, and nothing says under what address"),
                "Give the https address of the reverse proxy, for example --public-url https://courrier.example.org.",
            ))
        };
    };
    let remedy = "Give scheme and host, for example https://courrier.example.org; https, except on this machine.";
    let url = Url::parse(text.trim_end_matches('/'))
        .map_err(|error| Fault::new("public-url", format!("{text:?} is not an address: {error}"), remedy))?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if plain && is_safe(&url) {
        Ok(Some(url))
    } else {
        Err(Fault::new("public-url", format!("{text:?} can't be used by desktops"), remedy))
    }
}

fn issuer(settings: &Settings) -> Result<Option<Issuer>, Fault> {
    let Some(name) = settings.issuer.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
    let remedy = "Give it exactly as the issuer's own metadata says (\"issuer\"), for example \
                  https://id.example.org/realms/staff; https, except on this machine.";
    let address = Url::parse(&name)
        .map_err(|error| Fault::new("issuer", format!("{name:?} is not an address: {error}"), remedy))?;
    if !is_safe(&address) || address.query().is_some() || address.fragment().is_some() {
        return Err(Fault::new("issuer", format!("{name:?} is not an address that can be trusted"), remedy));
    }
    let profile = match settings.issuer_profile.as_deref() {
        None if address.path().contains("/realms/") => IssuerProfile::Keycloak,
        None | Some("rfc9068") => IssuerProfile::Rfc9068,
        Some("keycloak") => IssuerProfile::Keycloak,
        Some(other) => {
            return Err(Fault::new("issuer-profile", format!("{other:?} is not known"), "Give keycloak or rfc9068."));
        }
    };
    let audience = settings.audience.clone().unwrap_or_else(|| AUDIENCE.to_owned());
    let clients = settings.clients.clone().unwrap_or_else(|| vec![CLIENT.to_owned()]);
    if clients.is_empty() || clients.iter().any(String::is_empty) {
        return Err(Fault::new(
            "client",
            "no client may use this server",
            "Name the desktops' client id at the issuer.",
        ));
    }
    if audience.is_empty() {
        return Err(Fault::new(
            "audience",
            "it is empty",
            "Name the audience that the issuer puts into access tokens.",
        ));
    }
    // An audience that is a resource is asked for as one (RFC 9068 section 3).
    let resource = settings.resource.clone().or_else(|| Url::parse(&audience).is_ok().then(|| audience.clone()));
    let scopes = settings.scopes.clone().unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec());
    if !scopes.iter().any(|scope| scope == "openid") {
        return Err(Fault::new("scope", "openid is not among the scopes", "Add it: OpenID Connect asks for it."));
    }
    let admin_role = settings.admin_role.clone().unwrap_or_else(|| ADMIN_ROLE.to_owned());
    Ok(Some(Issuer { name, address, audience, clients, profile, resource, scopes, admin_role }))
}

fn networks(texts: Option<&[String]>) -> Result<Vec<IpNet>, Fault> {
    let network = |text: &String| {
        text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
            Fault::new(
                "trusted-proxy",
                format!("{text:?} is not a network"),
                "Give an address or a network, for example 127.0.0.1 or 10.0.0.0/8.",
            )
        })
    };
    texts.unwrap_or_default().iter().map(network).collect()
}

fn domains(texts: Option<&[String]>) -> Result<Vec<String>, Fault> {
    let domain = |text: &String| {
        let host = text.parse::<Host>().map_err(|invalid| {
            Fault::new(
                "managed-domain",
                format!("{text:?} is {invalid}"),
                "Give what stands behind the @ of the organisation's addresses, for example example.org.",
            )
        })?;
        Ok(host.to_string())
    };
    texts.unwrap_or_default().iter().map(domain).collect()
}

fn days(setting: &'static str, days: Option<u32>) -> Result<Option<u32>, Fault> {
    match days {
        Some(days) if !(1..=DAYS_LIMIT).contains(&days) => {
            Err(Fault::new(setting, format!("{days} is not a number of days"), format!("Give 1 to {DAYS_LIMIT}.")))
        }
        days => Ok(days),
    }
}

fn level(text: Option<&str>) -> Result<LevelFilter, Fault> {
    text.unwrap_or("info")
        .parse()
        .map_err(|_| Fault::new("log", "it is not a level", "Give one of off, error, warn, info, debug, trace."))
}

fn database(settings: &Settings) -> Result<Location, Fault> {
    let Some(DatabaseUrl(url)) = &settings.database_url else {
        let own =
            || directories::ProjectDirs::from("", "", "courrier-server").map(|dirs| dirs.data_local_dir().to_owned());
        let folder = settings.data.clone().or_else(own);
        let fault = || Fault::new("data", "this user has no home folder", "Name a folder for the data with --data.");
        return folder.map(|folder| Location::sqlite(folder.join(DATABASE_FILE))).ok_or_else(fault);
    };
    // It goes to the database's driver, which keeps it to itself.
    let mut location = Location::from_url(url.expose_secret()).map_err(|error| {
        Fault::new(
            "database-url",
            error.to_string(),
            "Give postgres://USER:PASSWORD@HOST/DATABASE or sqlite:FILE, or leave it out and name a folder with --data.",
        )
    })?;
    if let Location::Postgres(postgres) = &mut location {
        postgres.authorities.clone_from(&settings.database_authorities);
        if let Some(connections) = settings.database_connections {
            postgres.connections = usize::from(connections.max(1));
        }
    }
    Ok(location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(change: impl FnOnce(&mut Settings)) -> Result<Config, Faults> {
        let mut settings = Settings { data: Some("/data".into()), ..Settings::default() };
        change(&mut settings);
        Config::from_settings(settings)
    }

    #[test]
    fn nothing_at_all_is_a_configuration() {
        let config = resolved(|_| ()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8484");
        assert!(
            matches!(config.database, Location::Sqlite(file) if file == std::path::Path::new("/data/courrier-server.db"))
        );
        assert!(config.issuer.is_none() && config.public_url.is_none());
    }

    #[test]
    fn an_issuer_brings_what_desktops_need() {
        let config = resolved(|s| s.issuer = Some("https://id.example.org/realms/staff".to_owned())).unwrap();
        let issuer = config.issuer.unwrap();
        assert_eq!((issuer.profile, issuer.resource), (IssuerProfile::Keycloak, None));
        assert_eq!((issuer.audience.as_str(), issuer.clients.as_slice()), (AUDIENCE, &[CLIENT.to_owned()][..]));
        let config = resolved(|s| {
            s.issuer = Some("https://id.example.org".to_owned());
            s.audience = Some("https://courrier.example.org/api".to_owned());
        });
        let issuer = config.unwrap().issuer.unwrap();
        assert_eq!(issuer.profile, IssuerProfile::Rfc9068);
        assert_eq!(issuer.resource.as_deref(), Some("https://courrier.example.org/api"));
    }

    #[test]
    fn each_fault_names_its_setting_and_all_are_told_at_once() {
        let faults = resolved(|s| {
            s.listen = Some("0.0.0.0:80".parse().unwrap());
            s.issuer = Some("http://id.example.org".to_owned());
            s.trusted_proxies = Some(vec!["proxy".to_owned()]);
            s.managed_domains = Some(vec!["not a domain".to_owned()]);
            s.session_days = Some(0);
            s.audit_days = Some(u32::MAX);
            s.log = Some("loud".to_owned());
            s.database_url = Some("mysql://u:hunter2@h/d".to_owned().into());
        })
        .unwrap_err();
        let named: Vec<_> = faults.0.iter().map(|fault| fault.setting).collect();
        assert_eq!(
            named,
            [
                "database-url",
                "public-url",
                "issuer",
                "trusted-proxy",
                "managed-domain",
                "session-days",
                "audit-days",
                "log"
            ]
        );
        assert!(!faults.to_string().contains("hunter2"));
        assert!(faults.0.iter().all(|fault| !fault.remedy.is_empty()));
    }

    #[test]
    fn single_settings_are_checked() {
        let one = |change: fn(&mut Settings)| resolved(change).unwrap_err().0[0].setting;
        let issuer = |s: &mut Settings| s.issuer = Some("https://id.example.org".to_owned());
        assert_eq!(one(|s| s.public_url = Some("http://courrier.example.org".to_owned())), "public-url");
        assert_eq!(one(|s| s.public_url = Some("https://u@courrier.example.org".to_owned())), "public-url");
        assert_eq!(one(|s| s.issuer = Some("nonsense".to_owned())), "issuer");
        for (setting, change) in [
            ("issuer-profile", (|s| s.issuer_profile = Some("ldap".to_owned())) as fn(&mut Settings)),
            ("client", |s| s.clients = Some(Vec::new())),
            ("audience", |s| s.audience = Some(String::new())),
            ("scope", |s| s.scopes = Some(vec!["profile".to_owned()])),
        ] {
            let faults = resolved(|s| {
                issuer(s);
                change(s);
            });
            assert_eq!(faults.unwrap_err().0[0].setting, setting);
        }
    }
}
