//! The window's TypeScript types, which the desktop shell writes from the Rust ones.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::command::run;
use crate::project::{DESKTOP, Project};
use crate::{compile, packages, ui};

/// The program of the desktop shell that writes them to the file named as its argument.
const EXAMPLE: &str = "bindings";

/// Writes the types anew.
///
/// # Errors
/// When the desktop shell does not build, or its program fails.
pub(crate) fn write(project: &Project) -> Result {
    generate(project, &committed(project))
}

/// Compares the types in the tree with those that the code makes. Without a desktop shell there are none.
///
/// # Errors
/// When they differ, or can't be made.
pub(crate) fn check(project: &Project) -> Result {
    if !project.has(DESKTOP) {
        return Ok(());
    }
    let made = project.target.join("bindings.ts");
    generate(project, &made)?;
    let committed = committed(project);
    if std::fs::read(&made)? == std::fs::read(&committed)? {
        return Ok(());
    }
    let message = "is not what the Rust types make of it: please run `cargo xtask bindings` and commit the result";
    Err(format!("{} {message}", committed.display()).into())
}

fn committed(project: &Project) -> PathBuf {
    project.ui().join("src/backend/bindings.ts")
}

fn generate(project: &Project, file: &std::path::Path) -> Result {
    packages::ensure(project, &[packages::BUILD], &[])?;
    // The shell embeds the window's files when it is built; which ones is all the same here.
    if !project.ui().join("dist").exists() {
        ui::install(project)?;
        ui::build(project)?;
    }
    let built = compile::build(project, &["--example", EXAMPLE])?;
    run(Command::new(compile::pick(&built, "example", EXAMPLE)?).arg(file).current_dir(&project.root))
}
