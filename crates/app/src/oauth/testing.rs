//! An issuer on this computer, for tests of what happens around it: it renews, rotates, refuses and counts. What a real
//! one does is tested against real ones, in `tests/e2e`.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use courrier_auth::{Browser, Consent, Identity, MailTokens, Url};
use courrier_model::{MailHosts, Secret, Timestamp};
use courrier_secrets::{SecretError, SecretKey, SecretStore, StoreKind, StoreState};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::journal::Observer;
use crate::view::{DraftView, EndpointView};
use crate::{Courrier, Language, MemoryStore, Ports};

pub(super) const ALICE: &str = "alice@example.test";
pub(super) const HOST: &str = "mail.example.test";

/// What the issuer does.
#[derive(Debug, Default)]
struct State {
    number: u32,
    /// The refresh tokens that it still takes.
    live: BTreeSet<String>,
    refreshes: u32,
    revoked: Vec<String>,
    /// Answered instead, as status and body.
    answers: Option<(u16, &'static str)>,
    /// The clients that asked for tokens, and their secrets.
    asked_as: Vec<(String, String)>,
    /// How many clients registered, where that is offered.
    registered: Option<u32>,
    /// How long a refresh takes.
    takes: Duration,
}

/// The issuer, until it is dropped.
pub(super) struct FakeIssuer {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
    _serving: AbortOnDropHandle<()>,
}

impl FakeIssuer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let state = Arc::<Mutex<State>>::default();
        let (own, issuer) = (Arc::clone(&state), url.clone());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&own), issuer.clone()));
            }
        });
        Self { url, state, _serving: AbortOnDropHandle::new(serving) }
    }

    /// Tokens as a consent brings them, made for an hour and good for so many seconds more.
    pub(super) fn consent(&self, seconds: i64, consented: Option<&str>) -> Consent {
        let refresh_token = self.state.lock().expect("whole").next();
        #[expect(clippy::disallowed_methods, reason = "the tests' clock is the system's")]
        let now = Timestamp::now();
        let expires_at = now + jiff::SignedDuration::from_secs(seconds);
        let made = expires_at - jiff::SignedDuration::from_secs(3600);
        let host = HOST.parse().expect("a host");
        let tokens = MailTokens {
            provider: self.url.clone(),
            client_id: "courrier-mail".to_owned(),
            client_secret: None,
            token_endpoint: format!("{}/token", self.url).parse().expect("valid"),
            refresh_token: Secret::from(refresh_token.as_str()),
            access_token: Some(Secret::from("access-0")),
            expires_at: Some(expires_at),
            scopes: vec!["mail".to_owned()],
            consented_as: consented.map(str::to_owned),
            mail_hosts: MailHosts::new([host]),
            obtained_at: made,
            refreshed_at: made,
            generation: 0,
        };
        let identity = consented.map(|email| Identity {
            issuer: self.url.clone(),
            subject: email.to_owned(),
            username: None,
            name: None,
            email: Some(email.to_owned()),
            email_verified: true,
        });
        Consent { tokens, identity, missing_scopes: Vec::new() }
    }

    pub(super) fn answers(&self, answer: Option<(u16, &'static str)>) {
        self.state.lock().expect("whole").answers = answer;
    }

    /// From now on strangers may register.
    pub(super) fn registers(&self) {
        self.state.lock().expect("whole").registered = Some(0);
    }

    /// Who asked for tokens last, and with which secret.
    pub(super) fn asked_as(&self) -> Option<(String, String)> {
        self.state.lock().expect("whole").asked_as.last().cloned()
    }

    pub(super) fn takes(&self, time: Duration) {
        self.state.lock().expect("whole").takes = time;
    }

    pub(super) fn refreshes(&self) -> u32 {
        self.state.lock().expect("whole").refreshes
    }

    pub(super) fn revoked(&self) -> usize {
        self.state.lock().expect("whole").revoked.len()
    }
}

impl State {
    fn next(&mut self) -> String {
        self.number += 1;
        let token = format!("refresh-{}", self.number);
        self.live.insert(token.clone());
        token
    }

