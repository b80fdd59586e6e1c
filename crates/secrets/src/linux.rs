//! The Secret Service of the session bus: GNOME Keyring, KWallet, KeePassXC.
//!
//! Storing goes through the keyring project's store; what it can't tell apart is asked first (`probe`).
//! Both run on threads of their own with a deadline, because a bus or service may hang.

mod lane;
mod probe;
mod prompt;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use crate::entries::{Bytes, Entries, EntryName};
use crate::os::SERVICE;
use crate::{SecretError, StoreKind, StoreState};
use lane::Lane;
use probe::{Finding, Probe};

/// The state must be known within a second; what is left is for everything around the question.
const PROBE_LIMIT: Duration = Duration::from_millis(900);
/// How long the question before reading or writing may take. A machine where many programs ask for their secrets at once,
/// as after a login, keeps a service busy for seconds, and a keyring that is busy is not one that is missing.
const PATIENCE: Duration = Duration::from_secs(4);
/// Reading or writing takes milliseconds; this is for a service that hangs in the middle.
const STORE_LIMIT: Duration = Duration::from_secs(10);
/// How keyring programs show an entry.
const LABEL: &str = "Courrier: mail password";

/// The keyring of the session bus that the environment names.
pub(crate) struct Platform {
    probe: Lane<Probe>,
    store: Lane<Door>,
}

impl Platform {
    pub(crate) fn new() -> Self {
        Self { probe: Lane::new("keyring-probe"), store: Lane::new("keyring-store") }
    }

    fn look(&self, user: Option<String>, limit: Duration) -> Finding {
        let deadline = Instant::now() + limit;
        let look = move |probe: &mut Probe| match &user {
            Some(user) => probe.look(Some(&HashMap::from([("service", SERVICE), ("username", user)])), deadline),
            None => probe.look(None, deadline),
        };
        self.probe.run(limit, look).unwrap_or(Finding::Absent)
    }

    /// How many entries have this name, each of them readable.
    fn count(&self, user: &str) -> Result<usize, SecretError> {
        match self.look(Some(user.to_owned()), PATIENCE) {
            Finding::Absent => Err(SecretError::Absent),
            Finding::NoCollection => Err(SecretError::NoCollection),
            Finding::Locked => Err(SecretError::Locked),
            // The store would unlock these by a prompt.
            Finding::Open { locked, .. } if locked > 0 => Err(SecretError::Locked),
            Finding::Open { readable, .. } => Ok(readable),
        }
    }

    /// Does `work` with the entry. The keyring may be locked between the question and the work; the store
    /// then prompts, which can't be prevented, and no caller waits longer than the limit for it.
    fn with_entry<T: Send + 'static>(
        &self,
        user: String,
        work: impl Fn(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, SecretError> {
        match self.store.run(STORE_LIMIT, move |door| door.with_entry(&user, &work)) {
            Some(Ok(done)) => Ok(done),
            // Locked, no collection and a dismissed prompt come as the same error: ask which it is.
            Some(Err(Error::NoStorageAccess(_))) => {
                Err(SecretError::of_state(self.state()).unwrap_or(SecretError::Locked))
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(SecretError::Backend("the secret service does not answer".into())),
        }
    }
}

impl Entries for Platform {
    fn state(&self) -> StoreState {
        self.look(None, PROBE_LIMIT).state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        let collection = self.probe.run(PROBE_LIMIT, Probe::collection);
        prompt::unlock(collection.and_then(Result::ok).ok_or(SecretError::Absent)?)?;
        SecretError::of_state(self.state()).map_or(Ok(()), Err)
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Keyring
    }

    fn limit(&self) -> Option<usize> {
        None
    }

    fn write(&self, name: &EntryName, bytes: &[u8]) -> Result<(), SecretError> {
        let user = name.to_string();
        let is_new = self.count(&user)? == 0;
        let home = name.key.home.to_string();
        let bytes = Zeroizing::new(bytes.to_vec());
        self.with_entry(user, move |entry| {
            entry.set_secret(&bytes)?;
            if is_new {
                // For people who search their keyring; we never do.
                entry.update_attributes(&HashMap::from([("home", home.as_str())]))?;
            }
            Ok(())
        })
    }

    fn read(&self, name: &EntryName) -> Result<Option<Bytes>, SecretError> {
        let user = name.to_string();
        if self.count(&user)? == 0 {
            return Ok(None);
        }
        self.with_entry(user, |entry| match entry.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            // Another process deleted it since the question.
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn remove(&self, name: &EntryName) -> Result<(), SecretError> {
        let user = name.to_string();
        if self.count(&user)? == 0 {
            return Ok(());
        }
        self.with_entry(user, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            // Copies, as restoring a keyring beside the old one makes them: all of them are this secret.
            Err(Error::Ambiguous(copies)) => copies.iter().try_for_each(Entry::delete_credential),
            Err(error) => Err(error),
        })
    }
}

/// The keyring project's store; opened with the first use, and again when the bus or the service was
/// restarted.
#[derive(Default)]
struct Door {
    store: Option<Arc<Store>>,
}

impl Door {
    fn with_entry<T>(
        &mut self,
        user: &str,
        work: &impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> keyring_core::Result<T> {
        let kept = self.store.is_some();
        let mut done = self.attempt(user, work);
        if matches!(done, Err(Error::PlatformFailure(_))) {
            // A session with a service that was replaced ends like this; a new one knows the new service.
            self.store = None;
            if kept {
                done = self.attempt(user, work);
            }
        }
        done
    }

    fn attempt<T>(&mut self, user: &str, work: &impl Fn(&Entry) -> keyring_core::Result<T>) -> keyring_core::Result<T> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(Store::new()?),
        };
        work(&store.build(SERVICE, user, Some(&HashMap::from([("label", LABEL)])))?)
    }
}
