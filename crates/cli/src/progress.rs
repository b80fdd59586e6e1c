//! What happens while a check runs, for a person who watches.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use courrier_app::view::ProgressView;
use courrier_app::{Run, Words};
use tokio_util::sync::CancellationToken;

use crate::session::Session;

/// A run that shows its stages on standard error: line by line with `--verbose`, else one line that changes.
pub(crate) fn run(session: &Session) -> Run {
    if !session.output.shows_progress() {
        return Run::silent();
    }
    let words = Arc::clone(&session.words);
    let verbose = session.output.is_verbose();
    let stages = Mutex::new([None::<String>, None]);
    let progress = move |moment: ProgressView| {
        let mut stages = stages.lock().unwrap_or_else(PoisonError::into_inner);
        tell(&moment, verbose, &mut stages, &words);
    };
    Run { number: 1, cancel: CancellationToken::new(), progress: Arc::new(progress) }
}

/// Removes the line that changes.
pub(crate) fn clear(session: &Session) {
    if session.output.shows_progress() && !session.output.is_verbose() {
        // Nobody is left to tell if this fails.
        let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
    }
}

fn tell(moment: &ProgressView, verbose: bool, stages: &mut [Option<String>; 2], words: &Words) {
    let side = words.text(&format!("side-{}", moment.side), &[]);
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell if writing fails.
    if verbose {
        if let Some(ended) = &moment.ended {
            let mark = if ended.ok { '✓' } else { '✕' };
            let _ = writeln!(
                err,
                "{side}: {mark} {} ({} ms)",
                words.stage(&ended.stage, &moment.side, ended.ok),
                ended.elapsed_ms
            );
        }
        return;
    }
    let index = usize::from(moment.side == "smtp");
    if let Some(began) = &moment.began {
        stages[index] = Some(format!("{side}: {}…", words.stage(began, &moment.side, true)));
    } else if let Some(ok) = moment.side_ok {
        stages[index] = Some(format!("{side}: {}", if ok { '✓' } else { '✕' }));
    }
    let line: Vec<&str> = stages.iter().flatten().map(String::as_str).collect();
    let _ = write!(err, "\r\x1b[K{}", line.join("   "));
    let _ = err.flush();
}
