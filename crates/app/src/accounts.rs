//! Accounts: listing, changing and removing them. Nothing here touches a network.

use courrier_model::{
    Account, AccountDraft, AccountEdit, AccountId, Address, AuthKind, Color, DisplayName, Endpoint, EndpointSpec,
    Preset, PresetEndpoint, Secret, Username,
};
use courrier_store::{SaveAccount, Target};

use crate::journal::{SecretChange, Step};
use crate::view::{AccountView, RemovalView};
use crate::{AppError, Courrier};

/// How long a removal can be undone, in seconds.
const UNDO_SECONDS: u16 = 8;

/// A server as a command line gives it: what is left out is kept or filled in.
#[derive(Debug, Default, Clone)]
pub struct EndpointChange {
    /// `HOST:PORT/SECURITY`.
    pub server: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// `password`, `oauth` or `none`.
    pub auth: Option<String>,
}

impl EndpointChange {
    fn is_empty(&self) -> bool {
        self.server.is_none() && self.username.is_none() && self.auth.is_none()
    }

    /// On top of an endpoint that is there.
    fn applied_to(&self, endpoint: &Endpoint) -> Result<Endpoint, AppError> {
        let EndpointSpec { host, port, security } = match &self.server {
            Some(server) => server.parse()?,
            None => EndpointSpec { host: endpoint.host.clone(), port: endpoint.port, security: endpoint.security },
        };
        let username = self.username.as_deref().map(str::parse).transpose()?;
        let auth = self.auth.as_deref().map(str::parse).transpose()?;
        Ok(Endpoint {
            host,
            port,
            security,
            username: username.unwrap_or_else(|| endpoint.username.clone()),
            auth: auth.unwrap_or(endpoint.auth),
        })
    }

    /// Without one: the server must be given, or be known in advance for this address.
    fn filled_in(&self, address: &Address, known: Option<(PresetEndpoint, AuthKind)>) -> Result<Endpoint, AppError> {
        let known = known.and_then(|(preset, auth)| preset.for_address(address, auth));
        match (known, &self.server) {
            // A server that was named is not the provider's: its habits about user names do not apply.
            (_, Some(server)) => {
                let spec: EndpointSpec = server.parse()?;
                let username: Username = address.to_string().parse()?;
                let named = Self { server: None, ..self.clone() };
                named.applied_to(&spec.with(username, AuthKind::Password))
            }
            (Some(endpoint), None) => self.applied_to(&endpoint),
            (None, None) => Err(AppError::EndpointMissing),
        }
    }
}

/// An account as a command line gives it.
#[derive(Debug, Default, Clone)]
pub struct NewAccount {
    /// The address.
    pub address: String,
    /// Receiving.
    pub imap: EndpointChange,
    /// Sending.
    pub smtp: EndpointChange,
    /// What the person calls it.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Make it the primary account.
    pub primary: bool,
}

/// A change to an account as a command line gives it; what is left out is kept.
#[derive(Debug, Default, Clone)]
pub struct AccountChange {
    /// A new address.
    pub address: Option<String>,
    /// Receiving.
    pub imap: EndpointChange,
    /// Sending.
    pub smtp: EndpointChange,
    /// A new name.
    pub name: Option<String>,
    /// A new colour.
    pub color: Option<String>,
    /// Make it primary, or no longer.
    pub primary: Option<bool>,
}

impl Courrier {
    /// All accounts, in order.
    pub fn accounts(&self) -> Result<Vec<AccountView>, AppError> {
        self.account_views(&self.store().accounts()?)
    }

    /// The ids of the accounts whose name, address or servers contain the query, whatever the case and accents.
    pub fn search(&self, query: &str) -> Result<Vec<String>, AppError> {
        Ok(self.store().search(query)?.iter().map(|account| account.id.to_string()).collect())
    }

    /// The account with this address.
    pub fn account(&self, address: &str) -> Result<AccountView, AppError> {
        self.account_view(&self.find(address)?)
    }

    /// Changes settings, and secrets where new ones are given, without checking them.
    pub fn change_account(
        &self,
        address: &str,
        change: &AccountChange,
        password: Option<Secret>,
        sending_password: Option<Secret>,
    ) -> Result<AccountView, AppError> {
        let account = self.find(address)?;
        let edit = self.edit_for(&account, change)?;
        self.require_storage_for(&[&password, &sending_password])?;
        let request = SaveAccount::new(Target::Existing(account.id, edit), self.now());
        let secrets = SecretChange::given(password, sending_password);
        self.account_view(&self.save_with_secrets(request, &secrets)?.account)
    }

