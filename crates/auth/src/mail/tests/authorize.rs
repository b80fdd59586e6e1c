use courrier_model::Address;
use oauth2::url::Url;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::{ALICE, Signer, http, pages};
use crate::{Explanation, Forgery, ProviderError, RedirectHost, Verdict};

fn options() -> AuthorizeOptions {
    let login_hint = Some("alice@example.test".to_owned());
    AuthorizeOptions { pages: pages(), login_hint, ui_locales: vec!["fr".into()], reconsent: false }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut found = url.query_pairs().filter(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    let value = found.next();
    assert_eq!(found.next(), None, "{name} once");
    value
}

/// The way of somebody whose browser brings this answer back.
async fn answered(client: &MailClient, answer: impl FnOnce(&Url) -> String) -> Result<Consent, AuthError> {
    let attempt = client.authorize(options()).await?;
    let url = attempt.authorize_url();
    let back = parameter(url, "redirect_uri").expect("has one");
    attempt.paste_handle().paste(&format!("{back}?{}", answer(url))).expect("taken");
    attempt.wait(&CancellationToken::new(), MINUTE).await
}

async fn consent_at(issuer: &TestIssuer, provider: MailProvider) -> Result<Consent, AuthError> {
    let client = MailClient::new(http(), provider).expect("private");
    answered(&client, |url| issuer.consent(url)).await
}

fn claims(issuer: &TestIssuer, claims: Value) {
    *issuer.world.claims.lock().expect("free") = claims;
}

fn scope(issuer: &TestIssuer, scope: &str) {
    *issuer.world.scope.lock().expect("free") = Some(scope.into());
}

#[tokio::test]
async fn somebody_consents() {
    let issuer = TestIssuer::start().await;
    claims(&issuer, json!({ "email": "Alice@Example.test" }));
    scope(&issuer, "openid smtp imap");
    let consent = consent_at(&issuer, provider(&issuer)).await.expect("consented");
    assert_eq!((consent.consented_as(), consent.missing_scopes.len()), (Some("Alice@Example.test"), 0));
    assert_eq!(consent.identity.as_ref().map(|identity| identity.subject.as_str()), Some(ALICE));
    let address = |text: &str| text.parse::<Address>().expect("valid");
    assert_eq!(consent.names(&address("alice@example.test")), Some(true));
    assert_eq!(consent.names(&address("bruno@example.test")), Some(false));
    let tokens = &consent.tokens;
    assert_eq!((tokens.provider.as_str(), tokens.client_id.as_str(), tokens.generation), ("test", CLIENT, 0));
    assert_eq!(tokens.token_endpoint.as_str(), format!("{}/token", issuer.world.base));
    assert_eq!(tokens.refresh_token.expose_secret(), "refresh-0");
    assert_eq!(tokens.access_token.as_ref().map(ExposeSecret::expose_secret), Some("access-0"));
    assert_eq!(tokens.scopes, ["openid", "smtp", "imap"]);
    assert!(tokens.mail_hosts.covers(&host(IMAP)));
    assert!(!format!("{consent:?}").contains("refresh-0"));

    let place = Place::default();
    let custodian = place.process(provider(&issuer));
    custodian.replace(consent.tokens).await.expect("kept");
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-0"), "what came with the consent is used");
    assert_eq!(place.kept(), Some(("refresh-0".into(), 1)));
}

#[tokio::test]
async fn the_provider_is_asked_in_its_own_way() {
    let issuer = TestIssuer::start().await;
    let mut asked = provider(&issuer);
    asked.redirect = Redirect { host: RedirectHost::Localhost, path: "/".into() };
    let client = MailClient::new(http(), asked).expect("private");
    let attempt = client.authorize(options()).await.expect("begun");
    let url = attempt.authorize_url().clone();
    for (name, value) in [
        ("scope", "imap smtp offline_access openid email"),
        ("access_type", "offline"),
        ("login_hint", "alice@example.test"),
        ("ui_locales", "fr"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&url, name).as_deref(), Some(value));
    }
    assert_eq!(parameter(&url, "prompt"), None);
    let redirect = parameter(&url, "redirect_uri").expect("has one");
    let port = redirect.strip_prefix("http://localhost:").expect("by its name");
    assert!(port.parse::<u16>().is_ok(), "{redirect} has no path, as it is registered");
    attempt.paste_handle().paste(&format!("{redirect}/?{}", issuer.consent(&url))).expect("taken");
    attempt.wait(&CancellationToken::new(), MINUTE).await.expect("consented");
    assert_eq!(issuer.world.form.lock().expect("free")["redirect_uri"], redirect, "the same letter by letter");

    let again = client.authorize(AuthorizeOptions { reconsent: true, ..options() }).await.expect("begun");
    assert_eq!(parameter(again.authorize_url(), "prompt").as_deref(), Some("consent"));
}

