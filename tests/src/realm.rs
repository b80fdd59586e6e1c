//! A realm of Keycloak: the one that `tests/realm/courrier-realm.json` describes, under a name of its own.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::issuer::{DESKTOP_CLIENT, Issuer, MAIL_CLIENT, Person};
use crate::keycloak::Keycloak;

const FILE: &str = include_str!("../realm/courrier-realm.json");
/// What stands in the file for the address of our server.
const SERVER_URL: &str = "${COURRIER_SERVER_URL}";
const BACKCHANNEL_LOGOUT: &str = "/oidc/backchannel-logout";

/// The audience of tokens for our server.
pub const API_AUDIENCE: &str = "courrier-api";

/// A realm with its people, clients, keys and sessions; removed on drop.
#[derive(Debug)]
pub struct Realm<'a> {
    keycloak: &'a Keycloak,
    name: String,
}

impl Issuer for Realm<'_> {
    fn issuer(&self) -> String {
        format!("{}/realms/{}", self.keycloak.base(), self.name)
    }

    fn api_resource(&self) -> Option<&str> {
        None
    }
}

impl<'a> Realm<'a> {
    pub(crate) fn import(keycloak: &'a Keycloak, server_url: &str) -> Self {
        let name = format!("courrier-{}", short_id());
        let mut realm: Value = serde_json::from_str(&FILE.replace(SERVER_URL, server_url)).expect("the realm is JSON");
        realm["realm"] = json!(name);
        let answer = keycloak.admin("POST", "", Some(&realm));
        assert_eq!(answer.status, 201, "the realm can't be imported: {}", answer.body);
        Self { keycloak, name }
    }

    /// Its name at the issuer's end.
    pub fn issuer(&self) -> String {
        Issuer::issuer(self)
    }

    /// A user of the file.
    pub fn alice(&self) -> Person {
        self.of_file("alice", "Alice Martin")
    }

    /// Another user of the file.
    pub fn bruno(&self) -> Person {
        self.of_file("bruno", "Bruno Petit")
    }

    /// The administrator of the file, with the role `courrier-admin`.
    pub fn admin(&self) -> Person {
        self.of_file("admin", "Ada Admin")
    }

    fn of_file(&self, username: &str, name: &str) -> Person {
        let found = self.get(&format!("/users?exact=true&username={username}"));
        let id = found[0]["id"].as_str().unwrap_or_else(|| panic!("no {username}: {found}")).to_owned();
        Person {
            id,
            username: username.into(),
            password: format!("{username}-password"),
            name: name.into(),
            email: format!("{username}@example.test"),
        }
    }

    /// A new user with a name that nobody else has and the role `courrier-user`.
    pub fn create_person(&self) -> Person {
        let (username, password) = (format!("p-{}", short_id()), Uuid::new_v4().to_string());
        let email = format!("{username}@example.test");
        let user = json!({
            "username": username, "enabled": true, "email": email, "emailVerified": true,
            "firstName": "Person", "lastName": username,
            "credentials": [{"type": "password", "value": password, "temporary": false}],
        });
        self.call("POST", "/users", Some(&user));
        let found = self.get(&format!("/users?exact=true&username={username}"));
        let id = found[0]["id"].as_str().expect("a new user has an id").to_owned();
        let person = Person { id, name: format!("Person {username}"), username, password, email };
        self.give_role(&person, "courrier-user");
        person
    }

    /// Keeps them from signing in and from refreshing.
    pub fn disable(&self, person: &Person) {
        self.call("PUT", &user(person, ""), Some(&json!({"enabled": false})));
    }

    /// Takes that back.
    pub fn enable(&self, person: &Person) {
        self.call("PUT", &user(person, ""), Some(&json!({"enabled": true})));
    }

    /// Removes them from the realm.
    pub fn delete(&self, person: &Person) {
        self.call("DELETE", &user(person, ""), None);
    }

    /// Gives them another password.
    pub fn set_password(&self, person: &Person, password: &str) {
        let credential = json!({"type": "password", "value": password, "temporary": false});
        self.call("PUT", &user(person, "/reset-password"), Some(&credential));
    }

    /// Gives them a role of the realm; tokens have it from the next one on.
    pub fn give_role(&self, person: &Person, role: &str) {
        self.call("POST", &user(person, "/role-mappings/realm"), Some(&json!([self.get(&format!("/roles/{role}"))])));
    }

