//! Faults that real software shows.

use std::process::Stdio;

use courrier_model::Security;
use tempfile::TempDir;

use crate::process::{RunAs, Server, command};
use crate::{Issued, endpoint, kept_port};

/// A port at which nothing listens, as the command line takes it.
pub fn closed_port(security: Security) -> String {
    endpoint("localhost", kept_port(), security)
}

/// `openssl s_server`: TLS from the first byte with any version and ciphers, and no mail protocol behind it.
#[derive(Debug)]
pub struct OpensslServer {
    _server: Server,
    port: u16,
    _folder: TempDir,
}

impl OpensslServer {
    /// Starts it with a certificate and further options of `openssl s_server`.
    pub fn start(issued: &Issued, options: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-tls-").tempdir().expect("a temporary folder");
        let mut command = command("openssl", RunAs::Caller, None);
        command.args(["s_server", "-accept", "127.0.0.1:0"]).args(options);
        // Without these two files it presents no certificate at all.
        if !options.contains(&"-nocert") {
            command.arg("-cert").arg(&issued.chain).arg("-key").arg(&issued.key);
        }
        // It ends with its input: the pipe stays open as long as the server.
        let mut server = Server::spawn("openssl", command.stdin(Stdio::piped()), RunAs::Caller, folder.path());
        let port = server
            .wait_for(|said| said.lines().find_map(|line| line.strip_prefix("ACCEPT 127.0.0.1:")?.parse().ok()))
            .unwrap_or_else(|why| panic!("{why}"));
        Self { _server: server, port, _folder: folder }
    }

    /// Only TLS 1.1 and older. Needs [`Leaf::Rsa`](crate::Leaf).
    pub fn old_tls(rsa: &Issued) -> Self {
        Self::start(rsa, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    }

    /// Only ciphers without a certificate, which no client offers.
    pub fn nothing_in_common(any: &Issued) -> Self {
        Self::start(any, &["-nocert", "-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"])
    }

    /// Where it answers, as the command line takes it.
    pub fn endpoint(&self) -> String {
        endpoint("localhost", self.port, Security::Tls)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}
