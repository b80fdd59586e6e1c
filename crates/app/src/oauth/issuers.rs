//! Issuers of organisations' own: what they said of themselves, kept so that a token can be had, or shown to a mail
//! program, without asking again.

use std::collections::BTreeMap;
use std::time::Duration;

use courrier_auth::{DiscoverOptions, IssuerUrl, MailProvider, Redirect, RedirectHost, Url};
use courrier_model::{ExposeSecret as _, MailHosts, Rotation, Secret};
use serde::{Deserialize, Serialize};

use crate::{AppError, Courrier};

/// [`KnownIssuer`] by [`issuer_key`].
const ISSUERS: &str = "oauth.issuers";

/// The redirect address for issuers that nobody knows in advance; docs tell administrators to register it.
fn redirect() -> Redirect {
    Redirect { host: RedirectHost::Ip, path: "/callback".to_owned() }
}

/// A provider that was discovered. All of it is public; a secret that an issuer gives to whoever registers proves
/// nothing in a program on people's computers (RFC 8252 section 8.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownIssuer {
    authorization: String,
    token: String,
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    revocation: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    names_itself: bool,
    #[serde(default)]
    metadata: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    identity_scopes: Vec<String>,
    #[serde(default)]
    parameters: Vec<(String, String)>,
    #[serde(default)]
    reconsent: Vec<(String, String)>,
    /// The client of the last consent; empty if none is known.
    client_id: String,
    /// The issuer registered it for whoever asks.
    #[serde(default)]
    registered: bool,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    idle_seconds: Option<u64>,
}

impl KnownIssuer {
    fn of(provider: &MailProvider) -> Self {
        let text = |url: &Option<Url>| url.as_ref().map(Url::to_string);
        Self {
            authorization: provider.authorization.to_string(),
            token: provider.token.to_string(),
            device: text(&provider.device),
            revocation: text(&provider.revocation),
            issuer: provider.issuer.clone(),
            names_itself: provider.names_itself,
            metadata: text(&provider.metadata),
            scopes: provider.scopes.clone(),
            identity_scopes: provider.identity_scopes.clone(),
            parameters: provider.parameters.clone(),
            reconsent: provider.reconsent.clone(),
            client_id: provider.client_id.clone(),
            registered: provider.registered,
            // Exposed: see above. One that the person or the organisation gave is theirs to keep; the tokens have theirs.
            client_secret: (provider.client_secret.as_ref())
                .filter(|_| provider.registered)
                .map(|secret| secret.expose_secret().to_owned()),
            idle_seconds: provider.idle.map(|idle| idle.as_secs()),
        }
    }

    /// `None` if somebody put something else there.
    fn provider(self, id: &str, mail_hosts: MailHosts) -> Option<MailProvider> {
        let url = |text: Option<String>| match text {
            Some(text) => text.parse::<Url>().map(Some),
            None => Ok(None),
        };
        Some(MailProvider {
            id: id.to_owned(),
            authorization: self.authorization.parse().ok()?,
            token: self.token.parse().ok()?,
            device: url(self.device).ok()?,
            revocation: url(self.revocation).ok()?,
            issuer: self.issuer,
            names_itself: self.names_itself,
            metadata: url(self.metadata).ok()?,
            scopes: self.scopes,
            identity_scopes: self.identity_scopes,
            parameters: self.parameters,
            reconsent: self.reconsent,
            redirect: redirect(),
            client_id: self.client_id,
            registered: self.registered,
            client_secret: self.client_secret.as_deref().map(Secret::from),
            mail_hosts,
            rotation: Rotation::Unknown,
            idle: self.idle_seconds.map(Duration::from_secs),
            admin_consent: None,
        })
    }
}

/// What is known about an issuer before it is asked.
pub(crate) struct Asked {
    pub(crate) issuer: IssuerUrl,
    /// The client id, unless the issuer is to register this program.
    pub(crate) client: Option<courrier_auth::MailClientId>,
    /// Scopes that the mail server or its settings named.
    pub(crate) scopes: Vec<String>,
    /// The only servers that will see its tokens.
    pub(crate) mail_hosts: MailHosts,
}

