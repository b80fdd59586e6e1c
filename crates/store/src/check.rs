//! The history of checks, and the health that follows from the last one.

use courrier_model::{AccountId, CheckId, HealthState, ProblemCode, Timestamp};
use rusqlite::Connection;

use crate::error::unreadable;
use crate::row::{health_word, text, time};
use crate::store::micros;
use crate::{Store, StoreError};

/// How many checks of one account are kept.
const KEPT: u32 = 100;

/// A check that has just ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheck {
    /// Its id.
    pub id: CheckId,
    /// When it ended.
    pub at: Timestamp,
    /// What it found, as JSON. The store neither reads nor changes it.
    pub report_json: String,
    /// True if receiving and sending both passed.
    pub ok: bool,
    /// The first problem, receiving before sending.
    pub problem_code: Option<ProblemCode>,
}

/// A check from the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheck {
    /// Its id.
    pub id: CheckId,
    /// When it ended, UTC.
    pub at: Timestamp,
    /// What it found, as it was given.
    pub report_json: String,
}

impl Store {
    /// Adds a check to the account's history, of which the last 100 are kept, and makes it the account's health.
    ///
    /// Errors: [`StoreError::NotFound`].
    pub fn append_check(&self, account: AccountId, check: &NewCheck) -> Result<(), StoreError> {
        self.write(|tx| append(tx, account, check))
    }

    /// The account's last checks, newest first, at most `limit`; none for an account that is not there.
    pub fn checks(&self, account: AccountId, limit: u32) -> Result<Vec<StoredCheck>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, at, report FROM check_report WHERE account_id = ?1 ORDER BY sequence DESC LIMIT ?2",
            )?;
            let mut rows = statement.query((account.to_string(), limit))?;
            let mut checks = Vec::new();
            while let Some(row) = rows.next()? {
                checks.push(StoredCheck {
                    id: text(row, 0)?.parse().map_err(unreadable("check id"))?,
                    at: time(row.get(1)?)?,
                    report_json: row.get(2)?,
                });
            }
            Ok(checks)
        })
    }
}

pub(crate) fn append(tx: &Connection, account: AccountId, check: &NewCheck) -> Result<(), StoreError> {
    let account = account.to_string();
    let state = if check.ok { HealthState::Ok } else { HealthState::Problem };
    let known = tx.execute(
        "UPDATE account SET health_state = ?2, checked_at = ?3, problem_code = ?4 WHERE id = ?1",
        (&account, health_word(state), micros(check.at), check.problem_code.map(ProblemCode::as_str)),
    )?;
    if known == 0 {
        return Err(StoreError::NotFound);
    }
    tx.execute(
        "INSERT INTO check_report (id, account_id, at, report) VALUES (?1, ?2, ?3, ?4)",
        (check.id.to_string(), &account, micros(check.at), &check.report_json),
    )?;
    tx.execute(
        "DELETE FROM check_report WHERE account_id = ?1 AND sequence <=
            (SELECT sequence FROM check_report WHERE account_id = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)",
        (&account, KEPT),
    )?;
    Ok(())
}
