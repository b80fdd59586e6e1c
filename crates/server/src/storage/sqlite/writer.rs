//! The one thread that writes. Requests that wait are done together: each in a savepoint of its own, all in one
//! commit, because what a commit costs is waiting for the disk.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure;
use crate::storage::StorageError;

/// Requests in one commit, at most: the first of them waits for the last.
const BATCH: usize = 64;

/// The writing thread's end in this process.
#[derive(Debug)]
pub(super) struct Writer {
    // `None` only while it stops.
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StorageError> {
        let (queue, jobs) = channel();
        let thread = std::thread::Builder::new()
            .name("storage-writer".to_owned())
            .spawn(move || serve(&connection, &jobs))
            .map_err(|error| StorageError::Unavailable(error.kind().to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs one change: all of it or nothing. Once asked for it is carried to its end, whether or not anybody
    /// waits for the answer.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (reply, answer) = oneshot::channel();
        let job = Change { change: Some(change), result: None, reply };
        let stopped = || StorageError::Unavailable("storage is closed".to_owned());
        self.queue.as_ref().ok_or_else(stopped)?.send(Box::new(job)).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Ends the thread after what is still waiting.
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It catches nothing and answers nothing: a panic in it was reported when it happened.
            let _ = thread.join();
        }
    }
}

trait Job: Send {
    /// Does it, inside a transaction; answers whether it is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers it, with the error that took it back, if one did.
    fn answer(self: Box<Self>, undone: Option<StorageError>);
}

struct Change<T, F> {
    change: Option<F>,
    result: Option<Result<T, StorageError>>,
    reply: oneshot::Sender<Result<T, StorageError>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, StorageError> + Send> Job for Change<T, F> {
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(change) = self.change.take() else { return false };
        let result = change(connection);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, undone: Option<StorageError>) {
        let result = match (self.result, undone) {
            // It failed on its own account, or nothing took it back.
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), None) => Ok(value),
            (_, Some(error)) => Err(error),
            (None, None) => Err(StorageError::Refused("a change was not run".to_owned())),
        };
        // An error only says that nobody waits any more.
        let _ = self.reply.send(result);
    }
}

fn serve(connection: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = Vec::with_capacity(1);
        let undone = commit(connection, first, jobs, &mut batch).err();
        for job in batch {
            job.answer(undone.clone());
        }
    }
}

/// Does the first job and those that wait behind it, in one transaction. `batch` takes all that must be answered.
fn commit(
    connection: &Connection,
    first: Box<dyn Job>,
    jobs: &Receiver<Box<dyn Job>>,
    batch: &mut Vec<Box<dyn Job>>,
) -> Result<(), StorageError> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        batch.push(first);
        return Err(failure(error));
    }
    let mut next = Some(first);
    while let Some(mut job) = next {
        let done = in_savepoint(connection, |connection| job.run(connection));
        batch.push(job);
        if let Err(error) = done {
            return Err(roll_back(connection, error));
        }
        next = if batch.len() < BATCH { jobs.try_recv().ok() } else { None };
    }
    connection.execute_batch("COMMIT").map_err(|error| roll_back(connection, failure(error)))
}

/// Runs `step`; what it did stays only if it says so.
pub(super) fn in_savepoint(
    connection: &Connection,
    step: impl FnOnce(&Connection) -> bool,
) -> Result<bool, StorageError> {
    let run = |sql: &str| connection.prepare_cached(sql)?.execute([]).map(drop);
    run("SAVEPOINT step").map_err(failure)?;
    let keep = step(connection);
    if !keep {
        run("ROLLBACK TO step").map_err(failure)?;
    }
    run("RELEASE step").map_err(failure)?;
    Ok(keep)
}

fn roll_back(connection: &Connection, error: StorageError) -> StorageError {
    // After a full disk or an I/O error SQLite may have rolled back already, and then says that it can't.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(code = ?error.sqlite_error_code(), "a transaction could not be rolled back");
    }
    error
}
