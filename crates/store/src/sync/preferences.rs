//! What the person prefers on every device.

use courrier_model::{AccountId, RecordId, Timestamp};
use courrier_wire::{Body, PreferencesBody};
use rusqlite::{Connection, OptionalExtension};

use crate::sync::version::{self, VersionSource};
use crate::sync::{from_json, to_json};
use crate::{Store, StoreError, primary};

/// Where they stand among the settings.
const KEY: &str = "preferences";

impl Store {
    /// What the person set, here or on another device; what nobody set is absent. The primary account is kept by
    /// [`Store::save`].
    pub fn preferences(&self) -> Result<PreferencesBody, StoreError> {
        self.read(current)
    }

    /// Changes them in one transaction. `primary` belongs to [`Store::save`] and is left as it is.
    pub fn edit_preferences(
        &self,
        now: Timestamp,
        edit: impl FnOnce(&mut PreferencesBody),
    ) -> Result<PreferencesBody, StoreError> {
        self.write(|tx| {
            let before = current(tx)?;
            let mut after = before.clone();
            edit(&mut after);
            after.primary = before.primary;
            if after != before {
                let body = after.clone().into_body();
                version::append(tx, RecordId::PREFERENCES, VersionSource::Local, &body, &[], now)?;
                keep(tx, &body)?;
            }
            Ok(after)
        })
    }
}

/// What stands there; nothing if a newer program left something that can't be understood.
fn current(connection: &Connection) -> Result<PreferencesBody, StoreError> {
    Ok(PreferencesBody::from_body(body(connection)?).unwrap_or_default())
}

/// As they stand, whatever they are.
pub(crate) fn body(connection: &Connection) -> Result<Body, StoreError> {
    let json: Option<String> = connection
        .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
        .query_row([KEY], |row| row.get(0))
        .optional()?;
    json.map_or_else(|| Ok(Body::new()), |json| from_json("preferences", &json))
}

/// Changes them as a part of something else.
pub(crate) fn change(tx: &Connection, edit: impl FnOnce(&mut PreferencesBody)) -> Result<(), StoreError> {
    let mut preferences = current(tx)?;
    edit(&mut preferences);
    keep(tx, &preferences.into_body())
}

/// The account that the person chose as primary, whether it is here or not.
pub(crate) fn chosen(connection: &Connection) -> Result<Option<AccountId>, StoreError> {
    Ok(current(connection)?.primary)
}

/// Makes them say this, and the chosen account primary if it is there.
pub(crate) fn put(tx: &Connection, body: &Body) -> Result<(), StoreError> {
    keep(tx, body)?;
    follow(tx)
}

/// Makes the chosen account primary if it is visible.
pub(crate) fn follow(tx: &Connection) -> Result<(), StoreError> {
    if let Some(id) = chosen(tx)? {
        let visible = tx
            .query_row(
                "SELECT is_primary FROM account WHERE id = ?1 AND removal_until IS NULL",
                [id.to_string()],
                |row| row.get::<_, bool>(0),
            )
            .optional()?;
        if visible == Some(false) {
            primary::give(tx, id)?;
        }
    }
    primary::elect(tx)
}

/// Forgets all of them: they were another person's.
pub(crate) fn forget(tx: &Connection) -> Result<(), StoreError> {
    tx.execute("DELETE FROM setting WHERE key = ?1", [KEY])?;
    Ok(())
}

fn keep(tx: &Connection, body: &Body) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([KEY, &to_json(body)?])?;
    Ok(())
}
