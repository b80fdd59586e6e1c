//! Which accounts travel to the person's other computers, and what of them waits.

use std::collections::{BTreeMap, BTreeSet};

use courrier_model::{Account, AccountId};
use courrier_store::TokenStatus;

use crate::server::ServerError;
use crate::view::{AccountView, SessionView};
use crate::{AppError, Courrier, convert};

/// What the server has to do with the accounts of this computer.
struct Travels {
    travelling: BTreeSet<AccountId>,
    waiting: BTreeSet<AccountId>,
}

impl Courrier {
    /// These accounts travel; all others that the person was never asked about stay on this computer only.
    ///
    /// # Errors
    /// `signin.needed` if nobody is signed in; `account.not_found`.
    pub fn choose_travelling(&self, ids: &[String]) -> Result<SessionView, AppError> {
        self.require_signed_in()?;
        let chosen = ids.iter().map(|id| Ok(self.by_id(id)?.id)).collect::<Result<Vec<_>, AppError>>()?;
        for id in chosen {
            self.store().set_travels(id, true)?;
        }
        let all: Vec<AccountId> = self.store().accounts()?.iter().map(|account| account.id).collect();
        self.note_asked(&all)?;
        self.server().changed.notify_waiters();
        self.session()
    }

    /// Lets an account travel, or keeps it on this computer only; it then leaves the others, and has another id.
    ///
    /// # Errors
    /// `signin.needed` if nobody is signed in; `account.not_found`.
    pub fn set_travels(&self, id: &str, travels: bool) -> Result<AccountView, AppError> {
        self.require_signed_in()?;
        let account = self.by_id(id)?;
        let id = self.store().set_travels(account.id, travels)?;
        let mut asked = self.asked_about()?;
        asked.push(id);
        self.note_asked(&asked)?;
        let account = self.store().account(id)?.ok_or(AppError::AccountNotFound)?;
        self.account_view(&account)
    }

    /// The same by its address.
    ///
    /// # Errors
    /// As [`Courrier::set_travels`].
    pub fn set_address_travels(&self, address: &str, travels: bool) -> Result<AccountView, AppError> {
        let account = self.find(address)?;
        self.set_travels(&account.id.to_string(), travels)
    }

    /// Accounts that could travel, and of which the person has never said whether they shall.
    pub(crate) fn never_asked_about(&self) -> Result<Vec<AccountId>, AppError> {
        let mut decided: BTreeSet<AccountId> = self.asked_about()?.into_iter().collect();
        decided.extend(self.store().travelling()?);
        let accounts = self.store().accounts()?;
        Ok(accounts.into_iter().map(|account| account.id).filter(|id| !decided.contains(id)).collect())
    }

    /// An account as shells show it.
    pub(crate) fn account_view(&self, account: &Account) -> Result<AccountView, AppError> {
        let mut views = self.account_views(std::slice::from_ref(account))?;
        views.pop().ok_or(AppError::Task)
    }

    /// Accounts as shells show them.
    pub(crate) fn account_views(&self, accounts: &[Account]) -> Result<Vec<AccountView>, AppError> {
        let travels = self.travels()?;
        let unseen = self.store().unseen_conflicts()?;
        let unseen: BTreeSet<AccountId> = unseen.into_iter().map(|version| version.record.into()).collect();
        let tokens: BTreeMap<AccountId, TokenStatus> = self.store().all_tokens()?.into_iter().collect();
        let view = |account: &Account| {
            Ok(AccountView {
                oauth: self.tokens_view(account, tokens.get(&account.id))?,
                travels: travels.as_ref().map(|travels| travels.travelling.contains(&account.id)),
                waits: travels.as_ref().is_some_and(|travels| travels.waiting.contains(&account.id)),
                unseen_conflict: unseen.contains(&account.id),
                ..convert::account(account)
            })
        };
        accounts.iter().map(view).collect()
    }

    /// `None` while nobody is signed in.
    fn travels(&self) -> Result<Option<Travels>, AppError> {
        if !self.store().sync_session()?.is_some_and(|session| session.signed_in) {
            return Ok(None);
        }
        let waiting = courrier_sync::pending(self.store())?;
        Ok(Some(Travels {
            travelling: self.store().travelling()?.into_iter().collect(),
            waiting: waiting.into_iter().map(|pending| pending.record.into()).collect(),
        }))
    }

    fn require_signed_in(&self) -> Result<(), AppError> {
        let signed_in = self.store().sync_session()?.is_some_and(|session| session.signed_in);
        if signed_in { Ok(()) } else { Err(ServerError::SignInNeeded.into()) }
    }
}
