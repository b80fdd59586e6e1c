//! Temporary folders that servers of other users can enter.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use tempfile::TempDir;

use crate::process::{NOBODY, is_root};

/// A new temporary folder that every user may read. Its name is short: a Unix socket's path has 107 bytes.
pub(crate) fn shared(kind: &str) -> TempDir {
    let folder = tempfile::Builder::new().prefix(&format!("courrier-{kind}-")).tempdir().expect("a temporary folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
    folder
}

/// Makes a folder for a server started with [`RunAs::Unprivileged`](crate::process::RunAs).
pub(crate) fn make_for_unprivileged(folder: &Path) {
    fs::create_dir_all(folder).expect("the fixture's folder can be written");
    give_to_unprivileged(folder);
}

/// Gives a file or folder to the user that [`RunAs::Unprivileged`](crate::process::RunAs) means.
pub(crate) fn give_to_unprivileged(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
    }
}
