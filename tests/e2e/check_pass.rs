//! `courrier check` of accounts that work.

use courrier_model::Security::{None as Plain, Starttls, Tls};
use courrier_tests::{Act, Ca, Check, Cli, Dovecot, Postfix, ScriptedServer, Side};

use crate::mail::{ALICE, Account, EVERY_SECURITY, PASSWORD, imap};

#[test]
fn every_security_passes_with_its_stages_in_order() {
    let account = Account::start();
    for security in EVERY_SECURITY {
        let report = account.run(security, PASSWORD);
        report.passed();
        assert_eq!(report.json()["address"], ALICE);
        for (side, last) in [(report.imap(), "inbox"), (report.smtp(), "sender")] {
            let middle: &[&str] = match security {
                Tls => &["secure", "greet", "capabilities"],
                Starttls => &["greet", "capabilities", "secure"],
                Plain => &["greet", "capabilities"],
            };
            let stages = [&["resolve", "connect"], middle, &["authenticate", last]].concat();
            assert_eq!(side.stages(), stages, "{security}");
            assert_eq!(side.json()["security"], security.to_string());
            assert_eq!(side.json()["host"], "localhost");
            assert_eq!(side.json()["username"], ALICE);
            assert_eq!(side.json()["warnings"], serde_json::json!([]));
            tells_what_it_saw(&side);
            if security != Plain {
                assert_eq!(side.detail("secure")["protocol"], "TLSv1.3");
                assert!(side.certificate()["subject"].to_string().contains("Good"));
            }
        }
    }
}

fn tells_what_it_saw(side: &Side<'_>) {
    assert!(side.json()["elapsed_ms"].is_u64());
    assert!(side.steps().iter().all(|step| step["elapsed_ms"].is_u64() && step["detail"].is_object()));
    assert_eq!(side.detail("resolve")["addresses"], serde_json::json!(["127.0.0.1"]));
    let greeting = side.detail("greet")["server"].as_str().expect("a greeting");
    assert!(greeting.contains("Dovecot") || greeting.contains("mail.example.test"), "{greeting}");
    let capabilities = side.detail("capabilities")["capabilities"].as_array().expect("a list");
    assert!(capabilities.iter().any(|c| c == "IMAP4rev1" || c == "PIPELINING"), "{capabilities:?}");
}

#[test]
fn the_safest_mechanism_is_taken() {
    for (offered, security, taken) in [
        ("plain login scram-sha-256", Tls, "PLAIN"),
        ("plain login scram-sha-256", Starttls, "PLAIN"),
        ("plain login scram-sha-256", Plain, "SCRAM-SHA-256"),
        ("login scram-sha-256", Tls, "SCRAM-SHA-256"),
        ("scram-sha-256", Starttls, "SCRAM-SHA-256"),
        ("login plain", Tls, "PLAIN"),
        ("login plain", Plain, "PLAIN"),
        ("login", Tls, "LOGIN"),
        ("login", Plain, "LOGIN"),
    ] {
        let account = Account::with_mechanisms(offered);
        let report = account.run(security, PASSWORD);
        report.passed();
        for side in report.sides() {
            assert_eq!(side.mechanism(), taken, "of {offered} by {security}");
        }
        let (imap, smtp) = account.attempts();
        assert_eq!((imap.len(), smtp.len()), (1, 1), "one sign-in a side: {imap:?} {smtp:?}");
        // Dovecot calls the LOGIN command PLAIN.
        assert!(imap[0] == taken || taken == "LOGIN", "{imap:?}");
        assert_eq!(smtp[0], taken);
    }
}

#[test]
fn scram_signs_in_where_passwords_may_not_pass_in_the_clear() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&["127.0.0.2"]).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).main("smtpd_sasl_security_options = noanonymous, noplaintext").start();
    let report = Check::of(ALICE, &dovecot.imap(Plain), &postfix.smtp(Plain)).password(PASSWORD).run(&Cli::new(&ca));
    report.passed();
    assert!(report.imap().detail("capabilities")["capabilities"].to_string().contains("LOGINDISABLED"));
    assert!(report.sides().iter().all(|side| side.mechanism() == "SCRAM-SHA-256"));
}

#[test]
fn any_password_gets_through_any_mechanism() {
    let passwords = [
        r#"with "quotes" and \backslashes\"#,
        "  spaces before, between and after  ",
        "naïve ключ 密碼 🔑",
        "{braces} %percent% * ( ) [ ] ~ & ; | $HOME `x` 'single'",
        &"long ".repeat(40),
    ];
    for mechanism in ["plain", "login", "scram-sha-256"] {
        let ca = Ca::new();
        let mut dovecot = Dovecot::with(&ca).mechanisms(mechanism);
        for (number, password) in passwords.iter().enumerate() {
            dovecot = dovecot.user(&format!("user{number}@example.test"), password);
        }
        let dovecot = dovecot.start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        let cli = Cli::new(&ca);
        for (number, password) in passwords.iter().enumerate() {
            let address = format!("user{number}@example.test");
            Check::of(&address, &dovecot.imap(Tls), &postfix.smtp(Tls)).password(password).run(&cli).passed();
        }
    }
}

