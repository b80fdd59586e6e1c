//! How long, and how much.

use std::time::Duration;

/// The whole check, whatever the servers do. A little under the 45 s that are promised, so that the answer is
/// out by then.
pub const WHOLE: Duration = Duration::from_secs(44);
/// A greeting.
pub const GREET: Duration = Duration::from_secs(10);
/// Silence instead of a greeting after which a probe starts to look for the reason, beside the waiting.
pub const GREET_PROBE: Duration = Duration::from_secs(4);
/// Signing in: servers slow failures down on purpose.
pub const AUTHENTICATE: Duration = Duration::from_secs(30);
/// Any other exchange: capabilities, STARTTLS, INBOX, sender.
pub const EXCHANGE: Duration = Duration::from_secs(10);
/// An extra probe that decides between two causes.
pub const PROBE: Duration = Duration::from_secs(3);

/// The longest line that is read, in bytes. RFC 9051 sets none; capability lines of real servers stay under 4 KiB.
pub const LINE: usize = 64 * 1024;
/// The most lines in one reply: an SMTP reply, or what comes before an IMAP tagged reply.
pub const REPLY_LINES: usize = 1_000;
/// The longest IMAP literal that is read, in bytes.
pub const LITERAL: usize = 256 * 1024;
/// The most of a server's words that is shown, in characters.
pub const SAID: usize = 500;

/// The longest challenge that is read for what it says of a token, in bytes of base64: what RFC 4954, section 4, has
/// every client bear.
pub const CHALLENGE: usize = 12_288;
/// The longest status in it, in bytes: the codes of RFC 6750 have 18 at most.
pub const STATUS: usize = 64;
/// The longest scope in it, in bytes.
pub const SCOPE: usize = 1_024;
/// The longest address in it, in bytes: what every browser bears.
pub const URL: usize = 2_048;
