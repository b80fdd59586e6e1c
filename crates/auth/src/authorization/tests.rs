use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::Forgery;
use crate::testing::pages;

const LONG: Duration = Duration::from_secs(60);
const ISSUER: &str = "https://id.example.test";

async fn begin() -> Authorization {
    let request = AuthorizationRequest {
        endpoint: "https://id.example.test/authorize?tenant=x".parse().expect("valid"),
        client_id: "c & d".into(),
        scopes: vec!["mail".into(), "offline_access".into()],
        parameters: vec![("access_type".into(), "offline".into())],
        redirect: Redirect::default(),
        issuer: Some(ISSUER.into()),
        issuer_required: true,
        pages: pages(),
    };
    Authorization::begin(request).await.expect("begun")
}

fn parameter(url: &Url, name: &str) -> String {
    let mut found = url.query_pairs().filter(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    let value = found.next().expect("has the parameter");
    assert_eq!(found.next(), None, "once");
    value
}

/// The address that the issuer would send the browser to.
fn redirected(attempt: &Authorization, code: &str) -> Url {
    let mut url: Url = parameter(attempt.url(), "redirect_uri").parse().expect("valid");
    let state = parameter(attempt.url(), "state");
    url.query_pairs_mut().append_pair("code", code).append_pair("state", &state).append_pair("iss", ISSUER);
    url
}

async fn visit(url: &Url) -> String {
    let authority = format!("{}:{}", url.host_str().expect("has one"), url.port().expect("has one"));
    let mut stream = TcpStream::connect(&authority).await.expect("connected");
    let request =
        format!("GET {}?{} HTTP/1.1\r\nHost: {authority}\r\n\r\n", url.path(), url.query().unwrap_or_default());
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn the_address_asks_for_what_was_wanted() {
    let attempt = begin().await;
    let url = attempt.url();
    for (name, value) in [
        ("tenant", "x"),
        ("client_id", "c & d"),
        ("response_type", "code"),
        ("scope", "mail offline_access"),
        ("access_type", "offline"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(url, name), value);
    }
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&attempt.verifier);
    assert_eq!(parameter(url, "code_challenge"), challenge.as_str());
    assert!(parameter(url, "state").len() >= 22, "128 bits");
    assert!(!format!("{attempt:?}").contains(attempt.verifier.secret()));
}

#[tokio::test]
async fn the_browser_comes_back() {
    let attempt = begin().await;
    let back = redirected(&attempt, "C-1");
    let waiting = tokio::spawn(async move { attempt.granted(&CancellationToken::new(), LONG).await });
    assert!(visit(&back).await.contains("Signed in"));
    let granted = waiting.await.expect("ran").expect("granted");
    assert_eq!(granted.code.secret(), "C-1");
}

#[tokio::test]
async fn it_may_come_back_before_anybody_waits() {
    let attempt = begin().await;
    assert!(visit(&redirected(&attempt, "C-1")).await.contains("Signed in"));
    attempt.granted(&CancellationToken::new(), LONG).await.expect("granted");
}

#[tokio::test]
async fn attempts_do_not_take_each_others_answers() {
    let (first, second) = (begin().await, begin().await);
    let mut crossed = redirected(&first, "C-1");
    crossed.set_port(second.redirect_uri.port()).expect("a port");
    assert!(visit(&crossed).await.contains("Nothing here"));
    assert_eq!(second.paste_handle().paste(redirected(&first, "C-1").as_str()), Err(PasteError::NotTheAddress));
    assert_eq!(second.paste_handle().paste(crossed.as_str()), Err(PasteError::OtherAttempt));
    for (attempt, code) in [(second, "C-2"), (first, "C-1")] {
        visit(&redirected(&attempt, code)).await;
        let granted = attempt.granted(&CancellationToken::new(), LONG).await.expect("granted");
        assert_eq!(granted.code.secret(), code);
    }
}

#[tokio::test]
async fn another_issuers_answer_is_refused_whichever_way_it_comes() {
    for pasted in [false, true] {
        let attempt = begin().await;
        let genuine = redirected(&attempt, "C");
        let forged = genuine.as_str().replace("id.example.test", "evil.example.test");
        if pasted {
            attempt.paste_handle().paste(&forged).expect("the address is right");
        } else {
            assert!(visit(&forged.parse().expect("valid")).await.contains("Not signed in"));
        }
        let answer = attempt.granted(&CancellationToken::new(), LONG).await;
        assert_eq!(answer.expect_err("forged"), AuthError::Forged(Forgery::Issuer));
    }
}

#[tokio::test]
async fn an_address_can_be_pasted_once() {
    let attempt = begin().await;
    let (paste, back) = (attempt.paste_handle(), redirected(&attempt, "C-1"));
    assert_eq!(paste.paste("what?"), Err(PasteError::NotTheAddress));
    paste.paste(&format!("  {back} ")).expect("taken");
    assert_eq!(paste.paste(back.as_str()), Err(PasteError::Over));
    attempt.granted(&CancellationToken::new(), LONG).await.expect("granted");
    let attempt = begin().await;
    let (paste, back) = (attempt.paste_handle(), redirected(&attempt, "C-1"));
    drop(attempt);
    assert_eq!(paste.paste(back.as_str()), Err(PasteError::Over));
}

#[tokio::test]
async fn waiting_ends_and_the_port_with_it() {
    let attempt = begin().await;
    let authority = format!("127.0.0.1:{}", attempt.redirect_uri.port().expect("has one"));
    let answer = attempt.granted(&CancellationToken::new(), Duration::from_millis(1)).await;
    assert_eq!(answer.expect_err("nobody came"), AuthError::TimedOut);
    // The task is told to stop; that it did is seen a moment later.
    let deadline = tokio::time::Instant::now() + LONG;
    while TcpStream::connect(&authority).await.is_ok() {
        assert!(tokio::time::Instant::now() < deadline, "the port stays open");
        tokio::task::yield_now().await;
    }
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert_eq!(begin().await.granted(&cancel, LONG).await.expect_err("cancelled"), AuthError::Cancelled);
}
