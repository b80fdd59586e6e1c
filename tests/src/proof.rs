//! Proofs of possession (RFC 9449), made without our own code so that they can judge it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

/// A device's key on P-256.
pub struct Key {
    pair: EcdsaKeyPair,
}

impl Key {
    /// A new one.
    ///
    /// # Panics
    /// If the system has no randomness.
    #[expect(clippy::new_without_default, reason = "each is another one: nothing about it is a default")]
    pub fn new() -> Self {
        Self { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key can be made") }
    }

    /// The `DPoP` header for this request, now.
    pub fn proof(&self, method: &str, url: &str) -> String {
        let claims = json!({
            "jti": Uuid::new_v4(), "htm": method, "htu": url, "iat": OffsetDateTime::now_utc().unix_timestamp(),
        });
        self.sign(&claims)
    }

    /// A proof with these claims, right or wrong.
    ///
    /// # Panics
    /// If it can't sign.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()});
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("it can sign");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The thumbprint (RFC 7638) that a token bound to it has in `cnf.jkt`.
    pub fn thumbprint(&self) -> String {
        // The names in this order and without blanks, as section 3 of that RFC demands.
        let jwk = self.jwk();
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    fn jwk(&self) -> Value {
        // Uncompressed: 4, then both coordinates.
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
    }
}
