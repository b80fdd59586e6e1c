use courrier_model::Timestamp;
use futures_util::future::join_all;

use super::*;
use crate::{Explanation, ProviderError, Revocation, Verdict};

fn sign_in_again(error: &str, explanation: Option<Explanation>) -> AuthError {
    AuthError::Provider(ProviderError { verdict: Verdict::SignInAgain, error: error.into(), explanation })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_in_twenty_processes_cause_one_refresh() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let callers = (0..20).map(|_| place.process(provider(&issuer))).flat_map(|process| {
        (0..50).map(move |_| {
            let process = process.clone();
            tokio::spawn(async move { text(&process).await })
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.expect("ran").as_deref(), Ok("access-1"));
    }
    assert_eq!(requests(&issuer), 1);
    assert_eq!(place.kept(), Some(("refresh-1".into(), 8)));
}

#[tokio::test]
async fn what_another_process_renewed_is_used() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let (one, other) = (place.process(provider(&issuer)), place.process(provider(&issuer)));
    assert_eq!(text(&one).await.as_deref(), Ok("access-1"));
    // A look at the keyring needs no lock: whoever holds it may hold it for long.
    let guard = place.lock.lock().await;
    assert_eq!(text(&other).await.as_deref(), Ok("access-1"));
    drop(guard);
    // From memory: the keyring may be locked by now.
    *place.locked.lock().expect("free") = Some(KeepError::Locked);
    assert_eq!(text(&other).await.as_deref(), Ok("access-1"));
    assert_eq!(text(&place.process(provider(&issuer))).await, Err(AuthError::Keep(KeepError::Locked)));
    *place.locked.lock().expect("free") = None;
    assert_eq!((requests(&issuer), place.last_note()), (1, Some((8, TokenState::Found))));
}

#[tokio::test]
async fn a_token_that_a_mail_server_refused_is_renewed_once_for_all() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let processes: Vec<_> = (0..8).map(|_| place.process(provider(&issuer))).collect();
    let tokens = join_all(processes.iter().map(|process| process.ensure_fresh(MINUTE))).await;
    for (process, token) in processes.iter().zip(tokens) {
        let token = token.expect("fresh");
        assert_eq!(token.secret().expose_secret(), "access-1");
        process.refused(&token);
        assert_eq!(text(process).await.as_deref(), Ok("access-2"));
        // Late news of the same failure: there is another token already, in memory.
        process.refused(&token);
        *place.locked.lock().expect("free") = Some(KeepError::Locked);
        assert_eq!(text(process).await.as_deref(), Ok("access-2"));
        *place.locked.lock().expect("free") = None;
    }
    assert_eq!(requests(&issuer), 2);
}

#[tokio::test]
async fn nothing_is_asked_that_could_not_be_kept() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    *place.not_writable.lock().expect("free") = Some(KeepError::Failed("read-only".into()));
    let answer = text(&custodian).await;
    assert_eq!(answer, Err(AuthError::Keep(KeepError::Failed("read-only".into()))));
    assert_eq!((requests(&issuer), place.proofs.load(Ordering::SeqCst)), (0, 1));
    assert!(place.lock.try_lock().is_ok(), "others may try");
    *place.not_writable.lock().expect("free") = None;
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn a_refresh_token_that_stays_needs_no_proof_and_no_store() {
    let issuer = TestIssuer::start().await;
    *issuer.world.rotates.lock().expect("free") = false;
    let place = Place::of(&issuer);
    let custodian = place.process(MailProvider { rotation: Rotation::Never, ..provider(&issuer) });
    place.fail(Some(KeepError::Failed("full".into())));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"), "nothing is lost");
    assert!(!custodian.is_unkept() && place.lock.try_lock().is_ok());
    assert_eq!(place.proofs.load(Ordering::SeqCst), 0);
    assert_eq!(place.kept(), Some(("refresh-0".into(), 7)));
}

#[tokio::test]
async fn what_can_not_be_kept_is_held_and_kept_as_soon_as_it_can_be() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    place.fail(Some(KeepError::Locked));
    assert_eq!(text(&custodian).await, Err(AuthError::Keep(KeepError::Locked)), "nobody uses it yet");
    assert!(custodian.is_unkept());
    assert_eq!(place.last_note(), Some((8, TokenState::Unkept)));
    assert!(place.lock.try_lock().is_err(), "another process would use the old refresh token");
    assert_eq!(custodian.settle().await, Err(AuthError::Keep(KeepError::Locked)));
    place.fail(None);
    until("nobody keeps the tokens", || !custodian.is_unkept()).await;
    assert_eq!(place.kept(), Some(("refresh-1".into(), 8)));
    assert_eq!(place.last_note(), Some((8, TokenState::Working)));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"));
    assert_eq!((custodian.settle().await, requests(&issuer)), (Ok(()), 1));
    assert!(place.lock.try_lock().is_ok(), "others may go on");
}

