//! What the server keeps, in SQLite or in PostgreSQL: the same promises on both, held to them by one suite
//! (`crates/server/tests/suite`).
//!
//! A request begins with [`Storage::authorize`]: one look-up that finds (or makes) the person, their device and
//! where their data stands. What follows is one call that is one transaction:
//!
//! ```no_run
//! # async fn example(storage: courrier_server::storage::Storage) -> Result<(), courrier_server::storage::StorageError> {
//! # use courrier_server::storage::{Claims, Cursor, Pull};
//! # let now = courrier_model::Timestamp::UNIX_EPOCH;
//! let claims = Claims { issuer: "https://id.example".into(), subject: "4711".into(), email: None, name: None };
//! let standing = storage.authorize(&claims, "thumbprint", now).await?;
//! // Costs nothing when the device is up to date: the standing already says so.
//! match storage.pull(&standing, Cursor { sync_id: None, after: 0, full: false }, 500, now).await? {
//!     Pull::Page(page) => { /* 200 */ }
//!     Pull::Reset(reset) => { /* 409 */ }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - A call that returned `Ok` is durable; one that returned `Err`, or whose future was dropped, happened wholly or
//!   not at all.
//! - A person's revision rises with each applied write, in the write's own transaction, without gaps: who pulls by
//!   revision misses nothing.
//! - Each write of a push stands for itself: one that is refused leaves the others alone.
//! - Every change writes its line of the audit log in its own transaction; lines are never changed.
//! - Once [`Storage::revoke_device`] returned, nothing that the device asks for is written.
//! - Whoever listens ([`Storage::subscribe`]) hears of every change, on whichever copy of the server it was made,
//!   or is told to look again.
//!
//! Times come from the caller and are kept to the microsecond.

mod audit;
mod backup;
mod columns;
mod cursor;
mod device;
mod error;
mod ledger;
mod location;
mod mutation;
mod notice;
mod postgres;
mod pull;
mod purge;
mod push;
mod restore;
mod sqlite;
mod tables;
mod user;

use std::sync::Arc;

use courrier_model::{DeviceId, RecordId, Timestamp, UserId};
use courrier_wire::{AuditAction, AuditPage, Push, Record};

pub use audit::Actor;
pub use backup::backup;
pub use cursor::{Cursor, Pull};
pub use device::{DEVICE_LIMIT, NewDevice, Registration, Seen, StoredDevice};
pub use error::StorageError;
pub use location::{DEFAULT_CONNECTIONS, Location, PostgresLocation};
pub use notice::{Notice, Subscription};
pub use purge::{Purged, Retention};
pub use push::{Pushed, RECORD_LIMIT};
pub use restore::{Restored, restore};
pub use user::{Claims, Standing, StoredUser};

use notice::Hub;

/// The database. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Storage {
    backend: Backend,
    hub: Arc<Hub>,
}

#[derive(Debug, Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// Calls the same method of whichever backend it is.
macro_rules! on {
    ($storage:expr, $backend:ident => $call:expr) => {
        match &$storage.backend {
            Backend::Sqlite($backend) => $call,
            Backend::Postgres($backend) => $call,
        }
    };
}

impl Storage {
    /// Opens the database for serving and brings its tables up to date.
    ///
    /// # Errors
    /// [`StorageError::InUse`] for a SQLite file from which another process serves, [`StorageError::NewerSchema`],
    /// [`StorageError::Unavailable`], [`StorageError::Corrupt`].
    pub async fn open(location: &Location, now: Timestamp) -> Result<Self, StorageError> {
        let hub = Arc::new(Hub::default());
        let backend = match location {
            Location::Sqlite(file) => Backend::Sqlite(Arc::new(sqlite::Sqlite::open(file, Arc::clone(&hub), now)?)),
            Location::Postgres(location) => {
                Backend::Postgres(Arc::new(postgres::Postgres::open(location, Arc::clone(&hub), now).await?))
            }
        };
        Ok(Self { backend, hub })
    }

    /// Opens the database for one operator's task beside servers that may be running: `rename-issuer`, `purge`.
    ///
    /// # Errors
    /// [`StorageError::Location`] where there is none, [`StorageError::OlderSchema`], [`StorageError::NewerSchema`].
    pub async fn open_beside(location: &Location) -> Result<Self, StorageError> {
        let hub = Arc::new(Hub::default());
        let backend = match location {
            Location::Sqlite(file) => Backend::Sqlite(Arc::new(sqlite::Sqlite::open_beside(file, Arc::clone(&hub))?)),
            Location::Postgres(location) => {
                Backend::Postgres(Arc::new(postgres::Postgres::open_beside(location, Arc::clone(&hub)).await?))
            }
        };
        Ok(Self { backend, hub })
    }

