//! This program introduces itself to an issuer that has never heard of it (RFC 7591).

use courrier_model::Secret;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use oauth2::HttpRequest;
use oauth2::url::Url;
use serde::Deserialize;
use serde_json::{Value, json};

use super::provider::{MailProvider, misconfigured};
use crate::AuthError;
use crate::http_client::IssuerHttp;
use crate::redirect::RedirectHost;
use crate::refusal::Refusal;

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: Option<String>,
    token_endpoint_auth_method: Option<String>,
}

/// Registers a native app without a secret; comes back with the client's id, and with a secret where the issuer insists on
/// one.
///
/// # Errors
/// [`AuthError::NotOffered`] where strangers may not register; [`AuthError::Misconfigured`] for other refusals.
pub(super) async fn register(
    http: &IssuerHttp,
    endpoint: &Url,
    client_name: &str,
    provider: &MailProvider,
) -> Result<(String, Option<Secret>), AuthError> {
    let host = match provider.redirect.host {
        RedirectHost::Ip => "127.0.0.1",
        RedirectHost::Localhost => "localhost",
    };
    let path = if provider.redirect.path == "/" { "" } else { provider.redirect.path.as_str() };
    let mut grants = vec!["authorization_code", "refresh_token"];
    if provider.device.is_some() {
        grants.push("urn:ietf:params:oauth:grant-type:device_code");
    }
    let mut metadata = json!({
        "client_name": client_name,
        "application_type": "native",
        // RFC 8252 section 7.3: the port is the app's to choose at each attempt.
        "redirect_uris": [format!("http://{host}{path}")],
        "grant_types": grants,
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": provider.all_scopes().join(" "),
    });
    let mut response = send(http, endpoint, &metadata).await?;
    // Some issuers let nobody register for scopes, and grant them later all the same.
    if response.status().is_client_error()
        && let Some(members) = metadata.as_object_mut()
    {
        members.remove("scope");
        response = send(http, endpoint, &metadata).await?;
    }
    match response.status() {
        StatusCode::CREATED | StatusCode::OK => {
            let registered: Registered = serde_json::from_slice(response.body())
                .map_err(|_| misconfigured("its answer to a registration can't be read"))?;
            let asks = registered.token_endpoint_auth_method.is_none_or(|method| method != "none");
            Ok((registered.client_id, registered.client_secret.filter(|_| asks).map(Secret::from)))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(AuthError::NotOffered("client registration")),
        status => {
            let code = serde_json::from_slice::<Refusal>(response.body()).map(|refusal| refusal.to_string());
            let code = code.unwrap_or_else(|_| status.to_string());
            Err(misconfigured(&format!("it refused the registration: {code}")))
        }
    }
}

async fn send(http: &IssuerHttp, endpoint: &Url, metadata: &Value) -> Result<oauth2::HttpResponse, AuthError> {
    let mut request = HttpRequest::new(metadata.to_string().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.as_str().parse().map_err(|_| misconfigured("its registration endpoint"))?;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(http.send(request).await?)
}
