//! What a desktop learns before sign-in.

use serde::{Deserialize, Serialize};

/// How an issuer's tokens look; everything else is standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum IssuerProfile {
    /// Keycloak: `typ` Bearer, `azp`, realm roles.
    Keycloak,
    /// RFC 9068: `at+jwt`, `client_id`; a resource is asked for by RFC 8707.
    Rfc9068,
}

/// Where the person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuerInfo {
    /// Its address; `/.well-known/openid-configuration` stands below it.
    pub issuer: String,
    /// The desktop's client id there.
    pub client_id: String,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// How its tokens look.
    pub profile: IssuerProfile,
    /// What to ask for by RFC 8707 (`resource`), where the issuer wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// A client id that the organisation registered at a mail provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderClient {
    /// The provider's id in Courrier's table.
    pub provider: String,
    /// The client id; it is public.
    pub client_id: String,
    /// What Google gives beside it and wants to see. On people's computers it is no secret (RFC 8252 section 8.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Microsoft's directory, for a client that was registered for one organisation alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Versions {
    /// The server's release.
    pub server: String,
    /// The versions of the API that it speaks.
    pub api: Vec<u32>,
}

/// The document at [`crate::path::WELL_KNOWN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WellKnown {
    /// The address that proofs are made for and every path is appended to: scheme, host, port.
    pub api_base: String,
    /// Where to sign in.
    pub oidc: IssuerInfo,
    /// Client ids for mail providers that the organisation sets.
    #[serde(default)]
    pub providers: Vec<ProviderClient>,
    /// Mail domains that the organisation manages.
    #[serde(default)]
    pub managed_domains: Vec<String>,
    /// Who answers.
    pub versions: Versions,
}
