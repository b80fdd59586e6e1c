//! `courrier check` where encryption fails: certificates, versions, and ports that mean something else.

use courrier_model::Security::{Starttls, Tls};
use courrier_tests::{Act, Ca, Check, Cli, Dovecot, Leaf, OpensslServer, Postfix, ScriptedServer, in_parallel};

use crate::mail::{ALICE, Account, PASSWORD, imap, smtp};

/// Each kind of certificate, the code, and what else must stand in the certificate's faults.
const REFUSED: [(Leaf, &str, Option<&str>); 9] = [
    (Leaf::WrongHost, "tls.certificate_wrong_host", None),
    (Leaf::Expired, "tls.certificate_expired", None),
    (Leaf::NotYetValid, "tls.certificate_not_yet_valid", None),
    (Leaf::ExpiredWrongHost, "tls.certificate_expired", Some("tls.certificate_wrong_host")),
    (Leaf::SelfSigned, "tls.certificate_self_signed", None),
    (Leaf::SelfSignedCa, "tls.certificate_self_signed", None),
    (Leaf::SelfSignedExpired, "tls.certificate_self_signed", Some("tls.certificate_expired")),
    (Leaf::Untrusted, "tls.certificate_untrusted", None),
    (Leaf::IncompleteChain, "tls.certificate_untrusted", None),
];

#[test]
fn each_bad_certificate_has_its_code_on_both_sides() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    for (leaf, code, also) in REFUSED {
        let dovecot = Dovecot::with(&ca).certificate(&ca, leaf).user(ALICE, PASSWORD).start();
        let postfix = Postfix::with(&ca, &dovecot).certificate(leaf).start();
        for security in [Tls, Starttls] {
            let check = Check::of(ALICE, &dovecot.imap(security), &postfix.smtp(security)).password(PASSWORD);
            let report = check.run(&cli);
            report.failed("secure", code);
            for side in report.sides() {
                let certificate = side.certificate().to_string();
                assert!(also.is_none_or(|also| certificate.contains(also)), "{leaf:?} lacks {also:?}: {certificate}");
            }
        }
        drop(postfix);
        let log = dovecot.stop();
        assert!(log.attempts("imap").is_empty() && log.attempts("smtp").is_empty(), "{leaf:?}: a password was sent");
    }
}

#[test]
fn weak_certificates_are_invalid() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    for leaf in [Leaf::Sha1, Leaf::Rsa1024] {
        // Mail servers of this decade refuse to use such certificates themselves.
        let server = OpensslServer::start(&ca.issue(leaf), &["-cipher", "ALL:@SECLEVEL=0"]);
        let report = Check::of(ALICE, &server.endpoint(), &server.endpoint()).password(PASSWORD).run(&cli);
        report.failed("secure", "tls.certificate_invalid");
        for side in report.sides() {
            assert!(side.certificate()["issuer"].to_string().contains("Courrier Test CA"), "{leaf:?}");
        }
    }
}

#[test]
fn good_certificates_pass_and_one_that_ends_soon_is_told() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    for (leaf, warnings) in [
        (Leaf::Good, vec![]),
        (Leaf::Rsa, vec![]),
        (Leaf::WithIntermediate, vec![]),
        (Leaf::EndsInAWeek, vec!["tls.certificate_expires_soon"]),
    ] {
        let dovecot = Dovecot::with(&ca).certificate(&ca, leaf).user(ALICE, PASSWORD).start();
        let postfix = Postfix::with(&ca, &dovecot).certificate(leaf).start();
        let report = Check::of(ALICE, &dovecot.imap(Tls), &postfix.smtp(Starttls)).password(PASSWORD).run(&cli);
        report.passed();
        for side in report.sides() {
            assert_eq!(side.warnings(), warnings, "{leaf:?}");
        }
    }
}

#[test]
fn an_authority_made_anew_under_its_old_name_is_another() {
    // Each authority of these tests has the same name and its own key.
    let account = Account::start();
    let stranger = Cli::new(&Ca::new());
    account.check(Tls).password(PASSWORD).run(&stranger).failed("secure", "tls.certificate_untrusted");
}

#[test]
fn plain_text_on_a_port_for_tls() {
    let account = Account::start();
    // The ports of STARTTLS, asked for TLS from the first byte.
    let [imap, smtp] = [account.dovecot.imap(Starttls), account.postfix.smtp(Starttls)];
    let as_tls = |endpoint: String| endpoint.replace("/starttls", "/tls");
    let check = Check::of(ALICE, &as_tls(imap), &as_tls(smtp)).password(PASSWORD);
    check.run(&account.cli).failed("secure", "tls.plaintext_port");
}

#[test]
fn tls_on_a_port_for_plain_text() {
    let account = Account::start();
    let [imap, smtp] = [account.dovecot.imap(Tls), account.postfix.smtp(Tls)];
    in_parallel(
        &["starttls", "none"],
        |security| (*security).to_owned(),
        |security| {
            let other = |endpoint: &str| endpoint.replace("/tls", &format!("/{security}"));
            let check = Check::of(ALICE, &other(&imap), &other(&smtp)).password(PASSWORD);
            check.run(&account.cli).failed("greet", "tls.implicit_port");
        },
    );
    assert_eq!(account.attempts(), (vec![], vec![]));
}

