//! For tests of whoever uses the store: a database in memory, and a program that dies at a chosen write.

use std::path::Path;

use rusqlite::Connection;

use crate::open::{self, Opened};
use crate::sync::version;
use crate::{Store, StoreError, Version, schema};

/// When a program dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the change is on the disk.
    BeforeCommit,
    /// After it is, before anybody knows.
    AfterCommit,
}

/// At which write from now on, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    /// How many writes still go well.
    pub after: u32,
    /// When the next one ends.
    pub moment: Moment,
}

impl Store {
    /// A database in memory, with the schema, the rules and the functions of a file. Locks don't work: it has no folder.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        open::configure(&connection)?;
        schema::migrate(&mut connection)?;
        Self::of(Path::new(""), Opened { connection, unwritable: None })
    }

    /// Makes one of the next writes end as if the program had died there: it answers [`StoreError::Io`], and the caller
    /// drops whatever it had in memory. `None`: no more.
    pub fn die_at(&self, death: Option<Death>) {
        *self.death() = death;
    }

    /// Every version of every record, oldest first.
    pub fn every_version(&self) -> Result<Vec<Version>, StoreError> {
        self.read(version::every)
    }

    pub(crate) fn die(&self, moment: Moment) -> Result<(), StoreError> {
        let mut death = self.death();
        match &mut *death {
            Some(due) if due.after == 0 && due.moment == moment => {
                *death = None;
                Err(StoreError::Io(std::io::Error::other("the program died")))
            }
            Some(due) if due.after > 0 && moment == Moment::AfterCommit => {
                due.after -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
