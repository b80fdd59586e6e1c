//! Dovecot: IMAP, POP3 and local delivery.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use courrier_model::Security;
use rustix::process::Signal;
use tempfile::TempDir;

use self::tokens::Trusted;
use crate::dovecot_conf::{self, Ports};
use crate::issuer::Issuer;
use crate::netns::Namespace;
use crate::port::{self, Reserved};
use crate::process::{RunAs, Server, command};
use crate::{Ca, Issued, Leaf, endpoint, folder, until};

pub(crate) mod tokens;

/// What a [`Dovecot`] is to be like.
#[derive(Debug, Clone)]
pub struct DovecotBuilder {
    pub(crate) issued: Issued,
    pub(crate) users: Vec<(String, String)>,
    pub(crate) mailboxes: Vec<String>,
    pub(crate) tokens: Option<Trusted>,
    pub(crate) mechanisms: String,
    pub(crate) plaintext_auth: bool,
    pub(crate) max_connections: u32,
    pub(crate) listen: Vec<IpAddr>,
    pub(crate) extra: String,
    ca: PathBuf,
    namespace: Option<Namespace>,
}

impl DovecotBuilder {
    /// Adds a mailbox. The password may hold anything but a line break or NUL.
    pub fn user(mut self, address: &str, password: &str) -> Self {
        self.users.push((address.into(), password.into()));
        self
    }

    /// Adds a mailbox without a password, for somebody who signs in by an access token.
    pub fn mailbox(mut self, address: &str) -> Self {
        self.mailboxes.push(address.into());
        self
    }

    /// Accepts access tokens of this issuer that were given to the mail client, by XOAUTH2 and OAUTHBEARER unless
    /// [`mechanisms`](Self::mechanisms) names one of them. The `email` of a token is its user's name. The issuer is named
    /// where a token is refused. Call it again for an issuer whose keys changed.
    pub fn tokens_of(mut self, issuer: &dyn Issuer) -> Self {
        self.tokens = Some(Trusted::of(issuer));
        self
    }

    /// Presents this certificate instead of a good one.
    pub fn certificate(mut self, ca: &Ca, leaf: Leaf) -> Self {
        self.issued = ca.issue(leaf);
        self
    }

    /// SASL mechanisms in Dovecot's spelling, for IMAP and for the Postfix behind it: `plain login scram-sha-256`.
    pub fn mechanisms(mut self, mechanisms: &str) -> Self {
        self.mechanisms = mechanisms.into();
        self
    }

    /// Accepts passwords in the clear from everybody. Without it, only where both ends have one address.
    pub fn plaintext_auth(mut self) -> Self {
        self.plaintext_auth = true;
        self
    }

    /// At most so many IMAP connections of one user from one address.
    pub fn max_connections(mut self, number: u32) -> Self {
        self.max_connections = number;
        self
    }

    /// Listens on these addresses instead of `127.0.0.1`. On `127.0.0.2` a client of this computer
    /// counts as remote, because its own address is `127.0.0.1`.
    pub fn listen(mut self, addresses: &[&str]) -> Self {
        self.listen = addresses.iter().map(|a| a.parse().expect("an IP address")).collect();
        self
    }

    /// Adds lines to the end of the configuration.
    pub fn extra(mut self, lines: &str) -> Self {
        self.extra.push_str(lines);
        self.extra.push('\n');
        self
    }

    /// Runs in a network namespace.
    pub fn within(mut self, namespace: &Namespace) -> Self {
        self.namespace = Some(namespace.clone());
        self
    }

    /// Starts it and waits until it accepts connections.
    ///
    /// # Panics
    /// If it does not start; its log is in the message.
    pub fn start(self) -> Dovecot {
        let namespace = self.namespace.as_ref();
        let ([imap, imaps, pop3, pop3s], reserved) = port::reserve(&self.listen, namespace);
        let ports = Ports { imap, imaps, pop3, pop3s };
        let folder = folder::shared("imap");
        let root = folder.path();
        for name in ["run", "state", "mail", "log"] {
            folder::make_for_unprivileged(&root.join(name));
        }
        dovecot_conf::write_users(root, &self.users);
        if let Some(tokens) = &self.tokens {
            tokens.write(root);
        }
        fs::write(root.join("dovecot.conf"), dovecot_conf::text(&self, root, &ports)).expect("can be written");
        let mut command = command("dovecot", RunAs::Unprivileged, namespace);
        command.arg("-F").arg("-c").arg(root.join("dovecot.conf"));
        let mut server = Server::spawn("dovecot", &mut command, RunAs::Unprivileged, root);
        let log = root.join("log/dovecot.log");
        let address = SocketAddr::new(self.listen[0], ports.imap);
        server
            .wait_for(|_| port::answers(address, namespace).then_some(()))
            .unwrap_or_else(|why| panic!("{why}{}", fs::read_to_string(&log).unwrap_or_default()));
        let host = match self.listen[0].to_string().as_str() {
            "127.0.0.1" => "localhost".to_owned(),
            other => other.to_owned(),
        };
        Dovecot {
            server,
            users: self.users,
            mailboxes: self.mailboxes,
            ca: self.ca,
            ports,
            host,
            folder,
            _reserved: reserved,
        }
    }
}

