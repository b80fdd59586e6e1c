//! A second issuer that shares nothing with Keycloak: npm `oidc-provider`, run by `tests/oidc-provider/server.mjs`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use crate::folder;
use crate::issuer::{Issuer, Person};
use crate::process::{RunAs, Server, command};

/// The resource that stands for our server (RFC 8707), and so the audience of its tokens.
const RESOURCE: &str = "https://courrier.example.test/api";

/// The mail server that may ask about tokens.
const MAIL_SERVER: &str = "mail-server";

/// A running oidc-provider, all of it in memory. Ended on drop.
#[derive(Debug)]
pub struct OidcProvider {
    _server: Server,
    issuer: String,
    mail_server_secret: String,
    _folder: TempDir,
}

impl Issuer for OidcProvider {
    fn issuer(&self) -> String {
        self.issuer.clone()
    }

    fn api_resource(&self) -> Option<&str> {
        Some(RESOURCE)
    }

    fn introspection(&self) -> Option<String> {
        let mut address = self.endpoint("introspection_endpoint");
        let credentials = |url: &mut Url| {
            url.set_username(MAIL_SERVER)?;
            url.set_password(Some(&self.mail_server_secret))
        };
        credentials(&mut address).expect("an address with a host takes a name and a password");
        Some(address.into())
    }
}

impl OidcProvider {
    /// Starts it; its access tokens say who somebody is (`name`, `email`) and what their `roles` are.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start() -> Self {
        Self::with(true)
    }

    /// Its access tokens have no more than RFC 9068 demands.
    ///
    /// # Panics
    /// If it does not start.
    pub fn with_bare_tokens() -> Self {
        Self::with(false)
    }

    fn with(claims: bool) -> Self {
        let folder = folder::shared("issuer");
        let people: Vec<Value> = [(alice(), "courrier-user"), (bruno(), "courrier-user"), (admin(), "courrier-admin")]
            .iter()
            .map(|(person, role)| {
                let Person { id, username, password, name, email } = person;
                json!({
                    "id": id, "username": username, "password": password,
                    "name": name, "email": email, "roles": [role],
                })
            })
            .collect();
        let mail_server_secret = Uuid::new_v4().to_string();
        let mail_server = json!({"id": MAIL_SERVER, "secret": mail_server_secret});
        let input = json!({"people": people, "resource": RESOURCE, "claims": claims, "mailServer": mail_server});
        let input = input.to_string();
        let mut command = command("oidc-provider", RunAs::Caller, None);
        command.stdin(Stdio::piped());
        let mut server = Server::spawn("oidc-provider", &mut command, RunAs::Caller, folder.path());
        let mut pipe = server.child().stdin.take().expect("standard input is a pipe");
        pipe.write_all(input.as_bytes()).expect("the issuer reads its configuration");
        drop(pipe);
        let address = |said: &str| said.lines().find(|line| line.starts_with("http://")).map(str::to_owned);
        let issuer = server
            .wait_for(|said| said.ends_with('\n').then(|| address(said)).flatten())
            .unwrap_or_else(|why| panic!("{why}"));
        Self { _server: server, issuer, mail_server_secret, _folder: folder }
    }

    /// Its name, which is its address.
    pub fn issuer(&self) -> String {
        Issuer::issuer(self)
    }

    /// Somebody who can sign in.
    pub fn alice(&self) -> Person {
        alice()
    }

    /// Somebody else.
    pub fn bruno(&self) -> Person {
        bruno()
    }

    /// Somebody with the role `courrier-admin`.
    pub fn admin(&self) -> Person {
        admin()
    }
}

fn alice() -> Person {
    person("alice", "Alice Martin")
}

fn bruno() -> Person {
    person("bruno", "Bruno Petit")
}

fn admin() -> Person {
    person("admin", "Ada Admin")
}

fn person(username: &str, name: &str) -> Person {
    Person {
        // Not the user name: nobody may take the one for the other.
        id: format!("subject-{username}"),
        username: username.into(),
        password: format!("{username}-password"),
        name: name.into(),
        email: format!("{username}@example.test"),
    }
}
