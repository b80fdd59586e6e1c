//! PostgreSQL: a database for every test.

use std::process::Command;

use courrier_tests::{Postgres, process};

/// What psql prints for this statement.
fn query(database: &str, statement: &str) -> String {
    let mut psql = Command::new(process::find("psql"));
    psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    process::finish(psql.args(["--command", statement, database])).trim().to_owned()
}

#[test]
fn a_database_takes_queries_and_no_other_sees_its_tables() {
    let (one, other) = (Postgres::shared().create_database(), Postgres::shared().create_database());
    query(&one, "CREATE TABLE letters (word text NOT NULL); INSERT INTO letters VALUES ('é')");
    assert_eq!(query(&one, "SELECT word FROM letters"), "é");
    assert_eq!(query(&other, "SELECT count(*) FROM pg_tables WHERE tablename = 'letters'"), "0");
    assert_eq!(query(&one, "SHOW server_encoding"), "UTF8");
}

#[test]
fn one_of_its_own_can_be_stopped() {
    let postgres = Postgres::start();
    let database = postgres.create_database();
    assert_eq!(query(&database, "SELECT 1"), "1");
    drop(postgres);
    let mut psql = Command::new(process::find("psql"));
    let output = psql.args(["--command", "SELECT 1", &database]).output().expect("psql can be run");
    assert!(!output.status.success(), "it still answers");
}
