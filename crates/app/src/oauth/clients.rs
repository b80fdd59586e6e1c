//! Under which client id this program asks a provider for tokens: the organisation's, the person's own, or the one that
//! it was built with, in that order.
//!
//! Client ids are public, and so is what Google calls a client secret: a program on people's computers keeps none
//! (RFC 8252 section 8.5). All of it is kept in the settings.

use std::collections::BTreeMap;

use courrier_auth::{IssuerUrl, MailClientId};
use courrier_model::{AccountEdit, Address, ExposeSecret as _, OAuthPreset, Secret, oauth_presets};
use courrier_wire::ProviderClient;
use serde::{Deserialize, Serialize};

use crate::oauth::issuers::issuer_key;
use crate::oauth::provider::Source;
use crate::oauth::{AuthorizeOptions, OAuthError};
use crate::view::MailProviderView;
use crate::{AppError, Courrier};

/// What the organisation's server said at sign-in: [`Organisation`].
pub(crate) const ORGANISATION: &str = "oauth.organisation";
/// What the person entered: [`OwnClient`] by provider.
const OWN: &str = "oauth.clients";

/// What the organisation sets for its people's mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Organisation {
    providers: Vec<ProviderClient>,
    managed_domains: Vec<String>,
}

/// A client that the person registered, or that an issuer registered for this program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OwnClient {
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// Whose client id it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientOf {
    Organisation,
    Person,
    Build,
}

impl ClientOf {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Person => "person",
            Self::Build => "build",
        }
    }
}

impl Courrier {
    /// Keeps what the organisation's server says of mail providers; called at each sign-in. Forgotten when the person
    /// signs out.
    pub(crate) fn note_mail_clients(
        &self,
        providers: &[ProviderClient],
        managed_domains: &[String],
    ) -> Result<(), AppError> {
        let said = Organisation { providers: providers.to_vec(), managed_domains: managed_domains.to_vec() };
        self.note(ORGANISATION, Some(&said))
    }

    fn organisation(&self) -> Result<Organisation, AppError> {
        Ok(self.noted(ORGANISATION)?.unwrap_or_default())
    }

    fn own_clients(&self) -> Result<BTreeMap<String, OwnClient>, AppError> {
        Ok(self.noted(OWN)?.unwrap_or_default())
    }

    fn own_client(&self, provider: &str) -> Result<Option<OwnClient>, AppError> {
        let mut all = self.own_clients()?.into_iter();
        Ok(all.find_map(|(known, client)| is_same(&known, provider).then_some(client)))
    }

    /// The client to ask a provider with, by the provider's id or an issuer's address. One without the secret that its
    /// provider demands counts as none: the person would consent in the browser, and in vain.
    pub(crate) fn mail_client_of(&self, provider: &str) -> Result<Option<(MailClientId, ClientOf)>, AppError> {
        let wants_secret = OAuthPreset::by_id(provider).is_some_and(|preset| preset.wants_secret);
        let complete = |client: &MailClientId| !wants_secret || client.client_secret.is_some();
        let organisation = self.organisation()?;
        let theirs =
            organisation.providers.iter().filter(|client| is_same(&client.provider, provider)).map(organisations);
        if let Some(client) = theirs.into_iter().find(complete) {
            return Ok(Some((client, ClientOf::Organisation)));
        }
        if let Some(own) = self.own_client(provider)?.map(MailClientId::from).filter(complete) {
            return Ok(Some((own, ClientOf::Person)));
        }
        Ok(built_in(provider).filter(complete).map(|client| (client, ClientOf::Build)))
    }

