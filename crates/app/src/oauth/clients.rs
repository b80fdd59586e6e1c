//! Under which client id this program asks a provider for tokens: the organisation's, the person's own, or the one that
//! it was built with, in that order.
//!
//! Client ids are public, and so is what Google calls a client secret: a program on people's computers keeps none
//! (RFC 8252 section 8.5). All of it is kept in the settings.

use std::collections::BTreeMap;

use courrier_auth::{IssuerUrl, MailClientId};
use courrier_model::{Address, ExposeSecret as _, OAuthPreset, Secret, oauth_presets};
use courrier_wire::ProviderClient;
use serde::{Deserialize, Serialize};

use crate::oauth::OAuthError;
use crate::oauth::issuers::issuer_key;
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

    /// The client to ask a provider with, by the provider's id or an issuer's address.
    pub(crate) fn mail_client_of(&self, provider: &str) -> Result<Option<(MailClientId, ClientOf)>, AppError> {
        let organisation = self.organisation()?;
        if let Some(client) = organisation.providers.iter().find(|client| is_same(&client.provider, provider)) {
            return Ok(Some((organisations(client), ClientOf::Organisation)));
        }
        if let Some(own) = self.own_client(provider)? {
            return Ok(Some((own.into(), ClientOf::Person)));
        }
        Ok(built_in(provider).map(|client| (client, ClientOf::Build)))
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

    /// Remembers a client of the person's own for a provider's id or an issuer's address; `None` forgets it.
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
                let client_secret = client_secret.map(|secret| secret.expose_secret().to_owned());
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
