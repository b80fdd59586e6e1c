//! Whole files: drafts, copies, and a backup made ready to take over.

use std::path::{Path, PathBuf};
use std::time::Duration;

use courrier_model::{SyncId, Timestamp};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::file::{connect, exclusive, io, present, private, with_suffix};
use super::{failure, schema};
use crate::storage::StorageError;
use crate::storage::cursor::first_revision;
use crate::storage::restore::{Restored, Surviving};

/// Pages copied before others get their turn: about 4 MiB.
const PAGES: i32 = 1024;

/// A file under another name until it is complete; removed if it never gets there.
pub(crate) struct Draft {
    path: PathBuf,
}

impl Draft {
    /// An empty file, for its owner alone, in the same folder as `file`, so that renaming it is one step.
    pub(crate) fn beside(file: &Path) -> Result<Self, StorageError> {
        let path = with_suffix(file, ".draft");
        // What an earlier attempt left when it was killed.
        remove(&path);
        private(std::fs::OpenOptions::new().write(true).create_new(true)).open(&path).map_err(|error| io(&error))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, once it is on the disk.
    pub(crate) fn keep_as(self, file: &Path) -> Result<(), StorageError> {
        let disk = std::fs::OpenOptions::new().write(true).open(&self.path).and_then(|file| file.sync_all());
        disk.map_err(|error| io(&error))?;
        // Not a rename, which would replace a file that appeared meanwhile.
        std::fs::hard_link(&self.path, file).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => StorageError::NotEmpty,
            _ => io(&error),
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes a database and what SQLite keeps beside it.
fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        // Absent is as good as removed; what can't be removed is met again by who opens it.
        let _ = std::fs::remove_file(with_suffix(file, suffix));
    }
}

/// Copies a database, which may be in use, into an empty file.
pub(crate) fn copy_into(from: &Path, to: &Path) -> Result<(), StorageError> {
    if !present(from) {
        return Err(StorageError::Location("there is no database".to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let from = Connection::open_with_flags(from, flags).map_err(failure)?;
    from.busy_timeout(Duration::from_secs(5)).map_err(failure)?;
    schema::version(&from)?;
    let mut to = Connection::open_with_flags(to, flags).map_err(failure)?;
    copy(&from, &mut to)?;
    // One file without companions, readable wherever it is carried.
    to.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(failure)
}

/// Replaces all that `to` holds, in one transaction.
fn copy(from: &Connection, to: &mut Connection) -> Result<(), StorageError> {
    let backup = Backup::new(from, to).map_err(failure)?;
    // Without a pause: SQLite begins again whenever another process writes in one.
    backup.run_to_completion(PAGES, Duration::ZERO, None).map_err(failure)
}

/// A backup that was checked, brought up to date, and given a new history: in a file of its own, ready to be copied
/// over what it replaces.
pub(crate) fn prepare(
    backup: &Path,
    draft: &Draft,
    surviving: &Surviving,
    now: Timestamp,
) -> Result<(Connection, Restored), StorageError> {
    copy_into(backup, draft.path())?;
    let mut ready = connect(draft.path())?;
    let sound: String = ready.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failure)?;
    if sound != "ok" {
        return Err(StorageError::Corrupt("the backup is damaged".to_owned()));
    }
    if schema::version(&ready)? == 0 {
        return Err(StorageError::Corrupt("the backup is empty".to_owned()));
    }
    schema::migrate(&mut ready, now)?;
    let restored = renew(&mut ready, surviving, now)?;
    Ok((ready, restored))
}

/// Begins a new history, remembers those that devices may follow, and keeps revoked devices revoked.
fn renew(connection: &mut Connection, surviving: &Surviving, now: Timestamp) -> Result<Restored, StorageError> {
    let tx = connection.transaction().map_err(failure)?;
    let (sync_id, at) = (SyncId::random(), now.as_microsecond());
    tx.execute(
        "INSERT INTO replaced_history (sync_id, person_id, replaced_at)
         SELECT sync_id, NULL, ?1 FROM instance
         UNION ALL SELECT sync_id, id, ?1 FROM person WHERE sync_id IS NOT NULL",
        [at],
    )
    .map_err(failure)?;
    for (history, person) in &surviving.histories {
        // Of people whom the backup does not know, nothing has to be remembered.
        tx.execute(
            "INSERT INTO replaced_history (sync_id, person_id, replaced_at) SELECT ?1, ?2, ?3
             WHERE (?2 IS NULL OR EXISTS (SELECT 1 FROM person WHERE id = ?2))
             AND NOT EXISTS (SELECT 1 FROM replaced_history WHERE sync_id = ?1 AND person_id IS ?2)",
            (history, person, at),
        )
        .map_err(failure)?;
    }
    for (device, revoked_at) in &surviving.revoked {
        tx.execute("UPDATE device SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL", (device, revoked_at))
            .map_err(failure)?;
    }
    tx.execute("UPDATE person SET sync_id = NULL, revision = max(revision, ?1)", [first_revision(now)])
        .map_err(failure)?;
    tx.execute("UPDATE instance SET sync_id = ?1", [sync_id.to_string()]).map_err(failure)?;
    let count = |sql| tx.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs).map_err(failure);
    let restored = Restored {
        sync_id,
        people: count("SELECT count(*) FROM person")?,
        records: count("SELECT count(*) FROM record")?,
    };
    tx.commit().map_err(failure)?;
    Ok(restored)
}

/// Puts a backup in the place of what the file holds.
pub(crate) fn restore(to: &Path, backup: &Path, force: bool, now: Timestamp) -> Result<Restored, StorageError> {
    let _lock = exclusive(to)?;
    let mut target = connect(to)?;
    // Also one that is too new to be read is not to be lost by a slip.
    let surviving = match schema::version(&target) {
        Ok(0) => Surviving::default(),
        Ok(_) if !force && is_used(&target)? => return Err(StorageError::NotEmpty),
        Ok(_) => surviving(&target)?,
        Err(_) if !force => return Err(StorageError::NotEmpty),
        Err(error) => return Err(error),
    };
    let draft = Draft::beside(to)?;
    let (ready, restored) = prepare(backup, &draft, &surviving, now)?;
    copy(&ready, &mut target)?;
    Ok(restored)
}

fn is_used(connection: &Connection) -> Result<bool, StorageError> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM person)", [], |row| row.get(0)).map_err(failure)
}

fn surviving(connection: &Connection) -> Result<Surviving, StorageError> {
    let mut surviving = Surviving::default();
    let mut histories = connection
        .prepare(
            "SELECT sync_id, NULL FROM instance UNION SELECT sync_id, person_id FROM replaced_history
             UNION SELECT sync_id, id FROM person WHERE sync_id IS NOT NULL",
        )
        .map_err(failure)?;
    let rows = histories.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failure)?;
    surviving.histories = rows.collect::<Result<_, _>>().map_err(failure)?;
    let mut revoked =
        connection.prepare("SELECT id, revoked_at FROM device WHERE revoked_at IS NOT NULL").map_err(failure)?;
    let rows = revoked.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failure)?;
    surviving.revoked = rows.collect::<Result<_, _>>().map_err(failure)?;
    Ok(surviving)
}
