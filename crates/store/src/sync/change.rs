//! Applying a plan: all of it in one transaction, or nothing.

use courrier_model::{AccountId, RecordId, Timestamp, UserId};
use courrier_wire::{AccountBody, Body, Kind, Record};
use rusqlite::Connection;

use crate::removal;
use crate::sync::facts::{SyncFacts, facts};
use crate::sync::version::{self, VersionSource};
use crate::sync::{body, moving, preferences, session, to_json, travel};
use crate::{SecretRef, Store, StoreError, primary};

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncChange {
    /// Keeps a version in the record's history.
    Remember {
        /// The record.
        record: RecordId,
        /// Where the version comes from.
        source: VersionSource,
        /// What it says.
        body: Body,
        /// The members in which it lost.
        members: Vec<String>,
    },
    /// Removes the account from this device; its versions stay.
    Remove {
        /// The account.
        account: AccountId,
    },
    /// Keeps the account for this computer only, with its versions, checks and secrets: under a new id, so that the server
    /// never takes it for the one that it may have had.
    KeepHere {
        /// The account.
        account: AccountId,
    },
    /// Moves an account, with its versions, checks and secrets, to another id, whether an account has that or not.
    Move {
        /// The account.
        from: AccountId,
        /// The id that stands for both from now on.
        into: AccountId,
    },
    /// Makes the account say this, adding it where it is not there, and shows it if it was being removed.
    Put {
        /// The account.
        account: AccountId,
        /// What it says.
        body: Box<AccountBody>,
        /// Bring it back if it is being removed.
        reveal: bool,
    },
    /// Makes the preferences say this.
    PutPreferences {
        /// What they say.
        body: Body,
    },
    /// Notes what is known about the server's record; what it had sent is thereby dealt with.
    Know {
        /// The record.
        record: RecordId,
        /// What it is.
        kind: Kind,
        /// What the server has.
        base: Option<Record>,
        /// What it had before it went back to a backup, while that matters.
        memory: Option<Record>,
        /// It can't be shown on this device, and was not removed here.
        held: bool,
    },
    /// Neither the server nor this device has it any more.
    Forget {
        /// The record.
        record: RecordId,
    },
}

/// What a plan did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Secrets that nothing uses any more. Each has its delete-intent: recover, or delete them and forget the intents.
    pub retired: Vec<SecretRef>,
    /// How many conflicts the person has to be shown.
    pub conflicts: usize,
}

impl Store {
    /// Reads the facts, lets `decide` make a plan, and applies it in its order: one transaction, so that an edit by
    /// another program falls before or after it. Whatever made everything be pulled again is then dealt with. `None` if
    /// this person is not signed in any more.
    pub fn reconcile(
        &self,
        user: UserId,
        now: Timestamp,
        decide: impl FnOnce(&SyncFacts) -> Vec<SyncChange>,
    ) -> Result<Option<Reconciled>, StoreError> {
        self.write(|tx| {
            if !session::is_signed_in(tx, user)? {
                return Ok(None);
            }
            let changes = decide(&facts(tx)?);
            let mut done = Reconciled::default();
            let mut parked = false;
            for change in &changes {
                if matches!(change, SyncChange::Put { .. }) && !parked {
                    park_addresses(tx, &changes)?;
                    parked = true;
                }
                apply(tx, change, now, &mut done)?;
            }
            if !changes.is_empty() {
                primary::elect(tx)?;
                preferences::follow(tx)?;
            }
            tx.execute("UPDATE sync_session SET reset = NULL WHERE reset IS NOT NULL", [])?;
            Ok(Some(done))
        })
    }
}

/// Two accounts may swap their addresses in one plan, which no order of single steps can do.
fn park_addresses(tx: &Connection, changes: &[SyncChange]) -> Result<(), StoreError> {
    let mut park = tx.prepare_cached("UPDATE account SET address_key = 'moving ' || id WHERE id = ?1")?;
    for change in changes {
        if let SyncChange::Put { account, .. } = change {
            park.execute([account.to_string()])?;
        }
    }
    Ok(())
}

fn apply(tx: &Connection, change: &SyncChange, now: Timestamp, done: &mut Reconciled) -> Result<(), StoreError> {
    match change {
        SyncChange::Remember { record, source, body, members } => {
            done.conflicts += usize::from(*source == VersionSource::Conflict);
            version::append(tx, *record, *source, body, members, now)
        }
        SyncChange::Remove { account } => {
            done.retired.extend(removal::delete(tx, *account, now)?);
            Ok(())
        }
        SyncChange::Move { from, into } => {
            done.retired.extend(moving::absorb(tx, *from, *into, now)?);
            Ok(())
        }
        SyncChange::KeepHere { account } => travel::keep_here(tx, *account),
        SyncChange::Put { account, body, reveal } => {
            body::put(tx, *account, body, now)?;
            if *reveal {
                removal::reveal(tx, *account)?;
            }
            Ok(())
        }
        SyncChange::PutPreferences { body } => put_preferences(tx, body),
        SyncChange::Know { record, kind, base, memory, held } => {
            tx.prepare_cached(
                "INSERT INTO sync_record (id, kind, base, memory, is_held) VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (id) DO UPDATE SET base = excluded.base, memory = excluded.memory,
                        is_held = excluded.is_held, incoming = NULL, sent = NULL, is_seen = 1",
            )?
            .execute((
                record.to_string(),
                kind.as_str(),
                base.as_ref().map(to_json).transpose()?,
                memory.as_ref().map(to_json).transpose()?,
                held,
            ))?;
            Ok(())
        }
        SyncChange::Forget { record } => {
            tx.prepare_cached("DELETE FROM sync_record WHERE id = ?1")?.execute([record.to_string()])?;
            Ok(())
        }
    }
}

/// A primary account that is for this computer only stays what the person chose here.
fn put_preferences(tx: &Connection, body: &Body) -> Result<(), StoreError> {
    let mut body = body.clone();
    if let Some(chosen) = preferences::chosen(tx)?
        && body::one(tx, chosen)?.is_some_and(|one| !one.travels)
    {
        body.insert("primary".to_owned(), chosen.to_string().into());
    }
    preferences::put(tx, &body)
}
