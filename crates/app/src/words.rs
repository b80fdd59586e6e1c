//! The words people read, from one catalogue for all shells: Fluent files in `locales/`, embedded here.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Language;

const ENGLISH: &str = include_str!("../../../locales/en/words.ftl");
const FRENCH: &str = include_str!("../../../locales/fr/words.ftl");

/// A value put into a sentence; numbers choose plural forms.
pub type Arg = FluentValue<'static>;

/// The catalogue of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
    language: Language,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

impl Words {
    /// The words of a language.
    pub fn new(language: Language) -> Self {
        let source = match language {
            Language::English => ENGLISH,
            Language::French => FRENCH,
        };
        // Both tags are well-formed; the undetermined language would only lose plural forms.
        let locale: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Marks for mixed directions help a browser and clutter a terminal.
        bundle.set_use_isolating(false);
        // A test proves that both catalogues parse; what can be read of a damaged one is better than nothing.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { bundle, language }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A sentence; its id if the catalogue has none.
    pub fn text(&self, id: &str, args: &[(&str, Arg)]) -> String {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        self.format(id, pattern, args)
    }

    /// A sentence that belongs to another, such as the remedy of a problem; empty if there is none.
    pub fn attribute(&self, id: &str, name: &str, args: &[(&str, Arg)]) -> String {
        let attribute = self.bundle.get_message(id).and_then(|message| message.get_attribute(name));
        match attribute {
            Some(attribute) => self.format(id, Some(attribute.value()), args),
            None => String::new(),
        }
    }

    /// What a stage of a check did, or did not do.
    pub fn stage(&self, stage: &str, side: &str, ok: bool) -> String {
        let id = format!("stage-{stage}");
        let args = [("side", Arg::from(side.to_owned()))];
        if ok { self.text(&id, &args) } else { self.attribute(&id, "failed", &args) }
    }

    /// True if the catalogue has this sentence, or this attribute of it.
    pub fn has(&self, id: &str, attribute: Option<&str>) -> bool {
        self.bundle.get_message(id).is_some_and(|message| match attribute {
            Some(name) => message.get_attribute(name).is_some(),
            None => message.value().is_some(),
        })
    }

    fn format(&self, id: &str, pattern: Option<&fluent_syntax::ast::Pattern<&str>>, args: &[(&str, Arg)]) -> String {
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut named = FluentArgs::new();
        for (name, value) in args {
            named.set((*name).to_owned(), value.clone());
        }
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&named), &mut errors).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use courrier_model::{ProblemCode, WarningCode};
    use fluent_syntax::ast::{Entry, Resource};

    use super::*;

    fn parsed(source: &str) -> Resource<&str> {
        fluent_syntax::parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"))
    }

    /// Every message and attribute with the variables it uses.
    fn contents(source: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let mut all = BTreeSet::new();
        for entry in parsed(source).body {
            let Entry::Message(message) = entry else { continue };
            let variables = |text: &str| {
                text.split("VariableReference")
                    .skip(1)
                    .map(|rest| rest.split('"').nth(1).unwrap_or_default().to_owned())
                    .collect()
            };
            if let Some(value) = &message.value {
                all.insert((message.id.name.to_owned(), variables(&format!("{value:?}"))));
            }
            for attribute in &message.attributes {
                all.insert((
                    format!("{}.{}", message.id.name, attribute.id.name),
                    variables(&format!("{:?}", attribute.value)),
                ));
            }
        }
        all
    }

    #[test]
    fn both_catalogues_say_the_same_things() {
        let (english, french) = (contents(ENGLISH), contents(FRENCH));
        let missing: Vec<_> = english.symmetric_difference(&french).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        assert!(!english.is_empty());
    }

    #[test]
    fn every_problem_has_a_cause_and_a_remedy() {
        for language in [Language::English, Language::French] {
            let words = Words::new(language);
            for code in ProblemCode::ALL {
                let id = format!("problem-{}", code.as_str().replace('.', "-"));
                assert!(words.has(&id, None), "{id}");
                assert!(words.has(&id, Some("remedy")), "{id}.remedy");
            }
            for code in WarningCode::ALL {
                let id = format!("warning-{}", code.as_str().replace('.', "-"));
                assert!(words.has(&id, None) && words.has(&id, Some("remedy")), "{id}");
            }
        }
    }

