//! `courrier check` where signing in fails: each cause has its own code, and nothing is tried twice.

use std::io::Read;
use std::net::TcpStream;

use courrier_model::Security::{None as Plain, Starttls, Tls};
use courrier_tests::{Act, Ca, Check, Cli, Dovecot, Postfix, ScriptedServer};

use crate::mail::{ALICE, Account, EVERY_SECURITY, PASSWORD, WRONG, imap, smtp};
use crate::peers::{block_on, sign_in};

#[test]
fn a_wrong_password_is_rejected_and_sent_once() {
    let account = Account::start();
    for security in EVERY_SECURITY {
        let report = account.run(security, WRONG);
        report.failed("authenticate", "auth.rejected");
        for side in report.sides() {
            let said = side.json()["problem"]["server_said"].as_str().unwrap_or_default();
            assert!(said.to_lowercase().contains("authentication failed"), "the server's own words: {said}");
        }
    }
    let (imap, smtp) = account.attempts();
    assert_eq!(imap, ["PLAIN", "PLAIN", "SCRAM-SHA-256"]);
    assert_eq!(smtp, ["PLAIN", "PLAIN", "SCRAM-SHA-256"]);
}

#[test]
fn every_mechanism_tells_a_wrong_password() {
    for mechanism in ["plain", "login", "scram-sha-256"] {
        let account = Account::with_mechanisms(mechanism);
        account.run(Tls, WRONG).failed("authenticate", "auth.rejected");
        let (imap, smtp) = account.attempts();
        assert_eq!((imap.len(), smtp.len()), (1, 1), "{mechanism}: {imap:?} {smtp:?}");
    }
}

#[test]
fn an_unknown_user_is_rejected_like_a_wrong_password() {
    let account = Account::start();
    let check = Check::of("nobody@example.test", &account.dovecot.imap(Tls), &account.postfix.smtp(Tls));
    check.password(PASSWORD).run(&account.cli).failed("authenticate", "auth.rejected");
}

#[test]
fn the_sides_are_judged_apart() {
    let account = Account::start();
    let report = account.check(Tls).passwords(PASSWORD, WRONG).run(&account.cli);
    report.imap().passed();
    report.smtp().failed("authenticate", "auth.rejected");
    assert_eq!((report.json()["ok"].as_bool(), report.outcome().status), (Some(false), 1));
    let report = account.check(Tls).passwords(WRONG, PASSWORD).run(&account.cli);
    report.imap().failed("authenticate", "auth.rejected");
    report.smtp().passed();
}

#[test]
fn without_a_password_everything_before_signing_in_is_tested() {
    let account = Account::start();
    let report = account.check(Tls).run(&account.cli);
    for side in report.sides() {
        assert_eq!(side.code(), Some("secret.missing"), "{}", report.outcome());
        assert_eq!(side.stages(), ["resolve", "connect", "secure", "greet", "capabilities"]);
        assert!(side.steps().iter().all(|step| step["ok"] == true), "{}", report.outcome());
    }
    assert_ne!(report.outcome().status, 0);
    assert_eq!(account.attempts(), (vec![], vec![]));
}

#[test]
fn no_mechanism_in_common() {
    let account = Account::with_mechanisms("cram-md5");
    let report = account.run(Tls, PASSWORD);
    report.failed("authenticate", "auth.mechanism_unsupported");
    assert_eq!(account.attempts(), (vec![], vec![]), "the password was not tried");
}

#[test]
fn no_authentication_on_this_port() {
    let account = Account::start();
    // Over TLS nothing is hidden for want of encryption.
    let server = ScriptedServer::with_tls(&account.ca, [vec![Act::Tls], imap("LOGINDISABLED", &[Act::Stay])].concat());
    Check::of(ALICE, &server.endpoint(Tls), &account.postfix.relay(Starttls))
        .password(PASSWORD)
        .run(&account.cli)
        .failed("authenticate", "auth.not_offered");
}

#[test]
fn encryption_is_required_first() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&["127.0.0.2"]).mechanisms("plain login").user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    // Submission that offers authentication only after STARTTLS, asked without.
    let submission = postfix.smtp(Starttls).replace("starttls", "none");
    let report = Check::of(ALICE, &dovecot.imap(Plain), &submission).password(PASSWORD).run(&Cli::new(&ca));
    report.failed("authenticate", "auth.encryption_required");
    drop(postfix);
    let log = dovecot.stop();
    assert!(log.attempts("imap").is_empty() && log.attempts("smtp").is_empty(), "the password stayed here");
}

#[test]
fn too_many_connections_are_not_a_wrong_password() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).max_connections(1).start();
    let postfix = Postfix::with(&ca, &dovecot).main("smtpd_client_connection_count_limit = 1").start();
    let mut first = TcpStream::connect(("127.0.0.1", postfix.smtp_port(Starttls))).expect("Postfix accepts one");
    first.read_exact(&mut [0; 3]).expect("and greets it");
    let report = block_on(async {
        let _session = sign_in(&dovecot, ALICE, PASSWORD).await.expect("Dovecot accepts one");
        Check::of(ALICE, &dovecot.imap(Tls), &postfix.smtp(Starttls)).password(PASSWORD).run(&Cli::new(&ca))
    });
    report.imap().failed("authenticate", "server.too_many_connections");
    report.smtp().failed("greet", "server.too_many_connections");
}

#[test]
fn what_a_server_says_at_sign_in_decides() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    for (imap_says, smtp_says, code) in [
        (Some("%TAG% NO [AUTHENTICATIONFAILED] no\r\n"), Some("535 5.7.8 no\r\n"), "auth.rejected"),
        (Some("%TAG% NO go away\r\n"), Some("535 go away\r\n"), "auth.rejected"),
        (Some("* BYE shutting down\r\n"), Some("421 4.3.2 shutting down\r\n"), "server.unavailable"),
        (
            Some("%TAG% NO [LIMIT] too much\r\n"),
            Some("421 4.7.0 Too many connections\r\n"),
            "server.too_many_connections",
        ),
        (
            Some("%TAG% NO [PRIVACYREQUIRED] no\r\n"),
            Some("538 5.7.11 Encryption required\r\n"),
            "auth.encryption_required",
        ),
        (None, None, "protocol.closed"),
    ] {
        let then = |says: Option<&str>| match says {
            Some(says) => vec![Act::Hear("AUTH"), Act::say(says), Act::Close],
            None => vec![Act::Hear("AUTH"), Act::Close],
        };
        let imap = ScriptedServer::start(imap("SASL-IR AUTH=PLAIN", &then(imap_says)));
        let smtp = ScriptedServer::start(smtp(&["AUTH PLAIN"], &then(smtp_says)));
        Check::of(ALICE, &imap.endpoint(Plain), &smtp.endpoint(Plain))
            .password(PASSWORD)
            .run(&cli)
            .failed("authenticate", code);
        assert_eq!((imap.connections(), smtp.connections()), (1, 1), "{code}: no second attempt");
    }
}
