//! Postfix: submission in every form, and a relay without authentication.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use courrier_model::Security;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::netns::Namespace;
use crate::port::{self, Reserved};
use crate::postfix_conf::{self, Ports};
use crate::process::{RunAs, Server, command, find, finish, remove_as_root};
use crate::{Ca, Dovecot, Issued, Leaf, endpoint, folder};

/// Ends Postfix with the test. It can't be told so itself: changing its user for a moment, as it does when it starts,
/// cancels the signal that it would get.
const KEEPER: &str = r#"trap 'trap "" TERM; kill 0; wait' TERM; "$@" & wait $!"#;

/// What a [`Postfix`] is to be like.
#[derive(Debug)]
pub struct PostfixBuilder<'a> {
    pub(crate) dovecot: &'a Dovecot,
    pub(crate) issued: Issued,
    pub(crate) listen: Vec<IpAddr>,
    pub(crate) main: String,
    ca: &'a Ca,
    namespace: Option<Namespace>,
}

impl PostfixBuilder<'_> {
    /// Presents this certificate instead of a good one.
    pub fn certificate(mut self, leaf: Leaf) -> Self {
        self.issued = self.ca.issue(leaf);
        self
    }

    /// Listens on these addresses instead of `127.0.0.1`.
    pub fn listen(mut self, addresses: &[&str]) -> Self {
        self.listen = addresses.iter().map(|a| a.parse().expect("an IP address")).collect();
        self
    }

    /// Adds a line to `main.cf`; the last one of a name wins.
    pub fn main(mut self, line: &str) -> Self {
        self.main.push_str(line);
        self.main.push('\n');
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
    pub fn start(self) -> Postfix {
        let namespace = self.namespace.as_ref();
        let ([relay, cleartext, submission, submissions], reserved) = port::reserve(&self.listen, namespace);
        let ports = Ports { relay, cleartext, submission, submissions };
        let folder = RootFolder(folder::shared("smtp"));
        let root = folder.path();
        postfix_conf::write(&self, root, &ports);
        // `-d`: stays in the foreground, and does without the two seconds of checks that `postfix start` makes.
        let mut command = command("sh", RunAs::Root, namespace);
        command.args(["-c", KEEPER, "sh"]).arg(find("master")).arg("-c").arg(root.join("conf")).arg("-d");
        let mut server = Server::spawn("master", &mut command, RunAs::Root, root);
        let address = SocketAddr::new(self.listen[0], ports.submissions);
        server
            .wait_for(|_| port::answers(address, namespace).then_some(()))
            .unwrap_or_else(|why| panic!("{why}{}", fs::read_to_string(root.join("maillog")).unwrap_or_default()));
        let host = match self.listen[0].to_string().as_str() {
            "127.0.0.1" => "localhost".to_owned(),
            other => other.to_owned(),
        };
        Postfix { server, ports, host, folder, _reserved: reserved }
    }
}

/// Postfix's daemons leave files of root behind.
#[derive(Debug)]
struct RootFolder(TempDir);

impl RootFolder {
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for RootFolder {
    fn drop(&mut self) {
        remove_as_root(self.0.path());
    }
}

/// A running Postfix. Signs people in by the given [`Dovecot`] and delivers to its mailboxes.
#[derive(Debug)]
pub struct Postfix {
    // Ended before its folder goes: fields drop in this order.
    server: Server,
    ports: Ports,
    host: String,
    folder: RootFolder,
    _reserved: Reserved,
}

impl Postfix {
    /// The start of a description: a good certificate, on `127.0.0.1`.
    pub fn with<'a>(ca: &'a Ca, dovecot: &'a Dovecot) -> PostfixBuilder<'a> {
        PostfixBuilder {
            dovecot,
            issued: ca.issue(Leaf::Good),
            listen: vec![IpAddr::from([127, 0, 0, 1])],
            main: String::new(),
            ca,
            namespace: None,
        }
    }

    /// Where submission answers, as the command line takes it: 465-like, 587-like (authentication only after
    /// STARTTLS), or a port that takes passwords in the clear.
    pub fn smtp(&self, security: Security) -> String {
        self.smtp_at(&self.host, security)
    }

    /// The same under another name of this computer.
    pub fn smtp_at(&self, host: &str, security: Security) -> String {
        endpoint(host, self.smtp_port(security), security)
    }

    /// The port of [`Postfix::smtp`].
    pub fn smtp_port(&self, security: Security) -> u16 {
        match security {
            Security::Tls => self.ports.submissions,
            Security::Starttls => self.ports.submission,
            Security::None => self.ports.cleartext,
        }
    }

    /// A port that offers no authentication and takes mail for its own mailboxes, like 25.
    pub fn relay(&self, security: Security) -> String {
        endpoint(&self.host, self.ports.relay, security)
    }

    /// The port of [`Postfix::relay`].
    pub fn relay_port(&self) -> u16 {
        self.ports.relay
    }

    /// Stops answering, but keeps its sockets: connections are accepted by the kernel, then nothing.
    pub fn freeze(&self) {
        self.server.signal(Signal::STOP);
    }

    /// The log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("maillog")).unwrap_or_default()
    }
}

/// Gives paths to root or to one of Postfix's users.
pub(crate) fn own(owner: &str, mode: &str, paths: &[PathBuf]) {
    for (program, wanted) in [("chown", owner), ("chmod", mode)] {
        finish(command(program, RunAs::Root, None).arg(wanted).args(paths));
    }
}
