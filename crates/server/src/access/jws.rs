//! Signed tokens in their compact form (RFC 7515 section 3.1), as far as this server meets them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Bytes of a token or proof, at most. Keycloak's are 1 to 2 KB; one with hundreds of roles stays below.
const LIMIT: usize = 16 * 1024;

/// A signed token taken apart; nothing about it is believed yet.
#[derive(Debug)]
pub(crate) struct Jws<'a, H> {
    /// Its header.
    pub(crate) header: H,
    message: &'a str,
    claims: &'a str,
    signature: &'a str,
}

/// A header that names a key of the issuer's.
#[derive(Debug, Deserialize)]
pub(crate) struct KeyHeader {
    /// The algorithm; `none` and all that we don't take fail here already.
    pub(crate) alg: Algorithm,
    /// What kind of token it says it is.
    pub(crate) typ: Option<String>,
    /// Which key.
    pub(crate) kid: Option<String>,
    /// Extensions that must be understood (RFC 7515 section 4.1.11); we understand none.
    crit: Option<IgnoredAny>,
}

impl KeyHeader {
    /// Whether it asks for something that we don't know.
    pub(crate) fn is_critical(&self) -> bool {
        self.crit.is_some()
    }
}

impl<'a, H: DeserializeOwned> Jws<'a, H> {
    /// Takes `token` apart, or `None` if it is no such thing.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LIMIT {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self { header: json(header)?, message, claims, signature })
    }

    /// Its claims, if `key` signed it by `algorithm`.
    pub(crate) fn verify<C: DeserializeOwned>(&self, key: &DecodingKey, algorithm: Algorithm) -> Option<C> {
        let good = jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, algorithm);
        if good.unwrap_or(false) { json(self.claims) } else { None }
    }
}

/// A claim that is one text or several (`aud`, RFC 7519 section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// Whether `text` is among them.
    pub(crate) fn has(&self, text: &str) -> bool {
        match self {
            Self::One(one) => one == text,
            Self::Many(many) => many.iter().any(|one| one == text),
        }
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
