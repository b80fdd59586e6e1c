//! Filling a page of changes.

use courrier_wire::{Page, Record};

use super::StorageError;
use super::cursor::Stand;
use super::ledger::Row;

/// Bytes of bodies in one page, about: a device on a slow line gets something to keep before it loses patience,
/// and no request holds more than this in memory. The first record always fits.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A page while it is filled, from the rows of a query for one more than it may hold.
pub(crate) struct Gathering {
    stand: Stand,
    room: usize,
    bytes: usize,
    changes: Vec<Record>,
    more: bool,
}

impl Gathering {
    pub(crate) fn new(stand: Stand, limit: u32) -> Self {
        // A page of nothing would never get on.
        let room = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self { stand, room, bytes: 0, changes: Vec::new(), more: false }
    }

    /// Takes the next row, in ascending order of revision; false: the page is full and wants no more.
    pub(crate) fn take(&mut self, row: &Row) -> Result<bool, StorageError> {
        let bytes = row.body.as_ref().map_or(0, String::len);
        let full = self.changes.len() >= self.room || self.bytes + bytes > PAGE_BYTES;
        if full && !self.changes.is_empty() {
            self.more = true;
            return Ok(false);
        }
        self.bytes += bytes;
        self.changes.push(row.record()?);
        Ok(true)
    }

    pub(crate) fn page(self) -> Page {
        let last = self.changes.last().map(|record| record.revision);
        let revision = if self.more { last.unwrap_or(self.stand.revision) } else { self.stand.revision };
        let Stand { sync_id, purged_revision: purged, .. } = self.stand;
        Page { sync_id, revision, changes: self.changes, more: self.more, purged }
    }
}

#[cfg(test)]
mod tests {
    use courrier_model::{RecordId, SyncId, WriteId};
    use courrier_wire::Kind;

    use super::*;

    fn row(revision: u64, bytes: usize) -> Row {
        Row {
            id: RecordId::random(),
            kind: Kind::Account,
            revision,
            write_id: WriteId::random(),
            body: Some(format!("{{\"x\":\"{}\"}}", "x".repeat(bytes))),
            address_key: None,
            origin: None,
        }
    }

    fn gather(limit: u32, rows: &[Row]) -> Page {
        let stand = Stand { sync_id: SyncId::random(), revision: 100, purged_revision: 0 };
        let mut gathering = Gathering::new(stand, limit);
        for row in rows {
            if !gathering.take(row).expect("readable") {
                break;
            }
        }
        gathering.page()
    }

    #[test]
    fn a_page_ends_where_its_next_begins() {
        let rows = [row(3, 1), row(7, 1), row(9, 1)];
        let page = gather(2, &rows);
        assert_eq!((page.changes.len(), page.revision, page.more), (2, 7, true));
        let page = gather(3, &rows);
        assert_eq!((page.changes.len(), page.revision, page.more), (3, 100, false));
    }

    #[test]
    fn large_records_make_short_pages_that_still_get_on() {
        let rows = [row(3, PAGE_BYTES), row(7, 1)];
        let page = gather(500, &rows);
        assert_eq!((page.changes.len(), page.revision, page.more), (1, 3, true));
        let page = gather(0, &rows);
        assert_eq!(page.changes.len(), 1);
    }
}
