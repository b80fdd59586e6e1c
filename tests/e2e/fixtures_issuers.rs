//! Both issuers: what their tokens say, and that they hold to what our realm demands.

use std::time::Duration;

use courrier_tests::{
    API_AUDIENCE, CourrierServer, DESKTOP_CLIENT, Issuer, Key, Keycloak, MAIL_CLIENT, OidcProvider, Person, Tokens,
    until,
};
use serde_json::json;

#[test]
fn keycloak_tells_our_server_who_somebody_is() {
    let realm = Keycloak::shared().realm();
    let (alice, admin) = (realm.alice(), realm.admin());
    let tokens = realm.sign_in_as(&alice).nonce("once").run();
    let claims = tokens.claims();
    assert_identity(&claims, &alice);
    assert_eq!(claims["iss"], realm.issuer());
    assert_eq!(claims["aud"], API_AUDIENCE);
    assert_eq!((&claims["typ"], &claims["azp"]), (&json!("Bearer"), &json!(DESKTOP_CLIENT)));
    assert_eq!(realm_roles(&tokens), ["courrier-user", "offline_access"]);
    let id = tokens.id_claims();
    assert_identity(&id, &alice);
    assert_eq!((&id["aud"], &id["nonce"]), (&json!(DESKTOP_CLIENT), &json!("once")));
    assert_eq!(realm_roles(&realm.sign_in(&admin)), ["courrier-admin", "courrier-user", "offline_access"]);

    let mail = realm.sign_in_as(&admin).client(MAIL_CLIENT).run();
    assert_eq!(mail.claims()["aud"], "mail");
    assert_eq!(realm_roles(&mail), ["offline_access"], "a mail client's token opens nothing of ours");
}

#[test]
fn the_other_issuer_tells_it_as_rfc_9068_has_it() {
    let provider = OidcProvider::start();
    let (alice, admin) = (provider.alice(), provider.admin());
    let tokens = provider.sign_in(&alice);
    assert_eq!(tokens.header()["typ"], "at+jwt");
    let claims = tokens.claims();
    assert_identity(&claims, &alice);
    assert_eq!(claims["iss"], provider.issuer());
    assert_eq!(claims["aud"].as_str(), provider.api_resource());
    assert_eq!((&claims["client_id"], &claims["azp"]), (&json!(DESKTOP_CLIENT), &json!(null)));
    assert_eq!(claims["roles"], json!(["courrier-user"]));
    assert_identity(&tokens.id_claims(), &alice);
    assert_eq!(provider.sign_in(&admin).claims()["roles"], json!(["courrier-admin"]));

    let bare = OidcProvider::with_bare_tokens();
    let claims = bare.sign_in(&alice).claims();
    assert_eq!((&claims["sub"], &claims["email"]), (&json!(alice.id), &json!(null)));
}

#[test]
fn a_refresh_token_is_good_for_one_time_and_reuse_ends_the_session() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.alice()), (&provider, provider.alice())];
    for (issuer, person) in cases {
        let first = issuer.sign_in(&person);
        let second = issuer.refresh(first.refresh_token(), DESKTOP_CLIENT).expect("it is good for one time");
        assert_ne!(first.refresh_token(), second.refresh_token());
        assert_eq!(second.claims()["aud"], first.claims()["aud"]);
        for used in [&first, &second] {
            let refused =
                issuer.refresh(used.refresh_token(), DESKTOP_CLIENT).expect_err("used before, or revoked by that");
            assert_eq!(refused["error"], "invalid_grant", "{}", issuer.issuer());
        }
    }
}

#[test]
fn revoking_ends_a_session_that_lasts() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.bruno()), (&provider, provider.bruno())];
    for (issuer, person) in cases {
        let tokens = issuer.sign_in(&person);
        issuer.revoke(tokens.refresh_token(), DESKTOP_CLIENT);
        let refused = issuer.refresh(tokens.refresh_token(), DESKTOP_CLIENT).expect_err("it is revoked");
        assert_eq!(refused["error"], "invalid_grant", "{}", issuer.issuer());
    }
}

#[test]
fn tokens_are_bound_to_a_key_that_proves_itself() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.alice()), (&provider, provider.alice())];
    for (issuer, person) in cases {
        let (key, other) = (Key::new(), Key::new());
        let proof = |method: &str, url: &str| key.proof(method, url);
        let tokens = issuer.sign_in_as(&person).dpop(&proof).run();
        assert_eq!((tokens.token_type.as_str(), &tokens.claims()["cnf"]["jkt"]), ("DPoP", &json!(key.thumbprint())));
        let stolen = |method: &str, url: &str| other.proof(method, url);
        let refused = issuer.refresh_with(tokens.refresh_token(), DESKTOP_CLIENT, Some(&stolen));
        refused.expect_err("public clients' refresh tokens are bound too");
        let again = issuer.refresh_with(tokens.refresh_token(), DESKTOP_CLIENT, Some(&proof)).expect("it is ours");
        assert_eq!(again.claims()["cnf"]["jkt"], json!(key.thumbprint()));
    }
}

