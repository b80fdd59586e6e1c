//! ID tokens as both providers sign them: RS256, with their keys in a JWK set (RFC 7517).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A signing key with its id.
pub(super) struct Signer {
    kid: String,
    pair: KeyPair,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Signer {
    pub(super) fn new() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key can be made");
        Self { kid: Uuid::new_v4().simple().to_string(), pair }
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.kid});
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("it can sign");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The key set.
    pub(super) fn keys(&self) -> Value {
        let [n, e] = integers(self.pair.public_key().as_ref());
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        }]})
    }
}

/// Modulus and exponent of an `RSAPublicKey` in DER (RFC 8017 appendix A.1.1): a sequence of two integers.
fn integers(der: &[u8]) -> [&[u8]; 2] {
    let (sequence, _) = element(der);
    let (modulus, rest) = element(sequence);
    let (exponent, _) = element(rest);
    // A leading zero says that the number is positive; a JWK has none (RFC 7518 section 6.3.1.1).
    [modulus, exponent].map(|number| number.strip_prefix(&[0]).unwrap_or(number))
}

/// The content of the first element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (&first, rest) = der[1..].split_first().expect("a length");
    let (length, rest) = match first {
        0..0x80 => (usize::from(first), rest),
        // The low bits count the bytes of the length.
        _ => {
            let (length, rest) = rest.split_at(usize::from(first & 0x7f));
            (length.iter().fold(0, |all, &byte| all << 8 | usize::from(byte)), rest)
        }
    };
    rest.split_at(length)
}

/// `at_hash` (OpenID Connect Core section 3.1.3.6).
pub(super) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_keys_verify_what_it_signs() {
        let signer = Signer::new();
        let token = signer.sign(&json!({"sub": "alice", "exp": 4_102_444_800_u64}));
        let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(signer.keys()).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
        assert_eq!(claims["sub"], "alice");
    }
}
