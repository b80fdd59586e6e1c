//! Who asks, and whether they may.
//!
//! A call carries two things: an access token of the issuer ([`token`]), and a proof signed by the device's key
//! for exactly this request ([`proof`], RFC 9449). The proof answers a challenge of this server ([`nonce`]) and
//! works once ([`replay`]), so neither a stolen token nor a recorded request is of use. [`caller`] puts them
//! together with what storage knows about the person and the device.

pub(crate) mod caller;
pub(crate) mod discovery;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod logout_token;
pub(crate) mod nonce;
pub(crate) mod proof;
pub(crate) mod replay;
pub(crate) mod token;
