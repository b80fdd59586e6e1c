//! A person's devices.

use courrier_model::{DeviceId, Timestamp, UserId};
use courrier_wire::AuditAction;
use tokio_postgres::GenericClient;

use super::audit::append;
use super::bell::ring_with;
use super::history::LOCK;
use super::row::{Id, device, get, id};
use super::{Postgres, failure};
use crate::storage::audit::Line;
use crate::storage::device::platform_word;
use crate::storage::{Actor, DEVICE_LIMIT, NewDevice, Notice, Registration, Seen, StorageError, StoredDevice, columns};

impl Postgres {
    pub(crate) async fn touch(&self, user: UserId, id: DeviceId, seen: &Seen) -> Result<(), StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        let Some(before) = find(&*tx, user, id).await?.filter(|device| device.revoked_at.is_none()) else {
            return Ok(());
        };
        let (after, signed_in) = before.after(seen);
        tx.execute(
            "UPDATE device SET last_seen_at = $2, last_address = $3, session_id = $4, session_expires_at = $5,
             session_ended_at = $6 WHERE id = $1",
            &[
                &Id(id),
                &after.last_seen_at.as_microsecond(),
                &after.last_address,
                &after.session_id,
                &after.session_expires_at.map(Timestamp::as_microsecond),
                &after.session_ended_at.map(Timestamp::as_microsecond),
            ],
        )
        .await
        .map_err(failure)?;
        if signed_in {
            let actor = Actor { user, device: Some(id), address: seen.address.clone(), at: seen.at };
            append(&*tx, &actor, &Line::new(AuditAction::SignIn, id)).await?;
        }
        tx.commit().await.map_err(failure)
    }

    pub(crate) async fn register_device(&self, actor: &Actor, new: NewDevice) -> Result<Registration, StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        // Two registrations of one key, or the last two that the limit allows, wait for each other.
        tx.query_one(LOCK, &[&Id(actor.user)]).await.map_err(failure)?;
        let mut actor = actor.clone();
        if let Some(known) = by_key(&*tx, actor.user, &new.thumbprint).await? {
            if known.revoked_at.is_none() {
                return Ok(Registration::Known(known));
            }
            actor.device = Some(known.id);
            append(&*tx, &actor, &Line::new(AuditAction::DeviceRefused, known.id)).await?;
            tx.commit().await.map_err(failure)?;
            return Ok(Registration::Revoked);
        }
        let count = tx
            .query_one("SELECT count(*) FROM device WHERE person_id = $1", &[&Id(actor.user)])
            .await
            .map_err(failure)?;
        if get::<i64>(&count, 0, "number")? >= i64::from(DEVICE_LIMIT) {
            return Ok(Registration::TooMany);
        }
        let device = new.made(&actor);
        insert(&*tx, &device).await?;
        actor.device = Some(device.id);
        append(&*tx, &actor, &Line::new(AuditAction::SignIn, device.id)).await?;
        append(&*tx, &actor, &Line::new(AuditAction::DeviceRegistered, device.id)).await?;
        let notice = Notice::Devices { registered: Some(device.id) };
        ring_with(&*tx, &self.bell, actor.user, notice).await?;
        tx.commit().await.map_err(failure)?;
        self.hub.tell(actor.user, notice);
        Ok(Registration::Registered(device))
    }

    pub(crate) async fn devices(
        &self,
        user: UserId,
        revoked_since: Timestamp,
    ) -> Result<Vec<StoredDevice>, StorageError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(concat!(
                "SELECT ",
                columns::device!(),
                " FROM device d WHERE d.person_id = $1 AND (d.revoked_at IS NULL OR d.revoked_at > $2)
                 ORDER BY d.created_at DESC, d.id"
            ))
            .await
            .map_err(failure)?;
        let rows = client.query(&statement, &[&Id(user), &revoked_since.as_microsecond()]).await.map_err(failure)?;
        rows.iter().map(|row| device(row, 0)).collect()
    }

    pub(crate) async fn rename_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        name: &str,
    ) -> Result<Option<StoredDevice>, StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        tx.query_one(LOCK, &[&Id(actor.user)]).await.map_err(failure)?;
        if is_revoked(&*tx, actor).await? {
            return Ok(None);
        }
        let Some(before) = find(&*tx, actor.user, id).await?.filter(|device| device.revoked_at.is_none()) else {
            return Ok(None);
        };
        tx.execute("UPDATE device SET name = $2 WHERE id = $1", &[&Id(id), &name]).await.map_err(failure)?;
        append(&*tx, actor, &Line::new(AuditAction::DeviceRenamed, id)).await?;
        let notice = Notice::Devices { registered: None };
        ring_with(&*tx, &self.bell, actor.user, notice).await?;
        tx.commit().await.map_err(failure)?;
        self.hub.tell(actor.user, notice);
        Ok(Some(StoredDevice { name: name.to_owned(), ..before }))
    }

    pub(crate) async fn revoke_device(
        &self,
        actor: &Actor,
        id: DeviceId,
    ) -> Result<Option<StoredDevice>, StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        // Waits for a push of the device that has begun: none is applied after this returned.
        tx.query_one(LOCK, &[&Id(actor.user)]).await.map_err(failure)?;
        if is_revoked(&*tx, actor).await? {
            return Ok(None);
        }
        let Some(before) = find(&*tx, actor.user, id).await? else { return Ok(None) };
        if before.revoked_at.is_some() {
            return Ok(Some(before));
        }
        tx.execute("UPDATE device SET revoked_at = $2 WHERE id = $1", &[&Id(id), &actor.at.as_microsecond()])
            .await
            .map_err(failure)?;
        append(&*tx, actor, &Line::new(AuditAction::DeviceRevoked, id)).await?;
        let notices = [Notice::Ended { device: id }, Notice::Devices { registered: None }];
        for notice in notices {
            ring_with(&*tx, &self.bell, actor.user, notice).await?;
        }
        tx.commit().await.map_err(failure)?;
        for notice in notices {
            self.hub.tell(actor.user, notice);
        }
        Ok(Some(StoredDevice { revoked_at: Some(actor.at), ..before }))
    }

    pub(crate) async fn end_sessions(
        &self,
        issuer: &str,
        session_id: Option<&str>,
        subject: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<DeviceId>, StorageError> {
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        // By the session where one is named, so that its index serves; the subject then only narrows.
        let narrowed = match session_id {
            Some(_) => "d.session_id = $2 AND ($3::text IS NULL OR p.subject = $3)",
            None => "p.subject = $3 AND $2::text IS NULL",
        };
        let rows = tx
            .query(
                &format!(
                    "UPDATE device d SET session_ended_at = $4 FROM person p
                     WHERE p.id = d.person_id AND p.issuer = $1 AND {narrowed} AND d.revoked_at IS NULL
                     AND (d.session_ended_at IS NULL OR d.session_ended_at < $4) RETURNING d.person_id, d.id"
                ),
                &[&issuer, &session_id, &subject, &at.as_microsecond()],
            )
            .await
            .map_err(failure)?;
        let mut ended = Vec::with_capacity(rows.len());
        for row in &rows {
            let (user, device): (UserId, DeviceId) = (id(row, 0, "person's id")?, id(row, 1, "device's id")?);
            // The issuer did this, from nowhere that would help the person.
            let actor = Actor { user, device: Some(device), address: None, at };
            append(&*tx, &actor, &Line::new(AuditAction::SignOut, device)).await?;
            ring_with(&*tx, &self.bell, user, Notice::Ended { device }).await?;
            ended.push((user, device));
        }
        tx.commit().await.map_err(failure)?;
        for (user, device) in &ended {
            self.hub.tell(*user, Notice::Ended { device: *device });
        }
        Ok(ended.into_iter().map(|(_, device)| device).collect())
    }
}

