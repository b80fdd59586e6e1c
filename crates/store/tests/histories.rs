//! Random histories of adding, changing, removing and dying half-way, beside a model in memory: the same
//! accounts, exactly one primary, and no secret that an account uses is ever up for deletion.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::collections::HashSet;

use common::{at, draft, endpoint, identity};
use courrier_model::{AccountDraft, AccountEdit, AccountId, Endpoint, Identity, SecretId};
use courrier_store::{NewSecret, Purpose, SaveAccount, Saved, SecretLock, Storage, Store, StoreError, Target};
use proptest::prelude::*;

const ADDRESSES: [&str; 5] = ["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"];

/// Where the process dies during a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Death {
    AfterIntent,
    AfterWrite,
    AfterSave,
    AfterDelete,
    Never,
}

#[derive(Debug, Clone)]
struct Change {
    primary: Option<bool>,
    host: Option<u8>,
    identities: Option<u8>,
    secrets: Vec<Purpose>,
    drop_outgoing: bool,
    death: Death,
}

#[derive(Debug, Clone)]
enum Step {
    Add { address: usize, change: Change },
    Edit { place: usize, address: Option<usize>, change: Change },
    BeginRemoval { place: usize, seconds: i64 },
    UndoRemoval { place: usize },
    Remove { place: usize, death: Death },
    Recover,
    Reopen,
}

impl Step {
    fn death(&self) -> Death {
        match self {
            Self::Add { change, .. } | Self::Edit { change, .. } => change.death,
            Self::Remove { death, .. } => *death,
            _ => Death::Never,
        }
    }
}

