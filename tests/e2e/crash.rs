//! What the crash tests share: a data folder whose two stores, database and keyring, are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use courrier_tests::{Ca, Cli, Crashing, KeyringSession};
use rusqlite::Connection;
use serde_json::Value;

/// The account that changes while a process dies.
pub(crate) const TARGET: &str = "target@example.test";
/// An account that nobody touches.
pub(crate) const BYSTANDER: &str = "bystander@example.test";

/// An account as it is kept: what must be old as a whole or new as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Stands in the account's name and in the names of its servers.
    pub(crate) settings: String,
    pub(crate) incoming: String,
    pub(crate) sending: String,
}

/// Settings and passwords that can be told from all others.
pub(crate) fn kept(settings: &str, incoming: &str, sending: &str) -> Kept {
    Kept { settings: settings.into(), incoming: incoming.into(), sending: sending.into() }
}

/// A data folder on a session with a keyring.
pub(crate) struct Home {
    pub(crate) cli: Cli,
}

impl Home {
    pub(crate) fn new(session: &KeyringSession) -> Self {
        Self { cli: Cli::new(&Ca::new()).keyring(session) }
    }

    /// The same, with the untouched account in it.
    pub(crate) fn with_bystander(session: &KeyringSession) -> Self {
        let home = Self::new(session);
        home.add(BYSTANDER, &bystander());
        home
    }

    pub(crate) fn crashing(&self) -> Crashing<'_> {
        Crashing::of(&self.cli)
    }

    pub(crate) fn add(&self, address: &str, account: &Kept) {
        // Where both are one password, only one is given.
        let sending = if account.sending == account.incoming { "" } else { &account.sending };
        self.crashing().run(&["add", address, &account.settings], [&account.incoming, sending]);
    }

    /// All accounts, by the program that a person runs, which also finishes what an earlier process began.
    pub(crate) fn list(&self) -> Vec<Value> {
        let outcome = self.cli.json(&["account", "list"], "");
        assert_eq!(outcome.status, 0, "{outcome}");
        outcome.json.as_array().expect("a list").clone()
    }

    /// All accounts with their secrets, each of which is there, and from one and the same state.
    pub(crate) fn read(&self) -> BTreeMap<String, Kept> {
        let all = self.crashing().read();
        let all = all.as_object().expect("accounts by address");
        all.iter().map(|(address, found)| (address.clone(), as_kept(found))).collect()
    }

    /// Runs an ordinary command, then asserts that the two stores agree: no change is left in the middle, and the
    /// keyring has exactly the entries that the database points to.
    pub(crate) fn is_sound(&self, session: &KeyringSession) {
        self.list();
        assert_eq!(self.intents(), 0, "changes that were left in the middle");
        assert_eq!(self.entries(session), self.pointers());
    }

    /// Changes that were begun and not seen through.
    pub(crate) fn intents(&self) -> u32 {
        self.database().query_row("SELECT count(*) FROM secret_intent", [], |row| row.get(0)).expect("a number")
    }

    /// What the database points to, as entries are named in the keyring.
    pub(crate) fn pointers(&self) -> BTreeSet<String> {
        let database = self.database();
        let mut statement = database.prepare("SELECT home.id || '/' || secret.id FROM home, secret").expect("a query");
        let names = statement.query_map([], |row| row.get(0)).expect("rows");
        names.map(|name| name.expect("text")).collect()
    }

    /// The entries of this home that the keyring has.
    pub(crate) fn entries(&self, session: &KeyringSession) -> BTreeSet<String> {
        let home: String = self.database().query_row("SELECT id FROM home", [], |row| row.get(0)).expect("an id");
        all_entries(session).into_iter().filter(|name| name.starts_with(&home)).collect()
    }

    /// Lets the time pass in which removals can be undone.
    pub(crate) fn time_to_undo_passes(&self) {
        let changed = self.database().execute("UPDATE account SET removal_until = 1 WHERE removal_until > 1", []);
        assert_eq!(changed, Ok(1));
    }

    pub(crate) fn database_file(&self) -> PathBuf {
        self.cli.home().join("courrier.db")
    }

    fn database(&self) -> Connection {
        Connection::open(self.database_file()).expect("the database opens")
    }
}

/// The untouched account.
pub(crate) fn bystander() -> Kept {
    kept("quiet", "bystander's own", "bystander's own")
}

fn as_kept(found: &Value) -> Kept {
    let account = &found["account"];
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("not there: {found}")).to_owned();
    let settings = text(&account["name"]);
    assert_eq!(account["imap"]["host"], format!("imap.{settings}.example.test"), "mixed settings: {found}");
    assert_eq!(account["smtp"]["host"], format!("smtp.{settings}.example.test"), "mixed settings: {found}");
    assert_eq!(account["has_secret"], true, "{found}");
    Kept { settings, incoming: text(&found["incoming"]), sending: text(&found["sending"]) }
}

/// Every entry of Courrier, whichever home it belongs to: the product itself never lists them.
pub(crate) fn all_entries(session: &KeyringSession) -> BTreeSet<String> {
    let mut command = Command::new("secret-tool");
    command.args(["search", "--all", "service", "courrier"]).envs(session.environment());
    let output = command.output().expect("secret-tool is installed");
    // Attributes stand among its complaints.
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let names: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("attribute.username = ")).collect();
    let different: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(names.len(), different.len(), "an entry is there twice: {names:?}");
    different
}
