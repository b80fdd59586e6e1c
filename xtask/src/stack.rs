//! `cargo xtask stack`: an organisation's servers on this computer, to try things by hand.

use std::process::{Command, ExitCode};

use crate::Result;
use crate::command::run as run_command;
use crate::project::{DESKTOP, Project};
use crate::{compile, issuers, java, packages, tools, ui};

/// Installs, builds and starts; ends when the person presses Ctrl+C.
///
/// # Errors
/// When something can't be installed, built or started.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    let mut groups = vec![packages::BUILD, packages::OPEN, packages::MAIL_SERVERS];
    groups.extend(java::wanted());
    packages::ensure(project, &groups, &[])?;
    issuers::ensure(project)?;
    let mut flags = vec!["--bin", "stack", "--bin", "courrier-server", "--bin", "courrier"];
    if project.has(DESKTOP) {
        ui::install(project)?;
        ui::build(project)?;
        flags.extend(["--bin", DESKTOP]);
    }
    let built = compile::build(project, &flags)?;
    let mut stack = Command::new(compile::pick(&built, "bin", "stack")?);
    tools::put_on_path(project, &mut stack);
    run_command(&mut stack)?;
    Ok(ExitCode::SUCCESS)
}
