//! HTTP to issuers: rustls with the system's trust store, no redirects, and a bound on everything.

use std::error::Error;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use oauth2::url::{Host, Url};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::AuthError;
use crate::clock::{Clock, ServerClock, http_date};

/// TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(10);
/// A whole request with its answer.
const WHOLE: Duration = Duration::from_secs(30);
/// The longest answer in bytes; discovery documents and key sets are a few kilobytes.
const LONGEST: usize = 1 << 20;
/// The longest that a server may ask to be left alone, or a wrong header would end the session in effect.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The way to issuers. Cheap to clone.
///
/// Trusts what the system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` replace that on Linux), follows `HTTPS_PROXY`,
/// `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and the system's proxy settings, but goes straight to this computer itself.
/// It follows no redirects: a token must not travel to an address that nobody configured.
///
/// Trust store and proxy settings are loaded at the first request: reading the certificates of a whole system takes longer
/// than most of what is done without asking anybody. Where the trust store is empty or unreadable no TLS connection will
/// succeed, and those without TLS, to this computer, still do.
#[derive(Debug, Clone)]
pub struct Http {
    clients: Arc<OnceLock<Result<Clients, String>>>,
    clock: Clock,
}

#[derive(Debug)]
struct Clients {
    proxied: reqwest::Client,
    direct: reqwest::Client,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("the connection would not be encrypted")]
    Insecure,
    #[error("{0}")]
    Unreachable(String),
    #[error("busy")]
    Busy { retry_after: Option<Duration> },
    #[error("{0}")]
    Misconfigured(String),
}

impl From<HttpError> for AuthError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Insecure => Self::Insecure,
            HttpError::Unreachable(reason) => Self::Unreachable(reason),
            HttpError::Busy { retry_after } => Self::Busy { retry_after },
            HttpError::Misconfigured(reason) => Self::Misconfigured(reason),
        }
    }
}

impl Http {
    /// Nothing is loaded yet.
    pub fn new(clock: Clock) -> Self {
        Self { clients: Arc::default(), clock }
    }

    /// The client for requests of the caller's own to this address, with the same trust, proxies and limits.
    ///
    /// # Errors
    /// [`AuthError::Insecure`] for an address without TLS outside this computer; [`AuthError::Misconfigured`] when the
    /// proxy settings can't be understood.
    pub fn client(&self, url: &Url) -> Result<&reqwest::Client, AuthError> {
        Ok(self.client_for(url)?)
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, HttpError> {
        if !is_private(url) {
            return Err(HttpError::Insecure);
        }
        let clients = self.clients.get_or_init(Clients::load).as_ref();
        let clients = clients.map_err(|reason| HttpError::Misconfigured(reason.clone()))?;
        Ok(if is_loopback(url) { &clients.direct } else { &clients.proxied })
    }

    /// The clock that everything made with this goes by.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// One request and its answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(|error| HttpError::Unreachable(innermost(&error)))?;
        let mut answer = self.client_for(request.url())?.execute(request).await.map_err(unreachable)?;
        let status = answer.status();
        if status.as_u16() == 429 || status.is_server_error() {
            return Err(HttpError::Busy { retry_after: retry_after(answer.headers(), &self.clock) });
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(HttpError::Unreachable("the answer is too long".into()));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl Clients {
    fn load() -> Result<Self, String> {
        let tls = tls().map_err(|error| error.to_string())?;
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(Policy::none())
                .referer(false)
                .connect_timeout(CONNECT)
                .timeout(WHOLE)
                .user_agent(concat!("Courrier/", env!("CARGO_PKG_VERSION")))
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| innermost(&error));
        Ok(Self { proxied: build(builder())?, direct: build(builder().no_proxy())? })
    }
}

/// Requests to one issuer, whose clock is observed on the way.
#[derive(Debug, Clone)]
pub(crate) struct IssuerHttp {
    pub(crate) http: Http,
    pub(crate) clock: Arc<ServerClock>,
}

impl IssuerHttp {
    pub(crate) fn new(http: Http) -> Self {
        let clock = Arc::new(ServerClock::new(http.clock.clone()));
        Self { http, clock }
    }

    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.http.send(request).await?;
        self.clock.observe(response.headers());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for IssuerHttp {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// rustls with aws-lc-rs and the system's verifier.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = || ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    match builder()?.with_platform_verifier() {
        Ok(verified) => Ok(verified.with_no_client_auth()),
        Err(error) => {
            tracing::warn!(%error, "the system's trust store can't be used");
            Ok(builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
        }
    }
}

/// True where nobody on the way can listen: TLS, or this computer itself (RFC 8252 section 8.3 for plain loopback).
pub(crate) fn is_private(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

/// `Retry-After` in either of its forms (RFC 9110 section 10.2.3), at most an hour.
pub(crate) fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = http_date(value.as_bytes())?;
            Duration::from_secs(u64::try_from(at.as_second() - clock.now().as_second()).unwrap_or(0))
        }
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

fn unreachable(error: reqwest::Error) -> HttpError {
    // The address could carry what stood in a query; the reason alone says enough.
    let error = error.without_url();
    HttpError::Unreachable(if error.is_timeout() { "no answer in time".into() } else { innermost(&error) })
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_computer() {
        for (url, private) in [
            ("https://id.example.test/", true),
            ("http://127.0.0.1:8080/realms/x", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:1/", true),
            ("http://localhost:1/", true),
            ("http://id.example.test/", false),
            ("http://localhost.example.test/", false),
            ("http://127.0.0.1.example.test/", false),
            ("http://192.168.1.1/", false),
            ("ftp://127.0.0.1/", false),
            ("data:text/plain,x", false),
        ] {
            assert_eq!(is_private(&url.parse().expect("a URL")), private, "{url}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let clock = Clock::new(|| "2026-01-02T03:04:05Z".parse().expect("valid"));
        let wait =
            |value: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().expect("valid"))]), &clock);
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Fri, 02 Jan 2026 03:05:05 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(wait("Fri, 02 Jan 2026 03:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("99999999"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(wait("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), &clock), None);
    }
}
