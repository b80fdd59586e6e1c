//! The checks that are running, by the number that a window gave them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// A window's label and the number it chose: two windows may choose the same.
type Key = (String, u32);

/// Running checks, to be cancelled by their number.
#[derive(Default)]
pub(crate) struct Runs(Arc<Mutex<HashMap<Key, CancellationToken>>>);

/// A check for as long as it runs. Dropped when it ends, however it does.
pub(crate) struct Running {
    runs: Arc<Mutex<HashMap<Key, CancellationToken>>>,
    key: Key,
    /// Stops it.
    pub(crate) cancel: CancellationToken,
}

impl Runs {
    /// Begins a run. An earlier one of this number that still runs is cancelled: nobody could do so any more.
    pub(crate) fn begin(&self, window: &str, number: u32) -> Running {
        let (key, cancel) = ((window.to_owned(), number), CancellationToken::new());
        let earlier = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), cancel.clone());
        if let Some(earlier) = earlier {
            earlier.cancel();
        }
        Running { runs: Arc::clone(&self.0), key, cancel }
    }

    /// Cancels a run. One that has ended is no error: its end was on its way.
    pub(crate) fn cancel(&self, window: &str, number: u32) {
        if let Some(cancel) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(window.to_owned(), number)) {
            cancel.cancel();
        }
    }

    /// Cancels all runs of a window that is gone.
    pub(crate) fn cancel_all(&self, window: &str) {
        for ((of, _), cancel) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if of == window {
                cancel.cancel();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        // Unlike us not cancelled: a later run of this number, which cancelled this one and stays.
        if runs.get(&self.key).is_some_and(|current| current.is_cancelled() == self.cancel.is_cancelled()) {
            runs.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_cancelled_by_its_window_and_number_only() {
        let runs = Runs::default();
        let (one, other, elsewhere) = (runs.begin("main", 1), runs.begin("main", 2), runs.begin("main-2", 1));
        runs.cancel("main", 1);
        assert!(one.cancel.is_cancelled() && !other.cancel.is_cancelled() && !elsewhere.cancel.is_cancelled());
        runs.cancel_all("main-2");
        assert!(elsewhere.cancel.is_cancelled() && !other.cancel.is_cancelled());
    }

    #[test]
    fn a_number_used_again_stops_the_earlier_run_and_stays_cancellable() {
        let runs = Runs::default();
        let (earlier, later) = (runs.begin("main", 1), runs.begin("main", 1));
        assert!(earlier.cancel.is_cancelled() && !later.cancel.is_cancelled());
        drop(earlier);
        runs.cancel("main", 1);
        assert!(later.cancel.is_cancelled());
    }

    #[test]
    fn an_ended_run_leaves_nothing() {
        let runs = Runs::default();
        drop(runs.begin("main", 1));
        let cancelled = runs.begin("main", 2);
        cancelled.cancel.cancel();
        drop(cancelled);
        assert!(runs.0.lock().unwrap().is_empty());
    }
}
