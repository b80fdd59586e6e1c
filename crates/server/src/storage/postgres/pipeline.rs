//! Sending statements one behind the other without waiting for each one's answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::Object;
use futures_util::FutureExt;
use tokio_postgres::error::Error;

type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Statements on one connection that are sent in order, together.
///
/// The library sends a prepared statement when its future is first asked, and answers come back in the order of
/// sending; all a transaction's statements so take one trip to the database instead of one each.
pub(super) struct Pipeline<'a, T> {
    waiting: Vec<Waiting<'a, T>>,
}

impl<'a, T> Pipeline<'a, T> {
    pub(super) fn new() -> Self {
        Self { waiting: Vec::new() }
    }

    pub(super) fn then(&mut self, statement: impl Future<Output = Result<T, Error>> + Send + 'a) {
        self.waiting.push(Box::pin(statement));
    }

    /// Sends all and waits for all. The index of the first that failed comes with its error; those behind it failed
    /// too, because its transaction is over.
    pub(super) async fn run(mut self) -> Result<Vec<T>, (usize, Error)> {
        let mut answers: Vec<Option<Result<T, Error>>> = self.waiting.iter().map(|_| None).collect();
        let (mut sent, mut next) = (false, 0);
        poll_fn(|context| {
            if !sent {
                sent = true;
                for (statement, answer) in self.waiting.iter_mut().zip(&mut answers) {
                    if let Poll::Ready(ready) = statement.as_mut().poll(context) {
                        *answer = Some(ready);
                    }
                }
            }
            while let (Some(statement), Some(answer)) = (self.waiting.get_mut(next), answers.get_mut(next)) {
                if answer.is_none() {
                    match statement.as_mut().poll(context) {
                        Poll::Ready(ready) => *answer = Some(ready),
                        Poll::Pending => return Poll::Pending,
                    }
                }
                next += 1;
            }
            Poll::Ready(())
        })
        .await;
        let indexed = answers.into_iter().flatten().enumerate();
        indexed.map(|(index, answer)| answer.map_err(|error| (index, error))).collect()
    }
}

/// A connection with a transaction under way: its statements are the holder's to send, `BEGIN` first. Unless its end
/// was seen, it is rolled back, also where the holder's future was dropped on the way: nobody inherits half of it.
pub(super) struct Held {
    client: Object,
    ended: bool,
}

impl Held {
    pub(super) fn new(client: Object) -> Self {
        Self { client, ended: false }
    }

    /// Back into the pool as it is.
    pub(super) fn ended(mut self) {
        self.ended = true;
    }
}

impl std::ops::Deref for Held {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.client
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.ended {
            // Asking once sends it, behind whatever is on its way; the next holder's statements come after it.
            let _ = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}
