//! Starting, settings, help and the doctor.

use courrier_app::view::{DoctorView, SettingsView, StartView};
use tauri::Manager;

use crate::caller::Caller;
use crate::desktop::Answer;
use crate::failure::Failure;
use crate::windows;

/// Everything the first frame needs, from the local store alone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start(caller: Caller) -> Answer<StartView> {
    caller.ask(|courrier| courrier.start()).await
}

/// Told by a window at its second animation frame with the list drawn. For whoever measures how long a start takes:
/// the file that `COURRIER_STARTED_FILE` names is made then.
#[tauri::command]
#[specta::specta]
pub(crate) async fn first_frame_drawn(caller: Caller) -> Answer<()> {
    tracing::debug!(window = caller.webview().label(), "drawn");
    if let Some(file) = std::env::var_os("COURRIER_STARTED_FILE")
        && let Err(error) = std::fs::write(file, "")
    {
        tracing::warn!(%error, "COURRIER_STARTED_FILE");
    }
    #[cfg(target_os = "linux")]
    crate::tray::start(caller.webview().app_handle());
    Ok(())
}

/// Keeps what the person chose.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(caller: Caller, settings: SettingsView) -> Answer<StartView> {
    let saved = caller.ask(move |courrier| courrier.save_settings(&settings)).await?;
    windows::follow_theme(caller.webview().app_handle(), &saved.settings.theme);
    Ok(saved)
}

/// Opens a page of the provider table in the system's browser; others are refused.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_help(caller: Caller, url: String) -> Answer<()> {
    caller
        .blocking(move |desktop| {
            desktop.ask(|courrier| courrier.allow_url(&url))?;
            tauri_plugin_opener::open_url(&url, None::<&str>).map_err(|error| {
                tracing::warn!(%error, "no browser opens");
                desktop.failed(Failure::Browser)
            })
        })
        .await
}

/// Tests what Courrier needs of this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor(caller: Caller) -> Answer<DoctorView> {
    caller.task(|courrier| async move { courrier.doctor().await }).await
}
