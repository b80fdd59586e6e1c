//! What is known about an address before anything is asked: the built-in providers.

use courrier_model::{Address, AuthKind, Preset, Protocol, Security};

use crate::view::{DraftView, EndpointView, SuggestionView};
use crate::{AppError, Courrier, convert};

impl Courrier {
    /// Settings for an address, without any network: the provider's where it is known, else empty hosts and the usual
    /// ports. Errors with `input.address` or `input.domain` while the address is not complete.
    pub fn suggest(&self, address: &str) -> Result<SuggestionView, AppError> {
        let address: Address = address.parse()?;
        let existing = self.store().account_by_address(&address)?;
        let preset = Preset::for_address(&address);
        let endpoint = |protocol: Protocol| {
            let known = preset.and_then(|preset| {
                let endpoint = if protocol == Protocol::Imap { preset.imap } else { preset.smtp };
                endpoint.for_address(&address, preset.auth)
            });
            known.map_or_else(
                || EndpointView {
                    host: String::new(),
                    port: Security::Tls.default_port(protocol),
                    security: Security::Tls.to_string(),
                    username: address.to_string(),
                    auth: AuthKind::Password.to_string(),
                },
                |endpoint| convert::endpoint(&endpoint),
            )
        };
        let draft = match &existing {
            Some(account) => convert::draft(&courrier_model::AccountEdit::default().applied_to(account)),
            None => DraftView {
                address: address.to_string(),
                name: String::new(),
                color: None,
                primary: false,
                imap: endpoint(Protocol::Imap),
                smtp: endpoint(Protocol::Smtp),
                identities: Vec::new(),
            },
        };
        Ok(SuggestionView {
            address: address.to_string(),
            provider: preset.map(|preset| preset.name.to_owned()),
            draft,
            help_url: preset.and_then(|preset| preset.help_url).map(str::to_owned),
            app_password: preset.is_some_and(|preset| preset.app_password),
            imap_off_by_default: preset.is_some_and(|preset| preset.imap_off_by_default),
            existing_account_id: existing.map(|account| account.id.to_string()),
        })
    }

    /// Allows a page only if it stands in the provider table: whatever a server or a window says, no other is opened.
    pub fn allow_url(&self, url: &str) -> Result<(), AppError> {
        let known = courrier_model::presets().iter().any(|preset| preset.help_url == Some(url));
        let registration = || courrier_model::oauth_presets().iter().any(|preset| preset.registration_page == url);
        if known || registration() || self.is_admin_consent(url)? { Ok(()) } else { Err(AppError::UnknownPage) }
    }
}
