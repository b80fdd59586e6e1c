//! From a row to an account.

use std::collections::HashMap;

use courrier_model::{Account, AccountId, Endpoint, Health, HealthState, Host, Identity, Port, ProblemCode, Timestamp};
use rusqlite::{Connection, Row};

use crate::StoreError;
use crate::error::unreadable;

/// Every query for accounts starts like this; [`Reader::account`] reads its columns by position.
pub(crate) const SELECT_ACCOUNT: &str = "SELECT a.id, a.address, a.name, a.color, a.is_primary,
    a.imap_host, a.imap_port, a.imap_security, a.imap_username, a.imap_auth,
    a.smtp_host, a.smtp_port, a.smtp_security, a.smtp_username, a.smtp_auth,
    a.health_state, a.checked_at, a.problem_code, a.created_at, a.updated_at,
    EXISTS (SELECT 1 FROM secret s WHERE s.account_id = a.id
        AND s.purpose = CASE a.imap_auth WHEN 'oauth' THEN 'oauth' ELSE 'incoming' END),
    EXISTS (SELECT 1 FROM secret s WHERE s.account_id = a.id AND s.purpose = 'outgoing'),
    'oauth' IN (a.imap_auth, a.smtp_auth) AND coalesce(o.needs_sign_in, 1), o.problem_code
    FROM account a LEFT JOIN oauth o ON o.account_id = a.id";

/// Reads many rows; the accounts of an organisation share their hosts, and each is understood once.
#[derive(Default)]
pub(crate) struct Reader {
    hosts: HashMap<String, Host>,
}

impl Reader {
    /// The account of this row, without its identities.
    pub(crate) fn account(&mut self, row: &Row<'_>) -> Result<Account, StoreError> {
        Ok(Account {
            id: text(row, 0)?.parse().map_err(unreadable("account id"))?,
            address: text(row, 1)?.parse().map_err(unreadable("address"))?,
            name: text(row, 2)?.parse().map_err(unreadable("name"))?,
            color: text(row, 3)?.parse().map_err(unreadable("colour"))?,
            primary: row.get(4)?,
            imap: self.endpoint(row, 5)?,
            smtp: self.endpoint(row, 10)?,
            identities: Vec::new(),
            health: health(row)?,
            created_at: time(row.get(18)?)?,
            updated_at: time(row.get(19)?)?,
            has_secret: row.get(20)?,
            has_sending_secret: row.get(21)?,
        })
    }

    fn endpoint(&mut self, row: &Row<'_>, first: usize) -> Result<Endpoint, StoreError> {
        Ok(Endpoint {
            host: self.host(text(row, first)?)?,
            port: Port::new(row.get(first + 1)?).ok_or(()).map_err(unreadable("port"))?,
            security: text(row, first + 2)?.parse().map_err(unreadable("kind of security"))?,
            username: text(row, first + 3)?.parse().map_err(unreadable("user name"))?,
            auth: text(row, first + 4)?.parse().map_err(unreadable("kind of authentication"))?,
        })
    }

    fn host(&mut self, text: &str) -> Result<Host, StoreError> {
        if let Some(host) = self.hosts.get(text) {
            return Ok(host.clone());
        }
        let host: Host = text.parse().map_err(unreadable("host"))?;
        self.hosts.insert(text.to_owned(), host.clone());
        Ok(host)
    }
}

/// What the last check says. Above it stands that the person must sign in: it is never stored with the account but read
/// off its tokens, or their absence, so it is true as soon as an account comes from another device, and over as soon as
/// any program has tokens that work.
fn health(row: &Row<'_>) -> Result<Health, StoreError> {
    let code = |column: usize| -> Result<Option<ProblemCode>, StoreError> {
        Ok(row.get_ref(column)?.as_str_or_null().map_err(unreadable("text"))?.map(problem_code))
    };
    let checked_at = row.get::<_, Option<i64>>(16)?.map(time).transpose()?;
    let checked = health_state(text(row, 15)?);
    if row.get(22)? && checked != HealthState::Paused {
        return Ok(Health { state: HealthState::SignInNeeded, checked_at, problem_code: code(23)? });
    }
    Ok(Health { state: checked, checked_at, problem_code: code(17)? })
}

/// The account with this id, hidden or not, with its identities.
pub(crate) fn account(connection: &Connection, id: AccountId) -> Result<Option<Account>, StoreError> {
    one(connection, &format!("{SELECT_ACCOUNT} WHERE a.id = ?1"), &id.to_string())
}

/// The same, unless it is being removed.
pub(crate) fn visible(connection: &Connection, id: AccountId) -> Result<Option<Account>, StoreError> {
    one(connection, &format!("{SELECT_ACCOUNT} WHERE a.id = ?1 AND a.removal_until IS NULL"), &id.to_string())
}

/// The one account that a query with one parameter finds, with its identities.
pub(crate) fn one(connection: &Connection, sql: &str, parameter: &str) -> Result<Option<Account>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([parameter])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut account = Reader::default().account(row)?;
    let mut statement =
        connection.prepare_cached("SELECT address, name FROM identity WHERE account_id = ?1 ORDER BY ordinal")?;
    let mut rows = statement.query([account.id.to_string()])?;
    while let Some(row) = rows.next()? {
        account.identities.push(identity(row, 0)?);
    }
    Ok(Some(account))
}

/// The identity whose address and name stand in this column and the next.
pub(crate) fn identity(row: &Row<'_>, first: usize) -> Result<Identity, StoreError> {
    Ok(Identity {
        address: text(row, first)?.parse().map_err(unreadable("identity's address"))?,
        name: text(row, first + 1)?.parse().map_err(unreadable("identity's name"))?,
    })
}

/// The text in this column, borrowed.
pub(crate) fn text<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row str, StoreError> {
    row.get_ref(column)?.as_str().map_err(unreadable("text"))
}

/// The time that [`crate::store::micros`] stored.
pub(crate) fn time(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(unreadable("time"))
}

pub(crate) fn health_word(state: HealthState) -> &'static str {
    match state {
        HealthState::Ok => "ok",
        HealthState::Problem => "problem",
        HealthState::Unchecked => "unchecked",
        HealthState::SignInNeeded => "sign_in_needed",
        HealthState::Paused => "paused",
    }
}

/// A word that only a newer program knows reads as "unchecked": the next check says more.
fn health_state(word: &str) -> HealthState {
    match word {
        "ok" => HealthState::Ok,
        "problem" => HealthState::Problem,
        "sign_in_needed" => HealthState::SignInNeeded,
        "paused" => HealthState::Paused,
        _ => HealthState::Unchecked,
    }
}

/// A code that only a newer program knows is still a problem.
pub(crate) fn problem_code(text: &str) -> ProblemCode {
    ProblemCode::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(ProblemCode::Other)
}
