//! A person's devices.

use std::sync::Arc;

use courrier_model::{DeviceId, Timestamp, UserId};
use courrier_wire::AuditAction;
use rusqlite::{Connection, OptionalExtension};

use super::audit::append;
use super::push::is_revoked;
use super::row::{device, parsed};
use super::{Sqlite, failure};
use crate::storage::audit::Line;
use crate::storage::device::platform_word;
use crate::storage::{Actor, DEVICE_LIMIT, NewDevice, Notice, Registration, Seen, StorageError, StoredDevice, columns};

impl Sqlite {
    pub(crate) async fn touch(&self, user: UserId, id: DeviceId, seen: &Seen) -> Result<(), StorageError> {
        let seen = seen.clone();
        let change = move |connection: &Connection| {
            let Some(before) = find(connection, user, id)?.filter(|device| device.revoked_at.is_none()) else {
                return Ok(());
            };
            let (after, signed_in) = before.after(&seen);
            connection
                .prepare_cached(
                    "UPDATE device SET last_seen_at = ?2, last_address = ?3, session_id = ?4, session_expires_at = ?5,
                     session_ended_at = ?6 WHERE id = ?1",
                )
                .map_err(failure)?
                .execute((
                    id.to_string(),
                    after.last_seen_at.as_microsecond(),
                    &after.last_address,
                    &after.session_id,
                    after.session_expires_at.map(Timestamp::as_microsecond),
                    after.session_ended_at.map(Timestamp::as_microsecond),
                ))
                .map_err(failure)?;
            if signed_in {
                let actor = Actor { user, device: Some(id), address: seen.address, at: seen.at };
                append(connection, &actor, &Line::new(AuditAction::SignIn, id))?;
            }
            Ok(())
        };
        self.writer.write(change).await
    }

    pub(crate) async fn register_device(&self, actor: &Actor, new: NewDevice) -> Result<Registration, StorageError> {
        let mut doer = actor.clone();
        let registration = self.writer.write(move |connection| register(connection, &mut doer, new)).await?;
        if let Registration::Registered(device) = &registration {
            self.hub.tell(actor.user, Notice::Devices { registered: Some(device.id) });
        }
        Ok(registration)
    }

    pub(crate) async fn devices(
        self: &Arc<Self>,
        user: UserId,
        revoked_since: Timestamp,
    ) -> Result<Vec<StoredDevice>, StorageError> {
        self.read(move |reader| {
            let mut statement = reader
                .prepare_cached(concat!(
                    "SELECT ",
                    columns::device!(),
                    " FROM device d WHERE d.person_id = ?1 AND (d.revoked_at IS NULL OR d.revoked_at > ?2)
                     ORDER BY d.created_at DESC, d.id"
                ))
                .map_err(failure)?;
            let mut rows = statement.query((user.to_string(), revoked_since.as_microsecond())).map_err(failure)?;
            let mut devices = Vec::new();
            while let Some(row) = rows.next().map_err(failure)? {
                devices.push(device(row, 0)?);
            }
            Ok(devices)
        })
        .await
    }

