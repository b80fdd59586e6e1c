//! Access tokens of both issuers at the real mail servers, seen by other clients.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_imap::Authenticator;
use courrier_model::Security::{None as Plain, Tls};
use courrier_tests::{Ca, Dovecot, Issuer, Keycloak, MAIL_CLIENT, OidcProvider, Person, Postfix, until};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::peers::{block_on, subjects};

type Session = async_imap::Session<TcpStream>;

const MECHANISMS: [&str; 2] = ["XOAUTH2", "OAUTHBEARER"];
const GARBAGE: &str = "bm90IGEgdG9rZW4";

/// A client's part of both mechanisms, written from their documents and not from ours.
struct Bearer {
    message: Option<String>,
    goodbye: &'static str,
    /// The error that the server gave, as a document.
    reason: Arc<Mutex<Value>>,
}

impl Authenticator for Bearer {
    type Response = String;

    fn process(&mut self, challenge: &[u8]) -> String {
        self.message.take().unwrap_or_else(|| {
            *self.reason.lock().unwrap() = serde_json::from_slice(challenge).expect("the reason is JSON");
            self.goodbye.to_owned()
        })
    }
}

/// Signs in at Dovecot; the error is the reason that it gives, `null` where it gives none.
async fn sign_in(dovecot: &Dovecot, mechanism: &str, user: &str, token: &str) -> Result<Session, Value> {
    let (message, goodbye) = match mechanism {
        "XOAUTH2" => (format!("user={user}\x01auth=Bearer {token}\x01\x01"), ""),
        _ => (format!("n,a={user},\x01auth=Bearer {token}\x01\x01"), "\x01"),
    };
    let reason = Arc::default();
    let bearer = Bearer { message: Some(message), goodbye, reason: Arc::clone(&reason) };
    let stream = TcpStream::connect(("127.0.0.1", dovecot.imap_port(Plain))).await.expect("Dovecot accepts");
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.expect("a greeting").expect("a greeting");
    let refused = client.authenticate(mechanism, bearer).await.map_err(|(error, _)| error.to_string());
    refused.map_err(|said| {
        assert!(said.contains("AUTHENTICATIONFAILED"), "{said}");
        std::mem::take(&mut *reason.lock().unwrap())
    })
}

/// The reasons that Dovecot gives for refusing, by both mechanisms.
fn refused(dovecot: &Dovecot, user: &str, token: &str) -> [Value; 2] {
    MECHANISMS.map(|mechanism| {
        let answer = block_on(sign_in(dovecot, mechanism, user, token));
        answer.err().unwrap_or_else(|| panic!("{user} was let in by {mechanism}"))
    })
}

fn accepted(dovecot: &Dovecot, user: &str, token: &str) {
    for mechanism in MECHANISMS {
        block_on(sign_in(dovecot, mechanism, user, token)).unwrap_or_else(|why| panic!("{mechanism}: {why}"));
    }
}

/// Sends one message by XOAUTH2; the error is the server's refusal.
fn send(
    ca: &Ca,
    postfix: &Postfix,
    user: &str,
    token: &str,
    subject: &str,
) -> Result<(), lettre::transport::smtp::Error> {
    let authority = Certificate::from_pem(ca.pem().as_bytes()).expect("a certificate");
    let parameters = TlsParameters::builder("localhost".into()).add_root_certificate(authority).build_rustls();
    let mailer = SmtpTransport::builder_dangerous("localhost")
        .port(postfix.smtp_port(Tls))
        .tls(lettre::transport::smtp::client::Tls::Wrapper(parameters.expect("TLS")))
        .authentication(vec![Mechanism::Xoauth2])
        .credentials(Credentials::new(user.into(), token.into()))
        .timeout(Some(Duration::from_secs(10)))
        .build();
    let mailbox: Mailbox = user.parse().expect("an address");
    let message = Message::builder().from(mailbox.clone()).to(mailbox).subject(subject).body(String::new());
    mailer.send(&message.expect("a message")).map(|_| ())
}

