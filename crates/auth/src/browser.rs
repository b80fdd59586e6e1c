//! The person's own browser (RFC 8252 section 6: never a window of ours, where we could read the password).

use oauth2::url::Url;

/// Opens addresses in the system's browser.
pub trait Browser: Send + Sync {
    /// Opens the address and comes back without waiting for the browser.
    ///
    /// # Errors
    /// When no browser can be started; the person can still copy the address, or use a device code.
    fn open(&self, url: &Url) -> std::io::Result<()>;
}
