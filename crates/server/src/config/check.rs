//! What can only be known by trying: `courrier-server check-config`.

use std::path::Path;

use tokio::net::TcpListener;

use super::{Config, Fault, Faults};
use crate::access::discovery::Discovery;
use crate::storage::{Location, Storage, StorageError};

impl Config {
    /// Makes the folder of an SQLite database, for this user alone.
    ///
    /// # Errors
    /// The system's.
    pub fn make_folder(&self) -> std::io::Result<()> {
        let Location::Sqlite(file) = &self.database else { return Ok(()) };
        let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }
}

/// Tries what the configuration names: the addresses, the database, the issuer. A running server's own address and
/// SQLite file count as good.
///
/// # Errors
/// Everything that does not work.
pub async fn check(config: &Config) -> Result<(), Faults> {
    let mut faults = Vec::new();
    for (setting, address) in [("listen", Some(config.listen)), ("metrics-listen", config.metrics_listen)] {
        let Some(address) = address else { continue };
        match TcpListener::bind(address).await {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => faults.push(Fault::new(
                setting,
                format!("{address} can't be listened on: {error}"),
                "Give an address of this machine, and a port above 1023 unless the service may use lower ones.",
            )),
        }
    }
    faults.extend(database(config).await.err());
    faults.extend(issuer(config).await.err());
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

async fn database(config: &Config) -> Result<(), Fault> {
    let setting = if matches!(config.database, Location::Sqlite(_)) { "data" } else { "database-url" };
    config.make_folder().map_err(|error| {
        Fault::new(setting, format!("the folder can't be made: {error}"), "Name a folder that this user may write to.")
    })?;
    if let Location::Sqlite(file) = &config.database {
        is_writable(file).map_err(|error| {
            Fault::new(setting, format!("the folder can't be written to: {error}"), "Give it to this user.")
        })?;
    }
    match Storage::schema(&config.database).await {
        Ok(_) | Err(StorageError::InUse) => Ok(()),
        Err(error) => {
            let remedy = match error {
                StorageError::NewerSchema { .. } => "Use the newer program, or restore a backup that this one made.",
                StorageError::Unavailable(_) => "Start the database, and see that this user may connect and write.",
                StorageError::Corrupt(_) => "Restore a backup: courrier-server restore FILE.",
                _ => "See that the address is right and that this user may make tables there.",
            };
            Err(Fault::new(setting, error.to_string(), remedy))
        }
    }
}

/// Tries it with a file of its own: rights, quotas and read-only mounts all count.
fn is_writable(database: &Path) -> std::io::Result<()> {
    let mut probe = database.as_os_str().to_owned();
    probe.push(format!(".{}.probe", std::process::id()));
    std::fs::File::create_new(&probe)?;
    std::fs::remove_file(&probe)
}

async fn issuer(config: &Config) -> Result<(), Fault> {
    let Some(issuer) = &config.issuer else {
        return Err(Fault::new(
            "issuer",
            "nobody vouches for people: no call can be served",
            "Name your OpenID Connect issuer, for example --issuer https://id.example.org/realms/staff.",
        ));
    };
    let discovery = Discovery::new(issuer.address.clone(), issuer.name.clone()).map_err(|error| {
        Fault::new("issuer", format!("the system's certificate authorities can't be used: {error}"), "Install them.")
    })?;
    let keys = discovery.keys().await.map_err(|error| {
        Fault::new(
            "issuer",
            error.to_string(),
            "Give the issuer's name exactly as its /.well-known/openid-configuration says, and see that this machine \
             reaches it and trusts its certificate.",
        )
    })?;
    if keys.is_empty() {
        return Err(Fault::new(
            "issuer",
            "it has no key that this server can use",
            "Let it sign access tokens with RS256, PS256, ES256 or EdDSA.",
        ));
    }
    Ok(())
}