#[tokio::test]
async fn what_is_missing_is_noticed_at_once() {
    let issuer = TestIssuer::start().await;
    scope(&issuer, "imap openid email");
    let consent = consent_at(&issuer, provider(&issuer)).await.expect("consented");
    assert_eq!(consent.missing_scopes, ["smtp"]);
    *issuer.world.gives_refresh_token.lock().expect("free") = false;
    assert_eq!(consent_at(&issuer, provider(&issuer)).await.expect_err("none"), AuthError::NoRefreshToken);
}

#[tokio::test]
async fn a_provider_that_does_not_say_who_it_was_is_not_asked() {
    let issuer = TestIssuer::start().await;
    let silent = MailProvider { metadata: None, identity_scopes: Vec::new(), ..provider(&issuer) };
    let client = MailClient::new(http(), silent).expect("private");
    let attempt = client.authorize(options()).await.expect("begun");
    assert_eq!(parameter(attempt.authorize_url(), "nonce"), None);
    let consent = answered(&client, |url| issuer.consent(url)).await.expect("consented");
    assert_eq!(consent.names(&"alice@example.test".parse().expect("valid")), None);
}

#[tokio::test]
async fn a_forged_identity_ends_the_attempt_and_missing_keys_do_not() {
    let issuer = TestIssuer::start().await;
    claims(&issuer, json!({ "nonce": "of another attempt" }));
    let forged = consent_at(&issuer, provider(&issuer)).await;
    assert_eq!(forged.expect_err("another nonce"), AuthError::Forged(Forgery::Nonce));
    claims(&issuer, json!({ "aud": "another-client", "azp": "another-client" }));
    let forged = consent_at(&issuer, provider(&issuer)).await;
    assert_eq!(forged.expect_err("another client"), AuthError::Forged(Forgery::Audience));
    claims(&issuer, json!({ "iss": "https://evil.test" }));
    let forged = consent_at(&issuer, provider(&issuer)).await;
    assert_eq!(forged.expect_err("another issuer"), AuthError::Forged(Forgery::Audience));
    claims(&issuer, json!({}));
    *issuer.world.shown.lock().expect("free") = Some(Signer::new("k1").jwk());
    let forged = consent_at(&issuer, provider(&issuer)).await;
    assert_eq!(forged.expect_err("another key"), AuthError::Forged(Forgery::Signature));
    *issuer.world.shown.lock().expect("free") = None;
    *issuer.world.document.lock().expect("free") = json!({ "issuer": "https://evil.test" });
    let forged = consent_at(&issuer, provider(&issuer)).await;
    assert!(matches!(forged, Err(AuthError::Misconfigured(_))), "another issuer's document and keys");
    *issuer.world.document.lock().expect("free") = json!({ "jwks_uri": format!("{}/gone", issuer.world.base) });
    let consent = consent_at(&issuer, provider(&issuer)).await.expect("consented all the same");
    assert_eq!(consent.consented_as(), Some("alice"), "the provider's own endpoint said so");
}

#[tokio::test]
async fn somebody_else_is_noticed_although_the_keys_can_not_be_had() {
    let issuer = TestIssuer::start().await;
    let gone = json!({ "jwks_uri": format!("{}/gone", issuer.world.base) });
    *issuer.world.document.lock().expect("free") = gone;
    claims(&issuer, json!({ "email": "bruno@example.test" }));
    let consent = consent_at(&issuer, provider(&issuer)).await.expect("consented");
    assert_eq!(consent.names(&"alice@example.test".parse().expect("valid")), Some(false));
    for (forged, expected) in [
        (json!({ "nonce": "of another attempt" }), Forgery::Nonce),
        (json!({ "aud": "another-client", "azp": "another-client" }), Forgery::Audience),
        (json!({ "aud": [CLIENT, "another-client"], "azp": "another-client" }), Forgery::Audience),
        (json!({ "iss": "https://evil.test" }), Forgery::Audience),
        (json!({ "sub": "" }), Forgery::Subject),
    ] {
        claims(&issuer, forged);
        let refused = consent_at(&issuer, provider(&issuer)).await;
        assert_eq!(refused.expect_err("not for us"), AuthError::Forged(expected));
    }
}

#[tokio::test]
async fn who_consented_is_known_whatever_the_clock_says() {
    let issuer = TestIssuer::start().await;
    for off in [-7200, 7200] {
        let http = http_off_by(Arc::new(AtomicI64::new(off)));
        let client = MailClient::new(http, provider(&issuer)).expect("private");
        let consent = answered(&client, |url| issuer.consent(url)).await.expect("consented");
        assert_eq!(consent.consented_as(), Some("alice"), "{off}");
    }
}

