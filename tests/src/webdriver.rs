//! Driving a program's webview, or a browser, by WebDriver (W3C).

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::port::{self, Reserved};
use crate::process::{RunAs, Server, command};

/// One command that takes longer hangs.
const COMMAND: Duration = Duration::from_secs(30);
/// A session begins with a whole program's start, beside as many others as the machine has to do.
const SESSION: Duration = Duration::from_secs(120);

/// A page that obeys. Its driver is ended on drop.
#[derive(Debug)]
pub(crate) struct WebDriver {
    client: Client,
    runtime: Runtime,
    // The driver, its native half and the program; last, because the client talks to it.
    _driver: Server,
    _reserved: Reserved,
}

impl WebDriver {
    /// Starts `program` with exactly this environment, through tauri-driver and WebKitWebDriver. What everything prints
    /// goes to `folder/tauri-driver.out`.
    ///
    /// # Panics
    /// If there is no session within two minutes.
    pub(crate) fn start(program: &Path, environment: &[(String, String)], folder: &Path) -> Self {
        let here = IpAddr::from([127, 0, 0, 1]);
        let ([port, native], reserved) = port::reserve(&[here], None);
        let mut command = command("tauri-driver", RunAs::Caller, None);
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        let mut driver = Server::spawn("tauri-driver", &mut command, RunAs::Caller, folder);
        for port in [port, native] {
            driver
                .wait_for(|_| port::answers(SocketAddr::new(here, port), None).then_some(()))
                .unwrap_or_else(|why| panic!("{why}"));
        }
        let capabilities = json!({"browserName": "wry", "tauri:options": {"application": program}});
        Self::session(driver, port, capabilities, reserved)
    }

    /// Takes over the Chromium whose DevTools listen at `devtools`, through chromedriver. What that prints goes to
    /// `folder/chromedriver.out`.
    ///
    /// # Panics
    /// If there is no session within two minutes.
    pub(crate) fn attach(devtools: u16, folder: &Path) -> Self {
        let here = IpAddr::from([127, 0, 0, 1]);
        let ([port], reserved) = port::reserve(&[here], None);
        let mut command = command("chromedriver", RunAs::Caller, None);
        command.arg(format!("--port={port}")).env("HOME", folder);
        let mut driver = Server::spawn("chromedriver", &mut command, RunAs::Caller, folder);
        driver
            .wait_for(|_| port::answers(SocketAddr::new(here, port), None).then_some(()))
            .unwrap_or_else(|why| panic!("{why}"));
        let options = json!({"debuggerAddress": format!("{here}:{devtools}")});
        // Nothing waits for a page to be complete: the server that it comes from may run on the test's own thread.
        let capabilities = json!({"browserName": "chrome", "pageLoadStrategy": "none", "goog:chromeOptions": options});
        Self::session(driver, port, capabilities, reserved)
    }

    fn session(driver: Server, port: u16, capabilities: Value, reserved: Reserved) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let Value::Object(capabilities) = capabilities else { unreachable!("written as an object") };
        let url = format!("http://127.0.0.1:{port}");
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let session = builder.capabilities(capabilities).connect(&url);
            tokio::time::timeout(SESSION, session).await
        });
        let client = client
            .unwrap_or_else(|_| panic!("no session within {SESSION:?}: {}", driver.said()))
            .unwrap_or_else(|e| panic!("no session: {e}: {}", driver.said()));
        Self { client, runtime, _driver: driver, _reserved: reserved }
    }

    /// Carries out one command.
    ///
    /// # Errors
    /// What the driver answers.
    ///
    /// # Panics
    /// If it does not answer within 30 seconds.
    pub(crate) fn run<T>(&self, command: impl AsyncFnOnce(&Client) -> Result<T, CmdError>) -> Result<T, CmdError> {
        self.runtime.block_on(async {
            tokio::time::timeout(COMMAND, command(&self.client)).await.expect("the webview answers in time")
        })
    }

    /// Repeats a command until it gives something. What is not there yet, or was just replaced, is asked for again.
    ///
    /// # Errors
    /// What the last try said, when `limit` has passed.
    pub(crate) fn until<T>(
        &self,
        limit: Duration,
        mut probe: impl AsyncFnMut(&Client) -> Result<Option<T>, CmdError>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + limit;
        loop {
            let last = match self.run(&mut probe) {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => "not so".to_owned(),
                Err(CmdError::Standard(error)) => error.to_string(),
                Err(error) => return Err(error.to_string()),
            };
            if Instant::now() >= deadline {
                return Err(last);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
