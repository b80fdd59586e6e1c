//! The OpenAPI 3.1 document: served, and written by the handlers themselves.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use courrier_wire::{AccountBody, Event, PreferencesBody, Refusal, path};
use serde_json::{Value, json};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, OpenApi};

use crate::state::App;

const TOKEN: &str = "bound_token";
const BEARER: &str = "bearer_token";
const PROOF: &str = "proof";
/// Tags of calls that need neither token nor proof.
const OPEN: [&str; 3] = ["open", "issuer", "operation"];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Courrier's server",
        description = "Carries a person's mail accounts between their computers; passwords and tokens never reach it \
                       unsealed. Every call but the open ones takes an access token of the configured issuer and a \
                       proof signed by the device's key for this very request (RFC 9449), with the nonce that the \
                       last answer gave in `DPoP-Nonce`.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    components(schemas(AccountBody, PreferencesBody, Event)),
    tags(
        (name = "open", description = "Before sign-in"),
        (name = "session", description = "Who asks"),
        (name = "sync", description = "Accounts and preferences"),
        (name = "devices", description = "The person's computers"),
        (name = "audit", description = "Who did what"),
        (name = "admin", description = "For the role that the operator names"),
        (name = "issuer", description = "For the issuer"),
        (name = "operation", description = "For those who operate the server"),
    ),
)]
struct Head;

/// Everything but the calls.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// Serves the document.
pub(super) fn route(document: &utoipa::openapi::OpenApi) -> Router<App> {
    let mut document = json!(document);
    secure(&mut document);
    // Descriptions are the types' own documentation, with its links.
    let text = Bytes::from(document.to_string().replace("[`", "`").replace("`]", "`"));
    let serve = async move || ([(header::CONTENT_TYPE, "application/json")], text.clone());
    Router::new().route(path::OPENAPI, get(serve))
}

/// Says what each call asks for: with a bound token its proof, with a bearer token a registered key's proof.
fn secure(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({
        TOKEN: {
            "type": "http", "scheme": "dpop",
            "description": "An access token that is bound to the device's key (RFC 9449 section 7.1)",
        },
        BEARER: {"type": "http", "scheme": "bearer", "description": "An access token of an issuer that binds none"},
        PROOF: {
            "type": "apiKey", "in": "header", "name": "DPoP",
            "description": "A proof by the device's key (RFC 9449 section 4), algorithm ES256",
        },
    });
    let items = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let is_open =
            operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| OPEN.iter().any(|open| tag == open)));
        operation["security"] =
            if is_open { json!([]) } else { json!([{TOKEN: [], PROOF: []}, {BEARER: [], PROOF: []}]) };
    }
}

/// How every call with a token can be refused.
pub(super) struct Refusals;

/// The same for calls with a body.
pub(super) struct RefusalsWithBody;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("400", "`invalid`"),
            ("401", "`token_invalid`, `proof_invalid`, or `use_dpop_nonce` with the nonce to sign again with"),
            ("403", "`device_unknown`, `device_revoked` or `forbidden`"),
            ("409", "`reset`: the cursor can't be continued"),
            ("429", "`rate_limited`"),
            ("500", "`internal`"),
            ("503", "`unavailable`"),
        ]
        .into_iter()
        .map(refusal)
        .collect()
    }
}

impl IntoResponses for RefusalsWithBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        Refusals::responses().into_iter().chain([refusal(("413", "`too_large`"))]).collect()
    }
}

fn refusal((status, description): (&str, &str)) -> (String, RefOr<Response>) {
    let schema = Ref::from_schema_name(<Refusal as utoipa::ToSchema>::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content).build();
    (status.to_owned(), RefOr::T(response))
}
