//! The server with tokens of real issuers: Keycloak, and one that has nothing of Keycloak's.

use std::cell::RefCell;
use std::time::Duration;

use courrier_tests::{CourrierServer, Issuer, Key, Keycloak, MAIL_CLIENT, OidcProvider, until};
use serde_json::{Value, json};

use crate::device::Device;

const CHANGES: &str = "/api/v1/changes";
const PATIENCE: Duration = Duration::from_secs(30);

fn set_theme(device: &Device, theme: &str) -> Value {
    let id = courrier_model::RecordId::PREFERENCES.to_string();
    let write = json!({"mutation_id": uuid::Uuid::new_v4(), "id": id, "kind": "preferences", "body": {"theme": theme}});
    device.post(CHANGES, &json!({"cursor": 0, "writes": [write]})).good()
}

#[test]
fn keycloaks_person_has_their_things_on_both_computers() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let person = realm.create_person();
    let desk = Device::new(server.url(), &realm.token_for(&person)).registered();
    let session = desk.get("/api/v1/session").good();
    assert_eq!(session["user"]["subject"], person.id);
    assert_eq!(session["user"]["email"], person.email);
    let laptop = Device::new(server.url(), &realm.token_for(&person)).registered();
    let events = laptop.listen();
    let answer = set_theme(&desk, "dark");
    assert_eq!(events.next().expect("told")["revision"], answer["revision"]);
    assert_eq!(laptop.get(CHANGES).good()["changes"][0]["body"]["theme"], "dark");
    let other = Device::new(server.url(), &realm.token_for(&realm.alice())).registered();
    assert_eq!(other.get(CHANGES).good()["changes"], json!([]));
}

#[test]
fn keycloak_binds_tokens_to_the_devices_key() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let key = Key::new();
    let tokens = realm.sign_in_as(&realm.alice()).dpop(&|method, url| key.proof(method, url)).run();
    assert_eq!(tokens.claims()["cnf"]["jkt"], key.thumbprint());
    let device = Device::bound(key, server.url(), &tokens.access_token).registered();
    device.get(CHANGES).good();
    let thief = Device::bound(Key::new(), server.url(), &tokens.access_token);
    assert_eq!(thief.get(CHANGES).refusal(), (401, "proof_invalid"));
    let thief = Device::new(server.url(), &tokens.access_token);
    assert_eq!(thief.get(CHANGES).refusal(), (401, "token_invalid"));
}

#[test]
fn tokens_that_keycloak_made_for_others_are_refused() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let alice = realm.alice();
    let mail = realm.sign_in_as(&alice).client(MAIL_CLIENT).scope("openid").run();
    let ours = realm.sign_in(&alice);
    for (what, token) in [
        ("a mail client's", mail.access_token.as_str()),
        ("an ID token", ours.id_token.as_deref().expect("there is one")),
        ("a refresh token", ours.refresh_token()),
    ] {
        assert_eq!(Device::new(server.url(), token).get(CHANGES).refusal(), (401, "token_invalid"), "{what}");
    }
    let elsewhere = Keycloak::shared().realm();
    let token = elsewhere.token_for(&elsewhere.alice());
    assert_eq!(Device::new(server.url(), &token).get(CHANGES).refusal(), (401, "token_invalid"), "another realm's");
}

#[test]
fn keycloaks_new_key_is_taken_at_once() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let device = Device::new(server.url(), &realm.token_for(&realm.alice())).registered();
    realm.rotate_keys();
    let device = device.with_token(&realm.token_for(&realm.alice()));
    device.get(CHANGES).good();
}

#[test]
fn keycloaks_role_opens_everybodys_log() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    let person = realm.create_person();
    let device = Device::new(server.url(), &realm.token_for(&person)).registered();
    assert_eq!(device.get("/api/v1/admin/audit").refusal(), (403, "forbidden"));
    realm.give_role(&person, "courrier-admin");
    let device = device.with_token(&realm.token_for(&person));
    let log = device.get("/api/v1/admin/audit").good();
    assert!(log["entries"].as_array().expect("a list").iter().any(|entry| entry["action"] == "device_registered"));
}

#[test]
fn keycloak_ends_a_desktops_session() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    realm.set_backchannel_logout(server.url());
    realm.set_client_attribute(courrier_tests::DESKTOP_CLIENT, "backchannel.logout.revoke.offline.tokens", "true");
    let person = realm.create_person();
    let device = Device::new(server.url(), &realm.token_for(&person)).registered();
    let bystander = Device::new(server.url(), &realm.token_for(&realm.bruno())).registered();
    let events = device.listen();
    realm.end_offline_sessions(&person, courrier_tests::DESKTOP_CLIENT);
    assert_eq!(events.next().expect("a last word")["type"], "ended");
    assert_eq!(events.next(), None);
    assert_eq!(device.get(CHANGES).refusal(), (401, "token_invalid"));
    bystander.get(CHANGES).good();
    // Signing in again is a new session, and the same device.
    let device = RefCell::new(Some(device));
    until("a new sign-in to be taken", PATIENCE, || {
        let again = device.take().expect("it is put back").with_token(&realm.token_for(&person));
        let answer = again.get(CHANGES);
        device.replace(Some(again));
        (answer.status == 200).then_some(())
    });
}

#[test]
fn keycloaks_browser_session_alone_ends_nothing_here() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::start(&realm);
    realm.set_backchannel_logout(server.url());
    let person = realm.create_person();
    let device = Device::new(server.url(), &realm.token_for(&person)).registered();
    // An online session beside it, whose end Keycloak tells.
    realm.sign_in_as(&person).scope("openid").run();
    realm.end_sessions(&person);
    until("Keycloak to tell", PATIENCE, || server.log().contains("/oidc/backchannel-logout").then_some(()));
    device.get(CHANGES).good();
}

#[test]
fn another_issuer_works_the_same() {
    for provider in [OidcProvider::start(), OidcProvider::with_bare_tokens()] {
        let server = CourrierServer::start(&provider);
        let desk = Device::new(server.url(), &provider.token_for(&provider.alice())).registered();
        let laptop = Device::new(server.url(), &provider.token_for(&provider.alice())).registered();
        set_theme(&desk, "light");
        assert_eq!(laptop.get(CHANGES).good()["changes"][0]["body"]["theme"], "light");
        let mail = provider.sign_in_as(&provider.alice()).client(MAIL_CLIENT).without_resource().scope("openid").run();
        let stranger = Device::new(server.url(), &mail.access_token);
        assert_eq!(stranger.get(CHANGES).refusal(), (401, "token_invalid"));
    }
}

#[test]
fn the_log_has_nothing_of_a_person_but_ids() {
    let realm = Keycloak::shared().realm();
    let server = CourrierServer::with(&realm).arguments(&["--log", "trace"]).start();
    let person = realm.create_person();
    let token = realm.token_for(&person);
    let device = Device::new(server.url(), &token).registered();
    set_theme(&device, "dark");
    let user = device.get("/api/v1/session").good()["user"]["id"].as_str().expect("an id").to_owned();
    let log = server.log();
    assert!(log.contains(&user), "{log}");
    for personal in [&person.email, &person.name, &person.username, &person.id, &token] {
        assert!(!log.contains(personal.as_str()), "{personal} is in\n{log}");
    }
    server.stop();
}
