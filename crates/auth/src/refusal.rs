//! What a mail provider's refusal means, decided by its `error` and `suberror` alone.
//!
//! Microsoft adds a number (AADSTS…) and every provider some text. Neither is ever acted on: numbers are reused and
//! texts are translated. A number only chooses the explanation that a person reads.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::AuthError;
use crate::error::error_code;

/// A refusal as the token endpoint writes it (RFC 6749 section 5.2), with what providers add.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) error: String,
    #[serde(default, deserialize_with = "lenient")]
    suberror: Value,
    /// Google's name for the same.
    #[serde(default, deserialize_with = "lenient")]
    error_subtype: Value,
    #[serde(default, deserialize_with = "lenient")]
    error_codes: Value,
    #[serde(default, deserialize_with = "lenient")]
    error_description: Value,
}

/// Additions are no standard: whatever stands there must not make the refusal itself unreadable.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Value::deserialize(deserializer)
}

/// What the caller does about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Only the person's consent, in a browser, helps.
    SignInAgain,
    /// The same request succeeds later.
    RetryLater,
    /// The registration or the settings are wrong: for whoever made them.
    Configuration,
}

/// Why, where the provider said it: chooses the words, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explanation {
    /// The person has not consented, or not to all of it.
    Consent,
    /// An administrator has to consent for the organisation.
    AdminConsent,
    /// The refresh token was not used for too long.
    Idle,
    /// The organisation asks for a new sign-in every so often.
    SignInFrequency,
    /// The refresh token has expired.
    Expired,
    /// Access was revoked, or the password changed.
    Revoked,
    /// A second factor is asked for.
    SecondFactor,
    /// The organisation's rules do not allow this computer, network or program.
    ConditionalAccess,
    /// Scopes of two resources were asked for at once.
    ScopesMixed,
    /// The redirect address is not registered.
    RedirectMismatch,
    /// A personal account at an address for organisations.
    PersonalAccount,
    /// The organisation does not know this program.
    UnknownApplication,
    /// The registration is of a kind that wants a client secret.
    SecretDemanded,
}

impl Explanation {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Consent,
        Self::AdminConsent,
        Self::Idle,
        Self::SignInFrequency,
        Self::Expired,
        Self::Revoked,
        Self::SecondFactor,
        Self::ConditionalAccess,
        Self::ScopesMixed,
        Self::RedirectMismatch,
        Self::PersonalAccount,
        Self::UnknownApplication,
        Self::SecretDemanded,
    ];

    /// The stable name by which words are found and databases remember it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::AdminConsent => "admin_consent",
            Self::Idle => "idle",
            Self::SignInFrequency => "sign_in_frequency",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::SecondFactor => "second_factor",
            Self::ConditionalAccess => "conditional_access",
            Self::ScopesMixed => "scopes_mixed",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::PersonalAccount => "personal_account",
            Self::UnknownApplication => "unknown_application",
            Self::SecretDemanded => "secret_demanded",
        }
    }

    /// The explanation of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|explanation| explanation.code() == code)
    }

    /// By Microsoft's number.
    fn by_number(number: u64) -> Option<Self> {
        Some(match number {
            65001 => Self::Consent,
            90093 | 90094 => Self::AdminConsent,
            700_082 => Self::Idle,
            70043 => Self::SignInFrequency,
            70000 | 70008 => Self::Expired,
            50173 => Self::Revoked,
            50076 => Self::SecondFactor,
            53003 => Self::ConditionalAccess,
            70011 => Self::ScopesMixed,
            50011 => Self::RedirectMismatch,
            500_201 => Self::PersonalAccount,
            700_016 => Self::UnknownApplication,
            7_000_218 => Self::SecretDemanded,
            _ => return None,
        })
    }

    /// By the standards' and providers' own words.
    fn by_code(error: &str, suberror: Option<&str>) -> Option<Self> {
        match (error, suberror) {
            ("admin_policy_enforced", _) => Some(Self::AdminConsent),
            ("consent_required", _) | (_, Some("consent_required")) => Some(Self::Consent),
            ("redirect_uri_mismatch", _) => Some(Self::RedirectMismatch),
            (_, Some("token_expired")) => Some(Self::Expired),
            // Google Workspace: the organisation limits how long a sign-in lasts.
            (_, Some("invalid_rapt")) => Some(Self::SignInFrequency),
            (_, Some("user_password_expired")) => Some(Self::Revoked),
            _ => None,
        }
    }
}

/// A refusal, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderError {
    /// What to do about it.
    pub verdict: Verdict,
    /// The `error` code, as it may be shown and logged.
    pub error: String,
    /// Why, if the provider said it in a way we know.
    pub explanation: Option<Explanation>,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        match self.explanation {
            Some(explanation) => write!(f, " ({})", explanation.code()),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// The error of a redirect (RFC 6749 section 4.1.2.1).
    pub(crate) fn of_redirect(error: &str, description: Option<&str>) -> Self {
        let error_description = description.map(Value::from).unwrap_or_default();
        Self { error: error.to_owned(), error_description, ..Self::default() }
    }

    /// What it means.
    pub(crate) fn judged(&self) -> ProviderError {
        ProviderError { verdict: self.verdict(), error: error_code(&self.error), explanation: self.explanation() }
    }

    /// The same for the caller. `Retry-After` has been read off the answer's headers already, if it was there.
    pub(crate) fn into_error(self) -> AuthError {
        match self.judged() {
            ProviderError { verdict: Verdict::RetryLater, .. } => AuthError::Busy { retry_after: None },
            judged => AuthError::Provider(judged),
        }
    }

    fn verdict(&self) -> Verdict {
        match self.error.as_str() {
            "invalid_grant"
            | "interaction_required"
            | "consent_required"
            | "login_required"
            | "account_selection_required"
            | "access_denied" => Verdict::SignInAgain,
            "temporarily_unavailable"
            | "server_error"
            | "slow_down"
            // Google's.
            | "internal_failure"
            | "rate_limit_exceeded" => Verdict::RetryLater,
            // An error that nobody knows must not cost anybody the account.
            _ => Verdict::Configuration,
        }
    }

    /// True if the refresh token itself is worthless; else the same one may work again when what is in the way (a place,
    /// a rule, a missing second factor) is not any more.
    pub(crate) fn ends_token(&self) -> bool {
        self.error == "invalid_grant" && matches!(self.suberror(), None | Some("bad_token" | "token_expired"))
    }

    /// The explanation of a redirect's error that only its number gives.
    pub(crate) fn numbered(&self) -> Option<Explanation> {
        let listed = self.error_codes.as_array().into_iter().flatten().filter_map(Value::as_u64);
        let text = self.error_description.as_str().unwrap_or_default();
        let in_text = text.split("AADSTS").skip(1).filter_map(|rest| {
            let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end)?.parse().ok()
        });
        let known: Vec<_> = listed.chain(in_text).filter_map(Explanation::by_number).collect();
        // With "nobody consented" often comes the reason for it, which is the more helpful one.
        let admin = known.iter().find(|known| **known == Explanation::AdminConsent);
        admin.or(known.first()).copied()
    }

    fn explanation(&self) -> Option<Explanation> {
        self.numbered().or_else(|| Explanation::by_code(&self.error, self.suberror()))
    }

    fn suberror(&self) -> Option<&str> {
        self.suberror.as_str().or_else(|| self.error_subtype.as_str())
    }
}

/// Without the text, which may name people and tenants.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("error", &error_code(&self.error)).finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&error_code(&self.error))
    }
}

impl oauth2::ErrorResponse for Refusal {}

#[cfg(test)]
mod tests;
