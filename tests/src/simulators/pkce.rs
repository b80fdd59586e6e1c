//! Proof keys for codes (RFC 7636), as a server sees them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::server::Fields;

/// What the client announced with its authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

impl Challenge {
    /// The challenge of an authorization request; `None` without one. Section 4.3: without a method it is plain.
    pub(super) fn of(query: &Fields) -> Option<Self> {
        let challenge = query.get("code_challenge")?.clone();
        match query.get("code_challenge_method").map(String::as_str) {
            Some("S256") => Some(Self::S256(challenge)),
            _ => Some(Self::Plain(challenge)),
        }
    }

    /// Section 4.6.
    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::S256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        // Appendix B.
        let query =
            [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "S256")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let challenge = Challenge::of(&query).unwrap();
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert_eq!(Challenge::of(&Fields::new()), None);
    }
}
