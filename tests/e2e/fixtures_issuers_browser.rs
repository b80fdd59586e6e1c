//! Signing in as a person does: a program opens the system's browser, the password is typed into the issuer's own
//! page, and the browser comes back to this computer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use courrier_tests::{Browser, DESKTOP_CLIENT, Issuer, Keycloak, OidcProvider, process, until};
use url::Url;

/// Of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The address that a desktop program would open, and where it waits for the browser to come back.
fn request(issuer: &dyn Issuer) -> (Url, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let redirect = format!("http://{}/callback", listener.local_addr().expect("it is bound"));
    let mut url = issuer.endpoint("authorization_endpoint");
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", DESKTOP_CLIENT)
        .append_pair("redirect_uri", &redirect)
        .append_pair("scope", "openid offline_access")
        .append_pair("state", "a state & more")
        .append_pair("code_challenge", CHALLENGE)
        .append_pair("code_challenge_method", "S256");
    if let Some(resource) = issuer.api_resource() {
        url.query_pairs_mut().append_pair("resource", resource).append_pair("prompt", "consent");
    }
    (url, listener)
}

/// Answers the browser's request and returns its address.
fn come_back(listener: &TcpListener) -> String {
    listener.set_nonblocking(true).expect("a socket has this mode");
    until("the browser to come back", Duration::from_secs(30), || {
        let (mut stream, _) = listener.accept().ok()?;
        stream.set_nonblocking(false).expect("a socket has this mode");
        stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a socket has this limit");
        let mut head = [0; 8192];
        // A browser also opens connections that it never uses.
        let length = stream.read(&mut head).ok()?;
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        let path = head.strip_prefix("GET ")?.split(' ').next()?.to_owned();
        let page = "<h1>Back to Courrier</h1>";
        let answer =
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}", page.len());
        stream.write_all(answer.as_bytes()).ok()?;
        path.starts_with("/callback").then_some(path)
    })
}

/// What a program does that opens the system's browser.
fn xdg_open(browser: &Browser, url: &Url) {
    process::finish(Command::new("sh").args(["-c", "xdg-open \"$1\"", "sh", url.as_str()]).envs(browser.environment()));
}

#[test]
fn keycloak_in_the_system_browser() {
    let realm = Keycloak::shared().realm();
    let browser = Browser::start();
    assert!(!browser.has_next_page());
    let (url, listener) = request(&realm);
    xdg_open(&browser, &url);
    browser.next_page();
    browser.read("Sign in to your account");
    browser.sign_in(&realm.create_person());
    let path = come_back(&listener);
    assert!(path.contains("state=a+state+%26+more") || path.contains("state=a%20state%20%26%20more"), "{path}");
    assert!(path.contains("code="), "{path}");
    browser.read("Back to Courrier");
    assert!(browser.url().ends_with(&path), "{}", browser.url());
    assert!(browser.text().contains("Back to Courrier"));
}

#[test]
fn keycloak_refuses_a_wrong_password_on_its_page() {
    let realm = Keycloak::shared().realm();
    let browser = Browser::start();
    let (url, _listener) = request(&realm);
    browser.open(url.as_str());
    let mut alice = realm.alice();
    alice.password = "wrong".into();
    browser.sign_in(&alice);
    browser.read("Invalid username or password");
}

#[test]
fn the_other_issuer_in_the_system_browser() {
    let provider = OidcProvider::start();
    let browser = Browser::start();
    let (url, listener) = request(&provider);
    xdg_open(&browser, &url);
    browser.next_page();
    browser.sign_in(&provider.alice());
    browser.consent();
    assert!(come_back(&listener).contains("code="));
    browser.read("Back to Courrier");
}
