//! Our server under load, beside the least that such a request has to cost.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use courrier_tests::{API_AUDIENCE, CourrierServer, Issuer, Key, Keycloak, Postgres, Realm, built, process};
use http_body_util::Full;
use hyper::Request;
use rustix::thread::CpuSet;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::document::{Section, row};
use crate::load::{self, Asked, Measured};
use crate::sample::{median, summary};
use crate::{machine, runs};

/// People who ask at the same time, each over a connection of their own.
const PEOPLE: usize = 16;
/// Pulls of each in one run: a second or so in all, long enough that what else the machine does hits both sides.
const PULLS: usize = 400;
/// Pushes of each in one run.
const PUSHES: usize = 250;
/// Event streams that are open at once.
const STREAMS: usize = 10_000;
/// Our answers a second are at least this share of the floor's (a pull), or of the bare statements' (a push).
const PULL_GOAL: f64 = 0.8;
const PUSH_GOAL: f64 = 0.6;
/// MiB of the server with all streams open, at most.
const STREAMS_GOAL: f64 = 200.0;

/// Somebody on a registered device.
struct Client {
    key: Key,
    token: String,
    sync_id: String,
    revision: u64,
}

/// What is measured, with its values of all runs.
struct Line {
    what: String,
    per_second: Vec<f64>,
    p99: Vec<f64>,
}

impl Line {
    fn new(what: &str, place: &str) -> Self {
        Self { what: format!("{what}, {place}"), per_second: Vec::new(), p99: Vec::new() }
    }

    fn add(&mut self, measured: &Measured) {
        self.per_second.push(measured.per_second);
        self.p99.push(measured.p99);
    }

    fn row(&self, beside: Option<&Self>) -> Vec<String> {
        let share = beside.map(|floor| format!("{:.2}", median(&self.per_second) / median(&floor.per_second)));
        let p99 = if self.p99.is_empty() { "–".to_owned() } else { summary(&self.p99, 1) };
        row([&self.what, &summary(&self.per_second, 0), &p99, share.as_deref().unwrap_or("1.00")])
    }

    fn verdict(&self, floor: &Self, goal: f64) -> String {
        let share = median(&self.per_second) / median(&floor.per_second);
        let met = if share >= goal { "met" } else { "**missed**" };
        format!("{}: {share:.2} of {}; goal: at least {goal:.2}, {met}.", self.what, floor.what)
    }
}

/// Measures.
pub(crate) fn run() -> Section {
    allow_many_files();
    let keycloak = Keycloak::shared();
    let realm = keycloak.realm();
    realm.set_access_token_lifespan(3600);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut rows = vec![row(["what", "a second", "p99, ms", "of what is beside it"])];
    let mut verdicts = Vec::new();
    for place in ["SQLite", "PostgreSQL"] {
        let [pull, floor, push, statements] = measure(&runtime, &realm, place);
        rows.extend([floor.row(None), pull.row(Some(&floor)), statements.row(None), push.row(Some(&statements))]);
        verdicts.extend([pull.verdict(&floor, PULL_GOAL), push.verdict(&statements, PUSH_GOAL)]);
    }
    let (before, after) = streams(&runtime, &realm);
    let met = if after <= STREAMS_GOAL { "met" } else { "**missed**" };
    verdicts.push(format!(
        "{STREAMS} event streams: {after:.0} MiB in all, {before:.0} MiB before they were open; goal: at most \
         {STREAMS_GOAL:.0} MiB, {met}."
    ));
    Section {
        title: "The server under load",
        about: format!(
            "{PEOPLE} people ask at the same time, each over a connection that stays open; tokens come from Keycloak, \
             and every request has a proof of its own, signed beforehand. The server and the floor run on one core, \
             what asks them on the other. The floor verifies the same token and proof and runs one SELECT. Beside a \
             push of one new account stand its statements, one transaction each, run by `sqlite3` with the same \
             settings, and by `pgbench` with {PEOPLE} clients on a PostgreSQL that does not wait for its disk. \
             {} runs of {PULLS} pulls or {PUSHES} pushes each.",
            runs(5)
        ),
        rows,
        verdicts,
        measured: format!(
            "{}: {}",
            machine::today(),
            machine::description(&[("sqlite3", &["--version"]), ("postgres", &["--version"])])
        ),
    }
}

