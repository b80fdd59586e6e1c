//! Accounts that sign in through the browser, as shells show them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What is known of an account's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TokensView {
    /// `google`, `microsoft`, `fastmail`, or the address of an issuer; empty while nobody can tell.
    pub provider: String,
    /// The same for people.
    pub provider_name: String,
    /// Who consented, where the provider says.
    pub consented_as: Option<String>,
    /// `working`, `sign_in_needed`, `missing` (nothing was authorised on this computer), or `unkept` (new tokens can't be
    /// stored and are in memory only).
    pub state: String,
    /// Why the person is needed, if the provider said: one sentence, in their language.
    pub explanation: Option<String>,
    /// When the access token ends; RFC 3339, UTC.
    pub expires_at: Option<String>,
    /// When it was last renewed; RFC 3339, UTC.
    pub refreshed_at: Option<String>,
    /// When it is renewed next while the program runs; RFC 3339, UTC.
    pub renews_at: Option<String>,
    /// When the person has to sign in again unless the account is used before; RFC 3339, UTC.
    pub sign_in_by: Option<String>,
}

/// What "continue in the browser" has to know before it is pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuthorizeHelpView {
    /// The provider's id, or an issuer's address; null where the mail server will be asked for it.
    pub provider: Option<String>,
    /// The same for people.
    pub provider_name: Option<String>,
    /// Whose client id will be used: `organisation`, `person` or `build`; `none`; `registers` where the issuer may
    /// register this program by itself.
    pub client: String,
    /// Where a client id is made.
    pub registration_page: Option<String>,
    /// Where an app password is made; null where mail programs can't use one.
    pub app_password_page: Option<String>,
    /// True if a code on another device may do.
    pub device_code: bool,
    /// Where an administrator approves this program for everybody.
    pub admin_consent_url: Option<String>,
    /// A text for the administrator, with that address.
    pub admin_text: Option<String>,
}

/// A provider of tokens that is known in advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MailProviderView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where a client id is made.
    pub registration_page: String,
    /// The person's own client id.
    pub client_id: Option<String>,
    /// Whose client id is used: `organisation`, `person`, `build` or `none`.
    pub client: String,
}
