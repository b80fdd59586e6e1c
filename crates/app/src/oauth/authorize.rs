//! The person's consent: in the browser, at an address that is told, or by a code.
//!
//! What comes back is compared before anything is kept: are the permissions complete, and is it the account's own address
//! that consented? A different one is never bound without a word; shared mailboxes and delegates are a choice.

use std::sync::Arc;
use std::time::Duration;

use courrier_auth::{AuthError, Consent, Explanation, MailClient};
use courrier_model::{AccountDraft, AccountEdit, AccountId, Address, AuthKind, Endpoint, MailHosts, OAuthPreset};
use courrier_store::{SaveAccount, Target, TokenRecord};
use tokio::time::Instant;

use crate::oauth::OAuthError;
use crate::oauth::hosts::meant_hosts;
use crate::oauth::provider::{Named, Source, preset_of};
use crate::server::{Attempt, Moment, Way, pages};
use crate::view::{AccountView, DeviceCodeView, DraftView};
use crate::{AppError, Courrier, convert, input};

/// How long a person may take in the browser: a new password and a second factor included.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long a consent of another address waits for the person's word.
const HELD: Duration = Duration::from_secs(15 * 60);

/// How an account is authorised, where the usual way is not meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizeOptions {
    /// The address of an issuer of the organisation's own.
    pub issuer: Option<String>,
    /// The client id to use, now and from now on.
    pub client_id: Option<String>,
    /// Another address than the account's may consent: its mailbox is shared, or read for somebody else.
    pub as_delegate: bool,
}

/// Whose consent is asked for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The account, if it is stored.
    pub(super) account: Option<AccountId>,
    /// What it is to be.
    pub(super) draft: AccountDraft,
    pub(super) options: AuthorizeOptions,
}

/// A consent that waits for the person's word, because another address gave it.
pub(crate) struct HeldConsent {
    wanted: Wanted,
    named: Named,
    consent: Consent,
    since: Instant,
}

impl HeldConsent {
    pub(crate) fn is_fresh(&self) -> bool {
        self.since.elapsed() < HELD
    }
}

/// What is known before the person is asked for anything.
struct Prepared {
    wanted: Wanted,
    /// As it was before anything was switched to OAuth.
    present: AccountDraft,
    source: Source,
    /// The servers that the person has consented to already.
    before: MailHosts,
    reconsent: bool,
}

impl Courrier {
    /// Has the person consent to the use of a stored account's mailbox. One that signs in by password signs in by OAuth
    /// from then on; its password stays stored.
    ///
    /// Nothing changes before the consent is there.
    ///
    /// # Errors
    /// `oauth.…`, `signin.…`; `keyring.…` at once if tokens could not be kept.
    pub async fn authorize_account(
        self: &Arc<Self>,
        attempt: &Attempt,
        id: &str,
        options: AuthorizeOptions,
    ) -> Result<AccountView, AppError> {
        let id = id.to_owned();
        self.authorize_with(attempt, move |courrier| {
            let account = courrier.by_id(&id)?;
            Ok(Wanted { account: Some(account.id), draft: AccountEdit::default().applied_to(&account), options })
        })
        .await
    }

    /// The same by its address.
    ///
    /// # Errors
    /// As [`Courrier::authorize_account`]; `account.not_found`.
    pub async fn authorize(
        self: &Arc<Self>,
        attempt: &Attempt,
        address: &str,
        options: AuthorizeOptions,
    ) -> Result<AccountView, AppError> {
        let address = address.to_owned();
        let id = self.blocking(move |courrier| Ok(courrier.find(&address)?.id.to_string())).await?;
        self.authorize_account(attempt, &id, options).await
    }

    /// Adds an account from a form with the person's consent: it is stored as soon as that is there, and not before. It
    /// is not checked yet.
    ///
    /// # Errors
    /// As [`Courrier::authorize_account`].
    pub async fn authorize_draft(
        self: &Arc<Self>,
        attempt: &Attempt,
        draft: DraftView,
        options: AuthorizeOptions,
    ) -> Result<AccountView, AppError> {
        let draft = input::draft(&draft)?;
        self.authorize_with(attempt, move |courrier| {
            let account = courrier.store().account_by_address(&draft.address)?.map(|account| account.id);
            Ok(Wanted { account, draft, options })
        })
        .await
    }

