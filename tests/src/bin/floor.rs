//! `floor USER IMAP_ADDRESS SMTP_ADDRESS`: the least that proves a mailbox can receive and send.
//!
//! Says what `courrier check` says to an IMAPS and an SMTPS server, at the same time, and nothing else: it knows the
//! answers, so it only waits for them. `bench check` measures how far Courrier is from it. The password is the first
//! line of standard input, the authority to trust the file that `SSL_CERT_FILE` names.

// A measuring instrument: it stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [user, imap, smtp] = &arguments[..] else { panic!("usage: floor USER IMAP_ADDRESS SMTP_ADDRESS") };
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).expect("the password is text");
    let plain = BASE64.encode(format!("\0{user}\0{}", password.trim_end_matches('\n')));
    let config = Arc::new(config());
    // As many threads as Courrier has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let imap = tokio::spawn(receive(Line::address(imap), Arc::clone(&config), plain.clone()));
        let smtp = tokio::spawn(send(Line::address(smtp), config, plain, user.clone()));
        imap.await.expect("no panic");
        smtp.await.expect("no panic");
    });
}

fn config() -> ClientConfig {
    let file = std::env::var_os("SSL_CERT_FILE").expect("SSL_CERT_FILE is set");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).expect("a PEM file") {
        roots.add(certificate.expect("PEM")).expect("an authority");
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// RFC 9051: greeting, AUTHENTICATE with an initial response, EXAMINE.
async fn receive(server: SocketAddr, config: Arc<ClientConfig>, plain: String) {
    let mut line = Line::connect(server, config).await;
    line.until("* OK").await;
    line.say(&format!("A1 AUTHENTICATE PLAIN {plain}\r\n")).await;
    line.until("A1 OK").await;
    line.say("A2 EXAMINE INBOX\r\n").await;
    line.until("A2 OK").await;
}

/// RFC 5321: greeting, EHLO, AUTH with an initial response (RFC 4954), the sender's commands pipelined (RFC 2920).
async fn send(server: SocketAddr, config: Arc<ClientConfig>, plain: String, user: String) {
    let mut line = Line::connect(server, config).await;
    line.until("220 ").await;
    line.say("EHLO [127.0.0.1]\r\n").await;
    line.until("250 ").await;
    line.say(&format!("AUTH PLAIN {plain}\r\n")).await;
    line.until("235 ").await;
    line.say(&format!("MAIL FROM:<{user}>\r\nRCPT TO:<{user}>\r\nRSET\r\n")).await;
    for _ in 0..3 {
        line.until("250 ").await;
    }
}

struct Line(BufReader<TlsStream<TcpStream>>);

impl Line {
    fn address(text: &str) -> SocketAddr {
        text.parse().expect("ADDRESS:PORT")
    }

    async fn connect(server: SocketAddr, config: Arc<ClientConfig>) -> Self {
        let socket = TcpStream::connect(server).await.expect("the server accepts");
        socket.set_nodelay(true).expect("a socket option");
        let name = ServerName::from(server.ip());
        Self(BufReader::new(TlsConnector::from(config).connect(name, socket).await.expect("TLS")))
    }

    async fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.expect("the server reads");
        self.0.get_mut().flush().await.expect("the server reads");
    }

    /// Reads up to the line that begins so. Any other end is a failure.
    async fn until(&mut self, beginning: &str) {
        let mut said = String::new();
        while !said.lines().last().is_some_and(|line| line.starts_with(beginning)) {
            assert!(self.0.read_line(&mut said).await.expect("text") > 0, "expected {beginning:?}, got {said:?}");
        }
    }
}
