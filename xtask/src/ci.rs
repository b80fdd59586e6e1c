//! `cargo xtask ci`: the checks, then the tests. Each check runs even when an earlier one failed, so that one run
//! names all that is wrong.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::Result;
use crate::command::{run as run_command, succeeds};
use crate::project::Project;
use crate::test::Outcome;
use crate::{bindings, edges, licences, lock_files, sizes, test, tools, ui, words};

/// Where cargo-deny has its advisories from.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

type Check = (&'static str, fn(&Project) -> Result);
/// A check's name, what it took, and what came of it.
type Done = (&'static str, Duration, Result);

/// These need nothing but the tree and the Rust toolchain.
const OF_THE_TREE: &[Check] = &[
    ("format", format),
    ("arrows between crates", edges::check),
    ("lock files", lock_files::check),
    ("file sizes", sizes::check),
    ("words in every language", words::check),
];

/// These need npm packages and the window's files.
const OF_THE_WINDOW: &[Check] = &[
    ("types of the window", |project| ui::script(project, "check")),
    ("lint of the window", |project| ui::script(project, "lint")),
    ("licences of the window", licences::check),
];

const OF_THE_CODE: &[Check] =
    &[("clippy", clippy), ("generated types", bindings::check), ("licences and sources of crates", deny)];

/// Runs everything. Ends well only if every check and every test did.
/// The last line is the total of tests, to which each failed check adds a failure.
pub(crate) fn run(project: &Project) -> ExitCode {
    let mut outcome = Outcome::default();
    let mut done = Vec::new();
    perform(project, OF_THE_TREE, &mut done);
    let started = Instant::now();
    let prepared = test::prepare(project, &mut outcome).and_then(|()| tools::ensure(project, &[tools::CARGO_DENY]));
    let ready = prepared.is_ok();
    done.push(("what checks and tests need", started.elapsed(), prepared));
    if ready {
        built(project, &mut outcome, &mut done);
    }

    println!();
    for (name, time, result) in &done {
        println!("{:>7.1} s  {}  {name}", time.as_secs_f64(), if result.is_ok() { "ok    " } else { "FAILED" });
    }
    for (name, _, result) in done {
        if let Err(error) = result {
            outcome.tally.fail(format!("{name}: {error}"));
        }
    }
    outcome.close()
}

/// All that needs packages, tools or the window's files.
fn built(project: &Project, outcome: &mut Outcome, done: &mut Vec<Done>) {
    if ui::exists(project) {
        perform(project, OF_THE_WINDOW, done);
    }
    perform(project, OF_THE_CODE, done);
    if advisories_can_be_had() {
        perform(project, &[("advisories", advisories)], done);
    } else {
        outcome.not_run.push(format!("advisories: {ADVISORIES} can't be reached"));
    }
    let started = Instant::now();
    let tested = test::all(project, None, outcome);
    done.push(("tests", started.elapsed(), tested));
}

fn perform(project: &Project, checks: &[Check], done: &mut Vec<Done>) {
    for (name, check) in checks {
        println!("\n== {name}");
        let started = Instant::now();
        let result = check(project);
        if let Err(error) = &result {
            println!("{error}");
        }
        done.push((name, started.elapsed(), result));
    }
}

fn format(project: &Project) -> Result {
    run_command(project.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(project: &Project) -> Result {
    run_command(project.cargo().arg("clippy").args(project.build_flags()).args([
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn deny(project: &Project) -> Result {
    cargo_deny(project, &["licenses", "bans", "sources"])
}

fn advisories(project: &Project) -> Result {
    cargo_deny(project, &["advisories"])
}

fn cargo_deny(project: &Project, checks: &[&str]) -> Result {
    let mut command = Command::new(tools::path(project, tools::CARGO_DENY));
    // Duplicates are warnings; a page of them would hide what matters.
    run_command(command.current_dir(&project.root).args(["--log-level", "error", "--locked", "check"]).args(checks))
}

fn advisories_can_be_had() -> bool {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "http.lowSpeedLimit=1",
        "-c",
        "http.lowSpeedTime=20",
        "ls-remote",
        "--quiet",
        ADVISORIES,
        "HEAD",
    ]);
    succeeds(command.env("GIT_TERMINAL_PROMPT", "0"))
}
