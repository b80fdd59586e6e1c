//! How long each step may take.

use std::time::Duration;

/// Name to addresses, the explanation of a failure included.
pub const RESOLVE: Duration = Duration::from_secs(5);
/// TCP connection over all addresses, or through a proxy.
pub const CONNECT: Duration = Duration::from_secs(10);
/// TLS handshake.
pub const SECURE: Duration = Duration::from_secs(10);
/// Head start of one address before the next is tried (RFC 8305 section 5, the recommended value).
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
