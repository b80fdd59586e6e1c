//! The error that a server gives for a token (RFC 7628, section 3.2.2; Google's form of it for XOAUTH2).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits;

/// Servers leave the padding out, or have bits in it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a server said about a token that it refused. Its words: to be shown, or offered to the person as the start of a
/// new authorisation; no token may ever go anywhere because of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthHint {
    /// An HTTP status (`401`) or an error code of RFC 6750, section 3.1 (`invalid_token`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The scope that a token needs here, with blanks between its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Where the issuer describes itself (OpenID Connect Discovery, section 4): `http` or `https`, printable ASCII, of
    /// bounded length, and otherwise unproven. A check never goes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid_configuration: Option<String>,
}

impl OauthHint {
    /// Reads a challenge as it stands on the wire: JSON in base64. Parts that are not what they should be are left out;
    /// that there was a challenge is the refusal, whatever it says.
    pub(crate) fn read(challenge: &str) -> Self {
        let challenge = challenge.trim();
        if challenge.len() > limits::CHALLENGE {
            return Self::default();
        }
        let document = LENIENT.decode(challenge).ok().and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        let text = |name: &str, limit: usize| {
            let text = match document.as_ref()?.get(name)? {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            let is_plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            (!text.is_empty() && text.len() <= limit && is_plain).then_some(text)
        };
        let is_address = |text: &String| {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.is_empty()) && !text.contains(' ')
        };
        Self {
            status: text("status", limits::STATUS),
            scope: text("scope", limits::SCOPE),
            openid_configuration: text("openid-configuration", limits::URL).filter(is_address),
        }
    }

    /// Without the parts that `is_fit` refuses.
    pub(crate) fn only(self, is_fit: impl Fn(&str) -> bool) -> Self {
        let keep = |part: Option<String>| part.filter(|part| is_fit(part));
        Self {
            status: keep(self.status),
            scope: keep(self.scope),
            openid_configuration: keep(self.openid_configuration),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD as BASE64;
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> OauthHint {
        OauthHint::read(&BASE64.encode(json))
    }

    #[test]
    fn the_errors_that_servers_document() {
        // Google, "OAuth 2.0 mechanism", error response.
        let google =
            "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K";
        let hint = OauthHint::read(google);
        assert_eq!(hint.status.as_deref(), Some("401"));
        assert_eq!(hint.scope.as_deref(), Some("https://mail.google.com/"));
        assert_eq!(hint.openid_configuration, None);
        // RFC 7628, section 3.2.2.
        let hint = read(
            r#"{"status":"invalid_token","scope":"example_scope",
                "openid-configuration":"https://example.com/.well-known/openid-configuration"}"#,
        );
        assert_eq!(hint.status.as_deref(), Some("invalid_token"));
        let address = "https://example.com/.well-known/openid-configuration";
        assert_eq!(hint.openid_configuration.as_deref(), Some(address));
        // A number, and no padding.
        assert_eq!(OauthHint::read("eyJzdGF0dXMiOjQwMH0").status.as_deref(), Some("400"));
    }

    #[test]
    fn what_is_none_is_left_out() {
        for nothing in ["", "=", "!", "AQ==", "bnVsbA==", "W10=", "eyJzdGF0dXMi"] {
            assert_eq!(OauthHint::read(nothing), OauthHint::default(), "{nothing}");
        }
        let hint = read(r#"{"status":["401"],"scope":"a b","openid-configuration":"javascript:alert(1)"}"#);
        assert_eq!(hint, OauthHint { scope: Some("a b".into()), ..OauthHint::default() });
        for address in ["https://", "https://a b", "file:///etc/passwd", "https://é.test", "https://x\\u0000"] {
            let hint = read(&format!(r#"{{"openid-configuration":"{address}"}}"#));
            assert_eq!(hint.openid_configuration, None, "{address}");
        }
        let long = format!(r#"{{"status":"401","scope":"{}"}}"#, "x".repeat(limits::SCOPE + 1));
        assert_eq!(read(&long), OauthHint { status: Some("401".into()), ..OauthHint::default() });
        assert_eq!(read(&format!(r#"{{"status":"401"{}}}"#, " ".repeat(limits::CHALLENGE))), OauthHint::default());
    }

    #[test]
    fn nesting_without_end_is_survived() {
        assert_eq!(read(&"[".repeat(8000)), OauthHint::default());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_bounded(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(OauthHint::read(&text).openid_configuration, None);
        }

        #[test]
        fn parts_are_printable(status in "\\PC{0,80}", scope in ".{0,80}", address in "https?://.{0,40}") {
            let json = serde_json::json!({"status": status, "scope": scope, "openid-configuration": address});
            let hint = read(&json.to_string());
            let parts = [&hint.status, &hint.scope, &hint.openid_configuration];
            for part in parts.into_iter().flatten() {
                prop_assert!(part.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}
