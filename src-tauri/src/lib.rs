//! The desktop shell: windows, events, the clipboard, and commands of one line each.
//!
//! Everything a person can do is a method of [`courrier_app::Courrier`]; this crate shows it in a window. The window's
//! pages are embedded from `ui/dist`, and reach the program by the commands of `command_list.rs` alone: that list
//! registers the handlers and makes the TypeScript bindings here, and the permissions in `build.rs`.
//!
//! ```no_run
//! // What `cargo xtask bindings` writes for the window's side.
//! let commands = courrier_desktop::bindings();
//! // What the program does: returns when its last window is closed.
//! let status: std::process::ExitCode = courrier_desktop::run();
//! ```
//!
//! # What it promises
//!
//! - **A window opens, whatever is wrong.** A data folder that can't be opened is told in the window, and tried again
//!   when the person asks.
//! - **Every command answers**, with what was asked for or with an [`ErrorView`](courrier_app::view::ErrorView); one
//!   that panics answers `internal`.
//! - **Passwords cross one way at a time**: in, as they are typed, and out, when a person asked to see that one. A
//!   copied one goes to the clipboard without passing through the page, and is cleared from it after a time and at
//!   the end, if it is still there.
//! - **Nothing remote.** The pages come from the program; they can neither load from nor navigate to anywhere else.

mod caller;
mod clipboard;
mod commands;
mod desktop;
mod events;
mod failure;
mod log;
mod notification;
mod numbered;
#[cfg(target_os = "linux")]
mod tray;
mod watch;
mod windows;

use std::process::ExitCode;

use courrier_app::view::ErrorView;
use tauri::{Manager, RunEvent};
use tauri_plugin_window_state::StateFlags;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::desktop::Desktop;

macro_rules! commands {
    ($($module:ident: $($name:ident),+;)+) => {
        fn handlers() -> tauri_specta::Commands<tauri::Wry> {
            collect_commands![$($(commands::$module::$name),+),+]
        }
    };
}
include!("command_list.rs");

/// The commands and events with their types: what handles them here, and what describes them in TypeScript.
pub fn bindings() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(handlers())
        .events(collect_events![
            events::CheckProgress,
            events::AccountsChanged,
            events::SettingsChanged,
            events::ClipboardCleared,
            events::RemovalFinished,
            events::SessionChanged,
            events::DeviceCode,
            events::DevicesChanged,
            events::SignInAsked,
            events::SignInNeeded,
            events::TokensUnkept
        ])
        .error_handling(ErrorHandlingMode::Throw)
        // One type for both directions: the same fields go in and out.
        .disable_serde_phases()
        // What a rejected promise holds; no signature names it.
        .typ::<ErrorView>()
}

/// Opens a window and returns when the last one is closed. A second start on the same data folder opens another
/// window of the first.
pub fn run() -> ExitCode {
    let home = courrier_app::default_home();
    log::start(home.as_deref());
    let desktop = Desktop::new(home);
    let bindings = bindings();
    let single = tauri_plugin_single_instance::Builder::new()
        .dbus_id(desktop.instance())
        .callback(|app, _arguments, _folder| {
            if let Err(error) = windows::open(app) {
                tracing::error!(%error, "no second window");
            }
        })
        .build();
    let remembered = tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        // Further windows are placed by the system; the first one's place is the one to remember.
        .with_filter(|label| label == windows::FIRST)
        .build();
    let built = tauri::Builder::default()
        .plugin(single)
        .plugin(remembered)
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            desktop.attach(app.handle().clone());
            app.manage(desktop);
            windows::open(app.handle())?;
            watch::start(app.handle().clone())?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            let status = app.run_return(|app, event| {
                if let RunEvent::Exit = event {
                    app.state::<Desktop>().clipboard().clear_now();
                }
            });
            u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            tracing::error!(%error, "the window does not open");
            ExitCode::FAILURE
        }
    }
}
