//! Giving access back: at the provider, and here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use courrier_auth::{
    Custodian, KeepError, LockGuard, MailClient, MailTokenKeeper, MailTokens, RefreshLock, TokenFacts,
};
use courrier_model::{Account, AccountEdit};
use courrier_store::TokenRecord;
use futures_util::future::BoxFuture;

use crate::view::AccountView;
use crate::{AppError, Courrier};

/// How long a provider may take that is asked for the sake of an account which is gone here already.
const LEAVING: Duration = Duration::from_secs(5);

/// Tokens of an account that is gone here.
pub(crate) struct Leaving {
    client: MailClient,
    tokens: MailTokens,
}

impl Courrier {
    /// Has the provider revoke an account's access where it can, then forgets the tokens. Where another account here
    /// lives by the same consent, that is left alone: some providers end all of it at once.
    ///
    /// # Errors
    /// `oauth.unreachable` and others: nothing was forgotten, for a token that is not revoked stays good.
    /// `secret.missing` if there is nothing to revoke.
    pub async fn revoke_access(self: &Arc<Self>, id: &str) -> Result<AccountView, AppError> {
        let (account, mail, shared) = self.access_of(id).await?;
        let ended = if shared { mail.custodian.forget().await } else { mail.custodian.revoke().await.map(drop) };
        ended.map_err(|error| mail.failed(error))?;
        self.without_access(account).await
    }

    /// Forgets an account's tokens here, whatever the provider does.
    ///
    /// # Errors
    /// `keyring.…`; `secret.missing` if there is nothing to forget.
    pub async fn forget_access(self: &Arc<Self>, id: &str) -> Result<AccountView, AppError> {
        let (account, mail, _) = self.access_of(id).await?;
        mail.custodian.forget().await.map_err(|error| mail.failed(error))?;
        self.without_access(account).await
    }

    async fn access_of(self: &Arc<Self>, id: &str) -> Result<(Account, super::state::Mail, bool), AppError> {
        let id = id.to_owned();
        self.blocking(move |courrier| {
            let account = courrier.by_id(&id)?;
            let mail = courrier.custodian(&account)?;
            let shared = courrier.consent_is_shared(&account)?;
            Ok((account, mail, shared))
        })
        .await
    }

    async fn without_access(self: &Arc<Self>, account: Account) -> Result<AccountView, AppError> {
        self.blocking(move |courrier| {
            // What was authorised is over; the next consent has a custodian of its own.
            courrier.oauth().drop_custodian(courrier.slot_id(account.id)?);
            let account = courrier.store().account(account.id)?.ok_or(AppError::AccountNotFound)?;
            courrier.account_view(&account)
        })
        .await
    }

    /// True if another account here has tokens of the same person from the same client.
    fn consent_is_shared(&self, account: &Account) -> Result<bool, AppError> {
        let all = self.store().all_tokens()?;
        let own = all.iter().find(|(id, _)| *id == account.id).map(|(_, status)| &status.record);
        let same = |record: &TokenRecord| {
            own.is_some_and(|own| {
                (&own.provider, &own.client_id, &own.consented_as)
                    == (&record.provider, &record.client_id, &record.consented_as)
            })
        };
        Ok(all.iter().any(|(id, status)| *id != account.id && same(&status.record)))
    }

    /// Takes along the tokens of an account that is about to go, to be revoked after it. Nothing keeps it from going.
    pub(crate) fn take_leave(&self, account: &Account) {
        let leaving = || -> Result<Option<Leaving>, AppError> {
            let Some(status) = self.store().tokens(account.id)? else { return Ok(None) };
            let draft = AccountEdit::default().applied_to(account);
            let named = self.provider_of(&status.record, &draft)?;
            let Some(named) = named.filter(|named| named.provider.revocation.is_some()) else { return Ok(None) };
            if self.consent_is_shared(account)? {
                return Ok(None);
            }
            let Some(tokens) = self.slot_tokens(account.id)? else { return Ok(None) };
            let client = MailClient::new(self.http().clone(), named.provider)?;
            Ok(Some(Leaving { client, tokens }))
        };
        match leaving() {
            Ok(leaving) => leaving.into_iter().for_each(|leaving| self.oauth().leave(leaving)),
            Err(error) => tracing::info!(%error, "an account's access is not revoked"),
        }
    }

    /// Has providers revoke the access of accounts that were removed. Takes at most some seconds; what does not succeed
    /// is for the log, since the account is gone.
    pub async fn revoke_leaving(&self) {
        let revoking = self.oauth().take_leaving().into_iter().map(|Leaving { client, tokens }| async move {
            let keeper = Arc::new(Detached(Mutex::new(Some(tokens))));
            let custodian = Custodian::new(client, Arc::clone(&keeper) as _, keeper);
            match tokio::time::timeout(LEAVING, custodian.revoke()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::info!(%error, "a removed account's access is not revoked"),
                Err(_) => tracing::info!("a removed account's access is not revoked in time"),
            }
        });
        futures_util::future::join_all(revoking).await;
    }
}

/// Tokens that are in no store any more.
struct Detached(Mutex<Option<MailTokens>>);

impl Detached {
    fn set(&self, tokens: Option<MailTokens>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
    }
}

impl MailTokenKeeper for Detached {
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(std::future::ready(Ok(tokens)))
    }

    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        self.set(Some(tokens.clone()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        self.set(None);
        Box::pin(std::future::ready(Ok(())))
    }

    fn noted(&self, _facts: &TokenFacts) {}
}

impl RefreshLock for Detached {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(std::future::ready(Ok(Box::new(()) as LockGuard)))
    }
}
