//! Checks: of stored accounts, of settings before they are saved, and their history.

use std::sync::Arc;

use courrier_check::limits::WHOLE;
use courrier_check::{Progress, Report, Request, Target as Endpoint, check_again, check_until};
use courrier_model::{Account, AccountDraft, AccountEdit, AccountId, CheckId, Secret};
use courrier_store::{NewCheck, SaveAccount, Target};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::accounts::{AccountChange, NewAccount};
use crate::credentials::OnRecord;
use crate::journal::SecretChange;
use crate::oauth::CheckTokens;
use crate::view::{CheckView, DraftView, PastCheckView, ProgressView, SavedView};
use crate::{AppError, Courrier, convert, input};

/// How many checks of an account are shown.
const PAST_CHECKS: u32 = 100;

/// One running check, as its caller follows and stops it.
#[derive(Clone)]
pub struct Run {
    /// The caller's number for it, told with every progress.
    pub number: u32,
    /// Stops the check at whatever stage it is in.
    pub cancel: CancellationToken,
    /// Is told what happens, from the check's own task: must return at once.
    pub progress: Arc<dyn Fn(ProgressView) + Send + Sync>,
}

impl Run {
    /// For a caller that waits for the end only.
    pub fn silent() -> Self {
        Self { number: 0, cancel: CancellationToken::new(), progress: Arc::new(|_| {}) }
    }
}

/// The passwords of a check: for receiving, and for sending.
type Pair = (Option<Secret>, Option<Secret>);

impl Courrier {
    /// Checks a stored account with its stored secrets, or a token; the result goes to its history.
    pub async fn check_account(self: &Arc<Self>, run: Run, id: &str) -> Result<CheckView, AppError> {
        let id = id.to_owned();
        let (account, secrets) = self
            .blocking(move |courrier| {
                let account = courrier.by_id(&id)?;
                let secrets = courrier.secrets_on_record(account.id)?.after(&SecretChange::default());
                Ok((account, secrets))
            })
            .await?;
        let draft = AccountEdit::default().applied_to(&account);
        let report = self.run_check(run, &draft, secrets, Some(account.id)).await?;
        let view = convert::check(&report, &self.words());
        let made = self.new_check(&report)?;
        self.blocking(move |courrier| {
            // Settings that changed meanwhile were not tested: the result is nobody's history.
            match courrier.store().account(account.id)? {
                Some(now) if now.updated_at == account.updated_at => {
                    // The person asked for the result; that it can't be kept as well is for the log.
                    if let Err(error) = courrier.store().append_check(account.id, &made) {
                        tracing::warn!(%error, "a check could not be added to the history");
                    }
                    Ok(())
                }
                _ => Ok(()),
            }
        })
        .await?;
        Ok(view)
    }

    /// Checks the account with this address as [`Courrier::check_account`] does, or, where it is not stored or other
    /// servers or secrets are given, exactly those, saving nothing.
    pub async fn check_given(
        self: &Arc<Self>,
        run: Run,
        new: NewAccount,
        password: Option<Secret>,
        sending: Option<Secret>,
    ) -> Result<CheckView, AppError> {
        let given = new.clone();
        let stored = self.blocking(move |courrier| match courrier.find(&given.address) {
            Ok(account) => Ok(Some((courrier.draft_for(&given)?, account))),
            Err(AppError::AccountNotFound) => Ok(None),
            Err(error) => Err(error),
        });
        let given = SecretChange::given(password, sending);
        let nothing_given = given.incoming.is_none() && given.outgoing.is_none();
        let (draft, secrets) = match stored.await? {
            Some((draft, account)) if nothing_given => {
                if account.imap == draft.imap && account.smtp == draft.smtp {
                    return self.check_account(run, &account.id.to_string()).await;
                }
                // A stored password is for the servers it was stored with.
                let same_hosts = account.imap.host == draft.imap.host && account.smtp.host == draft.smtp.host;
                let record = if same_hosts {
                    self.blocking(move |courrier| courrier.secrets_on_record(account.id)).await?
                } else {
                    OnRecord::default()
                };
                (draft, record.after(&given))
            }
            Some((draft, _)) => (draft, OnRecord::default().after(&given)),
            None => {
                let draft = self.blocking(move |courrier| courrier.draft_for(&new)).await?;
                (draft, OnRecord::default().after(&given))
            }
        };
        let report = self.run_check(run, &draft, secrets, None).await?;
        Ok(convert::check(&report, &self.words()))
    }

