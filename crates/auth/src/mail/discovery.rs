//! An organisation's own issuer of tokens for mail.

use courrier_model::{MailHosts, OAuthPreset, Rotation, Secret};
use oauth2::url::{Host, Url};

use super::document::{Document, get};
use super::provider::{MailProvider, misconfigured, provider_http};
use super::registration::register;
use crate::http_client::{IssuerHttp, is_private};
use crate::redirect::Redirect;
use crate::{AuthError, Http, IssuerKind, IssuerUrl};

/// The scope of mail that servers of open protocols share (draft-ietf-mailmaint-oauth-public).
const OPEN_MAIL: &str = "urn:ietf:params:oauth:scope:mail";
const OFFLINE: &str = "offline_access";

/// What is known before an issuer is asked.
#[derive(Debug, Clone)]
pub struct DiscoverOptions {
    /// The client's id; without one, this program registers itself (RFC 7591).
    pub client_id: Option<String>,
    /// The client's secret where one is demanded.
    pub client_secret: Option<Secret>,
    /// The name that a registration shows to people.
    pub client_name: String,
    /// The scopes that a mail server or a settings file named; those that the issuer does not list are not asked for. None
    /// for what the issuer itself suggests.
    pub scopes: Vec<String>,
    /// The redirect address; without its port it is what a registration names.
    pub redirect: Redirect,
    /// The servers of the account, and the only ones that its tokens will be shown to.
    pub mail_hosts: MailHosts,
}