    /// A refresh token works once; its second use ends all of them, as with issuers that rotate strictly.
    fn refresh(&mut self, token: &str) -> (u16, String) {
        if let Some((status, body)) = self.answers {
            return (status, body.to_owned());
        }
        if !self.live.remove(token) {
            self.live.clear();
            return (400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        self.refreshes += 1;
        let (access, refresh) = (format!("access-{}", self.refreshes), self.next());
        let body = format!(
            r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}"}}"#
        );
        (200, body)
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>, issuer: String) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    let (path, body) = loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&chunk[..count]),
        }
        if let Some(whole) = parse(&request) {
            break whole;
        }
    };
    let parameter = |name: &str| {
        let found = Url::parse(&format!("http://x/?{body}")).expect("a form");
        found.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    if path == "/token" {
        state.lock().expect("whole").asked_as.push((parameter("client_id"), parameter("client_secret")));
    }
    let (status, answer) = match path.as_str() {
        "/token" if parameter("grant_type") == "authorization_code" => {
            let (refresh, refusal) = {
                let mut state = state.lock().expect("whole");
                (state.next(), state.answers)
            };
            let answer = serde_json::json!({
                "access_token": "access-0", "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh,
            });
            refusal.map_or_else(|| (200, answer.to_string()), |(status, body)| (status, body.to_owned()))
        }
        "/register" => {
            let mut state = state.lock().expect("whole");
            let number = state.registered.map_or(1, |before| before + 1);
            state.registered = Some(number);
            (201, format!(r#"{{"client_id":"registered-{number}","token_endpoint_auth_method":"none"}}"#))
        }
        "/token" => {
            // A real one takes its time: callers have to wait for each other.
            let takes = state.lock().expect("whole").takes;
            tokio::time::sleep(takes.max(Duration::from_millis(30))).await;
            state.lock().expect("whole").refresh(&parameter("refresh_token"))
        }
        "/revoke" => {
            let mut state = state.lock().expect("whole");
            let token = parameter("token");
            state.live.remove(&token);
            state.revoked.push(token);
            (200, String::new())
        }
        "/.well-known/openid-configuration" => {
            let registers = state.lock().expect("whole").registered.is_some();
            (200, document(&issuer, registers))
        }
        _ => (404, String::new()),
    };
    let wait = if status == 429 { "retry-after: 3000\r\n" } else { "" };
    let answer = format!(
        "HTTP/1.1 {status} x\r\n{wait}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    stream.write_all(answer.as_bytes()).await.expect("the client reads");
}

fn document(issuer: &str, registers: bool) -> String {
    serde_json::json!({
        "registration_endpoint": registers.then(|| format!("{issuer}/register")),
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "offline_access", "mail"],
    })
    .to_string()
}

/// Path and body of a request that is whole.
fn parse(request: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let path = head.split_whitespace().nth(1)?.to_owned();
    (body.len() >= length.unwrap_or_default()).then(|| (path, body.to_owned()))
}

/// A data folder, a keyring, and what a process makes of them.
pub(super) struct Place {
    pub(super) home: tempfile::TempDir,
    pub(super) keyring: MemoryStore,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { home: tempfile::tempdir().expect("made"), keyring: MemoryStore::new() }
    }

    pub(super) fn open(&self) -> Arc<Courrier> {
        self.open_with(Arc::new(self.keyring.clone()), None)
    }

    pub(super) fn open_with(&self, secrets: Arc<dyn SecretStore>, observer: Option<Observer>) -> Arc<Courrier> {
        let ports = Ports { secrets, language: Language::English, observer, ..Ports::system() };
        Courrier::open(Some(self.home.path()), ports).expect("opened")
    }
}

/// A person who consents at once: the browser comes back with a code.
#[derive(Debug)]
pub(super) struct Consenting;

impl Browser for Consenting {
    fn open(&self, url: &Url) -> std::io::Result<()> {
        let parameter = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_else(|| panic!("no {name} in {url}"))
        };
        let (redirect, state) = (parameter("redirect_uri"), parameter("state"));
        let redirect = redirect.parse::<Url>().expect("an address");
        let host = format!("{}:{}", redirect.host_str().expect("named"), redirect.port().expect("named"));
        let mut stream = std::net::TcpStream::connect(&host)?;
        write!(stream, "GET {}?code=c&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n", redirect.path())?;
        // What it shows is of no interest; the listener wants it to be read.
        std::thread::spawn(move || stream.read_to_end(&mut Vec::new()));
        Ok(())
    }
}

/// A keyring that takes so many more writes, and then none until it is told otherwise.
pub(super) struct Filling {
    keyring: MemoryStore,
    pub(super) writes_left: AtomicU32,
}

impl Filling {
    pub(super) fn new(keyring: &MemoryStore) -> Arc<Self> {
        Arc::new(Self { keyring: keyring.clone(), writes_left: AtomicU32::new(u32::MAX) })
    }
}

impl SecretStore for Filling {
    fn state(&self) -> StoreState {
        self.keyring.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.keyring.unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        let less = |left: u32| left.checked_sub(1);
        match self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(_) => self.keyring.put(key, secret),
            Err(_) => Err(SecretError::Backend("full".to_owned())),
        }
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        self.keyring.get(key)
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        self.keyring.delete(key)
    }

    fn kind(&self) -> StoreKind {
        self.keyring.kind()
    }
}

