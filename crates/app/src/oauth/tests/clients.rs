//! Under which client, for which servers, and what stays of it.

use courrier_auth::MailProvider;
use courrier_wire::ProviderClient;

use super::*;
use crate::oauth::testing::Consenting;
use crate::view::EndpointView;

fn browsing(place: &Place) -> Arc<Courrier> {
    let ports = Ports {
        secrets: Arc::new(place.keyring.clone()),
        browser: Arc::new(Consenting),
        language: Language::English,
        ..Ports::system()
    };
    Courrier::open(Some(place.home.path()), ports).expect("opened")
}

async fn authorize(
    courrier: &Arc<Courrier>,
    draft: DraftView,
    issuer: Option<&FakeIssuer>,
    client_id: Option<&str>,
) -> Result<AccountView, AppError> {
    let options = AuthorizeOptions {
        issuer: issuer.map(|issuer| issuer.url.clone()),
        client_id: client_id.map(str::to_owned),
        as_delegate: false,
    };
    courrier.authorize_draft(&Attempt::new(1, Way::Browser, |_| {}), draft, options).await
}

fn by_password(draft: DraftView, sending: &str) -> DraftView {
    let auth = "password".to_owned();
    let imap = EndpointView { auth: auth.clone(), ..draft.imap };
    DraftView { smtp: EndpointView { auth, host: sending.to_owned(), ..draft.smtp }, imap, ..draft }
}

#[tokio::test]
async fn a_relay_of_somebody_else_keeps_its_password_and_gets_no_token() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = browsing(&place);
    for (relay, auth) in [("relay.evil.test", "password"), ("smtp.example.test", "oauth")] {
        let local = by_password(draft(ALICE), relay);
        let view = authorize(&courrier, local, Some(&issuer), Some("mine")).await.expect("consented");
        assert_eq!((view.imap.auth.as_str(), view.smtp.auth.as_str()), ("oauth", auth), "{relay}");
        let tokens = courrier.slot_tokens(view.id.parse().expect("an id")).expect("open").expect("there");
        let shown = tokens.mail_hosts.covers(&relay.parse().expect("a host"));
        assert_eq!(shown, auth == "oauth", "{relay}");
        courrier.remove_now(ALICE).expect("removed");
    }
}

#[tokio::test]
async fn new_servers_that_were_consented_to_are_served_at_once() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 3600).await;
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"));
    let mut moved = draft(ALICE);
    moved.imap.host = "imap.new.test".to_owned();
    moved.smtp.host = "imap.new.test".to_owned();
    let mut given = issuer.consent(3600, Some(ALICE));
    given.tokens.mail_hosts = courrier_model::MailHosts::new(["imap.new.test".parse().expect("a host")]);
    consent_for(&courrier, &issuer, given, AuthorizeOptions::default(), &moved).await.expect("authorised");
    assert_eq!(token(&courrier).await.as_deref(), Ok("access-0"));
}

#[tokio::test]
async fn tokens_are_renewed_with_their_own_client_s_secret_whatever_becomes_of_it() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = browsing(&place);
    let theirs = |client_id: &str, secret: &str| ProviderClient {
        provider: issuer.url.clone(),
        client_id: client_id.to_owned(),
        client_secret: Some(secret.to_owned()),
        tenant: None,
    };
    let domains = ["example.test".to_owned()];
    courrier.note_mail_clients(&[theirs("c1", "s1")], &domains).expect("kept");
    authorize(&courrier, draft(ALICE), None, None).await.expect("consented");
    let renewed = async |courrier: &Arc<Courrier>| {
        let mail = courrier.custodian(&courrier.find(ALICE).expect("there")).expect("there");
        let token = mail.custodian.ensure_fresh(Duration::ZERO).await.expect("fresh");
        mail.custodian.refused(&token);
        mail.custodian.ensure_fresh(Duration::ZERO).await.expect("renewed");
        issuer.asked_as().expect("asked")
    };
    let c1 = ("c1".to_owned(), "s1".to_owned());
    assert_eq!(renewed(&courrier).await, c1);
    // The organisation registers another one, which another account consents with.
    courrier.note_mail_clients(&[theirs("c2", "s2")], &domains).expect("kept");
    authorize(&courrier, draft("bob@example.test"), None, None).await.expect("consented");
    assert_eq!(issuer.asked_as(), Some(("c2".to_owned(), "s2".to_owned())));
    assert_eq!(renewed(&courrier).await, c1);
    assert_eq!(renewed(&browsing(&place)).await, c1);
    // Nobody is signed in any more.
    courrier.forget_notes().expect("signed out");
    let known = courrier.store().setting("oauth.issuers").expect("read").expect("there");
    assert!(!known.contains("s1") && !known.contains("s2"), "the organisation's secrets left with it: {known}");
    assert_eq!(renewed(&browsing(&place)).await, c1);
    let account = courrier.find(ALICE).expect("there");
    let record = courrier.store().tokens(account.id).expect("read").expect("there").record;
    let known = input::draft(&draft(ALICE)).expect("valid");
    let named = courrier.provider_of(&record, &known).expect("read").expect("known");
    let MailProvider { client_id, client_secret, .. } = named.provider;
    assert_eq!((client_id.as_str(), client_secret.is_some()), ("c1", false), "never another client's");
}

