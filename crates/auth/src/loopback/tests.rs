use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::testing::pages;

/// A server that waits for `/callback?right`, and its `host:port`.
async fn waiting(host: RedirectHost) -> (AbortOnDropHandle<&'static str>, String) {
    let loopback = Loopback::bind(host).await.expect("bound");
    let authority = loopback.authority.clone();
    let serving = loopback.serve(pages(), |path, query| match (path, query) {
        ("/callback", "right") => Reply::Finish(Ok("right")),
        ("/callback", "refused") => Reply::Finish(Err("refused")),
        ("/start", "") => Reply::Lead("https://id.example.test/logout?hint=x".parse().expect("valid")),
        _ => Reply::Stray,
    });
    (AbortOnDropHandle::new(tokio::spawn(serving)), authority)
}

fn address(authority: &str) -> String {
    authority.replace("localhost", "127.0.0.1")
}

/// Sends bytes and reads all that comes back.
async fn say(authority: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(authority)).await.expect("connected");
    // A server that hangs up early is an answer too.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(authority: &str, path: &str) -> String {
    say(authority, format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes()).await
}

#[tokio::test]
async fn the_right_visit_ends_it_and_its_page_arrives_whole() {
    let (serving, authority) = waiting(RedirectHost::Ip).await;
    assert!(get(&authority, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
    assert!(get(&authority, "/callback?wrong").await.starts_with("HTTP/1.1 400"));
    let page = get(&authority, "/callback?right").await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with("</html>"), "{page}");
    assert!(page.contains("cache-control: no-store\r\n") && page.contains("Signed in"), "{page}");
    assert!(!page.contains("right"), "the page repeats the request: {page}");
    assert_eq!(serving.await.expect("ran"), "right");
    assert!(TcpStream::connect(address(&authority)).await.is_err(), "the port is closed again");
}

#[tokio::test]
async fn a_refusal_shows_the_other_page() {
    let (serving, authority) = waiting(RedirectHost::Ip).await;
    assert!(get(&authority, "/callback?refused").await.contains("Not signed in"));
    assert_eq!(serving.await.expect("ran"), "refused");
}

#[tokio::test]
async fn the_browser_can_be_led_on() {
    let (_serving, authority) = waiting(RedirectHost::Ip).await;
    let answer = get(&authority, "/start").await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("location: https://id.example.test/logout?hint=x\r\n"), "{answer}");
}

#[tokio::test]
async fn other_hosts_methods_and_forms_are_turned_away() {
    let (serving, authority) = waiting(RedirectHost::Ip).await;
    let port = authority.rsplit(':').next().expect("a port");
    for request in [
        "GET /callback?right HTTP/1.1\r\nHost: evil.test\r\n\r\n".to_owned(),
        format!("GET /callback?right HTTP/1.1\r\nHost: evil.test:{port}\r\n\r\n"),
        format!("GET /callback?right HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        "GET /callback?right HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(),
        format!("GET /callback?right HTTP/1.1\r\nHost: {authority}\r\nHost: {authority}\r\n\r\n"),
        "GET /callback?right HTTP/1.1\r\n\r\n".to_owned(),
        "GET /callback?right HTTP/1.0\r\n\r\n".to_owned(),
        format!("GET http://evil.test/callback?right HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("GET //evil.test/callback?right HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("GET /callback/?right HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("GET /x/../callback?right HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("POST /callback?right HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 0\r\n\r\n"),
        format!("OPTIONS /callback?right HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
        format!("GET /callback?right HTTP/1.1\r\nHost: {authority}\r\nX: {}\r\n\r\n", "x".repeat(100_000)),
        format!("GET /callback?{} HTTP/1.1\r\nHost: {authority}\r\n\r\n", "x".repeat(100_000)),
    ] {
        let answer = say(&authority, request.as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{:.120}: {answer}", request);
    }
    get(&authority, "/callback?right").await;
    assert_eq!(serving.await.expect("ran"), "right");
}

#[tokio::test]
async fn who_says_half_a_word_keeps_nobody_waiting() {
    let (serving, authority) = waiting(RedirectHost::Ip).await;
    let mut silent = Vec::new();
    for half in [&b""[..], b"GET", b"GET /callback?right HTTP/1.1\r\nHost: ", b"\0\0\0\0"] {
        let mut stream = TcpStream::connect(&authority).await.expect("connected");
        stream.write_all(half).await.expect("sent");
        silent.push(stream);
    }
    get(&authority, "/callback?right").await;
    assert_eq!(serving.await.expect("ran"), "right");
}

#[tokio::test]
async fn the_answer_may_come_twice_at_once() {
    let (serving, authority) = waiting(RedirectHost::Ip).await;
    let pages = join_all((0..8).map(|_| get(&authority, "/callback?right"))).await;
    assert!(pages.iter().any(|page| page.ends_with("</html>")));
    assert_eq!(serving.await.expect("ran"), "right");
}

#[tokio::test]
async fn localhost_is_another_name_with_the_same_rules() {
    let (serving, authority) = waiting(RedirectHost::Localhost).await;
    let port = authority.strip_prefix("localhost:").expect("named so");
    let by_number = format!("GET /callback?right HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert!(say(&authority, by_number.as_bytes()).await.starts_with("HTTP/1.1 421"));
    assert!(get(&authority, "/callback?right").await.starts_with("HTTP/1.1 200"));
    assert_eq!(serving.await.expect("ran"), "right");
}

#[tokio::test]
async fn a_path_is_kept_as_registered_or_refused() {
    let loopback = Loopback::bind(RedirectHost::Ip).await.expect("bound");
    assert_eq!(loopback.url("/callback").expect("fine").path(), "/callback");
    for path in ["", "callback", "/a b", "/a/../b", "/a?b", "/a#b", "@evil.test/"] {
        assert!(loopback.url(path).is_err(), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_never_ends_the_wait(noise in prop::collection::vec(any::<u8>(), 1..400)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("built");
        runtime.block_on(async {
            let (serving, authority) = waiting(RedirectHost::Ip).await;
            let mut stream = TcpStream::connect(&authority).await.expect("connected");
            let _ = stream.write_all(&noise).await;
            let _ = stream.shutdown().await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            get(&authority, "/callback?right").await;
            assert_eq!(serving.await.expect("ran"), "right");
        });
    }
}
