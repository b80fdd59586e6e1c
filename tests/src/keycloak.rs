//! Keycloak, with a realm of its own for every test.

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use crate::http::{Answer, Http};
use crate::port::{self, Reserved};
use crate::process::{RunAs, Server, command};
use crate::{Realm, folder, for_the_run};

/// A quarter of a minute on a quiet machine; many times that where a build runs beside it.
const START: Duration = Duration::from_secs(300);
/// The client of the Admin API, in the realm that Keycloak has for itself.
const ADMIN: &str = "courrier-tests";

/// A running Keycloak, all of it in memory.
#[derive(Debug)]
pub struct Keycloak {
    server: Server,
    port: u16,
    admin_secret: String,
    folder: TempDir,
    _reserved: Reserved,
}

impl Keycloak {
    /// The one that the tests of this binary share: started when it is first asked for, ended with the process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Keycloak> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut keycloak = for_the_run::start("Keycloak", Self::start);
            let server = keycloak.server.child().id();
            for_the_run::remove_at_the_end(keycloak.folder.path(), server);
            keycloak
        })
    }

    /// One of its own, for tests that stop it. Ended on drop.
    ///
    /// # Panics
    /// If it does not start; its log is in the message.
    pub fn start() -> Self {
        let here = IpAddr::from([127, 0, 0, 1]);
        let ([port, management], reserved) = port::reserve(&[here], None);
        let folder = folder::shared("keycloak");
        let admin_secret = Uuid::new_v4().to_string();
        let mut command = command("keycloak", RunAs::Caller, None);
        command.arg(folder.path().join("home")).args(["start", "--optimized", "--cache=local"]);
        command.args(["--http-enabled=true", "--http-host=127.0.0.1"]).arg(format!("--http-port={port}"));
        command.arg(format!("--http-management-port={management}"));
        command.arg(format!("--hostname=http://127.0.0.1:{port}")).arg("--log-level=warn");
        command.env("KC_BOOTSTRAP_ADMIN_CLIENT_ID", ADMIN).env("KC_BOOTSTRAP_ADMIN_CLIENT_SECRET", &admin_secret);
        let mut server = Server::spawn("keycloak", &mut command, RunAs::Caller, folder.path());
        let health = Url::parse(&format!("http://127.0.0.1:{management}/health/ready")).expect("an address");
        let is_ready = |_: &str| {
            let listens = port::answers(SocketAddr::new(here, management), None);
            let answer = listens.then(|| Http::new().try_send("GET", &health, &[], None).ok()).flatten()?;
            (answer.status == 200).then_some(())
        };
        server.wait_for_within(START, is_ready).unwrap_or_else(|why| panic!("{why}"));
        Self { server, port, admin_secret, folder, _reserved: reserved }
    }

    /// Its address, without a slash at the end.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A new realm, whose sign-outs are told to nobody (no server is at port 9).
    pub fn realm(&self) -> Realm<'_> {
        self.realm_for("http://127.0.0.1:9")
    }

    /// A new realm for the server at `server_url`, which hears of sign-outs.
    pub fn realm_for(&self, server_url: &str) -> Realm<'_> {
        Realm::import(self, server_url)
    }

    /// Calls the Admin API. `path` begins with a slash and stands below `/admin/realms`.
    ///
    /// # Panics
    /// If nobody answers.
    pub(crate) fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_admin(method, path, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    pub(crate) fn try_admin(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, ureq::Error> {
        let at = |path: &str| Url::parse(&format!("{}{path}", self.base())).expect("an address");
        let mut http = Http::new();
        // A new one for each call: they live for a minute, and cost less than that is worth.
        let fields =
            [("grant_type", "client_credentials"), ("client_id", ADMIN), ("client_secret", &self.admin_secret)];
        let answer = http.post_form(&at("/realms/master/protocol/openid-connect/token"), &fields, &[]);
        let token = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap_or_default());
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        http.try_send(method, &at(&format!("/admin/realms{path}")), &headers, body.map(Value::to_string))
    }
}