    /// Uses the consent of another address after all: the person knows why it is another.
    ///
    /// # Errors
    /// `signin.cancelled` if none waits any more; as [`Courrier::authorize_account`].
    pub async fn use_other_address(self: &Arc<Self>, address: &str) -> Result<AccountView, AppError> {
        let address: Address = address.parse()?;
        let HeldConsent { mut wanted, named, consent, .. } =
            self.oauth().take_held(&address).ok_or_else(Attempt::over)?;
        wanted.options.as_delegate = true;
        self.settle_consent(wanted, named, consent).await
    }

    /// The person does not want the consent of another address used: it is forgotten.
    pub fn drop_other_address(&self, address: &str) {
        if let Ok(address) = address.parse() {
            drop(self.oauth().take_held(&address));
        }
    }

    async fn authorize_with(
        self: &Arc<Self>,
        attempt: &Attempt,
        wanted: impl FnOnce(&Self) -> Result<Wanted, AppError> + Send + 'static,
    ) -> Result<AccountView, AppError> {
        let begin = async {
            let prepared = self.blocking(move |courrier| courrier.prepare_consent(wanted(courrier)?)).await?;
            let Wanted { draft, options, .. } = &prepared.wanted;
            let named = self.provider_for(prepared.source.clone(), draft, options, &prepared.before).await?;
            Ok::<_, AppError>((prepared, named))
        };
        let (mut prepared, named) = tokio::select! {
            begun = begin => begun?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        keep_unbound(&mut prepared.wanted.draft, &prepared.present, &named.provider.mail_hosts);
        let failed = |error: AuthError| {
            let admin = named.provider.admin_consent_url().map(ToString::to_string);
            AppError::of_mail(&named.name, error, admin)
        };
        let client = MailClient::new(self.http().clone(), named.provider.clone()).map_err(failed)?;
        let consent = match attempt.way() {
            Way::Browser | Way::Address => self.consent_by_browser(&client, attempt, &prepared, failed).await,
            Way::Code => self.consent_by_code(&client, attempt, failed).await,
        };
        let address = &prepared.wanted.draft.address;
        let consent = consent.inspect_err(|error| {
            if matches!(error, AppError::OAuth(OAuthError::Provider { error: AuthError::NoRefreshToken, .. })) {
                self.oauth().note_incomplete(address, true);
            }
            if named.provider.registered && is_unknown_client(error) {
                let forgotten = self.forget_registration(&named.provider.id);
                drop(forgotten.inspect_err(|error| tracing::warn!(%error, "a client that is gone stays known")));
            }
        })?;
        self.settle_consent(prepared.wanted, named, consent).await
    }

    /// Asks the secret store first: nobody shall type a password for tokens that can't be kept.
    fn prepare_consent(&self, mut wanted: Wanted) -> Result<Prepared, AppError> {
        self.require_storage()?;
        let before = wanted.account.map(|id| self.store().tokens(id)).transpose()?.flatten();
        let record: Option<&TokenRecord> = before.as_ref().map(|status| &status.record);
        let hosts = preset_of(&wanted.draft.imap, &wanted.draft.smtp)
            .map_or_else(|| meant_hosts(&wanted.draft), |preset| preset.mail_hosts());
        let present = wanted.draft.clone();
        wanted.draft = by_oauth(wanted.draft, &hosts);
        let source = self.source_of(&wanted.draft, &wanted.options, record)?;
        let why = before.as_ref().and_then(|status| status.explanation.as_deref());
        if let Some(record) = record.filter(|_| why == Some(Explanation::UnknownApplication.code())) {
            self.forget_registration(&record.provider)?;
        }
        let unconsented = why == Some(Explanation::Consent.code());
        let reconsent = unconsented || self.oauth().is_incomplete(&wanted.draft.address);
        // What can't be read now costs nothing but a server that has to be named again.
        let tokens = wanted.account.and_then(|id| self.slot_tokens(id).ok().flatten());
        let before = tokens.map(|tokens| tokens.mail_hosts).unwrap_or_default();
        Ok(Prepared { wanted, present, source, before, reconsent })
    }

    async fn consent_by_browser(
        self: &Arc<Self>,
        client: &MailClient,
        attempt: &Attempt,
        prepared: &Prepared,
        failed: impl Fn(AuthError) -> AppError,
    ) -> Result<Consent, AppError> {
        let words = self.words();
        let options = courrier_auth::AuthorizeOptions {
            pages: pages::authorized(&words),
            login_hint: login_hint(&prepared.wanted),
            ui_locales: vec![words.language().tag().to_owned()],
            reconsent: prepared.reconsent,
        };
        let waiting = tokio::select! {
            begun = client.authorize(options) => begun.map_err(&failed)?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        let address = waiting.authorize_url().clone();
        attempt.opened(address.clone(), waiting.paste_handle());
        if attempt.way() == Way::Browser {
            self.open_in_browser(address).await?;
        }
        waiting.wait(attempt.cancelled(), PATIENCE).await.map_err(failed)
    }

    async fn consent_by_code(
        &self,
        client: &MailClient,
        attempt: &Attempt,
        failed: impl Fn(AuthError) -> AppError,
    ) -> Result<Consent, AppError> {
        let waiting = tokio::select! {
            begun = client.authorize_by_code() => begun.map_err(&failed)?,
            () = attempt.cancelled().cancelled() => return Err(Attempt::over()),
        };
        attempt.tell(Moment::Code(DeviceCodeView {
            attempt: attempt.number(),
            user_code: waiting.user_code().to_owned(),
            verification_url: waiting.verification_uri().to_string(),
            verification_url_complete: waiting.verification_uri_complete().map(ToString::to_string),
            expires_at: convert::time(waiting.expires_at()),
        }));
        waiting.wait(attempt.cancelled()).await.map_err(failed)
    }

    /// Compares the consent with what was wanted, and keeps what came of it. Goes on when its caller gives up: the code
    /// is used, and nobody can have these tokens twice.
    pub(super) async fn settle_consent(
        self: &Arc<Self>,
        wanted: Wanted,
        named: Named,
        consent: Consent,
    ) -> Result<AccountView, AppError> {
        let courrier = Arc::clone(self);
        let settling = async move { courrier.take_consent(wanted, named, consent).await };
        tokio::spawn(settling).await.unwrap_or(Err(AppError::Task))
    }

    async fn take_consent(
        self: &Arc<Self>,
        wanted: Wanted,
        named: Named,
        consent: Consent,
    ) -> Result<AccountView, AppError> {
        let address = wanted.draft.address.clone();
        if !consent.missing_scopes.is_empty() {
            self.oauth().note_incomplete(&address, true);
            return Err(OAuthError::ScopeMissing { provider: named.name }.into());
        }
        self.oauth().note_incomplete(&address, false);
        if !wanted.options.as_delegate
            && let Some(consented) = somebody_else(&consent, &wanted.draft)
        {
            let error = OAuthError::OtherAddress { account: address.to_string(), consented };
            self.oauth().hold(&address, HeldConsent { wanted, named, consent, since: Instant::now() });
            return Err(error.into());
        }
        let mut tokens = consent.tokens;
        let (id, stored, mail, tokens) = self
            .blocking(move |courrier| {
                courrier.note_provider(&named, &wanted.options)?;
                // A slot needs an account. One that is there stays as it is until its tokens are kept.
                let (id, stored) = match wanted.account {
                    Some(id) => (id, Some(wanted)),
                    None => (courrier.save_consented(wanted)?, None),
                };
                // Above what is noted, should the slot have been emptied.
                let before = courrier.store().tokens(id)?.map_or(0, |before| before.record.generation);
                tokens.generation = tokens.generation.max(before);
                courrier.oauth().note_given_back(id, false);
                Ok((id, stored, courrier.custodian_for_consent(named, id)?, tokens))
            })
            .await?;
        let mut kept = mail.custodian.replace(tokens.clone()).await;
        if kept.is_err() && !mail.custodian.is_unkept() {
            // Another process was busy with the old ones for longer than it should be.
            kept = mail.custodian.replace(tokens).await;
        }
        kept.map_err(|error| mail.failed(error))?;
        self.oauth().changed.notify_waiters();
        self.blocking(move |courrier| {
            stored.map(|wanted| courrier.save_consented(wanted)).transpose()?;
            let account = courrier.store().account(id)?.ok_or(AppError::AccountNotFound)?;
            courrier.account_view(&account)
        })
        .await
    }

    /// A client that the person could consent with works: the next authorisation need not be told.
    fn note_provider(&self, named: &Named, options: &AuthorizeOptions) -> Result<(), AppError> {
        let provider = &named.provider;
        if OAuthPreset::by_id(&provider.id).is_none() {
            self.note_issuer(provider)?;
        }
        if let Some(id) = &options.client_id {
            let secret = provider.client_secret.as_ref();
            self.set_client_id(&provider.id, Some(id), secret)?;
        }
        Ok(())
    }

    /// The account as it was wanted.
    fn save_consented(&self, wanted: Wanted) -> Result<AccountId, AppError> {
        let Wanted { account, draft, .. } = wanted;
        let target = match account {
            Some(id) => {
                let account = self.store().account(id)?.ok_or(AppError::AccountNotFound)?;
                if account.imap == draft.imap && account.smtp == draft.smtp && account.name == draft.name {
                    return Ok(id);
                }
                let edit = AccountEdit {
                    imap: Some(draft.imap),
                    smtp: Some(draft.smtp),
                    name: Some(draft.name).filter(|name| !name.as_str().is_empty()),
                    color: draft.color,
                    ..AccountEdit::default()
                };
                Target::Existing(id, edit)
            }
            None => Target::New(draft),
        };
        Ok(self.store().save(SaveAccount::new(target, self.now()))?.account.id)
    }
}

/// The account with OAuth where these hosts take it. Sending that has a password of its own beside OAuth for receiving,
/// or none, was set up so.
fn by_oauth(mut draft: AccountDraft, hosts: &MailHosts) -> AccountDraft {
    let switches = draft.imap.auth != AuthKind::OAuth;
    let take = |endpoint: &mut Endpoint| {
        if endpoint.auth == AuthKind::Password && hosts.covers(&endpoint.host) {
            endpoint.auth = AuthKind::OAuth;
        }
    };
    take(&mut draft.imap);
    if switches {
        take(&mut draft.smtp);
    }
    draft
}

/// Leaves a side with its password that would only have been switched: its server is not one that gets these tokens.
fn keep_unbound(draft: &mut AccountDraft, present: &AccountDraft, bound: &MailHosts) {
    for (side, present) in [(&mut draft.imap, &present.imap), (&mut draft.smtp, &present.smtp)] {
        if side.auth == AuthKind::OAuth && !bound.covers(&side.host) {
            side.auth = present.auth;
        }
    }
}

/// True if the provider does not know the client that it was asked by.
fn is_unknown_client(error: &AppError) -> bool {
    let AppError::OAuth(OAuthError::Provider { error, .. }) = error else { return false };
    let code = match error {
        AuthError::Provider(error) => &error.error,
        AuthError::Refused { error } => error,
        _ => return false,
    };
    matches!(code.as_str(), "invalid_client" | "unauthorized_client")
}

/// Whose name the provider's page fills in. A delegate signs in with a name that is not the mailbox's.
fn login_hint(wanted: &Wanted) -> Option<String> {
    if wanted.options.as_delegate {
        return None;
    }
    let username = wanted.draft.imap.username.as_str();
    Some(if username.contains('@') { username.to_owned() } else { wanted.draft.address.to_string() })
}

/// Who consented, if it is certainly not whose account this is. The name that the account signs in with is its own, too.
fn somebody_else(consent: &Consent, draft: &AccountDraft) -> Option<String> {
    if consent.names(&draft.address) != Some(false) {
        return None;
    }
    let consented = consent.consented_as()?;
    let signs_in = [&draft.imap, &draft.smtp].into_iter().any(|endpoint| {
        endpoint.auth == AuthKind::OAuth
            && endpoint.username.as_str() != draft.address.to_string()
            && endpoint.username.as_str().eq_ignore_ascii_case(consented)
    });
    (!signs_in).then(|| consented.to_owned())
}