#[test]
fn a_device_without_a_browser_gets_tokens_once_a_person_agrees() {
    let realm = Keycloak::shared().realm();
    let provider = OidcProvider::start();
    let cases: [(&dyn Issuer, Person); 2] = [(&realm, realm.create_person()), (&provider, provider.alice())];
    for (issuer, person) in cases {
        let resource = issuer.api_resource().map(|resource| ("resource", resource));
        // Keycloak demands PKCE (RFC 7636) here too, of a client that must use it; these are of its appendix B.
        let mut request = vec![
            ("client_id", DESKTOP_CLIENT),
            ("scope", "openid offline_access"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        request.extend(resource);
        let (status, device) = issuer.post("device_authorization_endpoint", &request);
        assert_eq!(status, 200, "{device}");
        let mut poll = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", device["device_code"].as_str().expect("a device code")),
            ("client_id", DESKTOP_CLIENT),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ];
        poll.extend(resource);
        assert_eq!(issuer.post("token_endpoint", &poll).1["error"], "authorization_pending", "{}", issuer.issuer());
        issuer.approve_device(device["verification_uri_complete"].as_str().expect("an address"), &person);
        let tokens = until("the tokens", Duration::from_secs(30), || {
            let (status, answer) = issuer.post("token_endpoint", &poll);
            assert!(status == 200 || answer["error"] == "slow_down", "{}: {answer}", issuer.issuer());
            (status == 200).then_some(answer)
        });
        assert!(tokens["refresh_token"].is_string(), "{tokens}");
    }
}

#[test]
fn an_administrator_of_the_realm_decides() {
    let realm = Keycloak::shared().realm();
    let person = realm.create_person();
    let tokens = realm.sign_in(&person);
    assert_identity(&tokens.claims(), &person);
    assert_eq!((realm.sessions(&person).len(), realm.offline_sessions(&person, DESKTOP_CLIENT).len()), (0, 1));
    realm.end_sessions(&person);
    assert_eq!(realm.offline_sessions(&person, DESKTOP_CLIENT).len(), 1, "it lasts");
    realm.end_offline_sessions(&person, DESKTOP_CLIENT);
    assert_eq!(realm.offline_sessions(&person, DESKTOP_CLIENT).len(), 0);
    let refused = realm.refresh(tokens.refresh_token(), DESKTOP_CLIENT).expect_err("its session has ended");
    assert_eq!(refused["error"], "invalid_grant");

    realm.give_role(&person, "courrier-admin");
    let tokens = realm.sign_in(&person);
    assert_eq!(realm_roles(&tokens), ["courrier-admin", "courrier-user", "offline_access"]);
    realm.take_role(&person, "courrier-admin");
    realm.disable(&person);
    let refused = realm.refresh(tokens.refresh_token(), DESKTOP_CLIENT).expect_err("the user is disabled");
    assert_eq!(refused["error_description"], "User disabled");
    realm.enable(&person);
    realm.set_password(&person, "another one");
    realm.set_access_token_lifespan(60);
    let tokens = realm.sign_in(&Person { password: "another one".into(), ..person.clone() });
    assert_eq!(realm_roles(&tokens), ["courrier-user", "offline_access"]);
    // What is left of it when the answer is written: the second may have ended meanwhile.
    assert!(matches!(tokens.json["expires_in"].as_u64(), Some(58..=60)), "{tokens:?}");

    let old = tokens.header()["kid"].clone();
    realm.rotate_keys();
    assert_ne!(realm.sign_in(&realm.alice()).header()["kid"], old);
    realm.rotate_keys();
    let (status, _) = realm.admin_call("GET", &format!("/users/{}", person.id), None);
    assert_eq!(status, 200);
    realm.delete(&person);
    let (status, _) = realm.admin_call("GET", &format!("/users/{}", person.id), None);
    assert_eq!(status, 404);
}

#[test]
fn realms_share_nothing() {
    let (one, other) = (Keycloak::shared().realm(), Keycloak::shared().realm());
    assert_ne!(one.issuer(), other.issuer());
    assert_ne!(one.alice().id, other.alice().id);
    let tokens = one.sign_in(&one.alice());
    assert!(other.refresh(tokens.refresh_token(), DESKTOP_CLIENT).is_err());
}

fn assert_identity(claims: &serde_json::Value, person: &Person) {
    assert_eq!(claims["sub"], person.id.as_str());
    assert_eq!(claims["email"], person.email.as_str());
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["name"], person.name.as_str());
    assert_eq!(claims["preferred_username"], person.username.as_str());
}

/// The roles as Keycloak has them, sorted.
fn realm_roles(tokens: &Tokens) -> Vec<String> {
    let claims = tokens.claims();
    let roles = claims["realm_access"]["roles"].as_array().cloned().unwrap_or_default();
    let mut roles: Vec<_> = roles.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect();
    roles.sort();
    roles
}

#[test]
fn our_server_tells_desktops_where_to_sign_in() {
    let provider = OidcProvider::start();
    let server = CourrierServer::with(&provider).start();
    let address = format!("{}/.well-known/courrier", server.url());
    let mut answer = ureq::get(&address).call().unwrap_or_else(|e| panic!("{e}: {}", server.log()));
    let text = answer.body_mut().read_to_string().expect("it says all");
    assert!(text.contains(&provider.issuer()) && text.contains(DESKTOP_CLIENT), "{text}");
}