    /// Takes a role of the realm away.
    pub fn take_role(&self, person: &Person, role: &str) {
        self.call("DELETE", &user(person, "/role-mappings/realm"), Some(&json!([self.get(&format!("/roles/{role}"))])));
    }

    /// Their sessions, without those that last (`offline_access`).
    pub fn sessions(&self, person: &Person) -> Vec<Value> {
        list(self.get(&user(person, "/sessions")))
    }

    /// Their sessions that last, at this client.
    pub fn offline_sessions(&self, person: &Person, client: &str) -> Vec<Value> {
        list(
            self.get(&user(
                person,
                &format!("/offline-sessions/{}", self.client(client)["id"].as_str().expect("an id")),
            )),
        )
    }

    /// Ends their sessions and tells the clients' servers. Sessions that last stay as they are: an administrator's
    /// "sign out" in Keycloak does not end them and tells nobody of them.
    pub fn end_sessions(&self, person: &Person) {
        self.call("POST", &user(person, "/logout"), None);
    }

    /// Ends their sessions that last at this client and tells its server.
    pub fn end_offline_sessions(&self, person: &Person, client: &str) {
        for session in self.offline_sessions(person, client) {
            let id = session["id"].as_str().expect("a session has an id");
            self.call("DELETE", &format!("/sessions/{id}?isOffline=true"), None);
        }
    }

    /// From now on sign-outs are told to the server at `server_url`.
    pub fn set_backchannel_logout(&self, server_url: &str) {
        let url = format!("{server_url}{BACKCHANNEL_LOGOUT}");
        self.set_client_attribute(DESKTOP_CLIENT, "backchannel.logout.url", &url);
    }

    /// Sets an attribute of a client, such as `backchannel.logout.revoke.offline.tokens`.
    pub fn set_client_attribute(&self, client: &str, name: &str, value: &str) {
        let mut whole = self.client(client);
        whole["attributes"][name] = json!(value);
        self.call("PUT", &format!("/clients/{}", whole["id"].as_str().expect("an id")), Some(&whole));
    }

    /// Sets what the mail client's tokens are for from now on; `mail` at first.
    pub fn set_mail_audience(&self, audience: &str) {
        let mut client = self.client(MAIL_CLIENT);
        let mappers = client["protocolMappers"].as_array_mut().expect("a list");
        let of_audience = mappers.iter_mut().find(|mapper| mapper["config"]["included.custom.audience"].is_string());
        let mapper = of_audience.expect("the realm's file has one");
        mapper["config"]["included.custom.audience"] = json!(audience);
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        let (path, mapper) = (format!("protocol-mappers/models/{}", id(mapper)), mapper.clone());
        self.call("PUT", &format!("/clients/{}/{path}", id(&client)), Some(&mapper));
    }

    /// Sets how long access tokens live from now on, in seconds.
    pub fn set_access_token_lifespan(&self, seconds: u32) {
        self.call("PUT", "", Some(&json!({"accessTokenLifespan": seconds})));
    }

    /// Signs with a new key from now on; tokens of the old one stay valid.
    pub fn rotate_keys(&self) {
        let realm = self.get("");
        let key = json!({
            "name": format!("rsa-{}", short_id()), "parentId": realm["id"],
            "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            // Above that of every key before it; the highest one signs.
            "config": {"priority": [(self.keys().len() * 1000).to_string()], "algorithm": ["RS256"]},
        });
        self.call("POST", "/components", Some(&key));
    }

    fn keys(&self) -> Vec<Value> {
        list(self.get("/keys")["keys"].take())
    }

    /// Anything else of the Admin API: `path` is empty or begins with a slash and stands below the realm. The status
    /// and the body of the answer.
    pub fn admin_call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.keycloak.admin(method, &format!("/{}{path}", self.name), body);
        (answer.status, answer.json())
    }

    fn client(&self, client: &str) -> Value {
        let mut found = self.get(&format!("/clients?clientId={client}"));
        assert!(found[0].is_object(), "no client {client}: {found}");
        found[0].take()
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", path, None)
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.admin_call(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status}: {answer}");
        answer
    }
}

impl Drop for Realm<'_> {
    fn drop(&mut self) {
        // A Keycloak that has ended has no realms either.
        let _ = self.keycloak.try_admin("DELETE", &format!("/{}", self.name), None);
    }
}

fn user(person: &Person, below: &str) -> String {
    format!("/users/{}{below}", person.id)
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        other => panic!("not a list: {other}"),
    }
}

fn short_id() -> String {
    Uuid::new_v4().simple().to_string()[..12].to_owned()
}
