//! Courrier's window, as a person uses it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::built;
use crate::webdriver::WebDriver;
use crate::{Cli, Display};

/// How long something in the window may take that needs no slow server.
const SOON: Duration = Duration::from_secs(15);

/// All words of a part: WebDriver's own idea of its text leaves out what it believes to be cut off.
const TEXT: &str = "innerText";

/// The title of every window of ours.
pub const TITLE: &str = "^Courrier$";

/// An open window. Closed, with its program, on drop.
///
/// Parts of a page are named by their `data-testid`; `"side-imap problem-card"` is the second inside of the first, and
/// `"version[data-cause=conflict]"` one that has this attribute too.
/// Every method waits for what it needs, and fails with what the window shows instead.
#[derive(Debug)]
pub struct Window {
    driver: WebDriver,
    folder: TempDir,
}

impl Window {
    /// Opens the program on the home, keyring, trust store and language of `cli`.
    ///
    /// # Panics
    /// If it was not built, or no window opens.
    pub fn open(cli: &Cli, display: &Display) -> Self {
        Self::open_with(cli, display, &[])
    }

    /// The same with further variables.
    pub fn open_with(cli: &Cli, display: &Display, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-window-").tempdir().expect("a temporary folder");
        let mut environment = environment(cli, display);
        environment.extend(variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let driver = WebDriver::start(&program(), &environment, folder.path());
        Self { driver, folder }
    }

    /// Starts the program once more, as a person who clicks its icon again, and waits until that start has ended.
    /// True if it succeeded.
    pub fn start_again(cli: &Cli, display: &Display) -> bool {
        let mut command = Command::new(program());
        command.env_clear().envs(environment(cli, display)).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("the program starts").success()
    }

    /// Waits until this part is to be seen.
    pub fn see(&self, part: &str) {
        self.see_within(part, SOON);
    }

    /// The same for what takes longer.
    pub fn see_within(&self, part: &str, limit: Duration) {
        self.until(&format!("{part} to be seen"), limit, async |client| {
            Ok(client.find(Locator::Css(&selector(part))).await?.is_displayed().await?.then_some(()))
        });
    }

    /// Waits until this part is gone.
    pub fn see_no(&self, part: &str) {
        self.until(&format!("{part} to be gone"), SOON, async |client| {
            Ok(client.find_all(Locator::Css(&selector(part))).await?.is_empty().then_some(()))
        });
    }

    /// Waits until this part shows these words.
    pub fn read(&self, part: &str, words: &str) {
        self.read_within(part, words, SOON);
    }

    /// The same for what takes longer.
    pub fn read_within(&self, part: &str, words: &str, limit: Duration) {
        self.until(&format!("{part} to show {words:?}"), limit, async |client| {
            let text = client.find(Locator::Css(&selector(part))).await?.prop(TEXT).await?;
            Ok(text.is_some_and(|text| text.contains(words)).then_some(()))
        });
    }

    /// Waits until this part no longer shows these words.
    pub fn read_no_more(&self, part: &str, words: &str, limit: Duration) {
        self.until(&format!("{part} to show {words:?} no more"), limit, async |client| {
            let text = client.find(Locator::Css(&selector(part))).await?.prop(TEXT).await?;
            Ok(text.is_some_and(|text| !text.contains(words)).then_some(()))
        });
    }

    /// The words of this part.
    pub fn text(&self, part: &str) -> String {
        self.until(&format!("{part} to be there"), SOON, async |client| {
            client.find(Locator::Css(&selector(part))).await?.prop(TEXT).await
        })
    }

    /// The words of every part of this name.
    pub fn texts(&self, part: &str) -> Vec<String> {
        self.until(&format!("all {part}"), SOON, async |client| {
            let mut texts = Vec::new();
            for element in client.find_all(Locator::Css(&selector(part))).await? {
                texts.extend(element.prop(TEXT).await?);
            }
            Ok(Some(texts))
        })
    }

    /// Clicks on it.
    pub fn click(&self, part: &str) {
        self.until(&format!("a click on {part}"), SOON, async |client| {
            client.find(Locator::Css(&selector(part))).await?.click().await.map(Some)
        });
    }

    /// Clicks on an account in the list.
    pub fn open_account(&self, address: &str) {
        let row = selector(&format!("account-row[data-address=\"{address}\"]"));
        self.until(&format!("a click on {address}"), SOON, async |client| {
            client.find(Locator::Css(&row)).await?.click().await.map(Some)
        });
    }

    /// Waits until the list shows this account in this state (`ok`, `problem`, `unchecked` …).
    pub fn see_account(&self, address: &str, health: &str) {
        let row = selector(&format!("account-row[data-address=\"{address}\"]"));
        self.until(&format!("{address} to be {health}"), SOON, async |client| {
            let shown = client.find(Locator::Css(&row)).await?.attr("data-health").await?;
            Ok((shown.as_deref() == Some(health)).then_some(()))
        });
    }

    /// Waits until the list does not show this account.
    pub fn see_no_account(&self, address: &str) {
        let row = selector(&format!("account-row[data-address=\"{address}\"]"));
        self.until(&format!("{address} to be gone"), SOON, async |client| {
            Ok(client.find_all(Locator::Css(&row)).await?.is_empty().then_some(()))
        });
    }

    /// Replaces what stands in a field.
    pub fn fill(&self, field: &str, text: &str) {
        // With the keyboard, as a person does: WebDriver's own clearing tells the page nothing of it until the field is
        // left, and what comes from elsewhere meanwhile would stand there again.
        let keys = format!("{}{text}", keys::DELETE);
        self.until(&format!("{field} to be filled in"), SOON, async |client| {
            let element = client.find(Locator::Css(&selector(field))).await?;
            // Keys that are held down are let go at the end of a call.
            element.send_keys(keys::SELECT_ALL).await?;
            element.send_keys(&keys).await?;
            // A field that is busy takes no keys.
            Ok((element.prop("value").await?.as_deref() == Some(text)).then_some(()))
        });
    }

    /// What stands in a field.
    pub fn value(&self, field: &str) -> String {
        self.until(&format!("{field} to be there"), SOON, async |client| {
            client.find(Locator::Css(&selector(field))).await?.prop("value").await
        })
    }

    /// Chooses from a list by the value of the choice.
    pub fn choose(&self, list: &str, value: &str) {
        self.until(&format!("{value} of {list}"), SOON, async |client| {
            client.find(Locator::Css(&selector(list))).await?.select_by_value(value).await.map(Some)
        });
    }

    /// Presses keys where the focus is; [`keys`] has those that are no letters.
    pub fn press(&self, keys: &str) {
        self.until("keys to be pressed", SOON, async |client| {
            client.active_element().await?.send_keys(keys).await.map(Some)
        });
    }

    /// Presses Tab until the focus is on this part, as a person without a mouse.
    ///
    /// # Panics
    /// If the focus never comes there.
    pub fn tab_to(&self, part: &str) {
        for _ in 0..60 {
            if self.focused() == part {
                return;
            }
            self.press(keys::TAB);
        }
        self.fail(&format!("{part} can't be reached by Tab"));
    }

    /// The name of the part with the focus; empty if it has none.
    pub fn focused(&self) -> String {
        self.script("return document.activeElement?.dataset.testid ?? ''").as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page, for what a person can't do but an attacker would try.
    pub fn script(&self, script: &str) -> Value {
        self.driver.run(async |client| client.execute(script, Vec::new()).await).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Waits until an expression in the page is true.
    pub fn until_script(&self, what: &str, expression: &str) {
        let script = format!("return Boolean({expression})");
        self.until(what, SOON, async |client| {
            Ok((client.execute(&script, Vec::new()).await? == Value::Bool(true)).then_some(()))
        });
    }

    /// Runs a script that ends by calling `done`.
    pub fn script_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.driver
            .run(async |client| client.execute_async(&script, Vec::new()).await)
            .unwrap_or_else(|e| panic!("{e}"))
    }

    /// Everything that can be read in the window, fields included.
    pub fn everything(&self) -> String {
        let script = "return document.body.innerText + [...document.querySelectorAll('input')].map((e) => e.value)";
        self.script(script).as_str().unwrap_or_default().to_owned()
    }

    /// Resizes the window, in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.driver.run(async |client| client.set_window_size(width, height).await).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Keeps what the window shows in `target/screenshots/NAME.png`, for people to look at.
    pub fn screenshot(&self, name: &str) {
        let file = screenshots().join(format!("{name}.png"));
        let png = self.picture().unwrap_or_else(|e| panic!("{e}"));
        std::fs::write(file, png).expect("the target folder can be written");
    }

    fn picture(&self) -> Result<Vec<u8>, CmdError> {
        // WebKit takes it from the next frame, which a page in which nothing moves never draws; and what is in the page
        // may be one frame ahead of what is on the screen.
        self.script_async(
            "const dot = document.createElement('i'); let frames = 0; \
             const style = 'position: fixed; inset-block-end: 0; inset-inline-end: 0; inline-size: 1px; block-size: 1px;'; \
             const draw = () => { dot.style.cssText = `${style} background: rgb(127 127 127 / ${1 + frames % 2}%)`; \
             frames += 1; if (frames === 3) done(); \
             if (frames < 200) requestAnimationFrame(draw); else dot.remove(); }; \
             document.body.append(dot); draw();",
        );
        self.driver.run(async |client| client.screenshot().await)
    }

    /// Closes the window by the button in its title bar (on a [`Display::managed`]), and waits until it is gone. The
    /// program ends by itself.
    pub fn close(self, display: &Display) {
        display.click_close(TITLE);
        display.wait_for_windows(TITLE, 0);
    }

    /// What the program and its driver have printed.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("tauri-driver.out")).unwrap_or_default()
    }

    fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        probe: impl AsyncFnMut(&Client) -> Result<Option<T>, CmdError>,
    ) -> T {
        self.driver.until(limit, probe).unwrap_or_else(|why| self.fail(&format!("waited in vain for {what}: {why}")))
    }

