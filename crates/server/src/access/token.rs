//! Access tokens (RFC 7519, RFC 9068), verified here without asking the issuer.

use std::sync::Arc;

use courrier_model::Timestamp;
use courrier_wire::IssuerProfile;
use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::jws::{Jws, KeyHeader, OneOrMany};
use super::keys::{Found, IssuerKeys};

/// What we take; whatever a token's header says, nothing else is tried (RFC 8725 section 3.1).
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// Seconds that the issuer's clock and ours may be apart.
pub(crate) const LEEWAY: i64 = 45;
/// Bytes of a subject, at most (OpenID Connect Core section 2).
const SUBJECT_LIMIT: usize = 255;
/// Characters of a name or an e-mail address that are kept.
const TEXT_LIMIT: usize = 320;

/// What a token must be like.
#[derive(Debug, Clone)]
pub(crate) struct TokenPolicy {
    /// Who made it, exactly.
    pub(crate) issuer: String,
    /// For whom it must be.
    pub(crate) audience: String,
    /// The clients that may have asked for it.
    pub(crate) clients: Vec<String>,
    /// How the issuer marks an access token.
    pub(crate) profile: IssuerProfile,
    /// The role that makes an administrator.
    pub(crate) admin_role: String,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Who, at the issuer.
    pub(crate) subject: String,
    /// Their address at the organisation.
    pub(crate) email: Option<String>,
    /// Their name.
    pub(crate) name: Option<String>,
    /// Whether they may do what administrators do.
    pub(crate) admin: bool,
    /// The session at the issuer.
    pub(crate) session: Option<String>,
    /// When the person signed in, UTC; where the token does not say, when it was made.
    pub(crate) signed_in_at: Timestamp,
    /// When the token was made, UTC.
    pub(crate) issued_at: Timestamp,
    /// When it ends, UTC.
    pub(crate) expires_at: Timestamp,
    /// The thumbprint of the only key that it may be used with (RFC 9449 section 6.1).
    pub(crate) bound_to: Option<String>,
}

/// Why a token is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// It is not a good one for this server.
    Invalid,
    /// The issuer's keys are not known, so nobody can say.
    Unavailable,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    typ: Option<String>,
    azp: Option<String>,
    client_id: Option<String>,
    sid: Option<String>,
    auth_time: Option<i64>,
    email: Option<String>,
    name: Option<String>,
    cnf: Option<Confirmation>,
    realm_access: Option<RealmAccess>,
    roles: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Confirmation {
    jkt: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RealmAccess {
    #[serde(default)]
    roles: Vec<String>,
}

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(crate) struct Tokens {
    policy: TokenPolicy,
    keys: Arc<IssuerKeys>,
}

impl Tokens {
    /// With the issuer's keys.
    pub(crate) fn new(policy: TokenPolicy, keys: Arc<IssuerKeys>) -> Self {
        Self { policy, keys }
    }

    /// What is asked of tokens.
    pub(crate) fn policy(&self) -> &TokenPolicy {
        &self.policy
    }

    /// The issuer's keys.
    pub(crate) fn keys(&self) -> &Arc<IssuerKeys> {
        &self.keys
    }

    /// Verifies an access token.
    ///
    /// # Errors
    /// See [`TokenFault`].
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, TokenFault> {
        let jws = self.parse(token)?;
        let typ = jws.header.typ.clone();
        let claims: Claims = self.verified(&jws).await?;
        judge(&self.policy, typ.as_deref(), claims, now).ok_or(TokenFault::Invalid)
    }

    /// Takes any token of the issuer's apart.
    pub(super) fn parse<'a>(&self, token: &'a str) -> Result<Jws<'a, KeyHeader>, TokenFault> {
        Jws::<KeyHeader>::parse(token)
            .filter(|jws| ALGORITHMS.contains(&jws.header.alg) && !jws.header.is_critical())
            .ok_or(TokenFault::Invalid)
    }

    /// Its claims, if the issuer signed it.
    pub(super) async fn verified<C: serde::de::DeserializeOwned>(
        &self,
        jws: &Jws<'_, KeyHeader>,
    ) -> Result<C, TokenFault> {
        let KeyHeader { alg, kid, .. } = &jws.header;
        match self.keys.find(kid.as_deref(), *alg).await {
            Found::Key(key) => jws.verify(key.decoding(), *alg).ok_or(TokenFault::Invalid),
            Found::Unknown => Err(TokenFault::Invalid),
            Found::Unavailable => Err(TokenFault::Unavailable),
        }
    }
}

/// Decides about the claims of a token whose signature is good.
fn judge(policy: &TokenPolicy, typ: Option<&str>, claims: Claims, now: Timestamp) -> Option<Identity> {
    let now = now.as_second();
    let in_time = claims.exp > now - LEEWAY && claims.nbf.is_none_or(|from| from <= now + LEEWAY);
    let for_us = claims.iss == policy.issuer && claims.aud.has(&policy.audience);
    let client = match policy.profile {
        IssuerProfile::Keycloak => claims.azp.as_ref(),
        IssuerProfile::Rfc9068 => claims.client_id.as_ref(),
    };
    let by_client = client.is_some_and(|client| policy.clients.contains(client));
    let subject = !claims.sub.is_empty() && claims.sub.len() <= SUBJECT_LIMIT;
    if !(in_time && for_us && by_client && subject && is_access_token(policy.profile, typ, claims.typ.as_deref())) {
        return None;
    }
    let roles = match policy.profile {
        IssuerProfile::Keycloak => claims.realm_access.map(|access| access.roles),
        IssuerProfile::Rfc9068 => claims.roles,
    };
    Some(Identity {
        subject: claims.sub,
        email: claims.email.and_then(short),
        name: claims.name.and_then(short),
        admin: roles.is_some_and(|roles| roles.contains(&policy.admin_role)),
        session: claims.sid.and_then(short),
        signed_in_at: Timestamp::from_second(claims.auth_time.unwrap_or(claims.iat)).ok()?,
        issued_at: Timestamp::from_second(claims.iat).ok()?,
        expires_at: Timestamp::from_second(claims.exp).ok()?,
        bound_to: claims.cnf.and_then(|confirmation| confirmation.jkt),
    })
}

