//! Changes to secrets whose keyring fails in the middle, or whose account is refused in the end: nothing is lost,
//! nothing is left behind, and nothing happens that was not announced before.
// The configuration that lets tests panic does not reach their helper functions.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use courrier_app::{
    AccountChange, AppError, Courrier, EndpointChange, ExposeSecret, Language, NewAccount, Ports, Run, Secret,
};
use courrier_secrets::{EncryptedFile, Fault, MemoryStore, SecretError, SecretKey, SecretStore, StoreKind, StoreState};
use courrier_store::{Intent, IntentKind, Purpose, Store};

const TARGET: &str = "target@example.test";
const BYSTANDER: &str = "bystander@example.test";
const PASSPHRASE: &str = "four words in a row";

/// The passwords for receiving and for sending.
type Passwords = [&'static str; 2];

const QUIET: Passwords = ["bystander's own", "bystander's own"];
const STALE: Passwords = ["stale", "stale to send"];

/// What a person does, as what the account is before and after it; none: it is not there.
const CHANGES: [(Option<Passwords>, Option<Passwords>); 6] = [
    (None, Some(["fresh", "fresh"])),
    (None, Some(["fresh", "fresh to send"])),
    (Some(["stale", "stale"]), Some(["fresh", "fresh"])),
    (Some(STALE), Some(["fresh", "fresh to send"])),
    (Some(STALE), Some(["fresh", "fresh"])),
    (Some(STALE), None),
];

/// The most operations on single entries that one of these changes takes: two writes, each read back, two removals.
const OPERATIONS: u64 = 6;

/// A keyring that does only what the journal announces: so whoever dies at any moment leaves nothing that the next
/// start does not know of, and no secret goes while an account needs it.
#[derive(Clone)]
struct Watched {
    keyring: MemoryStore,
    home: PathBuf,
}

impl Watched {
    fn announced(&self, key: &SecretKey) -> Intent {
        let intents = intents(&self.home);
        *intents.iter().find(|intent| intent.id == key.id).unwrap_or_else(|| panic!("not announced: {intents:?}"))
    }
}

impl SecretStore for Watched {
    fn state(&self) -> StoreState {
        self.keyring.state()
    }

    fn unlock(&self) -> Result<(), SecretError> {
        self.keyring.unlock()
    }

    fn put(&self, key: &SecretKey, secret: &Secret) -> Result<(), SecretError> {
        assert_eq!(self.announced(key).kind, IntentKind::Write);
        self.keyring.put(key, secret)
    }

    fn get(&self, key: &SecretKey) -> Result<Option<Secret>, SecretError> {
        self.keyring.get(key)
    }

    fn delete(&self, key: &SecretKey) -> Result<(), SecretError> {
        assert!(!self.announced(key).referenced, "an account needs it");
        self.keyring.delete(key)
    }

    fn kind(&self) -> StoreKind {
        self.keyring.kind()
    }
}

/// A data folder and a keyring.
struct World {
    home: tempfile::TempDir,
    keyring: MemoryStore,
}

impl World {
    fn new() -> Self {
        let world = Self { home: tempfile::tempdir().expect("made"), keyring: MemoryStore::new() };
        perform(&world.open(), BYSTANDER, None, Some(QUIET)).expect("added");
        world
    }

    /// What a start does, which first finishes what was left over.
    fn open(&self) -> Arc<Courrier> {
        let secrets = Arc::new(Watched { keyring: self.keyring.clone(), home: self.home.path().to_owned() });
        let ports = Ports { secrets, language: Language::English, ..Ports::system() };
        Courrier::open(Some(self.home.path()), ports).expect("the home opens")
    }

    /// Both stores agree, and the accounts are these beside the bystander.
    fn is_whole(&self, courrier: &Courrier, target: Option<Passwords>, context: &str) {
        assert_eq!(intents(self.home.path()), [], "{context}");
        let mut expected = BTreeMap::from([(BYSTANDER.to_owned(), QUIET.map(str::to_owned))]);
        expected.extend(target.map(|passwords| (TARGET.to_owned(), passwords.map(str::to_owned))));
        assert_eq!(accounts(courrier), expected, "{context}");
        assert_eq!(self.keyring.len(), pointers(self.home.path()), "{context}");
    }
}

fn intents(home: &Path) -> Vec<Intent> {
    Store::open(home).expect("opened").pending_intents().expect("read")
}

/// How many secrets the database points to.
fn pointers(home: &Path) -> usize {
    let store = Store::open(home).expect("opened");
    let accounts = store.accounts().expect("listed");
    let secrets = accounts.iter().flat_map(|account| {
        [Purpose::Incoming, Purpose::Outgoing].map(|purpose| store.secret_of(account.id, purpose).expect("read"))
    });
    secrets.flatten().count()
}

/// Every account's passwords by its address.
fn accounts(courrier: &Courrier) -> BTreeMap<String, [String; 2]> {
    let passwords = |id: &str| {
        // Exposed to compare them with what was stored.
        [false, true].map(|sending| courrier.reveal_secret(id, sending).expect("there").expose_secret().to_owned())
    };
    let accounts = courrier.accounts().expect("listed");
    accounts.into_iter().map(|account| (account.address, passwords(&account.id))).collect()
}

/// Adds, changes or removes the account.
fn perform(
    courrier: &Arc<Courrier>,
    address: &str,
    before: Option<Passwords>,
    after: Option<Passwords>,
) -> Result<(), AppError> {
    let Some([receiving, sending]) = after else { return courrier.remove_now(address).map(drop) };
    let password = Some(Secret::from(receiving));
    // Where both are one password, only one is given.
    let sending = (sending != receiving).then(|| Secret::from(sending));
    if before.is_some() {
        return courrier.change_account(address, &AccountChange::default(), password, sending).map(drop);
    }
    let server = |server: &str| EndpointChange { server: Some(server.to_owned()), ..EndpointChange::default() };
    let new = NewAccount {
        address: address.to_owned(),
        imap: server("imap.example.test:993/tls"),
        smtp: server("smtp.example.test:465/tls"),
        ..NewAccount::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(courrier.add_given(Run::silent(), new, password, sending, true)).map(drop)
}

/// One change, with a keyring that fails at each of its operations.
fn fails_at_any_moment(before: Option<Passwords>, after: Option<Passwords>) {
    for (takes_effect, lasting) in [(false, false), (false, true), (true, false), (true, true)] {
        for at in 0..=OPERATIONS {
            let fault = Fault { after: at, takes_effect, lasting };
            let context = format!("{before:?} to {after:?} with {fault:?}");
            let world = World::new();
            let courrier = world.open();
            if before.is_some() {
                perform(&courrier, TARGET, None, before).expect("added");
            }
            world.keyring.fail(fault);
            let done = perform(&courrier, TARGET, before, after);
            world.keyring.heal();
            let target = if done.is_ok() { after } else { before };
            if at == 0 {
                assert_eq!(done.is_ok(), after.is_none(), "only a removal does not need the keyring: {context}");
            } else if at == OPERATIONS {
                assert!(done.is_ok(), "{context}");
            }
            if done.is_err() && !lasting {
                world.is_whole(&courrier, target, &format!("{context}, at once"));
            }
            drop(courrier);
            world.is_whole(&world.open(), target, &context);
        }
    }
}

#[test]
fn a_keyring_that_fails_at_any_moment_loses_and_leaves_nothing() {
    // Side by side: nearly all of their time is waiting for the disk.
    std::thread::scope(|scope| {
        for (before, after) in CHANGES {
            scope.spawn(move || fails_at_any_moment(before, after));
        }
    });
}

#[test]
fn new_passwords_of_an_account_that_is_refused_go_and_the_old_ones_stay() {
    let world = World::new();
    let courrier = world.open();
    perform(&courrier, TARGET, None, Some(STALE)).expect("added");
    let change = AccountChange { address: Some(BYSTANDER.to_owned()), ..AccountChange::default() };
    let refused = courrier.change_account(TARGET, &change, Some("fresh".into()), Some("fresh to send".into()));
    assert_eq!(refused.expect_err("another account's").code(), "account.address_taken");
    world.is_whole(&courrier, Some(STALE), "at once");
}

#[test]
fn a_secret_in_use_stays_whatever_is_announced_about_it() {
    for kind in ["write", "delete"] {
        let world = World::new();
        perform(&world.open(), TARGET, None, Some(STALE)).expect("added");
        // No change leads here; a file put together from two backups could.
        let file = rusqlite::Connection::open(world.home.path().join("courrier.db")).expect("opened");
        let announced = file.execute(
            "INSERT INTO secret_intent (id, kind, storage, created_at) SELECT id, ?1, storage, 0 FROM secret",
            [kind],
        );
        assert_eq!(announced, Ok(3));
        drop(file);
        world.is_whole(&world.open(), Some(STALE), kind);
    }
}

#[test]
fn what_a_locked_file_still_has_goes_when_it_is_opened() {
    let world = World::new();
    let courrier = world.open();
    courrier.keep_secrets_in_file(&PASSPHRASE.into()).expect("made");
    perform(&courrier, TARGET, None, Some(STALE)).expect("added");
    let entries = || {
        let file = std::fs::read_to_string(world.home.path().join(EncryptedFile::FILE_NAME)).expect("there");
        file.lines().filter(|line| line.starts_with("entry ")).count()
    };
    assert_eq!((entries(), world.keyring.len()), (2, 1), "the bystander's stays where it was");
    // Another start: the file is locked.
    let courrier = world.open();
    assert_eq!(courrier.password(TARGET).expect_err("locked").code(), "keyring.locked");
    courrier.remove_now(TARGET).expect("removed");
    // One that the keyring did not let go comes behind them, and the keyring is open again.
    world.keyring.fail(Fault { after: 0, takes_effect: false, lasting: false });
    courrier.remove_now(BYSTANDER).expect("removed");
    assert_eq!((entries(), world.keyring.len()), (2, 1));
    let courrier = world.open();
    assert_eq!((entries(), world.keyring.len()), (2, 0), "only the file waits, for its passphrase");
    assert_eq!(intents(world.home.path()).len(), 2);
    courrier.unlock_secret_file(&PASSPHRASE.into()).expect("opened");
    assert_eq!(entries(), 0);
    assert_eq!(intents(world.home.path()), []);
}

#[test]
fn what_a_locked_keyring_still_has_goes_when_it_is_unlocked() {
    let world = World::new();
    let courrier = world.open();
    perform(&courrier, TARGET, None, Some(["stale", "stale"])).expect("added");
    world.keyring.fail(Fault { after: 0, takes_effect: false, lasting: false });
    courrier.remove_now(TARGET).expect("removed");
    world.keyring.set_state(StoreState::Locked);
    let courrier = world.open();
    assert_eq!((world.keyring.len(), intents(world.home.path()).len()), (2, 1), "waits");
    courrier.unlock_secrets().expect("opened");
    world.is_whole(&courrier, None, "the keyring is open");
}
