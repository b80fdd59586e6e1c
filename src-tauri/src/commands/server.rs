//! The organisation's server: signing in and out, what travels, the person's computers, and what accounts were.
//! `attempt` is a number that the window chooses, to cancel or help on a sign-in that waits.

use courrier_app::Way;
use courrier_app::view::{AccountView, AuditPageView, DeviceView, SessionView, SignedInView, VersionView};

use crate::caller::Caller;
use crate::commands::secrets::copy_text;
use crate::desktop::Answer;

/// Who is signed in, and how the exchange stands; local.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session(caller: Caller) -> Answer<SessionView> {
    caller.ask(|courrier| courrier.session()).await
}

/// Opens the issuer's page in the system's browser, and answers when the person is back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(caller: Caller, attempt: u32, server: String) -> Answer<SignedInView> {
    caller
        .in_browser(attempt, Way::Browser, |courrier, attempt| async move { courrier.sign_in(&attempt, &server).await })
        .await
}

/// The same by a code that is entered in a browser elsewhere; `device-code` tells it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_with_code(caller: Caller, attempt: u32, server: String) -> Answer<SignedInView> {
    caller
        .in_browser(attempt, Way::Code, |courrier, attempt| async move { courrier.sign_in(&attempt, &server).await })
        .await
}

/// Hands in the browser's address line, where the browser did not find back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn paste_sign_in_answer(caller: Caller, attempt: u32, address: String) -> Answer<()> {
    let attempt = caller.attempt(attempt)?;
    caller.ask(move |_| attempt.paste(&address)).await
}

/// Puts the issuer's page's address on the clipboard, for another browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_sign_in_address(caller: Caller, attempt: u32) -> Answer<()> {
    let attempt = caller.attempt(attempt)?;
    let address = caller.ask(move |_| attempt.address()).await?;
    copy_text(caller, address).await
}

/// Gives an attempt up. One that has ended is no error: its end was on its way.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_sign_in(caller: Caller, attempt: u32) -> Answer<()> {
    caller.desktop().attempts().cancel(caller.webview().label(), attempt);
    Ok(())
}

/// These accounts travel; the others that are here now stay on this computer only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_travelling(caller: Caller, ids: Vec<String>) -> Answer<SessionView> {
    caller.change(move |courrier| courrier.choose_travelling(&ids)).await
}

/// Lets an account travel, or keeps it on this computer only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_travels(caller: Caller, id: String, travels: bool) -> Answer<AccountView> {
    caller.change(move |courrier| courrier.set_travels(&id, travels)).await
}

/// The answer to the question of the first start.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_only_this_computer(caller: Caller) -> Answer<()> {
    caller.ask(|courrier| courrier.choose_only_this_computer()).await
}

/// Signs out; accounts that travel stay here or leave.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(caller: Caller, keep: bool, anyway: bool) -> Answer<SessionView> {
    caller.task(move |courrier| async move { courrier.sign_out(keep, anyway).await }).await
}

/// Exchanges now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now(caller: Caller) -> Answer<SessionView> {
    caller.task(|courrier| async move { courrier.sync_now().await }).await
}

/// The person's computers, asked of the server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn devices(caller: Caller) -> Answer<Vec<DeviceView>> {
    caller.task(|courrier| async move { courrier.devices().await }).await
}

/// Gives a computer another name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_device(caller: Caller, id: String, name: String) -> Answer<Vec<DeviceView>> {
    caller.task(|courrier| async move { courrier.rename_device(&id, &name).await }).await
}

/// Takes a computer's access away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn revoke_device(caller: Caller, id: String) -> Answer<Vec<DeviceView>> {
    caller.task(|courrier| async move { courrier.revoke_device(&id).await }).await
}

/// An account's versions, newest first; local.
#[tauri::command]
#[specta::specta]
pub(crate) async fn history(caller: Caller, id: String) -> Answer<Vec<VersionView>> {
    caller.ask(move |courrier| courrier.history(&id)).await
}

/// Makes an account what it was; local, and not checked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_version(caller: Caller, id: String, version: String) -> Answer<AccountView> {
    caller.change(move |courrier| courrier.restore_version(&id, &version)).await
}

/// The person has looked at an account's conflicts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn see_conflicts(caller: Caller, id: String) -> Answer<()> {
    caller.change(move |courrier| courrier.see_conflicts(&id)).await
}

/// The person has seen that this computer has signed in as them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn see_newcomer(caller: Caller, id: String) -> Answer<()> {
    let seen = caller.ask(move |courrier| courrier.see_newcomer(&id)).await;
    caller.desktop().tell_session();
    seen
}

/// A page of the person's log, asked of the server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit(caller: Caller, before: Option<u32>) -> Answer<AuditPageView> {
    caller.task(move |courrier| async move { courrier.audit(before).await }).await
}
