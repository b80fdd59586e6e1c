//! Secrets on their way to the person, and where they are kept.

use std::time::Duration;

use courrier_app::view::{CopiedView, SecretStorageView};
use courrier_app::{ExposeSecret, Secret};

use crate::caller::Caller;
use crate::desktop::Answer;
use crate::failure::Failure;

/// A password, for the window to show: the person pressed "reveal" for this one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal_secret(caller: Caller, id: String, sending: bool) -> Answer<String> {
    let secret = caller.ask(move |courrier| courrier.reveal_secret(&id, sending)).await?;
    // The window is where the person wants to read it.
    Ok(secret.expose_secret().to_owned())
}

/// Puts a password on the clipboard, without showing it to the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_secret(caller: Caller, id: String, sending: bool) -> Answer<CopiedView> {
    caller
        .blocking(move |desktop| {
            let (secret, seconds) = desktop
                .ask(|courrier| Ok((courrier.reveal_secret(&id, sending)?, courrier.settings()?.clipboard_seconds)))?;
            desktop
                .clipboard()
                .put_secret(secret, Duration::from_secs(seconds.into()))
                .map_err(|_| desktop.failed(Failure::Clipboard))?;
            Ok(CopiedView { clear_after_seconds: seconds })
        })
        .await
}

/// Puts what is no secret on the clipboard.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_text(caller: Caller, text: String) -> Answer<()> {
    caller
        .blocking(move |desktop| desktop.clipboard().put_text(text).map_err(|_| desktop.failed(Failure::Clipboard)))
        .await
}

/// Puts the trace of a check on the clipboard, without secrets or local paths.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_report(caller: Caller, id: String, check_id: Option<String>) -> Answer<()> {
    let report = caller.ask(move |courrier| courrier.report_text(&id, check_id.as_deref())).await?;
    copy_text(caller, report).await
}

/// How secrets are kept, and whether they can be had now. Never prompts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_storage(caller: Caller) -> Answer<SecretStorageView> {
    caller.ask(|courrier| courrier.secret_storage()).await
}

/// Lets the system ask the person to open the keyring.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_secrets(caller: Caller) -> Answer<SecretStorageView> {
    caller.ask(|courrier| courrier.unlock_secrets()).await
}

/// From now on new secrets go to the encrypted file: made with this passphrase, or opened with it where there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keep_secrets_in_file(caller: Caller, passphrase: String) -> Answer<SecretStorageView> {
    let passphrase = Secret::from(passphrase);
    caller.ask(move |courrier| courrier.keep_secrets_in_file(&passphrase)).await
}

/// From now on new secrets go to the system's keyring.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keep_secrets_in_keyring(caller: Caller) -> Answer<SecretStorageView> {
    caller.ask(|courrier| courrier.keep_secrets_in_keyring()).await
}

/// Opens the encrypted file until the program ends.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_secret_file(caller: Caller, passphrase: String) -> Answer<SecretStorageView> {
    let passphrase = Secret::from(passphrase);
    caller.ask(move |courrier| courrier.unlock_secret_file(&passphrase)).await
}
