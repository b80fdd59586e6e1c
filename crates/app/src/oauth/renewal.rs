//! What a window's program does for accounts' tokens without being asked: it renews them ahead of their end, keeps what
//! could not be kept, and tells when only the person helps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use courrier_auth::AuthError;
use courrier_model::{Account, AccountId, Timestamp};
use courrier_secrets::StoreState;
use courrier_store::{Storage, TokenStatus};
use futures_util::StreamExt as _;
use tokio::time::{Instant, MissedTickBehavior};

use crate::oauth::OAuthError;
use crate::oauth::state::uses_oauth;
use crate::server::slept;
use crate::view::AccountView;
use crate::{AppError, Courrier};

/// How often it is looked what is due; wake from sleep is noticed within this time too.
const LOOK: Duration = Duration::from_secs(15);
/// More than any access token lasts: what is due is renewed, however long it would last.
const ALWAYS: Duration = Duration::from_secs(86_400);
/// After waking, dozens are due at once; so many are renewed side by side.
const AT_ONCE: usize = 4;
/// The pause after a first failure, and the longest.
const PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// After so many failures the pause is the longest.
const SLOWLY: u32 = 6;

/// What windows are told of accounts' tokens.
#[derive(Debug, Clone)]
pub enum TokenNotice {
    /// Only the person can bring back the access of these accounts. Told once for each of them.
    SignInNeeded(Vec<AccountView>),
    /// New tokens can't be stored, and are in memory only (true), or are stored again (false).
    Unkept(bool),
}

/// When an account that failed is tried again.
struct Pause {
    until: Instant,
    failures: u32,
}

/// What one look at the database says.
struct Look {
    due: Vec<Account>,
    /// Every account that only the person helps.
    lost: Vec<AccountView>,
}

/// What this task remembers between two looks.
#[derive(Default)]
struct Memory {
    pauses: BTreeMap<AccountId, Pause>,
    told: BTreeSet<String>,
    /// Accounts whose slot was looked for although the database knows of none.
    searched: BTreeSet<AccountId>,
    unkept: bool,
}

impl Courrier {
    /// Renews accounts' tokens ahead of their end, and at once after the computer has slept, for as long as the program
    /// runs. Returns never; dropping the future stops it.
    pub async fn keep_tokens_fresh(self: Arc<Self>, tell: impl Fn(TokenNotice) + Send + Sync) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut memory = Memory::default();
        let (mut at, mut ran) = (self.now(), Instant::now());
        loop {
            let changed = self.oauth().changed.notified();
            tokio::select! {
                _ = ticks.tick() => {}
                () = changed => {}
            }
            let (now, ran_now) = (self.now(), Instant::now());
            if slept(now.as_second() - at.as_second(), ran_now - ran) {
                // Whatever failed before failed in another world.
                memory.pauses.clear();
                self.oauth().awoke();
            }
            (at, ran) = (now, ran_now);
            if let Err(error) = self.renew_due(&mut memory, &tell).await {
                tracing::warn!(%error, "accounts' tokens are not looked after");
            }
            self.revoke_leaving().await;
        }
    }

    async fn renew_due(
        self: &Arc<Self>,
        memory: &mut Memory,
        tell: &(impl Fn(TokenNotice) + Send + Sync),
    ) -> Result<(), AppError> {
        // Found by none of the looks before: an account that is just being authorised has no tokens for a moment.
        let searched = Arc::new(memory.searched.clone());
        let known = Arc::clone(&searched);
        let unknown = self.blocking(move |courrier| courrier.search_slots(&known)).await?;
        memory.searched.extend(unknown);
        let now = self.now();
        let missing = Arc::clone(&searched);
        let look = self.blocking(move |courrier| courrier.look_for_due(now, &missing)).await?;
        let ready =
            |account: &Account| memory.pauses.get(&account.id).is_none_or(|pause| pause.until <= Instant::now());
        let due: Vec<Account> = look.due.into_iter().filter(ready).collect();
        let renewing = due.into_iter().map(|account| async move { (account.id, self.renew(&account).await) });
        let mut renewing = futures_util::stream::iter(renewing).buffer_unordered(AT_ONCE);
        let mut lost = look.lost;
        let mut any = false;
        while let Some((id, renewed)) = renewing.next().await {
            any = true;
            match renewed {
                Ok(()) => drop(memory.pauses.remove(&id)),
                Err(error) => {
                    tracing::info!(%error, "an account's token is not renewed yet");
                    let failures = memory.pauses.get(&id).map_or(0, |pause| pause.failures);
                    // What the person could mend, and what may mend itself, is tried again slowly.
                    let failures = if needs_sign_in(&error) { SLOWLY.max(failures) } else { failures };
                    let until = Instant::now() + pause(failures, asked_for(&error), rand::random());
                    memory.pauses.insert(id, Pause { until, failures: failures.saturating_add(1) });
                }
            }
        }
        drop(renewing);
        if any {
            lost = self.blocking(move |courrier| courrier.look_for_due(now, &searched)).await?.lost;
        }
        tell_lost(&mut memory.told, lost, tell);
        self.keep_unkept(memory, tell).await;
        Ok(())
    }

    async fn renew(self: &Arc<Self>, account: &Account) -> Result<(), AppError> {
        let stored = account.clone();
        let mail = self.blocking(move |courrier| courrier.custodian(&stored)).await?;
        mail.custodian.ensure_fresh(ALWAYS).await.map(drop).map_err(|error| mail.failed(error))
    }

    /// Tries again to keep what is in memory only.
    async fn keep_unkept(&self, memory: &mut Memory, tell: &(impl Fn(TokenNotice) + Send + Sync)) {
        for mail in self.oauth().unkept() {
            if let Err(error) = mail.custodian.settle().await {
                tracing::warn!(%error, "new tokens can't be kept; they stay in memory");
            }
        }
        let unkept = self.unkept_tokens();
        if unkept != memory.unkept {
            memory.unkept = unkept;
            tell(TokenNotice::Unkept(unkept));
        }
    }

    /// Which accounts' tokens are to be renewed, and whose are lost or, though they were `searched` for, not there. Only
    /// the database is asked.
    fn look_for_due(&self, now: Timestamp, searched: &BTreeSet<AccountId>) -> Result<Look, AppError> {
        let known: BTreeMap<AccountId, TokenStatus> = self.store().all_tokens()?.into_iter().collect();
        let mut accounts = self.store().accounts()?;
        accounts.retain(uses_oauth);
        let of = |account: &Account| known.get(&account.id);
        let due = |account: &&Account| of(account).is_some_and(|status| is_due(status, now));
        let missing = |id: AccountId| searched.contains(&id) && !self.oauth().is_given_back(id);
        let lost = |account: &&Account| of(account).map_or_else(|| missing(account.id), |status| status.needs_sign_in);
        let lost: Vec<Account> = accounts.iter().filter(lost).cloned().collect();
        Ok(Look { due: accounts.iter().filter(due).cloned().collect(), lost: self.account_views(&lost)? })
    }

    /// Looks once for the slots of accounts that the database, restored from an earlier day, knows no tokens of. Answers
    /// which were looked for.
    fn search_slots(&self, searched: &BTreeSet<AccountId>) -> Result<Vec<AccountId>, AppError> {
        let storage = self.storage_in_use()?;
        let mut found = Vec::new();
        let accounts = self.store().accounts()?;
        for account in accounts.iter().filter(|account| uses_oauth(account) && !searched.contains(&account.id)) {
            if self.store().tokens(account.id)?.is_none() {
                // A place that is closed is looked at when it is open.
                if self.secrets_in(storage).state() != StoreState::Ready && storage == Storage::Keyring {
                    return Ok(found);
                }
                if let Err(error) = self.slot_tokens(account.id) {
                    tracing::info!(%error, "an account's tokens were not looked for");
                    continue;
                }
            }
            found.push(account.id);
        }
        Ok(found)
    }
}

