//! The mail servers themselves, seen by other clients.

use std::time::Duration;

use courrier_model::Security::{self, None as Plain, Starttls, Tls};
use courrier_tests::{Ca, Dovecot, Leaf, Postfix, until};

use crate::peers::{block_on, send, sign_in, subjects};

const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "Tr4nsparent \"horse\" \\ and: é";

#[test]
fn a_message_sent_through_postfix_arrives_in_dovecot() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    for (security, subject) in [(Tls, "by tls"), (Starttls, "by starttls"), (Plain, "by none")] {
        send(&ca, &postfix, security, ALICE, PASSWORD, subject).unwrap_or_else(|e| panic!("{security}: {e}"));
    }
    let arrived = until("three messages", Duration::from_secs(20), || {
        let mut found = block_on(async {
            let mut session = sign_in(&dovecot, ALICE, PASSWORD).await.expect("alice may sign in");
            subjects(&mut session).await
        });
        found.sort();
        (found.len() == 3).then_some(found)
    });
    assert_eq!(arrived, ["by none", "by starttls", "by tls"]);
}

#[test]
fn a_wrong_password_is_refused_on_both_sides_and_counted() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let refused = send(&ca, &postfix, Tls, ALICE, "wrong", "never").expect_err("refused");
    assert_eq!(refused.status().map(u16::from), Some(535), "{refused}");
    let refused = block_on(sign_in(&dovecot, ALICE, "wrong")).expect_err("refused");
    assert!(refused.to_string().contains("AUTHENTICATIONFAILED"), "{refused}");
    drop(postfix);
    let log = dovecot.stop();
    assert_eq!(log.attempts("smtp").len(), 1, "{}", log.text());
    assert_eq!(log.attempts("imap"), ["PLAIN"], "{}", log.text());
    assert!(!log.text().contains("horse"), "the log has no passwords: {}", log.text());
}

#[test]
fn a_changed_password_holds_at_once() {
    let ca = Ca::new();
    let mut dovecot = Dovecot::with(&ca).user(ALICE, "the first").start();
    block_on(sign_in(&dovecot, ALICE, "the first")).expect("the first password works");
    dovecot.set_password(ALICE, "the other");
    block_on(sign_in(&dovecot, ALICE, "the other")).expect("the other password works");
    block_on(sign_in(&dovecot, ALICE, "the first")).expect_err("the first password is gone");
}

#[test]
fn more_connections_than_allowed_are_refused() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).max_connections(1).start();
    block_on(async {
        let _first = sign_in(&dovecot, ALICE, PASSWORD).await.expect("one is allowed");
        let refused = sign_in(&dovecot, ALICE, PASSWORD).await.expect_err("two are not");
        assert!(refused.to_string().contains("mail_max_userip_connections"), "{refused}");
    });
}

#[test]
fn certificates_are_what_their_names_say() {
    // What OpenSSL says of each, as a second opinion; it names the first fault that it finds.
    let ca = Ca::new();
    for (leaf, verdict) in [
        (Leaf::Good, "ok"),
        (Leaf::Rsa, "ok"),
        (Leaf::EndsInAWeek, "ok"),
        (Leaf::WithIntermediate, "ok"),
        (Leaf::WrongHost, "hostname mismatch"),
        (Leaf::Expired, "certificate has expired"),
        (Leaf::NotYetValid, "certificate is not yet valid"),
        (Leaf::ExpiredWrongHost, "hostname mismatch"),
        (Leaf::SelfSigned, "self-signed certificate"),
        (Leaf::SelfSignedCa, "self-signed certificate"),
        (Leaf::SelfSignedExpired, "self-signed certificate"),
        (Leaf::Untrusted, "unable to get local issuer certificate"),
        (Leaf::IncompleteChain, "unable to get local issuer certificate"),
        (Leaf::Sha1, "CA signature digest algorithm too weak"),
        (Leaf::Rsa1024, "EE certificate key too weak"),
    ] {
        let issued = ca.issue(leaf);
        let mut verify = std::process::Command::new("openssl");
        verify.args(["verify", "-purpose", "sslserver", "-auth_level", "2", "-verify_hostname", "localhost"]);
        verify.arg("-CAfile").arg(ca.bundle()).arg("-untrusted").arg(&issued.chain).arg(&issued.chain);
        let output = verify.output().expect("openssl is installed");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let found = if output.status.success() { "ok" } else { said.as_str() };
        assert!(found.contains(verdict), "{leaf:?}: {said}");
    }
}

#[test]
fn what_dovecot_tells_a_remote_client_differs() {
    let greeting = |host: &str| {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).listen(&[host]).start();
        read_line((host, dovecot.imap_port(Security::None)))
    };
    assert!(greeting("127.0.0.1").contains("AUTH=PLAIN"));
    let remote = greeting("127.0.0.2");
    assert!(remote.contains("LOGINDISABLED") && remote.contains("AUTH=SCRAM-SHA-256"), "{remote}");
}

fn read_line(address: impl std::net::ToSocketAddrs) -> String {
    use std::io::BufRead;
    let stream = std::net::TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
    let mut line = String::new();
    std::io::BufReader::new(stream).read_line(&mut line).expect("the server greets");
    line
}

#[test]
fn servers_are_gone_once_dropped_even_when_the_test_panics() {
    let ca = Ca::new();
    let (send_ports, ports) = std::sync::mpsc::channel();
    let panicked = std::thread::scope(|scope| {
        let ca = &ca;
        scope
            .spawn(move || {
                let dovecot = Dovecot::with(ca).start();
                let postfix = Postfix::with(ca, &dovecot).start();
                send_ports.send([dovecot.imap_port(Tls), postfix.smtp_port(Tls)]).expect("somebody listens");
                std::panic::resume_unwind(Box::new("as a failing test does"));
            })
            .join()
    });
    assert!(panicked.is_err());
    for port in ports.recv().expect("the servers started") {
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "{port} still answers");
    }
}
