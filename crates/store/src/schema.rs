//! The numbered migrations, and which files this program can open.
//!
//! `rusqlite_migration` would serve one process: it reads the version outside of its transaction, so that
//! two programs that meet a new file both run the first migration, and it refuses every newer file, also one
//! whose changes are additive. Both matter here, and the runner is a page.

use courrier_model::HomeId;
use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// Every migration in order; the first has number 1. `migrations/desktop/NOTES.md` has the rules.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/desktop/0001_accounts.sql"),
    include_str!("../../../migrations/desktop/0002_sync.sql"),
    include_str!("../../../migrations/desktop/0003_session_secret.sql"),
    include_str!("../../../migrations/desktop/0004_purged.sql"),
    include_str!("../../../migrations/desktop/0005_oauth.sql"),
];

/// The newest schema version that this program knows.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// `COUR`, in the header of every database that Courrier made.
const APPLICATION_ID: i32 = 0x434f_5552;

/// The file's schema version, 0 for an empty file.
///
/// Errors: [`StoreError::Corrupt`] if another program made the file, [`StoreError::NewerVersion`] if a newer
/// Courrier made it in a way that can't be read. Only reads.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        let objects: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if found == 0 && objects == 0 {
            return Ok(0);
        }
        return Err(StoreError::Corrupt("not a database of Courrier".to_owned()));
    }
    if found > SCHEMA_VERSION {
        let newer = StoreError::NewerVersion { found, known: SCHEMA_VERSION };
        let oldest_reader: u32 = match connection.query_row("SELECT oldest_reader FROM home", [], |row| row.get(0)) {
            Ok(oldest_reader) => oldest_reader,
            // A version so new that it does without that column.
            Err(_) => return Err(newer),
        };
        if oldest_reader > SCHEMA_VERSION {
            return Err(newer);
        }
    }
    Ok(found)
}

/// Brings the file up to [`SCHEMA_VERSION`] in one transaction; does nothing to a newer one.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again inside: another process may have been faster.
    let from = version(&tx)?;
    for sql in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
        tx.execute_batch(sql)?;
    }
    if from < SCHEMA_VERSION {
        tx.execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
        ))?;
        tx.execute(
            "INSERT INTO home (only, id) VALUES (1, ?1) ON CONFLICT DO NOTHING",
            [HomeId::random().to_string()],
        )?;
    }
    tx.commit()?;
    Ok(())
}
