//! `crashing WHEN OPERATION …`: one use case in a process of its own, which dies or waits at a chosen step of a change
//! to secrets. The tests' stand-in for a power cut; [`courrier_tests::Crashing`] starts it.
//!
//! WHEN is `run`, `die:N` or `pause:N`, with the steps counted from 1. Passwords are the first two lines of standard
//! input, empty for none. Each step is printed as it is reached. A pause ends with a third line.

// Test code: it stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use courrier_app::journal::{Observer, Step};
use courrier_app::{AccountChange, AppError, Courrier, EndpointChange, ExposeSecret, NewAccount, Ports, Run, Secret};
use rustix::process::{Signal, getpid, kill_process};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (when, operation) = arguments.split_first().expect("usage: crashing WHEN OPERATION …");
    let passwords = [line(), line()].map(|line| (!line.is_empty()).then(|| Secret::from(line)));
    let ports = Ports { observer: Some(observer(when)), ..Ports::system() };
    let courrier = Courrier::open(None, ports).expect("the home opens");
    let operation: Vec<&str> = operation.iter().map(String::as_str).collect();
    let done = perform(&courrier, &operation, passwords);
    done.unwrap_or_else(|error| panic!("{operation:?}: {}", error.code()));
}

fn perform(
    courrier: &Arc<Courrier>,
    operation: &[&str],
    [password, sending]: [Option<Secret>; 2],
) -> Result<(), AppError> {
    match *operation {
        // Opening finishes what an earlier process began.
        ["open"] => {}
        ["add", address, name] => {
            let new = NewAccount {
                address: address.to_owned(),
                imap: server(name, "imap"),
                smtp: server(name, "smtp"),
                name: Some(name.to_owned()),
                ..NewAccount::default()
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(courrier.add_given(Run::silent(), new, password, sending, true))?;
        }
        ["edit", address, name] => {
            let change = AccountChange {
                imap: server(name, "imap"),
                smtp: server(name, "smtp"),
                name: Some(name.to_owned()),
                ..AccountChange::default()
            };
            courrier.change_account(address, &change, password, sending)?;
        }
        ["remove", address] => drop(courrier.remove_now(address)?),
        ["hide", address] => drop(courrier.remove_account(&courrier.account(address)?.id)?),
        ["undo", id] => drop(courrier.undo_removal(id)?),
        ["read"] => print(&all(courrier)?),
        _ => panic!("no such operation: {operation:?}"),
    }
    Ok(())
}

/// Servers whose names tell which settings these are.
fn server(name: &str, service: &str) -> EndpointChange {
    let port = if service == "imap" { 993 } else { 465 };
    EndpointChange { server: Some(format!("{service}.{name}.example.test:{port}/tls")), ..EndpointChange::default() }
}

/// Every account with both of its secrets.
fn all(courrier: &Courrier) -> Result<Value, AppError> {
    let mut found = BTreeMap::new();
    for account in courrier.accounts()? {
        let secret = |sending| match courrier.reveal_secret(&account.id, sending) {
            // Exposed: the test compares it with what it stored.
            Ok(secret) => Ok(Some(secret.expose_secret().to_owned())),
            Err(AppError::SecretMissing) => Ok(None),
            Err(error) => Err(error),
        };
        let (incoming, sending) = (secret(false)?, secret(true)?);
        found.insert(account.address.clone(), json!({"account": account, "incoming": incoming, "sending": sending}));
    }
    Ok(json!(found))
}

fn print(document: &Value) {
    writeln!(std::io::stdout(), "{document}").expect("the test reads");
}

fn line() -> String {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("the test writes text");
    line.trim_end_matches('\n').to_owned()
}

fn observer(when: &str) -> Observer {
    let (action, at) = match when.split_once(':') {
        Some((action, at)) => (action.to_owned(), at.parse().expect("a number")),
        None => (when.to_owned(), 0),
    };
    let reached = AtomicU32::new(0);
    // One step at a time, as they are taken.
    let out = Mutex::new(std::io::stdout());
    Arc::new(move |step: Step| {
        let mut out = out.lock().expect("no step panics");
        writeln!(out, "{step:?}").expect("the test reads");
        if reached.fetch_add(1, Ordering::SeqCst) + 1 != at {
            return;
        }
        match action.as_str() {
            "die" => {
                kill_process(getpid(), Signal::KILL).expect("a process may signal itself");
                loop {
                    std::thread::park();
                }
            }
            "pause" => {
                writeln!(out, "paused").expect("the test reads");
                drop(line());
            }
            _ => panic!("neither die nor pause: {action}"),
        }
    })
}
