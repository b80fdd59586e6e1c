//! Our own server, `courrier-server`, as an operator starts it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{RunAs, Server, command};
use crate::{API_AUDIENCE, Issuer, built, folder, until};

/// What a [`CourrierServer`] is to be like.
#[derive(Debug, Clone)]
pub struct CourrierServerBuilder {
    settings: BTreeMap<String, String>,
    arguments: Vec<String>,
}

impl CourrierServerBuilder {
    /// Keeps its data in this PostgreSQL database; several servers may share one.
    pub fn database(self, url: &str) -> Self {
        self.setting("COURRIER_DATABASE_URL", url)
    }

    /// Sets a setting by the name that it has in the environment.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// Adds arguments.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// If it was not built or does not start; its log is in the message.
    pub fn start(self) -> CourrierServer {
        let folder = folder::shared("server");
        let program = built("courrier-server", "courrier-server");
        let mut command = command(program.to_str().expect("builds have plain names"), RunAs::Caller, None);
        command.env_clear().env("HOME", folder.path()).env("COURRIER_DATA", folder.path());
        // The kernel picks the port, so that servers need not agree on theirs.
        command.env("COURRIER_LISTEN", "127.0.0.1:0").envs(&self.settings).args(&self.arguments);
        let mut server = Server::spawn("courrier-server", command.stdin(Stdio::null()), RunAs::Caller, folder.path());
        let url = server.wait_for(listening).unwrap_or_else(|why| panic!("{why}"));
        CourrierServer { server, url, folder }
    }
}

/// A running `courrier-server`. Ended on drop.
#[derive(Debug)]
pub struct CourrierServer {
    server: Server,
    url: String,
    folder: TempDir,
}

impl CourrierServer {
    /// The start of a description: people of this issuer, an SQLite file of its own, a free port.
    pub fn with(issuer: &dyn Issuer) -> CourrierServerBuilder {
        // Who signs its tokens for a resource has that for their audience (RFC 9068, section 3).
        let audience = issuer.api_resource().unwrap_or(API_AUDIENCE);
        CourrierServerBuilder { settings: BTreeMap::new(), arguments: Vec::new() }
            .setting("COURRIER_ISSUER", &issuer.issuer())
            .setting("COURRIER_AUDIENCE", audience)
    }

    /// One that is as described there.
    ///
    /// # Panics
    /// If it was not built, or does not start.
    pub fn start(issuer: &dyn Issuer) -> Self {
        Self::with(issuer).start()
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens itself, whatever address it goes by.
    ///
    /// # Panics
    /// Never: it has said so before it was ready.
    pub fn listens_at(&self) -> SocketAddr {
        let address = said(&self.log(), "address").and_then(|address| address.parse().ok());
        address.expect("it logged its address")
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.server.said()
    }

    /// Tells it to stop, as a service's operator does, waits until it has, and returns the folder that it wrote to.
    ///
    /// # Panics
    /// If it does not stop, or ends with a failure.
    pub fn stop(mut self) -> TempDir {
        self.server.signal(Signal::TERM);
        let ended = until("the server to stop", Duration::from_secs(30), || self.server.ended());
        assert!(ended.success(), "{ended}: {}", self.server.said());
        let Self { folder, .. } = self;
        folder
    }
}

/// The address that it goes by, once it can be reached.
fn listening(log: &str) -> Option<String> {
    said(log, "public_url")
}

/// A field of the line that it logs once it can be reached.
fn said(log: &str, field: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line = lines.into_iter().find(|line| line["message"] == "listening")?;
    line[field].as_str().map(str::to_owned)
}
