//! What happens around every request: limits, headers, counting, the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use courrier_wire::{ErrorCode, path};
use tracing::info;

use crate::access::caller::Trail;
use crate::client_address::{ClientAddress, Peer, client_address};
use crate::limits;
use crate::rate::network_of;
use crate::refusal::{DPOP_NONCE, Refused};
use crate::state::App;

/// Answers one request within its limits, and notes that it did.
pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    // The pattern: paths may hold ids, and strangers may ask for anything.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let trail = Trail::default();
    let address = request
        .extensions()
        .get::<Peer>()
        .map(|Peer(peer)| client_address(peer.ip(), request.headers(), &app.config.trusted_proxies));
    if let Some(address) = address {
        request.extensions_mut().insert(ClientAddress(address));
    }
    request.extensions_mut().insert(trail.clone());
    let within = address.map_or(Ok(()), |address| app.address_rate.check(&network_of(address)));
    let mut response = match within {
        Err(seconds) => Refused::rate_limited(seconds).into_response(),
        Ok(()) => match tokio::time::timeout(limits::ANSWER_TIME, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Refused::timed_out().into_response(),
        },
    };
    add_headers(&app, &route, response.headers_mut());
    let took = started.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(method, &route, status, took);
    let code = response.extensions().get::<ErrorCode>().copied();
    if let Some(code) = code {
        app.metrics.refused(code);
    }
    let (user, device) = trail.0.get().map_or((None, None), |(user, device)| (Some(user), device.as_ref()));
    info!(
        method,
        route,
        status,
        milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        code = code.map(tracing::field::display),
        user = user.map(tracing::field::display),
        device = device.map(tracing::field::display),
        "answered"
    );
    response
}

fn add_headers(app: &App, route: &str, headers: &mut HeaderMap) {
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Nothing here is a page; should a browser ever show it as one, it may do nothing.
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    set(header::REFERRER_POLICY, "no-referrer");
    if app.public_url.starts_with("https://") {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if route.starts_with(path::API)
        && let Ok(nonce) = HeaderValue::from_str(&app.nonces.issue(Instant::now()))
    {
        headers.insert(DPOP_NONCE, nonce);
    }
}

/// Anybody can make up methods; metrics keep one line for each.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
