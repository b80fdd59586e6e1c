//! What the schedules ask of a server.

use courrier_model::RecordId;
use courrier_wire::{Page, Push, PushAnswer, Record, Reset};

use crate::Pull;

/// One person's data on a server that can be put back to an earlier state. Errors of the server itself are a
/// schedule's failure.
pub trait Server {
    /// GET changes.
    fn pull(&mut self, pull: &Pull) -> Result<Page, Reset>;
    /// POST changes.
    fn push(&mut self, push: &Push) -> Result<PushAnswer, Reset>;
    /// Every record, tombstones too.
    fn records(&mut self) -> Vec<Record>;
    /// Keeps a copy of everything; answers its number.
    fn back_up(&mut self) -> usize;
    /// Goes back to a copy, as the operator's command does.
    fn restore(&mut self, copy: usize);
    /// Loses everything, as a new machine does.
    fn set_up_anew(&mut self);
    /// Forgets deletions that no device can need: as if the horizon had passed for all of them.
    fn purge(&mut self);

    /// The live records.
    fn live(&mut self) -> Vec<Record> {
        let mut records = self.records();
        records.retain(|record| !record.deleted);
        records
    }

    /// True if the record is live.
    fn has(&mut self, id: RecordId) -> bool {
        self.live().iter().any(|record| record.id == id)
    }
}
