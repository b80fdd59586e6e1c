//! Opening the file: making it where it is missing, reading it where it can't be written.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::{StoreError, schema};

/// How long one statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it looks. SQLite's own handler backs off to 100 ms, which starves a process among busy writers.
const BUSY_POLL: Duration = Duration::from_millis(2);

/// A connection that is ready for use.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// Why it can only be read.
    pub(crate) unwritable: Option<Unwritable>,
}

/// Why a file that could be read can't be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// The folder, the file or the medium.
    ReadOnly,
    /// No room for the two files that WAL needs.
    Full,
}

impl From<Unwritable> for StoreError {
    fn from(reason: Unwritable) -> Self {
        match reason {
            Unwritable::ReadOnly => Self::ReadOnly,
            Unwritable::Full => Self::Full,
        }
    }
}

/// Makes folder and file where they are missing, for their owner only, and opens the file.
pub(crate) fn open(home: &Path, file: &Path) -> Result<Opened, StoreError> {
    create_folder(home)?;
    create_file(file)?;
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        // Switching to WAL and cleaning up after the last connection answer "busy" without asking the handler.
        match connect(file) {
            Err(StoreError::Busy) if Instant::now() < deadline => std::thread::sleep(BUSY_POLL),
            answer => return answer,
        }
    }
}

fn connect(file: &Path) -> Result<Opened, StoreError> {
    // Where it may not write, SQLite opens the file for reading of its own accord.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    match Connection::open_with_flags(file, flags).map_err(StoreError::from).and_then(prepare) {
        // WAL needs two files beside the database; where they can't be made, it can be read without them.
        Err(StoreError::Full) => read_frozen(file, Unwritable::Full),
        Err(StoreError::ReadOnly) => read_frozen(file, Unwritable::ReadOnly),
        // SQLite says "unable to open" for a folder that it may not write to.
        Err(error @ StoreError::Io(_)) => match read_frozen(file, Unwritable::ReadOnly) {
            Err(StoreError::Io(_)) => Err(error),
            answer => answer,
        },
        answer => answer,
    }
}

fn prepare(mut connection: Connection) -> Result<Opened, StoreError> {
    connection.busy_handler(Some(wait))?;
    // Until the file is known to be ours and sound, closing it must not write to it either.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // In one transaction: another process may be making the schema right now.
    let version = schema::version(&*connection.transaction()?)?;
    let read_only = connection.is_readonly(MAIN_DB)?;
    if !read_only {
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        if mode != "wal" {
            let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
            if mode != "wal" {
                tracing::warn!(mode, "this file system can't hold a write-ahead log: readers will wait for writers");
            }
        }
    }
    configure(&connection)?;
    if version < schema::SCHEMA_VERSION {
        if read_only {
            return Err(StoreError::ReadOnly);
        }
        schema::migrate(&mut connection)?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(Opened { connection, unwritable: read_only.then_some(Unwritable::ReadOnly) })
}

pub(crate) fn configure(connection: &Connection) -> Result<(), StoreError> {
    // FULL, and F_FULLFSYNC on macOS: a pointer to a secret must survive power loss (migrations/desktop/NOTES.md).
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;")?;
    // An exchange with the server and a page of the window use about 80 different statements.
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Opens a file for reading in a folder where nothing can be written, for this reason.
///
/// `immutable` skips locks and the write-ahead log: right only as long as nothing changes the file, which holds
/// for a read-only medium and is the best that can be shown for a folder of someone else.
fn read_frozen(file: &Path, reason: Unwritable) -> Result<Opened, StoreError> {
    if std::fs::metadata(with_suffix(file, "-wal")).is_ok_and(|wal| wal.len() > 0) {
        tracing::warn!("the read-only folder has a write-ahead log that can't be read: the last changes are not shown");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(frozen_uri(file), flags)?;
    if schema::version(&connection)? < schema::SCHEMA_VERSION {
        return Err(reason.into());
    }
    configure(&connection)?;
    Ok(Opened { connection, unwritable: Some(reason) })
}

fn with_suffix(file: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The file as a URI (RFC 3986), with every byte that could mean something else percent-encoded.
fn frozen_uri(file: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(*byte)),
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// SQLite's busy handler: called with the number of times it has been called for this wait.
fn wait(times: i32) -> bool {
    std::thread::sleep(BUSY_POLL);
    BUSY_POLL * u32::try_from(times).unwrap_or(u32::MAX) < BUSY_TIMEOUT
}

fn create_folder(home: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(home)?)
}

/// SQLite would make the file readable for everybody under the usual umask; its helper files take over its mode.
fn create_file(file: &Path) -> Result<(), StoreError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        // Opening says better what is wrong with a file that is there but can't be touched.
        Err(_) if file.exists() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes what is created readable and writable by its owner only.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
