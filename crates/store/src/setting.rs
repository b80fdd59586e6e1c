//! The person's settings: JSON by key, both the caller's.

use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

impl Store {
    /// The value last set under this key.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// Sets the value under this key. Never a secret: the file is not encrypted.
    pub fn set_setting(&self, key: &str, json: &str) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.execute(
                "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [key, json],
            )?;
            Ok(())
        })
    }
}
