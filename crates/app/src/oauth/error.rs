//! Why an account's sign-in through the browser is of no help now.

use courrier_auth::{AuthError, Explanation, KeepError, ProviderError, Verdict};
use courrier_secrets::SecretError;
use courrier_store::StoreError;

use crate::words::Arg;
use crate::{AppError, ServerError};

/// A failure of an account's OAuth. It can be cloned because one refresh answers many.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OAuthError {
    /// Nobody registered this program at the provider.
    #[error("no client id for {provider}")]
    ClientMissing {
        /// The provider, for people.
        provider: String,
        /// Where an app password is made, if mail programs can use one.
        app_passwords: Option<&'static str>,
        /// Where a client id is made.
        registration: Option<&'static str>,
    },
    /// The provider demands a client secret beside the id that was given.
    #[error("no client secret for {provider}")]
    ClientSecretMissing {
        /// The provider, for people.
        provider: String,
        /// Where a client id and its secret are made.
        registration: &'static str,
    },
    /// Nobody knows where this account's tokens come from.
    #[error("the account's provider of tokens is not known")]
    ProviderUnknown,
    /// What was given is not the address of an issuer.
    #[error("not an issuer's address")]
    Issuer,
    /// The account signs in by password.
    #[error("the account does not sign in by OAuth")]
    NotUsed,
    /// Somebody else consented than whose account it is.
    #[error("another address consented")]
    OtherAddress {
        /// The account's address.
        account: String,
        /// Who consented.
        consented: String,
    },
    /// The person did not permit all that mail needs.
    #[error("a permission is missing")]
    ScopeMissing {
        /// The provider, for people.
        provider: String,
    },
    /// The provider, the way to it, or where tokens are kept.
    #[error("{error}")]
    Provider {
        /// The provider, for people.
        provider: String,
        /// What happened.
        error: AuthError,
        /// The page where an administrator consents, if that is what is missing.
        admin_consent: Option<String>,
    },
}

impl OAuthError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ClientMissing { .. } => "oauth.client_missing",
            Self::ClientSecretMissing { .. } => "oauth.client_secret_missing",
            Self::ProviderUnknown => "oauth.provider_unknown",
            Self::Issuer => "input.issuer",
            Self::NotUsed => "oauth.not_used",
            Self::OtherAddress { .. } => "oauth.other_address",
            Self::ScopeMissing { .. } => "oauth.scope_missing",
            Self::Provider { error, .. } => code_of(error),
        }
    }

    /// True if the same request may succeed later without a change to it.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Provider { error, .. } => {
                error.is_passing()
                    || matches!(error, AuthError::Cancelled | AuthError::TimedOut | AuthError::CodeExpired)
            }
            Self::OtherAddress { .. } | Self::ScopeMissing { .. } => true,
            _ => false,
        }
    }

    /// True if only the person helps, in a browser.
    pub(crate) fn needs_sign_in(&self) -> bool {
        matches!(self, Self::Provider { error, .. } if error.needs_sign_in())
    }

    /// The provider's own reason.
    pub(crate) fn explanation(&self) -> Option<Explanation> {
        match self {
            Self::Provider { error: AuthError::Provider(ProviderError { explanation, .. }), .. } => *explanation,
            _ => None,
        }
    }

    /// What the words may use.
    pub(crate) fn args(&self) -> Vec<(&'static str, Arg)> {
        let page = |page: Option<&str>| Arg::from(page.unwrap_or("none").to_owned());
        match self {
            Self::ClientMissing { provider, app_passwords, registration } => vec![
                ("provider", provider.clone().into()),
                ("app_passwords", page(*app_passwords)),
                ("registration", page(*registration)),
            ],
            Self::ClientSecretMissing { provider, registration } => {
                vec![("provider", provider.clone().into()), ("registration", (*registration).to_owned().into())]
            }
            Self::OtherAddress { account, consented } => {
                vec![("account", account.clone().into()), ("consented", consented.clone().into())]
            }
            Self::ScopeMissing { provider } => vec![("provider", provider.clone().into())],
            Self::Provider { provider, admin_consent, .. } => vec![
                ("provider", provider.clone().into()),
                ("reason", self.explanation().map_or("none", Explanation::code).into()),
                ("page", page(admin_consent.as_deref())),
            ],
            Self::ProviderUnknown | Self::Issuer | Self::NotUsed => Vec::new(),
        }
    }
}

fn code_of(error: &AuthError) -> &'static str {
    match error {
        AuthError::Denied => "oauth.denied",
        AuthError::Unreachable(_) | AuthError::Busy { .. } => "oauth.unreachable",
        AuthError::Misconfigured(_) | AuthError::Insecure | AuthError::NotOffered(_) | AuthError::DeviceKey => {
            "oauth.misconfigured"
        }
        AuthError::NoRefreshToken => "oauth.no_refresh_token",
        AuthError::Refused { .. } => "oauth.refused",
        // The secret store is open and has nothing: this account was never authorised here.
        AuthError::SignedOut => "secret.missing",
        AuthError::OtherPerson => "oauth.sign_in_needed",
        AuthError::ForeignHost => "oauth.host_changed",
        AuthError::Provider(ProviderError { explanation: Some(Explanation::AdminConsent), .. }) => {
            "oauth.admin_consent"
        }
        AuthError::Provider(ProviderError { verdict, .. }) => match verdict {
            Verdict::SignInAgain => "oauth.sign_in_needed",
            Verdict::RetryLater => "oauth.unreachable",
            Verdict::Configuration => "oauth.misconfigured",
        },
        // Said of every sign-in in the same words.
        AuthError::Cancelled
        | AuthError::TimedOut
        | AuthError::CodeExpired
        | AuthError::NoListener(_)
        | AuthError::Forged(_)
        | AuthError::ClockSkew { .. }
        | AuthError::Keep(_) => ServerError::auth_code(error),
    }
}

impl AppError {
    /// What went wrong on the way to tokens. Where it is the secret store or the database, that is said as ever.
    pub(crate) fn of_mail(provider: &str, error: AuthError, admin_consent: Option<String>) -> Self {
        match error {
            AuthError::Keep(KeepError::Locked) => Self::Secrets(SecretError::Locked),
            AuthError::Keep(KeepError::Absent) => Self::Secrets(SecretError::Absent),
            AuthError::Keep(KeepError::Busy) => Self::Store(StoreError::Busy),
            AuthError::Keep(error @ KeepError::Over) => Self::Secrets(SecretError::Backend(error.to_string())),
            AuthError::Keep(KeepError::Failed(reason)) => Self::Secrets(SecretError::Backend(reason)),
            error => Self::OAuth(OAuthError::Provider { provider: provider.to_owned(), error, admin_consent }),
        }
    }
}
