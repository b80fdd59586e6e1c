//! How much of anything the server takes, each with its reason. What one person may ask for is configuration
//! ([`crate::config::Limits`]).

use std::time::Duration;

/// Bytes of a request's body. A push of 500 accounts is 1 MB; one with the largest bodies is split by desktops.
pub(crate) const BODY: usize = 4 * 1024 * 1024;
/// Bytes of a logout token's form.
pub(crate) const FORM: usize = 64 * 1024;
/// Bytes that a request's head may take; a token with many roles is some kilobytes.
pub(crate) const HEAD: usize = 64 * 1024;
/// For a request's head to arrive, waiting for the next request on a connection included: longer than reverse
/// proxies keep theirs (60 s in nginx), so that it is never we who close first.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(75);
/// For an answer's beginning; event streams then go on.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(30);
/// For answers on their way when the server is told to stop.
pub(crate) const STOP_TIME: Duration = Duration::from_secs(10);
/// Connections at a time; further ones wait to be accepted.
pub(crate) const CONNECTIONS: usize = 20_000;
/// Between two signs of life on a silent event stream: reverse proxies give up after 60 s.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// Between two look-ups for an event stream on which nothing happened: what a copy of the server that died took
/// with it is found then.
pub(crate) const LOOK_UP: Duration = Duration::from_secs(5 * 60);
/// The largest integer that every JSON reader keeps exact (RFC 8259 section 6), and so the largest revision.
pub(crate) const INTEGER: u64 = 9_007_199_254_740_991;
/// Entries on one page of the audit log.
pub(crate) const AUDIT_PAGE: u32 = 200;
