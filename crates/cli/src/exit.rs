//! Exit statuses, and how a failure is told.

use std::process::ExitCode;

use courrier_app::view::ErrorView;
use courrier_app::{AppError, Language, Words};
use serde::Serialize;

use crate::output::Output;

/// The thing asked about has a problem; the document says which.
pub(crate) const PROBLEM: u8 = 1;
const USAGE: u8 = 2;
const SIGN_IN: u8 = 3;
const KEYRING: u8 = 4;
const UNREACHABLE: u8 = 5;

/// Why a command could not be done, worded.
#[derive(Debug)]
pub(crate) struct Failure {
    view: ErrorView,
    status: u8,
}

#[derive(Serialize)]
struct Document<'a> {
    error: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    code: &'a str,
    message: &'a str,
    remedy: &'a str,
}

impl Failure {
    /// Of a use case.
    pub(crate) fn from_app(error: &AppError, words: &Words) -> Self {
        Self { view: error.worded(words), status: status(error.code()) }
    }

    /// Of the arguments. clap names the fault in English, as it does everywhere; its advice stays out.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        use clap::error::ErrorKind;
        let words = Words::new(Language::from_env());
        let message = match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                words.text("error-usage", &[])
            }
            _ => {
                let said = error.to_string();
                let first = said.split("\n\n").next().unwrap_or(&said);
                let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
                line.strip_prefix("error: ").unwrap_or(&line).to_owned()
            }
        };
        let remedy = words.attribute("error-usage", "remedy", &[]);
        Self { view: ErrorView { code: "usage".into(), message, remedy, retryable: false }, status: USAGE }
    }

    /// Of something else that was given.
    pub(crate) fn input(code: &str, words: &Words) -> Self {
        let id = format!("error-{}", code.replace('.', "-"));
        let (message, remedy) = (words.text(&id, &[]), words.attribute(&id, "remedy", &[]));
        Self { view: ErrorView { code: code.to_owned(), message, remedy, retryable: false }, status: USAGE }
    }

    /// Prints it where it belongs.
    pub(crate) fn report(&self, output: &Output) -> ExitCode {
        let ErrorView { code, message, remedy, .. } = &self.view;
        if output.is_json() {
            output.document(&Document { error: Fields { code, message, remedy } });
        } else {
            output.complain(&format!("courrier: {message}"));
            if !remedy.is_empty() {
                output.complain(remedy);
            }
        }
        ExitCode::from(self.status)
    }
}

fn status(code: &str) -> u8 {
    let family = code.split('.').next().unwrap_or_default();
    match (family, code) {
        ("keyring", _) => KEYRING,
        (_, "server.unreachable" | "server.no_answer" | "issuer.unreachable" | "oauth.unreachable") => UNREACHABLE,
        // An address that was given and can't be that of a server.
        (_, "server.insecure" | "server.not_courrier" | "device.not_found") => USAGE,
        // The account is not of that kind, or something about it was not said.
        (_, "oauth.not_used" | "oauth.provider_unknown" | "oauth.client_secret_missing") => USAGE,
        (_, "oauth.misconfigured") => PROBLEM,
        ("signin" | "oauth", _) | (_, "secret.missing" | "device.revoked") => SIGN_IN,
        ("input" | "account" | "endpoint" | "page" | "check", _) => USAGE,
        _ => PROBLEM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_follow_the_contract() {
        for (code, expected) in [
            ("account.not_found", 2),
            ("endpoint.missing", 2),
            ("input.address", 2),
            ("secret.missing", 3),
            ("keyring.locked", 4),
            ("keyring.absent", 4),
            ("store.full", 1),
            ("signin.needed", 3),
            ("signin.denied", 3),
            ("device.revoked", 3),
            ("device.not_found", 2),
            ("input.server", 2),
            ("server.insecure", 2),
            ("server.unreachable", 5),
            ("server.no_answer", 5),
            ("issuer.unreachable", 5),
            ("issuer.misconfigured", 1),
            ("oauth.sign_in_needed", 3),
            ("oauth.client_missing", 3),
            ("oauth.client_secret_missing", 2),
            ("oauth.other_address", 3),
            ("oauth.host_changed", 3),
            ("oauth.not_used", 2),
            ("oauth.provider_unknown", 2),
            ("oauth.misconfigured", 1),
            ("oauth.unreachable", 5),
            ("input.issuer", 2),
            ("sync.failed", 1),
        ] {
            assert_eq!(status(code), expected, "{code}");
        }
    }
}
