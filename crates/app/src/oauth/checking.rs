//! Tokens for checks: one is had before, and another one once if a server refuses it. All of it within the time that a
//! check may take.

use std::sync::Arc;
use std::time::Duration;

use courrier_auth::AccessToken;
use courrier_check::{Credentials, Report, SideReport};
use courrier_model::{AccountDraft, AccountId, AuthKind, Host, ProblemCode, Protocol, Secret};
use tokio::time::{Instant, timeout_at};

use crate::oauth::keeper::problem;
use crate::oauth::state::Mail;
use crate::{AppError, Courrier};

/// A check takes at most so long.
const LASTS: Duration = Duration::from_secs(60);
/// A token is waited for no longer than this before a check, whose servers want their time as well. The refresh goes on.
const FETCH: Duration = Duration::from_secs(12);
/// What a server is given to take another token. With less time left, what it said of the first one stands.
const AGAIN: Duration = Duration::from_secs(12);

/// What the sides of a check that sign in by OAuth have.
pub(crate) enum CheckTokens {
    /// Nothing: no side needs any, or nothing was ever authorised.
    None,
    /// A token.
    Ready(Box<Ready>),
    /// None, and this is why: the person is wanted, or the provider can't be asked now.
    Missing(ProblemCode),
}

pub(crate) struct Ready {
    mail: Mail,
    hosts: Vec<Host>,
    token: AccessToken,
}

impl CheckTokens {
    /// What one side signs in with.
    pub(crate) fn credentials(&self, auth: AuthKind, password: Option<Secret>) -> Option<Credentials> {
        match (auth, self) {
            (AuthKind::Password, _) => password.map(Credentials::from),
            (AuthKind::OAuth, Self::Ready(ready)) => Some(Credentials::AccessToken {
                token: ready.token.secret().clone(),
                expires_at: Some(ready.token.expires_at()),
            }),
            (AuthKind::OAuth | AuthKind::None, _) => None,
        }
    }

    /// The sides to be checked again because their servers refused the token, if there is another one and the time for
    /// it. The only other attempt that is made; a side that failed for another reason is left alone: servers count what
    /// they refuse.
    pub(crate) async fn after(&mut self, report: &mut Report, deadline: Instant) -> Vec<Protocol> {
        let Self::Ready(ready) = self else {
            if let Self::Missing(code) = self {
                name(report, ProblemCode::AuthOauthRequired, *code);
            }
            return Vec::new();
        };
        let refused = refused(report);
        if refused.is_empty() {
            return Vec::new();
        }
        ready.mail.custodian.refused(&ready.token);
        let Some(latest) = deadline.checked_sub(AGAIN) else { return Vec::new() };
        match timeout_at(latest, ready.mail.for_hosts(&ready.hosts, LASTS)).await {
            Ok(Ok(token)) => {
                ready.token = token;
                return refused;
            }
            Ok(Err(AppError::OAuth(error))) if error.needs_sign_in() => {
                let code = problem(error.explanation());
                name(report, ProblemCode::AuthTokenRejected, code);
                name(report, ProblemCode::AuthTokenExpired, code);
            }
            // What the server said stands; the next check finds the provider back.
            Ok(Err(error)) => tracing::info!(%error, "no other token for a check"),
            Err(_) => tracing::info!("no time for another token"),
        }
        Vec::new()
    }
}

impl Courrier {
    /// The token for a check of these settings, with the tokens of the account that they are, or are to be, those of. A
    /// provider that can't be asked now prevents no check: how far the servers let anybody is worth knowing.
    ///
    /// # Errors
    /// `oauth.host_changed`, `oauth.misconfigured`; `keyring.…`.
    pub(crate) async fn tokens_for_check(
        self: &Arc<Self>,
        draft: &AccountDraft,
        account: Option<AccountId>,
    ) -> Result<CheckTokens, AppError> {
        let sides = [&draft.imap, &draft.smtp].into_iter().filter(|side| side.auth == AuthKind::OAuth);
        let mut hosts: Vec<Host> = sides.map(|side| side.host.clone()).collect();
        hosts.dedup();
        if hosts.is_empty() {
            return Ok(CheckTokens::None);
        }
        let address = draft.address.clone();
        let found = self.blocking(move |courrier| {
            let account = match account {
                Some(id) => courrier.store().account(id)?,
                None => courrier.store().account_by_address(&address)?,
            };
            account.map(|account| courrier.custodian(&account)).transpose()
        });
        let mail = match found.await {
            Ok(Some(mail)) => mail,
            Ok(None) => return Ok(CheckTokens::None),
            Err(error) if error.code() == "secret.missing" => return Ok(CheckTokens::None),
            Err(error) => return Err(error),
        };
        let Ok(fetched) = timeout_at(Instant::now() + FETCH, mail.for_hosts(&hosts, LASTS)).await else {
            tracing::info!("the provider takes its time; the check goes on without a token");
            return Ok(CheckTokens::Missing(ProblemCode::AuthProviderUnreachable));
        };
        match fetched {
            Ok(token) => Ok(CheckTokens::Ready(Box::new(Ready { mail, hosts, token }))),
            // The slot was emptied behind the database's back.
            Err(AppError::OAuth(error)) if error.code() == "secret.missing" => Ok(CheckTokens::None),
            Err(AppError::OAuth(error)) if error.needs_sign_in() => {
                Ok(CheckTokens::Missing(problem(error.explanation())))
            }
            Err(AppError::OAuth(error)) if error.code() == "oauth.unreachable" => {
                tracing::info!(%error, "the check goes on without a token");
                Ok(CheckTokens::Missing(ProblemCode::AuthProviderUnreachable))
            }
            Err(error) => Err(error),
        }
    }
}

/// The sides whose servers refused a token.
fn refused(report: &Report) -> Vec<Protocol> {
    let of = |side: &SideReport| {
        let code = side.problem.as_ref().map(|problem| problem.code);
        matches!(code, Some(ProblemCode::AuthTokenRejected | ProblemCode::AuthTokenExpired))
    };
    let sides = [(Protocol::Imap, &report.imap), (Protocol::Smtp, &report.smtp)];
    sides.into_iter().filter(|(_, side)| of(side)).map(|(protocol, _)| protocol).collect()
}

/// Calls a problem of a side that signs in by OAuth by its better name.
fn name(report: &mut Report, from: ProblemCode, to: ProblemCode) {
    for side in [&mut report.imap, &mut report.smtp].into_iter().filter(|side| side.endpoint.auth == AuthKind::OAuth) {
        if let Some(problem) = &mut side.problem
            && problem.code == from
        {
            problem.code = to;
        }
    }
}
