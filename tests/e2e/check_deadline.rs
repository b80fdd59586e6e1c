//! The promise that a check answers within 45 seconds, whatever the servers do.

use std::time::Duration;

use courrier_model::Security::None as Plain;
use courrier_tests::{Act, Ca, Check, Cli, ScriptedServer, in_parallel};

use crate::mail::{ALICE, PASSWORD, imap, smtp};

/// What is promised, and a second for a machine that is busy when the time is up.
const PROMISED_MS: u64 = 46_000;

/// Below every stage's own limit (10 s, 30 s to sign in), so that only the limit of the whole ends it.
const SLOW: Duration = Duration::from_secs(9);

struct Stall {
    name: &'static str,
    imap: Vec<Act>,
    smtp: Vec<Act>,
    stage: &'static str,
}

#[test]
fn the_whole_check_answers_in_time() {
    let signing_in = |capability: &str, reply: &str, then: &[Act]| {
        [imap(capability, &[Act::Hear("AUTHENTICATE"), Act::say(reply)]), then.to_vec()].concat()
    };
    let slowly = |text: &str| text.bytes().flat_map(|b| [Act::Say(vec![b]), Act::Pause(SLOW)]).collect::<Vec<_>>();
    let stalls = [
        Stall {
            name: "silence at sign-in",
            imap: imap("SASL-IR AUTH=PLAIN", &[Act::Stay]),
            smtp: smtp(&["AUTH PLAIN"], &[Act::Stay]),
            stage: "authenticate",
        },
        Stall {
            name: "silence after sign-in",
            imap: signing_in("SASL-IR AUTH=PLAIN", "%TAG% OK [CAPABILITY IMAP4rev1] in\r\n", &[Act::Stay]),
            smtp: smtp(&["AUTH PLAIN"], &[Act::Hear("AUTH"), Act::say("235 2.7.0 in\r\n"), Act::Stay]),
            stage: "-last",
        },
        Stall {
            name: "a greeting byte by byte",
            imap: slowly("* OK ready when I am\r\n"),
            smtp: slowly("220 ready when I am\r\n"),
            stage: "greet",
        },
        Stall {
            name: "every step slow, none too slow",
            imap: [
                vec![Act::Pause(SLOW), Act::say("* OK ready\r\n"), Act::Hear("CAPABILITY"), Act::Pause(SLOW)],
                vec![Act::say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n%TAG% OK\r\n"), Act::Hear("AUTHENTICATE")],
                vec![Act::Pause(SLOW * 3), Act::say("%TAG% OK [CAPABILITY IMAP4rev1] in\r\n"), Act::Stay],
            ]
            .concat(),
            smtp: [
                vec![Act::Pause(SLOW), Act::say("220 ready\r\n"), Act::Hear("EHLO"), Act::Pause(SLOW)],
                vec![Act::say("250-hi\r\n250 AUTH PLAIN\r\n"), Act::Hear("AUTH")],
                vec![Act::Pause(SLOW * 3), Act::say("235 2.7.0 in\r\n"), Act::Stay],
            ]
            .concat(),
            stage: "authenticate",
        },
        Stall {
            name: "a reply that never ends",
            imap: imap("SASL-IR AUTH=PLAIN", &[Act::Hear("AUTHENTICATE"), Act::Repeat(b"* OK wait\r\n".to_vec())]),
            smtp: smtp(&["AUTH PLAIN"], &[Act::Hear("AUTH"), Act::Repeat(b"235-wait\r\n".to_vec())]),
            stage: "authenticate",
        },
    ];
    let ca = Ca::new();
    in_parallel(
        &stalls,
        |stall| stall.name.to_owned(),
        |stall| {
            let (imap, smtp) = (ScriptedServer::start(stall.imap.clone()), ScriptedServer::start(stall.smtp.clone()));
            let report =
                Check::of(ALICE, &imap.endpoint(Plain), &smtp.endpoint(Plain)).password(PASSWORD).run(&Cli::new(&ca));
            assert!(report.elapsed_ms() <= PROMISED_MS, "{} ms", report.elapsed_ms());
            for (side, last) in report.sides().into_iter().zip(["inbox", "sender"]) {
                assert_eq!(side.json()["ok"], false, "{}", report.outcome());
                let stage = if stall.stage == "-last" { last } else { stall.stage };
                assert_eq!(side.json()["problem"]["stage"], stage, "{}", report.outcome());
                assert!(!side.code().is_some_and(|code| code.starts_with("auth.")), "{}", report.outcome());
            }
        },
    );
}
