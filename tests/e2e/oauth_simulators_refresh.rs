//! Refreshing at simulators of Microsoft's and Google's endpoints: every refusal, and every odd thing that their
//! documentation warns of.

use std::time::Duration;

use courrier_auth::{AccessToken, AuthError, Custodian, Explanation, MailProvider, ProviderError, TokenState, Verdict};
use courrier_model::ExposeSecret;
use courrier_tests::simulators::{Aadsts, GoogleError, GoogleSimulator, MicrosoftSimulator, Odd, Simulator};

use crate::oauth_place::{ALICE, MINUTE, Place, asking, authorise, google, microsoft};

/// An account that is authorised, and its token.
async fn begun(simulator: &Simulator, provider: &MailProvider, place: &Place) -> (Custodian, AccessToken) {
    let consent = authorise(simulator, provider, asking(ALICE)).await.expect("consented");
    let custodian = place.authorised(provider, consent).await;
    let token = custodian.ensure_fresh(MINUTE).await.expect("it came with the consent");
    (custodian, token)
}

/// What the next refresh comes to if the provider does this.
async fn refresh(
    simulator: &Simulator,
    provider: &MailProvider,
    odd: impl Into<Odd>,
) -> (Place, Result<AccessToken, AuthError>) {
    let place = Place::default();
    let (custodian, token) = begun(simulator, provider, &place).await;
    simulator.next(odd);
    custodian.refused(&token);
    let result = custodian.ensure_fresh(MINUTE).await;
    (place, result)
}

