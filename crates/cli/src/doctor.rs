//! `courrier doctor`.

use std::process::ExitCode;

use crate::exit::Failure;
use crate::session::Session;

/// Tests what Courrier needs on this computer.
pub(crate) fn run(session: &Session) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let found = session.wait(session.courrier.doctor())?;
    if session.output.is_json() {
        session.output.document(&found);
    } else {
        for finding in &found.findings {
            session.output.line(&format!("{} {}", if finding.ok { '✓' } else { '✕' }, finding.detail));
            if let Some(remedy) = &finding.remedy {
                session.output.line(&format!("  {remedy}"));
            }
        }
    }
    Ok(Session::status(found.ok))
}
