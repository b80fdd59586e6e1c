//! No large file slips into the repository: what is in its history stays there.

use std::process::Command;

use crate::Result;
use crate::command::output;
use crate::project::Project;

/// One mebibyte, in bytes.
const LIMIT: u64 = 1 << 20;
/// Larger files that are meant to be there.
const ALLOWED: &[&str] = &[];

/// Looks at every file that git has.
///
/// # Errors
/// Names those above the limit. Also when git can't be asked.
pub(crate) fn check(project: &Project) -> Result {
    let listed = output(Command::new("git").current_dir(&project.root).args(["ls-files", "-z"]))?;
    let mut large = Vec::new();
    for name in listed.split_terminator('\0').filter(|name| !ALLOWED.contains(name)) {
        // Removed in the work tree, not yet in the index: nothing to weigh.
        let Ok(file) = std::fs::symlink_metadata(project.root.join(name)) else { continue };
        if file.len() > LIMIT {
            large.push(format!("{name}: {} KiB", file.len() / 1024));
        }
    }
    if large.is_empty() { Ok(()) } else { Err(format!("over {} KiB: {}", LIMIT / 1024, large.join(", ")).into()) }
}
