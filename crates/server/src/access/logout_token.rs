//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): the issuer says that a session ended.

use std::collections::HashMap;

use courrier_model::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::jws::OneOrMany;
use super::token::{LEEWAY, TokenFault, TokenPolicy, Tokens};

/// The event that makes a token a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Keycloak's event beside it: offline access ends too.
const REVOKE_OFFLINE: &str = "revoke_offline_access";
/// Seconds after which a token without `exp` is too old to act on.
const AGE_LIMIT: i64 = 300;

/// Whose sessions ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logout {
    /// The person, at the issuer.
    pub(crate) subject: Option<String>,
    /// The one session; without it, all of the person's.
    pub(crate) session: Option<String>,
    /// Whether what lasts beyond the browser's session, a desktop's sign-in, ends as well.
    pub(crate) offline: bool,
    /// When the issuer said so, UTC.
    pub(crate) at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: OneOrMany,
    iat: i64,
    exp: Option<i64>,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<IgnoredAny>,
    events: HashMap<String, Value>,
}

impl Tokens {
    /// Verifies a logout token by section 2.6. Its `jti` is not remembered: ending what has ended changes nothing.
    ///
    /// # Errors
    /// See [`TokenFault`].
    pub(crate) async fn verify_logout(&self, token: &str, now: Timestamp) -> Result<Logout, TokenFault> {
        let jws = self.parse(token)?;
        let claims: Claims = self.verified(&jws).await?;
        judge(self.policy(), claims, now.as_second()).ok_or(TokenFault::Invalid)
    }
}

fn judge(policy: &TokenPolicy, claims: Claims, now: i64) -> Option<Logout> {
    let at = Timestamp::from_second(claims.iat).ok()?;
    let for_us = claims.iss == policy.issuer && policy.clients.iter().any(|client| claims.aud.has(client));
    let in_time =
        claims.exp.unwrap_or(claims.iat.saturating_add(AGE_LIMIT)) > now - LEEWAY && claims.iat < now + LEEWAY;
    let is_logout = claims.nonce.is_none() && claims.events.get(LOGOUT).is_some_and(Value::is_object);
    let names_somebody = claims.sub.is_some() || claims.sid.is_some();
    (for_us && in_time && is_logout && names_somebody).then(|| Logout {
        offline: claims.events.get(REVOKE_OFFLINE).is_some_and(|event| *event != Value::Bool(false)),
        subject: claims.sub,
        session: claims.sid,
        at,
    })
}

#[cfg(test)]
mod tests {
    use courrier_wire::IssuerProfile;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn judged(claims: &Value) -> Option<Logout> {
        let policy = TokenPolicy {
            issuer: "https://id.example.test".to_owned(),
            audience: "courrier-api".to_owned(),
            clients: vec!["courrier-desktop".to_owned()],
            profile: IssuerProfile::Keycloak,
            admin_role: "courrier-admin".to_owned(),
        };
        judge(&policy, serde_json::from_value(claims.clone()).ok()?, NOW)
    }

    fn token() -> Value {
        json!({
            "iss": "https://id.example.test", "aud": "courrier-desktop", "iat": NOW, "exp": NOW + 120, "jti": "1",
            "sub": "f3b0", "sid": "s1", "typ": "Logout", "events": {LOGOUT: {}, REVOKE_OFFLINE: true},
        })
    }

    #[test]
    fn a_logout_token_says_whose_session_ended() {
        let logout = judged(&token()).unwrap();
        assert_eq!((logout.subject.as_deref(), logout.session.as_deref()), (Some("f3b0"), Some("s1")));
        assert!(logout.offline);
        let mut online = token();
        online["events"] = json!({LOGOUT: {}});
        assert!(!judged(&online).unwrap().offline);
    }

    #[test]
    fn each_claim_counts() {
        for (claim, value) in [
            ("iss", json!("https://other.example.test")),
            ("aud", json!("courrier-api")),
            ("aud", json!("courrier-mail")),
            ("iat", json!(NOW + 60)),
            ("exp", json!(NOW - 60)),
            ("nonce", json!("n")),
            ("events", json!({})),
            ("events", json!({LOGOUT: true})),
            ("events", Value::Null),
        ] {
            let mut claims = token();
            claims[claim] = value.clone();
            assert_eq!(judged(&claims), None, "{claim}: {value}");
        }
        let mut nobody = token();
        nobody["sub"] = Value::Null;
        nobody["sid"] = Value::Null;
        assert_eq!(judged(&nobody), None);
    }
}
