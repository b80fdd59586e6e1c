//! A thread that does D-Bus work one piece after the other, so that nobody waits for it beyond a deadline.
//!
//! A bus or service that hangs can't be interrupted from outside; what can be done is to stop waiting. The
//! work goes to one thread, which keeps the connection. While it hangs, later work waits in line and gives
//! up in time as well; work whose asker has given up is not begun. So a hanging bus costs one thread,
//! however often it is asked. The thread starts with the first work and ends with the lane.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

type Work<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A thread with a state `S` of its own.
pub(super) struct Lane<S> {
    name: &'static str,
    line: Mutex<Option<Sender<Work<S>>>>,
}

impl<S: Default + 'static> Lane<S> {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, line: Mutex::new(None) }
    }

    /// Does `work` on the lane's thread; `None` when it was not done within `limit`.
    ///
    /// Work that was begun in time is not stopped: it may still take effect after `None` was answered.
    pub(super) fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Option<T> {
        let deadline = Instant::now() + limit;
        let (answer, answered) = sync_channel(1);
        let work: Work<S> = Box::new(move |state| {
            if Instant::now() < deadline && answer.send(work(state)).is_err() {
                tracing::debug!("an answer came after its asker had given up");
            }
        });
        self.enqueue(work).ok()?;
        answered.recv_timeout(limit).ok()
    }

    fn enqueue(&self, work: Work<S>) -> std::io::Result<()> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let work = match &*line {
            None => work,
            Some(sender) => match sender.send(work) {
                Ok(()) => return Ok(()),
                Err(unsent) => unsent.0,
            },
        };
        let (sender, receiver) = channel::<Work<S>>();
        std::thread::Builder::new().name(self.name.into()).spawn(move || {
            let mut state = S::default();
            for work in receiver {
                // A library that panics must not take those with it who stand in line behind: the thread goes on,
                // with a new state in place of the one that was left half changed.
                if catch_unwind(AssertUnwindSafe(|| work(&mut state))).is_err() {
                    state = S::default();
                }
            }
        })?;
        // Just made, with its receiver in the thread: this can't fail, and if it did the asker would see
        // its own end of the answer closed.
        if sender.send(work).is_ok() {
            *line = Some(sender);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Barrier};

    use super::*;

    #[test]
    fn work_in_line_behind_a_hang_is_given_up_and_never_done() {
        let lane: Arc<Lane<()>> = Arc::new(Lane::new("test"));
        let (begun, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let hanging = std::thread::spawn({
            let (lane, begun, release) = (lane.clone(), begun.clone(), release.clone());
            move || {
                lane.run(Duration::from_secs(60), move |()| {
                    begun.wait();
                    release.wait();
                })
            }
        });
        begun.wait();
        let done = Arc::new(AtomicU32::new(0));
        let late = lane.run(Duration::from_millis(20), {
            let done = done.clone();
            move |()| done.fetch_add(1, Ordering::SeqCst)
        });
        assert!(late.is_none());
        release.wait();
        assert!(hanging.join().expect("no panic").is_some());
        // The line is in order: this work comes after the one that was given up.
        let count = lane.run(Duration::from_secs(60), move |()| done.load(Ordering::SeqCst));
        assert_eq!(count, Some(0));
    }

    #[test]
    fn a_panic_in_one_piece_of_work_does_not_end_the_lane() {
        let lane: Lane<()> = Lane::new("test");
        let answer: Option<()> = lane.run(Duration::from_secs(60), |()| panic!("as a library might"));
        assert!(answer.is_none());
        assert_eq!(lane.run(Duration::from_secs(60), |()| 7), Some(7));
    }
}
