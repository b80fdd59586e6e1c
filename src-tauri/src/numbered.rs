//! What a window has begun and can cancel: checks that run and sign-ins that wait, by the number that it gave them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_app::Attempt;
use tokio_util::sync::CancellationToken;

/// A window's label and the number it chose: two windows may choose the same.
type Key = (String, u32);
type Begun<T> = Arc<Mutex<HashMap<Key, Arc<T>>>>;

/// The checks that are running.
pub(crate) type Runs = Numbered<CancellationToken>;
/// The attempts to sign in that wait for a person.
pub(crate) type Attempts = Numbered<Attempt>;

/// What can be stopped before its end.
pub(crate) trait Cancel {
    fn cancel(&self);
}

impl Cancel for CancellationToken {
    fn cancel(&self) {
        Self::cancel(self);
    }
}

impl Cancel for Attempt {
    fn cancel(&self) {
        Self::cancel(self);
    }
}

/// Whatever is under way, to be found and cancelled by its number.
pub(crate) struct Numbered<T>(Begun<T>);

/// One of them for as long as it is under way. Dropped when it ends, however it does.
pub(crate) struct UnderWay<T> {
    begun: Begun<T>,
    key: Key,
    itself: Arc<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Cancel> Numbered<T> {
    /// Begins. An earlier one of this number that is still under way is cancelled: nobody could do so any more.
    pub(crate) fn begin(&self, window: &str, number: u32, what: T) -> UnderWay<T> {
        let (key, itself) = ((window.to_owned(), number), Arc::new(what));
        let earlier = lock(&self.0).insert(key.clone(), Arc::clone(&itself));
        if let Some(earlier) = earlier {
            earlier.cancel();
        }
        UnderWay { begun: Arc::clone(&self.0), key, itself }
    }

    /// The one of this number, if it is still under way.
    pub(crate) fn of(&self, window: &str, number: u32) -> Option<Arc<T>> {
        lock(&self.0).get(&(window.to_owned(), number)).cloned()
    }

    /// Cancels one. One that has ended is no error: its end was on its way.
    pub(crate) fn cancel(&self, window: &str, number: u32) {
        if let Some(found) = self.of(window, number) {
            found.cancel();
        }
    }

    /// Cancels all that a window has begun which is gone.
    pub(crate) fn cancel_all(&self, window: &str) {
        for ((of, _), begun) in lock(&self.0).iter() {
            if of == window {
                begun.cancel();
            }
        }
    }
}

impl<T> Drop for UnderWay<T> {
    fn drop(&mut self) {
        let mut begun = lock(&self.begun);
        // Another one: a later one of this number, which cancelled this one and stays.
        if begun.get(&self.key).is_some_and(|current| Arc::ptr_eq(current, &self.itself)) {
            begun.remove(&self.key);
        }
    }
}

fn lock<T>(begun: &Begun<T>) -> MutexGuard<'_, HashMap<Key, Arc<T>>> {
    begun.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(runs: &Runs, window: &str, number: u32) -> (CancellationToken, UnderWay<CancellationToken>) {
        let token = CancellationToken::new();
        (token.clone(), runs.begin(window, number, token))
    }

    #[test]
    fn each_is_known_by_its_window_and_number_only() {
        let runs = Runs::default();
        let (one, other, elsewhere) = (begin(&runs, "main", 1), begin(&runs, "main", 2), begin(&runs, "main-2", 1));
        runs.cancel("main", 1);
        assert!(one.0.is_cancelled() && !other.0.is_cancelled() && !elsewhere.0.is_cancelled());
        runs.cancel_all("main-2");
        assert!(elsewhere.0.is_cancelled() && !other.0.is_cancelled());
        assert!(runs.of("main", 2).is_some() && runs.of("main", 3).is_none());
    }

    #[test]
    fn a_number_used_again_stops_the_earlier_one_and_stays_cancellable() {
        let runs = Runs::default();
        let (earlier, later) = (begin(&runs, "main", 1), begin(&runs, "main", 1));
        assert!(earlier.0.is_cancelled() && !later.0.is_cancelled());
        drop(earlier);
        runs.cancel("main", 1);
        assert!(later.0.is_cancelled());
    }

    #[test]
    fn what_has_ended_leaves_nothing() {
        let runs = Runs::default();
        drop(begin(&runs, "main", 1));
        let cancelled = begin(&runs, "main", 2);
        cancelled.0.cancel();
        drop(cancelled);
        assert!(lock(&runs.0).is_empty());
    }
}