#[test]
fn the_login_command_quotes_what_it_must() {
    // Servers without SASL: the command takes strings (RFC 9051 section 6.2.3).
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let server = ScriptedServer::start(imap(
        "NAMESPACE",
        &[
            Act::Hear("LOGIN"),
            Act::say("%TAG% OK [CAPABILITY IMAP4rev1] in\r\n"),
            Act::Hear("INBOX"),
            Act::say("* 0 EXISTS\r\n%TAG% OK [READ-ONLY] open\r\n"),
            Act::Stay,
        ],
    ));
    let report = Check::of(ALICE, &server.endpoint(Plain), &postfix.relay(Plain))
        .with(&["--smtp-auth", "none"])
        .password(r#"a "quoted\ password"#)
        .run(&Cli::new(&ca));
    report.passed();
    assert_eq!(report.imap().mechanism(), "LOGIN");
    assert!(server.heard().contains(r#""a \"quoted\\ password""#), "{}", server.heard());
}

#[test]
fn each_side_has_its_own_user_and_password() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).user(ALICE, PASSWORD).user("sender", "Another-secret").start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let report = Check::of(ALICE, &dovecot.imap(Tls), &postfix.smtp(Starttls))
        .with(&["--smtp-user", "sender"])
        .passwords(PASSWORD, "Another-secret")
        .run(&Cli::new(&ca));
    report.passed();
    assert_eq!(report.imap().json()["username"], ALICE);
    assert_eq!(report.smtp().json()["username"], "sender");
}

#[test]
fn a_relay_needs_no_sign_in() {
    let account = Account::start();
    for security in [Starttls, Plain] {
        let report = Check::of(ALICE, &account.dovecot.imap(Tls), &account.postfix.relay(security))
            .with(&["--smtp-auth", "none"])
            .password(PASSWORD)
            .run(&account.cli);
        report.passed();
        let stages = report.smtp().stages();
        assert!(!stages.contains(&"authenticate") && stages.last() == Some(&"sender"), "{stages:?}");
    }
    assert_eq!(account.attempts().1.len(), 0);
}

#[test]
fn nothing_is_delivered() {
    let account = Account::start();
    account.run(Tls, PASSWORD).passed();
    let log = account.postfix.log();
    assert!(!log.contains("status="), "a message was sent: {log}");
    let messages = crate::peers::block_on(async {
        let mut session = crate::peers::sign_in(&account.dovecot, ALICE, PASSWORD).await.expect("alice may sign in");
        crate::peers::subjects(&mut session).await
    });
    assert_eq!(messages, [""; 0]);
}

#[test]
fn servers_at_an_ipv6_address() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).listen(&["::1"]).user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).listen(&["::1"]).start();
    let cli = Cli::new(&ca);
    for security in EVERY_SECURITY {
        let report = Check::of(ALICE, &dovecot.imap(security), &postfix.smtp(security)).password(PASSWORD).run(&cli);
        report.passed();
        for side in report.sides() {
            assert_eq!(side.json()["host"], "::1");
            assert_eq!(side.detail("resolve")["addresses"], serde_json::json!(["::1"]));
        }
    }
}

#[test]
fn addresses_beyond_ascii() {
    // Both spellings of the domain can sign in: which one a server knows, its administrator decided.
    let users = ["anna@bücher.example.test", "anna@xn--bcher-kva.example.test", "änne@example.test"];
    let ca = Ca::new();
    let mut dovecot = Dovecot::with(&ca);
    for user in users {
        dovecot = dovecot.user(user, PASSWORD);
    }
    let dovecot = dovecot.start();
    let postfix = Postfix::with(&ca, &dovecot).start();
    let cli = Cli::new(&ca);
    for (typed, shown) in [
        ("anna@bücher.example.test", "anna@bücher.example.test"),
        ("anna@xn--bcher-kva.example.test", "anna@bücher.example.test"),
        ("anna@BÜCHER.example.test", "anna@bücher.example.test"),
        ("änne@example.test", "änne@example.test"),
    ] {
        let report = Check::of(typed, &dovecot.imap(Tls), &postfix.smtp(Tls)).password(PASSWORD).run(&cli);
        report.passed();
        assert_eq!(report.json()["address"], shown);
    }
}