    #[test]
    fn who_signs_in_through_the_browser_is_not_told_of_a_password() {
        use ProblemCode as P;
        // What passwords alone meet, and where it is said that none helps.
        let of_passwords = [
            P::AuthRejected,
            P::AuthAppPasswordRequired,
            P::AuthPasswordExpired,
            P::AuthOauthRequired,
            P::SecretMissing,
        ];
        for (language, password) in [(Language::English, "password"), (Language::French, "mot de passe")] {
            let words = Words::new(language);
            for code in ProblemCode::ALL.iter().filter(|code| !of_passwords.contains(code)) {
                let id = format!("problem-{}", code.as_str().replace('.', "-"));
                for side in ["imap", "smtp"] {
                    let args = [("auth", Arg::from("oauth".to_owned())), ("side", Arg::from(side.to_owned()))];
                    let said = words.text(&id, &args) + &words.attribute(&id, "remedy", &args);
                    assert!(!said.to_lowercase().contains(password), "{said}");
                }
            }
        }
    }

    fn server_errors() -> Vec<crate::ServerError> {
        use courrier_auth::{AuthError, Forgery, KeepError};
        use courrier_wire::ErrorCode;

        use crate::ServerError;
        let auth = [
            AuthError::Cancelled,
            AuthError::TimedOut,
            AuthError::Denied,
            AuthError::CodeExpired,
            AuthError::NoListener(String::new()),
            AuthError::Unreachable(String::new()),
            AuthError::Busy { retry_after: None },
            AuthError::Misconfigured(String::new()),
            AuthError::Insecure,
            AuthError::Forged(Forgery::Signature),
            AuthError::ClockSkew { seconds: 9 },
            AuthError::NoRefreshToken,
            AuthError::Refused { error: String::new() },
            AuthError::SignedOut,
            AuthError::OtherPerson,
            AuthError::NotOffered("it"),
            AuthError::Keep(KeepError::Locked),
            AuthError::Keep(KeepError::Absent),
            AuthError::Keep(KeepError::Busy),
            AuthError::Keep(KeepError::Failed(String::new())),
            AuthError::DeviceKey,
        ];
        let mut errors: Vec<ServerError> = auth.into_iter().map(ServerError::Auth).collect();
        errors.extend([
            ServerError::Address,
            ServerError::Insecure,
            ServerError::Unreachable(String::new()),
            ServerError::NotCourrier,
            ServerError::TooNew,
            ServerError::Refused(ErrorCode::Forbidden),
            ServerError::DeviceUnknown,
            ServerError::DeviceRevoked,
            ServerError::DeviceNotFound,
            ServerError::DeviceName,
            ServerError::SignInNeeded,
            ServerError::OtherPerson,
            ServerError::IssuerChanged,
            ServerError::NoBrowser,
            ServerError::NotTheAddress,
            ServerError::Sync(String::new()),
        ]);
        errors
    }

    fn mail_errors() -> Vec<crate::AppError> {
        use courrier_auth::{AuthError, Explanation, ProviderError, Verdict};

        use crate::{AppError, OAuthError};
        let provider = || "Google".to_owned();
        let refusal = |verdict, explanation| {
            AuthError::Provider(ProviderError { verdict, error: "invalid_grant".to_owned(), explanation })
        };
        let mut refusals = vec![
            refusal(Verdict::SignInAgain, None),
            refusal(Verdict::Configuration, None),
            refusal(Verdict::RetryLater, None),
            AuthError::ForeignHost,
        ];
        refusals.extend(Explanation::ALL.map(|explanation| refusal(Verdict::SignInAgain, Some(explanation))));
        refusals.extend(Explanation::ALL.map(|explanation| refusal(Verdict::Configuration, Some(explanation))));
        for error in server_errors() {
            if let crate::ServerError::Auth(error) = error {
                refusals.push(error);
            }
        }
        let page = || Some("https://login.example.test/adminconsent".to_owned());
        let mut errors: Vec<AppError> = refusals
            .into_iter()
            .flat_map(|error| [None, page()].map(|page| AppError::of_mail("Google", error.clone(), page)))
            .collect();
        let missing = |app_passwords, registration| OAuthError::ClientMissing {
            provider: provider(),
            app_passwords,
            registration,
        };
        let others = [
            missing(None, None),
            missing(Some("https://example.test/passwords"), Some("https://example.test/clients")),
            OAuthError::ClientSecretMissing { provider: provider(), registration: "https://example.test/clients" },
            OAuthError::ProviderUnknown,
            OAuthError::Issuer,
            OAuthError::NotUsed,
            OAuthError::OtherAddress { account: "a@example.test".to_owned(), consented: "b@example.test".to_owned() },
            OAuthError::ScopeMissing { provider: provider() },
        ];
        errors.extend(others.map(AppError::OAuth));
        errors
    }

