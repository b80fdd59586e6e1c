//! Every table with its columns, for copying all of them between the two databases. A test compares the list with
//! the schema, so that a new column can't be forgotten in backups.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// An id: `uuid` in PostgreSQL, its text in SQLite.
    Id,
    /// A text.
    Text,
    /// A whole number, a time among them.
    Number,
    /// Bytes.
    Bytes,
}

/// One table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Holds)],
}

use Holds::{Bytes, Id, Number, Text};

/// All tables; what others refer to comes before them.
pub(crate) const TABLES: &[Table] = &[
    Table { name: "instance", columns: &[("one", Number), ("sync_id", Id), ("created_at", Number)] },
    Table {
        name: "person",
        columns: &[
            ("id", Id),
            ("issuer", Text),
            ("subject", Text),
            ("email", Text),
            ("name", Text),
            ("created_at", Number),
            ("sync_id", Id),
            ("revision", Number),
            ("purged_revision", Number),
            ("record_count", Number),
        ],
    },
    Table { name: "replaced_history", columns: &[("sync_id", Id), ("person_id", Id), ("replaced_at", Number)] },
    Table {
        name: "device",
        columns: &[
            ("id", Id),
            ("person_id", Id),
            ("name", Text),
            ("platform", Text),
            ("thumbprint", Text),
            ("created_at", Number),
            ("last_seen_at", Number),
            ("last_address", Text),
            ("session_id", Text),
            ("session_expires_at", Number),
            ("session_ended_at", Number),
            ("revoked_at", Number),
        ],
    },
    Table {
        name: "record",
        columns: &[
            ("person_id", Id),
            ("id", Id),
            ("kind", Text),
            ("revision", Number),
            ("write_id", Id),
            ("body", Text),
            ("address_key", Text),
            ("origin", Number),
            ("written_at", Number),
        ],
    },
    Table {
        name: "mutation",
        columns: &[("person_id", Id), ("id", Id), ("fingerprint", Bytes), ("outcome", Text), ("answered_at", Number)],
    },
    Table {
        name: "audit",
        columns: &[
            ("sequence", Number),
            ("at", Number),
            ("person_id", Id),
            ("device_id", Id),
            ("action", Text),
            ("target", Text),
            ("address", Text),
        ],
    },
];

impl Table {
    /// The names of its columns, separated by commas.
    pub(crate) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rusqlite::Connection;

    use super::*;

    #[test]
    fn no_table_and_no_column_is_forgotten() {
        let mut file = Connection::open_in_memory().expect("opened");
        crate::storage::sqlite::schema::migrate(&mut file, courrier_model::Timestamp::UNIX_EPOCH).expect("made");
        let mut ask = file
            .prepare(
                "SELECT s.name || '.' || c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c
                 WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%'",
            )
            .expect("prepared");
        let in_schema: BTreeSet<String> =
            ask.query_map([], |row| row.get(0)).expect("asked").map(|n| n.expect("read")).collect();
        let listed: BTreeSet<String> = TABLES
            .iter()
            .flat_map(|table| table.columns.iter().map(|(column, _)| format!("{}.{column}", table.name)))
            .collect();
        assert_eq!(listed, in_schema);
    }
}
