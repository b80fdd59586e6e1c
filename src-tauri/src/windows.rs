//! Windows: how they open, look before their page is there, and stay on our own pages.

use courrier_app::view::AccountView;
use tauri::utils::config::Color;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tauri_specta::Event;

use crate::desktop::Desktop;
use crate::events::SignInAsked;

/// The label of the first window, whose size is remembered.
pub(crate) const FIRST: &str = "main";

/// Where `ui/src/main.ts` finds the system's font.
#[cfg(target_os = "linux")]
const FONT: &str = "__COURRIER_FONT__";

/// The ground of pages in `ui/src/styles/tokens.css`: shown until a page is, so that nothing flashes.
const LIGHT: Color = Color(0xf6, 0xf6, 0xf4, 0xff);
const DARK: Color = Color(0x17, 0x18, 0x1a, 0xff);

/// A proxy that is not there, for an engine that has nothing to fetch: our pages come from the program itself. It is
/// the discard port (RFC 863).
#[cfg(target_os = "linux")]
const NOWHERE: &str = "http://127.0.0.1:9";

/// Opens a window: the first, or one more beside those that are there.
///
/// # Errors
/// When the system has no window for us.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    let label = free_label(|label| app.get_webview_window(label).is_some());
    let desktop = app.state::<Desktop>().inner().clone();
    // Where the choice can't be read, the page asks and is told why.
    let settings = desktop.ask(courrier_app::Courrier::settings).ok();
    let theme = settings.and_then(|settings| theme(&settings.theme));
    let mut builder = WebviewWindowBuilder::new(app, &label, WebviewUrl::default())
        .title("Courrier")
        .inner_size(1160.0, 720.0)
        .min_inner_size(720.0, 520.0)
        .theme(theme)
        .background_color(if theme == Some(Theme::Dark) { DARK } else { LIGHT })
        .on_navigation(is_ours)
        .on_new_window(|url, _| {
            tracing::warn!(host = url.host_str(), "refused a new window");
            NewWindowResponse::Deny
        });
    #[cfg(target_os = "linux")]
    if let Some(font) = system_font().and_then(|font| serde_json::to_string(&font).ok()) {
        builder = builder.initialization_script(format!("window.{FONT} = {font};"));
    }
    if let Some(home) = desktop.home() {
        // What the engine keeps, though our pages give it nothing to keep, stays with our own data.
        builder = builder.data_directory(home.join("webview"));
    }
    // WebKit connects to where a link leads before it asks whether the page may go there.
    #[cfg(target_os = "linux")]
    if let Ok(nowhere) = Url::parse(NOWHERE) {
        builder = builder.proxy_url(nowhere);
    }
    let window = builder.build()?;
    #[cfg(target_os = "linux")]
    draw_on_the_cpu(&window)?;
    // Only now the system's own theme is known; the first frame is not drawn yet.
    if theme.is_none() && window.theme()? == Theme::Dark {
        window.set_background_color(Some(DARK))?;
    }
    let handle = app.clone();
    window.on_window_event(move |event| match event {
        // The program ends with its last window.
        WindowEvent::CloseRequested { api, .. } if handle.webview_windows().len() == 1 && desktop.warn_before_end() => {
            api.prevent_close();
        }
        WindowEvent::Destroyed => {
            desktop.runs().cancel_all(&label);
            desktop.attempts().cancel_all(&label);
        }
        _ => {}
    });
    window.set_focus()
}

/// Brings a window to the front.
pub(crate) fn show(app: &AppHandle) {
    let shown = match front(app) {
        Some(window) => window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()),
        None => open(app),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "no window comes to the front");
    }
}

/// The same, and leads to the browser if it is one account that wants the person.
pub(crate) fn sign_in_again(app: &AppHandle, accounts: &[AccountView]) {
    show(app);
    if let ([account], Some(window)) = (accounts, front(app))
        && let Err(error) = SignInAsked(account.id.clone()).emit_to(app, window.label())
    {
        tracing::warn!(%error, "the window was not told");
    }
}

fn front(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(FIRST).or_else(|| app.webview_windows().into_values().next())
}

/// The family that the desktop writes with. WebKit needs a tenth of a second to find out what `system-ui` is, and draws
/// nothing before.
#[cfg(target_os = "linux")]
fn system_font() -> Option<String> {
    use gtk::prelude::GtkSettingsExt;
    // GTK answers the main thread alone, where the first window is opened; further ones are opened by others too.
    static FOUND: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let find = || {
        let name = gtk::Settings::default()?.gtk_font_name()?;
        gtk::pango::FontDescription::from_string(&name).family().map(Into::into)
    };
    FOUND.get_or_init(find).clone()
}

/// Our pages are text and forms, which the CPU draws at once. Where there is no usable graphics card, WebKit would
/// start a software one first (a quarter of a second and 50 MiB), and with some drivers show an empty window.
#[cfg(target_os = "linux")]
fn draw_on_the_cpu(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Makes all windows look as the person chose.
pub(crate) fn follow_theme(app: &AppHandle, chosen: &str) {
    app.set_theme(theme(chosen));
    for window in app.webview_windows().values() {
        // The ground is seen while a window grows; a wrong one is no reason to refuse the choice.
        let dark = theme(chosen).or_else(|| window.theme().ok()) == Some(Theme::Dark);
        let _ = window.set_background_color(Some(if dark { DARK } else { LIGHT }));
    }
}

/// None: as the system has it.
fn theme(chosen: &str) -> Option<Theme> {
    match chosen {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    }
}

/// `main`, `main-2`, `main-3` …
fn free_label(taken: impl Fn(&str) -> bool) -> String {
    if !taken(FIRST) {
        return FIRST.to_owned();
    }
    (2u32..).map(|number| format!("{FIRST}-{number}")).find(|label| !taken(label)).unwrap_or_default()
}

/// Whether a window may go there: to the embedded pages and nowhere else.
fn is_ours(url: &Url) -> bool {
    let ours = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows spells the same.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    if !ours {
        tracing::warn!(scheme = url.scheme(), host = url.host_str(), "refused to leave our pages");
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_embedded_pages_may_be_visited() {
        for (url, allowed) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://example.org/", false),
            ("https://tauri.localhost.example.org/", false),
            ("tauri://elsewhere/", false),
            ("file:///etc/passwd", false),
            ("about:blank", false),
            ("data:text/html,hello", false),
        ] {
            assert_eq!(is_ours(&url.parse().unwrap()), allowed, "{url}");
        }
    }

    #[test]
    fn labels_are_filled_up() {
        let open = ["main", "main-3"];
        assert_eq!(free_label(|_| false), "main");
        assert_eq!(free_label(|label| open.contains(&label)), "main-2");
        assert_eq!(free_label(|label| open.contains(&label) || label == "main-2"), "main-4");
    }
}
