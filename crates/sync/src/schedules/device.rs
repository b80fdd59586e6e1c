//! One computer: a store, and perhaps an exchange that waits for an answer.

use courrier_model::{AccountId, DeviceId, Timestamp, UserId};
use courrier_store::testing::Death;
use courrier_store::{Local, SignIn, Store, StoreError, SyncFacts};
use courrier_wire::Kind;

use super::edits::key;
use crate::{Answer, Ask, Exchange, Report, SyncError};

/// Why a step of a device ended early.
#[derive(Debug)]
pub(super) enum Early {
    /// The program died; what is on the disk stays.
    Died,
    /// Nobody is signed in.
    SignedOut,
    /// This must not happen.
    Wrong(String),
}

pub(super) struct Device {
    pub(super) number: usize,
    pub(super) store: Store,
    /// Its clock is wrong by so many seconds.
    offset: i64,
    exchange: Option<Exchange>,
    answer: Option<Answer>,
    who: SignIn,
}

impl Device {
    pub(super) fn new(number: usize, offset: i64, user: UserId) -> Result<Self, StoreError> {
        let store = Store::in_memory()?;
        let who = SignIn {
            server: "https://courrier.example.test".to_owned(),
            issuer: "https://id.example.test".to_owned(),
            subject: "4711".to_owned(),
            user,
            device: Some(DeviceId::random()),
            email: None,
            name: None,
        };
        Ok(Self { number, store, offset, exchange: None, answer: None, who })
    }

    /// Its clock, at this step of the schedule.
    pub(super) fn now(&self, step: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + step + self.offset).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn die_at(&self, death: Option<Death>) {
        self.store.die_at(death);
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.store.sync_session().ok().flatten().is_some_and(|session| session.signed_in)
    }

    /// Signs in, with what the person had picked before.
    pub(super) fn sign_in(&self) -> Result<(), StoreError> {
        let travel = match self.store.sync_session()? {
            Some(_) => self.store.travelling()?,
            None => self.store.accounts()?.iter().map(|account| account.id).collect(),
        };
        self.store.sign_in(&self.who, &travel).map(drop)
    }

    /// The program ends: what it had in memory is gone.
    pub(super) fn restart(&mut self) {
        self.die_at(None);
        self.exchange = None;
        self.answer = None;
    }

    /// Takes the answer that has arrived, if one has, and asks the next thing. After [`Ask::Done`] the exchange is over.
    pub(super) fn step(&mut self, step: i64) -> Result<Ask, Early> {
        let now = self.now(step);
        let result = self.go_on(now);
        if !matches!(result, Ok(Ask::Pull(_) | Ask::Push(_))) {
            self.exchange = None;
            self.answer = None;
        }
        result.map_err(|error| self.early(error))
    }

    fn go_on(&mut self, now: Timestamp) -> Result<Ask, SyncError> {
        let exchange = match &mut self.exchange {
            Some(exchange) => exchange,
            none => none.insert(Exchange::begin(&self.store)?),
        };
        if let Some(answer) = self.answer.take() {
            exchange.take(&self.store, answer)?;
        }
        exchange.next(&self.store, now)
    }

    fn early(&mut self, error: SyncError) -> Early {
        match error {
            SyncError::Store(StoreError::Io(_)) => {
                self.restart();
                Early::Died
            }
            SyncError::SignedOut => Early::SignedOut,
            error => Early::Wrong(format!("device {}: {error}", self.number)),
        }
    }

    /// All accounts, in an order that is the same in every run of a schedule: ids are not.
    pub(super) fn seen(&self, facts: &SyncFacts) -> Vec<Seen> {
        let removing = self.store.removals_due(Timestamp::MAX).unwrap_or_default();
        let here = facts.kept_here.iter().cloned();
        let travelling = facts.records.iter().filter_map(|record| match &record.local {
            Local::Present { body, .. } if record.kind == Kind::Account => {
                Some((AccountId::from(record.id), key(body.get("address")?.as_str()?)?))
            }
            _ => None,
        });
        let all = here.chain(travelling);
        all.map(|(id, key)| Seen { id, key, hidden: removing.contains(&id) }).collect()
    }

    /// What was asked has been answered.
    pub(super) fn hear(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    /// What was asked is not answered: the exchange ends.
    pub(super) fn give_up(&mut self) {
        self.exchange = None;
        self.answer = None;
    }

    /// True while it waits for, or has yet to take, an answer.
    pub(super) fn is_exchanging(&self) -> bool {
        self.exchange.is_some()
    }
}

/// An account as it stands on a device.
pub(super) struct Seen {
    pub(super) id: AccountId,
    /// [`courrier_model::Address::key`].
    pub(super) key: String,
    pub(super) hidden: bool,
}

/// What a calm exchange does.
pub(super) type Calm = Result<Report, String>;
