//! What a token endpoint answers where it grants something (RFC 6749 section 5.1), read as providers write it.

use std::fmt;
use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::helpers::{
    deserialize_space_delimited_vec, deserialize_untagged_enum_case_insensitive, serialize_space_delimited_vec,
};
use oauth2::{AccessToken, RefreshToken, Scope};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The library's own takes a lifetime for a number alone and wants a type; Microsoft has two endpoints that write the
/// lifetime as a string. An answer that can't be read may hold the only refresh token that is still good, so whatever
/// stands beside the tokens is read as far as it can be, and else is as good as not said.
#[derive(Deserialize, Serialize)]
pub(crate) struct TokenResponse {
    access_token: AccessToken,
    #[serde(default = "bearer", deserialize_with = "token_type")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default, rename = "scope", deserialize_with = "scopes", serialize_with = "serialize_space_delimited_vec")]
    scopes: Option<Vec<Scope>>,
    /// OpenID Connect Core section 3.1.3.3.
    #[serde(default)]
    pub(crate) id_token: Option<String>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

fn token_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BasicTokenType, D::Error> {
    let said = Value::deserialize(deserializer)?;
    Ok(deserialize_untagged_enum_case_insensitive(said).unwrap_or_else(|_| bearer()))
}

/// A lifetime in seconds: 3599, 3599.0, "3599".
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let seconds = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map(|lifetime| lifetime.as_secs()))
}

fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Scope>>, D::Error> {
    let said = Value::deserialize(deserializer)?;
    Ok(deserialize_space_delimited_vec(said).unwrap_or_default())
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl oauth2::TokenResponse for TokenResponse {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use oauth2::TokenResponse as _;

    use super::*;

    fn lifetime(told: &str) -> Option<u64> {
        let json = format!(r#"{{"access_token":"a-secret","token_type":"bearer"{told}}}"#);
        let answer: TokenResponse = serde_json::from_str(&json).expect("readable");
        assert!(!format!("{answer:?}").contains("a-secret"));
        answer.expires_in().map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn a_lifetime_may_be_told_in_any_way() {
        assert_eq!(lifetime(r#","expires_in":3599"#), Some(3599));
        assert_eq!(lifetime(r#","expires_in":"3599""#), Some(3599));
        assert_eq!(lifetime(r#","expires_in":3599.0"#), Some(3599));
        assert_eq!(lifetime(r#","expires_in":"3599.5""#), Some(3599));
        for none in ["null", r#""""#, r#""soon""#, "-1", "1e300", "true", "[]"] {
            assert_eq!(lifetime(&format!(r#","expires_in":{none}"#)), None, "{none}");
        }
        assert_eq!(lifetime(""), None);
    }

    #[test]
    fn what_stands_beside_the_tokens_loses_none_of_them() {
        for beside in ["", r#","token_type":null"#, r#","token_type":7,"scope":["imap"],"expires_in":{}"#] {
            let json = format!(r#"{{"access_token":"a","refresh_token":"the only one"{beside}}}"#);
            let answer: TokenResponse = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{beside}: {error}"));
            assert_eq!(answer.refresh_token().map(|token| token.secret().as_str()), Some("the only one"));
            assert_eq!((answer.token_type(), answer.scopes()), (&BasicTokenType::Bearer, None), "{beside}");
        }
        let named = r#"{"access_token":"a","token_type":"DPoP"}"#;
        let named: TokenResponse = serde_json::from_str(named).expect("readable");
        assert_eq!(named.token_type(), &BasicTokenType::Extension("dpop".to_owned()));
    }

    #[test]
    fn scopes_are_split() {
        let answer: TokenResponse =
            serde_json::from_str(r#"{"access_token":"a","token_type":"Bearer","scope":"imap smtp"}"#)
                .expect("readable");
        assert_eq!(answer.scopes().map(Vec::len), Some(2));
    }
}
