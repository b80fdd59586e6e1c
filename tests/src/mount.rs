//! Folders on file systems of their own: full ones, and such that can't be written to.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{RunAs, command, finish, is_root};

/// Something mounted on a folder; gone on drop.
#[derive(Debug)]
pub struct Mount(PathBuf);

impl Mount {
    /// An empty file system in memory that holds so many bytes, for everybody to write to.
    pub fn of_size(folder: &Path, bytes: u64) -> Self {
        let options = format!("size={bytes},mode=0777");
        mount(&["-t", "tmpfs", "-o", &options, "courrier-tests"], folder);
        Self(folder.to_owned())
    }

    /// The folder itself, but read-only, as from a medium that is write-protected.
    pub fn read_only(folder: &Path) -> Self {
        let path = folder.to_str().expect("temporary folders have plain names");
        mount(&["--bind", path], folder);
        let mounted = Self(folder.to_owned());
        mount(&["-o", "remount,bind,ro"], folder);
        mounted
    }
}

fn mount(arguments: &[&str], folder: &Path) {
    finish(command("mount", RunAs::Root, None).args(arguments).arg(folder));
}

impl Drop for Mount {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        let mut umount = Command::new(if is_root() { "umount" } else { "sudo" });
        if !is_root() {
            umount.args(["-n", "umount"]);
        }
        // Lazily: a process that the test left behind may still have a file open.
        let _ = umount.arg("--lazy").arg(&self.0).status();
    }
}
