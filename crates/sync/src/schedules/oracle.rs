//! What must be true once everything has calmed down, and what has to be noted on the way to tell.

use std::collections::{BTreeSet, HashMap, HashSet};

use courrier_model::{AccountId, RecordId, Timestamp};
use courrier_store::Local;
use courrier_wire::{AccountBody, Body, Kind, Record};

use super::device::Seen;
use super::server::Server;
use super::world::World;
use crate::plan::difference;

/// What happened, as far as the promises speak of it.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    tokens: u32,
    typed: Vec<Typed>,
    /// Accounts that were removed for good, with the words that were known of them where they were.
    removed: HashMap<RecordId, BTreeSet<String>>,
    /// What is being removed in this step.
    removing: Vec<Removal>,
    /// Accounts of which it can't be told whether somebody edited them after that.
    doubtful: HashSet<RecordId>,
}

#[derive(Debug)]
struct Removal {
    record: RecordId,
    known: BTreeSet<String>,
    /// It travelled, so it is removed everywhere.
    travelled: bool,
    /// Another device may have edited it.
    doubtful: bool,
}

/// A word that a person typed.
#[derive(Debug)]
struct Typed {
    token: String,
    device: usize,
    record: RecordId,
    /// It was typed as the account's name.
    as_name: bool,
    /// Its account was for this computer only: it must never leave.
    secret: bool,
    /// Its account was removed where it was typed, with its history.
    gone: bool,
}

impl Ledger {
    /// A word that was never typed.
    pub(super) fn fresh(&mut self) -> String {
        self.tokens += 1;
        format!("w{}w", self.tokens)
    }

    /// An old word was typed again, so the words don't tell any more.
    pub(super) fn typed_again(&mut self, account: AccountId) {
        self.doubtful.insert(account.into());
    }
}

fn words(body: &Body) -> BTreeSet<String> {
    let text = serde_json::Value::Object(body.clone()).to_string();
    let word = |part: &str| {
        let digits = part.strip_prefix('w')?.strip_suffix('w')?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.to_owned())
    };
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(word).collect()
}

impl<S: Server> World<S> {
    /// The clock of a device.
    pub(super) fn now(&self, number: usize) -> Timestamp {
        self.devices.get(number).map_or(Timestamp::UNIX_EPOCH, |device| device.now(self.step))
    }

    /// An account that a person sees there.
    pub(super) fn some_account(&mut self, number: usize) -> Option<AccountId> {
        let device = self.devices.get(number)?;
        let seen = device.seen(&device.store.sync_facts().ok()?);
        let ids: Vec<AccountId> = seen.iter().filter(|one| !one.hidden).map(|one| one.id).collect();
        self.pick(&ids)
    }

    /// A word was typed, unless the program died before it was on the disk.
    pub(super) fn typed(&mut self, number: usize, token: &str) {
        let Some(device) = self.devices.get(number) else { return };
        let Ok(versions) = device.store.every_version() else { return };
        let Some(version) = versions.iter().rev().find(|version| words(&version.body).contains(token)) else { return };
        self.tally.edits += 1;
        let travels = device.store.travelling().is_ok_and(|all| all.contains(&AccountId::from(version.record)));
        let as_name = version.body.get("name").and_then(|name| name.as_str()) == Some(token);
        self.ledger.typed.push(Typed {
            token: token.to_owned(),
            device: number,
            record: version.record,
            as_name,
            secret: !travels && device.is_signed_in(),
            gone: false,
        });
    }

    /// The accounts that a person is about to remove for good on this device.
    pub(super) fn about_to_remove(&mut self, number: usize, which: impl Fn(&Seen) -> bool) {
        let Some(device) = self.devices.get(number) else { return };
        let Ok(facts) = device.store.sync_facts() else { return };
        let seen = device.seen(&facts);
        let travels = device.is_signed_in();
        let removed: Vec<RecordId> = seen.iter().filter(|one| which(one)).map(|one| one.id.into()).collect();
        for record in removed {
            let known = self.words_of(number, record);
            let travelled = travels && facts.records.iter().any(|one| one.id == record);
            let doubtful = self.is_edited_elsewhere(number, record);
            self.ledger.removing.push(Removal { record, known, travelled, doubtful });
        }
    }