fn verdict(result: Result<AccessToken, AuthError>) -> (Verdict, Option<Explanation>) {
    match result {
        Err(AuthError::Provider(ProviderError { verdict, explanation, .. })) => (verdict, explanation),
        Err(AuthError::Busy { .. }) => (Verdict::RetryLater, None),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_microsoft_refuses_a_refresh_with_decides_by_its_error() {
    use Explanation as Why;
    use Verdict::{Configuration, RetryLater, SignInAgain};
    let cases = [
        (Aadsts::NO_CONSENT, SignInAgain, Some(Why::Consent)),
        (Aadsts::ADMIN_CONSENT, SignInAgain, Some(Why::AdminConsent)),
        (Aadsts::IDLE, SignInAgain, Some(Why::Idle)),
        (Aadsts::REVOKED, SignInAgain, Some(Why::Revoked)),
        (Aadsts::SIGN_IN_FREQUENCY, SignInAgain, Some(Why::SignInFrequency)),
        (Aadsts::NOT_A_TOKEN, SignInAgain, Some(Why::Expired)),
        (Aadsts::SECOND_FACTOR, SignInAgain, Some(Why::SecondFactor)),
        (Aadsts::DEVICE_NOT_COMPLIANT, SignInAgain, None),
        (Aadsts::BLOCKED, SignInAgain, Some(Why::ConditionalAccess)),
        (Aadsts::BLOCKED.with_error("interaction_required"), SignInAgain, Some(Why::ConditionalAccess)),
        (Aadsts::SCOPES, Configuration, Some(Why::ScopesMixed)),
        (Aadsts::SECRET_DEMANDED, Configuration, Some(Why::SecretDemanded)),
        (Aadsts::UNKNOWN_APPLICATION, Configuration, Some(Why::UnknownApplication)),
        (Aadsts::BUSY, RetryLater, None),
        // The number never decides.
        (Aadsts::REVOKED.with_error("temporarily_unavailable"), RetryLater, None),
        (Aadsts::IDLE.with_error("invalid_client"), Configuration, Some(Why::Idle)),
        (Aadsts::SCOPES.with_error("invalid_grant"), SignInAgain, Some(Why::ScopesMixed)),
    ];
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    for (refusal, expected, why) in cases {
        let (place, result) = refresh(&simulator, &provider, refusal).await;
        assert_eq!(verdict(result), (expected, why), "{refusal:?}");
        let state = place.facts().map(|facts| facts.state);
        let told = matches!(state, Some(TokenState::SignInNeeded { explanation, .. }) if explanation == why);
        assert_eq!(told, expected == SignInAgain, "{refusal:?}: {state:?}");
        assert!(place.tokens().is_some(), "{refusal:?}: nothing is thrown away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_suberror_of_a_refusal_wants_the_person() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    for suberror in
        ["message_only", "basic_action", "additional_action", "consent_required", "token_expired", "bad_token"]
    {
        for error in ["invalid_grant", "interaction_required"] {
            let refusal = Aadsts::SECOND_FACTOR.with_error(error).with_suberror(Some(suberror));
            let (_, result) = refresh(&simulator, &provider, refusal).await;
            assert_eq!(verdict(result), (Verdict::SignInAgain, Some(Explanation::SecondFactor)), "{error} {suberror}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_a_refresh_with_decides_by_its_error() {
    let cases = [
        (GoogleError::REVOKED, Verdict::SignInAgain, None),
        (GoogleError::REAUTHENTICATE, Verdict::SignInAgain, Some(Explanation::SignInFrequency)),
        (GoogleError::UNKNOWN_CLIENT, Verdict::Configuration, None),
        (GoogleError::SECRET, Verdict::Configuration, None),
        (GoogleError::BROKEN, Verdict::RetryLater, None),
    ];
    let simulator = GoogleSimulator::start();
    let provider = google(&simulator);
    for (refusal, expected, why) in cases {
        let (place, result) = refresh(&simulator, &provider, refusal).await;
        assert_eq!(verdict(result), (expected, why), "{refusal:?}");
        assert!(place.tokens().is_some(), "{refusal:?}: nothing is thrown away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_password_was_changed_the_account_wants_its_person_and_nobody_asks_in_vain() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let place = Place::default();
    let (custodian, token) = begun(&simulator, &provider, &place).await;
    simulator.revokes_everything();
    custodian.refused(&token);
    for _ in 0..3 {
        let error = custodian.ensure_fresh(MINUTE).await.expect_err("revoked");
        assert!(error.needs_sign_in(), "{error}");
    }
    let refused = simulator.requests().iter().filter(|request| request.is_refresh()).count();
    assert_eq!(refused, 1, "a refresh token that was refused is not tried again");
    // The way on, in another process: this one finds the new tokens.
    let consent = authorise(&simulator, &provider, asking(ALICE)).await.expect("consented");
    place.authorised(&provider, consent).await;
    let token = custodian.ensure_fresh(MINUTE).await.expect("the new one");
    assert!(simulator.accepts(token.secret().expose_secret()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_busy_is_left_alone_for_as_long_as_it_says() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let place = Place::default();
    let (custodian, token) = begun(&simulator, &provider, &place).await;
    simulator.every(Odd::too_many(3000));
    custodian.refused(&token);
    let before = simulator.requests().len();
    for _ in 0..3 {
        match custodian.ensure_fresh(MINUTE).await {
            Err(AuthError::Busy { retry_after: Some(wait) }) => {
                assert!(wait <= Duration::from_secs(3000), "{wait:?}");
                assert!(wait > Duration::from_secs(2000), "{wait:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(simulator.requests().len(), before + 1, "asked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_no_reason_to_sign_in() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    for odd in [
        Odd::unavailable(),
        Odd::Page(502),
        // A captive portal's page, with a status that says all is well.
        Odd::Page(200),
        Odd::Page(403),
        Odd::Lost,
    ] {
        let place = Place::default();
        let (custodian, token) = begun(&simulator, &provider, &place).await;
        simulator.next(odd.clone());
        custodian.refused(&token);
        let error = custodian.ensure_fresh(MINUTE).await.expect_err("no answer that could be used");
        assert!(!error.needs_sign_in(), "{odd:?}: {error}");
        let state = place.facts().map(|facts| facts.state);
        assert!(!matches!(state, Some(TokenState::SignInNeeded { .. })), "{odd:?}");
        let fresh = custodian.ensure_fresh(MINUTE).await.expect("it works again, and the old refresh token with it");
        assert!(simulator.accepts(fresh.secret().expose_secret()), "{odd:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_waited_for() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let (_, result) = refresh(&simulator, &provider, Odd::Slow(Duration::from_secs(2))).await;
    assert!(simulator.accepts(result.expect("it came").secret().expose_secret()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lifetime_is_understood_however_it_is_told() {
    let simulator = GoogleSimulator::start();
    let provider = google(&simulator);
    for (odd, at_least) in [(Odd::lifetime_as_text(), 3000), (Odd::untold_lifetime(), 60)] {
        let (place, result) = refresh(&simulator, &provider, odd.clone()).await;
        let token = result.unwrap_or_else(|error| panic!("{odd:?}: {error}"));
        let left = token.expires_at().as_second() - crate::desktop::now().as_second();
        assert!((at_least..=3600).contains(&left), "{odd:?}: {left} s");
        assert!(place.tokens().expect("kept").expires_at.is_some(), "{odd:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_scopes_at_a_refresh_do_not_end_the_account() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let narrower = Odd::narrower("https://outlook.office.com/IMAP.AccessAsUser.All");
    let (place, result) = refresh(&simulator, &provider, narrower).await;
    result.expect("a token for what is left");
    let kept = place.tokens().expect("kept").scopes;
    assert!(!kept.iter().any(|scope| scope.ends_with("SMTP.Send")), "what was granted is remembered: {kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let simulator = MicrosoftSimulator::start();
    let provider = microsoft(&simulator);
    let place = Place::default();
    let (custodian, token) = begun(&simulator, &provider, &place).await;
    let old = place.refresh_token();
    simulator.next(Odd::no_refresh_token());
    custodian.refused(&token);
    let token = custodian.ensure_fresh(MINUTE).await.expect("refreshed");
    assert_eq!(place.refresh_token(), old);
    custodian.refused(&token);
    custodian.ensure_fresh(MINUTE).await.expect("the old one goes on");
}