    #[test]
    fn every_reason_of_a_provider_has_words() {
        for language in [Language::English, Language::French] {
            let words = Words::new(language);
            for reason in courrier_auth::Explanation::ALL {
                assert!(words.has(&format!("oauth-reason-{}", reason.code()), None), "{}", reason.code());
            }
        }
    }

    #[test]
    fn both_addresses_stand_in_what_is_said_of_a_foreign_consent() {
        let error = crate::OAuthError::OtherAddress {
            account: "team@example.test".to_owned(),
            consented: "alice@example.test".to_owned(),
        };
        let view = crate::AppError::from(error).worded(&Words::new(Language::English));
        assert_eq!(view.code, "oauth.other_address");
        assert!(view.message.contains("team@example.test") && view.message.contains("alice@example.test"));
        let missing = crate::OAuthError::ClientMissing {
            provider: "Gmail".to_owned(),
            app_passwords: Some("https://example.test/passwords"),
            registration: None,
        };
        let view = crate::AppError::from(missing).worded(&Words::new(Language::English));
        assert!(view.remedy.contains("app password") && view.remedy.contains("https://example.test/passwords"));
    }

    #[test]
    fn every_error_has_words() {
        use courrier_model::Invalid;
        use courrier_secrets::SecretError;
        use courrier_store::StoreError;

        use crate::AppError;
        let invalid = [
            Invalid::Address,
            Invalid::Domain,
            Invalid::Host,
            Invalid::Port,
            Invalid::Security,
            Invalid::Auth,
            Invalid::Endpoint,
            Invalid::Color,
            Invalid::Username,
            Invalid::DisplayName,
            Invalid::Id,
        ];
        let mut errors: Vec<AppError> = invalid.into_iter().map(AppError::Input).collect();
        errors.extend([
            AppError::AccountNotFound,
            AppError::AddressTaken,
            AppError::EndpointMissing,
            AppError::SecretMissing,
            AppError::NoHome,
            AppError::Cancelled,
            AppError::UnknownPage,
            AppError::CheckNotFound,
            AppError::Setting,
            AppError::Task,
        ]);
        errors.extend(
            [
                SecretError::Locked,
                SecretError::Absent,
                SecretError::NoCollection,
                SecretError::WrongPassphrase,
                SecretError::Damaged,
                SecretError::TooLong { limit: 2560 },
                SecretError::NewerVersion,
                SecretError::ReadBackMismatch,
            ]
            .map(AppError::Secrets),
        );
        errors.extend(
            [
                StoreError::ReadOnly,
                StoreError::Full,
                StoreError::Busy,
                StoreError::Corrupt(String::new()),
                StoreError::NewerVersion { found: 9, known: 1 },
                StoreError::Sql(String::new()),
            ]
            .map(AppError::Store),
        );
        errors.extend(server_errors().into_iter().map(AppError::Server));
        errors.extend(mail_errors());
        for language in [Language::English, Language::French] {
            let words = Words::new(language);
            for error in &errors {
                let view = error.worded(&words);
                assert!(!view.message.starts_with("error-"), "{}", view.message);
                assert!(!view.remedy.is_empty(), "{}", view.code);
                assert!(!view.message.contains('{') && !view.remedy.contains('{'), "{view:?}");
            }
        }
    }
}
