//! Tokens for checks: one is had before, and another one once if a server refuses it.

use std::sync::Arc;
use std::time::Duration;

use courrier_auth::AccessToken;
use courrier_check::{Credentials, Report, SideReport};
use courrier_model::{AccountDraft, AccountId, AuthKind, Host, ProblemCode, Secret};

use crate::oauth::keeper::problem;
use crate::oauth::state::Mail;
use crate::{AppError, Courrier};

/// A check takes at most so long.
const LASTS: Duration = Duration::from_secs(60);

/// What the sides of a check that sign in by OAuth have.
pub(crate) enum CheckTokens {
    /// Nothing: no side needs any, or nothing was ever authorised.
    None,
    /// A token.
    Ready(Box<Ready>),
    /// Only the person helps.
    Wanted(ProblemCode),
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

    /// Another token, if a server refused this one and there is another. The only other attempt that is made.
    pub(crate) async fn after(&mut self, report: &mut Report) -> bool {
        let Self::Ready(ready) = self else {
            if let Self::Wanted(code) = self {
                name(report, ProblemCode::AuthOauthRequired, *code);
            }
            return false;
        };
        if !sides(report).into_iter().any(refused) {
            return false;
        }
        ready.mail.custodian.refused(&ready.token);
        match ready.mail.for_hosts(&ready.hosts, LASTS).await {
            Ok(token) => {
                ready.token = token;
                true
            }
            Err(AppError::OAuth(error)) if error.needs_sign_in() => {
                let code = problem(error.explanation());
                name(report, ProblemCode::AuthTokenRejected, code);
                name(report, ProblemCode::AuthTokenExpired, code);
                false
            }
            // What the server said stands; the next check finds the provider back.
            Err(error) => {
                tracing::info!(%error, "no other token for a check");
                false
            }
        }
    }
}

impl Courrier {
    /// The token for a check of these settings, with the tokens of the account that they are, or are to be, those of.
    ///
    /// # Errors
    /// `oauth.host_changed`; `oauth.unreachable`, `keyring.…` and others that pass.
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
        match mail.for_hosts(&hosts, LASTS).await {
            Ok(token) => Ok(CheckTokens::Ready(Box::new(Ready { mail, hosts, token }))),
            // The slot was emptied behind the database's back.
            Err(AppError::OAuth(error)) if error.code() == "secret.missing" => Ok(CheckTokens::None),
            Err(AppError::OAuth(error)) if error.needs_sign_in() => {
                Ok(CheckTokens::Wanted(problem(error.explanation())))
            }
            Err(error) => Err(error),
        }
    }
}

fn sides(report: &Report) -> [&SideReport; 2] {
    [&report.imap, &report.smtp]
}

fn refused(side: &SideReport) -> bool {
    let code = side.problem.as_ref().map(|problem| problem.code);
    matches!(code, Some(ProblemCode::AuthTokenRejected | ProblemCode::AuthTokenExpired))
}

/// Calls a problem by its better name.
fn name(report: &mut Report, from: ProblemCode, to: ProblemCode) {
    for side in [&mut report.imap, &mut report.smtp] {
        if let Some(problem) = &mut side.problem
            && problem.code == from
        {
            problem.code = to;
        }
    }
}
