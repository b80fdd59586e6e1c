//! Benchmarks: the release profile, and the programs that ours are measured beside.

use std::process::{Command, ExitCode};

use crate::Result;
use crate::command;
use crate::project::{DESKTOP, Project};
use crate::{compile, issuers, java, packages, tools, ui};

/// The one benchmark that starts the window.
const START: &str = "start";
/// Those that people sign in for.
const SIGNED_IN: [&str; 2] = ["sync", "server"];

/// Builds and runs the benchmarks called `names`, or all.
///
/// # Errors
/// When something can't be installed or built, or a benchmark fails.
pub(crate) fn run(project: &Project, names: &[&str]) -> Result<ExitCode> {
    use packages::{BUILD, KEYRING, MAIL_SERVERS, NETWORKS, PEERS, POSTGRESQL, SIGN_IN, WINDOW};
    packages::ensure(project, &[BUILD, KEYRING, MAIL_SERVERS, NETWORKS, PEERS, WINDOW], &[])?;
    // By name: the other programs of this workspace would double the time.
    let mut flags = vec!["--release", "--bin", "courrier", "--bin", "bench", "--bin", "floor", "--bin", "delaylink"];
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    // Fills a store with accounts.
    flags.extend(["--example", "fill"]);
    if SIGNED_IN.into_iter().any(wanted) {
        let groups: Vec<_> = [SIGN_IN, POSTGRESQL].into_iter().chain(java::wanted()).collect();
        packages::ensure(project, &groups, &[])?;
        issuers::ensure(project)?;
        flags.extend(["--bin", "courrier-server", "--bin", "floorserver"]);
    }
    if project.has(DESKTOP) && wanted(START) {
        ui::install(project)?;
        ui::build(project)?;
        // The bare window is what ours is compared with.
        flags.extend(["--bin", "courrier-desktop", "--example", "bare"]);
    }
    let built = compile::build(project, &flags)?;
    let mut bench = Command::new(compile::pick(&built, "bin", "bench")?);
    tools::put_on_path(project, &mut bench);
    command::run(bench.args(names).current_dir(&project.root))?;
    Ok(ExitCode::SUCCESS)
}