#[tokio::test]
async fn a_dead_token_is_reported_once_with_the_reason_and_consent_revives_the_account() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    ail(
        &issuer,
        400,
        None,
        r#"{"error":"invalid_grant","error_codes":[700082],"error_description":"AADSTS700082: x"}"#,
    );
    let idle = Some(Explanation::Idle);
    for _ in 0..3 {
        let error = text(&custodian).await.expect_err("refused");
        assert_eq!(error, sign_in_again("invalid_grant", idle));
        assert!(error.needs_sign_in() && !error.is_passing());
    }
    assert_eq!(requests(&issuer), 1, "the provider was asked once");
    assert_eq!(place.last_note(), Some((7, TokenState::SignInNeeded { explanation: idle, for_good: true })));
    heal(&issuer);
    let consent = {
        *issuer.world.refresh_token.lock().expect("free") = Some("refresh-new".into());
        let mut tokens = place.kept.lock().expect("free").clone().expect("kept");
        tokens.refresh_token = Secret::from("refresh-new");
        tokens.generation = 0;
        tokens
    };
    custodian.replace(consent).await.expect("kept");
    assert_eq!(place.kept(), Some(("refresh-1".into(), 9)), "kept as 8; its access token was old, so it was renewed");
    assert_eq!(place.last_note(), Some((9, TokenState::Working)));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn what_is_in_the_way_for_now_is_no_dead_token_for_others() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    ail(&issuer, 400, None, r#"{"error":"interaction_required","suberror":"basic_action","error_codes":[50076]}"#);
    let custodian = place.process(provider(&issuer));
    let expected = sign_in_again("interaction_required", Some(Explanation::SecondFactor));
    assert_eq!(text(&custodian).await, Err(expected.clone()));
    assert_eq!(text(&custodian).await, Err(expected));
    assert_eq!(requests(&issuer), 1, "not again at once");
    let explanation = Some(Explanation::SecondFactor);
    assert_eq!(place.last_note(), Some((7, TokenState::SignInNeeded { explanation, for_good: false })));
    heal(&issuer);
    assert_eq!(text(&place.process(provider(&issuer))).await.as_deref(), Ok("access-1"));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"), "what the other process kept");
}

