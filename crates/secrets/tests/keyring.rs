//! The keyring of a Linux desktop: a real D-Bus daemon, a real gnome-keyring-daemon, in every state that
//! they can be in. The person's own bus and keyring are never touched.
#![cfg(target_os = "linux")]
// The lints spare functions marked as tests; what these call is test as well.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "keyring/agent.rs"]
mod agent;
#[path = "keyring/desktop.rs"]
mod desktop;
#[path = "keyring/session.rs"]
mod session;

use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use agent::Agent;
use courrier_model::{HomeId, SecretId};
use courrier_secrets::SecretKey;
use desktop::Desktop;
use session::{KEYRING_PASSWORD, Session, wait_until};

/// Longer than the question for a keyring's state may take, and shorter than reading from it.
const BUSY: Duration = Duration::from_millis(1500);
/// How many connections wait in line for dbus-daemon.
const QUEUE: usize = 30;

fn key() -> SecretKey {
    SecretKey { home: HomeId::random(), id: SecretId::random() }
}

/// All calls answer `expected`, whether the secret was ever stored or not.
fn assert_every_call_answers(agent: &mut Agent, expected: &str) {
    let key = key();
    assert_eq!(agent.get(&key), expected);
    assert_eq!(agent.put(&key, "never stored"), expected);
    assert_eq!(agent.delete(&key), expected);
    assert_eq!(agent.unlock(), expected);
}

#[test]
#[ignore = "runs as a child of the other tests: the process that they talk to"]
fn agent_process() {
    agent::serve();
}

#[test]
fn keyring_without_a_bus_is_absent() {
    let session = Session::bare();
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Absent");
    assert_every_call_answers(&mut agent, "absent");

    let mut agent = Agent::start_with(&session, |command| command.env_remove("DBUS_SESSION_BUS_ADDRESS"));
    assert_eq!(agent.state(), "Absent");
    let mut agent = Agent::start_with(&session, |command| command.env("DBUS_SESSION_BUS_ADDRESS", "nonsense"));
    assert_eq!(agent.state(), "Absent");
}

#[test]
fn keyring_behind_a_dead_socket_is_absent() {
    let session = Session::bare();
    drop(UnixListener::bind(session.socket()).expect("a socket"));
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Absent");
    assert_every_call_answers(&mut agent, "absent");
}

#[test]
fn keyring_behind_a_bus_that_hangs_is_absent() {
    let session = Session::bare();
    // Connections are accepted by the kernel, and nobody ever answers on them.
    let _listening = UnixListener::bind(session.socket()).expect("a socket");
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Absent");
    assert_eq!(agent.state(), "Absent");
    assert_every_call_answers(&mut agent, "absent");
}

#[test]
fn keyring_on_a_bus_without_a_secret_service_is_absent() {
    let session = Session::with_bus();
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Absent");
    assert_every_call_answers(&mut agent, "absent");
}

#[test]
fn keyring_without_a_collection_is_not_an_absent_one() {
    let mut session = Session::with_bus();
    session.start_daemon(false);
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "NoCollection");
    // Without a display the service dismisses its own prompt.
    assert_every_call_answers(&mut agent, "no collection");
    session.daemon = None;
    assert_every_call_answers(&mut agent, "absent");
}

#[test]
fn keyring_that_is_locked_says_so_and_keeps_what_it_has() {
    let mut session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let stored = key();
    assert_eq!(agent.put(&stored, "kept"), "done");

    session.lock();
    assert_eq!(agent.state(), "Locked");
    assert_eq!(agent.get(&stored), "locked");
    assert_eq!(agent.put(&stored, "other"), "locked");
    assert_eq!(agent.delete(&stored), "locked");
    // Without a display the service dismisses its own prompt.
    assert_every_call_answers(&mut agent, "locked");

    session.start_daemon(true);
    assert_eq!(agent.state(), "Ready");
    assert_eq!(agent.get(&stored), "secret kept");
}

#[test]
fn keyring_that_starts_locked_is_locked_for_what_was_never_stored() {
    let mut session = Session::with_keyring();
    session.start_daemon(false);
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Locked");
    assert_every_call_answers(&mut agent, "locked");
}

