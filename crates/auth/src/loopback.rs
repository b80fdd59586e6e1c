//! The small HTTP server on this computer that the browser comes back to (RFC 8252 section 7.3).
//!
//! It answers one path of one host name with a page, lets one visit decide, delivers that visit's page before it closes,
//! and holds nothing against visitors that make no sense: they get a page too, and it goes on waiting. What a visit
//! means is its caller's business; there is nothing about OAuth here.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::select_all;
use http::header::{CONNECTION, HOST, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use oauth2::url::Url;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::page::{self, Page};
use crate::redirect::RedirectHost;
use crate::{AuthError, Pages};

/// Browsers open a few connections ahead; more visitors at once wait their turn.
const MOST_CONNECTIONS: usize = 64;
/// A browser on the same computer sends its request at once; who does not is cut off.
const WHOLE_REQUEST: Duration = Duration::from_secs(5);
/// Request, answer and its delivery.
const WHOLE_VISIT: Duration = Duration::from_secs(10);
/// The longest request line with headers, in bytes: codes and cookies of `localhost` fit well.
const LONGEST_HEAD: usize = 32 * 1024;
/// When no connection can be taken (no file descriptors left), the next try.
const PAUSE: Duration = Duration::from_millis(100);
/// Both loopback addresses need the same port; another one is tried when the second is taken.
const PORTS_TRIED: usize = 8;

/// What to do with a visit.
pub(crate) enum Reply<T> {
    /// Say that nothing waits for this.
    Stray,
    /// Send the browser on; the server stays.
    Lead(Url),
    /// The awaited visit: show success or failure, then end with the value.
    Finish(Result<T, T>),
}

/// A listener on a free port.
#[derive(Debug)]
pub(crate) struct Loopback {
    listeners: Vec<TcpListener>,
    authority: String,
}

impl Loopback {
    /// Binds a free port of 127.0.0.1, and of ::1 as well where the name `localhost` may lead there.
    pub(crate) async fn bind(host: RedirectHost) -> Result<Self, AuthError> {
        let fail = |error: io::Error| AuthError::NoListener(error.to_string());
        for _ in 0..PORTS_TRIED {
            let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(fail)?;
            let port = first.local_addr().map_err(fail)?.port();
            let mut listeners = vec![first];
            if host == RedirectHost::Localhost {
                match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
                    Ok(second) => listeners.push(second),
                    // Somebody else would get the browser's visit.
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
                    // No IPv6 on this computer: `localhost` can't lead there either.
                    Err(_) => {}
                }
            }
            return Ok(Self { listeners, authority: host.authority(port) });
        }
        Err(AuthError::NoListener("no port is free on both loopback addresses".into()))
    }

    /// The address of a path here.
    pub(crate) fn url(&self, path: &str) -> Result<Url, AuthError> {
        let fail = || AuthError::Misconfigured("the redirect path".into());
        let url: Url = format!("http://{}{path}", self.authority).parse().map_err(|_| fail())?;
        // A path that is not kept as it is would never match what is registered.
        if url.path() == path && path.starts_with('/') { Ok(url) } else { Err(fail()) }
    }

    /// Serves until a visit finishes it. `reply` gets path and query. Dropping the future closes everything.
    pub(crate) async fn serve<T: Send + 'static>(
        self,
        pages: Pages,
        reply: impl Fn(&str, &str) -> Reply<T> + Send + Sync + 'static,
    ) -> T {
        let site = Arc::new(Site { authority: self.authority, pages, reply, finished: AtomicBool::new(false) });
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                Some(visit) = visits.join_next() => {
                    if let Ok(Some(value)) = visit {
                        return value;
                    }
                }
                accepted = accept(&self.listeners), if visits.len() < MOST_CONNECTIONS => match accepted {
                    Ok(stream) => { visits.spawn(visit(stream, Arc::clone(&site))); }
                    Err(error) => {
                        tracing::warn!(%error, "the browser's connection can't be taken");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    }
}

/// What all visits share.
struct Site<F> {
    authority: String,
    pages: Pages,
    reply: F,
    finished: AtomicBool,
}

async fn accept(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    let (first, ..) = select_all(listeners.iter().map(|listener| Box::pin(listener.accept()))).await;
    first.map(|(stream, _)| stream)
}

/// One connection, one request. The value comes back after the page was delivered.
async fn visit<T, F>(stream: TcpStream, site: Arc<Site<F>>) -> Option<T>
where
    T: Send + 'static,
    F: Fn(&str, &str) -> Reply<T> + Send + Sync + 'static,
{
    let value = Arc::new(Mutex::new(None));
    let place = Arc::clone(&value);
    let service = service_fn(move |request| {
        let response = site.answer(&request, &place);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(WHOLE_REQUEST)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD + 8 * 1024)
        .keep_alive(false)
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // How a visit ended does not matter: what it said was taken, or it said nothing.
    let _ = tokio::time::timeout(WHOLE_VISIT, connection).await;
    value.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl<F> Site<F> {
    fn answer<T>(&self, request: &Request<Incoming>, place: &Mutex<Option<T>>) -> Response<Full<Bytes>>
    where
        F: Fn(&str, &str) -> Reply<T>,
    {
        if request.method() != Method::GET {
            return show(StatusCode::METHOD_NOT_ALLOWED, &self.pages.stray);
        }
        // Another name for this computer means another site's page (DNS rebinding), or a proxy.
        let mut hosts = request.headers().get_all(HOST).iter();
        let host_fits =
            hosts.next().is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(self.authority.as_bytes()));
        if !host_fits || hosts.next().is_some() || request.uri().authority().is_some() {
            return show(StatusCode::MISDIRECTED_REQUEST, &self.pages.stray);
        }
        let uri = request.uri();
        match (self.reply)(uri.path(), uri.query().unwrap_or_default()) {
            Reply::Stray if uri.path() == "/favicon.ico" => show(StatusCode::NOT_FOUND, &self.pages.stray),
            Reply::Stray => show(page::STRAY, &self.pages.stray),
            Reply::Lead(url) => {
                let mut response = show(StatusCode::SEE_OTHER, &self.pages.success);
                if let Ok(location) = HeaderValue::from_str(url.as_str()) {
                    response.headers_mut().insert(LOCATION, location);
                }
                response
            }
            Reply::Finish(outcome) => {
                let (page, value) = match outcome {
                    Ok(value) => (&self.pages.success, value),
                    Err(value) => (&self.pages.failure, value),
                };
                // A reloaded tab sees the same page; the first visit is the one that counts.
                if !self.finished.swap(true, Ordering::SeqCst) {
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                }
                show(StatusCode::OK, page)
            }
        }
    }
}

fn show(status: StatusCode, page: &Page) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(page.html())));
    *response.status_mut() = status;
    *response.headers_mut() = page::headers();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests;
