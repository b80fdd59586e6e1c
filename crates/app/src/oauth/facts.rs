//! Accounts' tokens as shells show them: from the local file alone.

use courrier_auth::Explanation;
use courrier_model::Account;
use courrier_store::{TokenRecord, TokenStatus};

use crate::oauth::provider::{preset_of, provider_name};
use crate::oauth::state::uses_oauth;
use crate::view::TokensView;
use crate::words::Words;
use crate::{AppError, Courrier, convert};

impl Courrier {
    /// What is known of the tokens of an account; `None` where it signs in by password.
    pub(crate) fn tokens_view(
        &self,
        account: &Account,
        status: Option<&TokenStatus>,
    ) -> Result<Option<TokensView>, AppError> {
        if !uses_oauth(account) {
            return Ok(None);
        }
        let Some(status) = status else {
            let preset = preset_of(&account.imap, &account.smtp);
            return Ok(Some(TokensView {
                provider: preset.map(|preset| preset.id.to_owned()).unwrap_or_default(),
                provider_name: preset.map_or_else(|| account.imap.host.to_unicode(), |preset| preset.name.to_owned()),
                consented_as: None,
                state: "missing".to_owned(),
                explanation: None,
                expires_at: None,
                refreshed_at: None,
                renews_at: None,
                sign_in_by: None,
            }));
        };
        let unkept = self.oauth().is_unkept(self.slot_id(account.id)?);
        let state = if status.needs_sign_in {
            "sign_in_needed"
        } else if unkept {
            "unkept"
        } else {
            "working"
        };
        let TokenRecord { provider, consented_as, refreshed_at, expires_at, renews_at, sign_in_by, .. } =
            status.record.clone();
        Ok(Some(TokensView {
            provider_name: provider_name(&provider),
            provider,
            consented_as,
            state: state.to_owned(),
            explanation: status.explanation.as_deref().and_then(|code| explanation(code, &self.words())),
            expires_at: expires_at.map(convert::time),
            refreshed_at: Some(convert::time(refreshed_at)),
            renews_at: renews_at.map(convert::time).filter(|_| !status.needs_sign_in),
            sign_in_by: sign_in_by.map(convert::time),
        }))
    }
}

/// The provider's reason in words; none for one that only a newer program knows.
fn explanation(code: &str, words: &Words) -> Option<String> {
    let known = Explanation::from_code(code)?;
    Some(words.text(&format!("oauth-reason-{}", known.code()), &[]))
}
