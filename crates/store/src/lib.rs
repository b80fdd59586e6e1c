//! Courrier's database on the desktop: accounts, their versions and the history of their checks, settings, the
//! journal of changes to secrets, what is known of tokens, and of the server's copy. One SQLite file, `courrier.db`, in one data folder.
//!
//! ```
//! use courrier_store::{SaveAccount, Store, Target};
//! # use courrier_model::{AccountDraft, AuthKind, EndpointSpec, Timestamp};
//! # let home = tempfile::tempdir()?;
//! # let endpoint = |spec: &str| -> Result<_, Box<dyn std::error::Error>> {
//! #     Ok(spec.parse::<EndpointSpec>()?.with("alice".parse()?, AuthKind::Password))
//! # };
//! # let draft = AccountDraft {
//! #     address: "alice@example.test".parse()?, name: "Alice".parse()?, color: None, primary: false,
//! #     imap: endpoint("imap.example.test:993/tls")?, smtp: endpoint("smtp.example.test:465/tls")?, identities: vec![],
//! # };
//! let store = Store::open(home.path())?;
//! store.save(SaveAccount::new(Target::New(draft), Timestamp::UNIX_EPOCH))?;
//! assert!(store.accounts()?[0].primary);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - The window and any number of command-line processes use the file at once. A change is one short
//!   transaction, on the disk when the method returns, or not there at all.
//! - One account per [`Address::key`](courrier_model::Address::key), and exactly one of the visible accounts is primary.
//! - A file that is damaged, newer or read-only is never repaired, replaced or deleted.
//! - Nothing here is secret, and nothing here reaches a keyring: a secret is known by its
//!   [`SecretId`](courrier_model::SecretId) only.
//!
//! # A new version of a secret
//!
//! Database and keyring can't share a transaction, so the caller goes these five steps while it holds
//! [`Store::secret_lock`]:
//!
//! 1. [`Store::begin_write`] notes what is about to be written and gives the id,
//! 2. the caller writes the secret under that id and reads it back,
//! 3. [`Store::save`] points the account to it, and answers which secrets it retired,
//! 4. the caller deletes those,
//! 5. [`Store::forget_intent`] for each of them.
//!
//! Whoever dies on the way leaves an intent behind. The next start takes [`Store::try_secret_lock`], walks
//! [`Store::pending_intents`], deletes from the secret store what is not [`Intent::referenced`], and forgets the
//! intent. The secret store is never listed to find out what could go.
//!
//! # A token slot
//!
//! Tokens of an OAuth account stand in one entry that is replaced in place at each renewal. Only the first time it goes
//! the steps above, by [`Store::begin_slot`] and [`Store::point_slot`]; an intent that was left is finished, not undone,
//! because the person's consent can be used once. [`Store::tokens`] has what is known of it, without the tokens.
//!
//! # What travels
//!
//! [`Store::sign_in`] notes whose accounts travel and which; from then on an exchange with the server goes through
//! [`Store::take_page`], [`Store::reconcile`], [`Store::fix_outbox`] and [`Store::take_answers`], whose order and
//! decisions are `courrier-sync`'s. Edits need no word about it: what differs from the server's copy is what is sent.
//! Every edit leaves a [`Version`], signed in or not.
//!
//! Times are kept to the microsecond.

mod check;
mod error;
mod fold;
mod journal;
mod list;
mod lock;
mod oauth;
mod open;
mod primary;
mod removal;
mod row;
mod save;
mod schema;
mod session_secret;
mod setting;
mod store;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;

pub use check::{NewCheck, StoredCheck};
pub use error::StoreError;
pub use journal::{Intent, IntentKind, NewSecret, Purpose, SecretRef, Storage};
pub use lock::{RefreshLock, SecretLock, SyncLock};
pub use oauth::{TokenRecord, TokenStatus};
pub use save::{SaveAccount, Saved, Target};
pub use schema::SCHEMA_VERSION;
pub use session_secret::{SessionPurpose, SessionSecret};
pub use store::Store;
pub use sync::{
    HISTORY_LIMIT, Local, LocalCopy, Outgoing, Reconciled, RecordFacts, RefusedWrite, SignIn, SyncChange, SyncFacts,
    SyncSession, Version, VersionSource,
};
