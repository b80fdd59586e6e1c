//! The window that called a command, and what commands do through it.

use std::future::Future;
use std::sync::Arc;

use courrier_app::view::ProgressView;
use courrier_app::{AppError, Attempt, Courrier, Moment, Run, Way};
use specta::datatype::DataType;
use specta::function::FunctionArg;
use tauri::ipc::{CommandArg, CommandItem, InvokeError};
use tauri::{Manager, Webview, Wry};
use tauri_specta::Event;
use tokio_util::sync::CancellationToken;

use crate::desktop::{Answer, Desktop};
use crate::events::{AccountsChanged, CheckProgress, DeviceCode};

/// The first argument of every command, which Tauri fills in.
pub(crate) struct Caller(Webview);

impl<'de> CommandArg<'de, Wry> for Caller {
    fn from_command(command: CommandItem<'de, Wry>) -> Result<Self, InvokeError> {
        Ok(Self(command.message.webview()))
    }
}

impl FunctionArg for Caller {
    /// No argument of the TypeScript function.
    fn to_datatype(_: &mut specta::Types) -> Option<DataType> {
        None
    }
}

impl Caller {
    pub(crate) fn desktop(&self) -> Desktop {
        self.0.state::<Desktop>().inner().clone()
    }

    pub(crate) fn webview(&self) -> &Webview {
        &self.0
    }

    /// Asks the use cases something that may block.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Courrier) -> Result<T, AppError> + Send + 'static,
    ) -> Answer<T> {
        self.blocking(move |desktop| desktop.ask(question)).await
    }

    /// The same for what changes accounts: all windows list them again.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Courrier) -> Result<T, AppError> + Send + 'static,
    ) -> Answer<T> {
        let changed = self.ask(change).await;
        self.desktop().tell(&AccountsChanged);
        changed
    }

    /// Work that may block, off the threads that serve windows and connections.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desktop) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let desktop = self.desktop();
        let done = tauri::async_runtime::spawn_blocking(move || work(&desktop)).await;
        self.answer(done)
    }

    /// A check under the number `run`: its stages are told to this window, which may cancel it.
    pub(crate) async fn check<T, F>(
        &self,
        run: u32,
        check: impl FnOnce(Arc<Courrier>, Run) -> F + Send + 'static,
    ) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let desktop = self.desktop();
        let cancel = CancellationToken::new();
        let running = desktop.runs().begin(self.0.label(), run, cancel.clone());
        let run = Run { number: run, cancel, progress: self.progress() };
        let checked = self.task(|courrier| check(courrier, run)).await;
        drop(running);
        desktop.tell(&AccountsChanged);
        checked
    }

    /// Work of a task of its own: if it panics, the window still gets an answer.
    pub(crate) async fn task<T, F>(&self, work: impl FnOnce(Arc<Courrier>) -> F + Send + 'static) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let desktop = self.desktop();
        let courrier = self.blocking(|desktop| desktop.courrier().map_err(|error| desktop.worded(&error))).await?;
        let done = tauri::async_runtime::spawn(async move { work(courrier).await }).await;
        self.answer(done.map(|done| done.map_err(|error| desktop.worded(&error))))
    }

    /// The same for what changes accounts: all windows list them again.
    pub(crate) async fn changing<T, F>(&self, work: impl FnOnce(Arc<Courrier>) -> F + Send + 'static) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let changed = self.task(work).await;
        self.desktop().tell(&AccountsChanged);
        changed
    }

    /// What a person does in a browser, under the number that the window chose: the window may cancel it or help it on.
    pub(crate) async fn in_browser<T, F>(
        &self,
        number: u32,
        way: Way,
        work: impl FnOnce(Arc<Courrier>, Attempt) -> F + Send + 'static,
    ) -> Answer<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let desktop = self.desktop();
        let webview = self.0.clone();
        let attempt = Attempt::new(number, way, move |moment| {
            if let Moment::Code(code) = moment
                && let Err(error) = DeviceCode(code).emit_to(&webview, webview.label())
            {
                tracing::warn!(%error, "a window was not told");
            }
        });
        let waiting = desktop.attempts().begin(self.0.label(), number, attempt.clone());
        let done = self.changing(|courrier| work(courrier, attempt)).await;
        drop(waiting);
        done
    }

    /// The attempt of this number, while it waits.
    pub(crate) fn attempt(&self, number: u32) -> Answer<Arc<Attempt>> {
        let desktop = self.desktop();
        let attempt = desktop.attempts().of(self.0.label(), number);
        attempt.ok_or_else(|| desktop.worded(&Attempt::over()))
    }

    fn progress(&self) -> Arc<dyn Fn(ProgressView) + Send + Sync> {
        let webview = self.0.clone();
        Arc::new(move |progress| {
            if let Err(error) = CheckProgress(progress).emit_to(&webview, webview.label()) {
                tracing::warn!(%error, "a window was not told");
            }
        })
    }

    fn answer<T>(&self, done: Result<Answer<T>, tauri::Error>) -> Answer<T> {
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "a command did not come to its end");
            Err(self.desktop().worded(&AppError::Task))
        })
    }
}
