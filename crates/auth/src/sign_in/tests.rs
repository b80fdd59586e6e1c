use std::sync::atomic::Ordering;

use courrier_model::ExposeSecret;
use serde_json::json;

use super::*;
use crate::testing::{ALICE, Signer, TestIssuer, http, pages};

const LONG: Duration = Duration::from_secs(60);

fn options() -> SignInOptions {
    SignInOptions {
        pages: pages(),
        redirect: Redirect::default(),
        ui_locales: vec!["fr".into(), "en".into()],
        login_hint: None,
        reauthenticate: None,
    }
}

/// Signs in as somebody who consents; the browser's way back is the pasted address.
async fn sign_in(issuer: &TestIssuer, client: &Client, options: SignInOptions) -> Result<SignedIn, AuthError> {
    let attempt = client.sign_in(options).await?;
    let url = attempt.authorize_url();
    let back = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("has one").1.into_owned();
    let answer = format!("{back}?{}", issuer.consent(url));
    attempt.paste_handle().paste(&answer).expect("taken");
    attempt.wait(&CancellationToken::new(), LONG).await
}

#[tokio::test]
async fn somebody_signs_in() {
    let issuer = TestIssuer::start().await;
    let signed_in = sign_in(&issuer, &issuer.client(), options()).await.expect("signed in");
    assert_eq!(
        (signed_in.identity().subject.as_str(), signed_in.identity().issuer.as_str()),
        (ALICE, issuer.world.base.as_str())
    );
    assert_eq!(signed_in.refresh_token.expose_secret(), "refresh-0");
    assert!(!format!("{signed_in:?}").contains("refresh-0"));
}

#[tokio::test]
async fn the_issuer_is_asked_in_its_own_way() {
    let issuer = TestIssuer::start().await;
    let attempt = issuer.client().sign_in(SignInOptions { reauthenticate: Some(Duration::ZERO), ..options() }).await;
    let attempt = attempt.expect("begun");
    let query = attempt.authorize_url().query().expect("has one").to_owned();
    for part in ["scope=openid+offline_access", "prompt=login+consent", "max_age=0", "ui_locales=fr+en"] {
        assert!(query.split('&').any(|pair| pair == part), "{part}: {query}");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_an_unknown_one_not_again() {
    let issuer = TestIssuer::start().await;
    let client = issuer.client();
    sign_in(&issuer, &client, options()).await.expect("signed in");
    *issuer.world.signer.lock().expect("free") = Signer::new("k2");
    sign_in(&issuer, &client, options()).await.expect("the key is found");
    assert_eq!(issuer.world.discoveries.load(Ordering::SeqCst), 2);
    // A key that the issuer never shows: nobody can make us ask for it again and again.
    *issuer.world.shown.lock().expect("free") = Some(Signer::new("k9").jwk());
    *issuer.world.signer.lock().expect("free") = Signer::new("k3");
    for _ in 0..3 {
        let answer = sign_in(&issuer, &client, options()).await;
        assert_eq!(answer.expect_err("unknown"), AuthError::Forged(Forgery::Signature));
    }
    assert_eq!(issuer.world.discoveries.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_does_not_belong_together_is_refused() {
    let issuer = TestIssuer::start().await;
    let client = issuer.client();
    let claims = |claims: serde_json::Value| *issuer.world.claims.lock().expect("free") = claims;
    claims(json!({ "nonce": "of another attempt" }));
    let answer = sign_in(&issuer, &client, options()).await;
    assert_eq!(answer.expect_err("another nonce"), AuthError::Forged(Forgery::Nonce));
    claims(json!({}));
    let again = SignInOptions { reauthenticate: Some(Duration::ZERO), ..options() };
    let answer = sign_in(&issuer, &client, again).await;
    assert_eq!(answer.expect_err("no auth_time"), AuthError::Forged(Forgery::AuthTime));
    *issuer.world.gives_refresh_token.lock().expect("free") = false;
    assert_eq!(sign_in(&issuer, &client, options()).await.expect_err("none"), AuthError::NoRefreshToken);
}

#[tokio::test]
async fn a_code_that_is_not_ours_is_refused() {
    let issuer = TestIssuer::start().await;
    let client = issuer.client();
    let (victim, thief) =
        (client.sign_in(options()).await.expect("begun"), client.sign_in(options()).await.expect("begun"));
    // The thief's code under the victim's state: PKCE tells.
    let query = issuer.consent(thief.authorize_url());
    let state = |attempt: &SignIn| {
        attempt.authorize_url().query_pairs().find(|(name, _)| name == "state").expect("has one").1.into_owned()
    };
    let back =
        victim.authorize_url().query_pairs().find(|(name, _)| name == "redirect_uri").expect("has one").1.into_owned();
    let answer = format!("{back}?{}", query.replace(&state(&thief), &state(&victim)));
    victim.paste_handle().paste(&answer).expect("taken");
    let answer = victim.wait(&CancellationToken::new(), LONG).await;
    assert_eq!(answer.expect_err("refused"), AuthError::Refused { error: "invalid_grant".into() });
}

#[tokio::test]
async fn another_document_than_the_issuers_is_refused() {
    let issuer = TestIssuer::start().await;
    let url = format!("{}/", issuer.world.base).parse().expect("an issuer");
    let other = crate::Issuer::new(http(), url);
    let client = Client::new(other, issuer.client().registration().clone(), None);
    assert!(matches!(client.sign_in(options()).await, Err(AuthError::Misconfigured(_))));
}

#[tokio::test]
async fn a_code_entered_elsewhere_signs_in_too() {
    let issuer = TestIssuer::start().await;
    *issuer.world.polls.lock().expect("free") = vec!["authorization_pending", "authorization_pending"];
    let code = issuer.client().sign_in_by_code().await.expect("begun");
    assert_eq!(code.user_code(), "ABCD-EFGH");
    assert_eq!(code.verification_uri().as_str(), format!("{}/enter", issuer.world.base));
    let signed_in = code.wait(&CancellationToken::new()).await.expect("signed in");
    assert_eq!(signed_in.identity().subject, ALICE);
    assert_eq!(issuer.world.requests.load(Ordering::SeqCst), 3);
    for (error, expected) in [("access_denied", AuthError::Denied), ("expired_token", AuthError::CodeExpired)] {
        *issuer.world.polls.lock().expect("free") = vec![error];
        let code = issuer.client().sign_in_by_code().await.expect("begun");
        assert_eq!(code.wait(&CancellationToken::new()).await.expect_err(error), expected);
    }
}

#[tokio::test]
async fn waiting_for_a_code_can_be_cancelled() {
    let issuer = TestIssuer::start().await;
    *issuer.world.polls.lock().expect("free") = vec!["slow_down"; 100];
    let code = issuer.client().sign_in_by_code().await.expect("begun");
    let cancel = CancellationToken::new();
    let waiting = tokio::spawn({
        let cancel = cancel.clone();
        async move { code.wait(&cancel).await }
    });
    issuer.world.asked.acquire().await.expect("open").forget();
    cancel.cancel();
    assert_eq!(waiting.await.expect("ran").expect_err("cancelled"), AuthError::Cancelled);
}
