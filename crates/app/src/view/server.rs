//! The organisation's server, as shells show it.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::view::{DraftView, ErrorView};

/// A person as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UserView {
    /// The server's own id.
    pub id: String,
    /// Who vouches for them.
    pub issuer: String,
    /// The address at their organisation, if it says.
    pub email: Option<String>,
    /// Their name, if it says.
    pub name: Option<String>,
    /// True if they may read everybody's log.
    pub admin: bool,
}

/// One of the person's computers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DeviceView {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// `linux`, `macos`, `windows` or `other`.
    pub platform: String,
    /// True for this computer.
    pub current: bool,
    /// When it was registered; RFC 3339, UTC.
    pub created_at: String,
    /// When it was last heard of; RFC 3339, UTC, to the minute.
    pub last_seen_at: String,
    /// The network address that it was last heard from.
    pub last_address: Option<String>,
    /// When its sign-in ends, if the server knows; RFC 3339, UTC.
    pub session_expires_at: Option<String>,
    /// When it was revoked; RFC 3339, UTC. It can do nothing since.
    pub revoked_at: Option<String>,
}

/// How the exchange with the server stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SyncView {
    /// `off`, `up_to_date`, `working`, `waiting` (changes wait for their turn), `offline` (the server can't be
    /// reached) or `failed` (`problem` says why).
    pub state: String,
    /// Changes that have not reached the server.
    pub pending: u32,
    /// The last exchange that succeeded; RFC 3339, UTC.
    pub last_at: Option<String>,
    /// Why the last one did not, where somebody can do something about it.
    pub problem: Option<ErrorView>,
    /// Conflicts that the person has not looked at.
    pub unseen_conflicts: u32,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionView {
    /// `signed_out`, `signed_in`, or `must_sign_in`: the session ended without the person's doing.
    pub state: String,
    /// The server's address; after signing out the last one.
    pub server: Option<String>,
    /// The person.
    pub user: Option<UserView>,
    /// This computer, as the server last described it.
    pub device: Option<DeviceView>,
    /// The computers that have signed in as the person since, and that the person has not seen.
    pub newcomers: Vec<DeviceView>,
    /// The exchange of accounts.
    pub sync: SyncView,
}

/// Somebody has just signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SignedInView {
    /// Who is signed in now.
    pub session: SessionView,
    /// True if it is who was signed in before on this computer.
    pub same_person: bool,
    /// The ids of accounts here that could travel and of which the person has never said whether they shall.
    pub to_choose: Vec<String>,
}

/// A code to be typed into a browser elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DeviceCodeView {
    /// The attempt's number, as its shell chose it.
    pub attempt: u32,
    /// What to type.
    pub user_code: String,
    /// Where.
    pub verification_url: String,
    /// The same with the code filled in.
    pub verification_url_complete: Option<String>,
    /// When the code ends; RFC 3339, UTC.
    pub expires_at: String,
}

/// A version of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VersionView {
    /// Its id.
    pub id: String,
    /// When it came about; RFC 3339, UTC.
    pub at: String,
    /// `added`, `edited`, `received`, `conflict`, `restored` or `removed`.
    pub cause: String,
    /// The name of the computer it was made on; null for this one, or where that is not known.
    pub device: Option<String>,
    /// What differs from the version before it; of a conflict, what lost. `address`, `name`, `color`, `imap`, `smtp`,
    /// `identities`, `order`.
    pub changed: Vec<String>,
    /// What the account was.
    pub draft: DraftView,
    /// True for what it is now.
    pub current: bool,
    /// True for a conflict's losing side that the person has not looked at.
    pub unseen: bool,
}

/// A line of the server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditEntryView {
    /// Its number, ascending in time.
    pub sequence: u32,
    /// RFC 3339, UTC.
    pub at: String,
    /// What was done, as `docs/sync.md` names it.
    pub action: String,
    /// The computer it was done from: its name, or its id where it is no longer listed.
    pub device: Option<String>,
    /// The id of the thing it was done to.
    pub target: Option<String>,
    /// The network address that asked.
    pub address: Option<String>,
}

/// A page of the log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditPageView {
    /// The lines.
    pub entries: Vec<AuditEntryView>,
    /// What to ask for the next page with; null at the end.
    pub before: Option<u32>,
}

/// Two computers changed the same thing, and this is what gave way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConflictView {
    /// The account's id.
    pub account: String,
    /// Its address; null if it is gone.
    pub address: Option<String>,
    /// The version in its history that gave way.
    pub version: String,
    /// The members in which it did.
    pub changed: Vec<String>,
    /// RFC 3339, UTC.
    pub at: String,
}

/// What one exchange did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedView {
    /// Changes that the server took.
    pub sent: u32,
    /// Records that were new here.
    pub received: u32,
    /// Conflicts that nobody has looked at.
    pub conflicts: Vec<ConflictView>,
    /// Changes that still wait.
    pub pending: u32,
    /// The revision up to which this computer is.
    pub revision: u64,
}
