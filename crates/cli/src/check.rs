//! `courrier check`, and how a check is shown.

use std::process::ExitCode;

use courrier_app::view::{CheckView, ProblemView, SideView};

use crate::args::Check;
use crate::exit::Failure;
use crate::session::Session;
use crate::{input, progress};

/// Tests a stored account, or what was given.
pub(crate) fn run(session: &Session, check: &Check) -> Result<ExitCode, Failure> {
    let (password, sending) = input::passwords(session, check.password.password_stdin)?;
    session.prepare_secrets()?;
    let checking = session.courrier.check_given(progress::run(session), check.account(), password, sending);
    let result = session.wait(checking);
    progress::clear(session);
    let view = result?;
    if session.output.is_json() {
        session.output.document(&view);
    } else {
        show(session, &view);
    }
    Ok(Session::status(view.ok))
}

/// The check for a person: what works in one line a side, what does not with all that was learned.
pub(crate) fn show(session: &Session, view: &CheckView) {
    for (name, side) in [("imap", &view.imap), ("smtp", &view.smtp)] {
        show_side(session, name, side);
    }
}

fn show_side(session: &Session, name: &str, side: &SideView) {
    let (words, output) = (&session.words, &session.output);
    let state = words.text(if side.ok { "state-ok" } else { "state-problem" }, &[]);
    let security = words.text(&format!("security-{}", side.security), &[]);
    let title = words.text(&format!("side-{name}"), &[]);
    output.line(&format!("{title} · {state} · {} ({security}) · {} ms", server(side), side.elapsed_ms));
    for step in &side.steps {
        let stage = words.stage(&step.stage, name, step.ok);
        output.line(&format!("  {} {stage}  {} ms", if step.ok { '✓' } else { '✕' }, step.elapsed_ms));
    }
    if let Some(problem) = &side.problem {
        output.line(&format!("  {} [{}]", problem.summary, problem.code));
        if let Some(said) = &problem.server_said {
            output.line(&format!("  {} {said}", words.text("cli-server_said", &[])));
        }
        output.line(&format!("  {} {}", words.text("cli-what_to_do", &[]), remedy(problem)));
    }
    for warning in &side.warnings {
        output.line(&format!("  {} {} {}", words.text("cli-warning", &[]), warning.summary, warning.remedy.text));
    }
}

fn server(side: &SideView) -> String {
    if side.host.contains(':') {
        format!("[{}]:{}", side.host, side.port)
    } else {
        format!("{}:{}", side.host, side.port)
    }
}

fn remedy(problem: &ProblemView) -> String {
    match &problem.remedy.url {
        Some(url) => format!("{} {url}", problem.remedy.text),
        None => problem.remedy.text.clone(),
    }
}
