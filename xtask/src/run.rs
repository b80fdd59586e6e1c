//! `cargo xtask run`: from a fresh clone to the open window.

use std::process::{Command, ExitCode};

use crate::Result;
use crate::command::shown;
use crate::project::{DESKTOP, Project};
use crate::{compile, packages, ui};

/// Installs, builds and opens; `arguments` go to the app. Ends when the app does, with its exit status.
///
/// # Errors
/// When there is no screen, or something can't be installed or built.
pub(crate) fn run(project: &Project, arguments: &[&str]) -> Result<ExitCode> {
    if !project.has(DESKTOP) {
        return Err("the desktop shell is not part of this workspace".into());
    }
    // Before the minutes that building takes.
    if cfg!(target_os = "linux") && !["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| is_set(name)) {
        return Err("there is no screen to open a window on (neither WAYLAND_DISPLAY nor DISPLAY is set).\n\
                    Please run this in a terminal of a desktop session, over `ssh -X`,\n\
                    or on a screen that nobody sees: xvfb-run --auto-servernum cargo xtask run"
            .into());
    }
    let mut groups = vec![packages::BUILD, packages::OPEN];
    // A desktop with a keyring of its own keeps it.
    if !packages::has_secret_service() {
        groups.push(packages::KEYRING);
    }
    packages::ensure(project, &groups, &[])?;
    ui::install(project)?;
    ui::build(project)?;
    let built = compile::build(project, &["--bins"])?;
    let mut app = Command::new(compile::pick(&built, "bin", DESKTOP)?);
    app.args(arguments);
    println!("The command line is {}", compile::pick(&built, "bin", "courrier")?.display());
    println!("$ {}", shown(&app));
    let status = app.status()?;
    // Ended by a signal: what a shell would say.
    Ok(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(u8::try_from(code).unwrap_or(1))))
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
