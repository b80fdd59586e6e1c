//! Where an account's tokens come from. Decided from the account's own servers first: a provider's tokens go to that
//! provider's servers, whatever its address or a mail server says.

use std::sync::Arc;

use courrier_auth::{AuthError, IssuerUrl, MailProvider};
use courrier_model::{AccountDraft, AuthKind, Endpoint, MailHosts, OAuthPreset, Preset};
use courrier_store::TokenRecord;

use crate::oauth::clients::ClientOf;
use crate::oauth::hosts::{bound_hosts, own_hosts};
use crate::oauth::issuers::{Asked, issuer_name};
use crate::oauth::{AuthorizeOptions, OAuthError, hint};
use crate::view::{AuthorizeHelpView, EndpointView};
use crate::{AppError, Courrier, input};

/// Who gives an account's tokens, before anybody is asked.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// One that is known in advance.
    Preset(&'static OAuthPreset),
    /// An issuer that the person or their organisation named.
    Issuer(IssuerUrl),
    /// The issuer that the tokens came from before.
    Earlier(IssuerUrl),
    /// The mail server may name one.
    AskServer,
}

/// A provider, and what people call it.
pub(crate) struct Named {
    pub(crate) provider: MailProvider,
    pub(crate) name: String,
}

/// What people call a provider, by its id.
pub(crate) fn provider_name(id: &str) -> String {
    OAuthPreset::by_id(id).map_or_else(|| issuer_name(id), |preset| preset.name.to_owned())
}

/// The provider that both servers belong to, as far as they want a sign-in at all.
pub(crate) fn preset_of(imap: &Endpoint, smtp: &Endpoint) -> Option<&'static OAuthPreset> {
    let preset = OAuthPreset::for_host(&imap.host)?;
    let sends = smtp.auth != AuthKind::OAuth || preset.mail_hosts().covers(&smtp.host);
    sends.then_some(preset)
}

impl Courrier {
    /// Where the tokens of such an account come from. What is asked for explicitly comes first, then the servers, then
    /// where they came from before, then the organisation.
    pub(crate) fn source_of(
        &self,
        draft: &AccountDraft,
        options: &AuthorizeOptions,
        before: Option<&TokenRecord>,
    ) -> Result<Source, AppError> {
        let preset = preset_of(&draft.imap, &draft.smtp);
        if let Some(issuer) = &options.issuer {
            let issuer = IssuerUrl::named(issuer).map_err(|_| OAuthError::Issuer)?;
            // A provider that is known in advance gives tokens for its own servers only.
            return match (OAuthPreset::for_issuer(issuer.as_str()), preset) {
                (None, _) => Ok(Source::Issuer(issuer)),
                (Some(named), Some(preset)) if named.id == preset.id => Ok(Source::Preset(preset)),
                (Some(_), _) => Err(OAuthError::Issuer.into()),
            };
        }
        if let Some(preset) = preset {
            return Ok(Source::Preset(preset));
        }
        if let Some(earlier) = before.and_then(|before| before.provider.parse().ok()) {
            return Ok(Source::Earlier(earlier));
        }
        let issuer = self.issuer_of_organisation(&draft.address)?;
        Ok(issuer.map_or(Source::AskServer, Source::Issuer))
    }

    /// A provider to authorise with. Issuers are asked over the network. `before`: the servers that the person has
    /// consented to already.
    pub(crate) async fn provider_for(
        self: &Arc<Self>,
        source: Source,
        draft: &AccountDraft,
        options: &AuthorizeOptions,
        before: &MailHosts,
    ) -> Result<Named, AppError> {
        let (issuer, scopes, mail_hosts) = match source {
            Source::Preset(preset) => return self.preset_provider(preset, options, draft),
            Source::Issuer(issuer) => (issuer, Vec::new(), own_hosts(draft)),
            Source::Earlier(issuer) => {
                let hosts = bound_hosts(draft, &issuer, None, before);
                (issuer, Vec::new(), hosts)
            }
            Source::AskServer => {
                let hint = hint::ask(draft, self.environment()).await.ok_or(OAuthError::ProviderUnknown)?;
                // What a mail server says leads to nobody who gives tokens for other servers.
                if OAuthPreset::for_issuer(hint.issuer.as_str()).is_some() {
                    return Err(OAuthError::ProviderUnknown.into());
                }
                let hosts = bound_hosts(draft, &hint.issuer, Some(&hint.named_by), &MailHosts::default());
                (hint.issuer, hint.scopes, hosts)
            }
        };
        let name = issuer_name(issuer.as_str());
        let client = match &options.client_id {
            Some(id) => Some(self.mail_client_with_id(issuer.as_str(), id)?),
            None => self.mail_client_of(issuer.as_str())?.map(|(client, _)| client),
        };
        let asked = Asked { issuer, client, scopes, mail_hosts };
        match self.discover_issuer(asked).await {
            Ok(provider) => {
                if provider.registered {
                    // Before the consent, too: whoever registered once need not do so again. An id that somebody typed
                    // has to prove itself first.
                    let found = provider.clone();
                    self.blocking(move |courrier| courrier.note_registration(&found)).await?;
                }
                Ok(Named { provider, name })
            }
            // An issuer that registers nobody by itself.
            Err(AppError::OAuth(OAuthError::Provider { error: AuthError::NotOffered(_), .. })) => {
                Err(client_missing(&name, draft, None).into())
            }
            Err(error) => Err(error),
        }
    }