    /// Remembers the secret that belongs to the client id of these options, and looks whether this account's provider
    /// wants one that nobody has: to be asked before the browser is. Nothing is asked of anybody.
    ///
    /// # Errors
    /// `oauth.client_secret_missing`; `oauth.provider_unknown` for a secret of nobody knows whom; `account.not_found`;
    /// `input.…`.
    pub fn complete_client(
        &self,
        address: &str,
        options: &AuthorizeOptions,
        client_secret: Option<&Secret>,
    ) -> Result<(), AppError> {
        let Some(id) = &options.client_id else { return Ok(()) };
        let account = self.find(address)?;
        let before = self.store().tokens(account.id)?;
        let draft = AccountEdit::default().applied_to(&account);
        let source = self.source_of(&draft, options, before.as_ref().map(|status| &status.record))?;
        let provider = match (&source, client_secret) {
            (Source::Preset(preset), _) => preset.id,
            (Source::Issuer(issuer) | Source::Earlier(issuer), _) => issuer.as_str(),
            (Source::AskServer, Some(_)) => return Err(OAuthError::ProviderUnknown.into()),
            (Source::AskServer, None) => return Ok(()),
        };
        if client_secret.is_some() {
            self.set_client_id(provider, Some(id), client_secret)?;
        }
        match source {
            Source::Preset(preset)
                if preset.wants_secret && self.mail_client_with_id(preset.id, id)?.client_secret.is_none() =>
            {
                let registration = preset.registration_page;
                Err(OAuthError::ClientSecretMissing { provider: preset.name.to_owned(), registration }.into())
            }
            _ => Ok(()),
        }
    }

    /// The client of this very id: tokens can be renewed only by the one that they were given to.
    pub(crate) fn mail_client_with_id(&self, provider: &str, id: &str) -> Result<MailClientId, AppError> {
        let organisation = self.organisation()?.providers;
        let theirs = organisation.iter().filter(|client| is_same(&client.provider, provider)).map(organisations);
        let own = self.own_client(provider)?.map(MailClientId::from);
        let known = theirs.chain(own).chain(built_in(provider)).find(|client| client.client_id == id);
        Ok(known.unwrap_or_else(|| client_id(id, None)))
    }

    /// The issuer that the organisation names for addresses like this one.
    pub(crate) fn issuer_of_organisation(&self, address: &Address) -> Result<Option<IssuerUrl>, AppError> {
        let Organisation { providers, managed_domains } = self.organisation()?;
        let managed = managed_domains.iter().any(|domain| domain.eq_ignore_ascii_case(address.domain_ascii()));
        Ok(providers.iter().filter(|_| managed).find_map(|client| client.provider.parse().ok()))
    }

    /// Remembers a client of the person's own for a provider's id or an issuer's address; `None` forgets it. An id that
    /// is known already keeps its secret unless another one is given.
    ///
    /// # Errors
    /// `input.issuer` for a provider that is neither; `input.setting` for an id that none can be.
    pub fn set_client_id(
        &self,
        provider: &str,
        client_id: Option<&str>,
        client_secret: Option<&Secret>,
    ) -> Result<Vec<MailProviderView>, AppError> {
        let provider = provider.trim();
        if OAuthPreset::by_id(provider).is_none() && provider.parse::<IssuerUrl>().is_err() {
            return Err(OAuthError::Issuer.into());
        }
        let mut own = self.own_clients()?;
        match client_id.map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) if id.len() > 255 || id.chars().any(|c| c.is_control() || c.is_whitespace()) => {
                return Err(AppError::Setting);
            }
            Some(id) => {
                // Exposed: it is sent by every copy of the program that has it, and kept like the id it belongs to.
                let given = client_secret.map(|secret| secret.expose_secret().to_owned());
                let known = own.remove(provider).filter(|known| known.client_id == id);
                let client_secret = given.or_else(|| known?.client_secret);
                own.insert(provider.to_owned(), OwnClient { client_id: id.to_owned(), client_secret });
            }
            None => drop(own.remove(provider)),
        }
        self.note(OWN, Some(&own))?;
        self.mail_providers()
    }

    /// The providers of tokens that are known in advance, and under whose client id each would be asked.
    pub fn mail_providers(&self) -> Result<Vec<MailProviderView>, AppError> {
        let own = self.own_clients()?;
        let view = |preset: &OAuthPreset| {
            let client = self.mail_client_of(preset.id)?.map_or("none", |(_, whose)| whose.word());
            Ok(MailProviderView {
                id: preset.id.to_owned(),
                name: preset.name.to_owned(),
                registration_page: preset.registration_page.to_owned(),
                client_id: own.get(preset.id).map(|own| own.client_id.clone()),
                client: client.to_owned(),
            })
        };
        oauth_presets().iter().map(view).collect()
    }
}

impl From<OwnClient> for MailClientId {
    fn from(own: OwnClient) -> Self {
        client_id(&own.client_id, own.client_secret.as_deref())
    }
}

