//! Runs an exchange over a transport.

use std::sync::Arc;

use courrier_model::Timestamp;
use courrier_store::{Store, SyncLock};

use crate::exchange::{Answer, Ask, Exchange};
use crate::{Report, SyncError, Transport, TransportError};

/// Exchanges everything that waits, in both directions. Dropping the future stops it at any point, without harm.
///
/// # Errors
/// [`SyncError::Elsewhere`] if another program of this data folder is at it; else as each of its variants says.
pub async fn synchronise<T: Transport>(
    store: &Arc<Store>,
    transport: &T,
    clock: fn() -> Timestamp,
) -> Result<Report, SyncError> {
    let (mut exchange, _lock) = blocking(store, |store| {
        let lock: SyncLock = store.try_sync_lock()?.ok_or(SyncError::Elsewhere)?;
        Ok((Exchange::begin(store)?, lock))
    })
    .await?;
    loop {
        let (returned, ask) = blocking(store, move |store| {
            let ask = exchange.next(store, clock())?;
            Ok((exchange, ask))
        })
        .await?;
        exchange = returned;
        let answer = match ask {
            Ask::Done(report) => return Ok(report),
            Ask::Pull(pull) => transport.pull(pull).await.map(Answer::Page),
            Ask::Push(push) => transport.push(&push).await.map(Answer::Pushed),
        };
        let answer = match answer {
            Err(TransportError::Reset(reset)) => Answer::Reset(reset),
            answer => answer?,
        };
        exchange = blocking(store, move |store| {
            exchange.take(store, answer)?;
            Ok(exchange)
        })
        .await?;
    }
}

/// Runs work on the database where waiting for a disk, or for another program, keeps nobody else waiting.
async fn blocking<R: Send + 'static>(
    store: &Arc<Store>,
    work: impl FnOnce(&Store) -> Result<R, SyncError> + Send + 'static,
) -> Result<R, SyncError> {
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(answer) => answer,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is shutting down.
        Err(_) => Err(SyncError::Elsewhere),
    }
}
