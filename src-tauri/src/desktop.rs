//! The program behind all windows: the data folder, the running checks, the clipboard.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use courrier_app::view::{ErrorView, SessionView};
use courrier_app::{AppError, Courrier, Language, Notice, Ports, TokenNotice, Words};
use tauri::AppHandle;
use tauri_specta::Event;

use crate::clipboard::Clipboard;
use crate::events::{AccountsChanged, ClipboardCleared, DevicesChanged, SessionChanged, SignInNeeded, TokensUnkept};
use crate::failure::Failure;
use crate::notification;
use crate::numbered::{Attempts, Runs};

/// What a command answers.
pub(crate) type Answer<T> = Result<T, ErrorView>;

/// Our name on the session bus, where no folder is named.
const INSTANCE: &str = "app.courrier.desktop";

/// State that Tauri keeps; cheap to clone.
#[derive(Clone)]
pub(crate) struct Desktop(Arc<State>);

struct State {
    home: Option<PathBuf>,
    // None until the folder could be opened.
    courrier: Mutex<Option<Arc<Courrier>>>,
    app: Mutex<Option<AppHandle>>,
    runs: Runs,
    attempts: Attempts,
    /// True once the person was warned that new tokens would end with the program.
    warned: AtomicBool,
    /// As windows were told last.
    session: Mutex<Option<SessionView>>,
    clipboard: Clipboard,
}

impl Desktop {
    /// Nothing is opened yet.
    pub(crate) fn new(home: Option<PathBuf>) -> Self {
        Self(Arc::new_cyclic(|state: &std::sync::Weak<State>| {
            let state = state.clone();
            let clipboard = Clipboard::new(move || {
                if let Some(state) = state.upgrade() {
                    Self(state).tell(&ClipboardCleared);
                }
            });
            State {
                home,
                courrier: Mutex::default(),
                app: Mutex::default(),
                runs: Runs::default(),
                attempts: Attempts::default(),
                warned: AtomicBool::default(),
                session: Mutex::default(),
                clipboard,
            }
        }))
    }

    /// From here on windows can be told of events.
    pub(crate) fn attach(&self, app: AppHandle) {
        *self.0.app.lock().unwrap_or_else(PoisonError::into_inner) = Some(app);
    }

    /// The use cases. Blocks; a folder that could not be opened is tried again by each call.
    pub(crate) fn courrier(&self) -> Result<Arc<Courrier>, AppError> {
        // Held while opening, so that the first commands of a window don't open it twice.
        let mut courrier = self.0.courrier.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(courrier) = &*courrier {
            return Ok(Arc::clone(courrier));
        }
        let opened = Courrier::open(self.0.home.as_deref(), Ports::system())?;
        *courrier = Some(Arc::clone(&opened));
        self.keep_in_sync(Arc::clone(&opened));
        self.keep_tokens_fresh(Arc::clone(&opened));
        Ok(opened)
    }

    /// From now on accounts are exchanged with the server, for as long as the program runs.
    fn keep_in_sync(&self, courrier: Arc<Courrier>) {
        let state = Arc::downgrade(&self.0);
        tauri::async_runtime::spawn(courrier.keep_in_sync(move |notice| {
            let Some(desktop) = state.upgrade().map(Self) else { return };
            match notice {
                Notice::Session => desktop.tell_session(),
                Notice::Accounts => desktop.tell(&AccountsChanged),
                Notice::Devices => desktop.tell(&DevicesChanged),
            }
        }));
    }

    /// From now on accounts' tokens are renewed ahead of their end.
    fn keep_tokens_fresh(&self, courrier: Arc<Courrier>) {
        let state = Arc::downgrade(&self.0);
        tauri::async_runtime::spawn(courrier.keep_tokens_fresh(move |notice| {
            let Some(desktop) = state.upgrade().map(Self) else { return };
            match notice {
                TokenNotice::SignInNeeded(accounts) => {
                    desktop.tell(&SignInNeeded(accounts.clone()));
                    if let Some(app) = desktop.app() {
                        notification::tell(app, accounts);
                    }
                }
                TokenNotice::Unkept(unkept) => {
                    desktop.0.warned.store(false, Ordering::Relaxed);
                    desktop.tell(&TokensUnkept(unkept));
                }
            }
            // What lists show of the accounts is otherwise now.
            desktop.tell(&AccountsChanged);
        }));
    }

