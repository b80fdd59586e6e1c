//! `courrier storage`: where passwords are kept.

use std::process::ExitCode;

use crate::args::Place;
use crate::exit::Failure;
use crate::session::Session;

/// Shows where passwords are kept, or changes it because the person asked.
pub(crate) fn run(session: &Session, place: Option<&Place>) -> Result<ExitCode, Failure> {
    let view = match place {
        None => {
            session.prepare_secrets()?;
            session.done(session.courrier.secret_storage())?
        }
        Some(Place::Keyring) => session.done(session.courrier.keep_secrets_in_keyring())?,
        Some(Place::File) => {
            let passphrase = session.passphrase(true)?;
            let passphrase = passphrase.ok_or_else(|| Failure::input("input.passphrase", &session.words))?;
            session.done(session.courrier.keep_secrets_in_file(&passphrase))?
        }
    };
    if session.output.is_json() {
        session.output.document(&view);
    } else {
        let state = if view.can_create { "none_yet" } else { &view.state };
        let id = format!("cli-storage-{}-{state}", view.storage);
        session.output.line(&session.words.text(&id, &[]));
    }
    Ok(ExitCode::SUCCESS)
}
