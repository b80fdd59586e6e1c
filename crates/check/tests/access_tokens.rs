//! What goes over the wire with an access token, line by line, where the person asked for no encryption.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use courrier_check::{Credentials, Environment, OauthHint, Report, Request, SideReport, Target, check};
use courrier_model::{AuthKind, EndpointSpec, ProblemCode, Secret, Timestamp};
use courrier_net::{Proxies, Trust};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const ALICE: &str = "alice@example.test";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJlbWFpbCI6ImFsaWNlQGV4YW1wbGUudGVzdCJ9.c2lnbmF0dXJl";
/// `{"status":"401","scope":"mail","openid-configuration":"https://id.example.test/.well-known/openid-configuration"}`
const REASON: &str = "eyJzdGF0dXMiOiI0MDEiLCJzY29wZSI6Im1haWwiLCJvcGVuaWQtY29uZmlndXJhdGlvbiI6Imh0dHBzOi8vaWQuZXhhbXBsZS50ZXN0Ly53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0=";

/// What a server says, in turn: first its greeting, then an answer to each line that it hears. `%` in an answer stands
/// for the first word of that line.
type Script = Vec<String>;

/// Serves one connection and keeps the lines that it heard.
async fn serve(script: Script) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&heard);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = BufReader::new(stream);
        let mut tag = String::new();
        for answer in script {
            let answer = answer.replace('%', &tag);
            stream.write_all(answer.as_bytes()).await.expect("the client listens");
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            // Answers to a challenge have no tag.
            if line.starts_with('A') && line.contains(' ') {
                tag = line.split(' ').next().unwrap_or_default().to_owned();
            }
            keep.lock().unwrap().push(line.trim_end_matches("\r\n").to_owned());
        }
    });
    (port, heard)
}

fn script<S: AsRef<str>>(first: &[&str], then: &[S]) -> Script {
    let lines = first.iter().copied().chain(then.iter().map(AsRef::as_ref));
    lines
        .map(|line| {
            format!(
                "{line}
"
            )
        })
        .collect()
}

