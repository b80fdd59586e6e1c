//! Random schedules of devices, a bad network, crashes and restores. `SEED=…` replays one with all its steps;
//! `SCHEDULES=…` says how many to run, `FIRST=…` from which.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

use courrier_sync::schedules::{ModelServer, Options, Tally, run};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn play(options: &Options, count: u64) -> Tally {
    if let Some(seed) = number("SEED") {
        let options = Options { trace: true, ..options.clone() };
        return run(seed, &options, ModelServer::new).unwrap_or_else(|failure| panic!("{failure}"));
    }
    let mut sum = Tally::default();
    let first = number("FIRST").unwrap_or(0);
    for seed in first..first + number("SCHEDULES").unwrap_or(count) {
        sum += run(seed, options, ModelServer::new).unwrap_or_else(|failure| panic!("{failure}"));
    }
    println!("{sum:?}");
    sum
}

#[test]
fn devices_agree_and_lose_nothing_on_a_good_network() {
    let options = Options { bad_network: false, deaths: false, restores: false, ..Options::default() };
    let sum = play(&options, 600);
    assert!(number("SEED").is_some() || (sum.edits > 500 && sum.removals > 50 && sum.conflicts > 10), "{sum:?}");
}

#[test]
fn devices_agree_and_lose_nothing_whatever_goes_wrong() {
    let sum = play(&Options::default(), 3_000);
    let enough = sum.mishaps > 1000 && sum.deaths > 300 && sum.restores > 100;
    assert!(number("SEED").is_some() || enough, "{sum:?}");
}
