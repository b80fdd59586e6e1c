//! A person's devices.

use courrier_model::{DeviceId, Timestamp, UserId};
use courrier_wire::{Device, Platform};
use jiff::Unit;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::error::unreadable;
use super::{Actor, StorageError};

/// Devices that one person can ever have registered, revoked ones included, which are kept so that their keys
/// never come back.
pub const DEVICE_LIMIT: u32 = 1000;

/// A device's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDevice {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// What the person calls it.
    pub name: String,
    /// What it runs.
    pub platform: Platform,
    /// Its key's thumbprint (RFC 7638, SHA-256, base64url).
    pub thumbprint: String,
    /// When it was registered, UTC.
    pub created_at: Timestamp,
    /// When it was last heard of, UTC, to the minute.
    pub last_seen_at: Timestamp,
    /// The network address that it was last heard from.
    pub last_address: Option<String>,
    /// Its session at the issuer (`sid`), where tokens say.
    pub session_id: Option<String>,
    /// When that session ends, UTC, where it is known.
    pub session_expires_at: Option<Timestamp>,
    /// When the issuer said that the session ended, UTC; `None` once a later sign-in was seen.
    pub session_ended_at: Option<Timestamp>,
    /// When it was revoked, UTC.
    pub revoked_at: Option<Timestamp>,
}

impl StoredDevice {
    /// True if the issuer ended the session that a token belongs to: one whose person signed in at `signed_in_at`
    /// (`auth_time`, else `iat`), not later than the end.
    pub fn session_is_over(&self, signed_in_at: Timestamp) -> bool {
        self.session_ended_at.is_some_and(|ended| signed_in_at <= ended)
    }

    /// True if [`super::Storage::touch`] would change anything; ask before each call, so that most requests write
    /// nothing.
    pub fn differs_from(&self, seen: &Seen) -> bool {
        self.after(seen).0 != *self
    }

    /// The device after it was seen, and whether that was a sign-in.
    pub(crate) fn after(&self, seen: &Seen) -> (Self, bool) {
        let mut after = self.clone();
        after.last_seen_at = self.last_seen_at.max(minute(seen.at));
        if seen.address.is_some() {
            after.last_address.clone_from(&seen.address);
        }
        // What an ended session's last tokens say is of the past.
        if self.session_is_over(seen.signed_in_at) {
            return (after, false);
        }
        let another = seen.session_id.is_some() && seen.session_id != self.session_id;
        after.session_ended_at = None;
        if another {
            after.session_id.clone_from(&seen.session_id);
            after.session_expires_at = seen.session_expires_at;
        } else if seen.session_expires_at.is_some() {
            after.session_expires_at = seen.session_expires_at;
        }
        (after, another || self.session_ended_at.is_some())
    }

    /// As the person sees it, on the device `current`.
    pub fn shown_on(self, current: Option<DeviceId>) -> Device {
        Device {
            current: current == Some(self.id),
            id: self.id,
            name: self.name,
            platform: self.platform,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            last_address: self.last_address,
            session_expires_at: self.session_expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

/// What a request with a registered key tells about its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Now, UTC; kept to the minute.
    pub at: Timestamp,
    /// The network address that asked.
    pub address: Option<String>,
    /// The token's session (`sid`); one that differs from the last is a sign-in, and logged as such.
    pub session_id: Option<String>,
    /// When the session ends, UTC, where it is known.
    pub session_expires_at: Option<Timestamp>,
    /// When the person signed in: `auth_time`, else the token's `iat`. Later than a recorded end, it takes that back.
    pub signed_in_at: Timestamp,
}

/// A device that asks to be one of the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// What the person calls it.
    pub name: String,
    /// What it runs.
    pub platform: Platform,
    /// Its key's thumbprint.
    pub thumbprint: String,
    /// What the request tells.
    pub seen: Seen,
}

impl NewDevice {
    /// The row that it becomes.
    pub(crate) fn made(self, actor: &Actor) -> StoredDevice {
        StoredDevice {
            id: DeviceId::random(),
            user: actor.user,
            name: self.name,
            platform: self.platform,
            thumbprint: self.thumbprint,
            created_at: actor.at,
            last_seen_at: minute(self.seen.at),
            last_address: self.seen.address,
            session_id: self.seen.session_id,
            session_expires_at: self.seen.session_expires_at,
            session_ended_at: None,
            revoked_at: None,
        }
    }
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// It is registered now; the other devices were told.
    Registered(StoredDevice),
    /// The key was registered before, and is unchanged: the registration was asked for twice.
    Known(StoredDevice),
    /// The key was revoked. The attempt is in the audit log.
    Revoked,
    /// The person has [`DEVICE_LIMIT`] devices.
    TooMany,
}

/// The beginning of this minute: what is kept of when a device was seen.
pub(crate) fn minute(at: Timestamp) -> Timestamp {
    // Rounding down can only fail at the very first minute that a Timestamp knows.
    at.round(jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor)).unwrap_or(at)
}

