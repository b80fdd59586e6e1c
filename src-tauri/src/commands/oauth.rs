//! Accounts that sign in through the browser: the person's consent, who may ask for it, and giving it back.
//! `attempt` is a number that the window chooses; pasting, copying and cancelling it are the sign-in's (`server`).

use courrier_app::view::{AccountView, AuthorizeHelpView, DraftView, EndpointView, MailProviderView};
use courrier_app::{AuthorizeOptions, Secret, Way};

use crate::caller::Caller;
use crate::desktop::Answer;

/// What has to be known before a browser is opened for an account with these servers; local.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authorize_help(
    caller: Caller,
    address: String,
    imap: EndpointView,
    smtp: EndpointView,
) -> Answer<AuthorizeHelpView> {
    caller.ask(move |courrier| courrier.authorize_help(&address, &imap, &smtp)).await
}

/// Has the person consent to the use of an account's mailbox: in the system's browser, or `by_code` elsewhere.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authorize_account(
    caller: Caller,
    attempt: u32,
    by_code: bool,
    id: String,
    issuer: Option<String>,
    client_id: Option<String>,
) -> Answer<AccountView> {
    let options = AuthorizeOptions { issuer, client_id, as_delegate: false };
    caller
        .in_browser(attempt, way(by_code), move |courrier, attempt| async move {
            courrier.authorize_account(&attempt, &id, options).await
        })
        .await
}

/// The same for an account that is being added: it is stored once the consent is there, unchecked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authorize_draft(
    caller: Caller,
    attempt: u32,
    by_code: bool,
    draft: DraftView,
    issuer: Option<String>,
    client_id: Option<String>,
) -> Answer<AccountView> {
    let options = AuthorizeOptions { issuer, client_id, as_delegate: false };
    caller
        .in_browser(attempt, way(by_code), move |courrier, attempt| async move {
            courrier.authorize_draft(&attempt, draft, options).await
        })
        .await
}

/// Uses the consent that another address than the account's gave: the person knows why it is another.
#[tauri::command]
#[specta::specta]
pub(crate) async fn use_other_address(caller: Caller, address: String) -> Answer<AccountView> {
    caller.changing(|courrier| async move { courrier.use_other_address(&address).await }).await
}

/// Forgets the consent of another address.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drop_other_address(caller: Caller, address: String) -> Answer<()> {
    caller
        .ask(move |courrier| {
            courrier.drop_other_address(&address);
            Ok(())
        })
        .await
}

/// Takes an account's access away at its provider, and forgets it here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn revoke_access(caller: Caller, id: String) -> Answer<AccountView> {
    caller.changing(|courrier| async move { courrier.revoke_access(&id).await }).await
}

/// Forgets an account's access here, whatever its provider does.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_access(caller: Caller, id: String) -> Answer<AccountView> {
    caller.changing(|courrier| async move { courrier.forget_access(&id).await }).await
}

/// The providers known in advance, and under whose client id each is asked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mail_providers(caller: Caller) -> Answer<Vec<MailProviderView>> {
    caller.ask(|courrier| courrier.mail_providers()).await
}

/// Remembers the person's own client id for a provider or an issuer; null forgets it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_client_id(
    caller: Caller,
    provider: String,
    client_id: Option<String>,
    client_secret: Option<String>,
) -> Answer<Vec<MailProviderView>> {
    let secret = client_secret.map(Secret::from);
    caller.ask(move |courrier| courrier.set_client_id(&provider, client_id.as_deref(), secret.as_ref())).await
}

fn way(by_code: bool) -> Way {
    if by_code { Way::Code } else { Way::Browser }
}
