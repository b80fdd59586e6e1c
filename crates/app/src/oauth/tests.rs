//! Tokens between an issuer, the secret store and the database, whoever dies in between.

mod checks;
mod clients;
mod ending;
mod losing;
mod renewing;
mod slot;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use courrier_model::{AccountId, ExposeSecret as _};
use courrier_secrets::StoreState;
use courrier_store::{Purpose, SaveAccount, Target};

use super::authorize::Wanted;
use super::issuers::Asked;
use super::testing::{ALICE, Consenting, FakeIssuer, Filling, HOST, Place, draft};
use super::{AuthorizeOptions, OAuthError, TokenNotice};
use crate::accounts::{AccountChange, EndpointChange};
use crate::view::{AccountView, DraftView};
use crate::{AppError, Attempt, Courrier, Language, Moment, Ports, Run, Way, input};

const MINUTE: Duration = Duration::from_secs(60);

fn add(courrier: &Courrier, address: &str) -> AccountId {
    let draft = input::draft(&draft(address)).expect("valid");
    courrier.store().save(SaveAccount::new(Target::New(draft), courrier.now())).expect("saved").account.id
}

/// Consents as a person does in the browser.
async fn consent(
    courrier: &Arc<Courrier>,
    issuer: &FakeIssuer,
    consent: courrier_auth::Consent,
    options: AuthorizeOptions,
) -> Result<AccountView, AppError> {
    consent_for(courrier, issuer, consent, options, &draft(ALICE)).await
}

async fn consent_for(
    courrier: &Arc<Courrier>,
    issuer: &FakeIssuer,
    consent: courrier_auth::Consent,
    options: AuthorizeOptions,
    draft: &DraftView,
) -> Result<AccountView, AppError> {
    let draft = input::draft(draft).expect("valid");
    let account = courrier.store().account_by_address(&draft.address).expect("read").map(|account| account.id);
    let asked = Asked {
        issuer: issuer.url.parse().expect("valid"),
        client: Some(courrier.mail_client_with_id(&issuer.url, "courrier-mail").expect("read")),
        scopes: vec!["mail".to_owned()],
        mail_hosts: super::hosts::own_hosts(&draft),
    };
    let provider = courrier.discover_issuer(asked).await.expect("discovered");
    courrier.note_issuer(&provider).expect("noted");
    let named = super::provider::Named { provider, name: "the issuer".to_owned() };
    courrier.settle_consent(Wanted { account, draft, options }, named, consent).await
}

async fn authorized(courrier: &Arc<Courrier>, issuer: &FakeIssuer, seconds: i64) -> AccountView {
    let given = issuer.consent(seconds, Some(ALICE));
    consent(courrier, issuer, given, AuthorizeOptions::default()).await.expect("authorised")
}

async fn token(courrier: &Arc<Courrier>) -> Result<String, &'static str> {
    let token = courrier.token(ALICE, MINUTE).await;
    token.map(|token| token.access_token.expose_secret().to_owned()).map_err(|error| error.code())
}

#[tokio::test]
async fn consent_saves_the_account_with_its_tokens_and_a_mail_program_gets_them_without_the_network() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    assert_eq!(token(&courrier).await, Err("account.not_found"));
    let view = authorized(&courrier, &issuer, 3600).await;
    assert_eq!((view.address.as_str(), view.health.state.as_str(), view.has_secret), (ALICE, "unchecked", true));
    let facts = view.oauth.expect("known");
    assert_eq!((facts.state.as_str(), facts.consented_as.as_deref()), ("working", Some(ALICE)));
    assert!(facts.expires_at.is_some() && facts.renews_at.is_some() && facts.refreshed_at.is_some());

    // Another process: from the keyring.
    drop(courrier);
    issuer.answers(Some((500, "")));
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-0"));
    assert_eq!(issuer.refreshes(), 0);
}