/// A running Dovecot. Runs without rights of its own: as `nobody` where the tests run as root.
#[derive(Debug)]
pub struct Dovecot {
    // Ended before its folder goes: fields drop in this order.
    server: Server,
    users: Vec<(String, String)>,
    mailboxes: Vec<String>,
    ca: PathBuf,
    ports: Ports,
    host: String,
    folder: TempDir,
    _reserved: Reserved,
}

impl Dovecot {
    /// The start of a description: a good certificate, PLAIN, LOGIN and SCRAM, on `127.0.0.1`.
    pub fn with(ca: &Ca) -> DovecotBuilder {
        DovecotBuilder {
            issued: ca.issue(Leaf::Good),
            ca: ca.bundle(),
            users: Vec::new(),
            mailboxes: Vec::new(),
            tokens: None,
            mechanisms: "plain login scram-sha-256 scram-sha-1".into(),
            plaintext_auth: false,
            max_connections: 0,
            listen: vec![IpAddr::from([127, 0, 0, 1])],
            extra: String::new(),
            namespace: None,
        }
    }

    /// Where IMAP answers, as the command line takes it. STARTTLS and no encryption share a port.
    pub fn imap(&self, security: Security) -> String {
        self.imap_at(&self.host, security)
    }

    /// The same under another name of this computer.
    pub fn imap_at(&self, host: &str, security: Security) -> String {
        endpoint(host, self.imap_port(security), security)
    }

    /// The port of IMAP.
    pub fn imap_port(&self, security: Security) -> u16 {
        if security == Security::Tls { self.ports.imaps } else { self.ports.imap }
    }

    /// The port of POP3.
    pub fn pop3_port(&self, security: Security) -> u16 {
        if security == Security::Tls { self.ports.pop3s } else { self.ports.pop3 }
    }

    /// The file with the authority that clients must trust.
    pub fn ca_bundle(&self) -> &Path {
        &self.ca
    }

    /// The folder with everything below it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The mailboxes' addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(|(address, _)| address).chain(&self.mailboxes).map(String::as_str)
    }

    /// The socket at which another server asks for authentication.
    pub fn auth_socket(&self) -> PathBuf {
        self.folder().join("run/auth-postfix")
    }

    /// The socket for local delivery (RFC 2033).
    pub fn lmtp_socket(&self) -> PathBuf {
        self.folder().join("run/lmtp")
    }

    /// Changes a password, and waits until Dovecot has noticed: it looks at its file once a second.
    ///
    /// # Panics
    /// If there is no such mailbox.
    pub fn set_password(&mut self, address: &str, password: &str) {
        let user = self.users.iter_mut().find(|(known, _)| known == address);
        user.unwrap_or_else(|| panic!("no mailbox {address}")).1 = password.into();
        dovecot_conf::write_users(self.folder.path(), &self.users);
        until("the new password", Duration::from_secs(10), || self.accepts(address, password).then_some(()));
    }

    /// Asks Dovecot itself. The password goes over standard input: process lists show arguments.
    fn accepts(&self, address: &str, password: &str) -> bool {
        let mut doveadm = command("doveadm", RunAs::Unprivileged, None);
        doveadm.arg("-c").arg(self.folder().join("dovecot.conf")).args(["auth", "test", address]);
        let child = doveadm.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("doveadm can be run");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        input.write_all(format!("{password}\n").as_bytes()).expect("doveadm reads the password");
        child.wait().expect("a child can be waited for").success()
    }

    /// Stops answering, but keeps its sockets: connections are accepted by the kernel, then nothing.
    pub fn freeze(&self) {
        self.server.signal(Signal::STOP);
    }

    /// Goes on after [`Dovecot::freeze`].
    pub fn thaw(&self) {
        self.server.signal(Signal::CONT);
    }

    /// The log so far. Its writer is a process of its own and may lag behind: see [`Dovecot::stop`].
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log/dovecot.log")).unwrap_or_default()
    }

    /// Ends the server and returns the whole log.
    pub fn stop(self) -> Log {
        let Self { server, folder, .. } = self;
        drop(server);
        Log(fs::read_to_string(folder.path().join("log/dovecot.log")).expect("a server that ran has a log"))
    }
}

/// The whole log of a server that has ended.
#[derive(Debug)]
pub struct Log(String);

impl Log {
    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The SASL mechanisms that clients of this service (`imap`, `smtp`, `pop3`) tried, in turn.
    pub fn attempts(&self, service: &str) -> Vec<&str> {
        let service = format!("service={service}\t");
        self.0
            .lines()
            .filter_map(|line| line.split_once("client in: AUTH\t"))
            .filter(|(_, request)| request.contains(&service))
            .filter_map(|(_, request)| request.split('\t').nth(1))
            .collect()
    }
}
