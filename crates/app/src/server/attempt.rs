//! One attempt to sign in, as the shell that began it holds it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use courrier_auth::{AuthError, CancellationToken, PasteError, PasteHandle, Url};

use crate::AppError;
use crate::server::ServerError;
use crate::view::DeviceCodeView;

/// How the person gets to the issuer's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The system's browser is opened.
    Browser,
    /// The address is told, and the person opens it.
    Address,
    /// A code is told, which the person types into a browser elsewhere (RFC 8628).
    Code,
}

/// What an attempt tells while it waits for the person.
#[derive(Debug, Clone)]
pub enum Moment {
    /// The address of the issuer's page, for a browser on this computer.
    Address(String),
    /// The code to be typed elsewhere.
    Code(DeviceCodeView),
}

/// Is told each [`Moment`].
type Listener = Arc<dyn Fn(Moment) + Send + Sync>;

/// An attempt to sign in. Clones are the same attempt: one waits in [`crate::Courrier::sign_in`], others cancel it or
/// hand in what the browser could not.
#[derive(Clone)]
pub struct Attempt(Arc<Inner>);

struct Inner {
    number: u32,
    way: Way,
    listener: Listener,
    cancel: CancellationToken,
    open: Mutex<Option<Open>>,
}

/// The issuer's page is open, or could be.
#[derive(Clone)]
struct Open {
    address: Url,
    paste: PasteHandle,
}

impl Attempt {
    /// An attempt under a number that its shell chose.
    pub fn new(number: u32, way: Way, listener: impl Fn(Moment) + Send + Sync + 'static) -> Self {
        let listener = Arc::new(listener);
        Self(Arc::new(Inner { number, way, listener, cancel: CancellationToken::new(), open: Mutex::default() }))
    }

    /// Gives up. The browser, should it come back, is told so.
    pub fn cancel(&self) {
        self.0.cancel.cancel();
    }

    /// What is said of an attempt that nobody waits for any more.
    pub fn over() -> AppError {
        ServerError::from(AuthError::Cancelled).into()
    }

    /// Hands in the browser's address line, where the browser was sent back to this computer and did not find it.
    ///
    /// Errors: `signin.not_the_address` for anything else; `signin.cancelled` if nobody waits any more.
    pub fn paste(&self, address: &str) -> Result<(), AppError> {
        let handed = self.open().ok_or(PasteError::Over).and_then(|open| open.paste.paste(address));
        handed.map_err(|error| match error {
            PasteError::NotTheAddress | PasteError::OtherAttempt => ServerError::NotTheAddress.into(),
            PasteError::Over => Self::over(),
        })
    }

    /// The address of the issuer's page, for another browser on this computer.
    ///
    /// Errors: `signin.cancelled` if there is none (yet, or any more).
    pub fn address(&self) -> Result<String, AppError> {
        let open = self.open().ok_or_else(Self::over)?;
        Ok(open.address.into())
    }

    pub(crate) fn number(&self) -> u32 {
        self.0.number
    }

    pub(crate) fn way(&self) -> Way {
        self.0.way
    }

    pub(crate) fn cancelled(&self) -> &CancellationToken {
        &self.0.cancel
    }

    pub(crate) fn tell(&self, moment: Moment) {
        (self.0.listener)(moment);
    }

    pub(crate) fn opened(&self, address: Url, paste: PasteHandle) {
        let moment = Moment::Address(address.to_string());
        *self.0.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Open { address, paste });
        self.tell(moment);
    }

    fn open(&self) -> Option<Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("number", &self.0.number).field("way", &self.0.way).finish()
    }
}
