//! What carrying accounts costs on the wire, and whether devices agree whatever goes wrong.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use courrier_sync::schedules::{ModelServer, Options, Tally, run as play};
use courrier_tests::{Ca, Cli, CourrierServer, Issuer, Keycloak, KeyringSession, Person, Realm, built};

use crate::document::{Section, row};
use crate::machine;
use crate::relay::{Relay, Traffic};

/// Accounts on the first computer.
const ACCOUNTS: &str = "1000";
/// Random schedules, each with 2 to 5 devices.
const SCHEDULES: u64 = 100_000;

/// Measures.
pub(crate) fn run() -> Section {
    let keycloak = Keycloak::shared();
    let realm = keycloak.realm();
    let person = realm.create_person();
    let relay = Relay::start();
    let server = CourrierServer::with(&realm).arguments(&["--public-url", &relay.url()]).start();
    let address = server.listens_at();
    relay.lead_to(address);

    let (ca, sessions) = (Ca::new(), [KeyringSession::unlocked(), KeyringSession::unlocked()]);
    let [first, second] = sessions.each_ref().map(|session| Cli::new(&ca).keyring(session));
    let fill = built("examples/fill", "courrier-store --example fill");
    let filled = Command::new(fill).arg(first.home()).arg(ACCOUNTS).stderr(Stdio::null()).status();
    assert!(filled.expect("fill can be run").success(), "fill fails");

    let sync = |cli: &Cli| assert_eq!(cli.run(&["sync"], "").status, 0, "sync fails");
    let mut rows = vec![row(["what", "round trips", "bytes sent", "bytes received"])];
    let mut add = |what: &str, traffic: Traffic| {
        let cells = [traffic.round_trips, traffic.sent, traffic.received].map(|number| number.to_string());
        rows.push(row([what, &cells[0], &cells[1], &cells[2]]));
    };
    let all = relay.during(|| sign_in(&first, &realm, &relay.url(), &person));
    add(&format!("signing in with {ACCOUNTS} accounts, all of which travel"), all);
    let all = relay.during(|| sign_in(&second, &realm, &relay.url(), &person));
    add(&format!("signing in on a second computer, which receives {ACCOUNTS} accounts"), all);
    add("`sync` with nothing to do", relay.during(|| sync(&first)));
    let edited = first.run(&["account", "edit", "person7@company7.example", "--name", "Another name"], "");
    assert_eq!(edited.status, 0, "{}", edited.stderr);
    add("`sync` that sends one changed name", relay.during(|| sync(&first)));
    add("`sync` that receives it", relay.during(|| sync(&second)));

    // Said now: the schedules take long, and one of them may find a fault.
    for row in &rows {
        eprintln!("{}", row.join(" | "));
    }
    let started = Instant::now();
    let sum = play_all();
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    Section {
        title: "Carrying accounts",
        about: format!(
            "`courrier` and `courrier-server` on one computer, over a wire that counts. A process has no connection \
             left from the last one: each `sync` connects, asks for a nonce, and so on. A round trip is a connection, \
             or whenever something was sent and the answer had to be waited for. Traffic to Keycloak is not in it.\n\n\
             Then {} random schedules of 2 to 5 devices with lost, repeated and late messages, programs that die \
             between any two writes, and a server that goes back to backups: {} edits, {} removals, {} messages, {} \
             mishaps, {} deaths, {} restores, {} conflicts shown, {} collisions of addresses, in {minutes:.0} minutes.",
            schedules(),
            sum.edits,
            sum.removals,
            sum.messages,
            sum.mishaps,
            sum.deaths,
            sum.restores,
            sum.conflicts,
            sum.collisions,
        ),
        rows,
        verdicts: vec!["All devices agreed in every schedule; nothing was lost, nothing came back.".to_owned()],
        measured: format!("{}: {}", machine::today(), machine::description(&[])),
    }
}

/// All schedules, on all cores.
fn play_all() -> Tally {
    let next = AtomicU64::new(0);
    let play_some = || {
        let mut sum = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= schedules() {
                return sum;
            }
            sum += play(seed, &Options::default(), ModelServer::new).unwrap_or_else(|failure| panic!("{failure}"));
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<_> = (0..cores).map(|_| scope.spawn(play_some)).collect();
        let sums = all.into_iter().map(|one| one.join().unwrap_or_else(|_| panic!("a schedule failed: see above")));
        sums.fold(Tally::default(), |mut sum, one| {
            sum += one;
            sum
        })
    })
}

/// `COURRIER_BENCH_SCHEDULES` for trying this out.
fn schedules() -> u64 {
    let set = std::env::var("COURRIER_BENCH_SCHEDULES").ok();
    set.map_or(SCHEDULES, |number| number.parse().expect("COURRIER_BENCH_SCHEDULES is a number"))
}

/// As a person does who pastes the address into a browser.
fn sign_in(cli: &Cli, realm: &Realm<'_>, server: &str, person: &Person) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut signing_in = cli.start(&["sign-in", "--server", server, "--print-url"], folder.path());
    let issuer = realm.issuer();
    let address = signing_in
        .wait_for(|said| said.lines().find(|line| line.trim().starts_with(&issuer)).map(|line| line.trim().to_owned()))
        .unwrap_or_else(|why| panic!("{why}"));
    let back = realm.redirect_of(&address, person);
    ureq::get(&back).call().expect("the program waits for its answer");
    let ended = courrier_tests::until("the end of signing in", Duration::from_secs(120), || signing_in.ended());
    assert!(ended.success(), "{}", signing_in.said());
}
