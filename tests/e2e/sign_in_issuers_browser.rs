//! Signing in and out by `courrier-auth` in a real Chromium, at both issuers.

use std::process::Command;

use courrier_auth::{CancellationToken, Client, SignedIn};
use courrier_tests::{Browser, DESKTOP_CLIENT, Issuer, Keycloak, OidcProvider, Person, process};
use tokio::runtime::Runtime;

use crate::desktop::{LONG, Place, client, options};

/// A runtime beside the test's own thread, which drives the browser.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("it starts")
}

/// What a desktop program does with an address.
fn open(browser: &Browser, url: &str) {
    process::finish(Command::new("sh").args(["-c", "xdg-open \"$1\"", "sh", url]).envs(browser.environment()));
    browser.next_page();
}

/// Signs in by the browser; `consents` where the issuer asks for it.
fn sign_in(runtime: &Runtime, browser: &Browser, client: &Client, person: &Person, consents: bool) -> SignedIn {
    let attempt = runtime.block_on(client.sign_in(options())).expect("begun");
    open(browser, attempt.authorize_url().as_str());
    browser.sign_in(person);
    if consents {
        browser.consent();
    }
    browser.read("Back to Courrier");
    assert!(browser.url().starts_with("http://127.0.0.1:"), "{}", browser.url());
    runtime.block_on(attempt.wait(&CancellationToken::new(), LONG)).expect("signed in")
}

#[test]
fn keycloak_signs_in_and_out_in_the_browser() {
    let realm = Keycloak::shared().realm();
    let (runtime, browser, client) = (runtime(), Browser::start(), client(&realm, None));
    let alice = realm.alice();
    let signed_in = sign_in(&runtime, &browser, &client, &alice, false);
    assert_eq!(signed_in.identity().subject, alice.id);
    let place = Place::default();
    let session = runtime.block_on(place.begin(&client, signed_in));
    let refresh_token = place.refresh_token().expect("kept");
    let signed_out = runtime.block_on(session.sign_out()).expect("signed out");
    realm.refresh(&refresh_token, DESKTOP_CLIENT).expect_err("it was revoked");

    // The browser's own session ends too: the next sign-in asks for the password.
    let end = runtime.block_on(signed_out.end_session(options().pages)).expect("prepared").expect("offered");
    assert!(end.url().as_str().starts_with("http://127.0.0.1:"), "{}", end.url());
    open(&browser, end.url().as_str());
    browser.until_url("http://127.0.0.1:");
    browser.read("Back to Courrier");
    runtime.block_on(end.wait(&CancellationToken::new(), LONG)).expect("the browser is back");
    let bruno = realm.bruno();
    let signed_in = sign_in(&runtime, &browser, &client, &bruno, false);
    assert_eq!(signed_in.identity().subject, bruno.id, "somebody else, who is told apart");
}

#[test]
fn the_other_issuer_signs_in_and_out_in_the_browser() {
    let provider = OidcProvider::start();
    let (runtime, browser, client) = (runtime(), Browser::start(), client(&provider, None));
    let alice = provider.alice();
    let signed_in = sign_in(&runtime, &browser, &client, &alice, true);
    assert_eq!(signed_in.identity().subject, alice.id);
    let place = Place::default();
    let session = runtime.block_on(place.begin(&client, signed_in));
    let signed_out = runtime.block_on(session.sign_out()).expect("signed out");
    let end = runtime.block_on(signed_out.end_session(options().pages)).expect("prepared").expect("offered");
    open(&browser, end.url().as_str());
    browser.click("button[name=logout]");
    browser.read("Back to Courrier");
    runtime.block_on(end.wait(&CancellationToken::new(), LONG)).expect("the browser is back");
}