#[test]
fn tokens_of_both_issuers_open_the_mailbox_and_send() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.alice()), (&provider, provider.alice())];
    for (issuer, alice) in cases {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).tokens_of(issuer).mailbox(&alice.email).start();
        let postfix = Postfix::with(&ca, &dovecot).start();
        let token = issuer.mail_token_for(&alice);
        accepted(&dovecot, &alice.email, &token);
        send(&ca, &postfix, &alice.email, &token, "by token").unwrap_or_else(|why| panic!("{why}"));
        let arrived = until("the message", Duration::from_secs(20), || {
            let found = block_on(async {
                let mut session = sign_in(&dovecot, "XOAUTH2", &alice.email, &token).await.expect("alice may sign in");
                subjects(&mut session).await
            });
            (!found.is_empty()).then_some(found)
        });
        assert_eq!(arrived, ["by token"]);
        let said = send(&ca, &postfix, &alice.email, GARBAGE, "never").expect_err("refused").to_string();
        assert!(!said.contains(GARBAGE), "{said}");
    }
}

#[test]
fn a_refusal_names_the_issuer() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.alice()), (&provider, provider.alice())];
    for (issuer, alice) in cases {
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).tokens_of(issuer).mailbox(&alice.email).start();
        let [xoauth2, oauthbearer] = refused(&dovecot, &alice.email, GARBAGE);
        let address = json!(format!("{}/.well-known/openid-configuration", issuer.issuer()));
        assert_eq!((&xoauth2["status"], &xoauth2["openid-configuration"]), (&json!("401"), &address));
        assert_eq!((&oauthbearer["status"], &oauthbearer["openid-configuration"]), (&json!("invalid_token"), &address));
    }
}

#[test]
fn only_the_owners_own_mail_token_is_taken() {
    let realm = Keycloak::shared().realm();
    let (alice, bruno) = (realm.alice(), realm.bruno());
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&realm).mailbox(&alice.email).mailbox(&bruno.email).start();
    accepted(&dovecot, &bruno.email, &realm.mail_token_for(&bruno));
    for (whose, token) in [
        ("bruno's", realm.mail_token_for(&bruno)),
        ("our server's", realm.token_for(&alice)),
        ("another realm's", {
            let other = Keycloak::shared().realm();
            other.mail_token_for(&other.alice())
        }),
    ] {
        for reason in refused(&dovecot, &alice.email, &token) {
            assert!(reason["status"].is_string(), "{whose}: {reason}");
        }
    }
    let log = dovecot.stop();
    assert!(log.text().contains("Issuer '"), "it was the issuer that was wrong: {}", log.text());
}

#[test]
fn the_audience_is_enforced_and_not_only_the_client() {
    let realm = Keycloak::shared().realm();
    let alice = realm.alice();
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&realm).mailbox(&alice.email).start();
    accepted(&dovecot, &alice.email, &realm.mail_token_for(&alice));
    realm.set_mail_audience("something-else");
    refused(&dovecot, &alice.email, &realm.mail_token_for(&alice));
    let log = dovecot.stop();
    assert!(log.text().contains("client_id not found in aud field"), "{}", log.text());
}

#[test]
fn a_token_ends_at_its_time() {
    let realm = Keycloak::shared().realm();
    let alice = realm.alice();
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&realm).mailbox(&alice.email).start();
    realm.set_access_token_lifespan(3);
    let token = realm.mail_token_for(&alice);
    let ended = || block_on(sign_in(&dovecot, "XOAUTH2", &alice.email, &token)).err();
    let reason = until("the end of the token", Duration::from_secs(30), ended);
    assert_eq!(reason["status"], "401");
    refused(&dovecot, &alice.email, &token);
    realm.set_access_token_lifespan(300);
    accepted(&dovecot, &alice.email, &realm.mail_token_for(&alice));
}

#[test]
fn a_revoked_token_is_refused_where_the_issuer_is_asked() {
    let provider = OidcProvider::start();
    let alice = provider.alice();
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&provider).mailbox(&alice.email).start();
    let token = provider.mail_token_for(&alice);
    accepted(&dovecot, &alice.email, &token);
    provider.revoke(&token, MAIL_CLIENT);
    refused(&dovecot, &alice.email, &token);
}

#[test]
fn a_password_is_no_token() {
    let realm = Keycloak::shared().realm();
    let alice = realm.alice();
    let ca = Ca::new();
    let dovecot = Dovecot::with(&ca).tokens_of(&realm).user(&alice.email, "Tr4nsparent-horse").start();
    block_on(crate::peers::sign_in(&dovecot, &alice.email, "Tr4nsparent-horse")).expect("passwords work beside tokens");
    refused(&dovecot, &alice.email, "Tr4nsparent-horse");
}
