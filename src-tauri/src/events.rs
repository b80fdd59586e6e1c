//! What windows are told without asking.

use courrier_app::view::{AccountView, ChosenView, DeviceCodeView, ProgressView, SessionView};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

/// A stage of a running check began or ended. Told to the window that started the check.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct CheckProgress(pub(crate) ProgressView);

/// Something changed the accounts, here or in another process: list them again. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct AccountsChanged;

/// The person chose another language, theme or time, in a window or another process. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SettingsChanged(pub(crate) ChosenView);

/// The clipboard no longer holds the secret that was put there. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ClipboardCleared;

/// The removal of the account with this id can't be undone any more. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct RemovalFinished(pub(crate) String);

/// Somebody signed in or out, or the exchange with the server stands otherwise. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SessionChanged(pub(crate) SessionView);

/// A code waits to be entered in a browser elsewhere. Told to the window that began the attempt.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct DeviceCode(pub(crate) DeviceCodeView);

/// The list of the person's computers changed. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct DevicesChanged;

/// The person wants to sign in again for this account, by its id, from outside of the window. Told to one window.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SignInAsked(pub(crate) String);

/// These accounts work again only once the person signs in; newly so. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SignInNeeded(pub(crate) Vec<AccountView>);

/// New tokens can't be stored and would be lost with the program (true), or are stored again. Told to all windows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct TokensUnkept(pub(crate) bool);