/// IMAP up to the capabilities, then these answers.
fn imap<S: AsRef<str>>(capabilities: &str, then: &[S]) -> Script {
    script(&[&format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready")], then)
}

/// SMTP up to EHLO, then these answers.
fn smtp<S: AsRef<str>>(mechanisms: &str, then: &[S]) -> Script {
    script(
        &[
            "220 mail.example.test ESMTP",
            &format!(
                "250-mail.example.test
250 AUTH {mechanisms}"
            ),
        ],
        then,
    )
}

const IMAP_END: [&str; 2] = ["% OK in", "* 3 EXISTS\r\n% OK open"];
const SMTP_END: [&str; 5] = ["235 2.7.0 in", "250 2.1.0 ok", "250 2.1.5 ok", "250 2.0.0 ok", "221 2.0.0 bye"];

fn token(text: &str) -> Credentials {
    Credentials::AccessToken { token: Secret::from(text), expires_at: None }
}

/// A check of both scripts, with the lines that each heard.
async fn run(imap: Script, smtp: Script, credentials: &Credentials) -> (Report, Vec<String>, Vec<String>) {
    let ((imap_port, imap_heard), (smtp_port, smtp_heard)) = (serve(imap).await, serve(smtp).await);
    let target = |port: u16| {
        let spec: EndpointSpec = format!("127.0.0.1:{port}/none").parse().expect("an endpoint");
        let endpoint = spec.with(ALICE.parse().expect("a user name"), AuthKind::OAuth);
        Target { endpoint, secret: Some(credentials.clone()) }
    };
    let request =
        Request { address: ALICE.parse().expect("an address"), imap: target(imap_port), smtp: target(smtp_port) };
    let clock = || "2026-11-21T12:00:00Z".parse::<Timestamp>().expect("a time");
    let environment = Environment { trust: Trust::from_system(), proxies: Proxies::none(), clock };
    let report = check(&request, &environment, &|_| {}).await;
    let take = |heard: Arc<Mutex<Vec<String>>>| heard.lock().unwrap().clone();
    (report, take(imap_heard), take(smtp_heard))
}

fn code(side: &SideReport) -> Option<ProblemCode> {
    side.problem.as_ref().map(|problem| problem.code)
}

fn mechanism(side: &SideReport) -> Option<&str> {
    side.steps.iter().find_map(|step| step.detail.mechanism.as_deref())
}

#[tokio::test]
async fn the_token_goes_with_the_command_and_both_sides_pass() {
    for (offered, taken) in
        [("XOAUTH2 OAUTHBEARER PLAIN", "XOAUTH2"), ("PLAIN OAUTHBEARER", "OAUTHBEARER"), ("XOAUTH2", "XOAUTH2")]
    {
        let auth: String = offered.split(' ').map(|name| format!(" AUTH={name}")).collect();
        let (report, at_imap, at_smtp) =
            run(imap(&format!("SASL-IR{auth}"), &IMAP_END), smtp(offered, &SMTP_END), &token(TOKEN)).await;
        assert!(report.ok, "{offered}: {:?} {:?}", report.imap.problem, report.smtp.problem);
        assert_eq!((mechanism(&report.imap), mechanism(&report.smtp)), (Some(taken), Some(taken)));
        // No more round trips than a password takes.
        assert!(at_imap[0].starts_with(&format!("A1 AUTHENTICATE {taken} ")), "{at_imap:?}");
        assert!(at_imap[1].starts_with("A2 EXAMINE"), "{at_imap:?}");
        assert!(at_smtp[1].starts_with(&format!("AUTH {taken} ")), "{at_smtp:?}");
        assert!(at_smtp[2].starts_with("MAIL FROM"), "{at_smtp:?}");
        hides(&report, TOKEN);
    }
}

#[tokio::test]
async fn without_initial_responses_the_token_waits_to_be_asked_for() {
    let then = [&["+ "], IMAP_END.as_slice()].concat();
    let long = format!("{TOKEN}{}", "x".repeat(3000));
    let smtp_then = [&["334 "], SMTP_END.as_slice()].concat();
    let (report, at_imap, at_smtp) = run(imap("AUTH=XOAUTH2", &then), smtp("XOAUTH2", &smtp_then), &token(&long)).await;
    assert!(report.ok, "{:?} {:?}", report.imap.problem, report.smtp.problem);
    assert_eq!((at_imap[0].as_str(), at_smtp[1].as_str()), ("A1 AUTHENTICATE XOAUTH2", "AUTH XOAUTH2"));
    assert!(at_imap[1].starts_with("dXNlcj") && at_smtp[2].starts_with("dXNlcj"), "{at_imap:?} {at_smtp:?}");
    hides(&report, &long);
}

#[tokio::test]
async fn a_line_that_was_too_long_is_sent_in_two() {
    let smtp_then = [&["500 5.5.2 Line too long", "334 "], SMTP_END.as_slice()].concat();
    let long = format!("{TOKEN}{}", "x".repeat(800));
    let (report, _, at_smtp) =
        run(imap("SASL-IR AUTH=XOAUTH2", &IMAP_END), smtp("XOAUTH2", &smtp_then), &token(&long)).await;
    assert!(report.ok, "{:?} {:?}", report.imap.problem, report.smtp.problem);
    assert!(at_smtp[1].starts_with("AUTH XOAUTH2 dXNlcj") && at_smtp[2] == "AUTH XOAUTH2", "{at_smtp:?}");
}

#[tokio::test]
async fn a_reason_is_answered_as_its_mechanism_wants_and_the_refusal_is_read() {
    for (name, answer) in [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")] {
        let at_imap = [format!("+ {REASON}"), "% NO [AUTHENTICATIONFAILED] Authentication failed.".into()];
        let at_smtp = [format!("334 {REASON}"), "535 5.7.8 Error: authentication failed".into()];
        let (report, at_imap, at_smtp) =
            run(imap(&format!("SASL-IR AUTH={name}"), &at_imap), smtp(name, &at_smtp), &token(TOKEN)).await;
        assert_eq!((at_imap[1].as_str(), at_smtp[2].as_str()), (answer, answer));
        for side in [&report.imap, &report.smtp] {
            assert_eq!(code(side), Some(ProblemCode::AuthTokenRejected));
            let said = side.problem.as_ref().and_then(|problem| problem.server_said.as_deref());
            assert!(said.is_some_and(|said| said.to_lowercase().contains("authentication failed")), "{said:?}");
            assert_eq!(
                side.oauth,
                Some(OauthHint {
                    status: Some("401".into()),
                    scope: Some("mail".into()),
                    openid_configuration: Some("https://id.example.test/.well-known/openid-configuration".into()),
                })
            );
        }
        hides(&report, TOKEN);
    }
}

#[tokio::test]
async fn a_token_whose_end_has_passed_is_called_expired_only_when_refused() {
    let until = |time: &str| Credentials::AccessToken {
        token: Secret::from(TOKEN),
        expires_at: Some(time.parse().expect("a time")),
    };
    let refusing = || (imap("SASL-IR AUTH=XOAUTH2", &["% NO no"]), smtp("XOAUTH2", &["535 5.7.3 no"]));
    let (at_imap, at_smtp) = refusing();
    let (report, ..) = run(at_imap, at_smtp, &until("2026-11-21T11:59:59Z")).await;
    assert_eq!(code(&report.imap), Some(ProblemCode::AuthTokenExpired));
    assert_eq!(code(&report.smtp), Some(ProblemCode::AuthTokenExpired));
    let (at_imap, at_smtp) = refusing();
    let (report, ..) = run(at_imap, at_smtp, &until("2026-11-21T12:00:01Z")).await;
    assert_eq!(code(&report.imap), Some(ProblemCode::AuthTokenRejected));
    let accepting = (imap("SASL-IR AUTH=XOAUTH2", &IMAP_END), smtp("XOAUTH2", &SMTP_END));
    let (report, ..) = run(accepting.0, accepting.1, &until("2020-01-01T00:00:00Z")).await;
    assert!(report.ok, "this computer's clock may be wrong");
}

#[tokio::test]
async fn a_server_is_asked_for_its_issuer_without_a_token() {
    let at_imap = [format!("+ {REASON}"), "% NO [AUTHENTICATIONFAILED] Authentication failed.".into()];
    // This one lets everybody in, which proves nothing.
    let at_smtp = ["235 2.7.0 in"];
    let scripts = (imap("SASL-IR AUTH=OAUTHBEARER", &at_imap), smtp("XOAUTH2", &at_smtp));
    let (report, ..) = run(scripts.0, scripts.1, &Credentials::AskIssuer).await;
    assert_eq!(code(&report.imap), Some(ProblemCode::AuthOauthRequired));
    assert_eq!(code(&report.smtp), Some(ProblemCode::AuthOauthRequired));
    let issuer = report.imap.oauth.and_then(|hint| hint.openid_configuration);
    assert_eq!(issuer.as_deref(), Some("https://id.example.test/.well-known/openid-configuration"));
}

#[tokio::test]
async fn a_token_is_never_sent_as_a_password() {
    let scripts = (imap("SASL-IR AUTH=PLAIN AUTH=LOGIN", &["% NO no"]), smtp("PLAIN LOGIN", &["535 no"]));
    let (report, at_imap, at_smtp) = run(scripts.0, scripts.1, &token(TOKEN)).await;
    assert_eq!(code(&report.imap), Some(ProblemCode::AuthMechanismUnsupported));
    assert_eq!(code(&report.smtp), Some(ProblemCode::AuthMechanismUnsupported));
    assert_eq!((at_imap.len(), at_smtp.len()), (0, 1), "{at_imap:?} {at_smtp:?}");
    let scripts = (imap("SASL-IR AUTH=XOAUTH2", &["% NO no"]), smtp("XOAUTH2", &["535 no"]));
    let (report, at_imap, _) = run(scripts.0, scripts.1, &Credentials::from(Secret::from("a password"))).await;
    assert_eq!(code(&report.imap), Some(ProblemCode::AuthOauthRequired));
    assert_eq!(at_imap.len(), 0, "{at_imap:?}");
}

#[tokio::test]
async fn a_server_that_repeats_the_token_gives_it_to_nobody() {
    // {"status":"401","scope":TOKEN,"openid-configuration":"https://id.example.test/TOKEN"}, and words that are cut short.
    let reason = "eyJzdGF0dXMiOiI0MDEiLCJzY29wZSI6ImV5SmhiR2NpT2lKU1V6STFOaUo5LmV5SmxiV0ZwYkNJNkltRnNhV05sUUdWNFlXMXdiR1V1ZEdWemRDSjkuYzJsbmJtRjBkWEpsIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2lkLmV4YW1wbGUudGVzdC9leUpoYkdjaU9pSlNVekkxTmlKOS5leUpsYldGcGJDSTZJbUZzYVdObFFHVjRZVzF3YkdVdWRHVnpkQ0o5LmMybG5ibUYwZFhKbCJ9";
    let at_imap = [format!("+ {reason}"), format!("% NO bad token {}", &TOKEN[..40])];
    let at_smtp = [format!("334 {reason}"), format!("535 bad token \"{TOKEN}\"")];
    let scripts = (imap("SASL-IR AUTH=XOAUTH2", &at_imap), smtp("XOAUTH2", &at_smtp));
    let (report, ..) = run(scripts.0, scripts.1, &token(TOKEN)).await;
    for side in [&report.imap, &report.smtp] {
        let only_status = OauthHint { status: Some("401".into()), ..OauthHint::default() };
        assert_eq!(side.oauth, Some(only_status));
    }
    hides(&report, TOKEN);
}

#[tokio::test]
async fn endless_reasons_end() {
    let reason = format!("+ {REASON}");
    let smtp_reason = format!("334 {REASON}");
    let scripts =
        (imap("SASL-IR AUTH=XOAUTH2", &[&reason, &reason, &reason]), smtp("XOAUTH2", &[&smtp_reason, &smtp_reason]));
    let (report, at_imap, _) = run(scripts.0, scripts.1, &token(TOKEN)).await;
    assert!(!report.imap.ok && !report.smtp.ok);
    assert_eq!(at_imap.len(), 2, "{at_imap:?}");
}

/// No run of the token, in itself or as base64, stands anywhere in what is kept.
fn hides(report: &Report, token: &str) {
    let document = serde_json::to_string(report).expect("a document") + &format!("{report:?}");
    for part in token.as_bytes().windows(16) {
        let part = std::str::from_utf8(part).expect("ASCII");
        // Everything but the padding of a long token is its own.
        assert!(part == "x".repeat(16) || !document.contains(part), "{part} in {document}");
    }
    // In base64 an inner part reads in one of three ways.
    for before in ["", "-", "--"] {
        let encoded = base64(&format!("{before}{}", &token[..60]));
        assert!(!document.contains(&encoded[8..32]), "{encoded} in {document}");
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
