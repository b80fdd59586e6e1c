//! Who asks: token, proof, person and device put together.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use courrier_model::{DeviceId, Timestamp, UserId};
use courrier_wire::ErrorCode;
use jiff::SignedDuration;
use tracing::warn;

use super::proof::{self, Proof};
use super::replay::Seen as ProofSeen;
use super::token::{Identity, Tokens};
use crate::client_address::ClientAddress;
use crate::refusal::{DPOP, Refused};
use crate::state::{App, Shared};
use crate::storage::{Actor, Claims, Seen, Standing, StoredDevice};

/// Somebody with a good token and a good proof, whose key may not be registered, or may be revoked: for the two
/// calls by which a device becomes one.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// What the token says.
    pub(crate) identity: Identity,
    /// What storage knows.
    pub(crate) standing: Standing,
    /// The key that signed the proof.
    pub(crate) thumbprint: String,
    /// What the request tells about its device.
    pub(crate) seen: Seen,
}

/// Somebody on a registered device that was not revoked: for every other call.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) visitor: Visitor,
    /// On which of their devices.
    pub(crate) device: StoredDevice,
}

/// A [`Caller`] with the administrators' role.
#[derive(Debug)]
pub(crate) struct Admin;

/// Where the extractors leave who asked, for the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(pub(crate) Arc<OnceLock<(UserId, Option<DeviceId>)>>);

impl Visitor {
    /// On whose behalf something is changed.
    pub(crate) fn actor(&self, device: Option<DeviceId>) -> Actor {
        Actor { user: self.standing.user.id, device, address: self.seen.address.clone(), at: self.seen.at }
    }

    /// What finds the person again.
    pub(crate) fn claims(&self) -> Claims {
        Claims {
            issuer: self.standing.user.issuer.clone(),
            subject: self.standing.user.subject.clone(),
            email: None,
            name: None,
        }
    }
}

impl Caller {
    /// On whose behalf something is changed.
    pub(crate) fn actor(&self) -> Actor {
        self.visitor.actor(Some(self.device.id))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let tokens = app.tokens.as_ref().ok_or_else(Refused::without_issuer)?;
        let (scheme, token) = credentials(&parts.headers).ok_or(ErrorCode::TokenInvalid)?;
        let now = app.now();
        let identity = tokens.verify(token, now).await?;
        // RFC 9449 sections 7.1 and 7.2: a bound token is no bearer token, and the other way round.
        if (scheme == Scheme::Dpop) != identity.bound_to.is_some() {
            return Err(ErrorCode::TokenInvalid.into());
        }
        let proof = proof_for(parts, app, token)?;
        if identity.bound_to.as_ref().is_some_and(|thumbprint| *thumbprint != proof.thumbprint) {
            return Err(ErrorCode::ProofInvalid.into());
        }
        app.user_rate.check(&identity.subject).map_err(Refused::rate_limited)?;
        use_once(app, &proof, Instant::now())?;
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.0);
        let visitor = look_up(app, tokens, identity, proof.thumbprint, address, now).await?;
        if let Some(trail) = parts.extensions.get::<Trail>() {
            let device = visitor.standing.device.as_ref().map(|device| device.id);
            // Nobody else fills it; a second extractor of the same request finds the same.
            let _ = trail.0.set((visitor.standing.user.id, device));
        }
        Ok(visitor)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let mut visitor = Visitor::from_request_parts(parts, app).await?;
        let device = visitor.standing.device.take().ok_or(ErrorCode::DeviceUnknown)?;
        if device.revoked_at.is_some() {
            return Err(ErrorCode::DeviceRevoked.into());
        }
        note(app, &device, &visitor.seen).await;
        Ok(Self { visitor, device })
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.visitor.identity.admin { Ok(Self) } else { Err(ErrorCode::Forbidden.into()) }
    }
}

/// Keeps when and from where a device was heard of; most requests change nothing about that.
pub(crate) async fn note(app: &Shared, device: &StoredDevice, seen: &Seen) {
    if device.differs_from(seen) {
        // What was asked for does not depend on it.
        if let Err(error) = app.storage.touch(device.user, device.id, seen).await {
            warn!(%error, "a device's last sign of life is not kept");
        }
    }
}

