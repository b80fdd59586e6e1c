//! The opened program with its output.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use courrier_app::{AppError, Courrier, Language, Ports, Secret, Words};

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

impl Session {
    /// Opens the data folder.
    pub(crate) fn open(global: &Global, output: &Output) -> Result<Self, Failure> {
        let ports = Ports::system();
        let courrier = Courrier::open(global.home.as_deref(), ports)
            .map_err(|error| Failure::from_app(&error, &Words::new(Language::from_env())))?;
        let words = courrier.words();
        let passphrase = match &global.passphrase_file {
            Some(path) => Some(input::first_line_of(path).map_err(|()| Failure::input("input.passphrase", &words))?),
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

    /// Opens the keyring or the file, if it is locked and the person allowed to be asked.
    pub(crate) fn prepare_secrets(&self) -> Result<(), Failure> {
        if !self.unlock && self.passphrase.is_none() {
            return Ok(());
        }
        let storage = self.done(self.courrier.secret_storage())?;
        if storage.state != "locked" {
            return Ok(());
        }
        if storage.storage == "file" {
            if let Some(passphrase) = self.passphrase(self.unlock)? {
                self.done(self.courrier.unlock_secret_file(&passphrase))?;
            }
        } else if self.unlock {
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
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|_| Failure::from_app(&AppError::Task, &self.words))?;
        let result = runtime.block_on(work);
        runtime.shutdown_background();
        self.done(result)
    }

    /// The exit status for a thing that is well or not.
    pub(crate) fn status(ok: bool) -> ExitCode {
        if ok { ExitCode::SUCCESS } else { ExitCode::from(PROBLEM) }
    }
}
