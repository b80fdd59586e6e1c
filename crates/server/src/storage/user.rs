//! A person as the database knows them, and what one look-up tells about a request.

use courrier_model::{SyncId, UserId};
use courrier_wire::Page;

use super::cursor::{Stand, Verdict, judge};
use super::{Cursor, StoredDevice};

/// What a verified token says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who vouches for them (`iss`).
    pub issuer: String,
    /// Who they are there (`sub`).
    pub subject: String,
    /// Their e-mail address, where the token says; absent leaves the stored one.
    pub email: Option<String>,
    /// Their name, likewise.
    pub name: Option<String>,
}

/// A person's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// Our own id.
    pub id: UserId,
    /// Who vouches for them.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// For showing only.
    pub email: Option<String>,
    /// For showing only.
    pub name: Option<String>,
}

/// All that one look-up tells about who asks: [`super::Storage::authorize`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The person.
    pub user: StoredUser,
    /// Their device with the key that signed the request; also a revoked one. `None`: not registered.
    pub device: Option<StoredDevice>,
    /// The history that their revisions belong to.
    pub sync_id: SyncId,
    /// Their revision.
    pub revision: u64,
    /// Deletions up to this revision may be forgotten: a cursor below it can't be continued.
    pub purged_revision: u64,
}

impl Standing {
    pub(crate) fn stand(&self) -> Stand {
        Stand { sync_id: self.sync_id, revision: self.revision, purged_revision: self.purged_revision }
    }

    /// True if the token says nothing new about the person.
    pub(crate) fn is_as(&self, claims: &Claims) -> bool {
        let same = |told: &Option<String>, known: &Option<String>| told.is_none() || told == known;
        same(&claims.email, &self.user.email) && same(&claims.name, &self.user.name)
    }

    /// The empty page for a cursor that is where the server is.
    pub(crate) fn nothing_new(&self, cursor: Cursor) -> Option<Page> {
        let here = cursor.after == self.revision && judge(cursor, self.stand()) == Verdict::Continue;
        let Stand { sync_id, revision, purged_revision: purged } = self.stand();
        here.then(|| Page { sync_id, revision, changes: Vec::new(), more: false, purged })
    }
}