#[tokio::test]
async fn a_consent_in_the_browser_adds_the_account_and_the_client_id_is_remembered() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let ports = Ports {
        secrets: Arc::new(place.keyring.clone()),
        browser: Arc::new(Consenting),
        language: Language::English,
        ..Ports::system()
    };
    let courrier = Courrier::open(Some(place.home.path()), ports).expect("opened");
    let told = Arc::new(Mutex::new(Vec::new()));
    let attempt = || {
        let told = Arc::clone(&told);
        Attempt::new(1, Way::Browser, move |moment| told.lock().expect("whole").push(moment))
    };
    let with = |client_id: Option<&str>| AuthorizeOptions {
        issuer: Some(issuer.url.clone()),
        client_id: client_id.map(str::to_owned),
        as_delegate: false,
    };
    let none = courrier.authorize_draft(&attempt(), draft(ALICE), with(None)).await.expect_err("nobody registered");
    assert_eq!(none.code(), "oauth.client_missing");
    assert!(courrier.accounts().expect("listed").is_empty());

    let view = courrier.authorize_draft(&attempt(), draft(ALICE), with(Some("mine"))).await.expect("consented");
    assert_eq!(view.oauth.as_ref().map(|facts| facts.state.as_str()), Some("working"));
    assert!(matches!(told.lock().expect("whole").as_slice(), [Moment::Address(_)]));
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"));

    // Again: where it was before, under the same client id.
    let again = courrier.authorize(&attempt(), ALICE, AuthorizeOptions::default()).await.expect("consented again");
    assert_eq!((again.id, place.keyring.len()), (view.id, 1));
    let cancelled = attempt();
    cancelled.cancel();
    let refused = courrier.authorize(&cancelled, ALICE, AuthorizeOptions::default()).await.expect_err("given up");
    assert_eq!(refused.code(), "signin.cancelled");
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"), "nothing was changed");
}

#[tokio::test]
async fn any_number_of_callers_in_any_number_of_processes_cause_one_refresh() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    authorized(&place.open(), &issuer, 10).await;
    let processes: Vec<Arc<Courrier>> = (0..4).map(|_| place.open()).collect();
    let callers = processes.iter().flat_map(|courrier| (0..10).map(move |_| token(courrier)));
    let answers = futures_util::future::join_all(callers).await;
    assert!(answers.iter().all(|answer| answer.as_deref() == Ok("access-1")), "{answers:?}");
    assert_eq!((issuer.refreshes(), place.keyring.len()), (1, 1));
}

#[tokio::test]
async fn a_provider_that_wants_the_person_is_told_until_they_consent_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let id = authorized(&courrier, &issuer, 10).await.id;
    issuer.answers(Some((400, r#"{"error":"invalid_grant"}"#)));
    assert_eq!(token(&courrier).await, Err("oauth.sign_in_needed"));
    let view = courrier.account(ALICE).expect("there");
    assert_eq!(
        (view.health.state.as_str(), view.oauth.expect("known").state),
        ("sign_in_needed", "sign_in_needed".into())
    );
    assert_eq!(token(&place.open()).await, Err("oauth.sign_in_needed"), "another process");

    issuer.answers(None);
    let again = authorized(&courrier, &issuer, 3600).await;
    assert_eq!((again.id, again.health.state.as_str()), (id, "unchecked"));
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"));
    assert_eq!(place.keyring.len(), 1, "in place of the old ones");
}

#[tokio::test]
async fn what_passes_is_never_taken_for_the_end() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 10).await;
    issuer.answers(Some((503, "")));
    assert_eq!(token(&courrier).await, Err("oauth.unreachable"));
    issuer.answers(None);
    place.keyring.set_state(StoreState::Locked);
    assert_eq!(token(&place.open()).await, Err("keyring.locked"));
    place.keyring.set_state(StoreState::Absent);
    assert_eq!(token(&place.open()).await, Err("keyring.absent"));
    place.keyring.set_state(StoreState::Ready);
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-1"));
    assert_eq!(courrier.account(ALICE).expect("there").health.state, "unchecked");
}

#[tokio::test]
async fn somebody_else_s_consent_is_bound_only_by_the_person_s_word() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let foreign = || issuer.consent(3600, Some("bob@example.test"));
    let refused = consent(&courrier, &issuer, foreign(), AuthorizeOptions::default()).await.expect_err("refused");
    let AppError::OAuth(OAuthError::OtherAddress { account, consented }) = &refused else { panic!("{refused}") };
    assert_eq!((account.as_str(), consented.as_str()), (ALICE, "bob@example.test"));
    assert!(courrier.accounts().expect("listed").is_empty() && place.keyring.is_empty(), "nothing is kept");

    courrier.drop_other_address(ALICE);
    assert_eq!(courrier.use_other_address(ALICE).await.expect_err("dropped").code(), "signin.cancelled");
    consent(&courrier, &issuer, foreign(), AuthorizeOptions::default()).await.expect_err("refused");
    let view = courrier.use_other_address(ALICE).await.expect("the person knows why");
    assert_eq!(view.oauth.and_then(|facts| facts.consented_as).as_deref(), Some("bob@example.test"));

    let as_delegate = AuthorizeOptions { as_delegate: true, ..AuthorizeOptions::default() };
    consent(&courrier, &issuer, foreign(), as_delegate).await.expect("said before");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_noticed_at_once() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let mut given = issuer.consent(3600, Some(ALICE));
    given.missing_scopes = vec!["mail".to_owned()];
    let refused = consent(&courrier, &issuer, given, AuthorizeOptions::default()).await;
    assert_eq!(refused.expect_err("refused").code(), "oauth.scope_missing");
    assert!(place.keyring.is_empty() && courrier.oauth().is_incomplete(&ALICE.parse().expect("valid")));
}

