//! Everything a plan is made from, read in one transaction.

use std::collections::HashMap;

use courrier_model::{AccountId, RecordId};
use courrier_wire::{Body, Content, Kind, Record, RefusedCode, ResetReason};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::row::text;
use crate::sync::{body, from_json, kind, outbox, preferences, session};
use crate::{Store, StoreError};

/// What this device knows.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncFacts {
    /// Why everything was pulled again, if it was.
    pub reset: Option<ResetReason>,
    /// The server may have forgotten deletions up to this revision.
    pub purged: u64,
    /// Everything that travels, or did, in the order in which it came to this device.
    pub records: Vec<RecordFacts>,
    /// The accounts for this computer only, with the address that each occupies ([`courrier_model::Address::key`]).
    pub kept_here: Vec<(AccountId, String)>,
}

/// What this device knows about one record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordFacts {
    /// Its id.
    pub id: RecordId,
    /// What it is.
    pub kind: Kind,
    /// What the server last confirmed: tombstones too. `None`: it has no such record as far as is known.
    pub base: Option<Record>,
    /// What the server had confirmed before it went back to a backup, until that is settled.
    pub memory: Option<Record>,
    /// What the server has sent since.
    pub incoming: Option<Record>,
    /// What was on its way since the server last confirmed something, oldest first, and was not applied as far as is
    /// known: the server may have any of it nevertheless.
    pub sent: Vec<Content>,
    /// What stands on this device.
    pub local: Local,
    /// What the server would not take.
    pub refused: Option<RefusedWrite>,
    /// A write of it is on its way.
    pub in_flight: bool,
    /// The server has named it since it was last pulled from the beginning.
    pub seen: bool,
}

/// What stands on this device.
#[derive(Debug, Clone, PartialEq)]
pub enum Local {
    /// Nothing; if the server has it, the person removed it here.
    Absent,
    /// Nothing, because it can't be shown here: an account for this computer only has its address, or only a newer
    /// Courrier understands it. The person did not remove it.
    Held,
    /// This.
    Present {
        /// What it says.
        body: Body,
        /// It is being removed and can still come back.
        hidden: bool,
    },
}

/// A write that the server refused for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefusedWrite {
    /// Why.
    pub code: RefusedCode,
    /// What it was; sent again only when it has changed.
    pub content: Content,
}

impl Store {
    /// What this device knows at this moment.
    pub fn sync_facts(&self) -> Result<SyncFacts, StoreError> {
        self.read(facts)
    }
}

pub(crate) fn facts(connection: &Connection) -> Result<SyncFacts, StoreError> {
    let mut kept_here = Vec::new();
    let mut chosen_here = false;
    let chosen = preferences::chosen(connection)?;
    let mut order = Vec::new();
    let mut present: HashMap<RecordId, Local> = HashMap::new();
    for one in body::all(connection)? {
        if one.travels {
            let id = RecordId::from(one.id);
            order.push((id, Kind::Account));
            present.insert(id, Local::Present { body: one.body.into_body(), hidden: one.hidden });
        } else {
            chosen_here |= chosen == Some(one.id);
            kept_here.push((one.id, one.body.address.key()));
        }
    }
    order.push((RecordId::PREFERENCES, Kind::Preferences));
    let mut records = stored(connection)?;
    for record in &mut records {
        if record.id == RecordId::PREFERENCES {
            record.local = own_preferences(connection, chosen_here, record)?;
            continue;
        }
        match present.remove(&record.id) {
            Some(local) => record.local = local,
            None if record.local == Local::Held => {}
            None => record.local = Local::Absent,
        }
    }
    let with_preferences = records.iter().any(|record| record.id == RecordId::PREFERENCES);
    for (id, kind) in order {
        let mut fresh = RecordFacts {
            id,
            kind,
            base: None,
            memory: None,
            incoming: None,
            sent: Vec::new(),
            local: Local::Absent,
            refused: None,
            in_flight: false,
            seen: true,
        };
        if let Some(local) = present.remove(&id) {
            fresh.local = local;
            records.push(fresh);
        } else if kind == Kind::Preferences && !with_preferences {
            fresh.local = own_preferences(connection, chosen_here, &fresh)?;
            records.push(fresh);
        }
    }
    let session = session::current(connection)?;
    let (reset, purged) = session.map_or((None, 0), |session| (session.reset, session.purged));
    Ok(SyncFacts { reset, purged, records, kept_here })
}

/// The rows of `sync_record`; what stands on the device is not looked up yet.
fn stored(connection: &Connection) -> Result<Vec<RecordFacts>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT r.id, r.kind, r.base, r.memory, r.incoming, r.refused, r.is_held, r.is_seen,
            EXISTS (SELECT 1 FROM sync_outbox o WHERE o.record_id = r.id), r.sent FROM sync_record r ORDER BY r.sequence",
    )?;
    let mut rows = statement.query([])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let column = |index: usize| -> Result<Option<Record>, StoreError> {
            let json: Option<&str> = row.get_ref(index)?.as_str_or_null().map_err(unreadable("text"))?;
            json.map(|json| from_json("record", json)).transpose()
        };
        let refused = row.get_ref(5)?.as_str_or_null().map_err(unreadable("text"))?;
        let sent = row.get_ref(9)?.as_str_or_null().map_err(unreadable("text"))?;
        records.push(RecordFacts {
            id: text(row, 0)?.parse().map_err(unreadable("record id"))?,
            kind: kind(text(row, 1)?)?,
            base: column(2)?,
            memory: column(3)?,
            incoming: column(4)?,
            sent: sent.map(outbox::unanswered).transpose()?.unwrap_or_default(),
            local: if row.get(6)? { Local::Held } else { Local::Absent },
            refused: refused.map(|json| from_json("refused write", json)).transpose()?,
            in_flight: row.get(8)?,
            seen: row.get(7)?,
        });
    }
    Ok(records)
}

/// The preferences as they may leave: a primary account that is for this computer only is nobody else's business, so
/// that member says what the server says.
fn own_preferences(connection: &Connection, chosen_here: bool, record: &RecordFacts) -> Result<Local, StoreError> {
    let mut body = preferences::body(connection)?;
    if chosen_here {
        let known = record.base.as_ref().or(record.memory.as_ref()).and_then(|base| base.body.as_ref());
        match known.and_then(|known| known.get("primary")) {
            Some(primary) => body.insert("primary".to_owned(), primary.clone()),
            None => body.remove("primary"),
        };
    }
    Ok(Local::Present { body, hidden: false })
}