    /// Tells windows that new tokens would end with the program, if so. True the first time: whoever ends it again
    /// knows what they do.
    pub(crate) fn warn_before_end(&self) -> bool {
        let unkept = self.if_open().is_some_and(|courrier| courrier.unkept_tokens());
        if !unkept || self.0.warned.swap(true, Ordering::Relaxed) {
            return false;
        }
        self.tell(&TokensUnkept(true));
        true
    }

    /// Tells all windows who is signed in and how the exchange stands, if that is news.
    pub(crate) fn tell_session(&self) {
        let Some(courrier) = self.if_open() else { return };
        // Held until it is told: the last told is the last seen.
        let mut told = self.0.session.lock().unwrap_or_else(PoisonError::into_inner);
        match courrier.session() {
            Ok(session) if told.as_ref() != Some(&session) => {
                self.tell(&SessionChanged(session.clone()));
                *told = Some(session);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "how the session stands can't be read"),
        }
    }

    /// The use cases, if they are open; opens nothing.
    pub(crate) fn if_open(&self) -> Option<Arc<Courrier>> {
        self.0.courrier.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the use cases something. Blocks.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Courrier) -> Result<T, AppError>) -> Answer<T> {
        self.courrier().and_then(|courrier| question(&courrier)).map_err(|error| self.worded(&error))
    }

    /// An error in the language in use, or in the system's where no folder is open.
    pub(crate) fn worded(&self, error: &AppError) -> ErrorView {
        if !matches!(error, AppError::Input(_) | AppError::Cancelled) {
            tracing::info!(code = error.code(), %error, "could not be done");
        }
        error.worded(&self.words())
    }

    /// A failure of the person's session, in the same language.
    pub(crate) fn failed(&self, failure: Failure) -> ErrorView {
        failure.worded(&self.words())
    }

    /// The language in use.
    pub(crate) fn words(&self) -> Arc<Words> {
        self.if_open().map_or_else(|| Arc::new(Words::new(Language::from_env())), |courrier| courrier.words())
    }

    pub(crate) fn home(&self) -> Option<&Path> {
        self.0.home.as_deref()
    }

    pub(crate) fn runs(&self) -> &Runs {
        &self.0.runs
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    pub(crate) fn clipboard(&self) -> &Clipboard {
        &self.0.clipboard
    }

    fn app(&self) -> Option<AppHandle> {
        self.0.app.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells all windows.
    pub(crate) fn tell(&self, event: &(impl Event + serde::Serialize + Clone)) {
        if let Some(app) = self.app()
            && let Err(error) = event.emit(&app)
        {
            tracing::warn!(%error, "windows were not told");
        }
    }

    /// A name that instances on the same data folder share, and no others: windows of two folders are two programs.
    pub(crate) fn instance(&self) -> String {
        let mut hasher = DefaultHasher::new();
        let home = self.home().map(|home| std::path::absolute(home).unwrap_or_else(|_| home.to_owned()));
        home.hash(&mut hasher);
        format!("{INSTANCE}.h{:016x}", hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_told_apart_by_their_folder() {
        let instance = |home: &str| Desktop::new(Some(home.into())).instance();
        assert_eq!(instance("/a"), instance("/a"));
        assert_ne!(instance("/a"), instance("/b"));
    }

    #[test]
    fn a_folder_that_can_not_be_opened_is_told_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        std::fs::write(&home, "a file where a folder should be").unwrap();
        let desktop = Desktop::new(Some(home.clone()));
        let error = desktop.ask(Courrier::start).unwrap_err();
        assert!(error.code.starts_with("store."), "{error:?}");
        assert!(!error.message.is_empty() && !error.remedy.is_empty(), "{error:?}");
        std::fs::remove_file(&home).unwrap();
        assert!(desktop.ask(Courrier::start).unwrap().accounts.is_empty());
    }
}
