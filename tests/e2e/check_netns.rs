//! `courrier check` on networks of its own: names that don't resolve, addresses that don't answer, no network.

use std::time::Duration;

use courrier_model::Security::{Starttls, Tls};
use courrier_tests::netns::{DelayedLink, NOWHERE, Namespace, SERVER, round_trips};
use courrier_tests::{Ca, Check, Cli, Dovecot, Postfix, in_parallel};

use crate::mail::{ALICE, PASSWORD};

/// A check of one host on both sides.
fn of_host(host: &str) -> Check {
    Check::of(ALICE, &format!("{host}:993/tls"), &format!("{host}:465/tls")).password(PASSWORD)
}

#[test]
fn names_pass_and_fail_by_what_dns_says() {
    let link = DelayedLink::start(Duration::from_millis(1));
    let _dns = link.dns(&["host-record=mail.example.test,10.99.0.2", "txt-record=text.example.test,only"]);
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&[SERVER]).within(link.server()).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).listen(&[SERVER]).within(link.server()).start();
    let cli = Cli::new(&ca).within(link.client());
    for security in [Tls, Starttls] {
        let host = "mail.example.test";
        let check = Check::of(ALICE, &dovecot.imap_at(host, security), &postfix.smtp_at(host, security));
        let report = check.password(PASSWORD).run(&cli);
        report.passed();
        assert_eq!(report.imap().detail("resolve")["addresses"], serde_json::json!([SERVER]));
    }
    of_host("nosuch.example.test").run(&cli).failed("resolve", "dns.no_such_host");
    of_host("text.example.test").run(&cli).failed("resolve", "dns.no_address");
    of_host("mail.example.test").run(&cli).failed("connect", "net.refused");
}

#[test]
fn dns_that_fails() {
    let link = DelayedLink::start(Duration::ZERO);
    let cli = Cli::new(&Ca::new()).within(link.client());
    // A resolver that refuses every name outside of `.test`.
    let dns = link.dns(&[]);
    of_host("mail.example.org").run(&cli).failed("resolve", "dns.unreachable");
    // Nobody on the resolver's port.
    drop(dns);
    of_host("mail.example.test").run(&cli).failed("resolve", "dns.unreachable");
    // A resolver that does not answer.
    link.client().resolver(NOWHERE);
    of_host("mail.example.test").run(&cli).failed("resolve", "dns.unreachable");
}

#[test]
fn without_any_network() {
    let ca = Ca::new();
    let (alone, named) = (Namespace::new(), Namespace::new());
    of_host(SERVER).run(&Cli::new(&ca).within(&alone)).failed("connect", "net.offline");
    // What a person sees on a train: a name, and a resolver that can't be reached.
    named.resolver(SERVER);
    of_host("mail.example.test").run(&Cli::new(&ca).within(&named)).failed("resolve", "net.offline");
}

#[test]
fn packets_that_vanish() {
    let link = DelayedLink::start(Duration::ZERO);
    let cli = Cli::new(&Ca::new()).within(link.client());
    of_host(NOWHERE).run(&cli).failed("connect", "net.timed_out");
}

#[test]
fn an_address_that_does_not_answer_is_passed_over() {
    // RFC 8305: the next address is tried while the first one is still silent.
    let link = DelayedLink::start(Duration::ZERO);
    let _dns = link.dns(&["host-record=mail.example.test,10.99.0.99", "host-record=mail.example.test,10.99.0.2"]);
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&[SERVER]).within(link.server()).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).listen(&[SERVER]).within(link.server()).start();
    let host = "mail.example.test";
    // The order of the answers changes from one query to the next.
    in_parallel(&[1, 2, 3, 4], ToString::to_string, |_| {
        let check = Check::of(ALICE, &dovecot.imap_at(host, Tls), &postfix.smtp_at(host, Tls)).password(PASSWORD);
        let report = check.run(&Cli::new(&ca).within(link.client()));
        report.passed();
        let addresses = report.imap().detail("resolve")["addresses"].as_array().expect("a list");
        assert_eq!(addresses.len(), 2, "{addresses:?}");
    });
}

#[test]
fn no_more_round_trips_than_the_protocols_need() {
    // IMAPS: TCP, TLS 1.3, greeting with the ClientFinished, AUTHENTICATE, EXAMINE. SMTPS: TCP, TLS, greeting with it,
    // EHLO, AUTH, and the sender's commands pipelined.
    let link = DelayedLink::start(Duration::from_millis(20));
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&[SERVER]).within(link.server()).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).listen(&[SERVER]).within(link.server()).start();
    let check = Check::of(ALICE, &dovecot.imap(Tls), &postfix.smtp(Tls)).password(PASSWORD);
    check.run(&Cli::new(&ca).within(link.client())).passed();
    for (port, most) in [(dovecot.imap_port(Tls), 5), (postfix.smtp_port(Tls), 6)] {
        // The last reply is there: the client has passed.
        let packets = link.packets(|packets| round_trips(packets, port) >= most - 1);
        let needed = round_trips(&packets, port);
        assert!(needed <= most, "port {port}: {needed} round trips instead of {most}: {packets:#?}");
    }
}
