//! The device's key, and proofs that a request comes from its holder (RFC 9449).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use courrier_model::{ExposeSecret, Secret, Timestamp};
use oauth2::url::Url;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::AuthError;

/// The device's signing key (P-256, ES256). Cheap to clone.
#[derive(Clone)]
pub struct DeviceKey(Arc<Inner>);

struct Inner {
    pair: EcdsaKeyPair,
    public: PublicPoint,
    thumbprint: String,
}

/// The two coordinates, base64url.
struct PublicPoint {
    x: String,
    y: String,
}

impl PublicPoint {
    fn thumbprint(&self) -> String {
        // RFC 7638 section 3.2: these members, in this order, without blanks.
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, self.x, self.y);
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
    }
}

/// The request that a proof is for.
#[derive(Debug, Clone, Copy)]
pub struct ProofOf<'a> {
    /// The method in upper case.
    pub method: &'a str,
    /// The address; query and fragment are left out of the proof (RFC 9449 section 4.2).
    pub url: &'a Url,
    /// The moment of the request, best by the server's clock.
    pub at: Timestamp,
    /// The access token that goes with it; none at the token endpoint.
    pub access_token: Option<&'a Secret>,
    /// The nonce that the server gave last.
    pub nonce: Option<&'a str>,
}

impl DeviceKey {
    /// A new key.
    ///
    /// # Errors
    /// [`AuthError::DeviceKey`] when the system has no randomness.
    pub fn generate() -> Result<Self, AuthError> {
        Self::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| AuthError::DeviceKey)?)
    }

    /// The key as it was kept.
    ///
    /// # Errors
    /// [`AuthError::DeviceKey`] when it is not what [`Self::to_secret`] made.
    pub fn from_secret(secret: &Secret) -> Result<Self, AuthError> {
        // The key leaves its text here to become a key pair, and is wiped.
        let pkcs8 = BASE64_STANDARD.decode(secret.expose_secret()).map(Zeroizing::new);
        let pkcs8 = pkcs8.map_err(|_| AuthError::DeviceKey)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8);
        Self::new(pair.map_err(|_| AuthError::DeviceKey)?)
    }

    fn new(pair: EcdsaKeyPair) -> Result<Self, AuthError> {
        // SEC 1 section 2.3.3: 4, x, y.
        let (x, y) = match pair.public_key().as_ref() {
            [4, coordinates @ ..] if coordinates.len() == 64 => coordinates.split_at(32),
            _ => return Err(AuthError::DeviceKey),
        };
        let public = PublicPoint { x: BASE64_URL_SAFE_NO_PAD.encode(x), y: BASE64_URL_SAFE_NO_PAD.encode(y) };
        let thumbprint = public.thumbprint();
        Ok(Self(Arc::new(Inner { pair, public, thumbprint })))
    }

    /// The private key for the secret store: PKCS#8 (RFC 5958) in base64.
    ///
    /// # Errors
    /// [`AuthError::DeviceKey`], not expected.
    pub fn to_secret(&self) -> Result<Secret, AuthError> {
        let pkcs8 = self.0.pair.to_pkcs8v1().map_err(|_| AuthError::DeviceKey)?;
        Ok(Secret::from(BASE64_STANDARD.encode(pkcs8.as_ref())))
    }

    /// The public key as a JWK (RFC 7518 section 6.2).
    pub fn public_jwk(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": self.0.public.x, "y": self.0.public.y })
    }

    /// The public key's thumbprint (RFC 7638), base64url: how servers name this device.
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// Makes the value of the `DPoP` header (RFC 9449 section 4.2). Each proof is for one request.
    ///
    /// # Errors
    /// [`AuthError::DeviceKey`] when the system has no randomness.
    pub fn proof(&self, of: &ProofOf<'_>) -> Result<String, AuthError> {
        let mut address = of.url.clone();
        address.set_query(None);
        address.set_fragment(None);
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| AuthError::DeviceKey)?;
        let mut claims = json!({
            "jti": BASE64_URL_SAFE_NO_PAD.encode(id),
            "htm": of.method,
            "htu": address.as_str(),
            "iat": of.at.as_second(),
        });
        if let Some(token) = of.access_token {
            // Only its hash goes into the proof.
            let hash = digest(&SHA256, token.expose_secret().as_bytes());
            claims["ath"] = BASE64_URL_SAFE_NO_PAD.encode(hash).into();
        }
        if let Some(nonce) = of.nonce {
            claims["nonce"] = nonce.into();
        }
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.public_jwk() });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.0.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| AuthError::DeviceKey)?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceKey").field(&self.0.thumbprint).finish()
    }
}

/// The last nonce of one server (RFC 9449 section 8).
#[derive(Debug, Default)]
pub(crate) struct NonceStore(Mutex<Option<String>>);

impl NonceStore {
    pub(crate) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, nonce: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce);
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    fn json_of(part: &str) -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
    }

    #[test]
    fn a_proof_says_what_it_is_for_and_is_signed_by_the_key_it_shows() {
        let key = DeviceKey::generate().expect("generated");
        let url = "https://api.example.test/api/v1/changes?after=7#x".parse().expect("valid");
        let token = Secret::from("the-token");
        let at = Timestamp::from_second(1_767_322_245).expect("valid");
        let of = ProofOf { method: "GET", url: &url, at, access_token: Some(&token), nonce: Some("n-1") };
        let proof = key.proof(&of).expect("made");
        let parts: Vec<_> = proof.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("three parts") };
        let (header, mut claims_json) = (json_of(header), json_of(claims));
        assert_eq!(header, json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.public_jwk() }));
        let jti = claims_json.as_object_mut().and_then(|claims| claims.remove("jti")).expect("has one");
        assert_eq!(
            claims_json,
            json!({ "htm": "GET", "htu": "https://api.example.test/api/v1/changes", "iat": 1_767_322_245, "nonce": "n-1",
                // printf the-token | openssl dgst -sha256 -binary | basenc --base64url
                "ath": "wqc_z2HfvcrceaELozCy7162b8Cmc17Wm3lrs8l7l64" })
        );
        let mut point = vec![4];
        for name in ["x", "y"] {
            point
                .extend(BASE64_URL_SAFE_NO_PAD.decode(header["jwk"][name].as_str().expect("text")).expect("base64url"));
        }
        let signed = &proof[..proof.rfind('.').expect("has dots")];
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url"))
            .expect("verifies");
        assert_ne!(json_of(key.proof(&of).expect("made").split('.').nth(1).expect("claims"))["jti"], jti);
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let key = DeviceKey::generate().expect("generated");
        let kept = key.to_secret().expect("kept");
        assert_eq!(DeviceKey::from_secret(&kept).expect("read").thumbprint(), key.thumbprint());
        assert!(!format!("{key:?}").contains(kept.expose_secret()));
        for broken in ["", "AAAA", "not base64!"] {
            assert!(matches!(DeviceKey::from_secret(&Secret::from(broken)), Err(AuthError::DeviceKey)));
        }
    }

    #[test]
    fn the_thumbprint_is_the_one_of_the_standard() {
        // The key of RFC 9449 section 4.1, whose thumbprint stands in section 6.1.
        let point = PublicPoint {
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".into(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".into(),
        };
        assert_eq!(point.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }
}