    /// What was about to be removed is, unless the program died before.
    pub(super) fn have_removed(&mut self, number: usize) {
        let Some(facts) = self.devices.get(number).and_then(|device| device.store.sync_facts().ok()) else { return };
        for Removal { record, known, travelled, doubtful } in std::mem::take(&mut self.ledger.removing) {
            let travels =
                facts.records.iter().any(|one| one.id == record && matches!(one.local, Local::Present { .. }));
            if travels || facts.kept_here.iter().any(|(id, _)| RecordId::from(*id) == record) {
                continue;
            }
            for typed in &mut self.ledger.typed {
                typed.gone |= typed.device == number && known.contains(&typed.token);
            }
            if travelled {
                self.ledger.removed.insert(record, known);
            }
            // While signed out, only what is here is removed: what was not sent of it is given up.
            if doubtful || !travelled {
                self.ledger.doubtful.insert(record);
            }
        }
    }

    /// An account that was for this computer only travels from now on, with all its words.
    pub(super) fn now_travels(&mut self, number: usize, account: AccountId) {
        let known = self.words_of(number, account.into());
        for typed in &mut self.ledger.typed {
            typed.secret &= !known.contains(&typed.token);
        }
    }

    /// The words in all versions of a record on a device.
    fn words_of(&self, number: usize, record: RecordId) -> BTreeSet<String> {
        let versions =
            self.devices.get(number).and_then(|device| device.store.every_version().ok()).unwrap_or_default();
        versions.iter().filter(|version| version.record == record).flat_map(|version| words(&version.body)).collect()
    }

    /// True if another device has something of this record to say that the server may not have.
    fn is_edited_elsewhere(&self, number: usize, record: RecordId) -> bool {
        self.devices.iter().filter(|device| device.number != number).any(|device| {
            let facts = device.store.sync_facts().ok();
            let record = facts.and_then(|facts| facts.records.into_iter().find(|one| one.id == record));
            record.is_some_and(|record| record.in_flight || difference(&record).is_some())
        })
    }
}

/// Whether every promise was kept.
pub(super) fn judge<S: Server>(world: &mut World<S>) -> Result<(), String> {
    let records = world.server.records();
    one_account_to_an_address(&records)?;
    all_devices_agree(world, &records)?;
    nothing_left_that_must_not(world, &records)?;
    nothing_typed_is_lost(world, &records)?;
    nothing_removed_is_back(world, &records)?;
    the_last_word_stands(world, &records)?;
    for device in &world.devices {
        device.store.verify().map_err(|error| format!("device {}: {error}", device.number))?;
        let accounts = device.store.accounts().map_err(|error| error.to_string())?;
        let primary = accounts.iter().filter(|account| account.primary).count();
        if primary != usize::from(!accounts.is_empty()) {
            return Err(format!("device {} has {primary} primary accounts", device.number));
        }
    }
    Ok(())
}

fn accounts(records: &[Record]) -> HashMap<RecordId, AccountBody> {
    let live = records.iter().filter(|record| !record.deleted && record.kind == Kind::Account);
    live.filter_map(|record| Some((record.id, AccountBody::from_body(record.body.clone()?).ok()?))).collect()
}

fn one_account_to_an_address(records: &[Record]) -> Result<(), String> {
    let mut keys = HashSet::new();
    match accounts(records).values().find(|account| !keys.insert(account.address.key())) {
        Some(account) => Err(format!("two live accounts have the address {}", account.address)),
        None => Ok(()),
    }
}

fn all_devices_agree<S: Server>(world: &mut World<S>, records: &[Record]) -> Result<(), String> {
    let there = accounts(records);
    let preferences = records.iter().find(|record| record.kind == Kind::Preferences).and_then(|one| one.body.clone());
    for device in &world.devices {
        let facts = device.store.sync_facts().map_err(|error| error.to_string())?;
        let occupied: HashSet<&String> = facts.kept_here.iter().map(|(_, key)| key).collect();
        let mut here: HashMap<RecordId, AccountBody> = HashMap::new();
        let mut held = HashSet::new();
        for record in &facts.records {
            match &record.local {
                Local::Held => {
                    held.insert(record.id);
                }
                Local::Present { body, .. } if record.kind == Kind::Account => {
                    let body = AccountBody::from_body(body.clone()).map_err(|error| error.to_string())?;
                    here.insert(record.id, body);
                }
                Local::Present { body, .. } => {
                    if *body != preferences.clone().unwrap_or_default() {
                        return Err(format!("device {} prefers {body:?}, the server {preferences:?}", device.number));
                    }
                }
                Local::Absent => {}
            }
        }
        for (id, account) in &there {
            let hidden_away = held.contains(id) && occupied.contains(&account.address.key());
            if here.get(id) != Some(account) && !hidden_away {
                return Err(format!(
                    "device {} has {:?} for {id}, the server {account:?}",
                    device.number,
                    here.get(id)
                ));
            }
        }
        if let Some(id) = here.keys().find(|id| !there.contains_key(id)) {
            return Err(format!("only device {} has {id}", device.number));
        }
    }
    Ok(())
}

