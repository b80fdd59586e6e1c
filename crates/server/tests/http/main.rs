//! The server over a real socket, with tokens of an issuer of our own making and a database of its own: each refusal
//! once, each call, event streams, and the authorisation matrix.

// Helper functions of tests are test code too, which Clippy sees only for what stands in a `#[test]` function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod calls;
mod desktop;
mod events;
mod issuer;
mod logout;
mod matrix;
mod operation;
mod proofs;
mod running;
mod tokens;
