//! Checks, and what is saved after one. `run` is a number that the window chooses, for progress and for cancelling.

use courrier_app::Secret;
use courrier_app::view::{CheckView, DraftView, SavedView};

use crate::caller::Caller;
use crate::desktop::Answer;

/// Checks an account with what is stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_account(caller: Caller, run: u32, id: String) -> Answer<CheckView> {
    caller.check(run, |courrier, run| async move { courrier.check_account(run, &id).await }).await
}

/// Checks an account and saves it if both sides pass; with `unchecked`, saves only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_account(
    caller: Caller,
    run: u32,
    draft: DraftView,
    password: Option<String>,
    sending_password: Option<String>,
    unchecked: bool,
) -> Answer<SavedView> {
    let (password, sending) = (password.map(Secret::from), sending_password.map(Secret::from));
    caller
        .check(
            run,
            move |courrier, run| async move { courrier.add_account(run, draft, password, sending, unchecked).await },
        )
        .await
}

/// Changes an account, after a check where servers or passwords change; with `unchecked`, without.
#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_account(
    caller: Caller,
    run: u32,
    id: String,
    draft: DraftView,
    password: Option<String>,
    sending_password: Option<String>,
    unchecked: bool,
) -> Answer<SavedView> {
    let (password, sending) = (password.map(Secret::from), sending_password.map(Secret::from));
    caller
        .check(run, move |courrier, run| async move {
            courrier.edit_account(run, &id, draft, password, sending, unchecked).await
        })
        .await
}

/// One check with another password, which is saved if it works.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_password(caller: Caller, run: u32, id: String, password: String) -> Answer<SavedView> {
    let password = Secret::from(password);
    caller.check(run, |courrier, run| async move { courrier.try_password(run, &id, password).await }).await
}

/// Cancels a run of this window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_check(caller: Caller, run: u32) -> Answer<()> {
    caller.desktop().runs().cancel(caller.webview().label(), run);
    Ok(())
}
