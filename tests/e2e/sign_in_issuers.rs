//! Signing in at real issuers by `courrier-auth`, and the session that follows. Both issuers are treated alike.

use std::time::Duration;

use courrier_auth::{AuthError, CancellationToken, DeviceKey, Forgery, Revocation, SignInOptions};
use courrier_model::{ExposeSecret, Timestamp};
use courrier_tests::{DESKTOP_CLIENT, Issuer, Keycloak, OidcProvider, Person};
use serde_json::Value;

use crate::desktop::{LONG, Place, client, client_at, now, options, sign_in, walk};

const MINUTE: Duration = Duration::from_secs(60);

/// The claims of an access token, not verified: that is the server's part.
fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// Runs the same at both issuers.
async fn at_both(test: impl AsyncFn(&(dyn Issuer + Sync), Person)) {
    let realm = Keycloak::shared().realm();
    test(&realm, realm.alice()).await;
    let provider = OidcProvider::start();
    test(&provider, provider.alice()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_and_the_session_lasts() {
    at_both(async |issuer, alice| {
        let client = client(issuer, None);
        let signed_in = sign_in(issuer, &client, &alice).await.expect("signed in");
        let identity = signed_in.identity().clone();
        assert_eq!((&identity.issuer, &identity.subject), (&issuer.issuer(), &alice.id));
        assert_eq!(identity.email.as_deref(), Some(alice.email.as_str()));
        let place = Place::default();
        let session = place.begin(&client, signed_in).await;
        let mut seen = vec![place.refresh_token().expect("kept")];
        for _ in 0..3 {
            let token = session.ensure_fresh(MINUTE).await.expect("fresh");
            assert!(!token.is_bound());
            assert_eq!(claims(token.secret().expose_secret())["sub"], alice.id.as_str());
            session.refused(&token);
            session.ensure_fresh(MINUTE).await.expect("fresh");
            let kept = place.refresh_token().expect("kept");
            assert!(!seen.contains(&kept), "the refresh token rotates");
            seen.push(kept);
        }
        let answer = session.ensure_fresh(Duration::from_secs(86_400)).await;
        answer.expect("what lasts less than asked for is given all the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_bound_to_the_device() {
    at_both(async |issuer, alice| {
        let key = DeviceKey::generate().expect("generated");
        let client = client(issuer, Some(key.clone()));
        let signed_in = sign_in(issuer, &client, &alice).await.expect("signed in");
        let place = Place::default();
        let session = place.begin(&client, signed_in).await;
        for _ in 0..2 {
            let token = session.ensure_fresh(MINUTE).await.expect("fresh");
            assert!(token.is_bound());
            assert_eq!(claims(token.secret().expose_secret())["cnf"]["jkt"], key.thumbprint());
            session.refused(&token);
        }
        let stolen = place.refresh_token().expect("kept");
        issuer.refresh(&stolen, DESKTOP_CLIENT).expect_err("without the key it opens nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_in_several_processes_never_use_a_token_twice() {
    at_both(async |issuer, alice| {
        let client = client(issuer, None);
        let place = Place::default();
        drop(place.begin(&client, sign_in(issuer, &client, &alice).await.expect("signed in")).await);
        // Reuse would end the session, at both issuers.
        let processes: Vec<_> = (0..4).map(|_| place.resume(&client)).collect();
        for _ in 0..3 {
            let callers = processes.iter().flat_map(|session| std::iter::repeat_n(session, 50));
            let tokens = futures_util::future::join_all(callers.map(|session| session.ensure_fresh(MINUTE))).await;
            for (session, tokens) in processes.iter().zip(tokens.chunks(50)) {
                for token in tokens {
                    session.refused(token.as_ref().expect("fresh"));
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_out_means_that_the_token_is_refused() {
    at_both(async |issuer, alice| {
        let client = client(issuer, None);
        let place = Place::default();
        let session = place.begin(&client, sign_in(issuer, &client, &alice).await.expect("signed in")).await;
        let refresh_token = place.refresh_token().expect("kept");
        let signed_out = session.sign_out().await.expect("signed out");
        assert_eq!(signed_out.revocation, Revocation::Revoked);
        assert_eq!(place.refresh_token(), None);
        let refused = issuer.refresh(&refresh_token, DESKTOP_CLIENT).expect_err("it was revoked");
        assert_eq!(refused["error"], "invalid_grant");
        assert_eq!(session.ensure_fresh(MINUTE).await.expect_err("over"), AuthError::SignedOut);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_entered_elsewhere() {
    at_both(async |issuer, alice| {
        let code = client(issuer, None).sign_in_by_code().await.expect("begun");
        assert!(code.expires_at() > now() && !code.user_code().is_empty());
        let address = code.verification_uri_complete().expect("both issuers give one").clone();
        tokio::task::block_in_place(|| issuer.approve_device(address.as_str(), &alice));
        let signed_in = code.wait(&CancellationToken::new()).await.expect("signed in");
        assert_eq!(signed_in.identity().subject, alice.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_can_be_asked_again() {
    at_both(async |issuer, alice| {
        let again = SignInOptions { reauthenticate: Some(Duration::ZERO), ..options() };
        let attempt = client(issuer, None).sign_in(again).await.expect("begun");
        walk(issuer, &attempt, &alice).await;
        let signed_in = attempt.wait(&CancellationToken::new(), LONG).await.expect("typed again");
        assert_eq!(signed_in.identity().subject, alice.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_attempts_at_once_are_two_people_if_need_be() {
    let realm = Keycloak::shared().realm();
    let client = client(&realm, None);
    let (first, second) =
        (client.sign_in(options()).await.expect("begun"), client.sign_in(options()).await.expect("begun"));
    walk(&realm, &second, &realm.bruno()).await;
    walk(&realm, &first, &realm.alice()).await;
    for (attempt, person) in [(first, realm.alice()), (second, realm.bruno())] {
        let signed_in = attempt.wait(&CancellationToken::new(), LONG).await.expect("signed in");
        assert_eq!(signed_in.identity().subject, person.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_may_change_its_keys() {
    let realm = Keycloak::shared().realm();
    let client = client(&realm, None);
    sign_in(&realm, &client, &realm.alice()).await.expect("signed in");
    realm.rotate_keys();
    sign_in(&realm, &client, &realm.alice()).await.expect("the new key is fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_disabled_is_signed_out() {
    let realm = Keycloak::shared().realm();
    let (client, person) = (client(&realm, None), realm.create_person());
    let place = Place::default();
    let session = place.begin(&client, sign_in(&realm, &client, &person).await.expect("signed in")).await;
    realm.disable(&person);
    let token = session.ensure_fresh(MINUTE).await.expect("still in memory");
    session.refused(&token);
    assert_eq!(session.ensure_fresh(MINUTE).await.expect_err("refused"), AuthError::SignedOut);
}

fn ahead() -> Timestamp {
    now() + Duration::from_secs(7200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_named() {
    let key = DeviceKey::generate().expect("generated");
    let realm = Keycloak::shared().realm();
    let client = client_at(&realm, Some(key.clone()), ahead);
    let answer = sign_in(&realm, &client, &realm.alice()).await.expect_err("it does not accept the proof");
    assert_eq!(answer, AuthError::Refused { error: "invalid_dpop_proof".into() });
    // Somebody who knows the time: the proof is fine, and the ID token can be judged.
    client.issuer().observe_time(now());
    let by_keycloak = sign_in(&realm, &client, &realm.alice()).await.expect_err("two hours are too much");
    // This one dates its answers.
    let provider = OidcProvider::start();
    let client = client_at(&provider, Some(key), ahead);
    let by_the_other = sign_in(&provider, &client, &provider.alice()).await.expect_err("two hours are too much");
    for answer in [by_keycloak, by_the_other] {
        match answer {
            AuthError::ClockSkew { seconds } => assert!((7100..7300).contains(&seconds), "{seconds}"),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_while_the_clock_is_wrong() {
    at_both(async |issuer, alice| {
        let key = DeviceKey::generate().expect("generated");
        let right = client(issuer, Some(key.clone()));
        let place = Place::default();
        drop(place.begin(&right, sign_in(issuer, &right, &alice).await.expect("signed in")).await);
        // This computer's, or that of whoever tells the time.
        for (own, told) in [(ahead as fn() -> Timestamp, now()), (now, ahead())] {
            let client = client_at(issuer, Some(key.clone()), own);
            client.issuer().observe_time(told);
            let session = place.resume(&client);
            for _ in 0..2 {
                let token = session.ensure_fresh(MINUTE).await.expect("fresh");
                session.refused(&token);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_is_who_it_says() {
    let realm = Keycloak::shared().realm();
    let other = Keycloak::shared().realm();
    let attempt = client(&realm, None).sign_in(options()).await.expect("begun");
    // The person was led to another realm, whose answer comes back with everything right but its name.
    let address = attempt.authorize_url().as_str().replace(&realm.issuer(), &other.issuer());
    tokio::task::block_in_place(|| other.approve_device(&address, &other.alice()));
    let answer = attempt.wait(&CancellationToken::new(), LONG).await;
    assert_eq!(answer.expect_err("another realm"), AuthError::Forged(Forgery::Issuer));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_issuer_is_not_asked_twice() {
    let realm = Keycloak::shared().realm();
    for (path, expected) in
        [("/", "its document names another issuer"), ("/nothing-here", "discovery was answered with 404 Not Found")]
    {
        let url = format!("{}{path}", realm.issuer()).parse().expect("an address");
        let http = courrier_auth::Http::new(courrier_auth::Clock::new(now));
        let issuer = courrier_auth::Issuer::new(http, url);
        let client = courrier_auth::Client::new(issuer, client(&realm, None).registration().clone(), None);
        let answer = client.sign_in(options()).await;
        assert_eq!(answer.expect_err("no issuer"), AuthError::Misconfigured(expected.into()));
    }
}
