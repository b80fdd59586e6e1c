//! Simulators of providers whose real endpoints no test can use: Microsoft's, Google's, and an issuer as strict about
//! rotation as RFC 9700 allows.
//!
//! Each is written from its provider's own documentation; the page that a rule is from is named beside the rule. They
//! decide like the provider where its documentation says how, and do the odd things that it warns of when a test asks
//! for them ([`Odd`]). What real issuers do is proven elsewhere, with Keycloak and oidc-provider.
//!
//! ```no_run
//! use courrier_tests::simulators::{Aadsts, MicrosoftSimulator, Odd};
//!
//! let microsoft = MicrosoftSimulator::start();
//! microsoft.signs_in("alice@contoso.test");
//! // … the program under test is authorised at `microsoft.authorization()` and `microsoft.token()` …
//! microsoft.next(Aadsts::REVOKED);
//! // … its next refresh is refused as after a change of password …
//! microsoft.next(Odd::Lost);
//! // … the one after that succeeds, and the answer never arrives.
//! ```
//!
//! A simulator listens on 127.0.0.1 without TLS, on a free port, on a thread of its own; it ends when it is dropped.
//! Nothing it keeps goes to a disk.

mod device;
mod google;
mod issuer;
mod microsoft;
mod microsoft_errors;
mod odd;
mod pkce;
mod server;
mod signer;
mod simulator;
mod state;

pub use google::{GOOGLE_CLIENT, GOOGLE_SECRET, GoogleError, GoogleSimulator};
pub use issuer::{IssuerSimulator, Rotation};
pub use microsoft::{MICROSOFT_CLIENT, MICROSOFT_TENANT, MicrosoftSimulator};
pub use microsoft_errors::Aadsts;
pub use odd::{Odd, Refusal};
pub use simulator::{Simulator, Walked};
pub use state::TokenRequest;
