//! What happens without being asked: changes by other windows and processes, and removals whose time to undo is over.

use std::time::Duration;

use courrier_app::AppError;
use courrier_app::view::ChosenView;
use tauri::{AppHandle, Manager};

use crate::desktop::Desktop;
use crate::events::{AccountsChanged, RemovalFinished, SettingsChanged};
use crate::windows;

/// A change elsewhere is seen within this time.
const EVERY: Duration = Duration::from_millis(500);

/// Starts watching, until the program ends with its last window.
///
/// # Errors
/// When there is no thread for it.
pub(crate) fn start(app: AppHandle) -> std::io::Result<()> {
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || watch(&app))?;
    Ok(())
}

/// How the data folder was at the last look.
struct Seen {
    mark: u64,
    chosen: ChosenView,
}

fn watch(app: &AppHandle) {
    let mut seen = None;
    let mut failing = false;
    loop {
        match look(app, &mut seen) {
            Ok(()) => failing = false,
            // Twice a second the same line would fill the log.
            Err(error) if !failing => {
                tracing::warn!(%error, "can't look for changes");
                failing = true;
            }
            Err(_) => {}
        }
        std::thread::sleep(EVERY);
    }
}

/// One look: what is new since the last one is told to all windows.
fn look(app: &AppHandle, seen: &mut Option<Seen>) -> Result<(), AppError> {
    let desktop = app.state::<Desktop>();
    // Windows that show why the folder can't be opened try again when the person asks.
    let Some(courrier) = desktop.if_open() else { return Ok(()) };
    for id in courrier.finish_due_removals()? {
        desktop.tell(&RemovalFinished(id));
    }
    let mark = courrier.change_mark()?;
    if seen.as_ref().is_some_and(|seen| seen.mark == mark) {
        return Ok(());
    }
    // Read after the mark: a change in between is seen now and looked at once more.
    let chosen = courrier.chosen()?;
    let Some(before) = seen.replace(Seen { mark, chosen: chosen.clone() }) else { return Ok(()) };
    if before.chosen != chosen {
        windows::follow_theme(app, &chosen.settings.theme);
        desktop.tell(&SettingsChanged(chosen));
    }
    desktop.tell(&AccountsChanged);
    courrier.look_for_edits();
    desktop.tell_session();
    Ok(())
}
