//! Listing, finding and removing accounts: the local store alone.

use courrier_app::view::{AccountView, PastCheckView, RemovalView, SuggestionView};

use crate::caller::Caller;
use crate::desktop::Answer;

/// All accounts, in order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accounts(caller: Caller) -> Answer<Vec<AccountView>> {
    caller.ask(|courrier| courrier.accounts()).await
}

/// Ids of the accounts that match, in order, whatever the case and accents.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search(caller: Caller, query: String) -> Answer<Vec<String>> {
    caller.ask(move |courrier| courrier.search(&query)).await
}

/// Settings for an address, without network.
#[tauri::command]
#[specta::specta]
pub(crate) async fn suggest(caller: Caller, address: String) -> Answer<SuggestionView> {
    caller.ask(move |courrier| courrier.suggest(&address)).await
}

/// An account's checks, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn past_checks(caller: Caller, id: String) -> Answer<Vec<PastCheckView>> {
    caller.ask(move |courrier| courrier.past_checks(&id)).await
}

/// Hides an account; it goes with its secrets when the time to undo is over.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_account(caller: Caller, id: String) -> Answer<RemovalView> {
    caller.change(move |courrier| courrier.remove_account(&id)).await
}

/// Brings a removed account back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_removal(caller: Caller, id: String) -> Answer<AccountView> {
    caller.change(move |courrier| courrier.undo_removal(&id)).await
}
