//! One OpenID Connect issuer: what its discovery document and key set say.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use courrier_model::Timestamp;
use http::HeaderMap;
use http::header::DATE;
use oauth2::url::Url;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl as Name, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::clock::{Clock, http_date};
use crate::http_client::{HttpError, IssuerHttp, is_private};
use crate::{AuthError, Http};

/// Discovery documents change when an issuer is upgraded; a desktop runs for weeks.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// At most one look for new keys in this time, whatever tokens claim.
const KEY_COOLDOWN: Duration = Duration::from_secs(60);

/// An issuer's name (OIDC Core section 2): https, or http on this computer; without query and fragment. Kept letter by
/// letter, since it is compared so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuerUrl(String);

impl IssuerUrl {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The issuer that a mail server or a settings file names: by its URL, by its host alone, or by the address of its
    /// OpenID document (RFC 7628 section 3.2.2).
    ///
    /// # Errors
    /// As for parsing.
    pub fn named(text: &str) -> Result<Self, AuthError> {
        let text = text.trim();
        let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        url.strip_suffix("/.well-known/openid-configuration").unwrap_or(&url).parse()
    }
}

impl FromStr for IssuerUrl {
    type Err = AuthError;

    fn from_str(text: &str) -> Result<Self, AuthError> {
        let text = text.trim();
        let url: Url = text.parse().map_err(|_| AuthError::Misconfigured("the issuer is not an address".into()))?;
        if !is_private(&url) {
            return Err(AuthError::Insecure);
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(AuthError::Misconfigured("the issuer's address has more than a path".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issuer, asked when it is first needed: making one needs no network. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Issuer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: IssuerUrl,
    http: IssuerHttp,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    discovered: Option<(Arc<Discovered>, Instant)>,
    looked_for_keys: Option<Instant>,
}

/// What discovery told, checked.
#[derive(Debug)]
pub(crate) struct Discovered {
    pub(crate) name: Name,
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) revocation: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) device_authorization: Option<Url>,
    pub(crate) keys: CoreJsonWebKeySet,
    pub(crate) algorithms: Vec<CoreJwsSigningAlgorithm>,
    pub(crate) names_itself: bool,
    pub(crate) binds_tokens: bool,
}

/// Members of the document beyond OpenID Connect Discovery: RFC 8414, 8628, 9207, 9449, RP-Initiated Logout.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Extra {
    revocation_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
    device_authorization_endpoint: Option<Url>,
    code_challenge_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
    dpop_signing_alg_values_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for Extra {}

type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

impl Issuer {
    /// The issuer of this name.
    pub fn new(http: Http, url: IssuerUrl) -> Self {
        Self(Arc::new(Inner { url, http: IssuerHttp::new(http), known: Mutex::default() }))
    }

    /// Its name.
    pub fn url(&self) -> &IssuerUrl {
        &self.0.url
    }

    /// Tells the time as another server of the same organisation has it. Keycloak dates none of its answers, and accepts
    /// proofs of the device's key only if they are dated 25 s back to 15 s ahead by its clock (RFC 9449 section 11.1);
    /// with this, a computer whose clock is wrong can refresh its session. It counts only where the issuer refuses a proof
    /// that is dated by this computer's clock, and for nothing else.
    pub fn observe_time(&self, now: Timestamp) {
        self.0.http.clock.tell(now);
    }

    /// The same by that server's answer: by its `Date` (RFC 9110 section 6.6.1), if it has one.
    pub fn observe_answer(&self, headers: &HeaderMap) {
        if let Some(now) = headers.get(DATE).and_then(|value| http_date(value.as_bytes())) {
            self.observe_time(now);
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.0.http.http.clock()
    }

    pub(crate) fn http(&self) -> &IssuerHttp {
        &self.0.http
    }

    /// What the issuer says about itself; asked once, then once a day. An issuer that is away meanwhile is believed as
    /// before.
    pub(crate) async fn discovered(&self) -> Result<Arc<Discovered>, AuthError> {
        let mut known = self.0.known.lock().await;
        match &known.discovered {
            Some((discovered, at)) if at.elapsed() < KEPT => return Ok(Arc::clone(discovered)),
            _ => {}
        }
        let answer = self.discover().await;
        match (answer, &known.discovered) {
            (Ok(new), _) => {
                known.discovered = Some((Arc::clone(&new), Instant::now()));
                Ok(new)
            }
            (Err(AuthError::Unreachable(_) | AuthError::Busy { .. }), Some((old, _))) => Ok(Arc::clone(old)),
            (Err(error), _) => Err(error),
        }
    }

    /// Asks again because a token is signed by a key that is not among `seen`; `None` when that was tried just now.
    pub(crate) async fn rediscovered(&self, seen: &Arc<Discovered>) -> Result<Option<Arc<Discovered>>, AuthError> {
        let mut known = self.0.known.lock().await;
        if let Some((current, _)) = &known.discovered
            && !Arc::ptr_eq(current, seen)
        {
            return Ok(Some(Arc::clone(current)));
        }
        if known.looked_for_keys.is_some_and(|at| at.elapsed() < KEY_COOLDOWN) {
            return Ok(None);
        }
        known.looked_for_keys = Some(Instant::now());
        let new = self.discover().await?;
        known.discovered = Some((Arc::clone(&new), Instant::now()));
        Ok(Some(new))
    }

    async fn discover(&self) -> Result<Arc<Discovered>, AuthError> {
        let name = Name::new(self.0.url.0.clone()).map_err(|_| misconfigured("its name is not an address"))?;
        let metadata = Metadata::discover_async(name.clone(), &self.0.http).await.map_err(not_discovered)?;
        let extra = metadata.additional_metadata().clone();
        // RFC 9700 section 2.1.1. Older issuers leave the list out and support it all the same.
        if extra.code_challenge_methods_supported.is_some_and(|methods| !methods.iter().any(|m| m == "S256")) {
            return Err(misconfigured("it does not support PKCE with S256"));
        }
        let token = metadata.token_endpoint().ok_or_else(|| misconfigured("it has no token endpoint"))?.url().clone();
        let algorithms = metadata.id_token_signing_alg_values_supported().iter().filter(|alg| is_public_key(alg));
        let discovered = Discovered {
            authorization: metadata.authorization_endpoint().url().clone(),
            token,
            revocation: extra.revocation_endpoint,
            end_session: extra.end_session_endpoint,
            device_authorization: extra.device_authorization_endpoint,
            keys: metadata.jwks().clone(),
            algorithms: algorithms.cloned().collect(),
            names_itself: extra.authorization_response_iss_parameter_supported.unwrap_or(false),
            binds_tokens: extra
                .dpop_signing_alg_values_supported
                .is_some_and(|algorithms| algorithms.iter().any(|alg| alg == "ES256")),
            name,
        };
        let optional = [&discovered.revocation, &discovered.end_session, &discovered.device_authorization];
        let endpoints = [&discovered.authorization, &discovered.token].into_iter();
        if endpoints.chain(optional.into_iter().flatten()).any(|url| !is_private(url)) {
            return Err(AuthError::Insecure);
        }
        Ok(Arc::new(discovered))
    }
}

/// Signatures that an issuer alone can make: neither `none` nor those by a shared secret, which a native app has not.
pub(crate) fn is_public_key(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as Alg;
    matches!(
        algorithm,
        Alg::RsaSsaPkcs1V15Sha256
            | Alg::RsaSsaPkcs1V15Sha384
            | Alg::RsaSsaPkcs1V15Sha512
            | Alg::RsaSsaPssSha256
            | Alg::RsaSsaPssSha384
            | Alg::RsaSsaPssSha512
            | Alg::EcdsaP256Sha256
            | Alg::EcdsaP384Sha384
            | Alg::EdDsa
    )
}

fn not_discovered(error: DiscoveryError<HttpError>) -> AuthError {
    match error {
        DiscoveryError::Request(error) => error.into(),
        DiscoveryError::Response(status, ..) => misconfigured(&format!("discovery was answered with {status}")),
        DiscoveryError::Validation(_) => misconfigured("its document names another issuer"),
        _ => misconfigured("its document or keys can't be read"),
    }
}

fn misconfigured(why: &str) -> AuthError {
    AuthError::Misconfigured(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_named_by_an_address_without_more() {
        for good in ["https://id.example.test/realms/x", "https://id.example.test", "http://127.0.0.1:8080/realms/x"] {
            assert_eq!(good.parse::<IssuerUrl>().expect("good").as_str(), good);
        }
        assert_eq!("http://id.example.test".parse::<IssuerUrl>(), Err(AuthError::Insecure));
        for (text, name) in [
            ("https://id.example.test/realms/x", "https://id.example.test/realms/x"),
            (" id.example.test ", "https://id.example.test"),
            ("https://id.example.test/x/.well-known/openid-configuration", "https://id.example.test/x"),
        ] {
            assert_eq!(IssuerUrl::named(text).expect("named").as_str(), name);
        }
        assert_eq!(IssuerUrl::named("http://id.example.test"), Err(AuthError::Insecure));
        assert!(IssuerUrl::named("id.test?x").is_err() && IssuerUrl::named("a b").is_err());
        for bad in ["id.example.test", "https://id.test/?a", "https://id.test/#a", "https://u:p@id.test/", ""] {
            assert!(matches!(bad.parse::<IssuerUrl>(), Err(AuthError::Misconfigured(_))), "{bad}");
        }
    }
}
