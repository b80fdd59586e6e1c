//! Checks with tokens: what servers are shown, how often, and within which time.

use courrier_check::limits;
use courrier_model::Secret;
use tokio::time::Instant;

use super::super::testing::Refusing;
use super::*;
use crate::view::{CheckView, EndpointView, SideView};

fn code(side: &SideView) -> Option<&str> {
    side.problem.as_ref().map(|problem| problem.code.as_str())
}

/// The account at a server on this computer.
fn at(server: &Refusing) -> DraftView {
    let at = |endpoint: EndpointView, port: u16| EndpointView {
        host: "127.0.0.1".to_owned(),
        port,
        security: "none".to_owned(),
        ..endpoint
    };
    let known = draft(ALICE);
    DraftView { imap: at(known.imap.clone(), server.imap), smtp: at(known.smtp.clone(), server.smtp), ..known }
}

/// The same with a consent that is good for so many seconds.
async fn authorized_at(server: &Refusing, courrier: &Arc<Courrier>, issuer: &FakeIssuer, seconds: i64) -> String {
    let mut given = issuer.consent(seconds, Some(ALICE));
    given.tokens.mail_hosts = courrier_model::MailHosts::new(["127.0.0.1".parse().expect("a host")]);
    let options = AuthorizeOptions::default();
    consent_for(courrier, issuer, given, options, &at(server)).await.expect("authorised").id
}

/// The access token is of no use any more: the next one comes by a refresh.
async fn spend(courrier: &Arc<Courrier>, id: &str) {
    let mail = courrier.custodian_in_memory(id.parse().expect("an id")).expect("read").expect("it was authorised");
    mail.custodian.refused(&mail.custodian.ensure_fresh(Duration::ZERO).await.expect("kept"));
}