    fn fail(&self, why: &str) -> ! {
        let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let name = format!("failed-{test}");
        if let Ok(png) = self.picture() {
            // The failure itself is what matters.
            let _ = std::fs::write(screenshots().join(format!("{name}.png")), png);
        }
        panic!("{why}\n--- the window ({name}.png)\n{}", self.everything())
    }
}

/// Keys that are no letters, as WebDriver numbers them.
pub mod keys {
    /// To the next control.
    pub const TAB: &str = "\u{e004}";
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// The space bar.
    pub const SPACE: &str = " ";
    /// Arrow down.
    pub const DOWN: &str = "\u{e015}";
    /// All of a field: Control and A.
    pub const SELECT_ALL: &str = "\u{e009}a";
    /// Delete.
    pub const DELETE: &str = "\u{e017}";
}

fn program() -> PathBuf {
    built("courrier-desktop", "courrier-desktop")
}

/// A person's session: that of `cli`, with a screen.
fn environment(cli: &Cli, display: &Display) -> Vec<(String, String)> {
    let command = cli.command(&[]);
    let text = |text: &std::ffi::OsStr| text.to_str().expect("plain names and values").to_owned();
    let of_cli = command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?))));
    of_cli.chain(display.environment().into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}

/// `"side-imap problem-card"` as CSS has it. What follows a name in brackets is another attribute of the same part:
/// `version[data-cause=conflict]`.
fn selector(part: &str) -> String {
    let one = |part: &str| {
        let (id, attribute) = part.split_at(part.find('[').unwrap_or(part.len()));
        format!("[data-testid=\"{id}\"]{attribute}")
    };
    part.split(' ').map(one).collect::<Vec<_>>().join(" ")
}

/// Where pictures are kept for people to look at.
pub fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}
