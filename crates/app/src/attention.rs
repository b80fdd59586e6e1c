//! What of all accounts wants the person: what a desktop shows while its windows are out of sight.

use crate::view::AccountView;
use crate::{AppError, Courrier};

/// How the accounts are, at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Accounts whose last check failed, those in `sign_in` not among them.
    pub problems: usize,
    /// Accounts that work again only once the person signs in.
    pub sign_in: Vec<AccountView>,
}

impl Courrier {
    /// How the accounts are, from the local file alone.
    pub fn attention(&self) -> Result<Attention, AppError> {
        let mut attention = Attention::default();
        for account in self.accounts()? {
            match account.health.state.as_str() {
                "problem" => attention.problems += 1,
                "sign_in_needed" => attention.sign_in.push(account),
                _ => {}
            }
        }
        Ok(attention)
    }
}
