//! How a call is refused.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use courrier_wire::{ErrorCode, Refusal, Reset};
use tracing::error;

use crate::access::token::TokenFault;
use crate::storage::StorageError;

/// Seconds after which a database or an issuer that was away may be back.
const RETRY_LATER: u64 = 5;

/// An answer that is not a success.
#[derive(Debug)]
pub(crate) struct Refused {
    code: ErrorCode,
    status: StatusCode,
    message: &'static str,
    reset: Option<Reset>,
    retry_after: Option<u64>,
}

impl Refused {
    /// With the words that go with the code.
    pub(crate) fn new(code: ErrorCode) -> Self {
        let message = match code {
            ErrorCode::TokenInvalid => "the access token is missing, expired, or not for this server",
            ErrorCode::ProofInvalid => "the DPoP proof is missing or does not fit this request",
            ErrorCode::UseDpopNonce => "sign again with the nonce in the DPoP-Nonce header",
            ErrorCode::DeviceUnknown => "this key is not registered",
            ErrorCode::DeviceRevoked => "this device was revoked",
            ErrorCode::Forbidden => "this needs another role",
            ErrorCode::NotFound => "there is no such thing",
            ErrorCode::Reset => "begin again from revision 0",
            ErrorCode::Invalid => "the request is not what the call asks for",
            ErrorCode::TooLarge => "the request is too large",
            ErrorCode::RateLimited => "too many requests",
            ErrorCode::Unavailable => "not available now",
            ErrorCode::Internal => "a fault of the server",
        };
        let retry_after = matches!(code, ErrorCode::Unavailable).then_some(RETRY_LATER);
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { code, status, message, reset: None, retry_after }
    }

    /// A request that is not what the call asks for, said more closely.
    pub(crate) fn invalid(message: &'static str) -> Self {
        Self { message, ..Self::new(ErrorCode::Invalid) }
    }

    /// The device must begin again.
    pub(crate) fn reset(reset: Reset) -> Self {
        Self { reset: Some(reset), ..Self::new(ErrorCode::Reset) }
    }

    /// Too many requests.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..Self::new(ErrorCode::RateLimited) }
    }

    /// No person has signed in anywhere yet: there is nobody who could.
    pub(crate) fn without_issuer() -> Self {
        Self { message: "no issuer is configured", ..Self::new(ErrorCode::Unavailable) }
    }

    /// The person has as many devices as anybody may.
    pub(crate) fn too_many_devices() -> Self {
        Self { message: "there are too many devices", ..Self::new(ErrorCode::Forbidden) }
    }

    /// A path that has no such method (RFC 9110 section 15.5.6); the router adds `Allow`.
    pub(crate) fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            message: "this address does not take this method",
            ..Self::new(ErrorCode::Invalid)
        }
    }

    /// The request took too long.
    pub(crate) fn timed_out() -> Self {
        Self { message: "it took too long", ..Self::new(ErrorCode::Unavailable) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self { code, status, message, reset, retry_after } = self;
        let mut response = (status, Json(Refusal { error: code, message: message.to_owned(), reset })).into_response();
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge(code) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// What RFC 9449 section 7.1 wants said with 401.
fn challenge(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::TokenInvalid => Some(r#"DPoP algs="ES256", error="invalid_token""#),
        ErrorCode::ProofInvalid => Some(r#"DPoP algs="ES256", error="invalid_dpop_proof""#),
        ErrorCode::UseDpopNonce => Some(r#"DPoP algs="ES256", error="use_dpop_nonce""#),
        _ => None,
    }
}

/// The header with the nonce for the next proof (RFC 9449 section 8.2).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// The header with a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<TokenFault> for Refused {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Invalid => Self::new(ErrorCode::TokenInvalid),
            TokenFault::Unavailable => {
                Self { message: "the issuer can't be reached", ..Self::new(ErrorCode::Unavailable) }
            }
        }
    }
}

impl From<StorageError> for Refused {
    fn from(fault: StorageError) -> Self {
        match fault {
            StorageError::Unstorable => Self::invalid("a text has a NUL character"),
            StorageError::Unavailable(_) => {
                // It names no value, path or password.
                error!(error = %fault, "storage");
                Self::new(ErrorCode::Unavailable)
            }
            _ => {
                // As above.
                error!(error = %fault, "storage");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            JsonRejection::MissingJsonContentType(_) => Self::invalid("the content type is not application/json"),
            _ => Self::invalid("the body is not what the call asks for"),
        }
    }
}

impl From<BytesRejection> for Refused {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::new(ErrorCode::TooLarge)
        } else {
            Self::invalid("the body could not be read")
        }
    }
}

impl From<QueryRejection> for Refused {
    fn from(_: QueryRejection) -> Self {
        Self::invalid("the query is not what the call asks for")
    }
}

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        Self::invalid("the address holds something that is not an id")
    }
}