#[test]
fn starttls_that_is_not_offered() {
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).extra("ssl = no").user(ALICE, PASSWORD).start();
    let postfix = Postfix::with(&ca, &dovecot).main("smtpd_tls_security_level = none").start();
    Check::of(ALICE, &dovecot.imap(Starttls), &postfix.relay(Starttls))
        .password(PASSWORD)
        .run(&Cli::new(&ca))
        .failed("secure", "tls.starttls_missing");
    drop(postfix);
    assert!(dovecot.stop().attempts("imap").is_empty(), "no falling back to plain text");
}

#[test]
fn starttls_that_is_refused() {
    let ca = Ca::new();
    let refuse = |words: &str| [Act::Hear("STARTTLS"), Act::say(words), Act::Stay];
    let imap = ScriptedServer::start(imap("STARTTLS AUTH=PLAIN", &refuse("%TAG% NO [UNAVAILABLE] no keys\r\n")));
    let smtp = ScriptedServer::start(smtp(&["STARTTLS", "AUTH PLAIN"], &refuse("454 4.7.0 TLS not available\r\n")));
    let check = Check::of(ALICE, &imap.endpoint(Starttls), &smtp.endpoint(Starttls)).password(PASSWORD);
    check.run(&Cli::new(&ca)).failed("secure", "tls.starttls_refused");
    for heard in [imap.heard(), smtp.heard()] {
        assert!(!heard.contains("AUTH"), "no falling back to plain text: {heard}");
    }
}

#[test]
fn what_is_said_before_tls_is_not_believed_after_it() {
    // RFC 9051 section 6.2.1 and RFC 3207 section 4.2: an attacker adds replies behind the one to STARTTLS.
    let ca = Ca::new();
    let inject = |words: &str| [Act::Hear("STARTTLS"), Act::say(words), Act::Tls, Act::Stay];
    let imap = ScriptedServer::with_tls(
        &ca,
        imap("STARTTLS", &inject("%TAG% OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN X-INJECTED\r\n")),
    );
    let smtp = ScriptedServer::with_tls(
        &ca,
        smtp(&["STARTTLS"], &inject("220 go\r\n250-mail.example.test\r\n250-X-INJECTED\r\n250 AUTH PLAIN\r\n")),
    );
    let check = Check::of(ALICE, &imap.endpoint(Starttls), &smtp.endpoint(Starttls)).password(PASSWORD);
    let report = check.run(&Cli::new(&ca));
    for side in report.sides() {
        assert_eq!(side.json()["ok"], false);
        assert_eq!(side.stages().last(), Some(&"secure"), "{}", report.outcome());
    }
    assert!(!report.outcome().stdout.contains("X-INJECTED"), "{}", report.outcome());
    for heard in [imap.heard(), smtp.heard()] {
        assert!(!heard.contains("AUTH"), "{heard}");
    }
}

#[test]
fn versions_and_ciphers_that_nobody_should_use() {
    let ca = Ca::new();
    let rsa = ca.issue(Leaf::Rsa);
    let cli = Cli::new(&ca);
    for (server, code) in [
        (OpensslServer::old_tls(&rsa), "tls.version_too_old"),
        (OpensslServer::nothing_in_common(&rsa), "tls.handshake_failed"),
    ] {
        let check = Check::of(ALICE, &server.endpoint(), &server.endpoint()).password(PASSWORD);
        check.run(&cli).failed("secure", code);
    }
}

#[test]
fn old_versions_behind_starttls() {
    let account = Account::start();
    let postfix = Postfix::with(&account.ca, &account.dovecot)
        .certificate(Leaf::Rsa)
        .main("smtpd_tls_mandatory_protocols = TLSv1.1")
        .main("tls_medium_cipherlist = ALL:@SECLEVEL=0")
        .start();
    let check = Check::of(ALICE, &account.dovecot.imap(Starttls), &postfix.smtp(Starttls)).password(PASSWORD);
    let report = check.run(&account.cli);
    report.imap().passed();
    report.smtp().failed("secure", "tls.version_too_old");
}

#[test]
fn a_handshake_that_ends_early() {
    let ca = Ca::new();
    let cli = Cli::new(&ca);
    for (act, code) in [(Act::Close, "tls.closed"), (Act::Reset, "net.reset")] {
        let ends = [Act::Listen, act];
        let server = ScriptedServer::start(ends.clone());
        let check = Check::of(ALICE, &server.endpoint(Tls), &server.endpoint(Tls)).password(PASSWORD);
        check.run(&cli).failed("secure", code);
        let after = |words: &str| [&[Act::Hear("STARTTLS"), Act::say(words)], &ends[..]].concat();
        let imap = ScriptedServer::start(imap("STARTTLS", &after("%TAG% OK go\r\n")));
        let smtp = ScriptedServer::start(smtp(&["STARTTLS"], &after("220 go\r\n")));
        let check = Check::of(ALICE, &imap.endpoint(Starttls), &smtp.endpoint(Starttls)).password(PASSWORD);
        check.run(&cli).failed("secure", code);
    }
}
