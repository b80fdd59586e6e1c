//! The numbered migrations of the SQLite file.

use courrier_model::{SyncId, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use super::failure;
use crate::storage::StorageError;

/// Every migration in order; the first has number 1. `migrations/server/NOTES.md` has the rules.
const MIGRATIONS: &[&str] = &[include_str!("../../../../../migrations/server/sqlite/0001_people.sql")];

/// The newest schema version that this program knows.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// `COUS`, in the header of every file that `courrier-server` made, backups too.
const APPLICATION_ID: i32 = 0x434f_5553;

/// The file's schema version, 0 for an empty file. Only reads.
pub(crate) fn version(connection: &Connection) -> Result<u32, StorageError> {
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failure)?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(failure)?;
    if application != APPLICATION_ID {
        let objects: u32 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failure)?;
        if found == 0 && objects == 0 {
            return Ok(0);
        }
        return Err(StorageError::Corrupt("the file was not made by courrier-server".to_owned()));
    }
    if found > VERSION {
        return Err(StorageError::NewerSchema { found, known: VERSION });
    }
    Ok(found)
}

/// Brings the file up to [`VERSION`] in one transaction. Answers the version it had.
pub(crate) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<u32, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
    // Read inside the transaction: another process may have been faster.
    let from = version(&tx)?;
    if from < VERSION {
        for sql in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            tx.execute_batch(sql).map_err(failure)?;
        }
        tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"))
            .map_err(failure)?;
        tx.execute(
            "INSERT INTO instance (one, sync_id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
            (SyncId::random().to_string(), now.as_microsecond()),
        )
        .map_err(failure)?;
    }
    tx.commit().map_err(failure)?;
    Ok(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_gets_a_history_once() {
        let mut file = Connection::open_in_memory().expect("opened");
        assert_eq!(migrate(&mut file, Timestamp::UNIX_EPOCH), Ok(0));
        let sync_id = |file: &Connection| -> String {
            file.query_row("SELECT sync_id FROM instance", [], |row| row.get(0)).expect("one row")
        };
        let first = sync_id(&file);
        assert_eq!(migrate(&mut file, Timestamp::UNIX_EPOCH), Ok(VERSION));
        assert_eq!(sync_id(&file), first);
    }

    #[test]
    fn a_newer_file_and_a_foreign_one_are_left_alone() {
        let mut file = Connection::open_in_memory().expect("opened");
        migrate(&mut file, Timestamp::UNIX_EPOCH).expect("migrated");
        file.execute_batch("PRAGMA user_version = 99").expect("set");
        let error = migrate(&mut file, Timestamp::UNIX_EPOCH);
        assert_eq!(error, Err(StorageError::NewerSchema { found: 99, known: VERSION }));

        let mut foreign = Connection::open_in_memory().expect("opened");
        foreign.execute_batch("CREATE TABLE somebody (id INTEGER)").expect("made");
        assert!(matches!(migrate(&mut foreign, Timestamp::UNIX_EPOCH), Err(StorageError::Corrupt(_))));
    }

    #[test]
    fn the_audit_log_can_not_be_changed() {
        let mut file = Connection::open_in_memory().expect("opened");
        migrate(&mut file, Timestamp::UNIX_EPOCH).expect("migrated");
        file.execute("INSERT INTO audit (at, person_id, action) VALUES (1, 'p', 'sign_in')", []).expect("written");
        assert!(file.execute("UPDATE audit SET action = 'sign_out'", []).is_err());
    }
}