/// Asked behind the person's lock: a request may have waited there for the one that revoked its device.
async fn is_revoked(client: &impl GenericClient, actor: &Actor) -> Result<bool, StorageError> {
    let Some(device) = actor.device else { return Ok(false) };
    // A device that is gone can do no more than a revoked one.
    Ok(find(client, actor.user, device).await?.is_none_or(|device| device.revoked_at.is_some()))
}

async fn find(client: &impl GenericClient, user: UserId, id: DeviceId) -> Result<Option<StoredDevice>, StorageError> {
    // Locked: two changes to one device wait for each other.
    let sql = concat!(
        "SELECT ",
        columns::device!(),
        " FROM device d WHERE d.id = $1 AND d.person_id = $2 FOR NO KEY UPDATE OF d"
    );
    let found = client.query_opt(sql, &[&Id(id), &Id(user)]).await.map_err(failure)?;
    found.map(|row| device(&row, 0)).transpose()
}

async fn by_key(
    client: &impl GenericClient,
    user: UserId,
    thumbprint: &str,
) -> Result<Option<StoredDevice>, StorageError> {
    let sql = concat!("SELECT ", columns::device!(), " FROM device d WHERE d.person_id = $1 AND d.thumbprint = $2");
    let found = client.query_opt(sql, &[&Id(user), &thumbprint]).await.map_err(failure)?;
    found.map(|row| device(&row, 0)).transpose()
}

async fn insert(client: &impl GenericClient, device: &StoredDevice) -> Result<(), StorageError> {
    client
        .execute(
            "INSERT INTO device (id, person_id, name, platform, thumbprint, created_at, last_seen_at, last_address,
             session_id, session_expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                &Id(device.id),
                &Id(device.user),
                &device.name,
                &platform_word(device.platform),
                &device.thumbprint,
                &device.created_at.as_microsecond(),
                &device.last_seen_at.as_microsecond(),
                &device.last_address,
                &device.session_id,
                &device.session_expires_at.map(Timestamp::as_microsecond),
            ],
        )
        .await
        .map_err(failure)
        .map(drop)
}
