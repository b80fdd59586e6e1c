//! What shells show and send: plain data, serialised the same for the command line's `--json` and the window.
//!
//! Domain types stay inside; these are the other side of the boundary. Words (summaries, remedies) are
//! already in the person's language; codes and fields never change.

mod oauth;
mod server;

use serde::{Deserialize, Serialize};
use specta::Type;

pub use oauth::*;
pub use server::*;

/// One server of an account, with who signs in and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EndpointView {
    /// Host name in A-labels, or an IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The name to sign in with.
    pub username: String,
    /// `password`, `oauth` or (sending only) `none`.
    pub auth: String,
}

/// Another address the account may send as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct IdentityView {
    /// The address in `From`.
    pub address: String,
    /// The name in `From`; may be empty.
    pub name: String,
}

/// An account's state at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HealthView {
    /// `ok`, `problem`, `unchecked`, `sign_in_needed` or `paused`.
    pub state: String,
    /// RFC 3339, UTC.
    pub checked_at: Option<String>,
    /// The first problem of the last check.
    pub problem_code: Option<String>,
}

/// A stored account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AccountView {
    /// Its id.
    pub id: String,
    /// Its address.
    pub address: String,
    /// What the person calls it; may be empty.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// True for exactly one account.
    pub primary: bool,
    /// Receiving.
    pub imap: EndpointView,
    /// Sending.
    pub smtp: EndpointView,
    /// Further sender identities.
    pub identities: Vec<IdentityView>,
    /// What the last check says.
    pub health: HealthView,
    /// True if a secret is on record on this computer: a password, or tokens where it signs in by those.
    pub has_secret: bool,
    /// True if sending has a secret of its own there; else the one for receiving serves both.
    pub has_sending_secret: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// True if it travels to the person's other computers; null while nobody is signed in.
    pub travels: Option<bool>,
    /// True if a change of it has not reached the server.
    pub waits: bool,
    /// True if a change from elsewhere took the place of one made here, and the person has not looked at it.
    pub unseen_conflict: bool,
    /// What is known of its tokens; null where it signs in by password.
    #[serde(default)]
    pub oauth: Option<TokensView>,
}

/// What to do about a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RemedyView {
    /// In the person's language.
    pub text: String,
    /// A page that helps, from the built-in provider table only.
    pub url: Option<String>,
}

/// What failed on one side of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProblemView {
    /// A code of `docs/diagnosis.md`.
    pub code: String,
    /// The stage it happened in.
    pub stage: String,
    /// One sentence, in the person's language.
    pub summary: String,
    /// What to do.
    pub remedy: RemedyView,
    /// The server's own words, if it said any.
    pub server_said: Option<String>,
}

/// What works but wants attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WarningView {
    /// A code of `docs/diagnosis.md`.
    pub code: String,
    /// One sentence, in the person's language.
    pub summary: String,
    /// What to do.
    pub remedy: RemedyView,
}

/// The certificate a server showed, reported also when it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CertificateView {
    /// Distinguished name of the holder.
    pub subject: String,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// RFC 3339, UTC.
    pub not_before: String,
    /// RFC 3339, UTC.
    pub not_after: String,
    /// Names and addresses it is made for.
    pub names: Vec<String>,
    /// SHA-256 of the whole certificate, lower-case hexadecimal.
    pub sha256: String,
    /// Every fault found, as codes; the first is the one that is reported.
    pub faults: Vec<String>,
}

/// What a stage found; only the fields that belong to it are present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StepDetailView {
    /// `resolve`: the addresses, in the order in which they are tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<String>>,
    /// `connect`: the address that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `connect`: the proxy that was used, without user name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// `secure`: TLS version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// `secure`: cipher suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<String>,
    /// `secure`: the server's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateView>,
    /// `greet`: the server's greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `greet`: the other protocol that answered, e.g. `SMTP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `capabilities`: what the server announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    /// `authenticate`: SASL mechanism, or `LOGIN` for IMAP's command of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// `inbox`: number of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u32>,
}

/// A stage that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StepView {
    /// `resolve`, `connect`, `secure`, `greet`, `capabilities`, `authenticate`, `inbox` or `sender`.
    pub stage: String,
    /// True if it passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// What it found.
    pub detail: StepDetailView,
}

/// Receiving or sending, as checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SideView {
    /// Host name in A-labels, or an IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The name that was used.
    pub username: String,
    /// True if every stage passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// The stages reached, in order.
    pub steps: Vec<StepView>,
    /// Null if it passed.
    pub problem: Option<ProblemView>,
    /// What works but wants attention.
    pub warnings: Vec<WarningView>,
}

/// A check of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CheckView {
    /// The address that was checked.
    pub address: String,
    /// True if both sides passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// Receiving.
    pub imap: SideView,
    /// Sending.
    pub smtp: SideView,
}

