//! Values that must not be seen.

pub use secrecy::ExposeSecret;

/// A password, a token or a passphrase: wiped from memory when dropped, shown as `[REDACTED]` by
/// `Debug`, without `Display`, `Serialize` or comparison. Its text is taken with
/// [`ExposeSecret::expose_secret`], and each place that does so says why in a comment.
pub type Secret = secrecy::SecretString;
