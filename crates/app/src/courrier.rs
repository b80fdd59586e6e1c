//! The program's state: one data folder, one secret store, one language.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use courrier_auth::{Browser, Clock, Http, Url};
use courrier_check::Environment;
use courrier_model::Timestamp;
use courrier_net::{Proxies, Trust};
use courrier_secrets::{EncryptedFile, OsKeyring, SecretStore};
use courrier_store::{Storage, Store};

use crate::journal::{Observer, Step};
use crate::oauth::OAuthState;
use crate::server::{ServerError, ServerState, SystemBrowser};
use crate::view::ErrorView;
use crate::{AppError, Language, Words};

/// What a shell brings along.
#[derive(Clone)]
pub struct Ports {
    /// Where secrets live.
    pub secrets: Arc<dyn SecretStore>,
    /// The system's language, used unless the person chose another.
    pub language: Language,
    /// The time now.
    pub clock: fn() -> Timestamp,
    /// Is told the steps of each change of secrets.
    pub observer: Option<Observer>,
    /// Opens the issuer's pages.
    pub browser: Arc<dyn Browser>,
}

impl Ports {
    /// The operating system's keyring, clock and browser, and the environment's language.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where a program's clock is chosen")]
        let clock = Timestamp::now;
        Self {
            secrets: Arc::new(OsKeyring::new()),
            language: Language::from_env(),
            clock,
            observer: None,
            browser: Arc::new(SystemBrowser),
        }
    }
}

/// Courrier, opened on one data folder. Its methods block unless they are `async`; every one may be called from any
/// thread, and by any number of processes on the same folder.
pub struct Courrier {
    itself: Weak<Self>,
    store: Arc<Store>,
    keyring: Arc<dyn SecretStore>,
    file: EncryptedFile,
    system_language: Language,
    clock: fn() -> Timestamp,
    words: RwLock<Arc<Words>>,
    environment: OnceLock<Environment>,
    observer: Option<Observer>,
    browser: Arc<dyn Browser>,
    http: Http,
    server: ServerState,
    oauth: OAuthState,
}

/// The folder for data where none is named: `COURRIER_HOME`, else the platform's own.
pub fn default_home() -> Option<PathBuf> {
    match std::env::var_os("COURRIER_HOME") {
        Some(home) if !home.is_empty() => Some(home.into()),
        _ => directories::ProjectDirs::from("app", "Courrier", "courrier").map(|dirs| dirs.data_dir().to_owned()),
    }
}

impl Courrier {
    /// Opens a data folder, making it where it is missing, and finishes what an earlier process could not.
    ///
    /// Errors: what [`Store::open`] says of the file; nothing is changed then.
    pub fn open(home: Option<&Path>, ports: Ports) -> Result<Arc<Self>, AppError> {
        let home = home.map(Path::to_owned).or_else(default_home).ok_or(AppError::NoHome)?;
        let store = Store::open(&home)?;
        let courrier = Arc::new_cyclic(|itself| Self {
            itself: Weak::clone(itself),
            store: Arc::new(store),
            keyring: ports.secrets,
            file: EncryptedFile::open(home.join(EncryptedFile::FILE_NAME)),
            system_language: ports.language,
            clock: ports.clock,
            words: RwLock::new(Arc::new(Words::new(ports.language))),
            environment: OnceLock::new(),
            observer: ports.observer,
            browser: ports.browser,
            http: Http::new(Clock::new(ports.clock)),
            server: ServerState::default(),
            oauth: OAuthState::default(),
        });
        courrier.finish_left_over();
        Ok(courrier)
    }

    /// What can't be finished now waits for the next start: a full disk must not keep a person from their accounts.
    fn finish_left_over(&self) {
        if self.store.is_read_only() {
            return;
        }
        if let Err(error) = self.recover().and_then(|()| self.finish_due_removals()) {
            tracing::warn!(%error, "what an earlier process left over stays for the next start");
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// For tasks that outlive the caller.
    pub(crate) fn shared_store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// For what lives in it and must not keep it alive.
    pub(crate) fn weak(&self) -> Weak<Self> {
        Weak::clone(&self.itself)
    }

    pub(crate) fn server(&self) -> &ServerState {
        &self.server
    }

    pub(crate) fn oauth(&self) -> &OAuthState {
        &self.oauth
    }

    /// Opens a page in the person's browser.
    pub(crate) async fn open_in_browser(&self, url: Url) -> Result<(), ServerError> {
        let browser = Arc::clone(&self.browser);
        let opened = tokio::task::spawn_blocking(move || browser.open(&url)).await;
        opened.map_err(|_| ServerError::NoBrowser)?.map_err(|error| {
            tracing::warn!(%error, "no browser opens");
            ServerError::NoBrowser
        })
    }

    pub(crate) fn encrypted_file(&self) -> &EncryptedFile {
        &self.file
    }

    /// The store that holds secrets of this kind.
    pub(crate) fn secrets_in(&self, storage: Storage) -> &dyn SecretStore {
        match storage {
            Storage::Keyring => self.keyring.as_ref(),
            Storage::File => &self.file,
        }
    }

    pub(crate) fn observe(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }

    /// Trust store and proxies, loaded at the first check.
    pub(crate) fn environment(&self) -> &Environment {
        self.environment.get_or_init(|| Environment {
            trust: Trust::from_system(),
            proxies: Proxies::from_env(),
            clock: self.clock,
        })
    }

    /// The way to issuers and to the organisation's server.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) fn system_language(&self) -> Language {
        self.system_language
    }

    /// The words of the language in use.
    pub fn words(&self) -> Arc<Words> {
        Arc::clone(&self.words.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn speak(&self, language: Language) {
        *self.words.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Words::new(language));
    }

    /// An error in the language in use.
    pub fn error(&self, error: &AppError) -> ErrorView {
        error.worded(&self.words())
    }

    /// A number that changes when any process changes what is stored; cheap enough to ask twice a second.
    pub fn change_mark(&self) -> Result<u64, AppError> {
        Ok(self.store.change_mark()?)
    }

    pub(crate) fn clock(&self) -> fn() -> Timestamp {
        self.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
