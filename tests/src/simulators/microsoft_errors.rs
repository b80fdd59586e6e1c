//! Refusals as Microsoft writes them.
//!
//! Numbers and words: "Microsoft Entra authentication and authorization error codes"
//! (learn.microsoft.com/entra/identity-platform/reference-error-codes). Its own advice, which a client has to follow:
//! act on `error`, never on the number or the words. Suberrors: MSAL's "UiRequiredExceptionClassification"
//! (learn.microsoft.com/dotnet/api/microsoft.identity.client.uirequiredexceptionclassification), and
//! `InteractionRequiredAuthError` of MSAL.js.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::odd::{Odd, Refusal};

/// A refusal by its AADSTS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aadsts {
    /// The number.
    pub number: u32,
    /// What a client acts on.
    pub error: &'static str,
    /// What refines it.
    pub suberror: Option<&'static str>,
    words: &'static str,
}

const fn aadsts(number: u32, error: &'static str, suberror: Option<&'static str>, words: &'static str) -> Aadsts {
    Aadsts { number, error, suberror, words }
}

impl Aadsts {
    /// Nobody has consented, or not to this.
    pub const NO_CONSENT: Self = aadsts(
        65001,
        "invalid_grant",
        Some("consent_required"),
        "The user or administrator has not consented to use the application.",
    );
    /// Only an administrator can consent.
    pub const ADMIN_CONSENT: Self =
        aadsts(90094, "consent_required", None, "Administrator consent is required for the permissions requested.");
    /// The person said no.
    pub const DECLINED: Self = aadsts(65004, "access_denied", None, "User declined to consent to access the app.");
    /// Not used for 90 days.
    pub const IDLE: Self = aadsts(
        700_082,
        "invalid_grant",
        None,
        "The refresh token has expired due to inactivity. The token was issued on 2026-08-01T08:00:00.0000000Z and was \
         inactive for 90.00:00:00.",
    );
    /// The password was changed, or an administrator ended all sessions.
    pub const REVOKED: Self = aadsts(
        50173,
        "invalid_grant",
        Some("bad_token"),
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have \
         changed or reset their password.",
    );
    /// A policy wants a sign-in every so often.
    pub const SIGN_IN_FREQUENCY: Self = aadsts(
        70043,
        "invalid_grant",
        Some("token_expired"),
        "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access.",
    );
    /// No refresh token of this service.
    pub const NOT_A_TOKEN: Self =
        aadsts(70000, "invalid_grant", None, "The provided value for the input is not valid.");
    /// A second factor is wanted.
    pub const SECOND_FACTOR: Self = aadsts(
        50076,
        "interaction_required",
        Some("basic_action"),
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use \
         multi-factor authentication to access the resource.",
    );
    /// The device has to be enrolled first, which happens outside of signing in.
    pub const DEVICE_NOT_COMPLIANT: Self = aadsts(
        53000,
        "interaction_required",
        Some("additional_action"),
        "Your device is required to be managed to access this resource.",
    );
    /// A policy blocks it; signing in shows why and changes nothing.
    pub const BLOCKED: Self = aadsts(
        53003,
        "invalid_grant",
        Some("message_only"),
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    );
    /// The scopes are of several resources, or none at all.
    pub const SCOPES: Self =
        aadsts(70011, "invalid_scope", None, "The provided value for the input parameter 'scope' is not valid.");
    /// The application is registered as one that keeps a secret.
    pub const SECRET_DEMANDED: Self = aadsts(
        7_000_218,
        "invalid_client",
        None,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
    /// A secret was sent for an application that has none.
    pub const SECRET_SENT: Self = aadsts(
        700_025,
        "invalid_client",
        None,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
    /// The tenant does not know the application.
    pub const UNKNOWN_APPLICATION: Self =
        aadsts(700_016, "unauthorized_client", None, "Application was not found in the directory.");
    /// The redirect address is not registered.
    pub const REDIRECT: Self = aadsts(
        50011,
        "invalid_request",
        None,
        "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    );
    /// A personal account where only those of organisations are taken.
    pub const PERSONAL_ACCOUNT: Self = aadsts(
        500_201,
        "invalid_request",
        None,
        "We are unable to issue tokens from this API version for a Microsoft account.",
    );
    /// The code was used before.
    pub const REDEEMED: Self = aadsts(54005, "invalid_grant", None, "OAuth2 Authorization code was already redeemed.");
    /// The verifier does not fit (RFC 7636 section 4.6).
    pub const VERIFIER: Self = aadsts(
        501_481,
        "invalid_grant",
        None,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    );
    /// Nobody has typed the device code yet.
    pub const PENDING: Self = aadsts(
        70016,
        "authorization_pending",
        None,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    );
    /// Too much to do.
    pub const BUSY: Self = aadsts(90006, "temporarily_unavailable", None, "The service is temporarily unavailable.");

    /// The same number with another `error`: the number is not what a client may act on.
    pub const fn with_error(self, error: &'static str) -> Self {
        Self { error, ..self }
    }

    /// The same with another suberror, or none.
    pub const fn with_suberror(self, suberror: Option<&'static str>) -> Self {
        Self { suberror, ..self }
    }

    /// The document.
    ///
    /// # Panics
    /// Never: the time can be written.
    pub fn refusal(self) -> Refusal {
        let now = OffsetDateTime::now_utc();
        let (date, clock) = (now.date(), now.time());
        let timestamp = format!("{date} {:02}:{:02}:{:02}Z", clock.hour(), clock.minute(), clock.second());
        let (trace, correlation) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let Self { number, error, words, .. } = self;
        // The form of the error page's sample.
        let mut document = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{number}: {words}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}"
            ),
            "error_codes": [number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
        });
        if let Some(suberror) = self.suberror {
            document["suberror"] = json!(suberror);
        }
        // RFC 6749 section 5.2 for the first; the page names no other than 400.
        let status = match error {
            "invalid_client" => 401,
            "temporarily_unavailable" => 503,
            _ => 400,
        };
        Refusal { status, document }
    }
}

impl From<Aadsts> for Odd {
    fn from(refusal: Aadsts) -> Self {
        Self::Refuse(refusal.refusal())
    }
}

impl From<Aadsts> for Refusal {
    fn from(refusal: Aadsts) -> Self {
        refusal.refusal()
    }
}

impl From<Aadsts> for Option<Refusal> {
    fn from(refusal: Aadsts) -> Self {
        Some(refusal.refusal())
    }
}
