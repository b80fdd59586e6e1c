//! The conversation with a server, fit to be shown and sent to a helpdesk.

use serde::{Deserialize, Serialize};

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
        fn readable_has_no_control_characters_and_an_end(text in ".{0,2000}") {
            let shown = readable(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(shown.chars().count() <= limits::SAID + 1);
        }
    }
}
