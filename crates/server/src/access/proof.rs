//! Proofs of possession (RFC 9449 section 4): what a device signs for one request.

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use courrier_wire::PublicKey;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

use super::jws::Jws;

/// Bytes of a proof's `jti`, at most; a UUID has 36.
const JTI_LIMIT: usize = 128;

/// What a proof has to be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The method as on the request line.
    pub(crate) method: &'a str,
    /// The address as the desktop sees it, without query.
    pub(crate) address: &'a str,
    /// The access token beside it.
    pub(crate) token: &'a str,
}

/// A proof that is about the request and truly signed by the key it shows. Whether it answers a challenge, is used for the
/// first time, and whose key it is, is still open.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The thumbprint of the key that signed it (RFC 7638, SHA-256, base64url).
    pub(crate) thumbprint: String,
    /// The challenge that it answers, if any.
    pub(crate) nonce: Option<String>,
    /// A digest of the key and the proof's id, by which it is remembered.
    pub(crate) digest: [u8; 16],
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Key,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    crv: String,
    x: String,
    y: String,
    /// The private part: who shows it has no secret any more (RFC 9449 section 4.3, 7).
    d: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    /// Asked for by the RFC and not compared with our clock: the nonce says how old the proof is.
    #[serde(rename = "iat")]
    _issued_at: f64,
    ath: String,
    nonce: Option<String>,
}

/// Reads a proof, or `None` if it is not one for this request.
pub(crate) fn read(proof: &str, request: &Request<'_>) -> Option<Proof> {
    let jws = Jws::<Header>::parse(proof)?;
    let Header { typ, alg, jwk, crit } = &jws.header;
    let fits = typ == "dpop+jwt" && alg == "ES256" && jwk.kty == "EC" && jwk.crv == "P-256";
    if !fits || jwk.d.is_some() || crit.is_some() || !is_coordinate(&jwk.x) || !is_coordinate(&jwk.y) {
        return None;
    }
    let key = DecodingKey::from_ec_components(&jwk.x, &jwk.y).ok()?;
    let claims: Claims = jws.verify(&key, Algorithm::ES256)?;
    let about_this = claims.htm == request.method
        && is_same_address(&claims.htu, request.address)
        && claims.ath == BASE64_URL_SAFE_NO_PAD.encode(sha256(&[request.token]));
    if !about_this || claims.jti.is_empty() || claims.jti.len() > JTI_LIMIT {
        return None;
    }
    let key = PublicKey { kty: jwk.kty.clone(), crv: jwk.crv.clone(), x: jwk.x.clone(), y: jwk.y.clone() };
    let thumbprint = thumbprint(&key);
    let mut digest = [0; 16];
    digest.copy_from_slice(&sha256(&[&thumbprint, &claims.jti])[..16]);
    Some(Proof { thumbprint, nonce: claims.nonce, digest })
}

/// A key's thumbprint (RFC 7638 section 3): SHA-256 over its members in alphabetical order, in base64url.
pub(crate) fn thumbprint(key: &PublicKey) -> String {
    let PublicKey { kty, crv, x, y } = key;
    // The members were checked to need no escaping.
    let canonical = format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(sha256(&[&canonical]))
}

/// 32 bytes in the one way that base64url without padding writes them, so that a key has one thumbprint.
fn is_coordinate(text: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Compares after syntax-based normalisation, without query and fragment (RFC 9449 section 4.3, 9).
fn is_same_address(claimed: &str, address: &str) -> bool {
    // Our own desktops write it as we do; taking two addresses apart costs more than all else that is compared here.
    if claimed == address {
        return true;
    }
    let (Ok(mut claimed), Ok(address)) = (Url::parse(claimed), Url::parse(address)) else { return false };
    claimed.set_query(None);
    claimed.set_fragment(None);
    claimed == address
}

fn sha256(parts: &[&str]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_that_of_rfc_7638() {
        // RFC 9449 section 6.1 gives this key and its thumbprint.
        let key = PublicKey {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".to_owned(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".to_owned(),
        };
        assert_eq!(thumbprint(&key), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn the_proof_of_rfc_9449_section_7_is_read() {
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0V\
            jNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ\
            2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6\
            Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJa\
            M0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8\
            y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
        let request = Request { method: "GET", address: "https://resource.example.org/protectedresource", token };
        let read_it = read(proof, &request).unwrap();
        assert_eq!(read_it.thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(read_it.nonce, None);
        assert!(read(proof, &Request { method: "POST", ..request }).is_none(), "another method");
        assert!(read(proof, &Request { token: "other", ..request }).is_none(), "another token");
        let elsewhere = "https://resource.example.org/other";
        assert!(read(proof, &Request { address: elsewhere, ..request }).is_none(), "another address");
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let address = "https://courrier.example.test/api/v1/session";
        for same in [
            address,
            "https://courrier.example.test/api/v1/session",
            "HTTPS://Courrier.Example.Test:443/api/v1/session?after=3#x",
        ] {
            assert!(is_same_address(same, address), "{same}");
        }
        for other in [
            "http://courrier.example.test/api/v1/session",
            "https://courrier.example.test:8443/api/v1/session",
            "https://courrier.example.test/api/v1/session/",
            "https://evil.example.test/api/v1/session",
            "/api/v1/session",
        ] {
            assert!(!is_same_address(other, address), "{other}");
        }
    }
}
