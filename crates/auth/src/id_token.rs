//! Whether an ID token is genuine, recent, and meant for this attempt (OIDC Core section 3.1.3.7).

use std::str::FromStr;

use chrono::{DateTime, Utc};
use courrier_model::{ExposeSecret, Secret, Timestamp};
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, Nonce, NonceVerifier, SignatureVerificationError,
};

use crate::error::{AuthError, Forgery};
use crate::issuer::Discovered;

/// How far two clocks may be apart, in seconds.
const LEEWAY: i64 = 60;
/// The oldest `iat` of a token that was made for the request before, in seconds.
const OLDEST: i64 = 600;

/// Who signed in, as the ID token says. Issuer and subject together are the identity; everything else is for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer's name.
    pub issuer: String,
    /// The person's id at this issuer (`sub`), never reused for somebody else.
    pub subject: String,
    /// `preferred_username`
    pub username: Option<String>,
    /// `name`
    pub name: Option<String>,
    /// `email`; not an identity.
    pub email: Option<String>,
    /// `email_verified`
    pub email_verified: bool,
}

/// What an ID token must agree with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) client_id: &'a str,
    /// The attempt's nonce; `None` for tokens that come without a redirect (device code, refresh).
    pub(crate) nonce: Option<&'a Nonce>,
    /// The access token that came with it.
    pub(crate) access_token: &'a Secret,
    /// The earliest `auth_time`, where the person had to authenticate again.
    pub(crate) authenticated_since: Option<Timestamp>,
    /// Who it must be, where that is known.
    pub(crate) subject: Option<&'a str>,
}

/// Why an ID token was not accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Signed by a key that the issuer has not shown yet.
    UnknownKey,
    /// For good.
    Refused(AuthError),
}

impl From<Forgery> for Fault {
    fn from(forgery: Forgery) -> Self {
        Self::Refused(AuthError::Forged(forgery))
    }
}

/// The present moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// This computer's; the one that judges.
    pub(crate) own: Timestamp,
    /// The issuer's, as its answers are dated: tells a wrong clock from an old token.
    pub(crate) issuer: Timestamp,
}

/// Verifies signature, `iss`, `aud`, `azp`, `exp`, `iat`, `nonce`, `at_hash`, `auth_time` and `sub`.
pub(crate) fn verify(
    token: &Secret,
    issuer: &Discovered,
    expected: &Expected<'_>,
    now: Moment,
) -> Result<Identity, Fault> {
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new(expected.client_id.to_owned()),
        issuer.name.clone(),
        issuer.keys.clone(),
    )
    .set_allowed_algs(issuer.algorithms.iter().cloned())
    // `exp` is judged below: the library allows no leeway, and keeps back the claims that tell a wrong clock.
    .set_time_fn(|| DateTime::<Utc>::MIN_UTC);
    // Parsing needs the token's text; it stays within this function.
    let token = CoreIdToken::from_str(token.expose_secret()).map_err(|_| Forgery::Signature)?;
    let claims = token.claims(&verifier, NonceOf(expected.nonce)).map_err(|error| explain(&error))?;
    judge_times(claims, expected.authenticated_since, now)?;
    // `azp` stands for the client as much as `aud` does; the library leaves it to us.
    if claims.authorized_party().is_some_and(|party| party.as_str() != expected.client_id) {
        return Err(Forgery::Audience.into());
    }
    if let Some(hash) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|_| Forgery::Signature)?;
        let key = token.signing_key(&verifier).map_err(|_| Forgery::Signature)?;
        // The hash is compared, the token goes nowhere.
        let access_token = AccessToken::new(expected.access_token.expose_secret().to_owned());
        let actual = AccessTokenHash::from_token(&access_token, algorithm, key).map_err(|_| Forgery::AccessToken)?;
        if actual.as_str() != hash.as_str() {
            return Err(Forgery::AccessToken.into());
        }
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || expected.subject.is_some_and(|known| known != subject) {
        return Err(Forgery::Subject.into());
    }
    Ok(identity(claims))
}

/// `exp`, `iat` and `auth_time`, with leeway.
fn judge_times(claims: &CoreIdTokenClaims, since: Option<Timestamp>, now: Moment) -> Result<(), Fault> {
    let own = now.own.as_second();
    let issued = claims.issue_time().timestamp();
    if issued.saturating_sub(LEEWAY) > own {
        return Err(Fault::Refused(AuthError::ClockSkew { seconds: own.saturating_sub(issued) }));
    }
    if claims.expiration().timestamp().saturating_add(LEEWAY) <= own || own.saturating_sub(issued) > OLDEST {
        let skew = own.saturating_sub(now.issuer.as_second());
        let error = if skew.abs() > LEEWAY {
            AuthError::ClockSkew { seconds: skew }
        } else {
            AuthError::Forged(Forgery::Expired)
        };
        return Err(Fault::Refused(error));
    }
    let authenticated = claims.auth_time().map(|at| at.timestamp());
    match (since, authenticated) {
        (Some(since), Some(at)) if at.saturating_add(LEEWAY) < since.as_second() => Err(Forgery::AuthTime.into()),
        (Some(_), None) => Err(Forgery::AuthTime.into()),
        _ => Ok(()),
    }
}

/// A nonce that has to be there if one was sent, and is left alone otherwise.
struct NonceOf<'a>(Option<&'a Nonce>);

impl NonceVerifier for NonceOf<'_> {
    fn verify(self, nonce: Option<&Nonce>) -> Result<(), String> {
        match self.0 {
            Some(expected) => expected.verify(nonce),
            None => Ok(()),
        }
    }
}

fn explain(error: &ClaimsVerificationError) -> Fault {
    use ClaimsVerificationError as Error;
    match error {
        Error::SignatureVerification(SignatureVerificationError::NoMatchingKey) => Fault::UnknownKey,
        Error::InvalidIssuer(_) | Error::InvalidAudience(_) => Forgery::Audience.into(),
        Error::InvalidNonce(_) => Forgery::Nonce.into(),
        Error::InvalidSubject(_) => Forgery::Subject.into(),
        Error::Expired(_) => Forgery::Expired.into(),
        _ => Forgery::Signature.into(),
    }
}

fn identity(claims: &CoreIdTokenClaims) -> Identity {
    Identity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        username: claims.preferred_username().map(|name| name.as_str().to_owned()),
        // The claim without a language tag is the one meant for everybody (OIDC Core section 5.2).
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests;