fn death() -> impl Strategy<Value = Death> {
    prop_oneof![
        6 => Just(Death::Never), 1 => Just(Death::AfterIntent), 1 => Just(Death::AfterWrite),
        1 => Just(Death::AfterSave), 1 => Just(Death::AfterDelete)
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let secrets = prop_oneof![
        Just(vec![]),
        Just(vec![Purpose::Incoming]),
        Just(vec![Purpose::Outgoing]),
        Just(vec![Purpose::Incoming, Purpose::Outgoing])
    ];
    (
        any::<Option<bool>>(),
        proptest::option::of(0..3_u8),
        proptest::option::of(0..3_u8),
        secrets,
        any::<bool>(),
        death(),
    )
        .prop_map(|(primary, host, identities, secrets, drop_outgoing, death)| Change {
            primary,
            host,
            identities,
            secrets,
            drop_outgoing,
            death,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0..5_usize;
    let address = 0..ADDRESSES.len();
    prop_oneof![
        4 => (address.clone(), change()).prop_map(|(address, change)| Step::Add { address, change }),
        3 => (place.clone(), proptest::option::of(address), change())
            .prop_map(|(place, address, change)| Step::Edit { place, address, change }),
        2 => (place.clone(), 0..6_i64).prop_map(|(place, seconds)| Step::BeginRemoval { place, seconds }),
        2 => place.clone().prop_map(|place| Step::UndoRemoval { place }),
        1 => (place, death()).prop_map(|(place, death)| Step::Remove { place, death }),
        1 => Just(Step::Recover),
        1 => Just(Step::Reopen),
    ]
}

/// What the store should hold.
#[derive(Debug, Clone)]
struct Expected {
    id: AccountId,
    address: usize,
    host: u8,
    identities: u8,
    primary: bool,
    had_primary: bool,
    removal_until: Option<i64>,
    incoming: Option<SecretId>,
    outgoing: Option<SecretId>,
}

/// The program around the store: the model, a keyring, and the processes that use both.
struct World {
    home: tempfile::TempDir,
    store: Store,
    accounts: Vec<Expected>,
    keyring: HashSet<SecretId>,
    now: i64,
}

impl World {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("made");
        let store = Store::open(home.path()).expect("opened");
        Self { home, store, accounts: Vec::new(), keyring: HashSet::new(), now: 0 }
    }

    fn take(&mut self, step: Step) {
        self.now += 1;
        match step {
            Step::Add { address, change } => self.add(address, change),
            Step::Edit { place, address, change } => self.edit(place, address, change),
            Step::BeginRemoval { place, seconds } => self.begin_removal(place, self.now + seconds),
            Step::UndoRemoval { place } => self.undo_removal(place),
            Step::Remove { place, death } => self.remove(place, death),
            Step::Recover => self.recover(),
            Step::Reopen => self.reopen(),
        }
    }

    fn reopen(&mut self) {
        self.store = Store::open(self.home.path()).expect("opened");
    }

    /// What every process does at its start.
    fn recover(&mut self) {
        let lock = self.store.try_secret_lock().expect("asked").expect("nobody alive holds it");
        let due = self.store.removals_due(at(self.now)).expect("read");
        let expected: HashSet<_> = self.due().collect();
        assert_eq!(due.iter().copied().collect::<HashSet<_>>(), expected);
        for id in due {
            self.store.finish_removal(id, at(self.now)).expect("finished");
            self.accounts.retain(|account| account.id != id);
        }
        self.elect();
        for intent in self.store.pending_intents().expect("read") {
            assert!(!intent.referenced, "{intent:?} is in use");
            self.keyring.remove(&intent.id);
            self.store.forget_intent(intent.id).expect("forgotten");
        }
        drop(lock);
        assert_eq!(self.keyring, self.in_use(), "nothing is lost and nothing is left over");
    }

    fn due(&self) -> impl Iterator<Item = AccountId> {
        let now = self.now;
        self.accounts.iter().filter(move |a| a.removal_until.is_some_and(|until| until <= now)).map(|a| a.id)
    }

    fn in_use(&self) -> HashSet<SecretId> {
        self.accounts.iter().flat_map(|account| [account.incoming, account.outgoing]).flatten().collect()
    }

    /// Steps 1 to 3; `None` if the process died before it could save.
    fn save(&mut self, target: Target, change: &Change) -> Option<(SecretLock, Attempt)> {
        let lock = self.store.secret_lock().expect("nobody else lives");
        let mut secrets = Vec::new();
        for purpose in &change.secrets {
            let id = self.store.begin_write(Storage::Keyring, at(self.now)).expect("noted");
            if change.death == Death::AfterIntent {
                return None;
            }
            self.keyring.insert(id);
            secrets.push(NewSecret { purpose: *purpose, id });
        }
        if change.death <= Death::AfterWrite {
            return None;
        }
        let mut request = SaveAccount::new(target, at(self.now));
        request.secrets.clone_from(&secrets);
        request.drop_outgoing = change.drop_outgoing;
        let answer = self.store.save(request);
        Some((lock, Attempt { answer, secrets }))
    }

    /// Steps 4 and 5, as far as the process lives.
    fn retire(&mut self, entries: impl IntoIterator<Item = SecretId>, death: Death) {
        for id in entries {
            if death <= Death::AfterSave {
                return;
            }
            assert!(!self.in_use().contains(&id), "a secret in use is retired");
            self.keyring.remove(&id);
            if death == Death::AfterDelete {
                return;
            }
            self.store.forget_intent(id).expect("forgotten");
        }
    }

    fn add(&mut self, address: usize, change: Change) {
        let mut given = AccountDraft { primary: change.primary == Some(true), ..draft(ADDRESSES[address]) };
        given.imap = host(change.host.unwrap_or_default());
        given.identities = identities(change.identities.unwrap_or_default());
        let Some((_lock, attempt)) = self.save(Target::New(given), &change) else { return };
        let saved = attempt.answer.expect("an address can always be added");
        let known = self.accounts.iter().position(|account| account.address == address);
        assert_eq!(saved.created, known.is_none());
        let place = match known {
            Some(place) => {
                self.reveal(place);
                place
            }
            None => {
                self.accounts.push(Expected::new(saved.account.id, address));
                self.accounts.len() - 1
            }
        };
        let account = &mut self.accounts[place];
        assert_eq!(account.id, saved.account.id);
        account.host = change.host.unwrap_or_default();
        account.identities = change.identities.filter(|count| *count > 0).unwrap_or(account.identities);
        account.point(&attempt.secrets, change.drop_outgoing);
        if change.primary == Some(true) {
            self.choose(place);
        }
        self.elect();
        self.retire(saved.retired.iter().map(|secret| secret.id), change.death);
    }

    fn edit(&mut self, place: usize, address: Option<usize>, change: Change) {
        let Some(Expected { id, removal_until, .. }) = self.accounts.get(place).cloned() else { return };
        let edit = AccountEdit {
            address: address.map(|address| ADDRESSES[address].parse().expect("valid")),
            primary: change.primary,
            imap: change.host.map(host),
            identities: change.identities.map(identities),
            ..AccountEdit::default()
        };
        let Some((_lock, attempt)) = self.save(Target::Existing(id, edit), &change) else { return };
        let other = self.accounts.iter().find(|other| other.id != id && Some(other.address) == address).cloned();
        let saved = match (attempt.answer, &other) {
            (Ok(saved), _) => saved,
            (Err(error), other) => {
                match (&error, other) {
                    (StoreError::AddressTaken { id }, Some(other)) => {
                        assert_eq!((*id, other.removal_until), (other.id, None));
                    }
                    (StoreError::NotFound, _) => assert!(removal_until.is_some()),
                    _ => panic!("{error}"),
                }
                // The secrets that were written for it are taken back.
                return self.retire(attempt.secrets.iter().map(|secret| secret.id), change.death);
            }
        };
        assert!(removal_until.is_none() && other.as_ref().is_none_or(|other| other.removal_until.is_some()));
        if let Some(other) = other {
            self.accounts.retain(|account| account.id != other.id);
        }
        let place = self.accounts.iter().position(|account| account.id == id).expect("there");
        let account = &mut self.accounts[place];
        account.address = address.unwrap_or(account.address);
        account.host = change.host.unwrap_or(account.host);
        account.identities = change.identities.unwrap_or(account.identities);
        account.point(&attempt.secrets, change.drop_outgoing);
        match change.primary {
            Some(true) => self.choose(place),
            Some(false) if self.accounts[place].primary => {
                let other = self.accounts.iter().position(|other| other.id != id && other.removal_until.is_none());
                if let Some(other) = other {
                    self.give(other);
                }
            }
            _ => {}
        }
        self.retire(saved.retired.iter().map(|secret| secret.id), change.death);
    }

    fn begin_removal(&mut self, place: usize, until: i64) {
        let Some(account) = self.accounts.get_mut(place) else { return };
        let answer = self.store.begin_removal(account.id, at(until));
        assert_eq!(answer.is_ok(), account.removal_until.is_none());
        if answer.is_ok() {
            account.removal_until = Some(until);
            account.had_primary = std::mem::take(&mut account.primary);
            self.elect();
        }
    }

    fn undo_removal(&mut self, place: usize) {
        let Some(account) = self.accounts.get(place) else { return };
        assert_eq!(self.store.undo_removal(account.id).is_ok(), account.removal_until.is_some());
        self.reveal(place);
    }

    fn remove(&mut self, place: usize, death: Death) {
        let Some(account) = self.accounts.get(place).cloned() else { return };
        let retired = self.store.remove(account.id, at(self.now)).expect("there");
        let entries: HashSet<_> = retired.iter().map(|secret| secret.id).collect();
        assert_eq!(entries, [account.incoming, account.outgoing].into_iter().flatten().collect());
        self.accounts.remove(place);
        self.elect();
        self.retire(entries, death);
    }

    fn reveal(&mut self, place: usize) {
        let account = &mut self.accounts[place];
        if account.removal_until.take().is_some() && std::mem::take(&mut account.had_primary) {
            self.give(place);
        }
        self.elect();
    }

    fn choose(&mut self, place: usize) {
        self.accounts.iter_mut().for_each(|account| account.had_primary = false);
        self.give(place);
    }

    fn give(&mut self, place: usize) {
        for (other, account) in self.accounts.iter_mut().enumerate() {
            account.primary = other == place;
        }
    }

    fn elect(&mut self) {
        let oldest = self.accounts.iter().position(|account| account.removal_until.is_none());
        if let (Some(oldest), false) = (oldest, self.accounts.iter().any(|account| account.primary)) {
            self.give(oldest);
        }
    }

    /// The store says what the model says.
    fn compare(&self) {
        let accounts = self.store.accounts().expect("listed");
        let visible: Vec<&Expected> = self.accounts.iter().filter(|account| account.removal_until.is_none()).collect();
        assert_eq!(accounts.iter().filter(|account| account.primary).count(), usize::from(!visible.is_empty()));
        assert_eq!(accounts.len(), visible.len());
        for (account, expected) in accounts.iter().zip(visible) {
            assert_eq!((account.id, account.address.to_string().as_str()), (expected.id, ADDRESSES[expected.address]));
            assert_eq!(account.primary, expected.primary, "{}", account.address);
            assert_eq!(account.imap, host(expected.host));
            assert_eq!(account.identities, identities(expected.identities));
            assert_eq!(account.has_secret, expected.incoming.is_some());
            assert_eq!(account.has_sending_secret, expected.outgoing.is_some());
        }
        for account in &self.accounts {
            let secret = |purpose| self.store.secret_of(account.id, purpose).expect("read").map(|secret| secret.id);
            assert_eq!((secret(Purpose::Incoming), secret(Purpose::Outgoing)), (account.incoming, account.outgoing));
        }
        assert!(self.keyring.is_superset(&self.in_use()), "a working secret is gone");
        for intent in self.store.pending_intents().expect("read") {
            assert!(!intent.referenced, "{intent:?} is in use");
        }
    }
}

/// What came of a save, and the secrets that were written for it.
struct Attempt {
    answer: Result<Saved, StoreError>,
    secrets: Vec<NewSecret>,
}

impl Expected {
    fn new(id: AccountId, address: usize) -> Self {
        let (host, identities, primary, had_primary) = (0, 0, false, false);
        let (removal_until, incoming, outgoing) = (None, None, None);
        Self { id, address, host, identities, primary, had_primary, removal_until, incoming, outgoing }
    }

    fn point(&mut self, secrets: &[NewSecret], drop_outgoing: bool) {
        for secret in secrets {
            match secret.purpose {
                Purpose::Incoming => self.incoming = Some(secret.id),
                Purpose::Outgoing => self.outgoing = Some(secret.id),
                Purpose::OAuth => panic!("a token slot goes another way: tests/oauth.rs"),
            }
        }
        if drop_outgoing {
            self.outgoing = None;
        }
    }
}

fn host(number: u8) -> Endpoint {
    endpoint(&format!("imap{number}.example.test:993/tls"), "someone")
}

fn identities(count: u8) -> Vec<Identity> {
    (0..count).map(|number| identity(&format!("also{number}@example.test"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_history_ends_well(steps in proptest::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in steps {
            let dies = step.death() != Death::Never;
            world.take(step);
            if dies {
                world.reopen();
            }
            world.compare();
        }
        world.reopen();
        world.recover();
        world.compare();
        world.store.verify().expect("sound");
    }
}
