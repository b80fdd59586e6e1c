//! Tokens that are renewed, by this process and by others.

use courrier_model::{CheckId, ProblemCode, Timestamp};
use courrier_store::NewCheck;

use super::*;

/// A check of the account that passed.
pub(super) fn passed(courrier: &Courrier) {
    let account = courrier.find(ALICE).expect("there").id;
    let report_json = r#"{"ok":true}"#.to_owned();
    let check = NewCheck { id: CheckId::random(), at: courrier.now(), report_json, ok: true, problem_code: None };
    courrier.store().append_check(account, &check).expect("kept");
}

pub(super) fn health(courrier: &Courrier) -> String {
    courrier.account(ALICE).expect("there").health.state
}

#[tokio::test]
async fn a_refresh_is_no_new_consent_to_the_last_nanosecond() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let mut given = issuer.consent(10, Some(ALICE));
    let nanosecond = given.tokens.obtained_at.as_second() as i128 * 1_000_000_000 + 123_456_789;
    given.tokens.obtained_at = Timestamp::from_nanosecond(nanosecond).expect("in range");
    consent(&courrier, &issuer, given, AuthorizeOptions::default()).await.expect("authorised");
    passed(&courrier);
    assert_eq!(health(&courrier), "ok");
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-1"));
    assert_eq!((issuer.refreshes(), health(&courrier).as_str()), (1, "ok"), "what was proved stays proved");
    // Nobody is woken for what is known.
    let mark = courrier.store().change_mark().expect("read");
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-1"));
    assert_eq!(courrier.store().change_mark().expect("read"), mark);
}

#[tokio::test]
async fn a_consent_in_another_process_is_seen_by_one_that_has_a_good_token() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let window = place.open();
    authorized(&window, &issuer, 1800).await;
    assert_eq!(token(&window).await.as_deref(), Ok("access-0"));
    let mut given = issuer.consent(3600, Some(ALICE));
    given.tokens.access_token = Some("access-anew".into());
    consent(&place.open(), &issuer, given, AuthorizeOptions::default()).await.expect("authorised");
    assert_eq!(token(&window).await.as_deref(), Ok("access-anew"));
    assert_eq!(issuer.refreshes(), 0);
}

#[tokio::test]
async fn a_provider_that_wants_to_be_left_alone_is_asked_by_no_process() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let account = authorized(&courrier, &issuer, 10).await.id.parse().expect("an id");
    issuer.answers(Some((429, "")));
    assert_eq!(token(&courrier).await, Err("oauth.unreachable"));
    issuer.answers(None);
    assert_eq!(token(&place.open()).await, Err("oauth.unreachable"));
    assert_eq!(issuer.refreshes(), 0);
    courrier.store().note_not_before(account, courrier.now()).expect("noted");
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-1"));
    let known = courrier.store().tokens(account).expect("read").expect("there");
    assert_eq!(known.not_before, None);
}

#[tokio::test]
async fn what_was_in_the_way_for_now_is_tried_again_without_the_person() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 10).await;
    issuer.answers(Some((400, r#"{"error":"interaction_required","error_codes":[53003]}"#)));
    assert_eq!(token(&courrier).await, Err("oauth.sign_in_needed"));
    assert_eq!(health(&courrier), "sign_in_needed");
    issuer.answers(None);
    let next = place.open();
    let renewing = tokio::spawn(Arc::clone(&next).keep_tokens_fresh(|_| {}));
    until(|| health(&courrier) == "unchecked").await;
    renewing.abort();
    assert_eq!(issuer.refreshes(), 1);
}

#[tokio::test]
async fn what_ended_for_good_is_not_tried_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let account = authorized(&courrier, &issuer, 10).await.id.parse().expect("an id");
    issuer.answers(Some((400, r#"{"error":"invalid_grant"}"#)));
    assert_eq!(token(&courrier).await, Err("oauth.sign_in_needed"));
    let known = courrier.store().tokens(account).expect("read").expect("there");
    assert_eq!((known.for_good, known.problem_code), (true, Some(ProblemCode::AuthTokenRejected)));
}