    /// Brings the tables up to date: the schema's version before and after.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub async fn migrate(location: &Location, now: Timestamp) -> Result<(u32, u32), StorageError> {
        match location {
            Location::Sqlite(file) => sqlite::migrate(file, now).map(|from| (from, sqlite::schema::VERSION)),
            Location::Postgres(location) => {
                postgres::migrate(location, now).await.map(|from| (from, postgres::schema::VERSION))
            }
        }
    }

    /// The schema's version in the database, 0 for none, and the one this program needs. Changes and makes nothing:
    /// what `check-config` asks.
    ///
    /// # Errors
    /// [`StorageError::NewerSchema`], [`StorageError::Unavailable`], [`StorageError::Corrupt`].
    pub async fn schema(location: &Location) -> Result<(u32, u32), StorageError> {
        match location {
            Location::Sqlite(file) => sqlite::version(file).map(|found| (found, sqlite::schema::VERSION)),
            Location::Postgres(location) => {
                postgres::version(location).await.map(|found| (found, postgres::schema::VERSION))
            }
        }
    }

    /// Asks the database for a sign of life: what `/readyz` answers.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StorageError> {
        on!(self, backend => backend.ping().await)
    }

    /// Who asks: makes the person's record at first sight, keeps their e-mail address and name as the token has
    /// them, finds the device with this key. One look-up where nothing is new.
    ///
    /// # Errors
    /// [`StorageError::Unstorable`] for a claim with a NUL character.
    pub async fn authorize(&self, claims: &Claims, thumbprint: &str, now: Timestamp) -> Result<Standing, StorageError> {
        let Claims { issuer, subject, email, name } = claims;
        storable([Some(issuer), Some(subject), email.as_ref(), name.as_ref()])?;
        on!(self, backend => backend.authorize(claims, thumbprint, now).await)
    }

    /// Notes that a device was heard of. Call it where [`StoredDevice::differs_from`] says so. A session that is
    /// not the last one's is logged as a sign-in. A revoked device is left as it is.
    ///
    /// # Errors
    /// As every call.
    pub async fn touch(&self, user: UserId, device: DeviceId, seen: &Seen) -> Result<(), StorageError> {
        storable([seen.address.as_ref(), seen.session_id.as_ref()])?;
        on!(self, backend => backend.touch(user, device, seen).await)
    }

    /// What changed after the cursor, at most `limit` records and about 4 MiB. No query at all when `standing` says
    /// that the cursor is up to date.
    ///
    /// # Errors
    /// As every call.
    pub async fn pull(
        &self,
        standing: &Standing,
        cursor: Cursor,
        limit: u32,
        now: Timestamp,
    ) -> Result<Pull, StorageError> {
        if let Some(page) = standing.nothing_new(cursor) {
            return Ok(Pull::Page(page));
        }
        on!(self, backend => backend.pull(standing.user.id, cursor, limit, now).await)
    }

    /// Decides every write of the push, in order, and applies those that are right. `actor` names the device.
    ///
    /// The number of writes is the caller's to limit ([`courrier_wire::PUSH_LIMIT`]).
    ///
    /// # Errors
    /// As every call; nothing was written then, and sending the same push again is safe.
    pub async fn push(&self, actor: &Actor, push: Push) -> Result<Pushed, StorageError> {
        on!(self, backend => backend.push(actor, push).await)
    }

    /// One record as it is now, perhaps a tombstone.
    ///
    /// # Errors
    /// As every call.
    pub async fn record(&self, user: UserId, id: RecordId) -> Result<Option<Record>, StorageError> {
        on!(self, backend => backend.record(user, id).await)
    }

    /// Registers the key as one of the person's devices. Asking twice is harmless. A revoked key is refused, and
    /// the attempt logged.
    ///
    /// # Errors
    /// [`StorageError::Unstorable`] for a name with a NUL character.
    pub async fn register_device(&self, actor: &Actor, device: NewDevice) -> Result<Registration, StorageError> {
        storable([Some(&device.name), Some(&device.thumbprint), device.seen.session_id.as_ref()])?;
        on!(self, backend => backend.register_device(actor, device).await)
    }

    /// The person's devices, the newest first. Of the revoked ones, those revoked after `revoked_since`.
    ///
    /// # Errors
    /// As every call.
    pub async fn devices(&self, user: UserId, revoked_since: Timestamp) -> Result<Vec<StoredDevice>, StorageError> {
        on!(self, backend => backend.devices(user, revoked_since).await)
    }

    /// Gives one of the actor's devices another name. `None`: they have no such device, or it is revoked.
    ///
    /// # Errors
    /// [`StorageError::Unstorable`] for a name with a NUL character.
    pub async fn rename_device(
        &self,
        actor: &Actor,
        device: DeviceId,
        name: &str,
    ) -> Result<Option<StoredDevice>, StorageError> {
        storable([Some(name)])?;
        on!(self, backend => backend.rename_device(actor, device, name).await)
    }

    /// Revokes one of the actor's devices; for one that is revoked already nothing changes. `None`: they have no
    /// such device.
    ///
    /// # Errors
    /// As every call.
    pub async fn revoke_device(&self, actor: &Actor, device: DeviceId) -> Result<Option<StoredDevice>, StorageError> {
        on!(self, backend => backend.revoke_device(actor, device).await)
    }

    /// Marks as ended the sessions that an issuer names (OpenID Connect Back-Channel Logout 1.0): one session, or
    /// all of a person's devices, or, with both, that person's one session. Answers which devices it met.
    ///
    /// # Errors
    /// As every call.
    pub async fn end_sessions(
        &self,
        issuer: &str,
        session_id: Option<&str>,
        subject: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<DeviceId>, StorageError> {
        if session_id.is_none() && subject.is_none() {
            return Ok(Vec::new());
        }
        storable([Some(issuer), session_id, subject])?;
        on!(self, backend => backend.end_sessions(issuer, session_id, subject, at).await)
    }

    /// Writes a line of the audit log for something that changes nothing here.
    ///
    /// # Errors
    /// As every call.
    pub async fn append_audit(
        &self,
        actor: &Actor,
        action: AuditAction,
        target: Option<String>,
    ) -> Result<(), StorageError> {
        storable([target.as_ref()])?;
        on!(self, backend => backend.append_audit(actor, action, target).await)
    }

    /// The audit log of one person, or of all, the newest first, from below `before`.
    ///
    /// # Errors
    /// As every call.
    pub async fn audit(&self, of: Option<UserId>, before: Option<u64>, limit: u32) -> Result<AuditPage, StorageError> {
        on!(self, backend => backend.audit(of, before, limit).await)
    }

    /// Forgets what is older than `retention`, in small transactions.
    ///
    /// # Errors
    /// As every call; what was forgotten until then stays so.
    pub async fn purge(&self, retention: Retention) -> Result<Purged, StorageError> {
        on!(self, backend => backend.purge(retention).await)
    }

    /// Moves all people of an issuer to another, under which it goes on with the same subjects. Somebody who has
    /// no data yet under the new name, because they came too early, makes way. Answers how many moved.
    ///
    /// # Errors
    /// [`StorageError::IssuerTaken`] if somebody has data under both; nobody is moved then.
    pub async fn rename_issuer(&self, old: &str, new: &str) -> Result<u64, StorageError> {
        storable([Some(old), Some(new)])?;
        on!(self, backend => backend.rename_issuer(old, new).await)
    }

    /// Listens to what moves for a person. Subscribe first, then look up the present state: nothing falls between.
    ///
    /// A copy that dies after a commit can take a notice of a moved revision with it (never one of a revoked
    /// device), so a stream that lives for hours looks up its person's revision now and then.
    pub fn subscribe(&self, user: UserId) -> Subscription {
        self.hub.subscribe(user)
    }

    /// Ends all subscriptions: the first step of stopping.
    pub fn close_subscriptions(&self) {
        self.hub.close();
    }
}

/// Refuses what one of the two databases could not keep, on both.
fn storable<T: AsRef<str>>(texts: impl IntoIterator<Item = Option<T>>) -> Result<(), StorageError> {
    match texts.into_iter().flatten().any(|text| text.as_ref().contains('\0')) {
        true => Err(StorageError::Unstorable),
        false => Ok(()),
    }
}
