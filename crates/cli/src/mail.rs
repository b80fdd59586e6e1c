//! `courrier authorize` and `courrier token`: accounts that sign in through the browser.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use courrier_app::view::AccountView;
use courrier_app::{Attempt, AuthorizeOptions, ExposeSecret as _, Moment, Url, Way, Words};
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{Authorize, Token};
use crate::exit::Failure;
use crate::input;
use crate::output::Output;
use crate::server::{ATTEMPT, take_pasted, tell};
use crate::session::Session;

/// Has the person consent in the browser.
pub(crate) fn authorize(session: &Session, arguments: &Authorize) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let way = match arguments {
        Authorize { device_code: true, .. } => Way::Code,
        Authorize { print_url: true, .. } => Way::Address,
        _ => Way::Browser,
    };
    let options = AuthorizeOptions {
        issuer: arguments.issuer.clone(),
        client_id: arguments.client_id.clone(),
        as_delegate: arguments.as_delegate,
    };
    let secret = if arguments.client_secret_stdin { Some(input::client_secret(session)?) } else { None };
    session.done(session.courrier.complete_client(&arguments.address, &options, secret.as_ref()))?;
    let (output, words) = (session.output, Arc::clone(&session.words));
    let attempt = Attempt::new(ATTEMPT, way, move |moment| tell_of_mail(&moment, way, &output, &words));
    if way == Way::Address || (way == Way::Browser && std::io::stdin().is_terminal()) {
        take_pasted(attempt.clone());
    }
    let account = session.wait(session.courrier.authorize(&attempt, &arguments.address, options))?;
    if session.output.is_json() {
        session.output.document(&json!({ "account": account }));
    } else {
        session.output.line(&session.words.text("cli-authorized", &[("address", account.address.into())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// As for the organisation's own sign-in, but that the provider is named whose page it is.
fn tell_of_mail(moment: &Moment, way: Way, output: &Output, words: &Words) {
    match moment {
        Moment::Address(address) if way == Way::Browser => {
            let host = address.parse::<Url>().ok().and_then(|url| url.host_str().map(str::to_owned));
            let provider = host.unwrap_or_else(|| address.clone());
            output.note(&words.text("cli-authorize-browser", &[("provider", provider.into())]));
        }
        moment => tell(moment, way, output, words),
    }
}

/// The access token, and nothing else, for the mail program that asked.
pub(crate) fn token(session: &Session, arguments: &Token) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let at_least = Duration::from_secs(arguments.min_seconds.into());
    let fresh = session.wait(session.courrier.token(&arguments.address, at_least))?;
    // Exposed: printing it is what was asked for.
    let token = Zeroizing::new(fresh.access_token.expose_secret().to_owned());
    if session.output.is_json() {
        session.output.document(&json!({ "access_token": *token, "expires_at": fresh.expires_at }));
    } else {
        session.output.line(&token);
    }
    Ok(ExitCode::SUCCESS)
}

/// True if this account waits for its sign-in through the browser.
pub(crate) fn waits_for_consent(account: &AccountView) -> bool {
    account.oauth.as_ref().is_some_and(|tokens| matches!(tokens.state.as_str(), "missing" | "sign_in_needed"))
}
