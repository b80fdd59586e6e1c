//! Moving people to another issuer.

use rusqlite::Connection;

use super::{Sqlite, failure};
use crate::storage::StorageError;

impl Sqlite {
    pub(crate) async fn rename_issuer(&self, old: &str, new: &str) -> Result<u64, StorageError> {
        if old == new {
            return Ok(0);
        }
        let (old, new) = (old.to_owned(), new.to_owned());
        self.writer.write(move |connection| rename(connection, &old, &new)).await
    }
}

fn rename(connection: &Connection, old: &str, new: &str) -> Result<u64, StorageError> {
    let people: i64 = connection
        .query_row(
            "SELECT count(*) FROM person n JOIN person o ON o.issuer = ?1 AND o.subject = n.subject
             WHERE n.issuer = ?2 AND n.record_count > 0",
            (old, new),
            |row| row.get(0),
        )
        .map_err(failure)?;
    if people > 0 {
        return Err(StorageError::IssuerTaken { people: people.unsigned_abs() });
    }
    connection
        .execute(
            "DELETE FROM person WHERE issuer = ?2 AND subject IN (SELECT subject FROM person WHERE issuer = ?1)",
            (old, new),
        )
        .map_err(failure)?;
    let moved = connection.execute("UPDATE person SET issuer = ?2 WHERE issuer = ?1", (old, new)).map_err(failure)?;
    Ok(moved as u64)
}
