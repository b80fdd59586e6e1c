//! Pulling and pushing changes.

use courrier_model::{MutationId, RecordId, SyncId, WriteId};
use serde::{Deserialize, Serialize};

use crate::{Body, Kind};

/// What a write was made on: the server refuses it, with what it has now, if that is no longer so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Base {
    /// The record's revision.
    #[serde(deserialize_with = "crate::whole::number")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// The write that made it: after a restore two histories can share a revision, never a write.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub write_id: WriteId,
}

/// One record as the server has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: RecordId,
    /// What it is.
    pub kind: Kind,
    /// The user's revision at which it was last written.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// The write that made it so.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub write_id: WriteId,
    /// True for a tombstone; its `body` is then absent.
    #[serde(default)]
    pub deleted: bool,
    /// Its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub body: Option<Body>,
    /// As the last write gave it: see [`Write::origin`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub origin: Option<u64>,
}

impl Record {
    /// What a write on top of it names as its base.
    pub fn base(&self) -> Base {
        Base { revision: self.revision, write_id: self.write_id }
    }

    /// How new its content is, across histories: the revision at which a person made it. Revisions of a new
    /// history begin at the wall clock's milliseconds, so those of two histories compare.
    pub fn age(&self) -> u64 {
        self.origin.unwrap_or(self.revision)
    }
}

/// What changed after a revision, ascending by revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// The history that these revisions belong to.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub sync_id: SyncId,
    /// With `more`, the revision of the last record here; else the user's revision. The next cursor.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// The records; each stands once, as it is now.
    pub changes: Vec<Record>,
    /// True if there are further ones above `revision`.
    pub more: bool,
    /// Deletions up to this revision may be forgotten. Whoever knew a record before the server went back, and does not
    /// find it any more, can tell by it whether it may have been deleted since.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub purged: u64,
}

/// What a write makes of its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "Members")]
pub enum Content {
    /// It shall be this.
    Body(Body),
    /// It shall be gone; always `true`.
    Deleted(bool),
}

/// [`Content`] as it is read: who sends both, or neither, means something that we can't know.
#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    body: Option<Body>,
    #[serde(default)]
    deleted: bool,
}

impl TryFrom<Members> for Content {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        match members {
            Members { body: Some(body), deleted: false } => Ok(Self::Body(body)),
            Members { body: None, deleted: true } => Ok(Self::Deleted(true)),
            _ => Err("either body or deleted"),
        }
    }
}

/// One write that a device asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Write {
    /// Names this very write: sent again, it gets its first answer again.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub mutation_id: MutationId,
    /// The record.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub id: RecordId,
    /// What the record is.
    pub kind: Kind,
    /// What it was made on; absent for a record that the server does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// The write says nothing new: it repeats what the server had confirmed at this revision and lost when it went
    /// back to a backup. The server keeps it with the record, so that other devices don't take the repetition for
    /// a change that somebody made now.
    #[serde(default, deserialize_with = "crate::whole::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub origin: Option<u64>,
    /// `body` or `deleted`.
    #[serde(flatten)]
    pub content: Content,
}

/// Several writes; each is answered for itself, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Push {
    /// The history that the device follows; absent at its first contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36))]
    pub sync_id: Option<SyncId>,
    /// The revision up to which the device has pulled.
    #[serde(deserialize_with = "crate::whole::number")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub cursor: u64,
    /// At most [`crate::PUSH_LIMIT`].
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub writes: Vec<Write>,
}

/// A write that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Applied {
    /// The record's revision, and the user's at that moment.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// The write's id, part of the next base.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub write_id: WriteId,
}

/// Why a write was refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum RefusedCode {
    /// Another live account of this person has the address.
    AddressTaken {
        /// That account.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
        id: RecordId,
    },
    /// The body is not what its kind asks for.
    InvalidBody,
    /// The body is larger than [`crate::BODY_LIMIT`].
    TooLarge,
    /// The person has as many records as the server keeps for one.
    TooMany,
    /// The mutation's id was used before with another content.
    MutationReused,
    /// The id belongs to a record of another kind.
    WrongKind,
}

/// What became of one write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Applied(Applied),
    /// Not done: its base is no longer what the server has.
    Conflict {
        /// What it has now; `null` if it never had the record, or forgot its tombstone.
        current: Option<Record>,
    },
    /// Not done, and asking again will not help.
    Refused(RefusedCode),
}

/// One write's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WriteAnswer {
    /// The write.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub mutation_id: MutationId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A push's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushAnswer {
    /// The history that the revisions belong to.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "uuid"))]
    pub sync_id: SyncId,
    /// The user's revision after the last write. The cursor moves by pulling, or with these writes where they are all
    /// that happened above it.
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// One for each write, in their order.
    pub answers: Vec<WriteAnswer>,
}
