//! Keeping secrets out of everything that is shown.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{ExposeSecret, Secret};
use zeroize::Zeroizing;

use crate::Credentials;

/// Stands in place of a secret.
pub(crate) const HIDDEN: &str = "[hidden]";
/// The shortest part of a token that is known for one. A token is long, and servers that repeat a line cut it short;
/// shorter parts would be found in innocent text.
const PART: usize = 16;

/// Removes one secret, in the forms a server could echo it in, from texts.
pub(crate) struct Redactor {
    forms: Vec<Zeroizing<String>>,
    parts: Parts,
}

impl Redactor {
    /// For the secret of this side, if there is one.
    pub(crate) fn new(username: &str, credentials: Option<&Credentials>) -> Self {
        let mut made = Self { forms: Vec::new(), parts: Parts::default() };
        match credentials {
            Some(Credentials::Password(secret)) => made.add_password(username, secret),
            Some(Credentials::AccessToken { token, .. }) => made.add_token(token),
            Some(Credentials::AskIssuer) | None => {}
        }
        made
    }

    fn add_password(&mut self, username: &str, secret: &Secret) {
        // Exposed to know what must never be shown.
        let plain = secret.expose_secret();
        // One or two characters would blot out innocent text and reveal themselves by the gaps.
        if plain.chars().count() > 2 {
            self.forms.push(Zeroizing::new(BASE64.encode(Zeroizing::new(format!("\0{username}\0{plain}")).as_bytes())));
            self.forms.push(Zeroizing::new(BASE64.encode(plain.as_bytes())));
            // As a quoted string of IMAP (RFC 9051, section 4.3), the way LOGIN sends it.
            self.forms.push(Zeroizing::new(plain.replace('\\', "\\\\").replace('"', "\\\"")));
            self.forms.push(Zeroizing::new(plain.to_owned()));
        }
    }

    fn add_token(&mut self, token: &Secret) {
        // Exposed to know what must never be shown.
        let plain = token.expose_secret();
        if plain.len() > 2 {
            // Whole, for one that is too short to have parts.
            self.forms.push(Zeroizing::new(plain.to_owned()));
            self.forms.push(Zeroizing::new(BASE64.encode(plain.as_bytes())));
        }
        self.parts.add(plain);
        // What base64 makes of it depends on how many bytes stand before it, in threes.
        for before in ["", "-", "--"] {
            let encoded = Zeroizing::new(BASE64.encode(Zeroizing::new(format!("{before}{plain}")).as_bytes()));
            // The first character or two hold bits of what stands before.
            self.parts.add(encoded.get(before.len() * 4 / 3 + usize::from(!before.is_empty())..).unwrap_or_default());
        }
    }

    /// The text with every form of the secret replaced.
    pub(crate) fn clean(&self, text: &str) -> String {
        let text = self.parts.clean(text);
        self.forms.iter().fold(text, |text, form| {
            if text.contains(form.as_str()) { text.replace(form.as_str(), HIDDEN) } else { text }
        })
    }
}

/// Every run of [`PART`] bytes of some texts, as hashes that tell nobody the texts.
#[derive(Default)]
struct Parts {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Parts {
    fn add(&mut self, text: &str) {
        self.hashes.extend(text.as_bytes().windows(PART).map(|part| self.hasher.hash_one(part)));
    }

    /// The text with each stretch that is made of such runs replaced.
    fn clean(&self, text: &str) -> String {
        if self.hashes.is_empty() {
            return text.to_owned();
        }
        let bytes = text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut kept = 0;
        let mut hidden_to = 0;
        for (start, part) in bytes.windows(PART).enumerate() {
            if self.hashes.contains(&self.hasher.hash_one(part)) {
                if start >= hidden_to {
                    out.extend_from_slice(&bytes[kept..start]);
                    out.extend_from_slice(HIDDEN.as_bytes());
                }
                hidden_to = start + PART;
                kept = hidden_to;
            }
        }
        out.extend_from_slice(&bytes[kept..]);
        // Tokens are ASCII; should a text of another sort ever share a hash, it is shown with replacement characters.
        String::from_utf8_lossy(&out).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn for_token(token: &str) -> Redactor {
        Redactor::new("alice", Some(&Credentials::AccessToken { token: Secret::from(token), expires_at: None }))
    }

    proptest! {
        #[test]
        fn no_form_of_a_password_survives(secret in "[!-~]{3,20}", before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
            let redactor = Redactor::new("alice", Some(&Credentials::from(Secret::from(secret.clone()))));
            let plain = BASE64.encode(format!("\0alice\0{secret}"));
            let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
            for form in [&secret, &quoted, &BASE64.encode(&secret), &plain] {
                let said = redactor.clean(&format!("{before}{form}{after}"));
                prop_assert!(!said.replace(HIDDEN, "").contains(form.as_str()));
            }
        }

        #[test]
        fn no_part_of_a_token_survives(
            token in "[A-Za-z0-9._~+/-]{20,200}", from in 0usize..100, length in PART..100,
            before in "[ -~é]{0,20}", after in "[ -~é]{0,20}",
        ) {
            let redactor = for_token(&token);
            let from = from.min(token.len() - PART);
            let part = &token[from..(from + length).min(token.len())];
            let said = redactor.clean(&format!("{before}{part}{after}"));
            prop_assert!(said.contains(HIDDEN));
            for run in token.as_bytes().windows(PART) {
                prop_assert!(!said.as_bytes().windows(PART).any(|shown| shown == run));
            }
        }

        #[test]
        fn no_base64_of_a_token_survives(token in "[A-Za-z0-9._~+/-]{40,200}", before in "[ -~]{0,40}", after in "[ -~]{0,40}") {
            let redactor = for_token(&token);
            let echoed = BASE64.encode(format!("{before}{token}{after}"));
            let said = redactor.clean(&echoed);
            // What is left of it gives nobody more than a few characters at either end.
            let left: Vec<&str> = said.split(HIDDEN).collect();
            prop_assert_eq!(left.len(), 2, "{}", said);
            let hidden = echoed.len() - left[0].len() - left[1].len();
            prop_assert!(hidden + 8 >= token.len() * 4 / 3, "{} of {}", hidden, token.len());
        }

        #[test]
        fn other_texts_stay(text in "\\PC{0,100}") {
            prop_assert_eq!(for_token("eyJhbGciOiJSUzI1NiJ9.0123456789abcdef").clean(&text), text);
        }
    }
}
