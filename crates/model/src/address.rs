//! Mail addresses (RFC 5321 section 4.1.2, RFC 6531 section 3.3) with internationalised domains.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::Invalid;

/// A mail address as a person would write it: local part as given (NFC), domain in Unicode, lower case.
///
/// Two spellings of one mailbox compare with [`Address::same_as`] or by [`Address::key`]; `==` is exact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    local: String,
    domain: String,
    domain_ascii: String,
}

impl Address {
    /// What stands before the @, as given, in Unicode normalisation form C.
    pub fn local_part(&self) -> &str {
        &self.local
    }

    /// The domain in Unicode (U-labels), lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The domain as DNS and most servers know it (A-labels, RFC 5890), lower case.
    pub fn domain_ascii(&self) -> &str {
        &self.domain_ascii
    }

    /// The address with its domain in A-labels: what a server without SMTPUTF8 understands.
    pub fn to_ascii_domain(&self) -> String {
        format!("{}@{}", self.local, self.domain_ascii)
    }

    /// True if the local part has characters outside ASCII, so that sending needs SMTPUTF8 (RFC 6531).
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// The key under which two spellings of the same mailbox meet: local part in lower case, domain in
    /// A-labels. For comparison only: RFC 5321 section 2.4 lets a server tell `A@` from `a@`, so the
    /// spelling that was given is what goes on the wire.
    pub fn key(&self) -> String {
        let lower: String = self.local.to_lowercase().nfc().collect();
        format!("{lower}@{}", self.domain_ascii)
    }

    /// True if both name the same mailbox by [`Address::key`].
    pub fn same_as(&self, other: &Address) -> bool {
        self.key() == other.key()
    }
}

impl FromStr for Address {
    type Err = Invalid;

    /// Accepts what people paste: surrounding white space, a `mailto:` prefix, a domain in either form.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let text = match text.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
            _ => text,
        };
        // The last @ divides: a quoted local part may hold others (RFC 5321 section 4.1.2).
        let (local, domain) = text.rsplit_once('@').ok_or(Invalid::Address)?;
        let local: String = local.nfc().collect();
        let domain_ascii = crate::host::domain_to_ascii(domain).ok_or(Invalid::Domain)?;
        let (domain, shown) = idna::domain_to_unicode(&domain_ascii);
        shown.map_err(|_| Invalid::Domain)?;
        // The library checks the grammar of both halves; the domain goes in as A-labels, which it measures right.
        let whole = format!("{local}@{domain_ascii}");
        let options = email_address::Options::default().without_display_text().without_domain_literal();
        email_address::EmailAddress::parse_with_options(&whole, options).map_err(|_| Invalid::Address)?;
        // It lets white space and control characters pass inside quotes; no server we speak to does.
        if local.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Invalid::Address);
        }
        Ok(Self { local, domain, domain_ascii })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

crate::text::serde_as_string!(Address);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn accepts_what_people_have() {
        for text in [
            "alice@example.test",
            "alice+shop@example.test",
            "o'brien@example.test",
            "prénom.nom@exemple.fr",
            "info@müller.example",
            "用户@例子.example",
            "a@xn--bcher-kva.example",
            "first.last@sub.domain.example",
            "1234567890@example.test",
            "_@example.test",
            "alice@localhost",
        ] {
            let parsed = address(text);
            assert_eq!(address(&parsed.to_string()), parsed, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "alice",
            "@example.test",
            "alice@",
            "a b@example.test",
            "alice@exa mple.test",
            "a@b@c",
            "alice@-x.test",
            "alice@example..test",
            ".alice@example.test",
            "alice.@example.test",
            "alice@[127.0.0.1]",
            "alice@example.test\r\nRCPT TO:<x@y>",
            "\"a\r\nb\"@example.test",
            "Alice <alice@example.test>",
            "alice@example.test, bob@example.test",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?} was accepted");
        }
        let long = format!("{}@example.test", "a".repeat(65));
        assert!(long.parse::<Address>().is_err());
    }

    #[test]
    fn folds_for_comparison_only() {
        let given = address(" mailto:Alice.Martin@EXAMPLE.Test ");
        assert_eq!(given.to_string(), "Alice.Martin@example.test");
        assert!(given.same_as(&address("alice.martin@example.test")));
        assert!(address("INFO@MÜLLER.example").same_as(&address("info@xn--mller-kva.example")));
        // Composed and decomposed é are one letter to the person who types it.
        assert!(address("ren\u{e9}@example.test").same_as(&address("rene\u{301}@example.test")));
        assert!(!address("strasse@example.test").same_as(&address("straße@example.test")));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".*") {
            let _ = text.parse::<Address>();
        }

        #[test]
        fn what_is_shown_parses_to_the_same(local in "[a-zà-ÿ0-9][a-zà-ÿ0-9+_-]{0,20}", domain in "[a-zà-öø-ÿ]{1,20}\\.[a-z]{2,8}") {
            if let Ok(parsed) = format!("{local}@{domain}").parse::<Address>() {
                prop_assert_eq!(&address(&parsed.to_string()), &parsed);
                prop_assert_eq!(address(&parsed.to_ascii_domain()).key(), parsed.key());
                prop_assert!(parsed.domain_ascii().is_ascii());
            }
        }

        #[test]
        fn folding_is_stable(local in "[a-zA-Zà-ÿÀ-Þ]{1,20}") {
            if let (Ok(a), Ok(b)) = (format!("{local}@x.test").parse::<Address>(), format!("{}@X.TEST", local.to_lowercase()).parse::<Address>()) {
                prop_assert!(a.same_as(&b));
            }
        }

        #[test]
        fn nothing_that_breaks_a_command_line_gets_in(text in "[\\x00-\\x7f]{0,12}@x\\.test") {
            if let Ok(parsed) = text.parse::<Address>() {
                prop_assert!(!parsed.to_string().contains(['\r', '\n', '\0']));
            }
        }
    }
}
