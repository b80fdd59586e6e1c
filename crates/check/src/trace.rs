//! The conversation with a server, fit to be shown and sent to a helpdesk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{ExposeSecret, Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::limits;

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// Courrier, to the server.
    Client,
    /// The server.
    Server,
    /// Courrier, about what happened (a connection, a handshake).
    Note,
}

/// One line of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceLine {
    /// Milliseconds since the side began.
    pub at_ms: u32,
    /// Who said it.
    pub from: Speaker,
    /// What was said, without its line end, secrets replaced.
    pub text: String,
}

/// Stands in place of a secret.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Removes one secret, in the forms a server could echo it in, from texts.
pub(crate) struct Redactor {
    forms: Vec<Zeroizing<String>>,
}

impl Redactor {
    /// For the secret of this side, if there is one.
    pub(crate) fn new(username: &str, secret: Option<&Secret>) -> Self {
        let mut forms = Vec::new();
        if let Some(secret) = secret {
            // Exposed to know what must never be shown.
            let plain = secret.expose_secret();
            // One or two characters would blot out innocent text and reveal themselves by the gaps.
            if plain.chars().count() > 2 {
                forms.push(Zeroizing::new(BASE64.encode(Zeroizing::new(format!("\0{username}\0{plain}")).as_bytes())));
                forms.push(Zeroizing::new(BASE64.encode(plain.as_bytes())));
                // As a quoted string of IMAP (RFC 9051, section 4.3), the way LOGIN sends it.
                forms.push(Zeroizing::new(plain.replace('\\', "\\\\").replace('"', "\\\"")));
                forms.push(Zeroizing::new(plain.to_owned()));
            }
        }
        Self { forms }
    }

    /// The text with every form of the secret replaced.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, form| {
            if text.contains(form.as_str()) { text.replace(form.as_str(), HIDDEN) } else { text }
        })
    }
}

/// A server's words for a person: one line, no control characters, of bounded length.
pub(crate) fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(limits::SAID));
    for (count, c) in text.trim().chars().enumerate() {
        if count == limits::SAID {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_form_of_the_secret_survives(secret in "[!-~]{3,20}", before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
            let redactor = Redactor::new("alice", Some(&Secret::from(secret.clone())));
            let plain = BASE64.encode(format!("\0alice\0{secret}"));
            let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
            for form in [&secret, &quoted, &BASE64.encode(&secret), &plain] {
                let said = redactor.clean(&format!("{before}{form}{after}"));
                prop_assert!(!said.replace(HIDDEN, "").contains(form.as_str()));
            }
        }

        #[test]
        fn readable_has_no_control_characters_and_an_end(text in ".{0,2000}") {
            let shown = readable(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(shown.chars().count() <= limits::SAID + 1);
        }
    }
}