#[tokio::test]
async fn one_document_for_all_tenants_names_none_and_the_token_its_own() {
    const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    const OTHER: &str = "00000000-0000-0000-0000-000000000001";
    let issuer = TestIssuer::start().await;
    let template = "https://login.example.test/{tenantid}/v2.0";
    let name = |tenant: &str| template.replace("{tenantid}", tenant);
    let tenants = || MailProvider { issuer: Some(template.into()), ..provider(&issuer) };
    let document = |issuer_name: &str| *issuer.world.document.lock().expect("free") = json!({ "issuer": issuer_name });
    let token = |iss: &str, tid: Value| claims(&issuer, json!({ "iss": iss, "tid": tid }));
    let shown = |of: &str| {
        let mut key = issuer.world.signer.lock().expect("free").jwk();
        key["issuer"] = of.into();
        *issuer.world.shown.lock().expect("free") = Some(key);
    };
    for (said, key) in [(template.to_owned(), template.to_owned()), (name(TENANT), name(TENANT))] {
        document(&said);
        shown(&key);
        token(&name(TENANT), TENANT.into());
        let consent = consent_at(&issuer, tenants()).await.expect("consented");
        assert_eq!(consent.identity.expect("known").issuer, name(TENANT));
    }
    document(template);
    shown(template);
    for (iss, tid) in [
        (name(OTHER), json!(TENANT)),
        (name(TENANT), Value::Null),
        (template.to_owned(), json!("{tenantid}")),
        ("https://login.example.test/x/../evil/v2.0".to_owned(), json!("x/../evil")),
    ] {
        token(&iss, tid);
        let forged = consent_at(&issuer, tenants()).await;
        assert_eq!(forged.expect_err(&iss), AuthError::Forged(Forgery::Audience), "{iss}");
    }
    token(&name(TENANT), TENANT.into());
    shown(&name(OTHER));
    let forged = consent_at(&issuer, tenants()).await;
    assert_eq!(forged.expect_err("another tenant's key"), AuthError::Forged(Forgery::Signature));
}

#[tokio::test]
async fn an_administrator_who_has_to_consent_is_told_from_a_person_who_said_no() {
    let issuer = TestIssuer::start().await;
    let client = MailClient::new(http(), provider(&issuer)).expect("private");
    let refused = |description: &'static str| {
        let base = issuer.world.base.clone();
        let client = client.clone();
        async move {
            let answer = move |url: &Url| {
                let state = parameter(url, "state").expect("has one");
                format!("error=access_denied&error_description={description}&state={state}&iss={base}")
            };
            answered(&client, answer).await.expect_err("refused")
        }
    };
    assert_eq!(refused("no").await, AuthError::Denied);
    let explanation = Some(Explanation::AdminConsent);
    let expected = ProviderError { verdict: Verdict::SignInAgain, error: "access_denied".into(), explanation };
    assert_eq!(refused("AADSTS90094%3a+The+grant+requires+admin+permission.").await, AuthError::Provider(expected));
}

#[tokio::test]
async fn the_token_endpoints_refusal_is_explained() {
    let issuer = TestIssuer::start().await;
    ail(&issuer, 400, None, r#"{"error":"invalid_request","error_codes":[50011]}"#);
    let explanation = Some(Explanation::RedirectMismatch);
    let expected = ProviderError { verdict: Verdict::Configuration, error: "invalid_request".into(), explanation };
    let refused = consent_at(&issuer, provider(&issuer)).await.expect_err("refused");
    assert_eq!(refused, AuthError::Provider(expected));
}

#[tokio::test]
async fn a_code_entered_elsewhere_consents_too() {
    let issuer = TestIssuer::start().await;
    *issuer.world.polls.lock().expect("free") = vec!["authorization_pending"];
    let client = MailClient::new(http(), provider(&issuer)).expect("private");
    let code = client.authorize_by_code().await.expect("begun");
    assert_eq!(code.user_code(), "ABCD-EFGH");
    let consent = code.wait(&CancellationToken::new()).await.expect("consented");
    assert_eq!((consent.consented_as(), consent.tokens.refresh_token.expose_secret()), (Some("alice"), "refresh-0"));
    for (error, expected) in [("authorization_declined", AuthError::Denied), ("expired_token", AuthError::CodeExpired)]
    {
        *issuer.world.polls.lock().expect("free") = vec![error];
        let code = client.authorize_by_code().await.expect("begun");
        assert_eq!(code.wait(&CancellationToken::new()).await.expect_err(error), expected);
    }
    let without = MailClient::new(http(), MailProvider { device: None, ..provider(&issuer) }).expect("private");
    assert_eq!(without.authorize_by_code().await.expect_err("none"), AuthError::NotOffered("device codes"));
}

#[tokio::test]
async fn nothing_is_asked_in_the_clear() {
    let issuer = TestIssuer::start().await;
    let clear: Url = "http://id.example.test/x".parse().expect("valid");
    let private = provider(&issuer);
    for provider in [
        MailProvider { authorization: clear.clone(), ..private.clone() },
        MailProvider { token: clear.clone(), ..private.clone() },
        MailProvider { revocation: Some(clear.clone()), ..private.clone() },
        MailProvider { device: Some(clear.clone()), ..private.clone() },
        MailProvider { metadata: Some(clear), ..private },
    ] {
        assert_eq!(MailClient::new(http(), provider).expect_err("in the clear"), AuthError::Insecure);
    }
}
