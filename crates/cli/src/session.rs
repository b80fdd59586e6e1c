//! The opened program with its output.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use courrier_app::{AppError, Courrier, Ports, Secret, Words};

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
}

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
        Ok(Self { courrier, output: *output, words, unlock: global.unlock, passphrase })
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

    /// Runs what needs the network. Threads that still wait for an answer nobody wants do not hold the exit up.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T, AppError>>) -> Result<T, Failure> {
        let result = wait(work).unwrap_or(Err(AppError::Task));
        self.done(result)
    }

    /// The exit status for a thing that is well or not.
    pub(crate) fn status(ok: bool) -> ExitCode {
        if ok { ExitCode::SUCCESS } else { ExitCode::from(PROBLEM) }
    }
}

/// Runs what needs the network; `None` if the system has no thread left for it.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().ok()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    Some(result)
}
