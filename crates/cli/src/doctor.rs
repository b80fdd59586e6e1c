//! `courrier doctor`.

use std::process::ExitCode;

use courrier_app::Courrier;
use courrier_app::view::DoctorView;

use crate::exit::Failure;
use crate::output::Output;
use crate::session::{Closed, Session, wait};

/// Tests what Courrier needs on this computer.
pub(crate) fn run(session: &Session) -> Result<ExitCode, Failure> {
    session.prepare_secrets()?;
    let found = session.wait(session.courrier.doctor())?;
    Ok(show(&found, &session.output))
}

/// Tests the rest where the data folder can't be opened.
pub(crate) fn without_data(closed: Closed, output: &Output) -> Result<ExitCode, Failure> {
    let Closed::Data(error, ports) = closed else { return Err(closed.into_failure()) };
    match wait(Courrier::doctor_without_data(&error, &ports)) {
        Some(found) => Ok(show(&found, output)),
        None => Err(Closed::Data(error, ports).into_failure()),
    }
}

fn show(found: &DoctorView, output: &Output) -> ExitCode {
    if output.is_json() {
        output.document(found);
    } else {
        for finding in &found.findings {
            output.line(&format!("{} {}", if finding.ok { '✓' } else { '✕' }, finding.detail));
            if let Some(remedy) = &finding.remedy {
                output.line(&format!("  {remedy}"));
            }
        }
    }
    Session::status(found.ok)
}