#[tokio::test]
async fn tokens_are_shown_to_no_server_but_those_that_they_were_given_for() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 3600).await;
    let moved = |server: &str| AccountChange {
        imap: EndpointChange { server: Some(server.to_owned()), ..EndpointChange::default() },
        ..AccountChange::default()
    };
    courrier.change_account(ALICE, &moved("evil.example.test:993/tls"), None, None).expect("changed");
    // As a server that edits settings would have it: in this process, and in another one.
    assert_eq!(token(&courrier).await, Err("oauth.host_changed"));
    assert_eq!(token(&place.open()).await, Err("oauth.host_changed"));
    courrier.change_account(ALICE, &moved(&format!("{HOST}:993/tls")), None, None).expect("changed");
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-0"));
}

#[tokio::test]
async fn a_removed_account_leaves_nothing_behind_and_its_access_is_revoked() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 3600).await;
    courrier.remove_now(ALICE).expect("removed");
    assert!(place.keyring.is_empty());
    courrier.revoke_leaving().await;
    assert_eq!(issuer.revoked(), 1);
    courrier.revoke_leaving().await;
    assert_eq!(issuer.revoked(), 1, "once");
    let files = std::fs::read_dir(place.home.path()).expect("listed").flatten();
    let locks = files.filter(|file| file.file_name().to_string_lossy().starts_with("tokens-")).count();
    assert_eq!(locks, 0);
}

#[tokio::test]
async fn access_is_revoked_at_the_provider_or_forgotten_here() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let id = authorized(&courrier, &issuer, 3600).await.id;
    let view = courrier.revoke_access(&id).await.expect("revoked");
    assert_eq!((view.health.state.as_str(), view.oauth.expect("shown").state.as_str()), ("sign_in_needed", "missing"));
    assert_eq!((issuer.revoked(), place.keyring.len()), (1, 0));
    assert_eq!(token(&courrier).await, Err("secret.missing"));
    assert_eq!(courrier.forget_access(&id).await.expect_err("nothing there").code(), "secret.missing");

    authorized(&courrier, &issuer, 3600).await;
    courrier.forget_access(&id).await.expect("forgotten");
    assert_eq!((issuer.revoked(), place.keyring.len()), (1, 0));
    authorized(&courrier, &issuer, 3600).await;
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"), "a new consent begins anew");
}

#[tokio::test]
async fn a_password_account_has_no_token_and_a_consent_makes_it_one_that_has() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let id = add(&courrier, ALICE);
    let by_password = EndpointChange { auth: Some("password".to_owned()), ..EndpointChange::default() };
    let change = AccountChange { imap: by_password.clone(), smtp: by_password, ..AccountChange::default() };
    courrier.change_account(ALICE, &change, Some("secret".into()), None).expect("changed");
    assert_eq!(token(&courrier).await, Err("oauth.not_used"));
    assert!(courrier.account(ALICE).expect("there").oauth.is_none());
    let view = authorized(&courrier, &issuer, 3600).await;
    assert_eq!((view.imap.auth.as_str(), view.smtp.auth.as_str(), view.id), ("oauth", "oauth", id.to_string()));
    assert!(courrier.store().secret_of(id, Purpose::Incoming).expect("read").is_some(), "switching back loses nothing");
}

