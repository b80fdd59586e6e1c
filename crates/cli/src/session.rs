//! The opened program with its output.

use std::cell::OnceCell;
use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
#[cfg(unix)]
use std::task::Poll;
use std::time::Duration;

use courrier_app::{AppError, Courrier, Ports, Secret, Words};
use tokio::runtime::Runtime;

use crate::args::Global;
use crate::exit::{Failure, PROBLEM};
use crate::input;
use crate::output::Output;

/// What every command works with.
pub(crate) struct Session {
    /// The use cases.
    pub(crate) courrier: Arc<Courrier>,
    /// Where results go.
    pub(crate) output: Output,
    /// The words of the environment's language.
    pub(crate) words: Arc<Words>,
    unlock: bool,
    passphrase: Option<Secret>,
    /// For what needs the network, from the first such thing to the end.
    runtime: OnceCell<Runtime>,
}

/// How long the end of the program waits for accounts' new tokens to be stored.
const SETTLING: Duration = Duration::from_secs(60);
/// For so long nothing is said of it.
const QUIETLY: Duration = Duration::from_secs(1);

/// Why there is no session.
pub(crate) enum Closed {
    /// The data folder could not be opened.
    Data(AppError, Box<Ports>),
    /// Something that was given can't be used.
    Input(Failure),
}

impl Closed {
    /// In words.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Data(error, ports) => Failure::from_app(&error, &Words::new(ports.language)),
            Self::Input(failure) => failure,
        }
    }
}

impl Session {
    /// Opens the data folder.
    pub(crate) fn open(global: &Global, output: &Output) -> Result<Self, Closed> {
        let ports = Ports::system();
        let courrier = match Courrier::open(global.home.as_deref(), ports.clone()) {
            Ok(courrier) => courrier,
            Err(error) => return Err(Closed::Data(error, Box::new(ports))),
        };
        let words = courrier.words();
        let passphrase = match &global.passphrase_file {
            Some(path) => {
                let read = input::first_line_of(path);
                Some(read.map_err(|()| Closed::Input(Failure::input("input.passphrase", &words)))?)
            }
            None => None,
        };
        Ok(Self { courrier, output: *output, words, unlock: global.unlock, passphrase, runtime: OnceCell::new() })
    }

    /// The passphrase of the encrypted file, if it was given or can be asked for.
    pub(crate) fn passphrase(&self, ask: bool) -> Result<Option<Secret>, Failure> {
        match &self.passphrase {
            Some(passphrase) => Ok(Some(passphrase.clone())),
            None if ask => {
                let prompt = self.words.text("cli-passphrase", &[]);
                let typed = rpassword::prompt_password(format!("{prompt} "));
                Ok(Some(typed.map_err(|_| Failure::input("input.passphrase", &self.words))?.into()))
            }
            None => Ok(None),
        }
    }

    /// Opens the keyring or the file, or has a first keyring created, if the person allowed to be asked.
    pub(crate) fn prepare_secrets(&self) -> Result<(), Failure> {
        if !self.unlock && self.passphrase.is_none() {
            return Ok(());
        }
        let storage = self.done(self.courrier.secret_storage())?;
        // Passwords stored before the person changed their mind are still in the other place.
        if self.courrier.secret_file_is_locked()
            && let Some(passphrase) = self.passphrase(self.unlock && storage.storage == "file")?
        {
            self.done(self.courrier.unlock_secret_file(&passphrase))?;
        }
        if self.unlock && storage.storage == "keyring" && (storage.state == "locked" || storage.can_create) {
            self.done(self.courrier.unlock_secrets())?;
        }
        Ok(())
    }

    /// A result, or the failure in words.
    pub(crate) fn done<T>(&self, result: Result<T, AppError>) -> Result<T, Failure> {
        result.map_err(|error| Failure::from_app(&error, &self.words))
    }

    /// Runs what needs the network, until it is done or somebody wants the program to end.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T, AppError>>) -> Result<T, Failure> {
        let Some(runtime) = self.runtime.get().or_else(|| {
            let _ = self.runtime.set(runtime()?);
            self.runtime.get()
        }) else {
            return self.done(Err(AppError::Task));
        };
        let result = runtime.block_on(async {
            tokio::select! {
                result = work => result,
                () = asked_to_end() => Err(AppError::Cancelled),
            }
        });
        self.done(result)
    }

    /// The end of every command. What was begun with accounts' tokens is ended first: a provider that rotates them takes
    /// none but the newest, and this process may be the only one that has it. Neither the command's end nor a signal cuts
    /// that off. Threads that still wait for an answer nobody wants do not hold the exit up.
    pub(crate) fn finish(self) {
        let Self { courrier, output, words, runtime, .. } = self;
        if let Some(runtime) = runtime.into_inner() {
            runtime.block_on(settle(&courrier, &output, &words, SETTLING));
            runtime.shutdown_background();
        }
    }

    /// The exit status for a thing that is well or not.
    pub(crate) fn status(ok: bool) -> ExitCode {
        if ok { ExitCode::SUCCESS } else { ExitCode::from(PROBLEM) }
    }
}

/// Ends when the program is told to: Ctrl+C, or the system's request. From then on it decides itself when it ends.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        let mut told: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
        std::future::poll_fn(|context| {
            if told.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits for accounts' tokens, and says so where that takes long or was in vain.
async fn settle(courrier: &Arc<Courrier>, output: &Output, words: &Words, limit: Duration) {
    let settling = courrier.settle_tokens(limit);
    tokio::pin!(settling);
    let settled = tokio::select! {
        biased;
        settled = &mut settling => settled,
        () = tokio::time::sleep(QUIETLY) => {
            output.complain(&words.text("cli-settling", &[]));
            settling.await
        }
    };
    if !settled && courrier.unkept_tokens() {
        output.complain(&words.text("cli-unkept", &[]));
    }
}

/// Runs what needs the network, where there is no session; `None` if the system has no thread left for it.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> Option<T> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    Some(result)
}

fn runtime() -> Option<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().ok()
}