impl Courrier {
    /// Asks an issuer what it offers, and has it register this program where nobody did.
    pub(crate) async fn discover_issuer(&self, asked: Asked) -> Result<MailProvider, AppError> {
        let Asked { issuer, client, scopes, mail_hosts } = asked;
        let name = issuer_name(issuer.as_str());
        let known = self.known_issuer(issuer.as_str(), mail_hosts.clone())?;
        // Nobody but a mail server says which scopes it wants, and it said so when it was asked.
        let known_scopes = known.as_ref().map(|known| known.scopes.clone()).unwrap_or_default();
        let scopes = if scopes.is_empty() { known_scopes } else { scopes };
        let known = known.filter(|known| !known.client_id.is_empty());
        let (client_id, client_secret, registered) = match (client, known) {
            (Some(client), _) => (Some(client.client_id), client.client_secret, false),
            // Somebody who registered once is registered.
            (None, Some(known)) => (Some(known.client_id), known.client_secret, known.registered),
            (None, None) => (None, None, false),
        };
        let options = DiscoverOptions {
            client_id,
            client_secret,
            client_name: "Courrier".to_owned(),
            scopes,
            redirect: redirect(),
            mail_hosts,
        };
        let found = MailProvider::discover(self.http(), &issuer, options).await;
        let mut provider = found.map_err(|error| AppError::of_mail(&name, error, None))?;
        provider.registered |= registered;
        Ok(provider)
    }

    /// What an issuer said when it was last asked.
    pub(crate) fn known_issuer(&self, issuer: &str, mail_hosts: MailHosts) -> Result<Option<MailProvider>, AppError> {
        let known = self.known_issuers()?.remove(issuer_key(issuer));
        Ok(known.and_then(|known| known.provider(issuer, mail_hosts)))
    }

    /// Keeps what an issuer said, with the client that the person's consent proved.
    pub(crate) fn note_issuer(&self, provider: &MailProvider) -> Result<(), AppError> {
        let mut all = self.known_issuers()?;
        all.insert(issuer_key(&provider.id).to_owned(), KnownIssuer::of(provider));
        self.note(ISSUERS, Some(&all))
    }

    /// Keeps the client that an issuer has registered, unless it is known.
    pub(crate) fn note_registration(&self, provider: &MailProvider) -> Result<(), AppError> {
        let known = self.known_issuers()?.remove(issuer_key(&provider.id));
        let is_known = known.is_some_and(|known| known.client_id == provider.client_id);
        if is_known { Ok(()) } else { self.note_issuer(provider) }
    }

    /// Forgets the client that an issuer has registered and does not know any more: the next consent registers another.
    pub(crate) fn forget_registration(&self, issuer: &str) -> Result<(), AppError> {
        let mut all = self.known_issuers()?;
        let Some(known) = all.get_mut(issuer_key(issuer)).filter(|known| known.registered) else { return Ok(()) };
        known.client_id.clear();
        (known.client_secret, known.registered) = (None, false);
        self.note(ISSUERS, Some(&all))
    }

    fn known_issuers(&self) -> Result<BTreeMap<String, KnownIssuer>, AppError> {
        Ok(self.noted(ISSUERS)?.unwrap_or_default())
    }
}

/// An issuer's address as it is looked up: a slash at the end makes no other issuer.
pub(crate) fn issuer_key(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

/// What people call an issuer: its host.
pub(crate) fn issuer_name(issuer: &str) -> String {
    let host = issuer.parse::<Url>().ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| issuer.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_remembered_as_it_was_discovered() {
        let hosts = MailHosts::new(["mail.example.test".parse().expect("a host")]);
        let known = KnownIssuer {
            authorization: "https://id.example.test/auth".into(),
            token: "https://id.example.test/token".into(),
            device: Some("https://id.example.test/device".into()),
            revocation: None,
            issuer: Some("https://id.example.test".into()),
            names_itself: true,
            metadata: Some("https://id.example.test/.well-known/openid-configuration".into()),
            scopes: vec!["offline_access".into()],
            identity_scopes: vec!["openid".into(), "email".into()],
            parameters: vec![("prompt".into(), "consent".into())],
            reconsent: Vec::new(),
            client_id: "registered".into(),
            registered: true,
            client_secret: Some("given".into()),
            idle_seconds: Some(60),
        };
        let provider = known.clone().provider("https://id.example.test", hosts.clone()).expect("a provider");
        assert_eq!(provider.mail_hosts, hosts);
        assert_eq!(KnownIssuer::of(&provider), known);
        let damaged = KnownIssuer { token: "no address".into(), ..known };
        assert!(damaged.provider("x", hosts).is_none());
        assert_eq!(issuer_name("https://id.example.test:8443/realms/office"), "id.example.test");
    }
}