#[test]
fn keyring_with_an_open_collection_and_the_secret_in_a_locked_one_is_locked_for_that_secret() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let (stored, other) = (key(), key());
    assert_eq!(agent.put(&stored, "kept"), "done");
    session.lock();
    session.make_session_collection_default();

    assert_eq!(agent.state(), "Ready");
    assert_eq!(agent.get(&stored), "locked");
    assert_eq!(agent.put(&stored, "other"), "locked");
    assert_eq!(agent.delete(&stored), "locked");
    assert_eq!(agent.get(&other), "none");
    assert_eq!(agent.put(&other, "new"), "done");
}

#[test]
fn keyring_stores_replaces_and_deletes() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    assert_eq!(agent.state(), "Ready");
    assert_eq!(agent.unlock(), "done");
    let key = key();
    assert_eq!(agent.get(&key), "none");
    assert_eq!(agent.delete(&key), "done");
    for secret in ["first", "second", "", "pass phrase with spaces", "このきれいな花は桜です 🔑", "line\nbreak\0nul"]
    {
        assert_eq!(agent.put(&key, secret), "done");
        assert_eq!(agent.get(&key), format!("secret {secret}"));
    }
    // Another process sees it, and sees it go.
    let mut other = Agent::start(&session);
    assert_eq!(other.get(&key), agent.get(&key));
    assert_eq!(agent.delete(&key), "done");
    assert_eq!(other.get(&key), "none");
}

#[test]
fn keyring_entries_can_be_recognised_by_people() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "marked-secret"), "done");
    assert_eq!(agent.put(&key, "marked-secret"), "done");
    let items = session.search("home", &key.home.to_string());
    assert_eq!(items.len(), 1, "carries its home, and writing again makes no second one");
    assert_eq!(items, session.search("username", &key.to_string()));
    assert_eq!(items, session.search("service", "courrier"));
    let label: String = session.property(&items[0], "org.freedesktop.Secret.Item", "Label");
    assert_eq!(label, "Courrier: mail password");
    let files = session.keyring_files();
    assert!(!files.is_empty());
    assert!(!files.windows(13).any(|window| window == b"marked-secret"), "encrypted on disk");
}

#[test]
fn keyring_holds_a_megabyte() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    let secret = "0123456789abcdef".repeat(1 << 16);
    assert_eq!(agent.put(&key, &secret), "done");
    assert!(agent.get(&key) == format!("secret {secret}"));
}

#[test]
fn keyring_keeps_two_homes_apart() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let here = key();
    let there = SecretKey { home: HomeId::random(), id: here.id };
    assert_eq!(agent.put(&here, "here"), "done");
    assert_eq!(agent.get(&there), "none");
    assert_eq!(agent.put(&there, "there"), "done");
    assert_eq!(agent.delete(&here), "done");
    assert_eq!(agent.get(&there), "secret there");
}

#[test]
fn keyring_is_found_again_after_its_daemon_was_restarted() {
    let mut session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "kept"), "done");

    session.start_daemon(true);
    assert_eq!(agent.get(&key), "secret kept");
    session.start_daemon(true);
    assert_eq!(agent.put(&key, "changed"), "done");
    session.daemon = None;
    assert_eq!(agent.get(&key), "absent");
    session.start_daemon(true);
    assert_eq!(agent.get(&key), "secret changed");
    session.start_daemon(true);
    assert_eq!(agent.delete(&key), "done");
    assert_eq!(agent.get(&key), "none");
}

#[test]
fn keyring_is_found_again_after_its_bus_was_restarted() {
    let mut session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "kept"), "done");
    session.daemon = None;
    session.bus = None;
    assert_eq!(agent.state(), "Absent");
    session.start_bus();
    session.start_daemon(true);
    assert_eq!(agent.get(&key), "secret kept");
}

#[test]
fn keyring_whose_service_hangs_is_absent_until_it_answers_again() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "kept"), "done");
    let daemon = session.daemon.as_ref().expect("runs");
    daemon.signal("-STOP");
    assert_eq!(agent.state(), "Absent");
    assert_every_call_answers(&mut agent, "absent");
    assert_eq!(agent.get(&key), "absent");
    daemon.signal("-CONT");
    // What was asked in vain is still in the daemon's queue; it answers this in its turn.
    assert_eq!(agent.get(&key), "secret kept");
}

