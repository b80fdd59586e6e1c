//! Revoking a refresh token (RFC 7009 section 2.1). Done here because the library takes no http address, not even of this
//! computer.

use courrier_model::{ExposeSecret, Secret};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use oauth2::url::{Url, form_urlencoded};
use oauth2::{AsyncHttpClient, HttpRequest};

use crate::AuthError;
use crate::refusal::Refusal;
use crate::token_endpoint::Sender;

/// What became of the refresh token at the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is worth nothing any more (RFC 7009).
    Revoked,
    /// The issuer has no way to revoke it: it works until it expires, but nobody has it any more.
    NotOffered,
    /// There was none.
    NothingKept,
}

/// Asks the endpoint, if there is one, to end this refresh token and what came of it.
pub(crate) async fn revoke(
    sender: &Sender,
    endpoint: Option<&Url>,
    client_id: &str,
    client_secret: Option<&Secret>,
    refresh_token: &Secret,
) -> Result<Revocation, AuthError> {
    let Some(endpoint) = endpoint else { return Ok(Revocation::NotOffered) };
    let form = {
        // Its own block: it can't be sent to another thread while the answer is waited for.
        let mut form = form_urlencoded::Serializer::new(String::new());
        // The issuer is told which token to end.
        form.append_pair("token", refresh_token.expose_secret())
            .append_pair("token_type_hint", "refresh_token")
            .append_pair("client_id", client_id);
        if let Some(secret) = client_secret {
            // For the issuer that it was registered at.
            form.append_pair("client_secret", secret.expose_secret());
        }
        form.finish().into_bytes()
    };
    let mut request = HttpRequest::new(form);
    *request.method_mut() = Method::POST;
    *request.uri_mut() =
        endpoint.as_str().parse().map_err(|_| AuthError::Misconfigured("its revocation endpoint".into()))?;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let response = sender.call(request).await?;
    match response.status() {
        // Section 2.2: also for a token that was not valid any more.
        StatusCode::OK | StatusCode::NO_CONTENT => Ok(Revocation::Revoked),
        // Google says instead that there is nothing to revoke, which is what was wanted.
        StatusCode::BAD_REQUEST if error_of(response.body()).as_deref() == Some("invalid_token") => {
            Ok(Revocation::Revoked)
        }
        status => Err(AuthError::Misconfigured(format!("revocation was answered with {status}"))),
    }
}

fn error_of(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Refusal>(body).ok().map(|refusal| refusal.error)
}