/// ID tokens, refresh tokens and logout tokens are signed by the same keys; each issuer tells them apart in its own
/// way.
fn is_access_token(profile: IssuerProfile, header: Option<&str>, claim: Option<&str>) -> bool {
    let header = header.map(|typ| typ.strip_prefix("application/").unwrap_or(typ).to_ascii_lowercase());
    let header = header.as_deref();
    match profile {
        // A bound token says DPoP.
        IssuerProfile::Keycloak => {
            matches!(claim, Some("Bearer" | "DPoP")) && matches!(header, None | Some("jwt" | "at+jwt"))
        }
        IssuerProfile::Rfc9068 => header == Some("at+jwt"),
    }
}

/// A claim that is only shown: what is absurdly long is as good as absent.
fn short(text: String) -> Option<String> {
    let fits = !text.is_empty() && text.chars().count() <= TEXT_LIMIT && !text.chars().any(char::is_control);
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn policy(profile: IssuerProfile) -> TokenPolicy {
        TokenPolicy {
            issuer: "https://id.example.test/realms/one".to_owned(),
            audience: "courrier-api".to_owned(),
            clients: vec!["courrier-desktop".to_owned()],
            profile,
            admin_role: "courrier-admin".to_owned(),
        }
    }

    fn keycloak() -> Value {
        json!({
            "iss": "https://id.example.test/realms/one", "sub": "f3b0", "aud": ["courrier-api", "account"],
            "typ": "Bearer", "azp": "courrier-desktop", "iat": NOW - 10, "exp": NOW + 300, "sid": "s1",
            "email": "zoe@example.test", "name": "Zoë", "realm_access": {"roles": ["courrier-user"]},
        })
    }

    fn judged(profile: IssuerProfile, typ: Option<&str>, claims: &Value) -> Option<Identity> {
        let now = Timestamp::from_second(NOW).unwrap();
        judge(&policy(profile), typ, serde_json::from_value(claims.clone()).ok()?, now)
    }

    #[test]
    fn keycloaks_token_is_taken() {
        let identity = judged(IssuerProfile::Keycloak, Some("JWT"), &keycloak()).unwrap();
        assert_eq!(identity.subject, "f3b0");
        assert_eq!(identity.email.as_deref(), Some("zoe@example.test"));
        assert!(!identity.admin);
        let mut admin = keycloak();
        admin["realm_access"]["roles"] = json!(["courrier-admin"]);
        assert!(judged(IssuerProfile::Keycloak, Some("JWT"), &admin).unwrap().admin);
    }

    #[test]
    fn each_claim_counts() {
        for (claim, value) in [
            ("iss", json!("https://id.example.test/realms/two")),
            ("iss", json!("https://id.example.test/realms/one/")),
            ("sub", json!("")),
            ("sub", json!("x".repeat(SUBJECT_LIMIT + 1))),
            ("aud", json!("mail")),
            ("aud", json!([])),
            ("typ", json!("ID")),
            ("typ", json!("Refresh")),
            ("typ", Value::Null),
            ("azp", json!("courrier-mail")),
            ("azp", Value::Null),
            ("exp", json!(NOW - 60)),
            ("exp", Value::Null),
            ("exp", json!(i64::MAX)),
            ("nbf", json!(NOW + 60)),
        ] {
            let mut claims = keycloak();
            claims[claim] = value.clone();
            assert_eq!(judged(IssuerProfile::Keycloak, Some("JWT"), &claims), None, "{claim}: {value}");
        }
        for (claim, value) in [("exp", json!(NOW - 30)), ("nbf", json!(NOW + 30)), ("aud", json!("courrier-api"))] {
            let mut claims = keycloak();
            claims[claim] = value.clone();
            assert!(judged(IssuerProfile::Keycloak, Some("JWT"), &claims).is_some(), "{claim}: {value}");
        }
    }

    #[test]
    fn an_issuer_by_rfc_9068_marks_tokens_in_the_header() {
        let claims = json!({
            "iss": "https://id.example.test/realms/one", "sub": "f3b0", "aud": "courrier-api",
            "client_id": "courrier-desktop", "iat": NOW, "exp": NOW + 300, "roles": ["courrier-admin"],
        });
        for good in ["at+jwt", "application/at+jwt", "AT+JWT"] {
            assert!(judged(IssuerProfile::Rfc9068, Some(good), &claims).unwrap().admin, "{good}");
        }
        for bad in [None, Some("JWT"), Some("logout+jwt")] {
            assert_eq!(judged(IssuerProfile::Rfc9068, bad, &claims), None, "{bad:?}");
        }
        assert_eq!(judged(IssuerProfile::Rfc9068, Some("at+jwt"), &keycloak()), None, "no client_id");
    }

    #[test]
    fn what_is_only_shown_never_refuses_a_person() {
        let mut claims = keycloak();
        claims["name"] = json!("x".repeat(TEXT_LIMIT + 1));
        claims["email"] = json!("a\nb@example.test");
        let identity = judged(IssuerProfile::Keycloak, None, &claims).unwrap();
        assert_eq!((identity.name, identity.email), (None, None));
    }
}
