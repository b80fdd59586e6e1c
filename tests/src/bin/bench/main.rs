//! `bench [check] [store] [start] [sync] [server] [oauth]`: how far Courrier is from the least that is possible.
//!
//! `cargo xtask bench` builds everything in the release profile and runs this from the workspace's folder; the results
//! go to `docs/benchmarks.md`. A debug build prints them only, because they mean nothing. Each number stands beside
//! that of a program which does as little as possible, measured in turn with it.
//!
//! `COURRIER_BENCH_RUNS` sets how often everything is measured, for trying this program out.

// A measuring instrument: it stops at the first surprise, and prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod check;
mod document;
mod load;
mod machine;
mod oauth;
mod oauth_calls;
mod relay;
mod sample;
mod server;
mod start;
mod store;
mod sync;

use std::path::Path;
use std::process::ExitCode;

use document::Section;

type Bench = fn() -> Section;

const BENCHES: [(&str, Bench); 6] = [
    ("check", check::run),
    ("store", store::run),
    ("start", start::run),
    ("sync", sync::run),
    ("server", server::run),
    ("oauth", oauth::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // The part of a benchmark that has to run on another session than this one.
    if let [part, runs] = &wanted[..]
        && part == oauth_calls::PART
    {
        oauth_calls::run(runs.parse().expect("a number"));
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = wanted.iter().find(|name| BENCHES.iter().all(|(known, _)| known != name)) {
        eprintln!("no benchmark is called {unknown}; there are: check store start sync server oauth");
        return ExitCode::from(2);
    }
    let chosen = BENCHES.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name));
    for (name, bench) in chosen {
        eprintln!("bench {name} …");
        let section = bench();
        println!("{section}");
        if cfg!(debug_assertions) {
            eprintln!("not written down: this is a debug build");
        } else {
            document::write(Path::new("docs/benchmarks.md"), &section);
        }
    }
    ExitCode::SUCCESS
}

/// How often everything is measured.
fn runs(usual: usize) -> usize {
    std::env::var("COURRIER_BENCH_RUNS").map_or(usual, |runs| runs.parse().expect("COURRIER_BENCH_RUNS is a number"))
}