#[tokio::test]
async fn after_sleep_what_was_in_the_way_is_tried_again_and_a_dead_token_is_not() {
    let issuer = TestIssuer::start().await;
    for (refusal, helps) in [(r#"{"error":"interaction_required"}"#, true), (r#"{"error":"invalid_grant"}"#, false)] {
        let place = Place::of(&issuer);
        *issuer.world.refresh_token.lock().expect("free") = Some("refresh-0".into());
        ail(&issuer, 400, None, refusal);
        let custodian = place.process(provider(&issuer));
        text(&custodian).await.expect_err("refused");
        heal(&issuer);
        let before = requests(&issuer);
        text(&custodian).await.expect_err("not again at once");
        custodian.awoke();
        assert_eq!((text(&custodian).await.is_ok(), requests(&issuer) - before), (helps, usize::from(helps)));
    }
}

#[tokio::test]
async fn a_provider_that_asks_to_be_left_alone_is_left_alone_by_every_process() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    ail(&issuer, 429, Some(3000), "");
    text(&place.process(provider(&issuer))).await.expect_err("busy");
    heal(&issuer);
    let before = requests(&issuer);
    match text(&place.process(provider(&issuer))).await {
        Err(AuthError::Busy { retry_after: Some(wait) }) => assert!(wait > Duration::from_secs(2000), "{wait:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(requests(&issuer), before);
    // A clock that was set back by a year since.
    let year = jiff::SignedDuration::from_hours(24 * 365);
    *place.wait.lock().expect("free") = Some(now() + year);
    assert_eq!(text(&place.process(provider(&issuer))).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn new_tokens_outlive_everybody_who_asked_for_them() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    place.fail(Some(KeepError::Locked));
    text(&custodian).await.expect_err("can't be kept");
    drop(custodian);
    place.fail(None);
    until("the tokens are lost", || place.kept() == Some(("refresh-1".into(), 8))).await;
    assert_eq!(text(&place.process(provider(&issuer))).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn the_keyring_is_read_again_before_a_token_is_dead() {
    let issuer = TestIssuer::start().await;
    let world = &issuer.world;
    world.permits.forget_permits(1_000_000);
    let place = Place::of(&issuer);
    place.keep(&issuer, "refresh-stolen", |_| {});
    let custodian = place.process(provider(&issuer));
    let asking = tokio::spawn({
        let custodian = custodian.clone();
        async move { text(&custodian).await }
    });
    world.asked.acquire().await.expect("open").forget();
    // A program that takes no lock was faster; what it kept is good for a minute.
    place.keep(&issuer, "refresh-0", |tokens| {
        tokens.access_token = Some(Secret::from("access-of-another"));
        tokens.expires_at = Some(Timestamp::from_second(now().as_second() + 600).expect("in range"));
        tokens.refreshed_at = now();
        tokens.generation = 8;
    });
    world.permits.add_permits(1);
    assert_eq!(asking.await.expect("ran").as_deref(), Ok("access-of-another"));
    assert_eq!((requests(&issuer), place.last_note()), (1, Some((8, TokenState::Found))));
}

#[tokio::test]
async fn what_passes_is_not_taken_for_a_dead_account() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let away = |answer: Result<String, AuthError>, what: &str| {
        let error = answer.expect_err(what);
        assert!(error.is_passing() && !error.needs_sign_in(), "{what}: {error:?}");
        error
    };
    for (status, body) in [
        (500, r#"{"error":"invalid_grant"}"#),
        (503, ""),
        (502, "<html>"),
        (400, r#"{"error":"temporarily_unavailable"}"#),
        (400, r#"{"error":"server_error","error_codes":[700082]}"#),
        (200, "<html>Please log in to the hotel's network</html>"),
        (200, r#"{"error":"invalid_grant"}"#),
        (403, "Forbidden by the gateway"),
        (302, ""),
    ] {
        ail(&issuer, status, None, body);
        away(text(&place.process(provider(&issuer))).await, body);
    }
    let custodian = place.process(provider(&issuer));
    ail(&issuer, 400, Some(3000), r#"{"error":"temporarily_unavailable"}"#);
    let before = requests(&issuer);
    for _ in 0..3 {
        match away(text(&custodian).await, "busy") {
            AuthError::Busy { retry_after: Some(wait) } => assert!(wait > Duration::from_secs(2000), "{wait:?}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(requests(&issuer) - before, 1);
    heal(&issuer);
    away(text(&custodian).await, "still left alone");
    *place.wait.lock().expect("free") = None;
    assert_eq!(place.kept(), Some(("refresh-0".into(), 7)), "nothing was touched");
    assert_eq!(text(&place.process(provider(&issuer))).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn configuration_is_said_to_be_that() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    ail(&issuer, 401, None, r#"{"error":"invalid_client","error_codes":[7000218]}"#);
    let error = text(&place.process(provider(&issuer))).await.expect_err("refused");
    let explanation = Some(Explanation::SecretDemanded);
    let expected = ProviderError { verdict: Verdict::Configuration, error: "invalid_client".into(), explanation };
    assert_eq!(error, AuthError::Provider(expected));
    // Another client is configured since: the old one is gone, and consent is what helps.
    let custodian = place.process(MailProvider { client_id: "another".into(), ..provider(&issuer) });
    assert_eq!(text(&custodian).await, Err(sign_in_again("invalid_client", explanation)));
}

#[tokio::test]
async fn tokens_are_refreshed_as_the_client_and_where_they_were_given() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let mut changed = provider(&issuer);
    changed.client_id = "another".into();
    changed.client_secret = Some(Secret::from("of-another"));
    changed.token = "http://127.0.0.1:9/token".parse().expect("valid");
    assert_eq!(text(&place.process(changed)).await.as_deref(), Ok("access-1"));
    let form = issuer.world.form.lock().expect("free").clone();
    assert_eq!((form["client_id"].as_str(), form.get("client_secret")), (CLIENT, None));
    // As the same client, the secret goes along.
    let place = Place::default();
    place.keep(&issuer, "refresh-1", |_| {});
    let secret = MailProvider { client_secret: Some(Secret::from("ours")), ..provider(&issuer) };
    assert_eq!(text(&place.process(secret)).await.as_deref(), Ok("access-2"));
    assert_eq!(issuer.world.form.lock().expect("free")["client_secret"], "ours");
    // Whatever became of the settings: the secret that came with the tokens, and no other client's.
    let place = Place::default();
    place.keep(&issuer, "refresh-2", |tokens| tokens.client_secret = Some(Secret::from("kept")));
    for (client_id, secret) in [(CLIENT, None), ("another", Some("of-another"))] {
        let client_secret = secret.map(Secret::from);
        let changed = MailProvider { client_id: client_id.into(), client_secret, ..provider(&issuer) };
        let custodian = place.process(changed);
        let token = custodian.ensure_fresh(MINUTE).await.expect("fresh");
        custodian.refused(&token);
        text(&custodian).await.expect("renewed");
        let form = issuer.world.form.lock().expect("free").clone();
        assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), (CLIENT, "kept"));
    }
}

#[tokio::test]
async fn a_client_that_the_provider_registered_and_forgot_is_for_the_person_to_renew() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    ail(&issuer, 401, None, r#"{"error":"invalid_client"}"#);
    let custodian = place.process(MailProvider { registered: true, ..provider(&issuer) });
    let explanation = Some(Explanation::UnknownApplication);
    assert_eq!(text(&custodian).await, Err(sign_in_again("invalid_client", explanation)));
    assert_eq!(place.last_note(), Some((7, TokenState::SignInNeeded { explanation, for_good: true })));
}

#[tokio::test]
async fn tokens_go_to_their_own_mail_servers_only() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    let evil = host("imap.evil.test");
    assert_eq!(custodian.ensure_fresh_for(&evil, MINUTE).await.expect_err("foreign"), AuthError::ForeignHost);
    assert_eq!(requests(&issuer), 0, "nothing was asked for it");
    custodian.ensure_fresh_for(&host(IMAP), MINUTE).await.expect("its own");
    // Settings that name more servers than the person consented to change nothing.
    let more = MailHosts::new([host(IMAP), evil.clone()]);
    let custodian = place.process(MailProvider { mail_hosts: more, ..provider(&issuer) });
    assert_eq!(custodian.ensure_fresh_for(&evil, MINUTE).await.expect_err("foreign"), AuthError::ForeignHost);
    custodian.ensure_fresh_for(&host(IMAP), MINUTE).await.expect("its own");
}

#[tokio::test]
async fn another_providers_tokens_are_left_alone() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(MailProvider { id: "other".into(), ..provider(&issuer) });
    assert_eq!(text(&custodian).await, Err(AuthError::OtherPerson));
    assert_eq!((requests(&issuer), place.kept()), (0, Some(("refresh-0".into(), 7))));
    assert_eq!(custodian.revoke().await, Ok(Revocation::NothingKept));
    assert_eq!((requests(&issuer), place.kept()), (0, None), "the person wants nothing left");
}

#[tokio::test]
async fn tokens_of_another_provider_are_renewed_there_if_anybody_knows_how() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let known = MailClient::new(crate::testing::http(), provider(&issuer)).expect("private");
    place.clients.lock().expect("free").push(known);
    let custodian = place.process(MailProvider { id: "before".into(), ..provider(&issuer) });
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"));
    assert_eq!(
        (custodian.client().provider().id.as_str(), place.last_note()),
        ("test", Some((8, TokenState::Working)))
    );
    // What the tokens themselves say is enough.
    let place = Place::default();
    place.keep(&issuer, "refresh-1", |_| {});
    let tokens = place.kept.lock().expect("free").clone().expect("kept");
    assert_eq!(text(&place.process(MailProvider::of_tokens(&tokens))).await.as_deref(), Ok("access-2"));
}

#[tokio::test]
async fn a_custodian_goes_on_with_another_client_and_what_it_holds() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    place.fail(Some(KeepError::Locked));
    text(&custodian).await.expect_err("can't be kept");
    let client = |provider| MailClient::new(crate::testing::http(), provider).expect("private");
    let new = host("imap.new.test");
    assert_eq!(custodian.ensure_fresh_for(&new, MINUTE).await.expect_err("foreign"), AuthError::ForeignHost);
    let hosts = MailHosts::new([new.clone()]);
    custodian.use_client(client(MailProvider { mail_hosts: hosts.clone(), ..provider(&issuer) }));
    assert!(custodian.is_unkept(), "what is in memory only stays");
    place.fail(None);
    custodian.settle().await.expect("kept");
    assert_eq!(custodian.ensure_fresh_for(&new, MINUTE).await.expect_err("nobody consented"), AuthError::ForeignHost);
    let mut tokens = place.kept.lock().expect("free").clone().expect("kept");
    tokens.mail_hosts = hosts;
    custodian.replace(tokens).await.expect("kept");
    custodian.ensure_fresh_for(&new, MINUTE).await.expect("its own by now");
}

#[tokio::test]
async fn what_somebody_else_consented_to_is_found_behind_a_good_token_in_memory() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let (window, other) = (place.process(provider(&issuer)), place.process(provider(&issuer)));
    assert_eq!((window.obtained_at(), text(&window).await.as_deref()), (None, Ok("access-1")));
    let mut tokens = place.kept.lock().expect("free").clone().expect("kept");
    tokens.access_token = Some(Secret::from("access-consented"));
    tokens.obtained_at = now();
    other.replace(tokens).await.expect("kept");
    assert_eq!(text(&window).await.as_deref(), Ok("access-1"), "a good one is in memory");
    window.look_again();
    assert_eq!(text(&window).await.as_deref(), Ok("access-consented"));
    assert_eq!(window.obtained_at(), other.obtained_at());
}

#[tokio::test]
async fn a_consent_during_a_refresh_is_the_one_that_stays() {
    let issuer = TestIssuer::start().await;
    let world = &issuer.world;
    world.permits.forget_permits(1_000_000);
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    let spawn = |custodian: &Custodian| {
        let custodian = custodian.clone();
        tokio::spawn(async move { text(&custodian).await })
    };
    let refreshing = spawn(&custodian);
    world.asked.acquire().await.expect("open").forget();
    let mut tokens = place.kept.lock().expect("free").clone().expect("kept");
    tokens.refresh_token = Secret::from("refresh-consented");
    tokens.access_token = Some(Secret::from("access-consented"));
    (tokens.refreshed_at, tokens.obtained_at) = (now(), now());
    tokens.expires_at = Some(Timestamp::from_second(now().as_second() + 3600).expect("in range"));
    let replacing = tokio::spawn({
        let custodian = custodian.clone();
        async move { custodian.replace(tokens).await }
    });
    world.permits.add_permits(1);
    refreshing.await.expect("ran").expect("fresh");
    replacing.await.expect("ran").expect("kept");
    assert_eq!(place.kept(), Some(("refresh-consented".into(), 9)));
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-consented"));
    assert_eq!(requests(&issuer), 1);
}

#[tokio::test]
async fn a_consent_that_can_not_be_kept_is_not_lost() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    let tokens = place.kept.lock().expect("free").take().expect("kept");
    place.fail(Some(KeepError::Locked));
    assert_eq!(custodian.replace(tokens).await, Err(AuthError::Keep(KeepError::Locked)));
    assert!(custodian.is_unkept());
    place.fail(None);
    until("nobody keeps the consent", || !custodian.is_unkept()).await;
    assert_eq!(text(&custodian).await.as_deref(), Ok("access-1"));
}

#[tokio::test]
async fn wanting_more_than_the_provider_gives_is_no_reason_to_ask_each_time() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let day = Duration::from_secs(86_400);
    for _ in 0..5 {
        place.process(provider(&issuer)).ensure_fresh(day).await.expect("as long as they are made");
    }
    assert_eq!(requests(&issuer), 1);
}

#[tokio::test]
async fn who_wants_more_than_the_first_caller_gets_it() {
    let issuer = TestIssuer::start().await;
    let place = Place::default();
    place.keep(&issuer, "refresh-0", |tokens| {
        tokens.access_token = Some(Secret::from("access-short"));
        tokens.expires_at = Some(Timestamp::from_second(now().as_second() + 90).expect("in range"));
    });
    let custodian = place.process(provider(&issuer));
    let (short, long) = tokio::join!(custodian.ensure_fresh(MINUTE), custodian.ensure_fresh(MINUTE * 2));
    let text = |token: Result<crate::AccessToken, AuthError>| token.expect("fresh").secret().expose_secret().to_owned();
    assert_eq!((text(short).as_str(), text(long).as_str()), ("access-short", "access-1"));
}

#[tokio::test]
async fn what_may_be_known_is_noted_when_it_changes() {
    let issuer = TestIssuer::start().await;
    let place = Place::of(&issuer);
    let custodian = place.process(provider(&issuer));
    for _ in 0..3 {
        let token = custodian.ensure_fresh(MINUTE).await.expect("fresh");
        custodian.refused(&token);
    }
    let notes: Vec<_> = place.notes.lock().expect("free").iter().map(|facts| (facts.generation, facts.state)).collect();
    let working = |generation| (generation, TokenState::Working);
    assert_eq!(notes, [(7, TokenState::Found), working(8), working(9), working(10)]);
    let facts = place.notes.lock().expect("free").last().cloned().expect("noted");
    let (by, refreshed) = (facts.sign_in_by.expect("they die of disuse"), facts.refreshed_at);
    assert_eq!(by.as_second() - refreshed.as_second(), 90 * 86_400);
    assert!(facts.expires_at.is_some_and(|end| end > refreshed));
}