    /// Checks settings from a form; nothing is saved.
    pub async fn check_draft(
        self: &Arc<Self>,
        run: Run,
        draft: DraftView,
        password: Option<Secret>,
        sending: Option<Secret>,
    ) -> Result<CheckView, AppError> {
        let draft = input::draft(&draft)?;
        let secrets = OnRecord::default().after(&SecretChange::given(password, sending));
        let report = self.run_check(run, &draft, secrets, None).await?;
        Ok(convert::check(&report, &self.words()))
    }

    /// Adds an account from a form: checks it, and saves it only if both sides pass, or unchecked if that is asked for.
    pub async fn add_account(
        self: &Arc<Self>,
        run: Run,
        draft: DraftView,
        password: Option<Secret>,
        sending: Option<Secret>,
        unchecked: bool,
    ) -> Result<SavedView, AppError> {
        let draft = input::draft(&draft)?;
        self.check_and_save(run, draft, None, SecretChange::given(password, sending), unchecked).await
    }

    /// Adds an account from a command line, as [`Courrier::add_account`] does.
    pub async fn add_given(
        self: &Arc<Self>,
        run: Run,
        new: NewAccount,
        password: Option<Secret>,
        sending: Option<Secret>,
        unchecked: bool,
    ) -> Result<SavedView, AppError> {
        let draft = self.blocking(move |courrier| courrier.draft_for(&new)).await?;
        self.check_and_save(run, draft, None, SecretChange::given(password, sending), unchecked).await
    }

    /// Changes an account from a form. What reaches a server (endpoints, passwords) is checked first, unless unchecked
    /// is asked for, and saved only if both sides pass.
    pub async fn edit_account(
        self: &Arc<Self>,
        run: Run,
        id: &str,
        draft: DraftView,
        password: Option<Secret>,
        sending: Option<Secret>,
        unchecked: bool,
    ) -> Result<SavedView, AppError> {
        let (id, draft) = (id.to_owned(), input::draft(&draft)?);
        let account = self.blocking(move |courrier| courrier.by_id(&id)).await?;
        let secrets = SecretChange { incoming: password, outgoing: sending, one_for_both: false };
        let touches_servers = account.imap != draft.imap
            || account.smtp != draft.smtp
            || account.address != draft.address
            || secrets.incoming.is_some()
            || secrets.outgoing.is_some();
        self.check_and_save(run, draft, Some(account), secrets, unchecked || !touches_servers).await
    }

    /// Changes an account from a command line after checking it.
    pub async fn change_checked(
        self: &Arc<Self>,
        run: Run,
        address: &str,
        change: AccountChange,
        password: Option<Secret>,
        sending: Option<Secret>,
    ) -> Result<SavedView, AppError> {
        let address = address.to_owned();
        let (account, draft) = self
            .blocking(move |courrier| {
                let account = courrier.find(&address)?;
                let draft = courrier.edit_for(&account, &change)?.applied_to(&account);
                Ok((account, draft))
            })
            .await?;
        self.check_and_save(run, draft, Some(account), SecretChange::given(password, sending), false).await
    }

    /// One check of a stored account with another password, which is kept if it works.
    pub async fn try_password(self: &Arc<Self>, run: Run, id: &str, password: Secret) -> Result<SavedView, AppError> {
        let id = id.to_owned();
        let account = self.blocking(move |courrier| courrier.by_id(&id)).await?;
        let draft = AccountEdit::default().applied_to(&account);
        let secrets = SecretChange { incoming: Some(password), ..SecretChange::default() };
        self.check_and_save(run, draft, Some(account), secrets, false).await
    }

    /// An account's checks, newest first, in the words of the language in use.
    pub fn past_checks(&self, id: &str) -> Result<Vec<PastCheckView>, AppError> {
        let id: AccountId = id.parse()?;
        let words = self.words();
        let stored = self.store().checks(id, PAST_CHECKS)?;
        // A report that a later version wrote differently is left out rather than shown wrong.
        Ok(stored
            .iter()
            .filter_map(|check| {
                let report: Report = serde_json::from_str(&check.report_json).ok()?;
                let check_view = convert::check(&report, &words);
                Some(PastCheckView { id: check.id.to_string(), at: convert::time(check.at), check: check_view })
            })
            .collect())
    }

