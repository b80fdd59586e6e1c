//! Who consented: the ID token that comes with a mail provider's tokens, verified with the provider's keys.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use courrier_model::{ExposeSecret, Secret, Timestamp};
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{IssuerUrl as Name, Nonce, NonceVerifier as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{Document, get};
use super::provider::{MailProvider, misconfigured};
use crate::http_client::IssuerHttp;
use crate::id_token::{self, Expected, Fault, Identity, Moment};
use crate::issuer::Discovered;
use crate::token::TokenAnswer;
use crate::{AuthError, Forgery};

/// What stands for the person's own tenant in Microsoft's documents.
const TENANT: &str = "{tenantid}";

/// Verifies the ID token of an answer; `None` where there is none. Where the keys can't be had now, the connection that it
/// came by vouches for it: it was the provider's own token endpoint (OIDC Core section 3.1.3.7, number 6).
pub(super) async fn identify(
    http: &IssuerHttp,
    provider: &MailProvider,
    answer: &TokenAnswer,
    nonce: Option<&Nonce>,
) -> Result<Option<Identity>, AuthError> {
    let (Some(metadata), Some(id_token)) = (&provider.metadata, &answer.id_token) else { return Ok(None) };
    let keys = async {
        let document: Document = get(http, metadata).await?.ok_or_else(|| misconfigured("it has no document"))?;
        let uri = document.jwks_uri.as_ref().ok_or_else(|| misconfigured("it shows no keys"))?;
        let keys: Value = get(http, uri).await?.ok_or_else(|| misconfigured("it shows no keys"))?;
        Ok::<_, AuthError>((document, keys))
    };
    match keys.await {
        Ok((document, keys)) => verify(provider, &document, keys, id_token, answer, nonce).map(Some),
        Err(error) => {
            tracing::warn!(%error, "the keys for who consented can't be had; the connection vouches for it");
            vouched(provider, id_token, nonce).map(Some)
        }
    }
}

/// What an unsigned token says, as far as it is meant for this attempt.
fn vouched(provider: &MailProvider, id_token: &Secret, nonce: Option<&Nonce>) -> Result<Identity, AuthError> {
    let unsigned = Unverified::read(id_token).ok_or(AuthError::Forged(Forgery::Signature))?;
    let claims: Vouched = payload(id_token).ok_or(AuthError::Forged(Forgery::Signature))?;
    let named = match provider.issuer.as_deref() {
        Some(issuer) => unsigned.issuer_by(issuer).is_some_and(|name| name == claims.iss),
        // Only a document could tell its name, and that was not to be had.
        None => true,
    };
    let ours =
        claims.aud.names(&provider.client_id) && claims.azp.as_ref().is_none_or(|party| *party == provider.client_id);
    if !named || !ours {
        return Err(AuthError::Forged(Forgery::Audience));
    }
    if nonce.is_some_and(|nonce| nonce.verify(claims.nonce.as_ref()).is_err()) {
        return Err(AuthError::Forged(Forgery::Nonce));
    }
    if claims.sub.is_empty() {
        return Err(AuthError::Forged(Forgery::Subject));
    }
    Ok(Identity {
        issuer: claims.iss,
        subject: claims.sub,
        username: claims.preferred_username,
        name: claims.name,
        email: claims.email,
        email_verified: claims.email_verified,
    })
}

/// The claims of a token that the connection vouches for.
#[derive(Deserialize)]
struct Vouched {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    nonce: Option<Nonce>,
    preferred_username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

/// One name, or a list of them (RFC 7519 section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self, client: &str) -> bool {
        match self {
            Self::One(name) => name == client,
            Self::Many(names) => names.iter().any(|name| name == client),
        }
    }
}

/// The claims of a token, whoever signed them; they stay within this module.
fn payload<T: DeserializeOwned>(id_token: &Secret) -> Option<T> {
    let payload = id_token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn verify(
    provider: &MailProvider,
    document: &Document,
    keys: Value,
    id_token: &Secret,
    answer: &TokenAnswer,
    nonce: Option<&Nonce>,
) -> Result<Identity, AuthError> {
    let unsigned = Unverified::read(id_token).ok_or(AuthError::Forged(Forgery::Signature))?;
    let issuer = provider.issuer.as_deref().unwrap_or(&document.issuer);
    let name = unsigned.issuer_by(issuer).ok_or(AuthError::Forged(Forgery::Audience))?;
    // The document of one tenant names that one, the document for all of them has the gap.
    if document.issuer != issuer && document.issuer != name {
        return Err(misconfigured("its document names another issuer"));
    }
    let discovered = Discovered {
        authorization: provider.authorization.clone(),
        token: provider.token.clone(),
        revocation: None,
        end_session: None,
        device_authorization: None,
        keys: unsigned.keys_of(keys, &name)?,
        algorithms: document.algorithms(),
        names_itself: false,
        binds_tokens: false,
        name: Name::new(name).map_err(|_| misconfigured("its name is not an address"))?,
    };
    let expected = Expected {
        client_id: &provider.client_id,
        nonce,
        access_token: answer.access_token.secret(),
        authenticated_since: None,
        subject: None,
    };
    // The token came a moment ago from the endpoint itself, over TLS, with this attempt's nonce: that it is recent needs no
    // proof by a clock, and this computer's may be wrong.
    let moment = Moment { own: unsigned.iat, issuer: unsigned.iat };
    id_token::verify(id_token, &discovered, &expected, moment).map_err(|fault| match fault {
        Fault::Refused(error) => error,
        Fault::UnknownKey => AuthError::Forged(Forgery::Signature),
    })
}

/// Claims that say how the token is to be verified; believed once it is.
struct Unverified {
    iat: Timestamp,
    tenant: Option<String>,
}

impl Unverified {
    fn read(id_token: &Secret) -> Option<Self> {
        #[derive(Deserialize)]
        struct Claims {
            iat: f64,
            tid: Option<String>,
        }
        let claims: Claims = payload(id_token)?;
        // Whole seconds are meant; a fraction is allowed (RFC 7519 section 2), and what is out of range saturates.
        #[allow(clippy::cast_possible_truncation)]
        let iat = Timestamp::from_second(claims.iat as i64).ok()?;
        let is_id = |tenant: &String| tenant.len() == 36 && tenant.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        Some(Self { iat, tenant: claims.tid.filter(is_id) })
    }

    /// The name that the token's `iss` must be: of the tenant that the token names, where the provider has tenants.
    fn issuer_by(&self, template: &str) -> Option<String> {
        if !template.contains(TENANT) {
            return Some(template.to_owned());
        }
        self.tenant.as_ref().map(|tenant| template.replace(TENANT, tenant))
    }

    /// The keys that may sign for this issuer. Microsoft shows those of all tenants in one set, and says whose they are.
    fn keys_of(&self, mut keys: Value, name: &str) -> Result<CoreJsonWebKeySet, AuthError> {
        if let Some(all) = keys.get_mut("keys").and_then(Value::as_array_mut) {
            all.retain(|key| match key.get("issuer").and_then(Value::as_str) {
                Some(issuer) => self.issuer_by(issuer).is_some_and(|issuer| issuer == name),
                None => true,
            });
        }
        serde_json::from_value(keys).map_err(|_| misconfigured("its keys can't be read"))
    }
}
