//! Running one test binary of libtest: its output is shown as it comes, and counted.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::Result;
use crate::tally::Tally;

/// No binary of ours comes near this. One that does hangs, and would keep CI waiting for ever.
const HANGS: Duration = Duration::from_secs(30 * 60);
/// How often we look whether the binary has ended.
const LOOK: Duration = Duration::from_millis(100);

/// Runs `command` to its end; `name` stands for it in the closing lines.
///
/// # Errors
/// When it can't be started. Whatever it does then is counted, a crash as one failure.
pub(crate) fn run(command: &mut Command, name: &str) -> Result<Tally> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let (send, lines) = channel();
    let stdout = child.stdout.take().ok_or("standard output is not a pipe")?;
    // Not joined: a server that a test left behind may hold the pipe open for longer than the test runs.
    std::thread::spawn(move || {
        let mut output = BufReader::new(stdout);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    let mut tally = Tally::default();
    let ended = follow(&mut child, &lines, &mut tally)?;
    match ended {
        Some(status) if !status.success() && tally.failed == 0 => tally.fail(format!("{name} ({status})")),
        Some(_) => {}
        None => tally.fail(format!("{name} (ended after {} minutes)", HANGS.as_secs() / 60)),
    }
    Ok(tally)
}

/// Shows and counts until the child has ended. `None`: it did not end by itself.
fn follow(child: &mut Child, lines: &Receiver<String>, tally: &mut Tally) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut reported = false;
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) => {
                print!("{line}");
                reported |= tally.read_libtest(line.trim_end());
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => {
                // All is read, and it ends now.
                let status = child.wait()?;
                return Ok(Some(unreported(status, reported, tally)));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = child.try_wait()? {
            // What it wrote last may still be on its way to us.
            for line in std::iter::from_fn(|| lines.recv_timeout(LOOK).ok()) {
                print!("{line}");
                reported |= tally.read_libtest(line.trim_end());
            }
            return Ok(Some(unreported(status, reported, tally)));
        }
        if started.elapsed() > HANGS {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
    }
}

/// A binary that ends well without a report has run nothing that we know of.
fn unreported(status: ExitStatus, reported: bool, tally: &mut Tally) -> ExitStatus {
    if status.success() && !reported {
        tally.fail("a test binary ended without a report".to_owned());
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Tally {
        run(Command::new("sh").args(["-c", script]), "made-up").unwrap()
    }

    #[test]
    fn a_report_is_counted() {
        let tally = shell("echo 'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out'");
        assert_eq!(tally.to_string(), "2 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_crash_and_a_silent_end_are_failures() {
        assert_eq!(shell("kill -9 $$").failures, ["made-up (signal: 9 (SIGKILL))"]);
        assert_eq!(shell("true").failures, ["a test binary ended without a report"]);
    }

    #[test]
    fn a_server_left_behind_does_not_keep_us_waiting() {
        let started = Instant::now();
        let tally = shell("sleep 60 & echo 'test result: ok. 1 passed; 0 failed'");
        assert_eq!(tally.passed, 1);
        assert!(started.elapsed() < Duration::from_secs(50), "it waited for the pipe to close");
    }
}