/// A check of an account at a server that refuses so many tokens; and how many it was shown.
async fn checked(refusals: usize, refreshes: Option<(u16, &'static str)>) -> (CheckView, Vec<String>, u32) {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::start(refusals).await;
    let courrier = place.open();
    let id = authorized_at(&server, &courrier, &issuer, 3600).await;
    issuer.answers(refreshes);
    let check = courrier.check_account(Run::silent(), &id).await.expect("checked");
    let health = courrier.account(ALICE).expect("there").health;
    let expected = if check.ok { "ok" } else { "problem" };
    assert!(health.state == expected || health.state == "sign_in_needed", "{health:?}");
    let shown = server.shown.lock().expect("whole").clone();
    (check, shown, issuer.refreshes())
}

#[tokio::test]
async fn a_token_that_a_server_refuses_is_exchanged_once_and_shown_once_more() {
    let (check, shown, refreshes) = checked(0, None).await;
    assert!(check.ok, "{check:?}");
    assert_eq!((shown.len(), refreshes), (1, 0));

    let (check, shown, refreshes) = checked(1, None).await;
    assert!(check.ok, "{check:?}");
    assert_eq!((shown.len(), refreshes), (2, 1));
    assert_ne!(shown[0], shown[1], "another token");

    let (check, shown, refreshes) = checked(usize::MAX, None).await;
    let problem = check.imap.problem.expect("refused");
    assert_eq!((problem.code.as_str(), shown.len(), refreshes), ("auth.token_rejected", 2, 1), "never more");
}

#[tokio::test]
async fn a_refused_token_without_another_one_names_what_is_wanted() {
    let (check, shown, _) = checked(usize::MAX, Some((400, r#"{"error":"interaction_required"}"#))).await;
    let problem = check.imap.problem.expect("refused");
    assert!(problem.code.starts_with("auth.") && shown.len() == 1, "{problem:?}");
    // The provider is away: what the server said stands.
    let (check, shown, _) = checked(usize::MAX, Some((503, ""))).await;
    assert_eq!((check.imap.problem.expect("refused").code.as_str(), shown.len()), ("auth.token_rejected", 1));
}

#[tokio::test]
async fn a_side_that_failed_for_another_reason_is_not_tried_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::start(1).await;
    let courrier = place.open();
    authorized_at(&server, &courrier, &issuer, 3600).await;
    let mut draft = at(&server);
    draft.smtp.auth = "password".to_owned();
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        move |progress| told.lock().expect("whole").push(progress)
    };
    let run = Run { progress: Arc::new(progress), ..Run::silent() };
    let check = courrier.check_draft(run, draft, Some(Secret::from("wrong")), None).await.expect("checked");
    assert_eq!((code(&check.imap), code(&check.smtp)), (None, Some("auth.rejected")), "{check:?}");
    assert_eq!((server.shown.lock().expect("whole").len(), issuer.refreshes()), (2, 1));
    assert_eq!(*server.heard.lock().expect("whole"), ["AUTH PLAIN"], "servers lock accounts");

    // Nobody sees stages run backwards: of the second attempt only what is new is told.
    let told = told.lock().expect("whole");
    let began = |side: &str| -> Vec<&str> {
        told.iter().filter(|told| told.side == side).filter_map(|told| told.began.as_deref()).collect()
    };
    let receiving = ["resolve", "connect", "greet", "capabilities", "authenticate", "authenticate", "inbox"];
    assert_eq!(began("imap"), receiving);
    assert_eq!(began("smtp"), ["resolve", "connect", "greet", "capabilities", "authenticate"]);
}

#[tokio::test]
async fn a_side_that_passed_is_not_tried_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::start(1).await;
    let courrier = place.open();
    let id = authorized_at(&server, &courrier, &issuer, 3600).await;
    let check = courrier.check_account(Run::silent(), &id).await.expect("checked");
    assert!(check.ok, "{check:?}");
    assert_eq!(*server.heard.lock().expect("whole"), ["AUTH XOAUTH2", "RCPT TO"]);
}

#[tokio::test]
async fn a_provider_that_is_away_hides_nothing_of_what_the_servers_say() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::start(0).await;
    let courrier = place.open();
    let id = authorized_at(&server, &courrier, &issuer, 3600).await;
    issuer.answers(Some((503, "")));
    spend(&courrier, &id).await;
    let check = courrier.check_account(Run::silent(), &id).await.expect("a diagnosis");
    for side in [&check.imap, &check.smtp] {
        let stages: Vec<_> = side.steps.iter().map(|step| (step.stage.as_str(), step.ok)).collect();
        assert_eq!(stages, ["resolve", "connect", "greet", "capabilities"].map(|stage| (stage, true)));
        let problem = side.problem.as_ref().expect("no token");
        assert_eq!((problem.code.as_str(), problem.stage.as_str()), ("auth.provider_unreachable", "authenticate"));
        assert!(!problem.summary.is_empty() && !problem.remedy.text.is_empty());
    }
    assert!(server.shown.lock().expect("whole").is_empty() && server.heard.lock().expect("whole").is_empty());

    // A server that is away itself is the cause that comes first.
    let away = server.imap;
    drop(server);
    let check = courrier.check_account(Run::silent(), &id).await.expect("a diagnosis");
    assert!(matches!(code(&check.imap), Some("net.refused" | "net.reset")), "{away}: {check:?}");
}

#[tokio::test]
async fn however_many_steps_it_takes_a_check_answers_within_its_time() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::slow(usize::MAX, Duration::from_secs(8)).await;
    let courrier = place.open();
    let id = authorized_at(&server, &courrier, &issuer, 3600).await;
    issuer.takes(Duration::from_secs(10));
    spend(&courrier, &id).await;
    // Whoever waits for nothing but a time has it at once.
    tokio::time::pause();
    let begin = Instant::now();
    let check = courrier.check_account(Run::silent(), &id).await.expect("checked");
    let lasted = begin.elapsed();
    assert!(!check.ok && lasted <= limits::WHOLE + Duration::from_secs(1), "{lasted:?}");
    assert_eq!(code(&check.imap), Some("auth.token_rejected"));
}

#[tokio::test]
async fn a_provider_that_never_answers_leaves_the_servers_their_time() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let server = Refusing::start(0).await;
    let courrier = place.open();
    let id = authorized_at(&server, &courrier, &issuer, 3600).await;
    issuer.takes(Duration::from_secs(3600));
    spend(&courrier, &id).await;
    tokio::time::pause();
    let begin = Instant::now();
    let check = courrier.check_account(Run::silent(), &id).await.expect("a diagnosis");
    assert!(begin.elapsed() < limits::WHOLE, "{:?}", begin.elapsed());
    assert_eq!((code(&check.imap), check.imap.steps.len()), (Some("auth.provider_unreachable"), 4), "{check:?}");
}