/// Pull, its floor, push, and its statements.
fn measure(runtime: &Runtime, realm: &Realm<'_>, place: &str) -> [Line; 4] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("server.db");
    let postgres = (place == "PostgreSQL").then(|| Postgres::shared().create_database());
    let server = start_server(realm, &postgres.clone().unwrap_or_else(|| format!("sqlite:{}", file.display())));
    let address = socket(server.url());
    let mut clients: Vec<Client> = (0..PEOPLE).map(|_| register(runtime, realm, server.url())).collect();
    let floor = Floor::start(realm, postgres.as_deref().unwrap_or(&file.to_string_lossy()));
    pin(server.id(), 0);
    pin(floor.process.id(), 0);
    pin(std::process::id(), 1);

    let mut pull = Line::new("a pull with nothing new", place);
    let mut least = Line::new("the floor of a pull", place);
    let mut push = Line::new("a push of one account", place);
    let mut statements = Line::new("the statements of that push", place);
    if let Some(database) = &postgres {
        prepare_postgres(database);
    }
    // The first run fills caches.
    for run in 0..=runs(5) {
        let pulled = runtime.block_on(load::run(address, pulls(&clients, server.url())));
        let bare = runtime.block_on(load::run(socket(&floor.url), floor_pulls(&clients, &floor.url)));
        let pushed = runtime.block_on(load::run(address, pushes(&clients, server.url())));
        clients.iter_mut().for_each(|client| client.revision += PUSHES as u64);
        let by_themselves = postgres.as_deref().map_or_else(sqlite3, pgbench);
        if run > 0 {
            pull.add(&pulled);
            least.add(&bare);
            push.add(&pushed);
            statements.per_second.push(by_themselves);
        }
    }
    pin_anywhere(std::process::id());
    [pull, least, push, statements]
}

/// The floor at work; ended on drop.
struct Floor {
    process: std::process::Child,
    url: String,
}