/// A check in an account's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PastCheckView {
    /// Its id.
    pub id: String,
    /// When it ended; RFC 3339, UTC.
    pub at: String,
    /// What it found, worded in the present language.
    pub check: CheckView,
}

/// An account with the check that was made on the way; `account` is null if it was not saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SavedView {
    /// The account as stored.
    pub account: Option<AccountView>,
    /// The check, null if none was asked for.
    pub check: Option<CheckView>,
}

/// Why a request could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ErrorView {
    /// A stable code, e.g. `account.not_found`, `keyring.locked`, `input.host`, `cancelled`.
    pub code: String,
    /// The cause, in the person's language.
    pub message: String,
    /// What to do, in the person's language.
    pub remedy: String,
    /// True if the same request may succeed later.
    pub retryable: bool,
}

/// An account as a form sends it: texts as typed, validated by the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DraftView {
    /// The address.
    pub address: String,
    /// What the person calls it; may be empty.
    pub name: String,
    /// `#rrggbb`, or null to have one chosen.
    pub color: Option<String>,
    /// Ask to make it the primary account.
    pub primary: bool,
    /// Receiving.
    pub imap: EndpointView,
    /// Sending.
    pub smtp: EndpointView,
    /// Further sender identities.
    pub identities: Vec<IdentityView>,
}

/// What a form knows as soon as an address is typed; no network was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SuggestionView {
    /// The address as it will be stored.
    pub address: String,
    /// The provider's name, if it is one of those known in advance.
    pub provider: Option<String>,
    /// Endpoints, filled in from the provider where it is known; else hosts are empty and ports usual.
    pub draft: DraftView,
    /// The page where an app password is made or receiving is switched on.
    pub help_url: Option<String>,
    /// True if the account's own password never works there: an app password is needed.
    pub app_password: bool,
    /// True if receiving by IMAP is off until the person switches it on there.
    pub imap_off_by_default: bool,
    /// The account that already has this address, which adding would update.
    pub existing_account_id: Option<String>,
}

/// How the secrets on this computer are kept, and whether they can be had now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SecretStorageView {
    /// `keyring` or `file`.
    pub storage: String,
    /// `ready`, `locked` or `absent`: of the place in use.
    pub state: String,
    /// The same of the system's keyring, in use or not.
    pub keyring: String,
    /// The same of the encrypted file, in use or not; absent until it is made.
    pub file: String,
    /// True if the place in use is absent only because nobody has created a keyring yet, which unlocking offers.
    pub can_create: bool,
}

/// What the person chose for this window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SettingsView {
    /// `system`, `en` or `fr`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Seconds until a copied secret is cleared from the clipboard, 5 to 300.
    pub clipboard_seconds: u16,
    /// Seconds until a revealed secret is hidden again, 5 to 300.
    pub reveal_seconds: u16,
}

/// What the person chose, with what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChosenView {
    /// The language in use, `en` or `fr`, after `system` was looked up.
    pub language: String,
    /// What the person chose.
    pub settings: SettingsView,
}

/// Everything the first frame needs, from the local store alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StartView {
    /// The program's version.
    pub version: String,
    /// The language in use, `en` or `fr`, after `system` was looked up.
    pub language: String,
    /// What the person chose.
    pub settings: SettingsView,
    /// All accounts, in order.
    pub accounts: Vec<AccountView>,
    /// Who is signed in.
    pub session: SessionView,
    /// True until the person has added an account, signed in, or chosen to stay on this computer only.
    pub first_run: bool,
}

/// A removal that can still be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RemovalView {
    /// The account.
    pub id: String,
    /// Its address, for the words.
    pub address: String,
    /// Seconds left to undo.
    pub undo_seconds: u16,
}

/// A secret that was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopiedView {
    /// Seconds until the clipboard is cleared, if it still holds what was put there.
    pub clear_after_seconds: u16,
}

/// A stage of a running check, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProgressView {
    /// The number that the caller gave the run.
    pub run: u32,
    /// `imap` or `smtp`.
    pub side: String,
    /// The stage that just began; null when one ended.
    pub began: Option<String>,
    /// The stage that just ended; null when one began.
    pub ended: Option<StepView>,
    /// Null until the side is done: true if it passed.
    pub side_ok: Option<bool>,
}

/// One line of `courrier doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FindingView {
    /// A stable code, e.g. `keyring`, `database`, `clock`, `proxy`, `network`, `server`.
    pub code: String,
    /// True if nothing is wrong.
    pub ok: bool,
    /// What was found, in the person's language.
    pub detail: String,
    /// What to do; null if nothing is wrong.
    pub remedy: Option<String>,
}

/// What `courrier doctor` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DoctorView {
    /// True if every finding is.
    pub ok: bool,
    /// The findings, in a fixed order.
    pub findings: Vec<FindingView>,
}