fn is_due(status: &TokenStatus, now: Timestamp) -> bool {
    if status.needs_sign_in { !status.for_good } else { status.record.renews_at.is_some_and(|at| at <= now) }
}

fn needs_sign_in(error: &AppError) -> bool {
    matches!(error, AppError::OAuth(error) if error.needs_sign_in())
}

/// How long the provider asked to be left alone.
fn asked_for(error: &AppError) -> Option<Duration> {
    match error {
        AppError::OAuth(OAuthError::Provider { error: AuthError::Busy { retry_after }, .. }) => *retry_after,
        _ => None,
    }
}

/// Doubles at each failure, spread over half its length; never shorter than what the provider asked for.
fn pause(failures: u32, asked: Option<Duration>, random: f64) -> Duration {
    let doubled = PAUSE.saturating_mul(1 << failures.min(10)).min(LONGEST_PAUSE);
    doubled.mul_f64(0.75 + random.clamp(0.0, 1.0) / 2.0).max(asked.unwrap_or_default())
}

/// Each loss is told once, and once more when it has been mended in between.
fn tell_lost(told: &mut BTreeSet<String>, lost: Vec<AccountView>, tell: &(impl Fn(TokenNotice) + Send + Sync)) {
    let now: BTreeSet<String> = lost.iter().map(|account| account.id.clone()).collect();
    let new: Vec<AccountView> = lost.into_iter().filter(|account| !told.contains(&account.id)).collect();
    *told = now;
    if !new.is_empty() {
        tell(TokenNotice::SignInNeeded(new));
    }
}

#[cfg(test)]
mod tests {
    use courrier_store::TokenRecord;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_000_000 + second).expect("in range")
    }

    #[test]
    fn what_is_due_is_renewed_unless_only_the_person_helps() {
        let record = TokenRecord {
            provider: "google".into(),
            client_id: "c".into(),
            consented_as: None,
            scopes: Vec::new(),
            generation: 1,
            obtained_at: at(0),
            refreshed_at: at(0),
            expires_at: Some(at(3600)),
            renews_at: Some(at(3000)),
            sign_in_by: None,
        };
        let status = TokenStatus {
            record,
            needs_sign_in: false,
            problem_code: None,
            explanation: None,
            for_good: true,
            not_before: None,
        };
        assert!(!is_due(&status, at(2999)) && is_due(&status, at(3000)) && is_due(&status, at(99_999)));
        let refused = |for_good| TokenStatus { needs_sign_in: true, for_good, ..status.clone() };
        assert!(!is_due(&refused(true), at(3000)), "only the person helps");
        assert!(is_due(&refused(false), at(0)), "something else may have changed");
    }

    #[test]
    fn pauses_grow_and_respect_what_was_asked_for() {
        assert_eq!(pause(0, None, 0.5), PAUSE);
        assert_eq!(pause(2, None, 0.5), PAUSE * 4);
        assert!(pause(0, None, 0.0) < PAUSE && pause(0, None, 1.0) > PAUSE);
        assert_eq!((pause(SLOWLY, None, 0.5), pause(99, None, 0.5)), (LONGEST_PAUSE, LONGEST_PAUSE));
        assert_eq!(pause(0, Some(Duration::from_secs(600)), 0.5), Duration::from_secs(600));
    }
}
