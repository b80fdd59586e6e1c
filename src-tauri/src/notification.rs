//! The desktop's notification that accounts need the person: one, with one button, where no window is looked at.

use courrier_app::Arg;
use courrier_app::view::AccountView;
use notify_rust::{Notification, NotificationResponse};
use tauri::{AppHandle, Manager};

use crate::desktop::Desktop;
use crate::windows;

/// The name of the button.
const LOOK: &str = "look";

/// Tells that these accounts work again only once the person signs in, unless a window has the keyboard: it says so
/// itself. Returns when the person has answered.
pub(crate) fn tell(app: AppHandle, accounts: Vec<AccountView>) {
    let focused = app.webview_windows().values().any(|window| window.is_focused().unwrap_or(false));
    if focused || accounts.is_empty() {
        return;
    }
    // The library's waiting blocks, for as long as the notification stands.
    let spawned = std::thread::Builder::new().name("notification".to_owned()).spawn(move || show(&app, &accounts));
    if let Err(error) = spawned {
        tracing::warn!(%error, "no notification");
    }
}

fn show(app: &AppHandle, accounts: &[AccountView]) {
    let words = app.state::<Desktop>().words();
    let (summary, button) = match accounts {
        [account] => {
            let address = Arg::from(account.address.clone());
            (words.text("attention-account", &[("address", address)]), words.text("attention-sign_in", &[]))
        }
        several => {
            let count = Arg::from(several.len());
            (words.text("attention-accounts", &[("count", count)]), words.text("attention-look", &[]))
        }
    };
    let mut notification = Notification::new();
    notification
        .appname("Courrier")
        .icon("courrier")
        .summary(&summary)
        .body(&words.text("attention-detail", &[]))
        // A click beside the button means the same.
        .action("default", &button)
        .action(LOOK, &button);
    let answered = notification.show().and_then(|handle| {
        handle.wait_for_response(|response: &NotificationResponse| {
            if matches!(response, NotificationResponse::Default | NotificationResponse::Action(_)) {
                windows::sign_in_again(app, accounts);
            }
        })
    });
    if let Err(error) = answered {
        // A desktop may have no notifications; the account and the tray say the same.
        tracing::info!(%error, "no notification");
    }
}
