//! The window's own build: npm packages as the lock file has them, then Vite.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::command::{find, run};
use crate::project::Project;
use crate::tally::Tally;

/// Whether the window's sources are in the tree.
pub(crate) fn exists(project: &Project) -> bool {
    project.ui().join("package.json").is_file()
}

/// Installs the npm packages, unless those of this very lock file are there.
///
/// # Errors
/// When Node is missing or npm fails.
pub(crate) fn install(project: &Project) -> Result {
    install_packages(&project.ui())
}

/// The same for any folder with a package.json and its lock file.
///
/// # Errors
/// When Node is missing or npm fails.
pub(crate) fn install_packages(folder: &Path) -> Result {
    if find("npm").is_none() {
        return Err("npm is missing: please install Node.js 20.19 or newer (https://nodejs.org)".into());
    }
    let lock = std::fs::read(folder.join("package-lock.json"))?;
    // Inside the folder that it vouches for, so that both go together.
    let installed = folder.join("node_modules/.courrier-installed");
    if std::fs::read(&installed).is_ok_and(|earlier| earlier == lock) {
        return Ok(());
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    std::fs::write(installed, lock)?;
    Ok(())
}

/// Builds what the desktop shell embeds.
///
/// # Errors
/// When Vite fails.
pub(crate) fn build(project: &Project) -> Result {
    script(project, "build")
}

/// Runs a script of package.json.
///
/// # Errors
/// When it is not there or fails.
pub(crate) fn script(project: &Project, name: &str) -> Result {
    run(npm(project).args(["run", "--silent", name]))
}

/// Runs a script that calls Vitest, and counts.
///
/// # Errors
/// When Vitest did not even write a report.
pub(crate) fn test(project: &Project, script: &str, filter: Option<&str>) -> Result<Tally> {
    let report = project.target.join(format!("ui-{}.json", script.replace(':', "-")));
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let mut command = npm(project);
    command.args(["run", "--silent", script, "--", "--reporter=default", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    if let Some(filter) = filter {
        command.args(["--testNamePattern", filter, "--passWithNoTests"]);
    }
    let outcome = run(&mut command);
    let Ok(text) = std::fs::read_to_string(&report) else {
        return Err(format!("Vitest wrote no report for {script}{}", why(outcome)).into());
    };
    let mut tally = Tally::of_vitest(&serde_json::from_str::<Value>(&text)?, filter.is_some());
    // Something outside of any test went wrong: an import, a hook, a promise that nobody awaited.
    if outcome.is_err() && tally.failed == 0 {
        tally.fail(format!("npm run {script}"));
    }
    Ok(tally)
}

fn npm(project: &Project) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(project.ui());
    command
}

fn why(outcome: Result) -> String {
    outcome.err().map(|error| format!(": {error}")).unwrap_or_default()
}
