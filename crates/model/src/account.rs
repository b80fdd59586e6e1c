//! A mail account: settings only; its secrets live in a secret store.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Address, AuthKind, Color, DisplayName, Endpoint, Health, Invalid};

/// A sender identity: another address that the account may send as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The address in `From`.
    pub address: Address,
    /// The name in `From`; may be empty.
    pub name: DisplayName,
}

/// A stored account. One account per [`Address::key`]; exactly one account is primary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id, which survives a change of address.
    pub id: AccountId,
    /// Its address.
    pub address: Address,
    /// What the person calls it; may be empty.
    pub name: DisplayName,
    /// The colour by which it is told apart.
    pub color: Color,
    /// True for the one account that is offered first.
    pub primary: bool,
    /// Receiving.
    pub imap: Endpoint,
    /// Sending.
    pub smtp: Endpoint,
    /// Further sender identities, in the person's order.
    pub identities: Vec<Identity>,
    /// What the last check says.
    pub health: Health,
    /// True if a secret for receiving is on record on this computer.
    pub has_secret: bool,
    /// True if sending has a secret of its own there; else the one for receiving serves both.
    pub has_sending_secret: bool,
    /// When it was added, UTC.
    pub created_at: Timestamp,
    /// When its settings last changed, UTC.
    pub updated_at: Timestamp,
}

/// An account before it is stored: complete, without identity and history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDraft {
    /// Its address.
    pub address: Address,
    /// What the person calls it; may be empty.
    pub name: DisplayName,
    /// The colour, or one chosen by [`Color::for_address`].
    pub color: Option<Color>,
    /// Ask to make it the primary account. The first account is primary in any case.
    pub primary: bool,
    /// Receiving.
    pub imap: Endpoint,
    /// Sending.
    pub smtp: Endpoint,
    /// Further sender identities.
    pub identities: Vec<Identity>,
}

impl AccountDraft {
    /// Refuses what no mailbox can have: receiving without authentication.
    pub fn validated(self) -> Result<Self, Invalid> {
        if self.imap.auth == AuthKind::None {
            return Err(Invalid::Auth);
        }
        Ok(self)
    }
}

/// A change to a stored account; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountEdit {
    /// A new address.
    pub address: Option<Address>,
    /// A new name.
    pub name: Option<DisplayName>,
    /// A new colour.
    pub color: Option<Color>,
    /// Make it primary, or (`false`) hand that to the oldest other account. The only account stays primary.
    pub primary: Option<bool>,
    /// New settings for receiving.
    pub imap: Option<Endpoint>,
    /// New settings for sending.
    pub smtp: Option<Endpoint>,
    /// New sender identities, replacing the old list.
    pub identities: Option<Vec<Identity>>,
}

impl AccountEdit {
    /// True if nothing would change whatever the account is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True if either server, or how one signs in there, is part of the change.
    pub fn touches_endpoints(&self) -> bool {
        self.imap.is_some() || self.smtp.is_some()
    }

    /// The account's settings after the change.
    pub fn applied_to(&self, account: &Account) -> AccountDraft {
        AccountDraft {
            address: self.address.clone().unwrap_or_else(|| account.address.clone()),
            name: self.name.clone().unwrap_or_else(|| account.name.clone()),
            color: Some(self.color.unwrap_or(account.color)),
            primary: self.primary.unwrap_or(account.primary),
            imap: self.imap.clone().unwrap_or_else(|| account.imap.clone()),
            smtp: self.smtp.clone().unwrap_or_else(|| account.smtp.clone()),
            identities: self.identities.clone().unwrap_or_else(|| account.identities.clone()),
        }
    }
}
