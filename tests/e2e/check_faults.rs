//! `courrier check` of servers that are not there, not mail servers, or not well.

use courrier_model::Security::{self, None as Plain, Starttls, Tls};
use courrier_tests::{Act, Ca, Check, Cli, ScriptedServer, closed_port, endpoint, in_parallel};

use crate::mail::{ALICE, Account, PASSWORD, imap, smtp};

/// A pair of scripts that do the same to either side.
struct Fault {
    name: &'static str,
    security: Security,
    imap: Vec<Act>,
    smtp: Vec<Act>,
    stage: &'static str,
    code: &'static str,
}

fn fault(name: &'static str, security: Security, script: Vec<Act>, stage: &'static str, code: &'static str) -> Fault {
    Fault { name, security, imap: script.clone(), smtp: script, stage, code }
}

#[test]
fn faults_before_and_in_the_greeting() {
    each(&[
        fault("silence", Plain, vec![Act::Stay], "greet", "protocol.no_greeting"),
        fault("silence before STARTTLS", Starttls, vec![Act::Stay], "greet", "protocol.no_greeting"),
        fault("silence instead of TLS", Tls, vec![Act::Stay], "secure", "protocol.no_greeting"),
        fault("closed without a word", Plain, vec![Act::Close], "greet", "protocol.closed"),
        fault("closed without a word, STARTTLS", Starttls, vec![Act::Close], "greet", "protocol.closed"),
        fault("closed without a word, TLS", Tls, vec![Act::Close], "secure", "tls.closed"),
        Fault {
            name: "not now",
            security: Plain,
            imap: vec![Act::say("* BYE shutting down\r\n"), Act::Close],
            smtp: vec![Act::say("421 4.3.2 shutting down\r\n"), Act::Close],
            stage: "greet",
            code: "server.unavailable",
        },
        Fault {
            name: "not you",
            security: Plain,
            imap: vec![Act::say("* BYE [LIMIT] too many connections\r\n"), Act::Close],
            smtp: vec![Act::say("421 4.7.0 too many connections from you\r\n"), Act::Close],
            stage: "greet",
            code: "server.too_many_connections",
        },
    ]);
}

#[test]
fn faults_after_the_greeting() {
    let greeted = |then: &[Act]| [&[Act::say("* OK ready\r\n")], then].concat();
    let welcomed = |then: &[Act]| [&[Act::say("220 mail.example.test ESMTP\r\n")], then].concat();
    let after_greeting = |name, then: &[Act], code| Fault {
        name,
        security: Plain,
        imap: greeted(then),
        smtp: welcomed(then),
        stage: "capabilities",
        code,
    };
    each(&[
        after_greeting("silence", &[Act::Stay], "protocol.timed_out"),
        after_greeting("closed", &[Act::Listen, Act::Close], "protocol.closed"),
        after_greeting("reset", &[Act::Listen, Act::Reset], "net.reset"),
        Fault {
            name: "half a reply, then silence",
            security: Plain,
            imap: greeted(&[Act::Listen, Act::say("* CAPABILITY IMAP4r"), Act::Stay]),
            smtp: welcomed(&[Act::Listen, Act::say("250-mail.exam"), Act::Stay]),
            stage: "capabilities",
            code: "protocol.timed_out",
        },
        Fault {
            name: "not now",
            security: Plain,
            imap: greeted(&[Act::Listen, Act::say("* BYE going down\r\n"), Act::Close]),
            smtp: welcomed(&[Act::Listen, Act::say("421 4.3.2 going down\r\n"), Act::Close]),
            stage: "capabilities",
            code: "server.unavailable",
        },
        Fault {
            name: "silence in the handshake",
            security: Starttls,
            imap: imap("STARTTLS", &[Act::Hear("STARTTLS"), Act::say("%TAG% OK go\r\n"), Act::Stay]),
            smtp: smtp(&["STARTTLS"], &[Act::Hear("STARTTLS"), Act::say("220 go\r\n"), Act::Stay]),
            stage: "secure",
            code: "protocol.timed_out",
        },
    ]);
}

fn each(faults: &[Fault]) {
    let ca = Ca::new();
    in_parallel(
        faults,
        |fault| fault.name.to_owned(),
        |fault| {
            let (imap, smtp) = (ScriptedServer::start(fault.imap.clone()), ScriptedServer::start(fault.smtp.clone()));
            Check::of(ALICE, &imap.endpoint(fault.security), &smtp.endpoint(fault.security))
                .password(PASSWORD)
                .run(&Cli::new(&ca))
                .failed(fault.stage, fault.code);
            for heard in [imap.heard(), smtp.heard()] {
                assert!(!heard.contains("AUTH") && !heard.contains("LOGIN"), "nothing was signed in to: {heard}");
            }
        },
    );
}

