//! Processes that are killed between receiving, storing, pointing to and using a rotated token: an account is never lost
//! while its issuer still honours a token that was kept.
//!
//! `COURRIER_KILLS=1000` kills so many processes that refresh, over all tests, each of which has its share, and a quarter
//! of that number besides that authorise; without it 160, for CI.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use courrier_tests::Outcome;
use courrier_tests::simulators::{IssuerSimulator, Rotation, TokenRequest, Walked};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::oauth_home::Home;
use crate::oauth_place::ALICE;

/// Processes that meet at the same account.
const AT_ONCE: usize = 4;
/// Longer than a refresh takes anywhere.
const LONG: Duration = Duration::from_secs(60);
/// After an answer left the issuer, at first: within about this, it is received, stored, pointed to and used.
const AFTER_THE_ANSWER: Duration = Duration::from_millis(40);

/// How many processes are to be killed: `share` percent of what `COURRIER_KILLS` says.
fn kills(share: usize) -> usize {
    let all = std::env::var("COURRIER_KILLS").map_or(160, |number| number.parse().expect("a number"));
    (all * share).div_ceil(100)
}

/// Repeats the choices of an earlier run, though not the machine's timing, where `COURRIER_CRASH_SEED` says it.
fn seed() -> u64 {
    std::env::var("COURRIER_CRASH_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().expect("a number"))
}

/// A `courrier token` that is killed at its time.
struct Running {
    child: Child,
    dies_at: Instant,
}

fn start(home: &Home) -> Child {
    let mut command = home.cli.command(&["token", ALICE]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("courrier starts")
}

/// What became of a process.
struct Ended {
    /// True if it was killed, false if it came to its end before.
    killed: bool,
    /// What it had handed out by then; empty for nothing.
    handed_out: String,
}

impl Running {
    fn end(mut self) -> Ended {
        std::thread::sleep(self.dies_at.saturating_duration_since(Instant::now()));
        // Refused only where it has ended, which the status tells.
        let _ = self.child.kill();
        // One line fits the pipe: nobody waits for its reader.
        let output = self.child.wait_with_output().expect("a child can be waited for");
        let handed_out = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ended { killed: output.status.code().is_none(), handed_out }
    }
}

/// The time within which a process is killed. It follows the machine: late enough that some have come through by then,
/// early enough that most have not.
struct Window(Duration);

impl Window {
    fn moment(&self, random: &mut StdRng) -> Duration {
        random.random_range(Duration::ZERO..self.0)
    }

    fn learn(&mut self, came_through: bool) {
        self.0 = if came_through { self.0 * 3 / 4 } else { self.0 * 3 / 2 };
    }
}

/// What all rounds have seen.
#[derive(Debug, Default)]
struct Seen {
    rounds: usize,
    killed: usize,
    /// Rounds in which a process died with a token that nobody had kept.
    lost: usize,
    /// Rounds in which a new token was kept although its process was killed, or another one came through.
    renewed: usize,
}

/// The requests since a moment, which hold to this: whoever uses a token uses the one that is kept.
fn refreshes(home: &Home, since: usize) -> Vec<TokenRequest> {
    home.issuer.requests().into_iter().skip(since).filter(TokenRequest::is_refresh).collect()
}

/// Kills processes in rounds, and looks after each round what has become of the account.
fn rounds(rotation: Rotation, kills: usize, seed: u64) -> Seen {
    let mut random = StdRng::seed_from_u64(seed);
    let issuer = IssuerSimulator::start(rotation);
    // Every process refreshes.
    issuer.lifetime(0);
    let home = Home::authorised(issuer);
    let mut seen = Seen::default();
    let (mut anywhere, mut after_an_answer) = (Window(Duration::from_millis(100)), Window(AFTER_THE_ANSWER));
    while seen.killed < kills {
        seen.rounds += 1;
        let round = seen.rounds;
        let since = home.issuer.requests().len();
        let before = home.refresh_token().expect("authorised");
        let children: Vec<Child> = (0..AT_ONCE).map(|_| start(&home)).collect();
        // Half of the rounds aim at what comes after an answer, the others at anything.
        let aimed = random.random() && home.issuer.has_answered(since + 1, LONG);
        let window = if aimed { &mut after_an_answer } else { &mut anywhere };
        let now = Instant::now();
        let running = children.into_iter().map(|child| Running { child, dies_at: now + window.moment(&mut random) });
        let mut running: Vec<Running> = running.collect();
        running.sort_by_key(|running| running.dies_at);
        let ended: Vec<Ended> = running.into_iter().map(Running::end).collect();
        let killed = ended.iter().filter(|ended| ended.killed).count();
        seen.killed += killed;

        let kept = home.refresh_token().expect("an entry is replaced, never taken away");
        seen.renewed += usize::from(kept != before);
        window.learn(kept != before || killed < AT_ONCE);
        is_the_newest_that_was_stored(&home, since, &before, &kept, round);
        nobody_has_what_came_with_a_token_that_is_not_kept(&home, since, &kept, &ended, round);
        let honoured = home.issuer.honours(&kept);
        let outcome = home.token();
        if honoured {
            works(&home, &outcome, round);
        } else {
            assert_eq!(rotation, Rotation::Strict, "round {round}: the issuer still honours what was kept");
            assert!(killed > 0, "round {round}: a token was lost although nobody was killed");
            assert_eq!(outcome.error_code(), Some("oauth.sign_in_needed"), "round {round}: {outcome}");
            seen.lost += 1;
            home.authorises();
            works(&home, &home.token(), round);
        }
    }
    assert!(seen.renewed * 10 > seen.rounds, "the moments were chosen badly: {seen:?}");
    seen
}

/// What is kept is what the last successful refresh used, or its successor: no newer token was ever overwritten.
fn is_the_newest_that_was_stored(home: &Home, since: usize, before: &str, kept: &str, round: usize) {
    let used: Vec<TokenRequest> = refreshes(home, since);
    let last = used.iter().rfind(|request| request.status == 200);
    let Some(last) = last else {
        assert_eq!(kept, before, "round {round}: nothing was renewed");
        return;
    };
    let newest = last.field("refresh_token");
    let successors = home.issuer.successors(newest);
    assert!(
        kept == newest || successors.iter().any(|successor| successor == kept),
        "round {round}: an old token is kept"
    );
    for refused in used.iter().filter(|request| request.status != 200) {
        let tried = refused.field("refresh_token");
        assert_eq!(tried, kept, "round {round}: a token was tried that is not the one that is kept");
    }
}

/// A token is kept before what came with it is used: where what is kept was used up already, the one that took its place
/// died unseen with its process.
fn nobody_has_what_came_with_a_token_that_is_not_kept(
    home: &Home,
    since: usize,
    kept: &str,
    ended: &[Ended],
    round: usize,
) {
    for lost in refreshes(home, since).iter().filter(|request| request.field("refresh_token") == kept) {
        let Some(access_token) = &lost.access_token else { continue };
        let handed_out = ended.iter().any(|ended| ended.handed_out == *access_token);
        assert!(!handed_out, "round {round}: a token was handed out before its refresh token was kept");
    }
}

fn works(home: &Home, outcome: &Outcome, round: usize) {
    assert_eq!(outcome.status, 0, "round {round}: {outcome}");
    let token = outcome.json["access_token"].as_str().expect("a token");
    assert!(home.issuer.accepts(token), "round {round}");
    let kept = home.refresh_token().expect("kept");
    assert!(home.issuer.honours(&kept), "round {round}: the next refresh would fail");
}

#[test]
fn where_old_tokens_stay_good_no_kill_costs_anything() {
    let seed = seed();
    println!("COURRIER_CRASH_SEED={seed}");
    let seen = rounds(Rotation::Keeps, kills(35), seed);
    println!("{seen:?}");
    assert_eq!(seen.lost, 0);
}

#[test]
fn where_old_tokens_work_until_the_new_one_does_no_kill_costs_anything() {
    let seed = seed();
    println!("COURRIER_CRASH_SEED={seed}");
    let seen = rounds(Rotation::UntilUsed, kills(35), seed);
    println!("{seen:?}");
    assert_eq!(seen.lost, 0);
}

#[test]
fn where_a_token_works_once_an_account_is_lost_only_with_a_token_that_nobody_kept() {
    let seed = seed();
    println!("COURRIER_CRASH_SEED={seed}");
    // Each loss is looked at where it happens.
    println!("{:?}", rounds(Rotation::Strict, kills(30), seed));
}

#[test]
fn an_authorisation_that_is_killed_is_there_or_can_be_done_again() {
    let seed = seed();
    println!("COURRIER_CRASH_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let home = Home::new(IssuerSimulator::start(Rotation::Strict));
    let (mut adopted, mut nothing) = (0, 0);
    let mut window = Window(AFTER_THE_ANSWER);
    for round in 0..kills(25) {
        let since = home.issuer.requests().len();
        let (mut child, page) = home.begin();
        let Walked::Back(back) = home.issuer.walk(&page) else { panic!("no redirect") };
        let visit = std::thread::spawn(move || visit(&back));
        assert!(home.issuer.has_answered(since + 1, LONG), "the code is redeemed");
        std::thread::sleep(window.moment(&mut random));
        let _ = child.kill();
        child.wait().expect("a child can be waited for");
        visit.join().expect("a broken connection is no panic");

        let kept = home.refresh_token();
        let outcome = home.token();
        let is_there = kept.is_some_and(|kept| home.issuer.honours(&kept));
        window.learn(is_there);
        if is_there {
            works(&home, &outcome, round);
            adopted += 1;
            done_with(&home);
        } else {
            assert_eq!(outcome.error_code(), Some("secret.missing"), "round {round}: {outcome}");
            nothing += 1;
        }
    }
    println!("{adopted} came through or were finished later, {nothing} left nothing behind");
    assert!(adopted > 0, "the moments were chosen badly");
}

/// The account as it is before anybody authorised it.
fn done_with(home: &Home) {
    let removed = home.cli.json(&["account", "remove", ALICE], "");
    assert_eq!(removed.status, 0, "{removed}");
    assert_eq!(home.kept(), None, "the tokens go with the account");
    home.adds();
}

/// Goes where the browser is sent, whatever becomes of the program there.
fn visit(address: &url::Url) {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", address.port().expect("a port"))) else { return };
    let target = &address[url::Position::BeforePath..];
    let host = address.authority();
    // It may be killed at any moment.
    let _ = write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let _ = stream.read_to_end(&mut Vec::new());
}