async fn look_up(
    app: &Shared,
    tokens: &Tokens,
    identity: Identity,
    thumbprint: String,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Visitor, Refused> {
    let claims = Claims {
        issuer: tokens.policy().issuer.clone(),
        subject: identity.subject.clone(),
        email: identity.email.clone(),
        name: identity.name.clone(),
    };
    let standing = app.storage.authorize(&claims, &thumbprint, now).await?;
    let live = standing.device.as_ref().filter(|device| device.revoked_at.is_none());
    let signed_in_at = live.map_or(identity.signed_in_at, |device| signed_in_at(&identity, device));
    if live.is_some_and(|device| device.session_is_over(signed_in_at)) {
        return Err(ErrorCode::TokenInvalid.into());
    }
    let lasts = app.config.session_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    let seen = Seen {
        at: now,
        address: address.map(|address| address.to_string()),
        session_id: identity.session.clone(),
        session_expires_at: lasts.and_then(|lasts| identity.signed_in_at.checked_add(lasts).ok()),
        signed_in_at,
    };
    Ok(Visitor { identity, standing, thumbprint, seen })
}

/// When the sign-in began that a token belongs to. A session that the device did not have before began with its first
/// token, even where the browser remembered the person and `auth_time` is older than the end of the last session.
fn signed_in_at(identity: &Identity, device: &StoredDevice) -> Timestamp {
    let is_new = identity.session.is_some() && identity.session != device.session_id;
    if is_new { identity.issued_at } else { identity.signed_in_at }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// A token that is bound to a key (RFC 9449 section 7.1).
    Dpop,
    /// A token that anybody could use, but for our own rule that a registered key signs (RFC 6750).
    Bearer,
}

/// The one token of a request; two are none (RFC 9110 section 11.6.2).
fn credentials(headers: &HeaderMap) -> Option<(Scheme, &str)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let scheme = match scheme {
        scheme if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        scheme if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        _ => return None,
    };
    let token = token.trim_start_matches(' ');
    (values.next().is_none() && !token.is_empty()).then_some((scheme, token))
}

fn proof_for(parts: &Parts, app: &Shared, token: &str) -> Result<Proof, ErrorCode> {
    let mut proofs = parts.headers.get_all(DPOP).iter();
    let (Some(proof), None) = (proofs.next(), proofs.next()) else { return Err(ErrorCode::ProofInvalid) };
    let proof = proof.to_str().map_err(|_| ErrorCode::ProofInvalid)?;
    // Only the path is the request's own word: scheme and host are what the operator says they are.
    let address = format!("{}{}", app.public_url, parts.uri.path());
    let request = proof::Request { method: parts.method.as_str(), address: &address, token };
    proof::read(proof, &request).ok_or(ErrorCode::ProofInvalid)
}

fn use_once(app: &Shared, proof: &Proof, now: Instant) -> Result<(), ErrorCode> {
    let nonce = proof.nonce.as_deref().and_then(|nonce| app.nonces.check(nonce, now));
    let slot = nonce.ok_or(ErrorCode::UseDpopNonce)?;
    match app.replays.remember(slot, proof.digest, app.nonces.oldest(now)) {
        ProofSeen::Fresh => Ok(()),
        ProofSeen::Again => Err(ErrorCode::ProofInvalid),
        ProofSeen::Full => Err(ErrorCode::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Option<(Scheme, String)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        credentials(&headers).map(|(scheme, token)| (scheme, token.to_owned()))
    }

    #[test]
    fn one_token_by_one_of_two_schemes() {
        assert_eq!(read(&["DPoP abc"]), Some((Scheme::Dpop, "abc".to_owned())));
        assert_eq!(read(&["bearer  abc"]), Some((Scheme::Bearer, "abc".to_owned())));
        for wrong in [&[][..], &["abc"], &["Bearer "], &["Basic abc"], &["Bearer a", "Bearer b"]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
