//! Moving people to another issuer.

use super::row::count;
use super::{Postgres, failure};
use crate::storage::StorageError;

impl Postgres {
    pub(crate) async fn rename_issuer(&self, old: &str, new: &str) -> Result<u64, StorageError> {
        if old == new {
            return Ok(0);
        }
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failure)?;
        // Nobody may come for the first time, or write, in between. Reading goes on.
        tx.batch_execute("LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE").await.map_err(failure)?;
        let taken = tx
            .query_one(
                "SELECT count(*) FROM person n JOIN person o ON o.issuer = $1 AND o.subject = n.subject
                 WHERE n.issuer = $2 AND n.record_count > 0",
                &[&old, &new],
            )
            .await
            .map_err(failure)?;
        let people = count(&taken, 0)?;
        if people > 0 {
            return Err(StorageError::IssuerTaken { people });
        }
        tx.execute(
            "DELETE FROM person WHERE issuer = $2 AND subject IN (SELECT subject FROM person WHERE issuer = $1)",
            &[&old, &new],
        )
        .await
        .map_err(failure)?;
        let moved =
            tx.execute("UPDATE person SET issuer = $2 WHERE issuer = $1", &[&old, &new]).await.map_err(failure)?;
        tx.commit().await.map_err(failure)?;
        Ok(moved)
    }
}
