//! The person's own browser.

use std::io;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use courrier_auth::{Browser, Url};

/// A starter that is still running by then has become the browser, or waits for it.
const SETTLED: Duration = Duration::from_millis(1500);
const POLL: Duration = Duration::from_millis(10);

/// The browser that the system has chosen for web pages; on Linux `xdg-open` finds it, which obeys `$BROWSER`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, url: &Url) -> io::Result<()> {
        let mut error = io::Error::from(io::ErrorKind::NotFound);
        for mut command in open::commands(url.as_str()) {
            let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            match started.and_then(settled) {
                Ok(()) => return Ok(()),
                Err(refused) => error = refused,
            }
        }
        Err(error)
    }
}

/// Starters say by their status whether they found a browser, but some become it and stay.
fn settled(mut child: Child) -> io::Result<()> {
    let deadline = Instant::now() + SETTLED;
    while Instant::now() < deadline {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(format!("the starter ended with {status}"))),
            None => std::thread::sleep(POLL),
        }
    }
    // Somebody has to take its status when it ends, or the system keeps it as a zombie.
    std::thread::Builder::new().name("browser".to_owned()).spawn(move || child.wait())?;
    Ok(())
}
