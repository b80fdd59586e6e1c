//! `tokens ADDRESS CALLERS`: many callers in one process, each of whom wants an account's access token at the same
//! moment, as windows, checks and mail programs do. The end-to-end tests start several.
//!
//! Says `ready` once the home is open and waits for a line; then prints `{"tokens": [each different token], "errors":
//! [each different code]}`.

// Test code: it stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use courrier_app::{Courrier, ExposeSecret, Ports};
use serde_json::json;

/// What `courrier token` asks for by default.
const AT_LEAST: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, callers] = &arguments[..] else { panic!("usage: tokens ADDRESS CALLERS") };
    let callers: usize = callers.parse().expect("a number");
    let courrier = Courrier::open(None, Ports::system()).expect("the home opens");
    say("ready");
    std::io::stdin().read_line(&mut String::new()).expect("the test writes text");
    let running: Vec<_> = (0..callers)
        .map(|_| {
            let (courrier, address) = (Arc::clone(&courrier), address.clone());
            tokio::spawn(async move { courrier.token(&address, AT_LEAST).await })
        })
        .collect();
    let (mut tokens, mut errors) = (BTreeSet::new(), BTreeSet::new());
    for caller in running {
        match caller.await.expect("no caller panics") {
            // Exposed: the test compares it with what the issuer gave.
            Ok(token) => drop(tokens.insert(token.access_token.expose_secret().to_owned())),
            Err(error) => drop(errors.insert(error.code().to_owned())),
        }
    }
    say(&json!({"tokens": tokens, "errors": errors}).to_string());
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the test reads");
}
