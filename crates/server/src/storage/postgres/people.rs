//! Who asks.

use courrier_model::{Timestamp, UserId};
use tokio_postgres::Row;

use super::row::{Id, count, device, get, id, user};
use super::{Postgres, failure};
use crate::storage::cursor::first_revision;
use crate::storage::{Claims, Standing, StorageError, columns};

impl Postgres {
    pub(crate) async fn authorize(
        &self,
        claims: &Claims,
        thumbprint: &str,
        now: Timestamp,
    ) -> Result<Standing, StorageError> {
        if let Some(standing) = self.look_up(claims, thumbprint).await?
            && standing.is_as(claims)
        {
            return Ok(standing);
        }
        let client = self.client().await?;
        client
            .execute(
                "INSERT INTO person AS p (id, issuer, subject, email, name, created_at, revision)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (issuer, subject) DO UPDATE SET
                 email = coalesce(excluded.email, p.email), name = coalesce(excluded.name, p.name)",
                &[
                    &Id(UserId::random()),
                    &claims.issuer,
                    &claims.subject,
                    &claims.email,
                    &claims.name,
                    &now.as_microsecond(),
                    &first_revision(now),
                ],
            )
            .await
            .map_err(failure)?;
        drop(client);
        let standing = self.look_up(claims, thumbprint).await?;
        standing.ok_or_else(|| StorageError::Refused("a person was not kept".to_owned()))
    }

    async fn look_up(&self, claims: &Claims, thumbprint: &str) -> Result<Option<Standing>, StorageError> {
        let client = self.client().await?;
        let statement = client
            .prepare_cached(concat!(
                "SELECT p.id, p.issuer, p.subject, p.email, p.name, coalesce(p.sync_id, i.sync_id), p.revision,
                 p.purged_revision, ",
                columns::device!(),
                " FROM person p CROSS JOIN instance i
                 LEFT JOIN device d ON d.person_id = p.id AND d.thumbprint = $3 WHERE p.issuer = $1 AND p.subject = $2"
            ))
            .await
            .map_err(failure)?;
        let found =
            client.query_opt(&statement, &[&claims.issuer, &claims.subject, &thumbprint]).await.map_err(failure)?;
        found.as_ref().map(standing).transpose()
    }
}

fn standing(row: &Row) -> Result<Standing, StorageError> {
    let known: Option<Id<courrier_model::DeviceId>> = get(row, 8, "device's id")?;
    Ok(Standing {
        user: user(row, 0)?,
        sync_id: id(row, 5, "history's id")?,
        revision: count(row, 6)?,
        purged_revision: count(row, 7)?,
        device: known.map(|_| device(row, 8)).transpose()?,
    })
}
