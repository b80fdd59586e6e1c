//! `courrier account …` and `courrier password`.

use std::process::ExitCode;

use courrier_app::view::{AccountView, EndpointView, SavedView, SideView, TokensView};
use courrier_app::{ExposeSecret as _, Words};
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{AccountCommand, Add, Edit};
use crate::exit::Failure;
use crate::session::Session;
use crate::{check, input, mail, progress};

/// One of the account commands.
pub(crate) fn run(session: &Session, command: &AccountCommand) -> Result<ExitCode, Failure> {
    match command {
        AccountCommand::Add(add) => self::add(session, add),
        AccountCommand::List => list(session),
        AccountCommand::Show { address } => {
            let account = session.done(session.courrier.account(address))?;
            print_account(session, &account);
            Ok(ExitCode::SUCCESS)
        }
        AccountCommand::Edit(edit) => self::edit(session, edit),
        AccountCommand::Remove { address } => {
            session.prepare_secrets()?;
            let account = session.done(session.courrier.remove_now(address))?;
            if account.oauth.is_some() {
                // It is gone here, whatever its provider says.
                let revoking = async {
                    session.courrier.revoke_leaving().await;
                    Ok(())
                };
                session.wait(revoking)?;
            }
            if session.output.is_json() {
                session.output.document(&account);
            } else {
                session.output.line(&session.words.text("cli-removed", &[("address", account.address.into())]));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn add(session: &Session, add: &Add) -> Result<ExitCode, Failure> {
    let (password, sending) = input::passwords(session, add.password.password_stdin)?;
    session.prepare_secrets()?;
    let run = progress::run(session);
    let adding = session.courrier.add_given(run, add.account(), password, sending, add.unchecked);
    let result = session.wait(adding);
    progress::clear(session);
    let saved = result?;
    if session.output.is_json() {
        session.output.document(&saved);
    } else {
        show_saved(session, &saved);
        note_next(session, &add.address, &saved);
    }
    Ok(Session::status(saved.account.is_some()))
}

/// What comes next for an account that signs in through the browser, and whose sign-in nothing was checked without.
fn note_next(session: &Session, address: &str, saved: &SavedView) {
    let refused = |side: &SideView| side.problem.as_ref().is_some_and(|problem| problem.code == "auth.oauth_required");
    let next = match saved {
        SavedView { account: Some(account), .. } if mail::waits_for_consent(account) => "cli-authorize-next",
        SavedView { account: None, check: Some(check) } if refused(&check.imap) || refused(&check.smtp) => {
            "cli-authorize-instead"
        }
        _ => return,
    };
    session.output.note(&session.words.text(next, &[("address", address.to_owned().into())]));
}

fn edit(session: &Session, edit: &Edit) -> Result<ExitCode, Failure> {
    let (password, sending) = input::passwords(session, edit.password.password_stdin)?;
    session.prepare_secrets()?;
    if !edit.check {
        let changed = session.courrier.change_account(&edit.address, &edit.change(), password, sending);
        let account = travels(session, edit, session.done(changed)?)?;
        print_account(session, &account);
        return Ok(ExitCode::SUCCESS);
    }
    let run = progress::run(session);
    let changing = session.courrier.change_checked(run, &edit.address, edit.change(), password, sending);
    let result = session.wait(changing);
    progress::clear(session);
    let saved = result?;
    match &saved.account {
        Some(account) => print_account(session, &travels(session, edit, account.clone())?),
        None if session.output.is_json() => session.output.document(&saved),
        None => show_saved(session, &saved),
    }
    Ok(Session::status(saved.account.is_some()))
}

/// Lets it travel, or keeps it here, if that was asked for.
fn travels(session: &Session, edit: &Edit, account: AccountView) -> Result<AccountView, Failure> {
    match (edit.travels, edit.no_travels) {
        (false, false) => Ok(account),
        (travels, _) => session.done(session.courrier.set_travels(&account.id, travels)),
    }
}

fn list(session: &Session) -> Result<ExitCode, Failure> {
    let accounts = session.done(session.courrier.accounts())?;
    let (output, words) = (&session.output, &session.words);
    if output.is_json() {
        output.document(&accounts);
        return Ok(ExitCode::SUCCESS);
    }
    if accounts.is_empty() {
        output.note(&words.text("cli-no_accounts", &[]));
    }
    let width = accounts.iter().map(|account| account.address.chars().count()).max().unwrap_or_default();
    let lines: Vec<String> = accounts
        .iter()
        .map(|account| {
            let primary = if account.primary { words.text("cli-primary", &[]) } else { String::new() };
            let padding = " ".repeat(width - account.address.chars().count());
            let line =
                format!("{}{padding}  {}  {}  {primary}", account.address, state(session, account), account.name);
            line.trim_end().to_owned()
        })
        .collect();
    if !lines.is_empty() {
        output.line(&lines.join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The password, and nothing else, for the mail program that asked.
pub(crate) fn password(session: &Session, address: &str) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let secret = session.done(session.courrier.password(address))?;
    // Exposed: printing it is what was asked for.
    let password = Zeroizing::new(secret.expose_secret().to_owned());
    if session.output.is_json() {
        session.output.document(&json!({ "password": *password }));
    } else {
        session.output.line(&password);
    }
    Ok(ExitCode::SUCCESS)
}

fn show_saved(session: &Session, saved: &SavedView) {
    let (output, words) = (&session.output, &session.words);
    if let Some(view) = &saved.check {
        check::show(session, view);
    }
    match &saved.account {
        Some(account) => output.line(&words.text("cli-saved", &[("address", account.address.clone().into())])),
        None => output.line(&words.text("cli-not_saved", &[])),
    }
}

fn print_account(session: &Session, account: &AccountView) {
    let (output, words) = (&session.output, &session.words);
    if output.is_json() {
        return output.document(account);
    }
    let label = |name: &str| words.text(&format!("label-{name}"), &[]);
    let primary = if account.primary { format!(" · {}", words.text("cli-primary", &[])) } else { String::new() };
    let mut rows = vec![
        (label("name"), account.name.clone()),
        (label("receiving"), endpoint(session, &account.imap)),
        (label("sending"), endpoint(session, &account.smtp)),
        (label("health"), state(session, account)),
        (label("color"), account.color.clone()),
        (label("added"), account.created_at.clone()),
        (label("changed"), account.updated_at.clone()),
    ];
    let identities: Vec<&str> = account.identities.iter().map(|identity| identity.address.as_str()).collect();
    rows.insert(3, (label("identities"), identities.join(", ")));
    if let Some(tokens) = &account.oauth {
        rows.extend(token_rows(tokens, words));
    }
    rows.retain(|(_, value)| !value.is_empty());
    output.line(&format!("{}{primary}", account.address));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in rows {
        let padding = " ".repeat(width - name.chars().count());
        output.line(&format!("  {name}{padding}  {value}"));
    }
}

/// Who signed in through the browser, and until when that lasts.
fn token_rows(tokens: &TokensView, words: &Words) -> [(String, String); 3] {
    let label = |name: &str| words.text(&format!("label-{name}"), &[]);
    let provider = ("provider", tokens.provider_name.clone().into());
    let signed_in = match (&tokens.consented_as, tokens.state.as_str()) {
        (_, "missing") => String::new(),
        (Some(consented), _) => words.text("cli-tokens-working", &[provider, ("consented", consented.clone().into())]),
        (None, _) => words.text("cli-tokens-nobody", &[provider]),
    };
    [
        (label("tokens"), signed_in),
        (label("renewed"), tokens.refreshed_at.clone().unwrap_or_default()),
        (label("sign_in_by"), tokens.sign_in_by.clone().unwrap_or_default()),
    ]
}

fn endpoint(session: &Session, endpoint: &EndpointView) -> String {
    let words = &session.words;
    let EndpointView { host, port, security, username, auth } = endpoint;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let security = words.text(&format!("security-{security}"), &[]);
    let auth = words.text(&format!("auth-{auth}"), &[]);
    format!("{host}:{port}, {security}, {username} ({auth})")
}

fn state(session: &Session, account: &AccountView) -> String {
    let words = &session.words;
    let state = words.text(&format!("state-{}", account.health.state), &[]);
    let code = account.health.problem_code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    let none = if account.imap.auth == "oauth" { "cli-no_tokens" } else { "cli-no_secret" };
    let secret = if account.has_secret { String::new() } else { format!(", {}", words.text(none, &[])) };
    format!("{state}{code}{secret}")
}