/// True if both are the same provider's id, or the same issuer's address.
fn is_same(one: &str, other: &str) -> bool {
    issuer_key(one) == issuer_key(other)
}

fn client_id(id: &str, secret: Option<&str>) -> MailClientId {
    MailClientId { client_id: id.to_owned(), client_secret: secret.map(Secret::from), tenant: None }
}

fn organisations(client: &ProviderClient) -> MailClientId {
    let known = client_id(&client.client_id, client.client_secret.as_deref());
    MailClientId { tenant: client.tenant.clone(), ..known }
}

/// What whoever built this program registered.
fn built_in(provider: &str) -> Option<MailClientId> {
    let (id, secret) = match provider {
        "google" => (option_env!("COURRIER_GOOGLE_CLIENT_ID"), option_env!("COURRIER_GOOGLE_CLIENT_SECRET")),
        "microsoft" => (option_env!("COURRIER_MICROSOFT_CLIENT_ID"), None),
        "fastmail" => (option_env!("COURRIER_FASTMAIL_CLIENT_ID"), None),
        _ => (None, None),
    };
    // A build that sets the variable to nothing has none.
    id.filter(|id| !id.is_empty()).map(|id| client_id(id, secret.filter(|secret| !secret.is_empty())))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{MemoryStore, Ports};

    fn open(home: &tempfile::TempDir) -> Arc<Courrier> {
        let ports = Ports { secrets: Arc::new(MemoryStore::new()), ..Ports::system() };
        Courrier::open(Some(home.path()), ports).expect("opened")
    }

    fn found(courrier: &Courrier, provider: &str) -> Option<(String, ClientOf)> {
        courrier.mail_client_of(provider).expect("read").map(|(client, whose)| (client.client_id, whose))
    }

    fn of_organisation(provider: &str) -> ProviderClient {
        ProviderClient {
            provider: provider.to_owned(),
            client_id: "theirs".to_owned(),
            client_secret: None,
            tenant: None,
        }
    }

    #[test]
    fn the_organisation_comes_before_the_person_and_the_person_before_the_build() {
        let home = tempfile::tempdir().expect("made");
        let courrier = open(&home);
        let built = found(&courrier, "microsoft");
        assert!(built.is_none_or(|(_, whose)| whose == ClientOf::Build));
        let secret = Secret::from("not one");
        courrier.set_client_id("microsoft", Some(" mine "), Some(&secret)).expect("kept");
        assert_eq!(found(&courrier, "microsoft"), Some(("mine".to_owned(), ClientOf::Person)));
        courrier.note_mail_clients(&[of_organisation("microsoft")], &[]).expect("kept");
        assert_eq!(found(&courrier, "microsoft"), Some(("theirs".to_owned(), ClientOf::Organisation)));
        // Tokens go on with the client that they were given to.
        let mine = courrier.mail_client_with_id("microsoft", "mine").expect("read");
        assert_eq!(mine.client_secret.map(|secret| secret.expose_secret().to_owned()).as_deref(), Some("not one"));
        assert!(courrier.mail_client_with_id("microsoft", "theirs").expect("read").client_secret.is_none());

        let views = courrier.mail_providers().expect("listed");
        let microsoft = views.iter().find(|view| view.id == "microsoft").expect("known");
        assert_eq!((microsoft.client_id.as_deref(), microsoft.client.as_str()), (Some("mine"), "organisation"));
        courrier.forget_notes().expect("signed out");
        assert_eq!(found(&courrier, "microsoft").map(|(id, _)| id).as_deref(), Some("mine"));
        courrier.set_client_id("microsoft", None, None).expect("forgotten");
        assert!(found(&courrier, "microsoft").is_none_or(|(_, whose)| whose == ClientOf::Build));
    }

    #[test]
    fn an_id_that_is_saved_again_keeps_its_secret() {
        let home = tempfile::tempdir().expect("made");
        let courrier = open(&home);
        let save = |id: &str, secret: Option<&str>| {
            let secret = secret.map(Secret::from);
            courrier.set_client_id("google", Some(id), secret.as_ref()).expect("kept");
            let client = courrier.mail_client_with_id("google", id).expect("read");
            client.client_secret.map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(save("mine", Some("first")).as_deref(), Some("first"));
        assert_eq!(save("mine", None).as_deref(), Some("first"), "it is never shown, so nobody can give it again");
        assert_eq!(save("mine", Some("second")).as_deref(), Some("second"));
        assert_eq!(save("another", None), None, "it belongs to the other id");
    }

    #[test]
    fn a_client_without_the_secret_that_is_demanded_sends_nobody_to_the_browser() {
        let home = tempfile::tempdir().expect("made");
        let courrier = open(&home);
        courrier.note_mail_clients(&[of_organisation("google")], &[]).expect("kept");
        courrier.set_client_id("google", Some("mine"), None).expect("kept");
        assert!(found(&courrier, "google").is_none_or(|(_, whose)| whose == ClientOf::Build));

        let add = |address: &str, host: &str| {
            let endpoint = |port| crate::view::EndpointView {
                host: host.to_owned(),
                port,
                security: "tls".to_owned(),
                username: address.to_owned(),
                auth: "oauth".to_owned(),
            };
            let draft = crate::view::DraftView {
                address: address.to_owned(),
                name: String::new(),
                color: None,
                primary: false,
                imap: endpoint(993),
                smtp: endpoint(465),
                identities: Vec::new(),
            };
            let draft = crate::input::draft(&draft).expect("valid");
            let request = courrier_store::SaveAccount::new(courrier_store::Target::New(draft), courrier.now());
            courrier.store().save(request).expect("saved");
        };
        let (gmail, office, own) = ("alice@gmail.com", "alice@office.example", "alice@example.test");
        add(gmail, "imap.gmail.com");
        add(office, "outlook.office365.com");
        add(own, "mail.example.test");
        let complete = |address: &str, id: Option<&str>, secret: Option<&str>| {
            let options = AuthorizeOptions { client_id: id.map(str::to_owned), ..AuthorizeOptions::default() };
            let secret = secret.map(Secret::from);
            courrier.complete_client(address, &options, secret.as_ref()).map_err(|error| error.code())
        };
        assert_eq!(complete(gmail, Some("mine"), None), Err("oauth.client_secret_missing"));
        assert_eq!(complete(gmail, None, None), Ok(()), "whose it would be is looked at later");
        assert_eq!(complete(gmail, Some("mine"), Some("shared")), Ok(()));
        assert_eq!(found(&courrier, "google"), Some(("mine".to_owned(), ClientOf::Person)));
        assert_eq!(complete(gmail, Some("mine"), None), Ok(()), "remembered");
        assert_eq!(complete(office, Some("mine"), None), Ok(()), "wants none");
        assert_eq!(complete(own, Some("mine"), None), Ok(()));
        assert_eq!(complete(own, Some("mine"), Some("shared")), Err("oauth.provider_unknown"));
        assert_eq!(complete("nobody@example.test", Some("mine"), None), Err("account.not_found"));
    }

    #[test]
    fn what_can_not_be_a_client_is_refused() {
        let home = tempfile::tempdir().expect("made");
        let courrier = open(&home);
        let code = |provider: &str, id: &str| {
            courrier.set_client_id(provider, Some(id), None).map(drop).map_err(|error| error.code())
        };
        assert_eq!(code("nobody", "x"), Err("input.issuer"));
        assert_eq!(code("http://id.example.test", "x"), Err("input.issuer"), "not encrypted");
        assert_eq!(code("google", "a b"), Err("input.setting"));
        assert_eq!(code("https://id.example.test/realms/office", "x"), Ok(()));
    }

    #[test]
    fn an_organisation_names_the_issuer_of_the_domains_that_it_manages_and_of_no_others() {
        let home = tempfile::tempdir().expect("made");
        let courrier = open(&home);
        let issuer = "https://id.example.test/realms/office";
        let providers = [of_organisation("google"), of_organisation(issuer)];
        courrier.note_mail_clients(&providers, &["Example.test".to_owned()]).expect("kept");
        let of = |address: &str| {
            let address = address.parse().expect("valid");
            courrier.issuer_of_organisation(&address).expect("read").map(|issuer| issuer.to_string())
        };
        assert_eq!(of("alice@example.test").as_deref(), Some(issuer));
        assert_eq!(of("alice@elsewhere.test"), None);
    }
}