    pub(crate) async fn rename_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        name: &str,
    ) -> Result<Option<StoredDevice>, StorageError> {
        let (doer, name) = (actor.clone(), name.to_owned());
        let change = move |connection: &Connection| {
            if is_revoked(connection, &doer)? {
                return Ok(None);
            }
            let Some(before) = find(connection, doer.user, id)?.filter(|device| device.revoked_at.is_none()) else {
                return Ok(None);
            };
            connection
                .execute("UPDATE device SET name = ?2 WHERE id = ?1", (id.to_string(), &name))
                .map_err(failure)?;
            append(connection, &doer, &Line::new(AuditAction::DeviceRenamed, id))?;
            Ok(Some(StoredDevice { name, ..before }))
        };
        let renamed = self.writer.write(change).await?;
        if renamed.is_some() {
            self.hub.tell(actor.user, Notice::Devices { registered: None });
        }
        Ok(renamed)
    }

    pub(crate) async fn revoke_device(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Option<StoredDevice>, StorageError> {
        let doer = actor.clone();
        let change = move |connection: &Connection| {
            if is_revoked(connection, &doer)? {
                return Ok(None);
            }
            let Some(before) = find(connection, doer.user, id)? else { return Ok(None) };
            if before.revoked_at.is_some() {
                return Ok(Some((before, false)));
            }
            connection
                .execute("UPDATE device SET revoked_at = ?2 WHERE id = ?1", (id.to_string(), doer.at.as_microsecond()))
                .map_err(failure)?;
            append(connection, &doer, &Line::new(AuditAction::DeviceRevoked, id))?;
            Ok(Some((StoredDevice { revoked_at: Some(doer.at), ..before }, true)))
        };
        let Some((device, now)) = self.writer.write(change).await? else { return Ok(None) };
        if now {
            self.hub.tell(actor.user, Notice::Ended { device: id });
            self.hub.tell(actor.user, Notice::Devices { registered: None });
        }
        Ok(Some(device))
    }

    pub(crate) async fn end_sessions(
        &self,
        issuer: &str,
        session_id: Option<&str>,
        subject: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<DeviceId>, StorageError> {
        let given = (issuer.to_owned(), session_id.map(str::to_owned), subject.map(str::to_owned));
        let ended = self.writer.write(move |connection| end(connection, &given, at)).await?;
        for (user, device) in &ended {
            self.hub.tell(*user, Notice::Ended { device: *device });
        }
        Ok(ended.into_iter().map(|(_, device)| device).collect())
    }
}

fn find(connection: &Connection, user: UserId, id: DeviceId) -> Result<Option<StoredDevice>, StorageError> {
    connection
        .prepare_cached(concat!("SELECT ", columns::device!(), " FROM device d WHERE d.id = ?1 AND d.person_id = ?2"))
        .map_err(failure)?
        .query_row((id.to_string(), user.to_string()), |row| Ok(device(row, 0)))
        .optional()
        .map_err(failure)?
        .transpose()
}

fn register(connection: &Connection, actor: &mut Actor, new: NewDevice) -> Result<Registration, StorageError> {
    let person = actor.user.to_string();
    let known = connection
        .prepare_cached(concat!(
            "SELECT ",
            columns::device!(),
            " FROM device d WHERE d.person_id = ?1 AND d.thumbprint = ?2"
        ))
        .map_err(failure)?
        .query_row((&person, &new.thumbprint), |row| Ok(device(row, 0)))
        .optional()
        .map_err(failure)?
        .transpose()?;
    if let Some(known) = known {
        if known.revoked_at.is_none() {
            return Ok(Registration::Known(known));
        }
        actor.device = Some(known.id);
        append(connection, actor, &Line::new(AuditAction::DeviceRefused, known.id))?;
        return Ok(Registration::Revoked);
    }
    let count: u32 = connection
        .query_row("SELECT count(*) FROM device WHERE person_id = ?1", [&person], |row| row.get(0))
        .map_err(failure)?;
    if count >= DEVICE_LIMIT {
        return Ok(Registration::TooMany);
    }
    let device = new.made(actor);
    connection
        .execute(
            "INSERT INTO device (id, person_id, name, platform, thumbprint, created_at, last_seen_at, last_address,
             session_id, session_expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                device.id.to_string(),
                &person,
                &device.name,
                platform_word(device.platform),
                &device.thumbprint,
                device.created_at.as_microsecond(),
                device.last_seen_at.as_microsecond(),
                &device.last_address,
                &device.session_id,
                device.session_expires_at.map(Timestamp::as_microsecond),
            ),
        )
        .map_err(failure)?;
    actor.device = Some(device.id);
    append(connection, actor, &Line::new(AuditAction::SignIn, device.id))?;
    append(connection, actor, &Line::new(AuditAction::DeviceRegistered, device.id))?;
    Ok(Registration::Registered(device))
}

fn end(
    connection: &Connection,
    (issuer, session_id, subject): &(String, Option<String>, Option<String>),
    at: Timestamp,
) -> Result<Vec<(UserId, DeviceId)>, StorageError> {
    // By the session where one is named, so that its index serves; the subject then only narrows.
    let sql = match session_id {
        Some(_) => {
            "SELECT d.id, d.person_id FROM device d JOIN person p ON p.id = d.person_id
             WHERE d.session_id = ?2 AND p.issuer = ?1 AND (?3 IS NULL OR p.subject = ?3)
             AND d.revoked_at IS NULL AND coalesce(d.session_ended_at, ?4 - 1) < ?4"
        }
        None => {
            "SELECT d.id, d.person_id FROM device d JOIN person p ON p.id = d.person_id
             WHERE p.issuer = ?1 AND p.subject = ?3 AND ?2 IS NULL
             AND d.revoked_at IS NULL AND coalesce(d.session_ended_at, ?4 - 1) < ?4"
        }
    };
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let mut rows = statement.query((issuer, session_id, subject, at.as_microsecond())).map_err(failure)?;
    let mut ended: Vec<(UserId, DeviceId)> = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        ended.push((parsed(row, 1, "person's id")?, parsed(row, 0, "device's id")?));
    }
    drop(rows);
    for (user, device) in &ended {
        connection
            .execute("UPDATE device SET session_ended_at = ?2 WHERE id = ?1", (device.to_string(), at.as_microsecond()))
            .map_err(failure)?;
        // The issuer did this, from nowhere that would help the person.
        let actor = Actor { user: *user, device: Some(*device), address: None, at };
        append(connection, &actor, &Line::new(AuditAction::SignOut, device))?;
    }
    Ok(ended)
}
