use serde_json::{Value, json};

use super::*;
use crate::testing::http;
use crate::{IssuerUrl, RedirectHost};

fn options(client_id: Option<&str>) -> DiscoverOptions {
    DiscoverOptions {
        client_id: client_id.map(str::to_owned),
        client_secret: None,
        client_name: "Courrier".into(),
        scopes: Vec::new(),
        redirect: Redirect::default(),
        mail_hosts: MailHosts::new([host(IMAP)]),
    }
}

async fn discover(issuer: &TestIssuer, options: DiscoverOptions) -> Result<MailProvider, AuthError> {
    let name: IssuerUrl = issuer.world.base.parse().expect("an issuer");
    MailProvider::discover(&http(), &name, options).await
}

fn document(issuer: &TestIssuer, members: Value) {
    *issuer.world.document.lock().expect("free") = members;
}

#[tokio::test]
async fn an_issuer_says_what_it_is() {
    let issuer = TestIssuer::start().await;
    document(&issuer, json!({ "scopes_supported": ["openid", "email", "offline_access", "imap"] }));
    let named = DiscoverOptions { scopes: vec!["mail".into(), "imap".into()], ..options(Some("ours")) };
    let found = discover(&issuer, named).await.expect("found");
    assert_eq!((found.id.as_str(), found.client_id.as_str()), (issuer.world.base.as_str(), "ours"));
    assert_eq!(found.token.as_str(), format!("{}/token", issuer.world.base));
    assert!(found.device.is_some() && found.revocation.is_some() && found.metadata.is_some() && found.names_itself);
    assert_eq!(found.scopes, ["imap", "offline_access"], "what it does not have is not asked for");
    assert_eq!(found.identity_scopes, ["openid", "email"], "nor here");
    assert_eq!(found.parameters, [("prompt".to_owned(), "consent".to_owned())], "OIDC Core section 11");
    assert_eq!((found.rotation, found.mail_hosts), (Rotation::Unknown, MailHosts::new([host(IMAP)])));
    assert!(issuer.world.registrations.lock().expect("free").is_empty());
}

#[tokio::test]
async fn without_a_client_id_this_program_introduces_itself() {
    let issuer = TestIssuer::start().await;
    assert_eq!(
        discover(&issuer, options(None)).await.expect_err("closed"),
        AuthError::NotOffered("client registration")
    );
    document(&issuer, json!({ "registration_endpoint": format!("{}/register", issuer.world.base) }));
    let found = discover(&issuer, options(None)).await.expect("found");
    assert_eq!(found.client_id, CLIENT);
    assert!(found.client_secret.is_none(), "it was registered as one without a secret");
    let asked = issuer.world.registrations.lock().expect("free").pop().expect("asked");
    assert_eq!(asked["redirect_uris"], json!(["http://127.0.0.1/callback"]));
    assert_eq!((&asked["token_endpoint_auth_method"], &asked["client_name"]), (&json!("none"), &json!("Courrier")));
    assert_eq!(asked["scope"], "offline_access openid email profile");

    *issuer.world.refuses_scope.lock().expect("free") = true;
    let redirect = Redirect { host: RedirectHost::Localhost, path: "/".into() };
    let found = discover(&issuer, DiscoverOptions { redirect, ..options(None) }).await.expect("found");
    assert_eq!(found.client_id, CLIENT, "without scopes it may");
    let asked = issuer.world.registrations.lock().expect("free").clone();
    assert_eq!((asked.len(), asked[1].get("scope")), (2, None));
    assert_eq!(asked[1]["redirect_uris"], json!(["http://localhost"]));
}

#[tokio::test]
async fn a_server_of_plain_oauth_will_do() {
    let issuer = TestIssuer::start().await;
    *issuer.world.plain.lock().expect("free") = true;
    document(
        &issuer,
        json!({ "jwks_uri": null, "scopes_supported": ["urn:ietf:params:oauth:scope:mail", "offline_access"] }),
    );
    let found = discover(&issuer, options(Some("ours"))).await.expect("found");
    assert_eq!(found.scopes, ["urn:ietf:params:oauth:scope:mail", "offline_access"]);
    assert!(found.metadata.is_none() && found.identity_scopes.is_empty() && found.parameters.is_empty());
}

#[tokio::test]
async fn what_could_send_a_code_elsewhere_is_refused() {
    let issuer = TestIssuer::start().await;
    let evil = "https://evil.test/x";
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "device_authorization_endpoint",
        "revocation_endpoint",
        "registration_endpoint",
    ] {
        document(&issuer, json!({ member: evil }));
        let refused = discover(&issuer, options(Some("ours"))).await.expect_err(member);
        assert!(matches!(refused, AuthError::Misconfigured(_)), "{member}: {refused:?}");
        document(&issuer, json!({ member: "http://evil.test/x" }));
        assert_eq!(discover(&issuer, options(Some("ours"))).await.expect_err(member), AuthError::Insecure);
    }
    for (what, members) in [
        ("another name", json!({ "issuer": "https://accounts.google.com" })),
        ("no PKCE", json!({ "code_challenge_methods_supported": ["plain"] })),
        ("no token endpoint", json!({ "token_endpoint": null })),
    ] {
        document(&issuer, members);
        let refused = discover(&issuer, options(Some("ours"))).await.expect_err(what);
        assert!(matches!(refused, AuthError::Misconfigured(_)), "{what}: {refused:?}");
    }
    document(&issuer, json!({}));
    discover(&issuer, options(Some("ours"))).await.expect("as it was");
}

#[tokio::test]
async fn a_known_provider_is_not_taken_from_a_servers_words() {
    for name in ["https://accounts.google.com", "https://login.microsoftonline.com/common/v2.0"] {
        let name = name.parse().expect("an issuer");
        // Before anything is asked: this computer may be offline.
        let refused = MailProvider::discover(&http(), &name, options(Some("ours"))).await.expect_err("known");
        assert!(matches!(refused, AuthError::Misconfigured(_)), "{refused:?}");
    }
}