#[test]
fn a_reset_without_a_word() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    let server = ScriptedServer::start([Act::Reset]);
    for (security, next) in [(Tls, "secure"), (Starttls, "greet"), (Plain, "greet")] {
        let check = Check::of(ALICE, &server.endpoint(security), &server.endpoint(security)).password(PASSWORD);
        let report = check.run(&cli);
        for side in report.sides() {
            // The reset may arrive before the client has noticed that it is connected.
            let stage = if side.stages().last() == Some(&"connect") { "connect" } else { next };
            side.failed(stage, "net.reset");
        }
    }
}

#[test]
fn nobody_listens() {
    let cli = Cli::new(&Ca::new());
    for security in [Tls, Starttls, Plain] {
        let check = Check::of(ALICE, &closed_port(security), &closed_port(security)).password(PASSWORD);
        check.run(&cli).failed("connect", "net.refused");
    }
}

#[test]
fn real_servers_that_hang() {
    let account = Account::start();
    account.dovecot.freeze();
    account.postfix.freeze();
    in_parallel(&[Tls, Starttls, Plain], ToString::to_string, |security| {
        let stage = if *security == Tls { "secure" } else { "greet" };
        let check = account.check(*security).password(PASSWORD);
        check.run(&Cli::new(&account.ca)).failed(stage, "protocol.no_greeting");
    });
}

#[test]
fn real_servers_of_another_protocol() {
    let account = Account::start();
    let pop3 = |security| endpoint("localhost", account.dovecot.pop3_port(security), security);
    for security in [Plain, Starttls, Tls] {
        for (imap, smtp, answers) in [
            (account.postfix.smtp(security), account.dovecot.imap(security), ["SMTP", "IMAP"]),
            (pop3(security), pop3(security), ["POP3", "POP3"]),
        ] {
            let report = Check::of(ALICE, &imap, &smtp).password(PASSWORD).run(&account.cli);
            report.failed("greet", "protocol.wrong_service");
            for (side, answers) in report.sides().iter().zip(answers) {
                assert_eq!(side.detail("greet")["service"], answers, "{}", report.outcome());
                assert!(
                    side.json()["problem"].to_string().contains(answers),
                    "the words name it: {}",
                    report.outcome()
                );
            }
        }
    }
    assert_eq!(account.attempts(), (vec![], vec![]));
}

#[test]
fn banners_of_other_protocols() {
    let cli = Cli::new(&Ca::new());
    for (banner, answers) in [
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH"),
        ("220 ProFTPD Server (Debian) FTP ready\r\n", "FTP"),
        ("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP"),
    ] {
        let server = ScriptedServer::start([Act::say(banner), Act::Listen]);
        let check = Check::of(ALICE, &server.endpoint(Plain), &server.endpoint(Plain)).password(PASSWORD);
        let report = check.run(&cli);
        report.failed("greet", "protocol.wrong_service");
        for side in report.sides() {
            assert_eq!(side.detail("greet")["service"], answers, "{}", report.outcome());
        }
    }
}

#[test]
fn a_web_server_waits_for_the_client() {
    // It says nothing until it is asked; a TLS hello is question enough.
    let cli = Cli::new(&Ca::new());
    let refusal = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    let server = ScriptedServer::start([Act::Listen, Act::say(refusal), Act::Close]);
    for (security, stage) in [(Tls, "secure"), (Starttls, "greet"), (Plain, "greet")] {
        let check = Check::of(ALICE, &server.endpoint(security), &server.endpoint(security)).password(PASSWORD);
        let report = check.run(&cli);
        report.failed(stage, "protocol.wrong_service");
        for side in report.sides() {
            assert_eq!(side.detail(stage)["service"], "HTTP", "{}", report.outcome());
        }
    }
}

#[test]
fn noise_instead_of_a_greeting_ends_the_check() {
    let ca = Ca::new();
    let noise: Vec<u8> = (0..=255).cycle().take(4096).collect();
    in_parallel(
        &[
            ("binary", vec![Act::Say(noise), Act::Stay]),
            ("binary, then closed", vec![Act::Say(vec![0, 159, 146, 150, 13, 10]), Act::Close]),
            ("a line without an end", vec![Act::Repeat(b"* OK and on and on and ".to_vec())]),
            ("lines without an end", vec![Act::Repeat(b"220-and on\r\n".to_vec())]),
        ],
        |(name, _)| (*name).to_owned(),
        |(name, script)| {
            let server = ScriptedServer::start(script.clone());
            let check = Check::of(ALICE, &server.endpoint(Plain), &server.endpoint(Plain)).password(PASSWORD);
            let report = check.run(&Cli::new(&ca));
            for side in report.sides() {
                assert_eq!((side.json()["ok"].as_bool(), side.code().is_some()), (Some(false), true), "{name}");
                assert!(!side.stages().contains(&"authenticate"), "{name}: {}", report.outcome());
            }
            assert!(!server.heard().contains("AUTH"), "{name}");
        },
    );
}
