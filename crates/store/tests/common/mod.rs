//! What the store's tests share.
#![allow(dead_code, unreachable_pub)] // Each test program uses its own part.

use std::path::Path;
use std::process::Command;

use courrier_model::{AccountDraft, AuthKind, CheckId, Endpoint, EndpointSpec, Identity, Timestamp};
use courrier_store::{NewCheck, NewSecret, Purpose, SaveAccount, Saved, Storage, Store, StoreError, Target};

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + second).expect("in range")
}

pub fn endpoint(spec: &str, username: &str) -> Endpoint {
    let spec: EndpointSpec = spec.parse().expect("valid endpoint");
    spec.with(username.parse().expect("valid user name"), AuthKind::Password)
}

pub fn draft(address: &str) -> AccountDraft {
    AccountDraft {
        address: address.parse().expect("valid address"),
        name: "".parse().expect("valid name"),
        color: None,
        primary: false,
        imap: endpoint("imap.example.test:993/tls", "someone"),
        smtp: endpoint("smtp.example.test:465/tls", "someone"),
        identities: Vec::new(),
    }
}

pub fn identity(address: &str) -> Identity {
    Identity { address: address.parse().expect("valid address"), name: "Also me".parse().expect("valid name") }
}

pub fn passed(second: i64) -> NewCheck {
    NewCheck {
        id: CheckId::random(),
        at: at(second),
        report_json: "{\"ok\":true}".to_owned(),
        ok: true,
        problem_code: None,
    }
}

pub fn add(store: &Store, address: &str) -> Saved {
    store.save(SaveAccount::new(Target::New(draft(address)), at(0))).expect("saved")
}

/// Adds with a secret for receiving, through steps 1 and 3.
pub fn add_with_secret(store: &Store, address: &str) -> Saved {
    let id = store.begin_write(Storage::Keyring, at(0)).expect("noted");
    let mut request = SaveAccount::new(Target::New(draft(address)), at(0));
    request.secrets.push(NewSecret { purpose: Purpose::Incoming, id });
    store.save(request).expect("saved")
}

pub fn addresses(store: &Store) -> Vec<String> {
    store.accounts().expect("listed").iter().map(|account| account.address.to_string()).collect()
}

pub fn primary(store: &Store) -> String {
    let accounts = store.accounts().expect("listed");
    let mut primary = accounts.iter().filter(|account| account.primary);
    let one = primary.next().expect("one is primary").address.to_string();
    assert!(primary.next().is_none(), "two are primary");
    one
}

/// The variant, for comparing.
pub fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::ReadOnly => "read-only",
        StoreError::Full => "full",
        StoreError::Busy => "busy",
        StoreError::Corrupt(_) => "corrupt",
        StoreError::NewerVersion { .. } => "newer",
        StoreError::NotFound => "not found",
        StoreError::AddressTaken { .. } => "address taken",
        StoreError::Superseded => "superseded",
        StoreError::Io(_) => "io",
        StoreError::Sql(_) => "sql",
    }
}

pub fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> &'static str {
    kind(&answer.expect_err("refused"))
}

/// Runs a test of this binary, marked `#[ignore]`, as a process of its own that finds its folder by [`child_home`].
pub fn child(program: &Path, test: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", test, "--include-ignored", "--nocapture"]).env("COURRIER_TEST_HOME", home);
    command
}

/// The folder of a child, or `None` when somebody runs ignored tests by hand.
pub fn child_home() -> Option<std::path::PathBuf> {
    std::env::var_os("COURRIER_TEST_HOME").map(Into::into)
}

pub fn this_program() -> std::path::PathBuf {
    std::env::current_exe().expect("known")
}

/// What a child said, for the message of the test that ran it.
pub fn said(output: &std::process::Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}
