//! Asks the Secret Service about itself, without ever making it prompt.
//!
//! The keyring crates ask for a secret straight away, and then "no collection", "locked, and no such item"
//! and "no such item" all look the same. These questions come first: they only read (`ReadAlias`, the
//! property `Locked`, `SearchItems` of the Secret Service API 0.2) and keep the answers apart.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::StoreState;

/// The Secret Service's name on the bus.
pub(super) const BUS_NAME: &str = "org.freedesktop.secrets";
/// Its object.
pub(super) const PATH: &str = "/org/freedesktop/secrets";
/// Its interface.
pub(super) const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE: &str = "org.freedesktop.Secret.Collection";

/// The longest wait for one answer. A running service answers within a few milliseconds; one that the bus
/// has to start first takes tens.
const CALL_LIMIT: Duration = Duration::from_millis(800);
/// The pause before asking again; it doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// What was found about a keyring and the items that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nobody who could be asked.
    Absent,
    /// A service that has no collection which secrets could go to.
    NoCollection,
    /// The collection that secrets go to is locked.
    Locked,
    /// The collection is open.
    Open {
        /// Matching items that can be read.
        readable: usize,
        /// Matching items that are locked by themselves, or in another collection.
        locked: usize,
    },
}

impl Finding {
    pub(super) fn state(&self) -> StoreState {
        match self {
            Self::Absent => StoreState::Absent,
            Self::NoCollection => StoreState::NoCollection,
            Self::Locked => StoreState::Locked,
            Self::Open { .. } => StoreState::Ready,
        }
    }
}

/// The connection that questions go through; opened with the first, and again when the bus was restarted.
#[derive(Default)]
pub(super) struct Probe {
    connection: Option<Connection>,
}

impl Probe {
    /// The keyring's state, and how many items carry exactly these attributes. A bus or service that fails,
    /// or does not answer until the deadline, is absent: there is nothing a person could unlock. One that has
    /// too much to do is asked again, as long as there is time for a whole answer.
    pub(super) fn look(&mut self, attributes: Option<&HashMap<&str, &str>>, deadline: Instant) -> Finding {
        let mut pause = PAUSE;
        loop {
            match self.ask(|connection| look(connection, attributes)) {
                Ok(finding) => return finding,
                Err(error) if is_busy(&error) && Instant::now() + pause + CALL_LIMIT <= deadline => {
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                Err(_) => return Finding::Absent,
            }
        }
    }

    /// The collection that new secrets go to, where there is one.
    ///
    /// # Errors
    /// The bus or the service failed or did not answer.
    pub(super) fn collection(&mut self) -> zbus::Result<Option<OwnedObjectPath>> {
        self.ask(default_collection)
    }

    fn ask<T>(&mut self, question: impl Fn(&Connection) -> zbus::Result<T>) -> zbus::Result<T> {
        let kept = self.connection.is_some();
        let mut answer = self.attempt(&question);
        if kept && answer.as_ref().is_err_and(|error| !timed_out(error)) {
            // The kept connection may have been to a bus that is gone.
            self.connection = None;
            answer = self.attempt(&question);
        }
        answer.inspect_err(|error| {
            tracing::debug!(%error, "no secret service");
            self.connection = None;
        })
    }

    fn attempt<T>(&mut self, question: impl Fn(&Connection) -> zbus::Result<T>) -> zbus::Result<T> {
        match &self.connection {
            Some(connection) => question(connection),
            None => question(self.connection.insert(Builder::session()?.method_timeout(CALL_LIMIT).build()?)),
        }
    }
}

fn timed_out(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::InputOutput(error) if error.kind() == ErrorKind::TimedOut)
}

/// True for what a bus or service that is there says, or does not say, while it has too much to do. A bus whose queue of
/// connections is full refuses another one at once: `EAGAIN` or, after waiting for it, a socket that has no other end.
fn is_busy(error: &zbus::Error) -> bool {
    let zbus::Error::InputOutput(error) = error else { return false };
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::NotConnected)
}

fn look(connection: &Connection, attributes: Option<&HashMap<&str, &str>>) -> zbus::Result<Finding> {
    let Some(collection) = default_collection(connection)? else { return Ok(Finding::NoCollection) };
    if is_locked(connection, &collection)? {
        return Ok(Finding::Locked);
    }
    let Some(attributes) = attributes else { return Ok(Finding::Open { readable: 0, locked: 0 }) };
    let (readable, locked) = search(connection, attributes)?;
    Ok(Finding::Open { readable: readable.len(), locked: locked.len() })
}

fn default_collection(connection: &Connection) -> zbus::Result<Option<OwnedObjectPath>> {
    let answer = connection.call_method(Some(BUS_NAME), PATH, Some(SERVICE_INTERFACE), "ReadAlias", &("default",))?;
    let collection: OwnedObjectPath = answer.body().deserialize()?;
    Ok((collection.as_str() != "/").then_some(collection))
}

fn is_locked(connection: &Connection, collection: &OwnedObjectPath) -> zbus::Result<bool> {
    let answer = connection.call_method(
        Some(BUS_NAME),
        collection,
        Some("org.freedesktop.DBus.Properties"),
        "Get",
        &(COLLECTION_INTERFACE, "Locked"),
    )?;
    let value: OwnedValue = answer.body().deserialize()?;
    Ok(bool::try_from(value)?)
}

/// The items that carry these attributes: those that can be read, and those that are locked.
pub(super) fn search(
    connection: &Connection,
    attributes: &HashMap<&str, &str>,
) -> zbus::Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)> {
    let answer =
        connection.call_method(Some(BUS_NAME), PATH, Some(SERVICE_INTERFACE), "SearchItems", &(attributes,))?;
    answer.body().deserialize()
}