#[tokio::test]
async fn new_tokens_that_can_not_be_kept_are_not_lost_while_the_program_runs() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let keyring = Filling::new(&place.keyring);
    let courrier = place.open_with(Arc::clone(&keyring) as _, None);
    authorized(&courrier, &issuer, 10).await;
    // Full before it is asked: the refresh token that works is not used up.
    keyring.writes_left.store(0, Ordering::SeqCst);
    assert_eq!(token(&courrier).await, Err("keyring.failed"));
    assert_eq!((issuer.refreshes(), courrier.unkept_tokens()), (0, false));
    // Full right after the proof that it takes a write.
    keyring.writes_left.store(1, Ordering::SeqCst);
    assert_eq!(token(&courrier).await, Err("keyring.failed"));
    assert_eq!((issuer.refreshes(), courrier.unkept_tokens()), (1, true));
    assert_eq!(courrier.account(ALICE).expect("there").oauth.expect("known").state, "unkept");

    keyring.writes_left.store(u32::MAX, Ordering::SeqCst);
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-1"));
    assert!(!courrier.unkept_tokens());
    drop(courrier);
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-1"));
    assert_eq!(issuer.refreshes(), 1);
}

#[tokio::test]
async fn a_program_that_ends_waits_for_tokens_that_only_it_has_but_not_for_ever() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let keyring = Filling::new(&place.keyring);
    let courrier = place.open_with(Arc::clone(&keyring) as _, None);
    authorized(&courrier, &issuer, 10).await;
    assert!(courrier.settle_tokens(MINUTE).await, "nothing to wait for");

    // A refresh that nobody waits for any more, as after a signal.
    issuer.takes(Duration::from_millis(300));
    {
        let asking = courrier.token(ALICE, MINUTE);
        assert!(tokio::time::timeout(Duration::from_millis(100), asking).await.is_err(), "it takes longer");
    }
    assert!(courrier.settle_tokens(MINUTE).await);
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-1"), "kept before the end");

    // The keyring is full right after the proof that it takes a write.
    issuer.takes(Duration::ZERO);
    let account = courrier.find(ALICE).expect("there").id;
    let mail = courrier.custodian_in_memory(account).expect("read").expect("it refreshed");
    mail.custodian.refused(&mail.custodian.ensure_fresh(MINUTE).await.expect("in memory"));
    keyring.writes_left.store(1, Ordering::SeqCst);
    assert_eq!(token(&courrier).await, Err("keyring.failed"));
    assert!(courrier.unkept_tokens());
    assert!(!courrier.settle_tokens(Duration::from_millis(50)).await, "still full");
    let (waiting, emptying) = tokio::join!(courrier.settle_tokens(MINUTE), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        keyring.writes_left.store(u32::MAX, Ordering::SeqCst);
    });
    assert_eq!((waiting, emptying), (true, ()));
    drop(courrier);
    assert_eq!(token(&place.open()).await.as_deref(), Ok("access-2"));
    assert_eq!(issuer.refreshes(), 2);
}

#[tokio::test]
async fn the_window_s_program_renews_what_is_due_and_tells_once_whom_the_provider_wants() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    let id = authorized(&courrier, &issuer, 1).await.id;
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let told = Arc::clone(&told);
        move |notice| told.lock().expect("whole").push(notice)
    };
    let renewing = tokio::spawn(Arc::clone(&courrier).keep_tokens_fresh(tell));
    // Looked at again and again, as after so many seconds.
    let looks = |so: &dyn Fn() -> bool| {
        courrier.oauth().changed.notify_waiters();
        so()
    };
    until(|| looks(&|| issuer.refreshes() == 1)).await;
    until(|| courrier.account(ALICE).expect("there").oauth.expect("known").expires_at > later(1800)).await;
    assert!(told.lock().expect("whole").is_empty());

    // Another process finds out that the provider took it back.
    let other = place.open();
    let account = id.parse().expect("an id");
    other
        .store()
        .note_sign_in_needed(account, courrier_model::ProblemCode::AuthTokenRejected, None, true)
        .expect("noted");
    until(|| looks(&|| !told.lock().expect("whole").is_empty())).await;
    for _ in 0..3 {
        courrier.oauth().changed.notify_waiters();
        tokio::task::yield_now().await;
    }
    renewing.abort();
    let told = told.lock().expect("whole");
    let [TokenNotice::SignInNeeded(accounts)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
}

/// So many seconds from now, as views write it.
fn later(seconds: i64) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the tests' clock is the system's")]
    let now = courrier_model::Timestamp::now();
    Some(crate::convert::time(now + jiff::SignedDuration::from_secs(seconds)))
}

/// Asks again until it is so.
async fn until(condition: impl Fn() -> bool) {
    let asking = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("in time");
}
