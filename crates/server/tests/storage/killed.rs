//! A server that is killed while it writes: every push is there wholly or not at all, and none that was answered is
//! missing.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use courrier_model::RecordId;
use courrier_server::storage::{Location, Storage};

use super::suite::{Person, account, claims, edit, minute};

/// Where the process that is to be killed finds its database.
const FILE: &str = "COURRIER_TEST_KILLED";
/// Writes in each of its pushes.
const EACH: usize = 5;
/// Pushes that have been answered when it is killed, in the runs of the test.
const ANSWERED: [usize; 6] = [0, 1, 2, 7, 19, 40];

/// The process that is to be killed: by itself it has nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let storage = Storage::open(&Location::sqlite(file), minute(0)).await.expect("opened");
    let alice = Person::sign_in(&storage, "alice", "laptop").await;
    println!("ready");
    for number in 0_u32.. {
        let address = |index| format!("person{number}-{index}@example.test");
        let writes = (0..EACH).map(|index| edit(RecordId::random(), None, account(&address(index))));
        alice.push(writes.collect()).await;
        println!("answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_leaves_whole_pushes() {
    for answered in ANSWERED {
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("server.db");
        let told = kill_after(&file, answered);
        let storage = Storage::open(&Location::sqlite(&file), minute(0)).await.expect("opened again");
        let standing = storage.authorize(&claims("alice"), "laptop", minute(0)).await.expect("there");
        let device = standing.device.clone().expect("registered");
        let alice = Person { storage, subject: "alice".to_owned(), thumbprint: "laptop".to_owned(), device };
        let records = alice.everything().await;
        assert_eq!(records.len() % EACH, 0, "half a push");
        assert!(records.len() >= told * EACH, "{told} pushes were answered, {} records are there", records.len());
        let highest = records.values().map(|record| record.revision).max();
        assert!(highest.is_none_or(|highest| highest == standing.revision), "a revision without its writes");
        let said = super::suite::log::actions(&alice.storage, None).await.len();
        assert_eq!(said, records.len() + 2, "the log and the records differ");
        alice.add("after@example.test").await;
    }
}

/// Kills the process with no warning when it has told of so many answers. Answers of how many it told in the end.
fn kill_after(file: &Path, answered: usize) -> usize {
    let mut child = Command::new(std::env::current_exe().expect("known"))
        .args(["--exact", "killed::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut said = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    assert!(said.by_ref().any(|line| line.ends_with("ready")), "it never began");
    let mut told = said.by_ref().filter(|line| line.ends_with("answered")).take(answered).count();
    child.kill().expect("killed");
    told += said.filter(|line| line.ends_with("answered")).count();
    child.wait().expect("ended");
    assert!(told >= answered);
    told
}
