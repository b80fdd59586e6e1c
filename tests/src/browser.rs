//! A real Chromium as the system browser of a person.

use std::cell::RefCell;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use tempfile::TempDir;

use crate::issuer::Person;
use crate::process::{RunAs, Server, command, is_root};
use crate::webdriver::WebDriver;
use crate::window::keys;
use crate::{Display, folder};

/// How long a page may take.
const SOON: Duration = Duration::from_secs(30);

/// A running Chromium with a profile of its own. Ended on drop.
///
/// Programs that get its [`environment`](Self::environment) open their pages in it: `xdg-open` and `$BROWSER` are a
/// script that asks it for a new tab. It drives one tab at a time: the one it began with, until
/// [`next_page`](Self::next_page) goes to another.
///
/// For tests that are not async themselves.
#[derive(Debug)]
pub struct Browser {
    // Ended in this order: what drives it, the browser, its profile.
    driver: WebDriver,
    seen: RefCell<Vec<WindowHandle>>,
    _chromium: Server,
    folder: TempDir,
}

impl Browser {
    /// Starts it without a screen, in English.
    ///
    /// # Panics
    /// If it does not start; what it printed is in the message.
    pub fn start() -> Self {
        Self::with(None)
    }

    /// Starts it on a screen, for pictures of what a person sees.
    ///
    /// # Panics
    /// If it does not start; what it printed is in the message.
    pub fn on(display: &Display) -> Self {
        Self::with(Some(display))
    }

