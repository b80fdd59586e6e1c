//! The end of what renews tokens: no refresh begins, the one under way ends, and what it brought goes with the rest.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{Engine, Renewal};
use crate::AuthError;
use crate::keep::LockGuard;

/// Tokens that are about to end; they go on if that fails or is given up.
pub(crate) struct Closing<R: Renewal> {
    engine: Arc<Engine<R>>,
    finished: bool,
    _turn: OwnedMutexGuard<()>,
}

impl<R: Renewal> Engine<R> {
    /// Lets no new refresh begin, and the one under way end.
    pub(crate) async fn close(self: &Arc<Self>) -> Closing<R> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let closing = Closing { engine: Arc::clone(self), finished: false, _turn: turn };
        let flight = {
            let mut state = self.state();
            state.over = true;
            state.flight.clone()
        };
        if let Some(flight) = flight {
            // Whatever it brings is kept or in memory, and goes with the rest.
            let _ = flight.result.await;
        }
        closing
    }
}

impl<R: Renewal> Closing<R> {
    /// The tokens that are to end, if there are any, under the lock.
    pub(crate) async fn tokens(&self) -> Result<(Option<R::Kept>, Option<LockGuard>), AuthError> {
        let unkept = self.engine.state().unkept.as_ref().map(|unkept| unkept.kept.clone());
        if unkept.is_some() {
            // Their lock is held already.
            return Ok((unkept, None));
        }
        let guard = self.engine.lock.acquire().await?;
        match self.engine.renewal.load().await {
            Ok(tokens) => Ok((Some(tokens), Some(guard))),
            // Somebody else's tokens are not ours to revoke or to clear.
            Err(AuthError::SignedOut | AuthError::OtherPerson) => Ok((None, Some(guard))),
            Err(error) => Err(error),
        }
    }

    /// They have ended.
    pub(crate) fn finish(mut self) {
        self.finished = true;
        let mut state = self.engine.state();
        state.access = None;
        state.unkept = None;
    }
}

impl<R: Renewal> Drop for Closing<R> {
    fn drop(&mut self) {
        if !self.finished {
            self.engine.state().over = false;
        }
    }
}
