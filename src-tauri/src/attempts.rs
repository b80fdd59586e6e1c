//! The attempts to sign in that wait for a person, by the number that a window gave them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_app::Attempt;

/// A window's label and the number it chose: two windows may choose the same.
type Key = (String, u32);

/// Attempts that wait, to be cancelled or helped by their number.
#[derive(Default)]
pub(crate) struct Attempts(Arc<Mutex<HashMap<Key, Attempt>>>);

/// An attempt for as long as it waits. Dropped when it ends, however it does.
pub(crate) struct Waiting {
    attempts: Arc<Mutex<HashMap<Key, Attempt>>>,
    key: Key,
    attempt: Attempt,
}

impl Attempts {
    /// Begins an attempt. An earlier one of this number that still waits is cancelled: nobody could do so any more.
    pub(crate) fn begin(&self, window: &str, number: u32, attempt: Attempt) -> Waiting {
        let key = (window.to_owned(), number);
        let earlier = lock(&self.0).insert(key.clone(), attempt.clone());
        if let Some(earlier) = earlier {
            earlier.cancel();
        }
        Waiting { attempts: Arc::clone(&self.0), key, attempt }
    }

    /// The attempt of this number, if it still waits.
    pub(crate) fn of(&self, window: &str, number: u32) -> Option<Attempt> {
        lock(&self.0).get(&(window.to_owned(), number)).cloned()
    }

    /// Cancels all attempts of a window that is gone.
    pub(crate) fn cancel_all(&self, window: &str) {
        for ((of, _), attempt) in lock(&self.0).iter() {
            if of == window {
                attempt.cancel();
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut attempts = lock(&self.attempts);
        // Another one: a later attempt of this number, which cancelled this one and stays.
        if attempts.get(&self.key).is_some_and(|current| current.is(&self.attempt)) {
            attempts.remove(&self.key);
        }
    }
}

fn lock(attempts: &Mutex<HashMap<Key, Attempt>>) -> MutexGuard<'_, HashMap<Key, Attempt>> {
    attempts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use courrier_app::Way;

    use super::*;

    fn attempt() -> Attempt {
        Attempt::new(1, Way::Browser, |_| {})
    }

    #[test]
    fn an_attempt_is_known_by_its_window_and_number_while_it_waits() {
        let attempts = Attempts::default();
        let (one, other) = (attempt(), attempt());
        let waiting = attempts.begin("main", 1, one.clone());
        let _other = attempts.begin("main-2", 1, other.clone());
        assert!(attempts.of("main", 1).is_some_and(|found| found.is(&one)));
        attempts.cancel_all("main");
        assert!(one.is_cancelled() && !other.is_cancelled());
        drop(waiting);
        assert!(attempts.of("main", 1).is_none() && attempts.of("main-2", 1).is_some());
    }

    #[test]
    fn a_number_used_again_cancels_the_earlier_attempt_and_stays() {
        let attempts = Attempts::default();
        let (earlier, later) = (attempt(), attempt());
        let first = attempts.begin("main", 1, earlier.clone());
        let _second = attempts.begin("main", 1, later.clone());
        assert!(earlier.is_cancelled() && !later.is_cancelled());
        drop(first);
        assert!(attempts.of("main", 1).is_some_and(|found| found.is(&later)));
    }
}
