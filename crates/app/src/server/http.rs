//! Requests to the server without anybody's name on them, and what every answer has in common.

use std::error::Error;
use std::time::Duration;

use courrier_auth::{Http, Issuer};
use courrier_wire::{ErrorCode, IssuerInfo, ProviderClient, Refusal, WellKnown, path};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::server::ServerError;
use crate::server::address::ServerAddress;

/// The version of the API that this program speaks.
const API_VERSION: u32 = 1;
/// The longest answer in bytes: a page of records, each as large as it may be, with what JSON adds.
const LONGEST: usize = courrier_wire::PAGE_LIMIT as usize * (courrier_wire::BODY_LIMIT + 1024);
/// The longest that a server may ask to be left alone.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What a server says of itself before anybody signs in.
#[derive(Debug, Clone)]
pub(crate) struct Introduction {
    /// The address that calls go to.
    pub(crate) server: ServerAddress,
    /// Where people sign in.
    pub(crate) oidc: IssuerInfo,
    /// The issuer itself, which has not been asked yet.
    pub(crate) issuer: Issuer,
    /// The organisation's clients at mail providers.
    pub(crate) providers: Vec<ProviderClient>,
    /// The mail domains that are the organisation's own.
    pub(crate) managed_domains: Vec<String>,
}

/// Asks a server who it is.
pub(crate) async fn introduce(http: &Http, asked: &ServerAddress) -> Result<Introduction, ServerError> {
    let url = asked.join(path::WELL_KNOWN);
    let answer = http.client(&url)?.get(url).send().await.map_err(unreachable)?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(ServerError::Busy { after: retry_after(answer.headers()) });
        }
        _ => return Err(ServerError::NotCourrier),
    }
    let headers = answer.headers().clone();
    let known: WellKnown = read(answer).await?;
    if !known.versions.api.contains(&API_VERSION) {
        return Err(ServerError::TooNew);
    }
    let server: ServerAddress = known.api_base.parse().map_err(|error| match error {
        ServerError::Insecure => ServerError::Insecure,
        _ => ServerError::NotCourrier,
    })?;
    // Somebody else's server has no business with what runs on this computer.
    if server.is_loopback() && !asked.is_loopback() {
        return Err(ServerError::Insecure);
    }
    let WellKnown { oidc, providers, managed_domains, .. } = known;
    let issuer = Issuer::new(http.clone(), oidc.issuer.parse()?);
    issuer.observe_answer(&headers);
    Ok(Introduction { server, oidc, issuer, providers, managed_domains })
}

/// Reads an answer to its end, within bounds.
pub(crate) async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, ServerError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(ServerError::NotCourrier);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|_| ServerError::NotCourrier)
}

/// What an answer that is no success means.
pub(crate) async fn refusal(answer: Response) -> ServerError {
    let (status, after) = (answer.status(), retry_after(answer.headers()));
    let refusal: Refusal = match read(answer).await {
        Ok(refusal) => refusal,
        // A proxy in between, or the way itself.
        Err(error @ ServerError::Unreachable(_)) => return error,
        Err(_) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return ServerError::Busy { after };
        }
        Err(_) => return ServerError::NotCourrier,
    };
    match (refusal.error, refusal.reset) {
        (ErrorCode::Reset, Some(reset)) => ServerError::Reset(reset),
        (ErrorCode::DeviceUnknown, _) => ServerError::DeviceUnknown,
        (ErrorCode::DeviceRevoked, _) => ServerError::DeviceRevoked,
        (ErrorCode::RateLimited | ErrorCode::Unavailable | ErrorCode::Internal, _) => ServerError::Busy { after },
        (code, _) => ServerError::Refused(code),
    }
}

/// Why there is no answer. The address stays out of it: it may hold what nobody else should read.
pub(crate) fn unreachable(error: reqwest::Error) -> ServerError {
    let error = error.without_url();
    let mut innermost: &dyn Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    ServerError::Unreachable(if error.is_timeout() { "no answer in time".to_owned() } else { innermost.to_string() })
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3), which is how our server writes it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}
