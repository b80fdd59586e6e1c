//! Who asks.

use std::sync::Arc;

use courrier_model::{Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension};

use super::row::{count, device, parsed, user};
use super::{Sqlite, failure};
use crate::storage::cursor::first_revision;
use crate::storage::{Claims, Standing, StorageError, columns};

impl Sqlite {
    pub(crate) async fn authorize(
        self: &Arc<Self>,
        claims: &Claims,
        thumbprint: &str,
        now: Timestamp,
    ) -> Result<Standing, StorageError> {
        if let Some(standing) = self.read_now(|reader| look_up(reader, claims, thumbprint))?
            && standing.is_as(claims)
        {
            return Ok(standing);
        }
        let (claims, thumbprint) = (claims.clone(), thumbprint.to_owned());
        let change = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "INSERT INTO person (id, issuer, subject, email, name, created_at, revision)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (issuer, subject) DO UPDATE SET
                     email = coalesce(excluded.email, email), name = coalesce(excluded.name, name)",
                )
                .map_err(failure)?
                .execute((
                    UserId::random().to_string(),
                    &claims.issuer,
                    &claims.subject,
                    &claims.email,
                    &claims.name,
                    now.as_microsecond(),
                    first_revision(now),
                ))
                .map_err(failure)?;
            let standing = look_up(connection, &claims, &thumbprint)?;
            standing.ok_or_else(|| StorageError::Refused("a person was not kept".to_owned()))
        };
        self.writer.write(change).await
    }
}

fn look_up(connection: &Connection, claims: &Claims, thumbprint: &str) -> Result<Option<Standing>, StorageError> {
    let mut statement = connection
        .prepare_cached(concat!(
            "SELECT p.id, p.issuer, p.subject, p.email, p.name, coalesce(p.sync_id, i.sync_id), p.revision,
             p.purged_revision, ",
            columns::device!(),
            " FROM person p CROSS JOIN instance i
             LEFT JOIN device d ON d.person_id = p.id AND d.thumbprint = ?3 WHERE p.issuer = ?1 AND p.subject = ?2"
        ))
        .map_err(failure)?;
    let found = statement.query_row((&claims.issuer, &claims.subject, thumbprint), |row| {
        // Two kinds of error meet here: the row's own, and what we make of its text.
        Ok(standing(row))
    });
    found.optional().map_err(failure)?.transpose()
}

fn standing(row: &rusqlite::Row<'_>) -> Result<Standing, StorageError> {
    let known: Option<String> = row.get(8).map_err(failure)?;
    Ok(Standing {
        user: user(row, 0)?,
        sync_id: parsed(row, 5, "history's id")?,
        revision: count(row, 6)?,
        purged_revision: count(row, 7)?,
        device: known.map(|_| device(row, 8)).transpose()?,
    })
}
