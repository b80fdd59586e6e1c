//! `courrier sign-in`, `sign-out`, `whoami`, `sync` and `device …`.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;

use courrier_app::view::{DeviceView, SessionView, SyncedView, UserView};
use courrier_app::{AppError, Attempt, Courrier, Moment, Way, Words};
use serde::Serialize;

use crate::args::{DeviceCommand, SignIn, SignOut};
use crate::exit::Failure;
use crate::output::Output;
use crate::session::Session;

/// The number of the one attempt that a process makes.
pub(crate) const ATTEMPT: u32 = 1;

/// Who is, or was, signed in.
#[derive(Serialize)]
struct Who<'a> {
    user: Option<&'a UserView>,
    server: Option<&'a str>,
    device: Option<&'a DeviceView>,
}

/// Signs in, and exchanges accounts once.
pub(crate) fn sign_in(session: &Session, arguments: &SignIn) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let remembered = session.done(session.courrier.session())?.server;
    let server = arguments.server.clone().or(remembered);
    let server = server.ok_or_else(|| Failure::input("input.server", &session.words))?;
    let way = match arguments {
        SignIn { device_code: true, .. } => Way::Code,
        SignIn { print_url: true, .. } => Way::Address,
        _ => Way::Browser,
    };
    let (output, words) = (session.output, Arc::clone(&session.words));
    let attempt = Attempt::new(ATTEMPT, way, move |moment| tell(&moment, way, &output, &words));
    if way == Way::Address || (way == Way::Browser && std::io::stdin().is_terminal()) {
        take_pasted(attempt.clone());
    }
    let (view, travelling) = session.wait(signed_in(&session.courrier, &attempt, &server, arguments))?;
    if session.output.is_json() {
        who(session, &view);
    } else {
        session.output.line(&signed_in_line(session, &view));
        if travelling > 0 {
            session.output.note(&session.words.text("cli-travelling", &[("accounts", travelling.into())]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Signs in, picks what travels, and exchanges once.
async fn signed_in(
    courrier: &Arc<Courrier>,
    attempt: &Attempt,
    server: &str,
    arguments: &SignIn,
) -> Result<(SessionView, u32), AppError> {
    // Names that nobody has are told before anybody signs in.
    let kept = arguments.keep_here.iter().map(|address| Ok(courrier.account(address)?.id));
    let kept = kept.collect::<Result<Vec<String>, AppError>>()?;
    let signed_in = courrier.sign_in(attempt, server).await?;
    let chosen = signed_in.to_choose.into_iter().filter(|id| !arguments.keep_all_here && !kept.contains(id));
    let chosen: Vec<String> = chosen.collect();
    let view = courrier.choose_travelling(&chosen)?;
    // The person is signed in whether this works or not; `courrier sync` says why it does not.
    let view = courrier.sync_now().await.unwrap_or(view);
    Ok((view, u32::try_from(chosen.len()).unwrap_or(u32::MAX)))
}

pub(crate) fn tell(moment: &Moment, way: Way, output: &Output, words: &Words) {
    match moment {
        // Said in any case: without it nobody could sign in.
        Moment::Address(address) if way == Way::Address => {
            output.complain(&words.text("cli-signin-open", &[]));
            output.complain(address);
            output.note(&words.text("cli-signin-paste", &[]));
        }
        Moment::Address(_) => output.note(&words.text("cli-signin-browser", &[])),
        Moment::Code(code) => {
            let url = code.verification_url_complete.as_ref().unwrap_or(&code.verification_url);
            let args = [("url", url.clone().into()), ("code", code.user_code.clone().into())];
            output.complain(&words.text("cli-signin-code", &args));
        }
    }
}

/// Takes the browser's address line from standard input. The thread ends with the program: nothing else can be done
/// with one that waits for a person.
pub(crate) fn take_pasted(attempt: Attempt) {
    let take = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if attempt.paste(&line).is_ok() {
                return;
            }
        }
    };
    // Without it the browser is still listened to.
    let _ = std::thread::Builder::new().name("paste".to_owned()).spawn(take);
}

/// Signs out.
pub(crate) fn sign_out(session: &Session, arguments: &SignOut) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let before = session.done(session.courrier.session())?;
    session.wait(session.courrier.sign_out(arguments.keep || !arguments.remove, arguments.anyway))?;
    if session.output.is_json() {
        who(session, &before);
    } else {
        let server = before.server.unwrap_or_default();
        session.output.line(&session.words.text("cli-signed_out", &[("server", server.into())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows who is signed in; local.
pub(crate) fn whoami(session: &Session) -> Result<ExitCode, Failure> {
    let view = session.done(session.courrier.who_is_signed_in())?;
    if session.output.is_json() {
        who(session, &view);
        return Ok(ExitCode::SUCCESS);
    }
    session.output.line(&signed_in_line(session, &view));
    if let Some(device) = view.device {
        session.output.line(&session.words.text("cli-this_computer", &[("device", device.name.into())]));
    }
    Ok(ExitCode::SUCCESS)
}

fn who(session: &Session, view: &SessionView) {
    let who = Who { user: view.user.as_ref(), server: view.server.as_deref(), device: view.device.as_ref() };
    session.output.document(&who);
}

fn signed_in_line(session: &Session, view: &SessionView) -> String {
    let person = view.user.clone().map(|user| user.name.or(user.email).unwrap_or(user.id));
    let server = view.server.clone().unwrap_or_default();
    let args = [("server", server.into()), ("person", person.unwrap_or_default().into())];
    session.words.text("cli-signed_in", &args)
}

/// Exchanges once.
pub(crate) fn sync(session: &Session) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let synced = session.wait(session.courrier.synchronise())?;
    let (output, words) = (&session.output, &session.words);
    if output.is_json() {
        output.document(&synced);
        return Ok(ExitCode::SUCCESS);
    }
    let SyncedView { sent, received, pending, conflicts, .. } = synced;
    let args = [("sent", sent.into()), ("received", received.into()), ("pending", pending.into())];
    output.line(&words.text("cli-synced", &args));
    for conflict in conflicts {
        let address = conflict.address.unwrap_or_else(|| words.text("cli-conflict-gone", &[]));
        output.line(&words.text("cli-conflict", &[("address", address.into())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// One of the device commands.
pub(crate) fn device(session: &Session, command: &DeviceCommand) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let courrier = &session.courrier;
    let devices = match command {
        DeviceCommand::List => session.wait(courrier.devices())?,
        DeviceCommand::Rename { id, name } => session.wait(courrier.rename_device(id, name))?,
        DeviceCommand::Revoke { id } => session.wait(courrier.revoke_device(id))?,
    };
    let (output, words) = (&session.output, &session.words);
    let changed = |id: &str| devices.iter().find(|device| device.id == id.trim()).map(|device| device.name.clone());
    match command {
        _ if output.is_json() => output.document(&devices),
        DeviceCommand::List => devices.iter().for_each(|device| output.line(&device_line(device, words))),
        DeviceCommand::Rename { id, .. } => {
            output.line(&words.text("cli-device-renamed", &[("device", changed(id).unwrap_or_default().into())]));
        }
        DeviceCommand::Revoke { id } => {
            let name = changed(id).unwrap_or_else(|| id.clone());
            output.line(&words.text("cli-device-revoked_now", &[("device", name.into())]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn device_line(device: &DeviceView, words: &Words) -> String {
    let state = if device.revoked_at.is_some() {
        words.text("cli-device-revoked", &[])
    } else if device.current {
        words.text("cli-device-current", &[])
    } else {
        words.text("cli-device-seen", &[("time", device.last_seen_at.clone().into())])
    };
    format!("{}  {}  {}  {state}", device.id, device.name, device.platform)
}
