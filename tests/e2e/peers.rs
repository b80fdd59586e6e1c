//! Mail clients by others, as independent witnesses that the fixtures work.

use std::time::Duration;

use async_imap::Session;
use courrier_model::Security;
use courrier_tests::{Ca, Dovecot, Postfix};
use futures_util::StreamExt;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use tokio::net::TcpStream;

/// Runs asynchronous client code to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), work).await.expect("answers in time") })
}

/// Sends one message by lettre; the error is the server's refusal.
pub(crate) fn send(
    ca: &Ca,
    postfix: &Postfix,
    security: Security,
    address: &str,
    password: &str,
    subject: &str,
) -> Result<(), lettre::transport::smtp::Error> {
    let authority = Certificate::from_pem(ca.pem().as_bytes()).expect("a certificate");
    let parameters = || {
        TlsParameters::builder("localhost".into()).add_root_certificate(authority.clone()).build_rustls().expect("TLS")
    };
    let tls = match security {
        Security::Tls => Tls::Wrapper(parameters()),
        Security::Starttls => Tls::Required(parameters()),
        Security::None => Tls::None,
    };
    let mailer = SmtpTransport::builder_dangerous("localhost")
        .port(postfix.smtp_port(security))
        .tls(tls)
        .credentials(Credentials::new(address.into(), password.into()))
        .timeout(Some(Duration::from_secs(10)))
        .build();
    let mailbox: Mailbox = address.parse().expect("an address");
    let message = Message::builder().from(mailbox.clone()).to(mailbox).subject(subject).body(String::new());
    mailer.send(&message.expect("a message")).map(|_| ())
}

/// Signs in by async-imap without encryption, which Dovecot allows where both ends have one address.
pub(crate) async fn sign_in(
    dovecot: &Dovecot,
    address: &str,
    password: &str,
) -> Result<Session<TcpStream>, async_imap::error::Error> {
    let stream = TcpStream::connect(("127.0.0.1", dovecot.imap_port(Security::None))).await.expect("Dovecot accepts");
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.expect("a greeting").expect("a greeting");
    client.login(address, password).await.map_err(|(error, _)| error)
}

/// The subjects of all messages in INBOX.
pub(crate) async fn subjects(session: &mut Session<TcpStream>) -> Vec<String> {
    let inbox = session.select("INBOX").await.expect("INBOX opens");
    if inbox.exists == 0 {
        return Vec::new();
    }
    let messages = session.fetch("1:*", "ENVELOPE").await.expect("FETCH works");
    messages
        .filter_map(|message| async move {
            let message = message.expect("a message");
            Some(String::from_utf8_lossy(message.envelope()?.subject.as_ref()?).into_owned())
        })
        .collect()
        .await
}