impl MailProvider {
    /// Asks an issuer about itself: by its OpenID document, or that of plain OAuth (RFC 8414). Where
    /// [`DiscoverOptions::client_id`] was `None`, the new [`MailProvider::client_id`] is to be remembered.
    ///
    /// All of its endpoints must be on the host of its name, or below it. Otherwise an issuer could send people to
    /// another one's page and have the code that they get there (RFC 9700 section 4.4).
    ///
    /// # Errors
    /// [`AuthError::NotOffered`] without a client id where there is no registration; [`AuthError::Misconfigured`], also
    /// for an issuer that has a preset; [`AuthError::Insecure`], [`AuthError::Unreachable`], [`AuthError::Busy`].
    pub async fn discover(http: &Http, issuer: &IssuerUrl, options: DiscoverOptions) -> Result<Self, AuthError> {
        if OAuthPreset::for_issuer(issuer.as_str()).is_some() {
            return Err(misconfigured("it is known in advance, and its tokens go to its own mail servers only"));
        }
        let http = provider_http(http);
        let (metadata, document) = find(&http, issuer).await?;
        check(issuer, &document)?;
        let endpoint = |url: &Option<Url>, what| url.clone().ok_or_else(|| misconfigured(what));
        let authorization = endpoint(&document.authorization_endpoint, "it has no authorization endpoint")?;
        let token = endpoint(&document.token_endpoint, "it has no token endpoint")?;
        let scopes = wanted(&document, &options.scopes);
        let offline = scopes.iter().any(|scope| scope == OFFLINE);
        let identity_scopes = match &metadata {
            Some(_) if document.jwks_uri.is_some() => ["openid", "email", "profile"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        let prompt = IssuerKind::detect(&document.issuer, &token).prompt(offline, false);
        let prompt = prompt.filter(|_| metadata.is_some()).map(|prompt| ("prompt".to_owned(), prompt.to_owned()));
        let mut provider = Self {
            id: document.issuer.clone(),
            authorization,
            token,
            device: document.device_authorization_endpoint.clone(),
            revocation: document.revocation_endpoint.clone(),
            issuer: Some(document.issuer.clone()),
            names_itself: document.authorization_response_iss_parameter_supported.unwrap_or(false),
            reconsent: metadata.iter().map(|_| ("prompt".to_owned(), "consent".to_owned())).collect(),
            metadata,
            scopes,
            identity_scopes: identity_scopes.into_iter().filter(|scope| document.supports(scope)).collect(),
            parameters: prompt.into_iter().collect(),
            redirect: options.redirect,
            client_id: String::new(),
            client_secret: options.client_secret,
            registered: false,
            mail_hosts: options.mail_hosts,
            rotation: Rotation::Unknown,
            idle: None,
            admin_consent: None,
        };
        match (options.client_id, &document.registration_endpoint) {
            (Some(id), _) => provider.client_id = id,
            (None, Some(endpoint)) => {
                let registered = register(&http, endpoint, &options.client_name, &provider).await?;
                (provider.client_id, provider.client_secret) = registered;
                provider.registered = true;
            }
            (None, None) => return Err(AuthError::NotOffered("client registration")),
        }
        Ok(provider)
    }
}

/// The document, and its address if it is OpenID's.
async fn find(http: &IssuerHttp, issuer: &IssuerUrl) -> Result<(Option<Url>, Document), AuthError> {
    let name = issuer.as_str().trim_end_matches('/');
    let url = |text: String| text.parse::<Url>().map_err(|_| misconfigured("its name is not an address"));
    let openid = url(format!("{name}/.well-known/openid-configuration"))?;
    if let Some(document) = get(http, &openid).await? {
        return Ok((Some(openid), document));
    }
    // RFC 8414 section 3.1: between host and path.
    let mut plain = url(name.to_owned())?;
    let path = plain.path().trim_end_matches('/').to_owned();
    plain.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    match get(http, &plain).await? {
        Some(document) => Ok((None, document)),
        None => Err(misconfigured("it has no document")),
    }
}

fn check(issuer: &IssuerUrl, document: &Document) -> Result<(), AuthError> {
    // A slash at the end makes no other address of the same document.
    if document.issuer.trim_end_matches('/') != issuer.as_str().trim_end_matches('/') {
        return Err(misconfigured("its document names another issuer"));
    }
    // RFC 9700 section 2.1.1. Older issuers leave the list out and support it all the same.
    if document.code_challenge_methods_supported.as_ref().is_some_and(|all| !all.iter().any(|m| m == "S256")) {
        return Err(misconfigured("it does not support PKCE with S256"));
    }
    let name: Url = issuer.as_str().parse().map_err(|_| misconfigured("its name is not an address"))?;
    let endpoints = [
        &document.authorization_endpoint,
        &document.token_endpoint,
        &document.device_authorization_endpoint,
        &document.revocation_endpoint,
        &document.registration_endpoint,
    ];
    for endpoint in endpoints.into_iter().flatten() {
        if !is_private(endpoint) {
            return Err(AuthError::Insecure);
        }
        if !is_within(endpoint, &name) {
            return Err(misconfigured("its endpoints are on another host than its name"));
        }
    }
    Ok(())
}

/// True if the address is on the issuer's host, or on one below it.
fn is_within(endpoint: &Url, issuer: &Url) -> bool {
    match (endpoint.host(), issuer.host()) {
        (Some(Host::Domain(endpoint)), Some(Host::Domain(issuer))) => {
            endpoint == issuer || endpoint.strip_suffix(issuer).is_some_and(|below| below.ends_with('.'))
        }
        (endpoint, issuer) => endpoint.is_some() && endpoint == issuer,
    }
}

/// The scopes to ask for: those that were named, or the one for mail; and a refresh token where that is a scope.
///
/// What is named counts as far as the issuer knows it. Dovecot names the scope `mail` whatever issuer it trusts, and most
/// refuse whoever asks for a scope that they do not have (RFC 6749 section 4.1.2.1), or grant less than was asked for.
fn wanted(document: &Document, named: &[String]) -> Vec<String> {
    let listed = |scope: &str| document.scopes_supported.as_ref().is_some_and(|all| all.iter().any(|s| s == scope));
    let mut scopes: Vec<String> = named.iter().filter(|scope| document.supports(scope)).cloned().collect();
    if scopes.is_empty() && listed(OPEN_MAIL) {
        scopes.push(OPEN_MAIL.to_owned());
    }
    if document.supports(OFFLINE) && !scopes.iter().any(|scope| scope == OFFLINE) {
        scopes.push(OFFLINE.to_owned());
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuers_endpoints_are_its_own() {
        let within = |endpoint: &str, issuer: &str| {
            is_within(&endpoint.parse().expect("a URL"), &issuer.parse().expect("a URL"))
        };
        assert!(within("https://id.example.test/token", "https://id.example.test/realms/x"));
        assert!(within("https://id.example.test:8443/token", "https://id.example.test"));
        assert!(within("https://login.id.example.test/", "https://id.example.test"));
        assert!(within("http://127.0.0.1:1/", "http://127.0.0.1:2/"));
        for other in [
            "https://accounts.google.com/",
            "https://example.test/",
            "https://evil-id.example.test/",
            "https://id.example.test.evil.test/",
            "http://127.0.0.1/",
        ] {
            assert!(!within(other, "https://id.example.test"), "{other}");
        }
    }
}
