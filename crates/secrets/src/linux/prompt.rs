//! Lets the Secret Service prompt the person to open the keyring.

use std::collections::HashMap;

use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{MatchRule, Message, message};

use super::probe::{BUS_NAME, PATH, SERVICE_INTERFACE, search};
use crate::SecretError;
use crate::os::SERVICE;

const PROMPT_INTERFACE: &str = "org.freedesktop.Secret.Prompt";
/// What the keyring programs call the collection that libsecret makes when there is none.
const COLLECTION_LABEL: &str = "Default keyring";

/// How a prompt ended.
enum Outcome {
    Completed,
    Dismissed,
    /// The service went away before the person answered.
    Gone,
}

/// Opens the collection, and our items where the service locks each by itself (KeePassXC does). Where there
/// is no collection yet, the person is asked to make one.
///
/// The calls wait as long as it takes: some services answer the first one only when the person has.
pub(super) fn unlock(collection: Option<OwnedObjectPath>) -> Result<(), SecretError> {
    let dismissed = if collection.is_some() { SecretError::Locked } else { SecretError::NoCollection };
    match prompt(collection) {
        Ok(Outcome::Completed) => Ok(()),
        Ok(Outcome::Dismissed) => Err(dismissed),
        Ok(Outcome::Gone) => Err(SecretError::Absent),
        Err(error) => {
            tracing::debug!(%error, "the secret service did not prompt");
            Err(SecretError::Backend(error.to_string()))
        }
    }
}

fn prompt(collection: Option<OwnedObjectPath>) -> zbus::Result<Outcome> {
    let connection = Connection::session()?;
    let prompt = match collection {
        Some(collection) => ask_to_unlock(&connection, collection)?,
        None => ask_to_create(&connection)?,
    };
    show(&connection, &prompt)
}

fn ask_to_unlock(connection: &Connection, collection: OwnedObjectPath) -> zbus::Result<OwnedObjectPath> {
    let (_, mut objects) = search(connection, &HashMap::from([("service", SERVICE)]))?;
    objects.push(collection);
    let answer = connection.call_method(Some(BUS_NAME), PATH, Some(SERVICE_INTERFACE), "Unlock", &(objects,))?;
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = answer.body().deserialize()?;
    Ok(prompt)
}

fn ask_to_create(connection: &Connection) -> zbus::Result<OwnedObjectPath> {
    let properties = HashMap::from([("org.freedesktop.Secret.Collection.Label", Value::from(COLLECTION_LABEL))]);
    let answer = connection.call_method(
        Some(BUS_NAME),
        PATH,
        Some(SERVICE_INTERFACE),
        "CreateCollection",
        &(properties, "default"),
    )?;
    let (_, prompt): (OwnedObjectPath, OwnedObjectPath) = answer.body().deserialize()?;
    Ok(prompt)
}

/// Shows the prompt and waits for its end, for as long as the person takes. A service that has nothing to
/// ask answers with the path `/`.
fn show(connection: &Connection, prompt: &OwnedObjectPath) -> zbus::Result<Outcome> {
    if prompt.as_str() == "/" {
        return Ok(Outcome::Completed);
    }
    let bus = DBusProxy::new(connection)?;
    bus.add_match_rule(
        MatchRule::builder()
            .msg_type(message::Type::Signal)
            .interface(PROMPT_INTERFACE)?
            .member("Completed")?
            .path(prompt)?
            .build(),
    )?;
    bus.add_match_rule(
        MatchRule::builder()
            .msg_type(message::Type::Signal)
            .sender("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .add_arg(BUS_NAME)?
            .build(),
    )?;
    // Listening begins before the prompt is shown, or a quick answer would be missed.
    let signals = MessageIterator::from(connection);
    connection.call_method(Some(BUS_NAME), prompt, Some(PROMPT_INTERFACE), "Prompt", &("",))?;
    for signal in signals {
        if let Some(outcome) = outcome(&signal?, prompt)? {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Gone)
}

fn outcome(signal: &Message, prompt: &OwnedObjectPath) -> zbus::Result<Option<Outcome>> {
    let header = signal.header();
    match header.member().map(|member| member.as_str()) {
        Some("Completed") if header.path().is_some_and(|path| *path == **prompt) => {
            let (dismissed, _): (bool, OwnedValue) = signal.body().deserialize()?;
            Ok(Some(if dismissed { Outcome::Dismissed } else { Outcome::Completed }))
        }
        Some("NameOwnerChanged") => {
            let (name, ..): (String, String, String) = signal.body().deserialize()?;
            Ok((name == BUS_NAME).then_some(Outcome::Gone))
        }
        _ => Ok(None),
    }
}
