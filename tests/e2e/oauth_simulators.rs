//! Authorising a mail account at simulators of Microsoft's and Google's endpoints, and what their documentation warns of.

use courrier_auth::{AuthError, CancellationToken, Consent, Explanation, MailProvider, ProviderError, Revocation};
use courrier_auth::{Redirect, RedirectHost};
use courrier_model::ExposeSecret;
use courrier_tests::simulators::{Aadsts, GoogleError, GoogleSimulator, MicrosoftSimulator, Odd, Simulator, Walked};

use crate::oauth_place::{ALICE, MINUTE, Place, asking, authorise, client, google, microsoft};

#[tokio::test(flavor = "multi_thread")]
async fn microsoft_replaces_the_refresh_token_and_the_old_one_stays_good() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let consent = authorise(&simulator, &provider, asking(ALICE)).await.expect("consented");
    assert_eq!((consent.consented_as(), &consent.missing_scopes[..]), (Some(ALICE), &[][..]));
    assert_eq!(consent.names(&ALICE.parse().expect("an address")), Some(true));
    let asked = simulator.authorizations().pop().expect("it was asked");
    assert_eq!((asked["code_challenge_method"].as_str(), asked["login_hint"].as_str()), ("S256", ALICE));
    assert!(asked["scope"].split(' ').any(|scope| scope == "offline_access"), "{asked:?}");
    assert!(asked["redirect_uri"].starts_with("http://localhost:"), "{asked:?}");

    let place = Place::default();
    let custodian = place.authorised(&provider, consent).await;
    let mut token = custodian.ensure_fresh(MINUTE).await.expect("it came with the consent");
    assert_eq!(simulator.refreshes(), 0);
    for generation in 1..=3 {
        let old = place.refresh_token().expect("kept");
        custodian.refused(&token);
        token = custodian.ensure_fresh(MINUTE).await.expect("refreshed");
        assert!(simulator.accepts(token.secret().expose_secret()));
        assert_ne!(place.refresh_token().as_ref(), Some(&old));
        assert!(simulator.honours(&old), "Microsoft's stay valid");
        assert_eq!(simulator.refreshes(), generation);
    }
    let sent = simulator.requests();
    assert!(sent.iter().all(|request| request.field("client_secret").is_empty()), "a public client sends none");
    // Another process finds the token where it is kept.
    let other = place.custodian(&provider);
    let found = other.ensure_fresh(MINUTE).await.expect("kept");
    assert_eq!(found.secret().expose_secret(), token.secret().expose_secret());
    assert_eq!(simulator.refreshes(), 3);
    assert_eq!(custodian.revoke().await.expect("there is nowhere to say it"), Revocation::NotOffered);
    assert!(place.tokens().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn google_keeps_the_refresh_token_and_takes_it_back() {
    let simulator = GoogleSimulator::start();
    let provider = google(&simulator);
    let consent = authorise(&simulator, &provider, asking(ALICE)).await.expect("consented");
    assert_eq!((consent.consented_as(), &consent.missing_scopes[..]), (Some(ALICE), &[][..]));
    let asked = simulator.authorizations().pop().expect("it was asked");
    assert_eq!((asked["access_type"].as_str(), asked["code_challenge_method"].as_str()), ("offline", "S256"));

    let place = Place::default();
    let custodian = place.authorised(&provider, consent).await;
    let first = custodian.ensure_fresh(MINUTE).await.expect("it came with the consent");
    let kept = place.refresh_token().expect("kept");
    custodian.refused(&first);
    let second = custodian.ensure_fresh(MINUTE).await.expect("refreshed");
    assert_ne!(first.secret().expose_secret(), second.secret().expose_secret());
    assert_eq!(place.refresh_token().as_ref(), Some(&kept), "a refresh brings no other");
    let tokens = place.tokens().expect("kept");
    let token = tokens.access_token.as_ref().map(|token| token.expose_secret());
    assert_eq!(token, Some(second.secret().expose_secret()), "other processes find the new access token");
    assert_eq!(custodian.revoke().await.expect("revoked"), Revocation::Revoked);
    assert!(!simulator.honours(&kept) && place.tokens().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn google_gives_another_refresh_token_only_where_consent_is_asked_again() {
    let simulator = GoogleSimulator::start();
    let provider = google(&simulator);
    for _ in 0..2 {
        authorise(&simulator, &provider, asking(ALICE)).await.expect("the preset asks for consent each time");
    }
    let mut careless = provider.clone();
    careless.parameters.retain(|(name, _)| name != "prompt");
    let answer = authorise(&simulator, &careless, asking(ALICE)).await;
    assert_eq!(answer.expect_err("noticed at once"), AuthError::NoRefreshToken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_refresh_token_is_noticed_at_once() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    simulator.next(Odd::no_refresh_token());
    let answer = authorise(&simulator, &provider, asking(ALICE)).await;
    assert_eq!(answer.expect_err("the field is missing"), AuthError::NoRefreshToken);
    simulator.withholds("offline_access");
    let answer = authorise(&simulator, &provider, asking(ALICE)).await;
    assert_eq!(answer.expect_err("nobody consented to it"), AuthError::NoRefreshToken);
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_were_not_granted_are_named() {
    let simulator = MicrosoftSimulator::start();
    let send = "https://outlook.office.com/SMTP.Send";
    simulator.withholds(send);
    let consent = authorise(&simulator, &microsoft(&simulator), asking(ALICE)).await.expect("consented");
    assert_eq!(consent.missing_scopes, [send]);

    let simulator = GoogleSimulator::start();
    simulator.withholds("https://mail.google.com/");
    let consent = authorise(&simulator, &google(&simulator), asking(ALICE)).await.expect("consented");
    assert_eq!(consent.missing_scopes, ["https://mail.google.com/"]);

    // Where the answer names none, all were granted (RFC 6749 section 5.1).
    let simulator = GoogleSimulator::start();
    simulator.next(Odd::Field("scope", serde_json::Value::Null));
    let consent = authorise(&simulator, &google(&simulator), asking(ALICE)).await.expect("consented");
    assert!(consent.missing_scopes.is_empty(), "{:?}", consent.missing_scopes);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_who_consents_is_shown() {
    let simulator = MicrosoftSimulator::start();
    simulator.signs_in("delegate@example.test");
    let consent = authorise(&simulator, &microsoft(&simulator), asking(ALICE)).await.expect("consented");
    assert_eq!(consent.consented_as(), Some("delegate@example.test"));
    assert_eq!(consent.names(&ALICE.parse().expect("an address")), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_is_understood() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    simulator.denies(Aadsts::DECLINED);
    let answer = authorise(&simulator, &provider, asking(ALICE)).await;
    assert_eq!(answer.expect_err("the person said no"), AuthError::Denied);
    for error in ["consent_required", "access_denied", "interaction_required"] {
        simulator.denies(Aadsts::ADMIN_CONSENT.with_error(error));
        match authorise(&simulator, &provider, asking(ALICE)).await {
            Err(AuthError::Provider(ProviderError { explanation, .. })) => {
                assert_eq!(explanation, Some(Explanation::AdminConsent), "{error}");
            }
            other => panic!("{error}: {other:?}"),
        }
    }
    assert!(provider.admin_consent_url().is_some_and(|page| page.as_str().contains(&provider.client_id)));
    simulator.denies(Aadsts::BUSY);
    let answer = authorise(&simulator, &provider, asking(ALICE)).await;
    assert!(matches!(answer, Err(AuthError::Busy { .. })), "{answer:?}");
    simulator.denies(None);
    authorise(&simulator, &provider, asking(ALICE)).await.expect("nothing is left of it");

    let simulator = GoogleSimulator::start();
    simulator.denies(GoogleError::DENIED);
    let answer = authorise(&simulator, &google(&simulator), asking(ALICE)).await;
    assert_eq!(answer.expect_err("the person said no"), AuthError::Denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redirect_address_has_the_form_that_each_provider_takes() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    for redirect in [
        Redirect { host: RedirectHost::Ip, ..provider.redirect.clone() },
        Redirect { path: "/elsewhere".into(), ..provider.redirect.clone() },
    ] {
        let other = MailProvider { redirect, ..provider.clone() };
        let attempt = client(&other).authorize(asking(ALICE)).await.expect("begun");
        let walked = tokio::task::block_in_place(|| simulator.walk(attempt.authorize_url().as_str()));
        match walked {
            Walked::Page(400, text) => assert!(text.contains("AADSTS50011"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
    authorise(&simulator, &provider, asking(ALICE)).await.expect("the registered one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_tampered_with_brings_nothing() {
    let simulator = GoogleSimulator::start();
    let provider = google(&simulator);
    for refusal in [GoogleError::CODE, GoogleError::VERIFIER] {
        simulator.next(refusal);
        authorise(&simulator, &provider, asking(ALICE)).await.expect_err("refused");
    }
    // The answer to the code is lost: the code is used up, and only another consent helps.
    simulator.next(Odd::Lost);
    let answer = authorise(&simulator, &provider, asking(ALICE)).await;
    assert!(answer.as_ref().is_err_and(AuthError::is_passing), "{answer:?}");
    authorise(&simulator, &provider, asking(ALICE)).await.expect("another consent");
}

/// Begins by a code that somebody enters elsewhere, and waits for what they do.
async fn by_code(simulator: &MicrosoftSimulator, decide: impl FnOnce(&Simulator, &str)) -> Result<Consent, AuthError> {
    let code = client(&microsoft(simulator)).authorize_by_code().await.expect("begun");
    assert!(code.verification_uri_complete().is_none(), "Microsoft gives none");
    decide(simulator, code.user_code());
    code.wait(&CancellationToken::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn microsoft_takes_a_code_that_is_entered_elsewhere() {
    let simulator = MicrosoftSimulator::start();
    simulator.signs_in(ALICE);
    // The first answer is that nobody has entered it yet.
    simulator.next(Aadsts::PENDING);
    let consent = by_code(&simulator, Simulator::approves_device).await.expect("approved");
    assert_eq!((consent.consented_as(), &consent.missing_scopes[..]), (Some(ALICE), &[][..]));
    assert!(simulator.honours(consent.tokens.refresh_token.expose_secret()));
    assert!(simulator.requests().len() >= 2);

    // Its own words for what RFC 8628 calls access_denied.
    let answer = by_code(&simulator, Simulator::declines_device).await;
    assert_eq!(answer.expect_err("said no"), AuthError::Denied);
    let answer = by_code(&simulator, Simulator::forgets_device).await;
    assert_eq!(answer.expect_err("too late"), AuthError::CodeExpired);
}

#[tokio::test(flavor = "multi_thread")]
async fn google_gives_no_device_code_for_mail() {
    let simulator = GoogleSimulator::start();
    let answer = client(&google(&simulator)).authorize_by_code().await;
    assert!(matches!(answer, Err(AuthError::NotOffered(_))), "{:?}", answer.err());
    assert!(simulator.requests().is_empty());
}
