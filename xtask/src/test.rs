//! `cargo xtask test`: installs what the tests need, builds once, runs everything, counts.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::Result;
use crate::command::{cargo, find, in_ci, output};
use crate::compile::{self, Executable};
use crate::lanes::{self, Lane};
use crate::packages::{self, Group};
use crate::project::{DESKTOP, Project, TESTS};
use crate::tally::Tally;
use crate::test_binary;
use crate::{issuers, java, schemathesis, tools, ui};

/// The test binary of [`TESTS`] that has lanes.
const END_TO_END: &str = "e2e";
/// The npm scripts that run tests; what drives a browser is a lane of its own.
const UI_TESTS: &str = "test";
const UI_BROWSER_TESTS: &str = "test:browser";
const BROWSER: &str = "chromium";

/// What a run of tests came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// What was left out, each with its reason.
    pub(crate) not_run: Vec<String>,
}

impl Outcome {
    /// Leaves `count` tests out; in CI that is as if they had failed.
    fn leave_out(&mut self, what: &str, reason: &str, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if in_ci() {
            self.tally.failed += count;
            self.tally.failures.push(format!("{what} can't run: {reason}"));
        } else {
            self.tally.skipped += count;
            self.not_run.push(format!("{what}: {reason}"));
        }
    }

    /// Prints the closing lines, the total last.
    pub(crate) fn close(&self) -> ExitCode {
        println!();
        for reason in &self.not_run {
            println!("not run: {reason}");
        }
        for name in &self.tally.failures {
            println!("failed: {name}");
        }
        println!("{}", self.tally);
        if self.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs the tests whose name contains `filter`, or all. What can't be installed or built counts as a failure.
pub(crate) fn run(project: &Project, filter: Option<&str>) -> ExitCode {
    let mut outcome = Outcome::default();
    if let Err(error) = prepare(project, &mut outcome).and_then(|()| all(project, filter, &mut outcome)) {
        outcome.tally.fail(error.to_string());
    }
    outcome.close()
}

/// Installs what the tests need, the window's files included.
///
/// # Errors
/// When something can't be had that nothing works without.
pub(crate) fn prepare(project: &Project, outcome: &mut Outcome) -> Result {
    let required = if project.has(DESKTOP) { vec![packages::BUILD] } else { Vec::new() };
    let mut wanted: Vec<Group> = Vec::new();
    if project.has(TESTS) {
        wanted.extend([packages::MAIL_SERVERS, packages::KEYRING, packages::NETWORKS, packages::WINDOW]);
        wanted.extend([packages::SIGN_IN, packages::POSTGRESQL, packages::MAIL_CLIENTS]);
        wanted.extend(java::wanted());
        if !schemathesis::has_python() {
            wanted.push(packages::PYTHON);
        }
    }
    if ui::exists(project) {
        wanted.push(packages::BROWSER);
    }
    outcome.not_run.extend(packages::ensure(project, &required, &wanted)?.0);
    if project.has(DESKTOP) && project.has(TESTS) {
        tools::ensure(project, &[tools::TAURI_DRIVER])?;
    }
    if project.has(TESTS) {
        // The lanes that want an issuer then say that it is missing; this is why.
        match issuers::ensure(project) {
            Err(error) if in_ci() => return Err(error),
            Err(error) => outcome.not_run.push(format!("an issuer to sign in at: {error}")),
            Ok(()) => {}
        }
        match schemathesis::ensure(project) {
            Err(error) if in_ci() => return Err(error),
            Err(error) => outcome.not_run.push(format!("the server's calls by their description: {error}")),
            Ok(()) => {}
        }
    }
    if ui::exists(project) {
        ui::install(project)?;
        ui::build(project)?;
    }
    Ok(())
}

/// Builds and runs; everything after [`prepare`].
///
/// # Errors
/// When the workspace does not build.
pub(crate) fn all(project: &Project, filter: Option<&str>, outcome: &mut Outcome) -> Result {
    // Also the programs that end-to-end tests start; `cargo test` would leave some of them out.
    let built = compile::build(project, &["--all-targets"])?;
    for binary in built.iter().filter(|executable| executable.test) {
        let member = project.members.iter().find(|member| member.folder == binary.package);
        let package = member.map_or("?", |member| member.name.as_str());
        let name = format!("{package} {} {}", binary.kind, binary.name);
        println!("\n== {name}");
        let started = Instant::now();
        let mut command = harness(project, binary);
        if package == TESTS && binary.name == END_TO_END {
            end_to_end(project, &mut command, filter, &name, outcome)?;
        } else {
            outcome.tally.add(test_binary::run(command.args(filter), &name)?);
        }
        println!("   {:.1} s", started.elapsed().as_secs_f64());
    }
    documentation(project, filter, outcome)?;
    window(project, filter, outcome)
}

/// A test binary as cargo starts it: in its package's folder. Our tools are on its path.
fn harness(project: &Project, binary: &Executable) -> Command {
    let mut command = Command::new(&binary.path);
    command.current_dir(&binary.package).env("CARGO_MANIFEST_DIR", &binary.package).env("CARGO", cargo().get_program());
    tools::put_on_path(project, &mut command);
    command
}

fn end_to_end(
    project: &Project,
    command: &mut Command,
    filter: Option<&str>,
    name: &str,
    outcome: &mut Outcome,
) -> Result {
    let mut list = Command::new(command.get_program());
    let lanes = lanes::of_list(&output(list.args(["--list", "--format", "terse"]).args(filter))?);
    let mut runnable: Vec<Lane> = Vec::new();
    let complete = lanes.len();
    for lane in lanes {
        let lacks = lane.lacks(&tools::bin(project));
        if lacks.is_empty() {
            runnable.push(lane);
        } else {
            outcome.leave_out(&format!("{name}, {}", lane.module), &lacks.join(", "), lane.tests.len());
        }
    }
    if runnable.is_empty() {
        return Ok(());
    }
    if runnable.len() == complete {
        command.args(filter);
    } else {
        // The rest by their full names: a word to leave out would also match in the middle of another name.
        command.arg("--exact").args(runnable.iter().flat_map(|lane| &lane.tests));
    }
    outcome.tally.add(test_binary::run(command, name)?);
    Ok(())
}

/// The examples in the documentation.
fn documentation(project: &Project, filter: Option<&str>, outcome: &mut Outcome) -> Result {
    println!("\n== examples in the documentation");
    let started = Instant::now();
    let mut command = project.cargo();
    command.args(["test", "--quiet", "--doc", "--no-fail-fast"]).args(project.build_flags()).arg("--").args(filter);
    outcome.tally.add(test_binary::run(&mut command, "examples in the documentation")?);
    println!("   {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// The window's own tests, without and with a browser.
fn window(project: &Project, filter: Option<&str>, outcome: &mut Outcome) -> Result {
    if !ui::exists(project) {
        return Ok(());
    }
    println!("\n== ui");
    outcome.tally.add(ui::test(project, UI_TESTS, filter)?);
    println!("\n== ui in a browser");
    if find(BROWSER).is_some() {
        outcome.tally.add(ui::test(project, UI_BROWSER_TESTS, filter)?);
    } else {
        // How many tests there are is known to Vitest alone; the lane counts as one.
        outcome.leave_out("ui in a browser", "chromium is not installed", 1);
    }
    Ok(())
}
