//! Accounts that sign in through the browser: their tokens, from the person's consent to the mail server.
//!
//! | module | what it is |
//! | --- | --- |
//! | `clients`, `issuers`, `hint`, `provider` | where an account's tokens come from, and under which client id |
//! | `hosts` | which mail servers may see the same tokens |
//! | `authorize` | the person's consent, and what it is compared with |
//! | `slot`, `keeper` | where tokens are kept; what processes share |
//! | `state`, `token`, `checking` | one custodian per account; tokens for mail programs and for checks |
//! | `revoke` | giving access back |
//! | `renewal` | what the window does without being asked |
//! | `facts` | what shells show |

mod authorize;
mod checking;
mod clients;
mod error;
mod facts;
mod hint;
mod hosts;
mod issuers;
mod keeper;
mod provider;
mod renewal;
mod revoke;
mod slot;
mod state;
mod token;

pub use authorize::AuthorizeOptions;
pub(crate) use checking::CheckTokens;
pub(crate) use clients::ORGANISATION;
pub use error::OAuthError;
pub use renewal::TokenNotice;
pub(crate) use state::OAuthState;
pub use token::FreshToken;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