#[test]
fn keyring_whose_service_is_busy_for_a_while_is_waited_for() {
    let session = Session::with_keyring();
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "kept"), "done");
    let daemon = session.daemon.as_ref().expect("runs");
    daemon.signal("-STOP");
    agent.say(&format!("get {} {}", key.home, key.id));
    assert_eq!(agent.answer_within(BUSY), None, "not absent");
    daemon.signal("-CONT");
    assert!(agent.answer().starts_with("secret "));
}

#[test]
fn keyring_on_a_bus_that_takes_no_more_connections_for_a_while_is_waited_for() {
    let session = Session::with_keyring();
    let key = key();
    assert_eq!(Agent::start(&session).put(&key, "kept"), "done");
    let mut agent = Agent::start(&session);
    let bus = session.bus.as_ref().expect("runs");
    bus.signal("-STOP");
    let crowd: Vec<_> = (0..2 * QUEUE)
        .map(|_| {
            let socket = session.socket();
            std::thread::spawn(move || UnixStream::connect(socket))
        })
        .collect();
    wait_until("the queue is full", || crowd.iter().filter(|one| one.is_finished()).count() >= QUEUE);
    agent.say(&format!("get {} {}", key.home, key.id));
    assert_eq!(agent.answer_within(BUSY), None, "not absent");
    bus.signal("-CONT");
    assert!(agent.answer().starts_with("secret "));
    crowd.into_iter().for_each(|one| drop(one.join().expect("it ends")));
}

/// Repeats `hands` until the agent answers: keys that come before the window has the keyboard are lost.
fn answer_by(agent: &Agent, hands: impl Fn()) -> String {
    for _ in 0..60 {
        hands();
        if let Some(answer) = agent.answer_within(Duration::from_secs(1)) {
            return answer;
        }
    }
    panic!("the prompt does not end");
}

#[test]
fn keyring_prompts_only_when_asked_to_unlock() {
    let session = Session::with_keyring();
    let desktop = Desktop::start(&session);
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "kept"), "done");
    session.lock();

    // A window would make these wait for somebody.
    assert_eq!(agent.state(), "Locked");
    assert_eq!(agent.get(&key), "locked");
    assert_eq!(agent.put(&key, "other"), "locked");
    assert_eq!(agent.delete(&key), "locked");

    agent.say("unlock");
    assert_eq!(answer_by(&agent, || desktop.press(&["Escape"])), "locked");
    assert_eq!(agent.get(&key), "locked");

    agent.say("unlock");
    let hands = || {
        desktop.press(&["ctrl+a"]);
        desktop.type_text(KEYRING_PASSWORD);
        desktop.press(&["Return"]);
    };
    assert_eq!(answer_by(&agent, hands), "done");
    assert_eq!(agent.get(&key), "secret kept");
}

#[test]
fn keyring_without_a_collection_lets_the_person_make_one() {
    let mut session = Session::with_bus();
    session.start_daemon(false);
    let desktop = Desktop::start(&session);
    let mut agent = Agent::start(&session);
    let key = key();
    assert_eq!(agent.put(&key, "not yet"), "no collection");

    agent.say("unlock");
    assert_eq!(answer_by(&agent, || desktop.press(&["Escape"])), "no collection");
    assert_eq!(agent.state(), "NoCollection");

    let hands = || {
        desktop.press(&["ctrl+a"]);
        desktop.type_text("new-password");
        desktop.press(&["Tab", "ctrl+a"]);
        desktop.type_text("new-password");
        desktop.press(&["Return"]);
    };
    // When the first keys are lost, the others reach the wrong fields and at last the button that cancels.
    let made = (0..20).any(|_| {
        agent.say("unlock");
        desktop.wait_for_window();
        answer_by(&agent, hands) == "done"
    });
    assert!(made, "no collection");
    assert_eq!(agent.state(), "Ready");
    assert_eq!(agent.put(&key, "kept"), "done");
    assert_eq!(agent.get(&key), "secret kept");
}
