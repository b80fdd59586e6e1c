//! Times listing and searching a data folder beside a bare loop over the same columns: `listing HOME [QUERY]`.
//! Each figure is the median of 21 runs in one process; build with `--release`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use courrier_store::Store;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

const COLUMNS: &str = "id, address, name, color, is_primary, imap_host, imap_port, imap_security, imap_username,
    imap_auth, smtp_host, smtp_port, smtp_security, smtp_username, smtp_auth, health_state, checked_at, problem_code,
    created_at, updated_at";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let home = arguments.next().ok_or("usage: listing HOME [QUERY]")?;
    let home = Path::new(&home);
    let query = arguments.next().unwrap_or_else(|| "helene 4".to_owned());
    let store = Store::open(home)?;
    let bare = Connection::open_with_flags(home.join("courrier.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let all = format!("SELECT {COLUMNS} FROM account WHERE removal_until IS NULL ORDER BY position");
    let found = format!(
        "SELECT {COLUMNS} FROM account WHERE removal_until IS NULL AND search_text LIKE '%' || ?1 || '%' ORDER BY position"
    );

    println!("{} accounts, {} with {query:?}", store.accounts()?.len(), store.search(&query)?.len());
    let list = median(|| Ok(store.accounts()?.len()))?;
    let bare_list = median(|| rows(&bare, &all, []))?;
    println!("list    {list:>10.2?}  bare {bare_list:>10.2?}  {:.2}x", list.as_secs_f64() / bare_list.as_secs_f64());
    let search = median(|| Ok(store.search(&query)?.len()))?;
    let bare_search = median(|| rows(&bare, &found, [&query]))?;
    println!(
        "search  {search:>10.2?}  bare {bare_search:>10.2?}  {:.2}x",
        search.as_secs_f64() / bare_search.as_secs_f64()
    );
    Ok(())
}

/// What any program must do at the least: step through the rows and own each value.
fn rows(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<usize, Box<dyn Error>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(parameters)?;
    let mut owned = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(match row.get_ref(column)? {
                ValueRef::Text(text) => String::from_utf8(text.to_vec())?,
                ValueRef::Integer(number) => number.to_string(),
                _ => String::new(),
            });
        }
        owned.push(values);
    }
    Ok(owned.len())
}

fn median(mut run: impl FnMut() -> Result<usize, Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
