//! Asking an issuer for its keys (OpenID Connect Discovery 1.0, RFC 7517).

use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// Seconds for connecting and for a whole answer: a person waits for it when a key is new.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Bytes of an answer, at most; Keycloak's are 10 KB.
const SIZE_LIMIT: usize = 512 * 1024;
/// Keys that are kept, at most.
const KEY_LIMIT: usize = 64;

/// Why the issuer's keys could not be had, for the log and the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiscoveryError {
    /// No answer.
    #[error("{address} does not answer: {source}")]
    Unreachable {
        /// What was asked.
        address: Url,
        /// The client's reason.
        source: reqwest::Error,
    },
    /// An answer that is of no use.
    #[error("{address} answers {why}")]
    Unusable {
        /// What was asked.
        address: Url,
        /// What is wrong with the answer.
        why: String,
    },
}

/// One of the issuer's keys.
#[derive(Debug)]
pub(crate) struct IssuerKey {
    /// Its name, if it has one.
    pub(crate) id: Option<String>,
    /// What it may sign with: never more than one family.
    pub(crate) algorithms: &'static [Algorithm],
    /// The key.
    pub(crate) key: DecodingKey,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Asks one issuer.
#[derive(Debug)]
pub(crate) struct Discovery {
    issuer: Url,
    name: String,
    client: reqwest::Client,
}

impl Discovery {
    /// For the issuer that calls itself `name`, at that address.
    ///
    /// # Errors
    /// If the system's trust store can't be used.
    pub(crate) fn new(issuer: Url, name: String) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            // An issuer that moved must be configured anew: its name is part of every person's identity.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(TIME_LIMIT)
            .timeout(TIME_LIMIT)
            .user_agent(concat!("courrier-server/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { issuer, name, client })
    }

    /// Fetches the issuer's metadata and then its keys: those that we can use.
    ///
    /// # Errors
    /// If either can't be had, or the metadata is another issuer's (OpenID Connect Discovery section 4.3).
    pub(crate) async fn keys(&self) -> Result<Vec<IssuerKey>, DiscoveryError> {
        let mut address = self.issuer.clone();
        let path = format!("{}/.well-known/openid-configuration", self.issuer.path().trim_end_matches('/'));
        address.set_path(&path);
        let metadata: Metadata = self.get(&address).await?;
        let unusable = |why: String| DiscoveryError::Unusable { address: address.clone(), why };
        if metadata.issuer != self.name {
            return Err(unusable(format!("for another issuer: {}", metadata.issuer)));
        }
        if !is_safe(&metadata.jwks_uri) {
            return Err(unusable(format!("keys at an address without TLS: {}", metadata.jwks_uri)));
        }
        let set: KeySet = self.get(&metadata.jwks_uri).await?;
        // A key of a kind that we don't know must not cost us the others.
        let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(jwks.filter_map(|jwk| usable(&jwk)).take(KEY_LIMIT).collect())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, address: &Url) -> Result<T, DiscoveryError> {
        let unreachable = |source| DiscoveryError::Unreachable { address: address.clone(), source };
        let unusable = |why| DiscoveryError::Unusable { address: address.clone(), why };
        let mut answer = self.client.get(address.clone()).send().await.map_err(unreachable)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(unusable(answer.status().to_string()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > SIZE_LIMIT {
                return Err(unusable(format!("with more than {SIZE_LIMIT} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|error| unusable(format!("with something else: {error}")))
    }
}

/// Whether what comes from there can be believed: over TLS, or from this machine.
pub(crate) fn is_safe(address: &Url) -> bool {
    let is_loopback = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && is_loopback)
}

fn usable(jwk: &Jwk) -> Option<IssuerKey> {
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
        && jwk.common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    if !signs {
        return None;
    }
    let algorithms: &'static [Algorithm] = match (&jwk.algorithm, jwk.common.key_algorithm) {
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::RS256)) => &[Algorithm::RS256],
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::PS256)) => &[Algorithm::PS256],
        (AlgorithmParameters::RSA(_), None) => &[Algorithm::RS256, Algorithm::PS256],
        (AlgorithmParameters::EllipticCurve(ec), None | Some(KeyAlgorithm::ES256))
            if ec.curve == EllipticCurve::P256 =>
        {
            &[Algorithm::ES256]
        }
        (AlgorithmParameters::OctetKeyPair(pair), None | Some(KeyAlgorithm::EdDSA))
            if pair.curve == EllipticCurve::Ed25519 =>
        {
            &[Algorithm::EdDSA]
        }
        _ => return None,
    };
    Some(IssuerKey { id: jwk.common.key_id.clone(), algorithms, key: DecodingKey::from_jwk(jwk).ok()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_keys_that_sign_by_our_algorithms_are_taken() {
        let coordinate = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        let of =
            |jwk: Value| serde_json::from_value::<Jwk>(jwk).ok().and_then(|jwk| usable(&jwk)).map(|key| key.algorithms);
        assert_eq!(
            of(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})),
            Some([Algorithm::RS256, Algorithm::PS256].as_slice())
        );
        assert_eq!(
            of(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "PS256", "use": "sig"})),
            Some([Algorithm::PS256].as_slice())
        );
        assert_eq!(
            of(json!({"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate})),
            Some([Algorithm::ES256].as_slice())
        );
        for refused in [
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "enc", "alg": "RSA-OAEP"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "RS512"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "key_ops": ["encrypt"]}),
            json!({"kty": "EC", "crv": "P-384", "x": coordinate, "y": coordinate}),
            json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
        ] {
            assert_eq!(of(refused.clone()), None, "{refused}");
        }
    }

    #[test]
    fn without_tls_only_this_machine_is_believed() {
        for good in ["https://id.example.test/", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"] {
            assert!(is_safe(&Url::parse(good).unwrap()), "{good}");
        }
        for bad in ["http://id.example.test/", "http://localhost.example.test/", "http://10.0.0.1/", "ftp://localhost/"]
        {
            assert!(!is_safe(&Url::parse(bad).unwrap()), "{bad}");
        }
    }
}
