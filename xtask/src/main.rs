//! `cargo xtask`: all that is scripted about this project. Each command installs what it needs (Debian packages,
//! npm packages, two tools of crates.io, Keycloak of Maven Central, schemathesis of PyPI), so that a fresh machine with
//! Rust and Node is enough.
//!
//! * `run` opens the app, `stack` an organisation to sign in to; `test` runs every test, `ci` is what `.ci/run` calls:
//!   the checks, then `test`.
//! * [`packages`] knows what Debian calls the things we need, [`lanes`] which tests need which of them.
//! * [`edges`] keeps the arrows between our crates as ARCHITECTURE.md draws them.
//!
//! Nothing here waits for an answer from a person. A command ends with 0 only if all that it did went well.

mod bench;
mod bindings;
mod ci;
mod command;
mod compile;
mod edges;
mod issuers;
mod java;
mod lanes;
mod licences;
mod lock_files;
mod packages;
mod project;
mod run;
mod schemathesis;
mod sizes;
mod stack;
mod tally;
mod test;
mod test_binary;
mod tools;
mod ui;
mod words;

use std::process::ExitCode;

use project::Project;

/// What goes wrong here is read by a person, never acted on by a program: words are enough.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const HELP: &str = "\
cargo xtask run                 install what is missing, build, and open the app
cargo xtask test [NAME]         install what is missing and run all tests, or those whose name contains NAME
cargo xtask ci                  all checks, then all tests (what .ci/run calls; with CI=true nothing may be left out)
cargo xtask stack               start Keycloak, our server and mail servers, to try things by hand
cargo xtask bindings [--check]  write the window's TypeScript types from the Rust ones, or compare them
cargo xtask bench [NAME…]       run the benchmarks (all, or those named), in the release profile";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\ncargo xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        ["run", arguments @ ..] => run::run(&Project::load()?, arguments),
        ["test"] => Ok(test::run(&Project::load()?, None)),
        ["test", filter] if !filter.starts_with('-') => Ok(test::run(&Project::load()?, Some(filter))),
        ["ci"] => Ok(ci::run(&Project::load()?)),
        ["stack"] => stack::run(&Project::load()?),
        ["bindings"] => bindings::write(&Project::load()?).map(|()| ExitCode::SUCCESS),
        ["bindings", "--check"] => bindings::check(&Project::load()?).map(|()| ExitCode::SUCCESS),
        ["bench", names @ ..] => bench::run(&Project::load()?, names),
        _ => {
            eprintln!("{HELP}");
            Ok(ExitCode::from(2))
        }
    }
}