    fn preset_provider(
        &self,
        preset: &'static OAuthPreset,
        options: &AuthorizeOptions,
        draft: &AccountDraft,
    ) -> Result<Named, AppError> {
        let client = match &options.client_id {
            Some(id) => Some(self.mail_client_with_id(preset.id, id)?),
            None => self.mail_client_of(preset.id)?.map(|(client, _)| client),
        };
        let client = client.ok_or_else(|| client_missing(preset.name, draft, Some(preset.registration_page)))?;
        let provider = MailProvider::from_preset(preset, client);
        let provider = provider.map_err(|error| AppError::of_mail(preset.name, error, None))?;
        Ok(Named { provider, name: preset.name.to_owned() })
    }

    /// The provider of tokens that are kept, with the client that they were given to. `None` if nothing is known of it
    /// any more but what the tokens say. No network is used.
    pub(crate) fn provider_of(&self, record: &TokenRecord, draft: &AccountDraft) -> Result<Option<Named>, AppError> {
        let name = provider_name(&record.provider);
        let provider = match OAuthPreset::by_id(&record.provider) {
            Some(preset) => {
                let client = self.mail_client_with_id(preset.id, &record.client_id)?;
                Some(MailProvider::from_preset(preset, client).map_err(|error| AppError::of_mail(&name, error, None))?)
            }
            None => match self.known_issuer(&record.provider, own_hosts(draft))? {
                // Known by another client since, whose secret is not this one's; or the secret is kept elsewhere.
                Some(provider) if !provider.registered || provider.client_id != record.client_id => {
                    let client = self.mail_client_with_id(&record.provider, &record.client_id)?;
                    let (client_id, client_secret) = (client.client_id, client.client_secret);
                    Some(MailProvider { client_id, client_secret, registered: false, ..provider })
                }
                known => known,
            },
        };
        Ok(provider.map(|provider| Named { provider, name }))
    }

    /// What "continue in the browser" has to know before it is pressed, for an account with these servers. Nothing is
    /// asked of anybody.
    ///
    /// # Errors
    /// `input.…` for what is no address or no server.
    pub fn authorize_help(
        &self,
        address: &str,
        imap: &EndpointView,
        smtp: &EndpointView,
    ) -> Result<AuthorizeHelpView, AppError> {
        let address: courrier_model::Address = address.parse()?;
        let (imap, smtp) = (input::endpoint(imap)?, input::endpoint(smtp)?);
        let app_password_page = app_passwords(&address, &imap).map(str::to_owned);
        let words = self.words();
        let Some(preset) = preset_of(&imap, &smtp) else {
            let issuer = self.issuer_of_organisation(&address)?;
            let client = match &issuer {
                Some(issuer) => self.mail_client_of(issuer.as_str())?.map(|(_, whose)| whose),
                None => None,
            };
            return Ok(AuthorizeHelpView {
                provider_name: issuer.as_ref().map(|issuer| issuer_name(issuer.as_str())),
                provider: issuer.map(|issuer| issuer.to_string()),
                client: client.map_or("registers", ClientOf::word).to_owned(),
                registration_page: None,
                app_password_page,
                device_code: true,
                admin_consent_url: None,
                admin_text: None,
            });
        };
        let client = self.mail_client_of(preset.id)?;
        let whose = client.as_ref().map_or("none", |(_, whose)| whose.word()).to_owned();
        let provider = client.and_then(|(client, _)| MailProvider::from_preset(preset, client).ok());
        let admin = provider.as_ref().and_then(MailProvider::admin_consent_url).map(ToString::to_string);
        let admin_text = admin.as_ref().map(|url| {
            words.text("oauth-admin_text", &[("url", url.clone().into()), ("provider", preset.name.into())])
        });
        Ok(AuthorizeHelpView {
            provider: Some(preset.id.to_owned()),
            provider_name: Some(preset.name.to_owned()),
            client: whose,
            registration_page: Some(preset.registration_page.to_owned()),
            app_password_page,
            device_code: preset.device.is_some(),
            admin_consent_url: admin,
            admin_text,
        })
    }
}

impl Courrier {
    /// True for the page where an administrator approves this program at a provider.
    pub(crate) fn is_admin_consent(&self, url: &str) -> Result<bool, AppError> {
        for preset in courrier_model::oauth_presets().iter().filter(|preset| preset.admin_consent.is_some()) {
            let Some((client, _)) = self.mail_client_of(preset.id)? else { continue };
            let provider = MailProvider::from_preset(preset, client).ok();
            if provider.and_then(|provider| provider.admin_consent).is_some_and(|page| page.as_str() == url) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The page where an app password is made, where mail programs can use one.
fn app_passwords(address: &courrier_model::Address, imap: &Endpoint) -> Option<&'static str> {
    let preset = Preset::for_endpoint(address, imap).filter(|preset| preset.app_password)?;
    preset.help_url
}

fn client_missing(name: &str, draft: &AccountDraft, registration: Option<&'static str>) -> OAuthError {
    let app_passwords = app_passwords(&draft.address, &draft.imap);
    OAuthError::ClientMissing { provider: name.to_owned(), app_passwords, registration }
}