/// What is for one computer only never leaves it.
fn nothing_left_that_must_not<S: Server>(world: &mut World<S>, records: &[Record]) -> Result<(), String> {
    for device in &world.devices {
        let facts = device.store.sync_facts().map_err(|error| error.to_string())?;
        let left = facts.kept_here.iter().find(|(id, _)| records.iter().any(|record| record.id == RecordId::from(*id)));
        if let Some((id, _)) = left {
            return Err(format!("{id} of device {} is for that computer only, and left it", device.number));
        }
    }
    let left: BTreeSet<String> = records.iter().filter_map(|record| record.body.as_ref()).flat_map(words).collect();
    match world.ledger.typed.iter().find(|typed| typed.secret && left.contains(&typed.token)) {
        Some(typed) => Err(format!("{} was for device {} only, and left it", typed.token, typed.device)),
        None => Ok(()),
    }
}

fn nothing_typed_is_lost<S: Server>(world: &mut World<S>, records: &[Record]) -> Result<(), String> {
    let live: BTreeSet<String> = records.iter().filter_map(|record| record.body.as_ref()).flat_map(words).collect();
    for device in &world.devices {
        let versions = device.store.every_version().map_err(|error| error.to_string())?;
        let mut counts: HashMap<RecordId, u32> = HashMap::new();
        for version in &versions {
            *counts.entry(version.record).or_default() += 1;
        }
        // A history that is full has forgotten its oldest versions, as it should.
        if counts.values().any(|count| *count >= courrier_store::HISTORY_LIMIT) {
            continue;
        }
        let kept: BTreeSet<String> = versions.iter().flat_map(|version| words(&version.body)).collect();
        let mine = world.ledger.typed.iter().filter(|typed| typed.device == device.number && !typed.gone);
        if let Some(typed) = mine.into_iter().find(|typed| !kept.contains(&typed.token) && !live.contains(&typed.token))
        {
            return Err(format!("{} was typed on device {} and is lost", typed.token, typed.device));
        }
    }
    Ok(())
}

/// Every word that ever belonged to a record, as far as anybody remembers.
fn all_words<S: Server>(world: &World<S>, record: &Record) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = record.body.as_ref().map(words).unwrap_or_default();
    for device in &world.devices {
        all.extend(world.words_of(device.number, record.id));
    }
    all.extend(world.ledger.typed.iter().filter(|typed| typed.record == record.id).map(|typed| typed.token.clone()));
    all
}

fn nothing_removed_is_back<S: Server>(world: &mut World<S>, records: &[Record]) -> Result<(), String> {
    for record in records.iter().filter(|record| !record.deleted && !world.ledger.doubtful.contains(&record.id)) {
        let Some(known) = world.ledger.removed.get(&record.id) else { continue };
        // Whoever removed it knew all that was ever typed of it: nobody has edited it since.
        if all_words(world, record).is_subset(known) {
            return Err(format!("{} was removed and is back", record.id));
        }
    }
    Ok(())
}

/// A name that only one device has ever given is, in the end, the last one it gave. Not where the account was removed
/// and an edit of an older state brought it back.
fn the_last_word_stands<S: Server>(world: &mut World<S>, records: &[Record]) -> Result<(), String> {
    for record in records.iter().filter(|record| !record.deleted && !world.ledger.doubtful.contains(&record.id)) {
        if world.ledger.removed.contains_key(&record.id) {
            continue;
        }
        let all = all_words(world, record);
        let names: Vec<&Typed> =
            world.ledger.typed.iter().filter(|typed| typed.as_name && all.contains(&typed.token)).collect();
        let Some(last) = names.last() else { continue };
        // Where it was typed, the word may have moved to another account with all of its history.
        let there = world.words_of(last.device, record.id);
        let is_here = |typed: &&Typed| typed.record == record.id && there.contains(&typed.token);
        // Whoever edits what a restored server shows may not know what it has lost: their edit stands, and the name is
        // a conflict in the history.
        let edited =
            |typed: &&Typed| world.tally.restores == 0 || typed.device == last.device || !all.contains(&typed.token);
        let alone = names.iter().all(|typed| typed.device == last.device && is_here(typed));
        let alone = alone && world.ledger.typed.iter().all(|typed| edited(&typed));
        let name = record.body.as_ref().and_then(|body| body.get("name")).and_then(|name| name.as_str());
        if alone && name != Some(last.token.as_str()) {
            return Err(format!("{} is called {name:?}, and {} was its last name", record.id, last.token));
        }
    }
    Ok(())
}