/// An account at [`HOST`], by OAuth.
pub(super) fn draft(address: &str) -> DraftView {
    let endpoint = |port: u16| EndpointView {
        host: HOST.to_owned(),
        port,
        security: "tls".to_owned(),
        username: address.to_owned(),
        auth: "oauth".to_owned(),
    };
    DraftView {
        address: address.to_owned(),
        name: String::new(),
        color: None,
        primary: false,
        imap: endpoint(993),
        smtp: endpoint(465),
        identities: Vec::new(),
    }
}

/// A mail server, for both services, that refuses so many tokens before it takes one.
pub(super) struct Refusing {
    pub(super) imap: u16,
    pub(super) smtp: u16,
    /// What was shown to the IMAP server, as it was sent.
    pub(super) shown: Arc<Mutex<Vec<String>>>,
    /// The commands that the SMTP server heard of which servers keep count: AUTH and RCPT, without what they carry.
    pub(super) heard: Arc<Mutex<Vec<String>>>,
    _serving: [AbortOnDropHandle<()>; 2],
}

impl Refusing {
    pub(super) async fn start(refusals: usize) -> Self {
        Self::slow(refusals, Duration::ZERO).await
    }

    /// One whose SMTP side takes so long for each answer.
    pub(super) async fn slow(refusals: usize, pause: Duration) -> Self {
        let shown = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (imap, imap_port) = listen().await;
        let (smtp, smtp_port) = listen().await;
        let (seen, counted) = (Arc::clone(&shown), Arc::clone(&heard));
        let receiving = tokio::spawn(async move {
            while let Ok((stream, _)) = imap.accept().await {
                tokio::spawn(serve_imap(stream, Arc::clone(&seen), refusals));
            }
        });
        let sending = tokio::spawn(async move {
            while let Ok((stream, _)) = smtp.accept().await {
                tokio::spawn(serve_smtp(stream, Arc::clone(&counted), pause));
            }
        });
        let _serving = [AbortOnDropHandle::new(receiving), AbortOnDropHandle::new(sending)];
        Self { imap: imap_port, smtp: smtp_port, shown, heard, _serving }
    }
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

async fn serve_imap(stream: TcpStream, shown: Arc<Mutex<Vec<String>>>, refusals: usize) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = tokio::io::BufReader::new(reading).lines();
    let mut say = async |text: String| writing.write_all(text.as_bytes()).await.is_ok();
    say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n".to_owned()).await;
    while let Ok(Some(line)) = lines.next_line().await {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (tag, command) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = match command.to_ascii_uppercase().as_str() {
            "AUTHENTICATE" => {
                let number = {
                    let mut shown = shown.lock().expect("whole");
                    shown.push(words.nth(1).unwrap_or_default());
                    shown.len()
                };
                if number > refusals {
                    format!("{tag} OK signed in\r\n")
                } else {
                    // {"status":"401"}, and the empty line that is the answer to it.
                    say("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n".to_owned()).await;
                    drop(lines.next_line().await);
                    format!("{tag} NO [AUTHENTICATIONFAILED] refused\r\n")
                }
            }
            "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n{tag} OK done\r\n"),
            "EXAMINE" => format!("* 3 EXISTS\r\n{tag} OK [READ-ONLY] done\r\n"),
            _ => format!("{tag} OK done\r\n"),
        };
        if !say(answer).await {
            return;
        }
    }
}

/// Every token is right, and every password wrong.
async fn serve_smtp(stream: TcpStream, heard: Arc<Mutex<Vec<String>>>, pause: Duration) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = tokio::io::BufReader::new(reading).lines();
    let mut say = async |text: &str| {
        tokio::time::sleep(pause).await;
        writing.write_all(text.as_bytes()).await.is_ok()
    };
    say("220 mail.example.test ESMTP\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let mut words = line.split([' ', ':']).map(str::to_ascii_uppercase);
        let (command, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if matches!(command.as_str(), "AUTH" | "RCPT") {
            heard.lock().expect("whole").push(format!("{command} {word}"));
        }
        let answer = match command.as_str() {
            "EHLO" => "250-mail.example.test\r\n250 AUTH XOAUTH2 PLAIN\r\n",
            "AUTH" if word == "PLAIN" => "535 5.7.8 authentication failed\r\n",
            "AUTH" => "235 2.7.0 signed in\r\n",
            "QUIT" => "221 2.0.0 bye\r\n",
            _ => "250 2.0.0 done\r\n",
        };
        if !say(answer).await {
            return;
        }
    }
}
