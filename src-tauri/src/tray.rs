//! The icon in the desktop's tray: how the accounts are, at a glance, and the way to those that need the person. By
//! the protocol `StatusNotifierItem`, whose other side is the desktop's; without one nothing is shown, and nothing lost.

use std::sync::{Arc, Once};

use courrier_app::view::AccountView;
use courrier_app::{Arg, Attention, Words};
use ksni::menu::{MenuItem, StandardItem};
use ksni::{Category, Icon, Status, ToolTip, Tray, TrayMethods};
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use tokio::sync::Notify;

use crate::desktop::Desktop;
use crate::events::{AccountsChanged, SettingsChanged};
use crate::windows;

/// Accounts with an entry of their own in the menu; the window has them all.
const LISTED: usize = 5;
/// The mark of an icon that wants to be looked at: the red of failures in `ui/src/styles/tokens.css`, as ARGB.
const MARK: [u8; 4] = [0xff, 0xc0, 0x3a, 0x2b];

/// Shows the icon from now on, if it is not shown yet; called when the first window is drawn, which it must not hold up.
pub(crate) fn start(app: &AppHandle) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(tauri::async_runtime::spawn(follow(app.clone()))));
}

async fn follow(app: AppHandle) {
    let changed = Arc::new(Notify::new());
    let [by_accounts, by_settings] = [Arc::clone(&changed), Arc::clone(&changed)];
    AccountsChanged::listen_any(&app, move |_| by_accounts.notify_one());
    SettingsChanged::listen_any(&app, move |_| by_settings.notify_one());
    let icon = HealthIcon { app: app.clone(), words: words(&app), attention: look(&app).await, pixels: pixels(&app) };
    // Where the tray comes later than we do, as at the start of a session, it finds the icon then.
    let handle = match icon.assume_sni_available(true).spawn().await {
        Ok(handle) => handle,
        Err(error) => return tracing::info!(%error, "no icon in the tray"),
    };
    loop {
        changed.notified().await;
        let (attention, words) = (look(&app).await, words(&app));
        let shown = handle.update(move |icon| (icon.attention, icon.words) = (attention, words)).await;
        if shown.is_none() {
            return;
        }
    }
}

fn words(app: &AppHandle) -> Arc<Words> {
    app.state::<Desktop>().words()
}

async fn look(app: &AppHandle) -> Attention {
    let desktop = app.state::<Desktop>().inner().clone();
    let looked = tauri::async_runtime::spawn_blocking(move || desktop.ask(courrier_app::Courrier::attention)).await;
    // What can't be read is told by the window.
    looked.ok().and_then(Result::ok).unwrap_or_default()
}

struct HealthIcon {
    app: AppHandle,
    words: Arc<Words>,
    attention: Attention,
    pixels: Option<Icon>,
}

impl HealthIcon {
    fn say(&self, id: &str) -> String {
        self.words.text(id, &[])
    }

    /// How the accounts are, in a few words.
    fn summary(&self) -> String {
        let Attention { problems, sign_in } = &self.attention;
        match (sign_in.as_slice(), *problems) {
            ([account], _) => self.words.text("attention-account", &[("address", Arg::from(account.address.clone()))]),
            ([], 0) => self.say("attention-none"),
            ([], count) => self.words.text("attention-problems", &[("count", Arg::from(count))]),
            (several, _) => self.words.text("attention-accounts", &[("count", Arg::from(several.len()))]),
        }
    }

    fn again(&self, account: &AccountView) -> MenuItem<Self> {
        let label = self.words.text("attention-sign_in_as", &[("address", Arg::from(account.address.clone()))]);
        let account = account.clone();
        item(label, move |icon| windows::sign_in_again(&icon.app, std::slice::from_ref(&account)))
    }

    /// Ends the program, unless that would lose new tokens: the window then says so, once.
    fn quit(&self) {
        if self.app.state::<Desktop>().warn_before_end() {
            windows::show(&self.app);
        } else {
            self.app.exit(0);
        }
    }
}

fn item(label: String, activate: impl Fn(&mut HealthIcon) + Send + 'static) -> MenuItem<HealthIcon> {
    // One underscore marks the letter to press.
    let label = label.replace('_', "__");
    StandardItem { label, activate: Box::new(activate), ..StandardItem::default() }.into()
}

impl Tray for HealthIcon {
    fn id(&self) -> String {
        "courrier".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn title(&self) -> String {
        "Courrier".to_owned()
    }

    fn status(&self) -> Status {
        if self.attention.sign_in.is_empty() { Status::Active } else { Status::NeedsAttention }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.pixels.clone().into_iter().collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.pixels.clone().map(marked).into_iter().collect()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: "Courrier".to_owned(), description: self.summary(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        windows::show(&self.app);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let said = StandardItem { label: self.summary(), enabled: false, ..StandardItem::default() };
        let mut menu = vec![said.into()];
        menu.extend(self.attention.sign_in.iter().take(LISTED).map(|account| self.again(account)));
        menu.push(MenuItem::Separator);
        menu.push(item(self.say("tray-open"), |icon| windows::show(&icon.app)));
        menu.push(item(self.say("tray-quit"), |icon| icon.quit()));
        menu
    }
}

/// The program's icon as the protocol wants it: ARGB, the most significant byte first.
fn pixels(app: &AppHandle) -> Option<Icon> {
    let image = app.default_window_icon()?;
    let mut data = image.rgba().to_vec();
    data.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| pixel.rotate_right(1));
    Some(Icon { width: i32::try_from(image.width()).ok()?, height: i32::try_from(image.height()).ok()?, data })
}

/// With a disc in its corner.
fn marked(mut icon: Icon) -> Icon {
    let width = usize::try_from(icon.width).unwrap_or_default();
    let radius = width / 4;
    let (x0, y0) = (width.saturating_sub(radius), radius);
    for (index, pixel) in icon.data.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (Some(x), Some(y)) = (index.checked_rem(width), index.checked_div(width)) else { continue };
        if x.abs_diff(x0).pow(2) + y.abs_diff(y0).pow(2) <= radius.pow(2) {
            *pixel = MARK;
        }
    }
    icon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_that_wants_to_be_looked_at_is_marked_in_its_corner() {
        let plain = Icon { width: 16, height: 16, data: vec![0; 16 * 16 * 4] };
        let marked = marked(plain);
        let at = |x: usize, y: usize| &marked.data[(y * 16 + x) * 4..][..4];
        assert_eq!(at(12, 4), MARK);
        assert_eq!(at(2, 12), [0; 4]);
    }
}
