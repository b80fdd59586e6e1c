//! OAuth for mail accounts: who gives the tokens, how a person consents, and who looks after them from then on.
//!
//! A mail server's words choose nothing here: they may say where an issuer is, and what it gives goes to the servers of
//! the account alone ([`crate::Custodian::ensure_fresh_for`]).

mod authorize;
mod custodian;
mod discovery;
mod document;
mod identity;
mod provider;
mod registration;
mod renewal;
#[cfg(test)]
mod tests;
mod tokens;

pub use authorize::{AuthorizeOptions, Consent, MailAuthorization, MailClient, MailDeviceCode};
pub use custodian::Custodian;
pub use discovery::DiscoverOptions;
pub use provider::{MailClientId, MailProvider};
pub use renewal::renewal_time;
pub use tokens::{MailTokenKeeper, MailTokens, TokenFacts, TokenState};
