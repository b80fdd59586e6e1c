//! What happens without being asked: changes by other processes, and removals whose time to undo is over.

use std::time::Duration;

use courrier_app::AppError;
use tauri::{AppHandle, Manager};

use crate::desktop::Desktop;
use crate::events::{AccountsChanged, RemovalFinished};

/// A change elsewhere is seen within this time.
const EVERY: Duration = Duration::from_millis(500);

/// Starts watching, until the program ends with its last window.
///
/// # Errors
/// When there is no thread for it.
pub(crate) fn start(app: AppHandle) -> std::io::Result<()> {
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || watch(&app.state::<Desktop>()))?;
    Ok(())
}

fn watch(desktop: &Desktop) {
    let mut mark = None;
    let mut failing = false;
    loop {
        match look(desktop, &mut mark) {
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
fn look(desktop: &Desktop, mark: &mut Option<u64>) -> Result<(), AppError> {
    // Windows that show why the folder can't be opened try again when the person asks.
    let Some(courrier) = desktop.if_open() else { return Ok(()) };
    for id in courrier.finish_due_removals()? {
        desktop.tell(&RemovalFinished(id));
    }
    let now = courrier.change_mark()?;
    if mark.replace(now).is_some_and(|before| before != now) {
        desktop.tell(&AccountsChanged);
    }
    Ok(())
}
