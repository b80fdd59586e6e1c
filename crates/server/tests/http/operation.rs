//! What an operator sees: signs of life, metrics, the log, the commands of the program itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use reqwest::StatusCode;
use serde_json::Value;

use crate::desktop::{Answer, Desktop};
use crate::issuer::Issuer;
use crate::running::Running;

const PROGRAM: &str = env!("CARGO_BIN_EXE_courrier-server");

async fn get(running: &Running, path: &str) -> Answer {
    Answer::read(reqwest::get(format!("{}{path}", running.url)).await.unwrap()).await
}

#[tokio::test]
async fn with_an_issuer_calls_can_be_served() {
    let running = Running::start().await;
    assert_eq!(get(&running, "/healthz").await.status, StatusCode::OK);
    let ready = get(&running, "/readyz").await;
    assert_eq!(
        (ready.status, &ready.body["database"], &ready.body["issuer"]),
        (StatusCode::OK, &true.into(), &true.into())
    );
    let well_known = get(&running, "/.well-known/courrier").await.good();
    assert_eq!(well_known["api_base"], running.url);
    assert_eq!(well_known["oidc"]["issuer"], running.issuer.name());
    assert_eq!(well_known["oidc"]["profile"], "keycloak");
}

#[tokio::test]
async fn without_an_issuer_it_lives_and_says_so() {
    let running = Running::with(|settings| settings.issuer = None).await;
    assert_eq!(get(&running, "/healthz").await.status, StatusCode::OK);
    assert_eq!(get(&running, "/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get(&running, "/.well-known/courrier").await.refusal(), (503, "unavailable"));
    assert_eq!(running.stranger("alice").get("/api/v1/session").await.refusal(), (503, "unavailable"));
}

#[tokio::test]
async fn metrics_are_for_this_machine_unless_they_have_their_own_address() {
    let running = Running::start().await;
    running.desktop("alice").await;
    let text = reqwest::get(format!("{}/metrics", running.url)).await.unwrap().text().await.unwrap();
    assert!(text.contains(r#"route="/api/v1/devices",status="201""#), "{text}");
    for personal in ["alice", "example.test", "127.0.0.1"] {
        assert!(!text.contains(personal), "{personal} is in\n{text}");
    }
    let proxied = reqwest::Client::new().get(format!("{}/metrics", running.url)).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(proxied.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_document_describes_what_is_served() {
    let running = Running::start().await;
    let document = get(&running, courrier_wire::path::OPENAPI).await.good();
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    use courrier_wire::path;
    for path in [
        path::WELL_KNOWN,
        path::SESSION,
        path::CHANGES,
        path::EVENTS,
        path::DEVICES,
        path::PREFERENCES,
        path::AUDIT,
        path::ADMIN_AUDIT,
        path::BACKCHANNEL_LOGOUT,
    ] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
    }
}

fn program(arguments: &[&str], folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COURRIER_")) {
        command.env_remove(name);
    }
    command.env("COURRIER_DATA", folder.path()).args(arguments);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_config_names_every_fault_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["check-config", "--issuer", "http://id.example.org", "--listen", "0.0.0.0:1", "--trusted-proxy", "x"];
    let output = program(&arguments, &folder).env("COURRIER_DATABASE_URL", "mysql://u:hunter2@h/d").output().unwrap();
    let said = text(&output);
    assert!(!output.status.success());
    for part in ["issuer:", "public-url:", "trusted-proxy:", "database-url:", "https://courrier.example.org"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_tries_the_issuer() {
    let issuer = Issuer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let run = |name: String| {
        let arguments = ["check-config", "--listen", "127.0.0.1:0", "--issuer", &name];
        let output = program(&arguments, &folder).output().unwrap();
        (output.status.success(), text(&output))
    };
    let good = run(issuer.name().to_owned());
    assert!(good.0, "{}", good.1);
    let (success, said) = run(format!("{}/", issuer.name()));
    assert!(!success && said.contains("another issuer"), "{said}");
    let (success, said) = run("http://127.0.0.1:1/realms/x".to_owned());
    assert!(!success && said.contains("does not answer"), "{said}");
}

#[test]
fn a_setting_means_the_same_in_each_place_and_the_nearest_decides() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("courrier.toml");
    std::fs::write(&file, "issuer = \"http://file.example.org\"\n").unwrap();
    let file = file.to_str().unwrap();
    let from = |command: &mut Command| text(&command.output().unwrap());
    let said = from(&mut program(&["check-config", "--config", file], &folder));
    assert!(said.contains("http://file.example.org"), "{said}");
    let mut command = program(&["check-config", "--config", file], &folder);
    let said = from(command.env("COURRIER_ISSUER", "http://environment.example.org"));
    assert!(said.contains("http://environment.example.org"), "{said}");
    let said = from(command.args(["--issuer", "http://line.example.org"]));
    assert!(said.contains("http://line.example.org"), "{said}");
}

/// A running program, killed at the end whatever happens.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // Neither matters once it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_people_by_id_and_sigterm_stops_it() {
    let issuer = Issuer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&["--listen", "127.0.0.1:0", "--issuer", issuer.name(), "--log", "trace"], &folder);
    let mut child = Started(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(child.0.stderr.take().unwrap());
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended");
        let entry: Value = serde_json::from_str(&line).expect("JSON where no terminal is");
        if entry["message"] == "listening" {
            break entry["address"].as_str().unwrap().to_owned();
        }
    };
    let token = issuer.token("alice");
    let desktop = Desktop::new(&format!("http://{address}"), token.clone()).registered().await;
    let user = desktop.get("/api/v1/session").await.good()["user"]["id"].as_str().unwrap().to_owned();
    let pid = rustix::process::Pid::from_child(&child.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let rest: String = log.lines().map(|line| line.unwrap() + "\n").collect();
    assert!(child.0.wait().unwrap().success(), "{rest}");
    assert!(rest.contains(&user) && rest.contains("stopped"), "{rest}");
    for personal in ["alice", "example.test", &token, "The person", "\"127.0.0.1\""] {
        assert!(!rest.contains(personal), "{personal} is in\n{rest}");
    }
}

#[test]
fn the_database_is_migrated_saved_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    for arguments in [&["migrate"][..], &["backup", copy], &["restore", "--force", copy]] {
        let output = program(arguments, &folder).output().unwrap();
        assert!(output.status.success(), "{arguments:?}\n{}", text(&output));
    }
    let again = program(&["backup", copy], &folder).output().unwrap();
    assert!(!again.status.success(), "a file that exists is not overwritten");
    let nobody =
        program(&["rename-issuer", "https://old.example.org", "https://new.example.org"], &folder).output().unwrap();
    assert!(nobody.status.success() && text(&nobody).starts_with("0 people"), "{}", text(&nobody));
}
