//! What this process knows about the server beyond what is stored, and the small things that are stored beside it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use courrier_auth::{DeviceKey, Issuer, Session};
use courrier_model::{AccountId, DeviceId, Timestamp};
use courrier_store::SyncSession;
use courrier_wire::{Device, IssuerInfo};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::oauth::ORGANISATION;
use crate::server::api::ServerApi;
use crate::server::keeper::Keeper;
use crate::server::{ServerError, registration};
use crate::{AppError, Courrier};

/// Settings that belong to the session at the server.
mod key {
    /// [`super::IssuerInfo`]: how the person signed in.
    pub(super) const ISSUER: &str = "server.issuer";
    /// [`super::Profile`]: what the server last said about the person and this computer.
    pub(super) const PROFILE: &str = "server.profile";
    /// The code of the error that ended the session.
    pub(super) const ENDED: &str = "server.ended";
    /// The person's computers that this one was told of.
    pub(super) const DEVICES: &str = "server.devices";
    /// Those of them that the person has not seen: [`super::Device`]s.
    pub(super) const NEWCOMERS: &str = "server.newcomers";
    /// The accounts of which the person has said whether they travel.
    pub(super) const ASKED: &str = "server.asked";
    /// When the last exchange succeeded.
    pub(super) const SYNCED: &str = "server.synced_at";
}

/// Two successes closer than this are one for what is shown; each note of one wakes everybody who watches the folder.
const NOTEWORTHY_SECONDS: i64 = 60;

/// What the server last said about the person and this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) admin: bool,
    pub(crate) device: Option<Device>,
}

/// How an exchange with the server stands in this process.
#[derive(Debug, Clone, Default)]
pub(crate) enum Exchange {
    /// None was tried yet.
    #[default]
    Unknown,
    /// One is running.
    Working,
    /// The last one succeeded.
    Done,
    /// The last one did not.
    Failed(ServerError),
}

/// The part of [`Courrier`] that belongs to the server.
#[derive(Default)]
pub(crate) struct ServerState {
    connected: Mutex<Option<Connected>>,
    exchange: Mutex<Exchange>,
    /// One sign-in or sign-out at a time takes effect.
    pub(crate) binding: tokio::sync::Mutex<()>,
    /// Woken when somebody signed in or out, and when something waits to be sent.
    pub(crate) changed: Notify,
    /// Woken when an exchange that the person asked for has succeeded.
    pub(crate) asked: Notify,
}

struct Connected {
    who: Who,
    api: Arc<ServerApi>,
}

/// Whose session it is; another one needs another connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    server: String,
    issuer: String,
    subject: String,
    device: Option<DeviceId>,
}

