//! Schemas of what `courrier-model` validates, for the OpenAPI document alone: the model knows nothing of HTTP.

use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::Content;

// By hand, because a body is any object, which the derived schema of a variant can't say.
impl utoipa::PartialSchema for Content {
    fn schema() -> RefOr<Schema> {
        let of = |kind| ObjectBuilder::new().schema_type(SchemaType::Type(kind));
        let deleted = |is| of(Type::Boolean).enum_values(Some([is]));
        let body = of(Type::Object).description(Some("An `AccountBody` or a `PreferencesBody`, as `kind` says."));
        let kept = of(Type::Object).property("body", body).required("body").property("deleted", deleted(false));
        let gone =
            of(Type::Object).property("deleted", deleted(true)).required("deleted").property("body", of(Type::Null));
        let either = OneOfBuilder::new().item(kept).item(gone);
        RefOr::T(either.into())
    }
}

impl utoipa::ToSchema for Content {}

/// How a server is reached and how one signs in there, without the secret.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // Only its description is used.
pub(crate) struct Endpoint {
    /// A DNS name or an IP address.
    pub(crate) host: String,
    /// Its port.
    #[schema(minimum = 1)]
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) security: Security,
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 320)]
    pub(crate) username: String,
    /// What proves who is signing in; `none` for sending only.
    pub(crate) auth: Auth,
}

/// How the connection is protected.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code)] // As above.
pub(crate) enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain text, then TLS.
    Starttls,
    /// No encryption.
    None,
}

/// What proves who is signing in.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code)] // As above.
pub(crate) enum Auth {
    /// A password.
    Password,
    /// An access token.
    Oauth,
    /// Nothing.
    None,
}

/// A further sender.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // As above.
pub(crate) struct Identity {
    /// The address in `From`.
    #[schema(format = "email")]
    pub(crate) address: String,
    /// The name in `From`; may be empty.
    #[schema(max_length = 200)]
    pub(crate) name: String,
}
