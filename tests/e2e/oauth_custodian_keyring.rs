//! Many callers in many processes and one account: at an issuer that ends everything where a token is used twice, one
//! refresh serves all of them.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use courrier_tests::simulators::{IssuerSimulator, Odd, Rotation};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::oauth_home::{Callers, Home};
use crate::oauth_place::ALICE;
use crate::organisation::end;

const PROCESSES: usize = 20;
const CALLERS: usize = 50;

/// An account whose access token has run out, and how often its issuer was asked before.
fn run_out() -> (Home, usize) {
    let issuer = IssuerSimulator::start(Rotation::Strict);
    issuer.lifetime(0);
    let home = Home::authorised(issuer);
    home.issuer.lifetime(3600);
    let before = home.issuer.requests().len();
    (home, before)
}

/// What all callers of all processes got, who ask at one moment.
fn all_at_once(home: &Home) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut processes: Vec<Callers> = (0..PROCESSES).map(|_| home.callers(CALLERS)).collect();
    processes.iter_mut().for_each(Callers::go);
    let got: Vec<Value> = processes.into_iter().map(Callers::got).collect();
    let all = |name: &str| {
        let lists = got.iter().flat_map(|got| got[name].as_array().expect("a list"));
        lists.map(|entry| entry.as_str().expect("text").to_owned()).collect()
    };
    (all("tokens"), all("errors"))
}

#[test]
fn a_thousand_callers_in_twenty_processes_cause_one_refresh() {
    let (home, before) = run_out();
    let (tokens, errors) = all_at_once(&home);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(tokens.len(), 1, "all have the same token");
    assert!(tokens.iter().all(|token| home.issuer.accepts(token)));
    let asked: Vec<_> = home.issuer.requests().into_iter().skip(before).collect();
    assert_eq!(asked.len(), 1, "nobody else asked");
    assert!(asked[0].is_refresh() && asked[0].status == 200, "{}", asked[0].status);
    assert!(home.refresh_token().is_some_and(|token| home.issuer.honours(&token)));

    // From memory and from the keyring, with no request at all.
    let (again, errors) = all_at_once(&home);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!((again, home.issuer.requests().len()), (tokens, before + 1));
}

#[test]
fn a_thousand_callers_are_one_request_to_an_issuer_that_is_slow() {
    let (home, before) = run_out();
    home.issuer.next(Odd::Slow(std::time::Duration::from_secs(3)));
    let (tokens, errors) = all_at_once(&home);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!((tokens.len(), home.issuer.requests().len()), (1, before + 1));
}

#[test]
fn mail_programs_that_start_together_cause_one_refresh() {
    let (home, before) = run_out();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(|| home.token())).collect();
        running.into_iter().map(|thread| thread.join().expect("courrier ends")).collect()
    });
    let token = outcomes[0].json["access_token"].clone();
    for outcome in &outcomes {
        assert_eq!((outcome.status, &outcome.json["access_token"]), (0, &token), "{outcome}");
    }
    assert_eq!(home.issuer.requests().len(), before + 1);
    let plain = home.cli.run(&["token", crate::oauth_place::ALICE], "");
    assert_eq!((json!(plain.stdout.trim_end_matches('\n')), plain.status), (token, 0), "{plain}");
}

#[test]
fn a_refresh_that_began_is_brought_to_its_end_though_its_program_is_interrupted() {
    for signal in [Signal::TERM, Signal::INT] {
        let (home, before) = run_out();
        let old = home.refresh_token().expect("authorised");
        // The answer is on its way for so long.
        home.issuer.next(Odd::Slow(Duration::from_secs(2)));
        let mut command = home.cli.command(&["token", ALICE, "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("courrier starts");
        assert!(home.issuer.has_answered(before + 1, Duration::from_secs(60)), "the old token is used up");
        kill_process(Pid::from_child(&child), signal).expect("it still waits");
        let outcome = end(child);
        assert_eq!((outcome.status, outcome.error_code()), (1, Some("cancelled")), "{outcome}");
        let kept = home.refresh_token().expect("kept");
        assert_ne!(kept, old, "{outcome}");
        assert!(home.issuer.honours(&kept), "{outcome}");
        assert_eq!(home.token().status, 0, "nobody has to sign in again");
    }
}
