//! What issuers do differently. Everything else is the standards'.

use oauth2::url::Url;

/// The kind of issuer, as `/.well-known/courrier` says it or discovery shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerKind {
    /// Keycloak: the audience of a token follows from the client, `offline_access` needs no consent, and tokens are
    /// `typ` Bearer with `azp` and realm roles, which is the server's to read.
    Keycloak,
    /// Any other: RFC 9068 tokens, asked for by resource (RFC 8707); consent for `offline_access` (OIDC Core section 11).
    Rfc9068,
}

impl IssuerKind {
    /// Tells Keycloak by the addresses that only it has.
    pub(crate) fn detect(issuer: &str, token_endpoint: &Url) -> Self {
        let below = token_endpoint.as_str().strip_prefix(issuer.trim_end_matches('/'));
        if below == Some("/protocol/openid-connect/token") { Self::Keycloak } else { Self::Rfc9068 }
    }

    /// The `prompt` of an authorization request, if any.
    pub(crate) fn prompt(self, offline: bool, again: bool) -> Option<&'static str> {
        match (again, offline && self == Self::Rfc9068) {
            (true, true) => Some("login consent"),
            (true, false) => Some("login"),
            (false, true) => Some("consent"),
            (false, false) => None,
        }
    }

    /// The `resource` to send, if any.
    pub(crate) fn resource(self, configured: Option<&str>) -> Option<String> {
        match self {
            Self::Keycloak => None,
            Self::Rfc9068 => configured.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keycloak_is_told_by_its_token_endpoint() {
        let kind = |issuer: &str, token: &str| IssuerKind::detect(issuer, &token.parse().expect("a URL"));
        let realm = "https://id.example.test/realms/x";
        assert_eq!(kind(realm, "https://id.example.test/realms/x/protocol/openid-connect/token"), IssuerKind::Keycloak);
        assert_eq!(kind(realm, "https://id.example.test/token"), IssuerKind::Rfc9068);
        assert_eq!(kind(realm, "https://other.test/protocol/openid-connect/token"), IssuerKind::Rfc9068);
    }

    #[test]
    fn consent_is_asked_only_where_offline_access_needs_it() {
        assert_eq!(IssuerKind::Keycloak.prompt(true, false), None);
        assert_eq!(IssuerKind::Keycloak.prompt(true, true), Some("login"));
        assert_eq!(IssuerKind::Rfc9068.prompt(true, false), Some("consent"));
        assert_eq!(IssuerKind::Rfc9068.prompt(false, false), None);
        assert_eq!(IssuerKind::Rfc9068.prompt(true, true), Some("login consent"));
    }
}