impl Floor {
    fn start(realm: &Realm<'_>, database: &str) -> Self {
        let mut command = Command::new(built("floorserver", "courrier-tests"));
        let command = command.args([&realm.issuer(), API_AUDIENCE, database]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the floor can be run");
        let mut said = String::new();
        let output = process.stdout.take().expect("it is a pipe");
        BufReader::new(output).read_line(&mut said).expect("it says where it is");
        Self { process, url: said.trim().to_owned() }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// With its own file of SQLite, or in `database`; without limits on how often one may ask.
fn start_server(realm: &Realm<'_>, database: &str) -> CourrierServer {
    let limits = ["--user-rate", "0", "--address-rate", "0", "--user-streams", "0"];
    CourrierServer::with(realm).database(database).arguments(&limits).start()
}

/// MiB of the server before all streams are open, and after.
fn streams(runtime: &Runtime, realm: &Realm<'_>) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = start_server(realm, &format!("sqlite:{}", folder.path().join("server.db").display()));
    let client = register(runtime, realm, server.url());
    let before = resident(server.id());
    let nonce = nonce(server.url());
    let url = format!("{}/api/v1/events", server.url());
    let path = format!("/api/v1/events?sync_id={}&after={}", client.sync_id, client.revision);
    let after = runtime.block_on(async {
        let mut open = Vec::with_capacity(STREAMS);
        for _ in 0..STREAMS {
            let mut connection = load::connect(socket(server.url())).await;
            let request = client.request("GET", &url, &path, &nonce, None);
            let answer = load::ask(&mut connection, request).await;
            assert!(answer.status().is_success(), "{}", answer.status());
            open.push((connection, answer));
        }
        let after = resident(server.id());
        drop(open);
        after
    });
    (before, after)
}

/// A new person with a registered device.
fn register(runtime: &Runtime, realm: &Realm<'_>, server: &str) -> Client {
    let key = Key::new();
    let tokens = realm.sign_in_as(&realm.create_person()).dpop(&|method, url| key.proof(method, url)).run();
    let mut client = Client { key, token: tokens.access_token, sync_id: String::new(), revision: 0 };
    let ask = |client: &Client, method, path: &str, body: Option<Value>| {
        let request = client.request(method, &format!("{server}{path}"), path, &nonce(server), body.as_ref());
        runtime.block_on(async {
            let mut connection = load::connect(socket(server)).await;
            let answer = load::ask(&mut connection, request).await;
            let status = answer.status();
            let body = load::body(answer).await;
            assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
            serde_json::from_slice::<Value>(&body).expect("a document")
        })
    };
    ask(&client, "POST", "/api/v1/devices", Some(json!({"name": "bench", "platform": "linux"})));
    let session = ask(&client, "GET", "/api/v1/session", None);
    client.sync_id = session["sync_id"].as_str().expect("a history").to_owned();
    client.revision = session["revision"].as_u64().expect("a revision");
    client
}

impl Client {
    /// A signed request: `url` is what the proof is made for, `path` what is asked for there.
    fn request(&self, method: &str, url: &str, path: &str, nonce: &str, body: Option<&Value>) -> Asked {
        let proof = self.key.sign(&json!({
            "jti": Uuid::new_v4(), "htm": method, "htu": url, "iat": 0, "nonce": nonce,
            "ath": URL_SAFE_NO_PAD.encode(Sha256::digest(&self.token)),
        }));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("authorization", format!("DPoP {}", self.token))
            .header("dpop", proof)
            .header("content-type", "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        request.body(Full::from(body)).expect("a request")
    }
}

fn pulls(clients: &[Client], server: &str) -> Vec<Vec<Asked>> {
    let (nonce, url) = (nonce(server), format!("{server}/api/v1/changes"));
    let pulls = |client: &Client| {
        let path = format!("/api/v1/changes?sync_id={}&after={}", client.sync_id, client.revision);
        (0..PULLS).map(|_| client.request("GET", &url, &path, &nonce, None)).collect()
    };
    clients.iter().map(pulls).collect()
}

fn floor_pulls(clients: &[Client], floor: &str) -> Vec<Vec<Asked>> {
    let url = format!("{floor}/api/v1/changes");
    let pulls = |client: &Client| {
        (0..PULLS).map(|_| client.request("GET", &url, "/api/v1/changes?after=0", "none", None)).collect()
    };
    clients.iter().map(pulls).collect()
}

fn pushes(clients: &[Client], server: &str) -> Vec<Vec<Asked>> {
    let (nonce, url) = (nonce(server), format!("{server}/api/v1/changes"));
    let push = |client: &Client| {
        let write = json!({"mutation_id": Uuid::new_v4(), "id": Uuid::new_v4(), "kind": "account", "body": account()});
        let body = json!({"sync_id": client.sync_id, "cursor": client.revision, "writes": [write]});
        client.request("POST", &url, "/api/v1/changes", &nonce, Some(&body))
    };
    clients.iter().map(|client| (0..PUSHES).map(|_| push(client)).collect()).collect()
}

/// An account as it travels, at an address that nobody else has.
fn account() -> Value {
    let address = format!("n{}@example.test", Uuid::new_v4().simple());
    let endpoint = |host: &str, port: u16| json!({"host": host, "port": port, "security": "tls", "username": address, "auth": "password"});
    json!({
        "address": address, "name": "A name", "color": "#3f5bc4", "imap": endpoint("imap.example.test", 993),
        "smtp": endpoint("smtp.example.test", 465), "identities": [], "order": 0, "created_at": "2026-01-01T00:00:00Z",
    })
}

/// One that is good for some minutes: every answer of the API carries it, refusals too.
fn nonce(server: &str) -> String {
    let address = format!("{server}/api/v1/session");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = agent.get(&address).call().expect("an answer");
    answer.headers()["dpop-nonce"].to_str().expect("a text").to_owned()
}

/// Transactions a second: one push's statements, by `pgbench`.
fn pgbench(database: &str) -> f64 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/bench/push.postgres.sql");
    let clients = PEOPLE.to_string();
    let transactions = PUSHES.to_string();
    let arguments = ["-n", "-M", "prepared", "-c", &clients, "-j", "1", "-t", &transactions, "-f", script, database];
    let said = process::finish(Command::new(process::find("pgbench")).args(arguments));
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap_or_else(|| panic!("{said}"));
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

/// The people and devices that the scripts write for.
fn prepare_postgres(database: &str) {
    let people = format!(
        "INSERT INTO person (id, issuer, subject, created_at)
         SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bench', n::text, 1
         FROM generate_series(0, {PEOPLE}) AS n;
         INSERT INTO device (id, person_id, name, platform, thumbprint, created_at, last_seen_at)
         SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid,
         ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bench', 'linux', n::text, 1, 1
         FROM generate_series(0, {PEOPLE}) AS n;"
    );
    process::finish(Command::new(process::find("psql")).args(["-q", "-c", &people, database]));
}

/// Transactions a second: one push's statements, by `sqlite3` on a file of its own.
fn sqlite3() -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("bare.db");
    let sqlite3 = |script: &Path| {
        let input = fs::File::open(script).expect("the script is there");
        let status =
            Command::new(process::find("sqlite3")).arg("-bail").arg(&file).stdin(input).stdout(Stdio::null()).status();
        assert!(status.expect("sqlite3 can be run").success(), "sqlite3 refuses {}", script.display());
    };
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/server/sqlite");
    let mut files: Vec<_> =
        fs::read_dir(migrations).expect("our migrations").flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "sql"));
    files.sort();
    files.iter().for_each(|file| sqlite3(file));
    let (prelude, script) = (folder.path().join("prelude.sql"), folder.path().join("script.sql"));
    fs::write(
        &prelude,
        "PRAGMA journal_mode = WAL;
         INSERT OR IGNORE INTO instance (one, sync_id, created_at) VALUES (1, 's', 1);
         INSERT INTO person (id, issuer, subject, created_at) VALUES ('p', 'bench', 'p', 1);
         INSERT INTO device (id, person_id, name, platform, thumbprint, created_at, last_seen_at)
         VALUES ('d', 'p', 'bench', 'linux', 't', 1, 1);",
    )
    .expect("the script can be written");
    let one = include_str!("push.sqlite.sql");
    let all: String = (1..=PEOPLE * PUSHES)
        .map(|n| one.replace(":n", &n.to_string()).replace(":body", &account().to_string()))
        .collect();
    fs::write(&script, format!("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;\n{all}"))
        .expect("it can be written");
    sqlite3(&prelude);
    let started = Instant::now();
    sqlite3(&script);
    (PEOPLE * PUSHES) as f64 / started.elapsed().as_secs_f64()
}

fn socket(url: &str) -> SocketAddr {
    url.strip_prefix("http://").and_then(|rest| rest.parse().ok()).unwrap_or_else(|| panic!("{url} is no address"))
}

/// MiB of a process that are its own or its share (PSS).
fn resident(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).expect("Linux tells");
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number") / 1024.0
}

/// Keeps all threads of a process on one core, so that what asks and what answers don't take turns.
fn pin(process: u32, core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    affine(process, &set);
}

fn pin_anywhere(process: u32) {
    let mut set = CpuSet::new();
    (0..std::thread::available_parallelism().map_or(1, usize::from).max(2)).for_each(|core| set.set(core));
    affine(process, &set);
}

fn affine(process: u32, set: &CpuSet) {
    for thread in fs::read_dir(format!("/proc/{process}/task")).expect("it runs").flatten() {
        let id = thread.file_name().to_str().and_then(|id| id.parse().ok()).and_then(rustix::process::Pid::from_raw);
        // A thread may have ended since.
        let _ = rustix::thread::sched_setaffinity(id, set);
    }
}

/// Each open stream is a file, here and in the server, which inherits what we may.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("up to the hard limit one may go");
}