/// The word for it in tables.
pub(crate) const fn platform_word(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "linux",
        Platform::Macos => "macos",
        Platform::Windows => "windows",
        Platform::Other => "other",
    }
}

/// Reads what [`platform_word`] wrote.
pub(crate) fn platform(word: &str) -> Result<Platform, StorageError> {
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    Platform::deserialize(word).map_err(unreadable("platform"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_read_back() {
        for known in [Platform::Linux, Platform::Macos, Platform::Windows, Platform::Other] {
            assert_eq!(platform(platform_word(known)), Ok(known));
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    fn device() -> StoredDevice {
        StoredDevice {
            id: DeviceId::random(),
            user: UserId::random(),
            name: "laptop".to_owned(),
            platform: Platform::Linux,
            thumbprint: "t".to_owned(),
            created_at: at("2026-03-01T10:00:00Z"),
            last_seen_at: at("2026-03-01T10:00:00Z"),
            last_address: Some("192.0.2.1".to_owned()),
            session_id: Some("one".to_owned()),
            session_expires_at: None,
            session_ended_at: None,
            revoked_at: None,
        }
    }

    fn seen(when: &str, session: &str, signed_in: &str) -> Seen {
        Seen {
            at: at(when),
            address: Some("192.0.2.1".to_owned()),
            session_id: Some(session.to_owned()),
            session_expires_at: None,
            signed_in_at: at(signed_in),
        }
    }

    #[test]
    fn nothing_is_written_twice_in_a_minute() {
        let device = device();
        assert!(!device.differs_from(&seen("2026-03-01T10:00:59Z", "one", "2026-03-01T09:00:00Z")));
        let (after, signed_in) = device.after(&seen("2026-03-01T10:01:00Z", "one", "2026-03-01T09:00:00Z"));
        assert!(!signed_in && after.last_seen_at == at("2026-03-01T10:01:00Z"));
        // A clock that went back changes nothing.
        assert!(!after.differs_from(&seen("2026-03-01T09:00:00Z", "one", "2026-03-01T09:00:00Z")));
    }

    #[test]
    fn an_ended_session_stays_ended_until_a_later_sign_in() {
        let mut device = device();
        device.session_ended_at = Some(at("2026-03-01T10:00:30Z"));
        let (after, signed_in) = device.after(&seen("2026-03-01T10:02:00Z", "two", "2026-03-01T10:00:30Z"));
        assert!(!signed_in && after.session_ended_at.is_some() && after.session_id == device.session_id);
        let (after, signed_in) = device.after(&seen("2026-03-01T10:02:00Z", "one", "2026-03-01T10:00:31Z"));
        assert!(signed_in && after.session_ended_at.is_none());
    }

    #[test]
    fn a_minute_begins_at_its_first_second() {
        let at: Timestamp = "2026-03-01T10:20:59.9Z".parse().expect("valid");
        assert_eq!(minute(at).to_string(), "2026-03-01T10:20:00Z");
    }
}
