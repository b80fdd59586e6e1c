//! The server's calls, tried as its OpenAPI document describes them: by schemathesis, which knows nothing of the server.

use std::path::Path;

use courrier_tests::process::{RunAs, command};
use courrier_tests::{CourrierServer, Issuer, OidcProvider};

/// What it reads: its settings, and how requests are signed.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemathesis");

#[test]
fn the_calls_are_as_described() {
    let provider = OidcProvider::start();
    let server = CourrierServer::with(&provider).arguments(&["--user-rate", "0", "--address-rate", "0"]).start();
    let mut schemathesis = command("schemathesis", RunAs::Caller, None);
    schemathesis.arg("run").arg(format!("{}/api/v1/openapi.json", server.url()));
    // It waits for the end of an answer, and an event stream has none.
    schemathesis.args(["--exclude-path", "/api/v1/events", "--no-color", "--request-timeout", "60"]);
    // What it finds again next time, and the folder of Python's own, stay out of the sources.
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for file in ["hooks.py", "schemathesis.toml"] {
        std::fs::copy(Path::new(FOLDER).join(file), scratch.path().join(file)).expect("copied");
    }
    // An administrator, so that no call ends at the missing role.
    schemathesis.env("COURRIER_TOKEN", provider.token_for(&provider.admin())).current_dir(scratch.path());
    let output = schemathesis.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}\n{}", String::from_utf8_lossy(&output.stderr), server.log());
    assert!(said.contains("Tested: 16"), "not all calls were tried:\n{said}");
}