    fn with(display: Option<&Display>) -> Self {
        let folder = folder::shared("browser");
        let profile = folder.path().join("profile");
        let mut command = command("chromium", RunAs::Caller, None);
        command.arg(format!("--user-data-dir={}", profile.display())).args(["--remote-debugging-port=0", "--lang=en"]);
        // It would otherwise call its maker, whom no test can reach.
        command.args(["--no-first-run", "--no-default-browser-check", "--disable-background-networking"]);
        command.args(["--disable-component-update", "--disable-sync", "--disable-quic", "--disable-gpu"]);
        // Containers have a small /dev/shm, and its own password store would ask for a keyring.
        command.args(["--disable-dev-shm-usage", "--password-store=basic", "--disable-breakpad"]);
        if is_root() {
            command.arg("--no-sandbox");
        }
        command.env("HOME", folder.path()).env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null());
        match display {
            Some(display) => command.envs(display.environment()),
            None => command.arg("--headless=new").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY"),
        };
        let mut chromium = Server::spawn("chromium", command.arg("about:blank"), RunAs::Caller, folder.path());
        let port = chromium
            .wait_for(|_| fs::read_to_string(profile.join("DevToolsActivePort")).ok()?.lines().next()?.parse().ok())
            .unwrap_or_else(|why| panic!("{why}"));
        write_opener(folder.path(), port);
        let driver = WebDriver::attach(port, folder.path());
        let first = driver.run(async |client| client.windows().await).unwrap_or_else(|e| panic!("{e}"));
        Self { driver, seen: RefCell::new(first), _chromium: chromium, folder }
    }

    /// What a program under test must have in its environment so that this is the system's browser.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let programs = self.folder.path().join("bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<_> = std::iter::once(programs.clone()).chain(std::env::split_paths(&path)).collect();
        let path = std::env::join_paths(folders).expect("they come from a path").into_string();
        vec![
            ("PATH", path.expect("programs are in folders with plain names")),
            ("BROWSER", programs.join("xdg-open").to_str().expect("plain names").to_owned()),
        ]
    }

    /// Waits for a tab that nobody has looked at yet, and goes there.
    ///
    /// # Panics
    /// If no program opens one.
    pub fn next_page(&self) {
        let handle = self.until("a new tab", async |client| {
            let all = client.windows().await?;
            Ok(all.into_iter().find(|handle| !self.seen.borrow().contains(handle)))
        });
        self.seen.borrow_mut().push(handle.clone());
        self.driver
            .run(async |client| client.switch_to_window(handle).await)
            .unwrap_or_else(|e| panic!("the new tab can't be shown: {e}"));
    }

    /// True if some program has opened a tab that nobody has looked at yet.
    pub fn has_next_page(&self) -> bool {
        let all = self.driver.run(async |client| client.windows().await).unwrap_or_else(|e| panic!("{e}"));
        all.iter().any(|handle| !self.seen.borrow().contains(handle))
    }

    /// Goes to an address in the same tab, as a person who types it. An address at which nobody answers is no failure.
    pub fn open(&self, url: &str) {
        match self.driver.run(async |client| client.goto(url).await) {
            Ok(()) | Err(CmdError::Standard(_)) => {}
            Err(e) => panic!("{url}: {e}"),
        }
    }

    /// Signs in on the page of an issuer.
    pub fn sign_in(&self, person: &Person) {
        self.fill("#username", &person.username);
        self.fill("#password", &person.password);
        self.until("Enter to be pressed", async |client| {
            client.find(Locator::Css("#password")).await?.send_keys(keys::ENTER).await.map(Some)
        });
    }

    /// Agrees to what an issuer asks next. [`OidcProvider`](crate::OidcProvider) does so for sessions that last.
    pub fn consent(&self) {
        self.read("consent");
        self.click("#submit");
    }

    /// Types into a field (a CSS selector), replacing what stands there.
    pub fn fill(&self, field: &str, text: &str) {
        self.until(&format!("{field} to be filled in"), async |client| {
            let element = client.find(Locator::Css(field)).await?;
            element.clear().await?;
            element.send_keys(text).await?;
            Ok((element.prop("value").await?.as_deref() == Some(text)).then_some(()))
        });
    }

    /// Clicks on an element (a CSS selector).
    pub fn click(&self, element: &str) {
        self.until(&format!("a click on {element}"), async |client| {
            client.find(Locator::Css(element)).await?.click().await.map(Some)
        });
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.driver.run(async |client| client.current_url().await).unwrap_or_else(|e| panic!("{e}")).into()
    }

    /// The words of the page.
    pub fn text(&self) -> String {
        self.until("a page", async |client| client.find(Locator::Css("body")).await?.prop("innerText").await)
    }

    /// Waits until the page shows these words.
    pub fn read(&self, words: &str) {
        self.until(&format!("a page that shows {words:?}"), async |client| {
            let text = client.find(Locator::Css("body")).await?.prop("innerText").await?;
            Ok(text.is_some_and(|text| text.contains(words)).then_some(()))
        });
    }

    /// Waits until the address begins like this, and returns all of it.
    pub fn until_url(&self, start: &str) -> String {
        self.until(&format!("an address that begins with {start}"), async |client| {
            let url = String::from(client.current_url().await?);
            Ok(url.starts_with(start).then_some(url))
        })
    }

    fn until<T>(&self, what: &str, probe: impl AsyncFnMut(&Client) -> Result<Option<T>, CmdError>) -> T {
        self.driver.until(SOON, probe).unwrap_or_else(|why| self.fail(&format!("waited in vain for {what}: {why}")))
    }

    fn fail(&self, why: &str) -> ! {
        let page = self.driver.run(async |client| client.source().await).unwrap_or_else(|e| e.to_string());
        panic!("{why}\n--- the browser at {}\n{page}", self.url())
    }
}

/// A script that opens an address in the Chromium whose DevTools listen at `port`. Chromium's own way, a second
/// process that hands the address over, does not exist without a screen.
fn write_opener(folder: &Path, port: u16) {
    let script = format!(
        "#!/bin/sh\nexec curl --fail --silent --show-error --output /dev/null --noproxy '*' --request PUT --get \
         --data-urlencode \"=$1\" http://127.0.0.1:{port}/json/new\n"
    );
    let file = folder.join("bin/xdg-open");
    fs::create_dir(folder.join("bin")).expect("the fixture's folder can be written");
    fs::write(&file, script).expect("the fixture's folder can be written");
    fs::set_permissions(&file, Permissions::from_mode(0o755)).expect("the file is ours");
}
