//! Servers that all tests of one binary share, because starting one costs seconds.
//!
//! A fixture's program ends with the thread that started it, so that these are started on a thread that never ends.
//! A `static` is never dropped: what its server leaves behind is removed by a shell that waits for our end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

/// Runs `start` on a thread that lives as long as this process.
///
/// # Panics
/// If `start` does; what it said is on the terminal.
pub(crate) fn start<T: Send + 'static>(name: &'static str, start: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        if send.send(start()).is_ok() {
            loop {
                std::thread::park();
            }
        }
    });
    receive.recv().unwrap_or_else(|_| panic!("{name} did not start"))
}

/// Removes `folder` once this process and then the server with the id `server` have ended, however they did.
pub(crate) fn remove_at_the_end(folder: &Path, server: u32) {
    use std::os::unix::process::CommandExt;
    // Its input ends with us, because nobody else holds the other end.
    // A minute at most: where nobody collects the dead, the server's id never goes away.
    let script =
        r#"read -r _; n=600; while [ $n -gt 0 ] && kill -0 "$1"; do n=$((n - 1)); sleep 0.1; done; rm -rf "$2""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", &server.to_string()]).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Apart from the terminal's group, whose Ctrl+C would end it before it has begun.
    let shell = command.process_group(0).spawn().expect("sh can be run");
    // Its input must stay open, and it outlives us: nobody here can wait for it.
    std::mem::forget(shell);
}