    /// Removes an account and its secrets at once. [`Courrier::revoke_leaving`] then has its provider revoke its access.
    pub fn remove_now(&self, address: &str) -> Result<AccountView, AppError> {
        let account = self.find(address)?;
        let view = self.account_view(&account)?;
        let leaving = self.take_leave(&account);
        let _lock = self.store().secret_lock()?;
        let retired = self.store().remove(account.id, self.now())?;
        self.observe(Step::Pointed);
        self.delete_retired(&retired);
        self.leave(leaving);
        Ok(view)
    }

    /// Hides an account; after some seconds [`Courrier::finish_due_removals`] removes it with its secrets.
    pub fn remove_account(&self, id: &str) -> Result<RemovalView, AppError> {
        let account = self.by_id(id)?;
        let until = self.now() + jiff::SignedDuration::from_secs(UNDO_SECONDS.into());
        self.store().begin_removal(account.id, until)?;
        Ok(RemovalView { id: account.id.to_string(), address: account.address.to_string(), undo_seconds: UNDO_SECONDS })
    }

    /// Brings a hidden account back, while its time to undo is not over.
    pub fn undo_removal(&self, id: &str) -> Result<AccountView, AppError> {
        let id: AccountId = id.parse()?;
        self.store().undo_removal(id)?;
        self.account_view(&self.store().account(id)?.ok_or(AppError::AccountNotFound)?)
    }

    /// Removes the hidden accounts whose time to undo is over, with their secrets; tells which.
    pub fn finish_due_removals(&self) -> Result<Vec<String>, AppError> {
        let now = self.now();
        let due = self.store().removals_due(now)?;
        let mut removed = Vec::with_capacity(due.len());
        if due.is_empty() {
            return Ok(removed);
        }
        // Nobody waits for this: whoever holds the lock may keep it for seconds, and the next call comes soon.
        let Some(_lock) = self.store().try_secret_lock()? else { return Ok(removed) };
        for id in due {
            let leaving = self.store().account_or_hidden(id)?.and_then(|account| self.take_leave(&account));
            match self.store().finish_removal(id, now) {
                Ok(retired) => {
                    self.observe(Step::Pointed);
                    self.delete_retired(&retired);
                    self.leave(leaving);
                    removed.push(id.to_string());
                }
                // Undone, or finished by another process, a moment ago.
                Err(courrier_store::StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }

    pub(crate) fn find(&self, address: &str) -> Result<Account, AppError> {
        let address: Address = address.parse()?;
        self.store().account_by_address(&address)?.ok_or(AppError::AccountNotFound)
    }

    pub(crate) fn by_id(&self, id: &str) -> Result<Account, AppError> {
        self.store().account(id.parse()?)?.ok_or(AppError::AccountNotFound)
    }

    /// A whole account from what a command line gave: from the account that is there, the provider, or an error.
    pub(crate) fn draft_for(&self, new: &NewAccount) -> Result<AccountDraft, AppError> {
        let address: Address = new.address.parse()?;
        let name: Option<DisplayName> = new.name.as_deref().map(str::parse).transpose()?;
        let color: Option<Color> = new.color.as_deref().map(str::parse).transpose()?;
        if let Some(account) = self.store().account_by_address(&address)? {
            let change = AccountChange { imap: new.imap.clone(), smtp: new.smtp.clone(), ..AccountChange::default() };
            let kept = self.edit_for(&account, &change)?.applied_to(&account);
            let primary = new.primary || account.primary;
            return Ok(AccountDraft { name: name.unwrap_or(kept.name), color: color.or(kept.color), primary, ..kept });
        }
        let preset = Preset::for_address(&address);
        Ok(AccountDraft {
            imap: new.imap.filled_in(&address, preset.map(|preset| (preset.imap, preset.auth)))?,
            smtp: new.smtp.filled_in(&address, preset.map(|preset| (preset.smtp, preset.auth)))?,
            address,
            name: name.unwrap_or_default(),
            color,
            primary: new.primary,
            identities: Vec::new(),
        }
        .validated()?)
    }

    pub(crate) fn edit_for(&self, account: &Account, change: &AccountChange) -> Result<AccountEdit, AppError> {
        let endpoint = |change: &EndpointChange, present: &Endpoint| {
            if change.is_empty() { Ok(None) } else { change.applied_to(present).map(Some) }
        };
        let edit = AccountEdit {
            address: change.address.as_deref().map(str::parse).transpose()?,
            name: change.name.as_deref().map(str::parse).transpose()?,
            color: change.color.as_deref().map(str::parse).transpose()?,
            primary: change.primary,
            imap: endpoint(&change.imap, &account.imap)?,
            smtp: endpoint(&change.smtp, &account.smtp)?,
            identities: None,
        };
        edit.applied_to(account).validated()?;
        Ok(edit)
    }
}