    async fn check_and_save(
        self: &Arc<Self>,
        run: Run,
        draft: AccountDraft,
        account: Option<Account>,
        secrets: SecretChange,
        unchecked: bool,
    ) -> Result<SavedView, AppError> {
        let known = account.clone();
        let address = draft.address.clone();
        // Everything that could forbid saving is asked before the network is.
        let (pair, secrets) = self
            .blocking(move |courrier| {
                courrier.require_storage_for(&[&secrets.incoming, &secrets.outgoing])?;
                let same = courrier.store().account_by_address(&address)?;
                if let (Some(account), Some(other)) = (&known, &same)
                    && account.id != other.id
                {
                    return Err(AppError::AddressTaken);
                }
                let record = match known.or(same) {
                    Some(account) if !unchecked => courrier.secrets_on_record(account.id)?,
                    _ => OnRecord::default(),
                };
                Ok((record.after(&secrets), secrets))
            })
            .await?;
        let known = account.as_ref().map(|account| account.id);
        let report = if unchecked { None } else { Some(self.run_check(run, &draft, pair, known).await?) };
        let view = report.as_ref().map(|report| convert::check(report, &self.words()));
        let check = report.as_ref().map(|report| self.new_check(report)).transpose()?;
        if report.is_some_and(|report| !report.ok) {
            return Ok(SavedView { account: None, check: view });
        }
        let target = match &account {
            Some(account) => Target::Existing(account.id, edit_to(account, draft)),
            None => Target::New(draft),
        };
        let request = SaveAccount { check, ..SaveAccount::new(target, self.now()) };
        let saved = self.blocking(move |courrier| courrier.save_with_secrets(request, &secrets)).await?;
        Ok(SavedView { account: Some(self.account_view(&saved.account)?), check: view })
    }

    /// Checks with these passwords and with the tokens of this account, or of the one that has the address. A token that
    /// a server refuses is exchanged for another one, once, and shown to that server alone. However many steps that
    /// takes, they share the time that one check has.
    async fn run_check(
        self: &Arc<Self>,
        run: Run,
        draft: &AccountDraft,
        passwords: Pair,
        account: Option<AccountId>,
    ) -> Result<Report, AppError> {
        let number = run.number;
        let tell = move |progress: Progress| (run.progress)(progress_view(number, &progress));
        let checking = async {
            let deadline = Instant::now() + WHOLE;
            let environment = self.environment();
            let mut tokens = self.tokens_for_check(draft, account).await?;
            let first = request(draft, &passwords, &tokens);
            let mut report = check_until(deadline, &first, environment, &tell).await;
            let refused = tokens.after(&mut report, deadline).await;
            if !refused.is_empty() {
                let second = request(draft, &passwords, &tokens);
                report = check_again(deadline, &refused, report, &second, environment, &tell).await;
            }
            Ok(report)
        };
        tokio::select! {
            biased;
            () = run.cancel.cancelled() => Err(AppError::Cancelled),
            report = checking => report,
        }
    }

    fn new_check(&self, report: &Report) -> Result<NewCheck, AppError> {
        Ok(NewCheck {
            id: CheckId::random(),
            at: self.now(),
            report_json: serde_json::to_string(report).map_err(|_| AppError::Task)?,
            ok: report.ok,
            problem_code: report.problem_code(),
        })
    }

    /// Work that blocks (the file, the keyring), off the threads that serve connections.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let courrier = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&courrier)).await.unwrap_or(Err(AppError::Task))
    }
}

fn request(draft: &AccountDraft, (imap, smtp): &Pair, tokens: &CheckTokens) -> Request {
    let target = |endpoint: &courrier_model::Endpoint, password: &Option<Secret>| Endpoint {
        endpoint: endpoint.clone(),
        secret: tokens.credentials(endpoint.auth, password.clone()),
    };
    Request { address: draft.address.clone(), imap: target(&draft.imap, imap), smtp: target(&draft.smtp, smtp) }
}

/// The edit that makes an account look like a draft.
fn edit_to(account: &Account, draft: AccountDraft) -> AccountEdit {
    AccountEdit {
        address: Some(draft.address),
        name: Some(draft.name),
        color: draft.color,
        // Saving the account that is primary anyway is no choice, which would travel.
        primary: (draft.primary != account.primary).then_some(draft.primary),
        imap: Some(draft.imap),
        smtp: Some(draft.smtp),
        identities: Some(draft.identities),
    }
}

fn progress_view(run: u32, progress: &Progress) -> ProgressView {
    let (side, began, ended, side_ok) = match progress {
        Progress::Began(side, stage) => (side, Some(stage.as_str().to_owned()), None, None),
        Progress::Ended(side, step) => (side, None, Some(convert::step(step)), None),
        Progress::Done(side, ok) => (side, None, None, Some(*ok)),
    };
    ProgressView { run, side: side.to_string(), began, ended, side_ok }
}
