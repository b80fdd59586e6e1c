//! Where the data lives.

use std::fmt;
use std::path::{Path, PathBuf};

use super::StorageError;

/// Connections of one process to PostgreSQL, if nothing else is said.
pub const DEFAULT_CONNECTIONS: usize = 16;

/// Where the data lives.
#[derive(Debug, Clone)]
pub enum Location {
    /// One SQLite file, made where it is missing. One serving process at a time.
    Sqlite(PathBuf),
    /// A PostgreSQL database, for any number of processes. Boxed, because its settings are large.
    Postgres(Box<PostgresLocation>),
}

impl Location {
    /// A file of this name.
    pub fn sqlite(file: impl AsRef<Path>) -> Self {
        Self::Sqlite(file.as_ref().to_owned())
    }

    /// What `--database-url` names: `postgres://…` (a URI or `key=value` pairs as libpq takes them), or
    /// `sqlite:FILE`.
    ///
    /// Without `sslmode` a server elsewhere must speak TLS, with a certificate that the system's authorities or
    /// [`PostgresLocation::authorities`] vouch for; on this computer none is asked for. `disable` and `require` say
    /// otherwise.
    ///
    /// # Errors
    /// [`StorageError::Location`] where it is neither. The text, which may hold a password, is not repeated.
    pub fn from_url(url: &str) -> Result<Self, StorageError> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            if file.is_empty() {
                return Err(StorageError::Location("sqlite: without a file".to_owned()));
            }
            return Ok(Self::sqlite(file));
        }
        // The parser's own words may repeat a part of the text.
        let config = url.parse().map_err(|_| StorageError::Location("expected postgres:// or sqlite:".to_owned()))?;
        let location = PostgresLocation { config, authorities: None, connections: DEFAULT_CONNECTIONS };
        Ok(Self::Postgres(Box::new(location)))
    }
}

/// A PostgreSQL database.
#[derive(Clone)]
pub struct PostgresLocation {
    pub(crate) config: tokio_postgres::Config,
    /// A PEM file with authorities to trust beside the system's, for a database with a private one.
    pub authorities: Option<PathBuf>,
    /// Connections at most, beside the one that listens.
    pub connections: usize,
}

impl fmt::Debug for PostgresLocation {
    // By hand, so that no version of the library can ever print the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLocation").field("connections", &self.connections).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_understood() {
        assert!(
            matches!(Location::from_url("sqlite:/var/lib/x.db"), Ok(Location::Sqlite(f)) if f == Path::new("/var/lib/x.db"))
        );
        assert!(matches!(Location::from_url("postgres://u@h/d?sslmode=require"), Ok(Location::Postgres(_))));
        assert!(matches!(Location::from_url("host=h user=u dbname=d"), Ok(Location::Postgres(_))));
    }

    #[test]
    fn a_password_is_never_repeated() {
        let url = "postgres://u:Tr4nsparent@h/d";
        let location = Location::from_url(url).expect("understood");
        assert!(!format!("{location:?}").contains("Tr4nsparent"));
        let error = Location::from_url("postgres://u:Tr4nsparent@h:notaport/d").expect_err("refused");
        assert!(!format!("{error:?} {error}").contains("Tr4nsparent"));
    }
}
