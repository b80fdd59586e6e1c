//! Listing and searching many accounts, beside bare queries for the same rows.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use courrier_app::{Courrier, Language, MemoryStore, Ports};
use courrier_tests::built;
use rusqlite::{Connection, OpenFlags};

use crate::document::{Section, row};
use crate::sample::{median, summary, verdict};
use crate::{machine, runs};

const ACCOUNTS: u32 = 10_000;
/// Ours may take so many times as long as the bare query.
const GOAL: f64 = 3.0;
/// A search that finds a quarter of all, with an accent that must not matter, and one that finds few.
const SEARCHES: [(&str, &str); 2] = [("Hélène", "helene"), ("person4242@", "person4242@")];
/// Every column that a list shows.
const ROWS: &str = "SELECT a.*, EXISTS (SELECT 1 FROM secret s WHERE s.account_id = a.id AND s.purpose = 'incoming'), \
                    EXISTS (SELECT 1 FROM secret s WHERE s.account_id = a.id AND s.purpose = 'outgoing') \
                    FROM account a WHERE a.removal_until IS NULL";
const IDENTITIES: &str = "SELECT account_id, address, name FROM identity ORDER BY account_id, ordinal";

/// Wall time in milliseconds.
fn time<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let done = work();
    (started.elapsed().as_secs_f64() * 1000.0, done)
}

/// A whole process, its output to a file as a script would have it.
fn process(command: &mut Command, output: &Path) -> f64 {
    let file = File::create(output).expect("a file can be made");
    let (ms, status) = time(|| command.stdin(Stdio::null()).stdout(file).status());
    assert!(status.expect("it can be run").success(), "{command:?}");
    assert!(output.metadata().expect("the file is there").len() > u64::from(ACCOUNTS) * 20, "{command:?} says little");
    ms
}

/// Steps through all rows and touches each value, as the least that a program must do to show them.
fn bare(connection: &Connection, sql: &str, parameters: &[&str]) -> usize {
    let mut statement = connection.prepare_cached(sql).expect("a query");
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters)).expect("an answer");
    let mut count = 0;
    while let Some(row) = rows.next().expect("a row") {
        for column in 0..columns {
            std::hint::black_box(row.get_ref(column).expect("a value"));
        }
        count += 1;
    }
    count
}

/// Measures.
pub(crate) fn run() -> Section {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path().join("home");
    fill(&home);
    let database = home.join("courrier.db");
    let output = folder.path().join("output");
    let secrets = std::sync::Arc::new(MemoryStore::new());
    let ports = Ports { secrets, language: Language::English, ..Ports::system() };
    let courrier = Courrier::open(Some(&home), ports).expect("the home opens");
    let connection = Connection::open_with_flags(&database, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file opens");
    let program = built("courrier", "courrier-cli");
    let list = |kind: &[&str]| {
        process(Command::new(&program).arg("--home").arg(&home).args(["account", "list"]).args(kind), &output)
    };
    let sqlite3 = |mode: &[&str]| {
        let sql = format!("{ROWS} ORDER BY a.position; {IDENTITIES};");
        process(Command::new("sqlite3").arg("-readonly").args(mode).arg(&database).arg(sql), &output)
    };
    let (mut ours, mut ours_plain, mut theirs, mut theirs_json) = (vec![], vec![], vec![], vec![]);
    let mut searches = SEARCHES.map(|words| (words, vec![], vec![], 0));
    let runs = runs(20);
    for _ in 0..=runs {
        ours.push(list(&["--json"]));
        theirs.push(sqlite3(&[]));
        ours_plain.push(list(&[]));
        theirs_json.push(sqlite3(&["-json"]));
        for ((words, folded), ours, theirs, found) in &mut searches {
            let (ms, ids) = time(|| courrier.search(words).expect("a search"));
            ours.push(ms);
            let sql = format!("{ROWS} AND instr(a.search_text, ?1) > 0 ORDER BY a.position");
            let (ms, count) = time(|| {
                bare(&connection, IDENTITIES, &[]);
                bare(&connection, &sql, &[folded])
            });
            theirs.push(ms);
            assert_eq!(ids.len(), count, "both find the same");
            *found = count;
        }
    }
    // The first of each filled the caches.
    for series in [&mut ours, &mut ours_plain, &mut theirs, &mut theirs_json] {
        series.remove(0);
    }
    let mut rows = vec![row(["what", "ours, ms", "bare query, ms", "times the query"])];
    let mut verdicts = Vec::new();
    let mut compare = |what: &str, goal: Option<&str>, ours: &[f64], theirs: &[f64]| {
        let share = format!("{:.2}", median(ours) / median(theirs));
        rows.push(row([what, &summary(ours, 1), &summary(theirs, 1), &share]));
        verdicts.extend(goal.map(|goal| verdict(goal, ours, theirs, GOAL)));
    };
    compare(
        "`courrier account list --json`, beside `sqlite3` with its own format",
        Some("`account list --json`"),
        &ours,
        &theirs,
    );
    compare("`courrier account list`, beside the same", None, &ours_plain, &theirs);
    compare("`courrier account list --json`, beside `sqlite3 -json`", None, &ours, &theirs_json);
    for ((words, _), ours, theirs, found) in &mut searches {
        ours.remove(0);
        theirs.remove(0);
        let what = format!("a search for `{words}`, {found} found, beside the query in the same process");
        compare(&what, Some(&format!("A search that finds {found}")), ours, theirs);
    }
    Section {
        title: "Many accounts",
        about: format!(
            "{ACCOUNTS} accounts in one file. A list is a whole process that writes to a file; a search is a call of the \
             use case that the window asks while a person types, and the bare query reads the same rows by SQLite's \
             own interface. Each ran {runs} times."
        ),
        rows,
        verdicts,
        measured: format!("{}: {}", machine::today(), machine::description(&[("sqlite3", &["--version"])])),
    }
}

/// Fills the home with the store's own example.
fn fill(home: &Path) {
    let program: PathBuf = built("examples/fill", "courrier-store --example fill");
    let status = Command::new(program).arg(home).arg(ACCOUNTS.to_string()).stderr(Stdio::null()).status();
    assert!(status.expect("fill can be run").success(), "fill fails");
}
