//! What an issuer says about itself (OpenID Connect Discovery, RFC 8414), as far as mail is concerned.

use http::header::ACCEPT;
use http::{HeaderValue, StatusCode};
use oauth2::HttpRequest;
use oauth2::url::Url;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::provider::misconfigured;
use crate::AuthError;
use crate::http_client::{IssuerHttp, is_private};
use crate::issuer::is_public_key;

/// The members that are read; all but the name are optional, because servers of plain OAuth have fewer.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    pub(super) device_authorization_endpoint: Option<Url>,
    pub(super) revocation_endpoint: Option<Url>,
    pub(super) registration_endpoint: Option<Url>,
    pub(super) jwks_uri: Option<Url>,
    pub(super) scopes_supported: Option<Vec<String>>,
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    pub(super) authorization_response_iss_parameter_supported: Option<bool>,
}

impl Document {
    /// True if the scope can be asked for, as far as the document tells.
    pub(super) fn supports(&self, scope: &str) -> bool {
        self.scopes_supported.as_ref().is_none_or(|scopes| scopes.iter().any(|supported| supported == scope))
    }

    /// Signatures of ID tokens that the issuer alone can make. RS256 is every issuer's (OIDC Discovery section 3).
    pub(super) fn algorithms(&self) -> Vec<CoreJwsSigningAlgorithm> {
        let Some(named) = &self.id_token_signing_alg_values_supported else {
            return vec![CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256];
        };
        let known = named.iter().filter_map(|name| serde_json::from_value(name.as_str().into()).ok());
        known.filter(is_public_key).collect()
    }
}

/// Gets JSON; `None` where there is no such page.
///
/// # Errors
/// [`AuthError::Insecure`], [`AuthError::Unreachable`], [`AuthError::Busy`]; [`AuthError::Misconfigured`] for any other
/// answer.
pub(super) async fn get<T: DeserializeOwned>(http: &IssuerHttp, url: &Url) -> Result<Option<T>, AuthError> {
    if !is_private(url) {
        return Err(AuthError::Insecure);
    }
    let mut request = HttpRequest::new(Vec::new());
    *request.uri_mut() = url.as_str().parse().map_err(|_| misconfigured("an address of it is none"))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = http.send(request).await?;
    match response.status() {
        StatusCode::OK => {
            let read = serde_json::from_slice(response.body());
            read.map(Some).map_err(|_| misconfigured("its document or keys can't be read"))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status => Err(misconfigured(&format!("discovery was answered with {status}"))),
    }
}
