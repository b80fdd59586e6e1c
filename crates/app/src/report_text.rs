//! A check as text, for a helpdesk: everything that happened, without secrets and without anything of this computer.

use std::fmt::Write as _;

use courrier_check::{Report, SideReport, Speaker};
use courrier_model::{AccountId, CheckId};

use crate::view::SideView;
use crate::words::Words;
use crate::{AppError, Courrier, convert};

impl Courrier {
    /// The report of one of an account's checks, or of the newest. Errors with [`AppError::CheckNotFound`] if there is
    /// none.
    pub fn report_text(&self, id: &str, check_id: Option<&str>) -> Result<String, AppError> {
        let id: AccountId = id.parse()?;
        let wanted: Option<CheckId> = check_id.map(str::parse).transpose()?;
        let checks = self.store().checks(id, 100)?;
        let stored = checks
            .iter()
            .find(|check| wanted.is_none_or(|wanted| check.id == wanted))
            .ok_or(AppError::CheckNotFound)?;
        let report: Report = serde_json::from_str(&stored.report_json).map_err(|_| AppError::CheckNotFound)?;
        Ok(render(&report, &convert::time(stored.at), &self.words()))
    }
}

fn render(report: &Report, at: &str, words: &Words) -> String {
    let view = convert::check(report, words);
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&words.text("report-title", &[("address", report.address.clone().into())]));
    line(&words.text("report-time", &[("time", at.to_owned().into())]));
    line(&words.text("report-version", &[("version", env!("CARGO_PKG_VERSION").into())]));
    line(&words.text("report-note", &[]));
    side(&mut out, "imap", &report.imap, &view.imap, words);
    side(&mut out, "smtp", &report.smtp, &view.smtp, words);
    out
}

fn side(out: &mut String, name: &str, side: &SideReport, view: &SideView, words: &Words) {
    // Writing to a String can't fail.
    let _ = writeln!(
        out,
        "\n{} · {}:{} {} ({} ms)",
        words.text(&format!("side-{name}"), &[]),
        view.host,
        view.port,
        view.security,
        view.elapsed_ms
    );
    for step in &view.steps {
        let stage = words.stage(&step.stage, name, step.ok);
        let _ = writeln!(out, "  {} {stage} ({} ms)", if step.ok { '✓' } else { '✕' }, step.elapsed_ms);
        if let Some(certificate) = &step.detail.certificate {
            let _ = writeln!(
                out,
                "      {} ← {}, {} – {}, SHA-256 {}",
                certificate.subject,
                certificate.issuer,
                certificate.not_before,
                certificate.not_after,
                certificate.sha256
            );
        }
    }
    if let Some(problem) = &view.problem {
        let _ = writeln!(out, "  {} {} [{}]", words.text("report-problem", &[]), problem.summary, problem.code);
        if let Some(said) = &problem.server_said {
            let _ = writeln!(out, "  {} {said}", words.text("report-server_said", &[]));
        }
        let _ = writeln!(out, "  {} {}", words.text("report-what_to_do", &[]), problem.remedy.text);
    }
    for line in &side.trace {
        let speaker = match line.from {
            Speaker::Client => "C:",
            Speaker::Server => "S:",
            Speaker::Note => "--",
        };
        let _ = writeln!(out, "  {:>6} {speaker} {}", line.at_ms, line.text);
    }
}
