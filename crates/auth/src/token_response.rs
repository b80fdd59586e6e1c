//! What a token endpoint answers where it grants something (RFC 6749 section 5.1), read as providers write it.

use std::fmt;
use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::helpers::{
    deserialize_space_delimited_vec, deserialize_untagged_enum_case_insensitive, serialize_space_delimited_vec,
};
use oauth2::{AccessToken, RefreshToken, Scope};
use serde::{Deserialize, Serialize};
use serde_with::{As, DisplayFromStr, PickFirst, Same};

/// The library's own takes a lifetime for a number alone; Microsoft has two endpoints that write it as a string, and an
/// answer that can't be read may hold the only refresh token that is still good.
#[derive(Deserialize, Serialize)]
pub(crate) struct TokenResponse {
    access_token: AccessToken,
    #[serde(deserialize_with = "deserialize_untagged_enum_case_insensitive")]
    token_type: BasicTokenType,
    #[serde(default, with = "As::<Option<PickFirst<(Same, DisplayFromStr)>>>")]
    expires_in: Option<u64>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(
        default,
        rename = "scope",
        deserialize_with = "deserialize_space_delimited_vec",
        serialize_with = "serialize_space_delimited_vec"
    )]
    scopes: Option<Vec<Scope>>,
    /// OpenID Connect Core section 3.1.3.3.
    #[serde(default)]
    pub(crate) id_token: Option<String>,
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
        assert_eq!(lifetime(r#","expires_in":null"#), None);
        assert_eq!(lifetime(""), None);
    }

    #[test]
    fn scopes_are_split() {
        let answer: TokenResponse =
            serde_json::from_str(r#"{"access_token":"a","token_type":"Bearer","scope":"imap smtp"}"#)
                .expect("readable");
        assert_eq!(answer.scopes().map(Vec::len), Some(2));
    }
}