impl Who {
    pub(crate) fn of(session: &SyncSession) -> Self {
        let SyncSession { server, issuer, subject, device, .. } = session.clone();
        Self { server, issuer, subject, device }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ServerState {
    pub(crate) fn exchange(&self) -> Exchange {
        lock(&self.exchange).clone()
    }

    pub(crate) fn set_exchange(&self, exchange: Exchange) {
        *lock(&self.exchange) = exchange;
    }

    /// True if the last exchange did not reach the server.
    pub(crate) fn is_offline(&self) -> bool {
        matches!(&*lock(&self.exchange), Exchange::Failed(error) if error.is_offline())
    }

    /// The next call connects anew.
    pub(crate) fn disconnect(&self) {
        *lock(&self.connected) = None;
        self.set_exchange(Exchange::Unknown);
    }
}

impl Courrier {
    /// The server in the name of whoever is signed in. No network is used. Blocks: the key is in the keyring.
    ///
    /// # Errors
    /// [`ServerError::SignInNeeded`] and [`ServerError::DeviceRevoked`] where only signing in helps.
    pub(crate) fn connect(&self) -> Result<Arc<ServerApi>, AppError> {
        let session = self.store().sync_session()?.filter(|session| session.signed_in);
        let session = session.ok_or(ServerError::SignInNeeded)?;
        if let Some(ended) = self.session_ended()? {
            return Err(ended.into());
        }
        if let Some(api) = self.connected_as(&session) {
            return Ok(api);
        }
        let key = self.device_key()?.ok_or(ServerError::SignInNeeded)?;
        let api = Arc::new(ServerApi {
            http: self.http().clone(),
            server: session.server.parse()?,
            session: self.resumed(&session, Some(&key))?,
            key,
            clock: self.clock(),
            nonce: Mutex::default(),
        });
        self.keep_connected(Who::of(&session), &api);
        Ok(api)
    }

    /// The connection of this very session, if there is one.
    pub(crate) fn connected_as(&self, session: &SyncSession) -> Option<Arc<ServerApi>> {
        let connected = lock(&self.server().connected);
        connected
            .as_ref()
            .filter(|connected| connected.who == Who::of(session))
            .map(|connected| Arc::clone(&connected.api))
    }

    /// The connection that signing in has made.
    pub(crate) fn keep_connected(&self, who: Who, api: &Arc<ServerApi>) {
        *lock(&self.server().connected) = Some(Connected { who, api: Arc::clone(api) });
    }

    /// The tokens that are kept for this session. Neither network nor keyring is asked.
    pub(crate) fn resumed(&self, session: &SyncSession, key: Option<&DeviceKey>) -> Result<Session, AppError> {
        let oidc: IssuerInfo = self.noted(key::ISSUER)?.ok_or(ServerError::SignInNeeded)?;
        let issuer = Issuer::new(self.http().clone(), session.issuer.parse().map_err(ServerError::from)?);
        let client = registration::client(issuer, &oidc, key);
        let keeper = Keeper::bound(self);
        Ok(Session::resume(client, session.subject.clone(), Arc::clone(&keeper) as _, keeper))
    }

    /// Notes how the person signed in.
    pub(crate) fn note_sign_in(&self, oidc: &IssuerInfo, profile: &Profile) -> Result<(), AppError> {
        self.note(key::ISSUER, Some(oidc))?;
        self.note(key::PROFILE, Some(profile))?;
        self.note::<String>(key::ENDED, None)
    }

    /// What the server last said about the person and this computer.
    pub(crate) fn profile(&self) -> Result<Option<Profile>, AppError> {
        self.noted(key::PROFILE)
    }

    pub(crate) fn note_profile(&self, profile: &Profile) -> Result<(), AppError> {
        if self.profile()?.as_ref() == Some(profile) { Ok(()) } else { self.note(key::PROFILE, Some(profile)) }
    }

    /// Why the session is over although nobody signed out here.
    pub(crate) fn session_ended(&self) -> Result<Option<ServerError>, AppError> {
        let code: Option<String> = self.noted(key::ENDED)?;
        Ok(code.map(|code| {
            if code == ServerError::DeviceRevoked.code() {
                ServerError::DeviceRevoked
            } else {
                ServerError::SignInNeeded
            }
        }))
    }

    /// Notes that the session is over, if this error says so: every process then asks for a new sign-in.
    pub(crate) fn note_end(&self, error: &ServerError) -> Result<(), AppError> {
        if !error.ends_session() || self.session_ended()?.is_some() {
            return Ok(());
        }
        let code = if matches!(error, ServerError::DeviceRevoked) { error } else { &ServerError::SignInNeeded };
        self.note(key::ENDED, Some(&code.code()))
    }

    /// The person's computers that this one was told of; `None` before the first.
    pub(crate) fn known_devices(&self) -> Result<Option<Vec<DeviceId>>, AppError> {
        self.noted(key::DEVICES)
    }

    /// Notes that this computer was told of these, and of no others.
    pub(crate) fn note_devices(&self, devices: &[DeviceId]) -> Result<(), AppError> {
        self.note(key::DEVICES, Some(&devices))
    }

    /// The computers that have signed in as this person and that the person has not seen yet.
    pub(crate) fn newcomers(&self) -> Result<Vec<Device>, AppError> {
        Ok(self.noted(key::NEWCOMERS)?.unwrap_or_default())
    }

    pub(crate) fn note_newcomers(&self, newcomers: &[Device]) -> Result<(), AppError> {
        self.note(key::NEWCOMERS, Some(&newcomers))
    }

    /// The accounts of which the person has said whether they travel.
    pub(crate) fn asked_about(&self) -> Result<Vec<AccountId>, AppError> {
        Ok(self.noted(key::ASKED)?.unwrap_or_default())
    }

    pub(crate) fn note_asked(&self, accounts: &[AccountId]) -> Result<(), AppError> {
        self.note(key::ASKED, Some(&accounts))
    }

    /// When the last exchange succeeded, in any process.
    pub(crate) fn synced_at(&self) -> Result<Option<Timestamp>, AppError> {
        self.noted(key::SYNCED)
    }

    pub(crate) fn note_synced(&self) -> Result<(), AppError> {
        let (now, before) = (self.now(), self.synced_at()?);
        let recent = before.is_some_and(|at| (now.as_second() - at.as_second()).abs() < NOTEWORTHY_SECONDS);
        if recent { Ok(()) } else { self.note(key::SYNCED, Some(&now)) }
    }

    /// Forgets all that was noted about somebody's session.
    pub(crate) fn forget_notes(&self) -> Result<(), AppError> {
        for name in [key::ISSUER, key::PROFILE, key::DEVICES, key::NEWCOMERS, key::ENDED, key::SYNCED, ORGANISATION] {
            self.note::<String>(name, None)?;
        }
        Ok(())
    }

    /// A note; none where a newer program left something that can't be understood.
    pub(crate) fn noted<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, AppError> {
        let json = self.store().setting(name)?;
        Ok(json.and_then(|json| serde_json::from_str::<Option<T>>(&json).ok()).flatten())
    }

    pub(crate) fn note<T: Serialize>(&self, name: &str, value: Option<&T>) -> Result<(), AppError> {
        let json = serde_json::to_string(&value).map_err(|_| AppError::Task)?;
        if self.store().setting(name)?.as_ref() == Some(&json) {
            return Ok(());
        }
        Ok(self.store().set_setting(name, &json)?)
    }
}