#[tokio::test]
async fn a_client_id_is_remembered_when_it_has_worked_and_not_before() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = browsing(&place);
    issuer.answers(Some((401, r#"{"error":"invalid_client"}"#)));
    let refused = authorize(&courrier, draft(ALICE), Some(&issuer), Some("typo")).await;
    assert_eq!(refused.expect_err("nobody").code(), "oauth.misconfigured");
    issuer.answers(None);
    let refused = authorize(&courrier, draft(ALICE), Some(&issuer), None).await;
    assert_eq!(refused.expect_err("forgotten").code(), "oauth.client_missing");
    authorize(&courrier, draft(ALICE), Some(&issuer), Some("mine")).await.expect("consented");
    authorize(&courrier, draft(ALICE), Some(&issuer), None).await.expect("remembered");
    assert_eq!(issuer.asked_as().expect("asked").0, "mine");
}

#[tokio::test]
async fn a_client_that_the_issuer_forgot_is_registered_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    issuer.registers();
    let courrier = browsing(&place);
    let unknown = Some((401, r#"{"error":"invalid_client"}"#));
    let client = async || {
        let answer = authorize(&courrier, draft(ALICE), Some(&issuer), None).await;
        (answer.is_ok(), issuer.asked_as().expect("asked").0)
    };
    issuer.answers(unknown);
    assert_eq!(client().await, (false, "registered-1".to_owned()));
    issuer.answers(None);
    assert_eq!(client().await, (true, "registered-2".to_owned()));
    assert_eq!(client().await, (true, "registered-2".to_owned()), "it is known");
    // Found out by a refresh: the person consents again, and that registers.
    issuer.answers(unknown);
    let mail = courrier.custodian(&courrier.find(ALICE).expect("there")).expect("there");
    let held = mail.custodian.ensure_fresh(Duration::ZERO).await.expect("fresh");
    mail.custodian.refused(&held);
    assert_eq!(token(&courrier).await, Err("oauth.sign_in_needed"));
    issuer.answers(None);
    assert_eq!(client().await, (true, "registered-3".to_owned()));
}

#[tokio::test]
async fn scopes_that_a_mail_server_named_are_asked_for_again() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 3600).await;
    let known = input::draft(&draft(ALICE)).expect("valid");
    let account = courrier.find(ALICE).expect("there").id;
    let record = courrier.store().tokens(account).expect("read").expect("there").record;
    let options = AuthorizeOptions::default();
    for _ in 0..2 {
        let source = courrier.source_of(&known, &options, Some(&record)).expect("known");
        let named = courrier.provider_for(source, &known, &options, &Default::default()).await.expect("asked");
        assert!(named.provider.scopes.iter().any(|scope| scope == "mail"), "{:?}", named.provider.scopes);
        courrier.note_issuer(&named.provider).expect("noted");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_other_issuer() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let courrier = place.open();
    authorized(&courrier, &issuer, 3600).await;
    let slash = format!("{}/", issuer.url);
    let known = courrier.known_issuer(&slash, Default::default()).expect("read");
    assert_eq!(known.expect("the same").client_id, "courrier-mail");
    let theirs =
        ProviderClient { provider: slash.clone(), client_id: "theirs".to_owned(), client_secret: None, tenant: None };
    courrier.note_mail_clients(&[theirs], &[]).expect("kept");
    for address in [&slash, &issuer.url] {
        let (client, _) = courrier.mail_client_of(address).expect("read").expect("known");
        assert_eq!(client.client_id, "theirs");
    }
}

#[tokio::test]
async fn an_account_by_password_stays_so_if_its_tokens_can_not_be_kept() {
    let (issuer, place) = (FakeIssuer::start().await, Place::new());
    let keyring = Filling::new(&place.keyring);
    let courrier = place.open_with(Arc::clone(&keyring) as _, None);
    let id = add(&courrier, ALICE);
    let by_password = EndpointChange { auth: Some("password".to_owned()), ..EndpointChange::default() };
    let change = AccountChange { imap: by_password.clone(), smtp: by_password, ..AccountChange::default() };
    courrier.change_account(ALICE, &change, Some("secret".into()), None).expect("changed");
    keyring.writes_left.store(0, Ordering::SeqCst);
    let given = issuer.consent(3600, Some(ALICE));
    consent(&courrier, &issuer, given, AuthorizeOptions::default()).await.expect_err("full");
    let view = courrier.account(ALICE).expect("there");
    assert_eq!((view.imap.auth.as_str(), view.smtp.auth.as_str()), ("password", "password"));
    assert!(courrier.store().secret_of(id, Purpose::Incoming).expect("read").is_some());

    keyring.writes_left.store(u32::MAX, Ordering::SeqCst);
    let view = authorized(&courrier, &issuer, 3600).await;
    assert_eq!((view.imap.auth.as_str(), token(&courrier).await.as_deref()), ("oauth", Ok("access-0")));
}
