//! Where [`courrier_auth::Custodian`] keeps one account's tokens, and the lock that all processes share for them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use courrier_auth::{
    Explanation, KeepError, LockGuard, MailClient, MailTokenKeeper, MailTokens, RefreshLock, TokenFacts, TokenState,
};
use courrier_model::{AccountId, ProblemCode, SecretId, Timestamp};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::oauth::slot::record;
use crate::server::kept;
use crate::{AppError, Courrier};

/// How long a refresh by another process is waited for; it takes at most as long as its request may.
const PATIENCE: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(20);

/// One account's slot, under the name that it had when it was first needed: an account may take another id meanwhile.
pub(crate) struct SlotKeeper {
    courrier: Weak<Courrier>,
    slot: SecretId,
    account: AccountId,
}

impl SlotKeeper {
    pub(crate) fn new(courrier: &Courrier, slot: SecretId, account: AccountId) -> Arc<Self> {
        Arc::new(Self { courrier: courrier.weak(), slot, account })
    }

    /// Asks secret store and database, which block, off the threads that serve connections.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Courrier, AccountId) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, KeepError> {
        let courrier = self.courrier.upgrade().ok_or_else(ending)?;
        let (slot, first) = (self.slot, self.account);
        let done = tokio::task::spawn_blocking(move || {
            let account = courrier.owner_of_slot(slot, first)?;
            work(&courrier, account)
        });
        done.await.map_err(|_| KeepError::Failed("a task failed".to_owned()))?.map_err(|error| kept(&error))
    }
}

impl MailTokenKeeper for SlotKeeper {
    fn load(&self) -> BoxFuture<'_, Result<Option<MailTokens>, KeepError>> {
        Box::pin(self.blocking(Courrier::slot_tokens))
    }

    fn store<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Result<(), KeepError>> {
        let tokens = tokens.clone();
        Box::pin(self.blocking(move |courrier, account| {
            match courrier.keep_slot(account, &tokens) {
                // It was removed meanwhile: nobody needs them any more.
                Err(AppError::AccountNotFound) => Ok(()),
                kept => kept,
            }
        }))
    }

    fn prove_writable(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(self.blocking(Courrier::prove_slot_writable))
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), KeepError>> {
        Box::pin(self.blocking(Courrier::drop_slot))
    }

    fn noted(&self, facts: &TokenFacts) {
        let Some(courrier) = self.courrier.upgrade() else { return };
        let noted = courrier.owner_of_slot(self.slot, self.account).and_then(|account| {
            match &facts.state {
                // What was said of these very tokens stays true: finding them is no proof that they work.
                TokenState::Found if courrier.knows_tokens(account, facts)? => {}
                TokenState::Found => courrier.store().note_tokens(account, &record(facts, account))?,
                // Noted with the write itself. Said once more, it could cover what another process found out since.
                TokenState::Working => {}
                TokenState::SignInNeeded { explanation, for_good } => {
                    let (why, code) = (problem(*explanation), explanation.map(Explanation::code));
                    courrier.store().note_sign_in_needed(account, why, code, *for_good).map(drop)?;
                }
                // Known to this process alone, for as long as it lives.
                TokenState::Unkept => {}
            }
            Ok(())
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "what is known of an account's tokens is out of date");
        }
    }

    fn client_of<'a>(&'a self, tokens: &'a MailTokens) -> BoxFuture<'a, Option<MailClient>> {
        let tokens = tokens.clone();
        Box::pin(async {
            let client = self.blocking(move |courrier, account| courrier.client_of_tokens(account, &tokens)).await;
            client.inspect_err(|error| tracing::warn!(%error, "nobody knows where tokens are from")).ok()
        })
    }

    fn asked_to_wait(&self, until: Timestamp) {
        let Some(courrier) = self.courrier.upgrade() else { return };
        let account = courrier.owner_of_slot(self.slot, self.account);
        let noted = account.and_then(|account| Ok(courrier.store().note_not_before(account, until)?));
        if let Err(error) = noted {
            tracing::warn!(%error, "other programs do not know that a provider wants to be left alone");
        }
    }

    fn waits_until(&self) -> Option<Timestamp> {
        let courrier = self.courrier.upgrade()?;
        let account = courrier.owner_of_slot(self.slot, self.account).ok()?;
        courrier.store().tokens(account).ok()??.not_before
    }
}

impl RefreshLock for SlotKeeper {
    fn acquire(&self) -> BoxFuture<'_, Result<LockGuard, KeepError>> {
        Box::pin(async {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let slot = self.slot;
                let held = self.blocking(move |courrier, _| Ok(courrier.store().try_token_lock(slot)?)).await?;
                if let Some(held) = held {
                    return Ok(Box::new(held) as LockGuard);
                }
                if Instant::now() >= deadline {
                    return Err(KeepError::Busy);
                }
                tokio::time::sleep(POLL).await;
            }
        })
    }
}

/// What a mailbox whose provider wants the person is shown to have.
pub(crate) fn problem(why: Option<Explanation>) -> ProblemCode {
    use Explanation as E;
    match why {
        Some(E::AdminConsent) => ProblemCode::AuthAdminConsentRequired,
        Some(E::Expired | E::Idle | E::SignInFrequency) => ProblemCode::AuthTokenExpired,
        Some(E::Revoked) | None => ProblemCode::AuthTokenRejected,
        Some(_) => ProblemCode::AuthConsentRequired,
    }
}

fn ending() -> KeepError {
    KeepError::Over
}
