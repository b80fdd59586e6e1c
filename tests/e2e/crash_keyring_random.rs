//! Real `courrier` processes, several at once, killed at random moments.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use courrier_tests::KeyringSession;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::crash::{BYSTANDER, Home, Kept, bystander, kept};

/// How often processes are started and killed.
const ROUNDS: u32 = 200;
const AT_ONCE: usize = 4;
/// Few, so that processes meet at the same account.
const ADDRESSES: [&str; 3] = ["one@example.test", "two@example.test", "three@example.test"];

/// A command on its way, and what the account is when it has come through.
struct Running {
    address: &'static str,
    after: Option<Kept>,
    /// What it may end with; a killed one has no status.
    statuses: &'static [i32],
    child: Child,
    dies_at: Instant,
}

fn start(home: &Home, random: &mut StdRng, number: u32, longest: Duration) -> Running {
    let address = ADDRESSES[random.random_range(0..ADDRESSES.len())];
    let settings = format!("s{number}");
    let (imap, smtp) =
        (format!("imap.{settings}.example.test:993/tls"), format!("smtp.{settings}.example.test:465/tls"));
    let flags = ["--imap", &imap, "--smtp", &smtp, "--name", &settings, "--password-stdin"];
    let after = Some(kept(&settings, &format!("password {number}"), &format!("password {number}")));
    // The account may not be there: 2. On a busy machine the keyring, which is shared by all, may not answer in time: 4.
    let (mut arguments, after, statuses): (Vec<&str>, _, &[i32]) = match random.random_range(0..5) {
        0 | 1 => (["account", "add", "--unchecked", address].into(), after, &[0, 4]),
        2 | 3 => (["account", "edit", address].into(), after, &[0, 2, 4]),
        _ => (["account", "remove", address].into(), None, &[0, 2, 4]),
    };
    if after.is_some() {
        arguments.extend(flags);
    }
    let mut command = home.cli.command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("courrier can be run");
    let mut input = child.stdin.take().expect("standard input is a pipe");
    // One that reads no password may have ended before.
    let _ = writeln!(input, "password {number}");
    let dies_at = Instant::now() + random.random_range(Duration::ZERO..longest);
    Running { address, after, statuses, child, dies_at }
}

/// Kills each in its time, unless it is through before; tells what became of it.
fn end(mut running: Running) -> Ended {
    std::thread::sleep(running.dies_at.saturating_duration_since(Instant::now()));
    // Refused only where it has ended, which the status tells.
    let _ = running.child.kill();
    let status = running.child.wait().expect("a child can be waited for").code();
    if let Some(status) = status {
        assert!(running.statuses.contains(&status), "{}: exit {status}", running.address);
    }
    Ended { address: running.address, after: running.after, status }
}

struct Ended {
    address: &'static str,
    after: Option<Kept>,
    status: Option<i32>,
}

/// Everything that may have become of an account: what it was, unless a command came through that changed it, and what
/// each command makes of it that was not refused.
fn possible(address: &str, before: Option<Kept>, ended: &[Ended]) -> Vec<Option<Kept>> {
    let of_this = || ended.iter().filter(|ended| ended.address == address);
    let mut possible: Vec<Option<Kept>> =
        of_this().filter(|ended| ended.status != Some(2)).map(|ended| ended.after.clone()).collect();
    if !of_this().any(|ended| ended.status == Some(0)) {
        possible.push(before);
    }
    possible
}

#[test]
fn processes_killed_at_random_lose_nothing() {
    let seed: u64 = std::env::var("COURRIER_CRASH_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("COURRIER_CRASH_SEED={seed} repeats the choices, though not the machine's timing");
    let mut random = StdRng::seed_from_u64(seed);
    let session = KeyringSession::unlocked();
    let neighbour = Home::with_bystander(&session);
    let home = Home::with_bystander(&session);
    // Follows the machine: late enough that some come through, early enough that most do not.
    let mut longest = Duration::from_millis(100);
    let mut accounts: BTreeMap<String, Kept> = home.read();
    let mut killed = 0;
    let mut seen = BTreeSet::new();
    for round in 0..ROUNDS {
        let first = round * u32::try_from(AT_ONCE).unwrap();
        let started: Vec<Running> =
            (first..).take(AT_ONCE).map(|number| start(&home, &mut random, number, longest)).collect();
        let mut started = started;
        started.sort_by_key(|running| running.dies_at);
        let ended: Vec<Ended> = started.into_iter().map(end).collect();
        killed += ended.iter().filter(|ended| ended.status.is_none()).count();
        let through = ended.iter().any(|ended| ended.status == Some(0));
        longest = if through { longest * 4 / 5 } else { longest * 5 / 4 };

        let found = home.read();
        for address in ADDRESSES {
            let now = found.get(address).cloned();
            let possible = possible(address, accounts.remove(address), &ended);
            assert!(possible.contains(&now), "round {round}, {address}: {now:?} is none of {possible:?}");
            seen.extend(now.map(|account| account.settings));
        }
        assert_eq!(found.get(BYSTANDER), Some(&bystander()), "round {round}");
        assert_eq!(home.intents(), 0, "round {round}: the next start finished everything");
        assert_eq!(home.entries(&session), home.pointers(), "round {round}");
        accounts = found;
    }
    home.is_sound(&session);
    neighbour.is_sound(&session);
    assert_eq!(neighbour.read(), BTreeMap::from([(BYSTANDER.to_owned(), bystander())]));
    // Else the moments were chosen badly, and the test proves nothing.
    assert!(killed > 100, "only {killed} processes were killed before their end");
    assert!(seen.len() > 20, "only {} changes came through", seen.len());
}
