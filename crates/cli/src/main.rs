//! `courrier`: what the window does, in a terminal, for administrators, scripts and mail programs.
//!
//! The contract (commands, JSON documents, exit statuses) is `docs/cli.md`. This crate reads arguments and writes
//! documents; everything else is a method of [`courrier_app::Courrier`].

mod account;
mod args;
mod check;
mod doctor;
mod exit;
mod input;
mod mail;
mod output;
mod progress;
mod server;
mod session;
mod storage;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};
use crate::exit::Failure;
use crate::output::Output;
use crate::session::{Closed, Session};

fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().collect();
    // Wrong arguments are answered in JSON as well; clap can't be asked for a flag when it has failed.
    let json = given.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    match Arguments::try_parse_from(given) {
        Ok(arguments) => {
            let output = Output::new(&arguments.global);
            match run(&arguments, &output) {
                Ok(status) => status,
                Err(failure) => failure.report(&output),
            }
        }
        Err(error) if !error.use_stderr() => {
            if json {
                Output::plain(json).document(&serde_json::json!({ "text": error.to_string() }));
            } else {
                // Help and version were asked for; a reader that went away has seen enough.
                let _ = error.print();
            }
            ExitCode::SUCCESS
        }
        Err(error) => Failure::usage(&error).report(&Output::plain(json)),
    }
}

fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    if arguments.global.verbose {
        log_to_stderr();
    }
    let session = match (Session::open(&arguments.global, output), &arguments.command) {
        (Err(closed), Command::Doctor) => return doctor::without_data(closed, output),
        (opened, _) => opened.map_err(Closed::into_failure)?,
    };
    let result = command(&session, &arguments.command);
    session.finish();
    result
}

fn command(session: &Session, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Check(check) => check::run(session, check),
        Command::Account { command } => account::run(session, command),
        Command::Password { address } => account::password(session, address),
        Command::Authorize(arguments) => mail::authorize(session, arguments),
        Command::Token(arguments) => mail::token(session, arguments),
        Command::SignIn(arguments) => server::sign_in(session, arguments),
        Command::SignOut(arguments) => server::sign_out(session, arguments),
        Command::Whoami => server::whoami(session),
        Command::Sync => server::sync(session),
        Command::Device { command } => server::device(session, command),
        Command::Doctor => doctor::run(session),
        Command::Storage { place } => storage::run(session, place.as_ref()),
    }
}

/// Only Courrier's own words: what libraries write at this level may hold what was sent.
fn log_to_stderr() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    use tracing_subscriber::util::SubscriberInitExt as _;

    let ours = Targets::new().with_target("courrier", LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(ours);
    // Fails only if a log is set up already, which nobody else does.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
