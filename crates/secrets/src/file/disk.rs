//! The file as a whole: read, locked, replaced.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The file's content; `None` when there is no file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The right to replace the file, shared by no other process until dropped.
///
/// It is a file of its own, because the other one is replaced by every write. Readers need no lock: they
/// see the old file or the new one.
pub(super) struct WriteLock<'p> {
    path: &'p Path,
    _locked: File,
}

impl<'p> WriteLock<'p> {
    /// Waits until no other process writes; each of them takes milliseconds.
    pub(super) fn acquire(path: &'p Path) -> io::Result<Self> {
        let file = private().open(beside(path, ".lock"))?;
        file.lock()?;
        Ok(Self { path, _locked: file })
    }

    /// Replaces the file: after a crash at any moment it is the old one or the new one, whole.
    pub(super) fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        // One fixed name, so that a crash leaves at most one, and the next write takes it over.
        let new = beside(self.path, ".new");
        let mut file = private().truncate(true).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, self.path)?;
        sync_folder(self.path)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens for writing; a new file is readable by its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Without this, a power failure can take the renaming back.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
