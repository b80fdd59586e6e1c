//! IMAP replies (RFC 9051 section 7) by imap-proto, made to bear what servers really send.

use imap_proto::{MailboxDatum, Response};

use crate::ImapRefusal;

/// A reply, as far as a check needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImapReply {
    /// A status, tagged or not.
    Status {
        /// The command it ends; `None` if untagged.
        tag: Option<String>,
        /// What it says.
        status: ImapStatus,
        /// The text with its code, as sent.
        text: String,
        /// The code, upper case, without arguments.
        code: Option<String>,
        /// Capabilities, if the code carries them.
        capabilities: Option<Vec<String>>,
    },
    /// `* CAPABILITY`.
    Capabilities(Vec<String>),
    /// `* n EXISTS`.
    Exists(u32),
    /// `+`, with its text.
    Continue(String),
    /// Anything else that begins like IMAP.
    Other,
}

/// RFC 9051 section 7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImapStatus {
    Ok,
    No,
    Bad,
    PreAuth,
    Bye,
}

impl ImapReply {
    /// Reads one reply with its line end; `None` if it is not IMAP at all.
    pub(crate) fn read(raw: &[u8]) -> Option<Self> {
        // The library is exact about ASCII but may split a character after a response code: it gets a copy in
        // which every other byte is a question mark. Words are taken from the original.
        let ascii: Vec<u8> = raw.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect();
        let original = String::from_utf8_lossy(raw);
        let original = original.trim_end_matches(['\r', '\n']);
        let mut ascii_line = ascii;
        if !ascii_line.ends_with(b"\r\n") {
            while ascii_line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                ascii_line.pop();
            }
            ascii_line.extend_from_slice(b"\r\n");
        }
        match Response::parse(&ascii_line) {
            Ok((_, response)) => Some(Self::from_parsed(response, original)),
            // An unknown or broken untagged reply is none of our business; a broken tagged one is still an end.
            Err(_) => Self::from_status_line(original).or_else(|| original.starts_with("* ").then_some(Self::Other)),
        }
    }

    fn from_parsed(response: Response<'_>, original: &str) -> Self {
        match response {
            Response::Done { .. } | Response::Data { .. } => Self::from_status_line(original).unwrap_or(Self::Other),
            Response::Capabilities(list) => Self::Capabilities(list.iter().map(capability).collect()),
            Response::MailboxData(MailboxDatum::Exists(count)) => Self::Exists(count),
            Response::Continue(_) => {
                Self::Continue(original.strip_prefix('+').unwrap_or_default().trim_start().to_owned())
            }
            _ => Self::Other,
        }
    }

    /// `tag SP status SP [code] text`, with codes that the library does not know (RFC 5530 and later).
    fn from_status_line(line: &str) -> Option<Self> {
        let (tag, rest) = line.split_once(' ')?;
        let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let status = match word.to_ascii_uppercase().as_str() {
            "OK" => ImapStatus::Ok,
            "NO" => ImapStatus::No,
            "BAD" => ImapStatus::Bad,
            "PREAUTH" => ImapStatus::PreAuth,
            "BYE" => ImapStatus::Bye,
            _ => return None,
        };
        let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inside, _)| inside);
        let code = inside.and_then(|inside| inside.split_whitespace().next()).map(str::to_ascii_uppercase);
        let capabilities = match (&code, inside) {
            (Some(code), Some(inside)) if code == "CAPABILITY" => {
                Some(inside.split_whitespace().skip(1).map(str::to_owned).collect())
            }
            _ => None,
        };
        let tag = (tag != "*").then(|| tag.to_owned());
        Some(Self::Status { tag, status, text: text.to_owned(), code, capabilities })
    }
}

fn capability(capability: &imap_proto::Capability<'_>) -> String {
    match capability {
        imap_proto::Capability::Imap4rev1 => "IMAP4rev1".into(),
        imap_proto::Capability::Auth(mechanism) => format!("AUTH={mechanism}"),
        imap_proto::Capability::Atom(atom) => atom.to_string(),
    }
}

/// The refusal that a status other than OK stands for.
pub(crate) fn refusal(status: ImapStatus, code: Option<String>, text: String) -> ImapRefusal {
    ImapRefusal { bye: status == ImapStatus::Bye, bad: status == ImapStatus::Bad, code, text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status(raw: &str) -> (Option<String>, ImapStatus, Option<String>, String) {
        match ImapReply::read(raw.as_bytes()) {
            Some(ImapReply::Status { tag, status, code, text, .. }) => (tag, status, code, text),
            other => panic!("{raw}: {other:?}"),
        }
    }

    #[test]
    fn reads_what_servers_send() {
        let (tag, word, code, text) = status("A1 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n");
        assert_eq!((tag.as_deref(), word, code.as_deref()), (Some("A1"), ImapStatus::No, Some("AUTHENTICATIONFAILED")));
        assert_eq!(text, "[AUTHENTICATIONFAILED] Authentication failed.");
        // Non-ASCII right after a code, Latin-1, no text, no CR.
        assert_eq!(status("* BYE [ALERT]é\r\n").2.as_deref(), Some("ALERT"));
        assert!(ImapReply::read(b"A1 NO [UNAVAILABLE] verf\xfcgbar\r\n").is_some());
        assert_eq!(status("A2 OK\n").1, ImapStatus::Ok);
        assert_eq!(
            status("* BYE [WEBALERT https://x.test/a?b] Web login required.\r\n").2.as_deref(),
            Some("WEBALERT")
        );
        assert_eq!(ImapReply::read(b"* 3 EXISTS\r\n"), Some(ImapReply::Exists(3)));
        assert_eq!(ImapReply::read(b"+ \r\n"), Some(ImapReply::Continue(String::new())));
        assert_eq!(ImapReply::read(b"+ cj0xMjM=\r\n"), Some(ImapReply::Continue("cj0xMjM=".into())));
        let caps = ImapReply::read(b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n");
        assert_eq!(
            caps,
            Some(ImapReply::Capabilities(vec!["IMAP4rev1".into(), "SASL-IR".into(), "AUTH=PLAIN".into()]))
        );
        assert_eq!(ImapReply::read(b"* XYZZY [\r\n"), Some(ImapReply::Other));
        assert_eq!(ImapReply::read(b"220 mail ESMTP\r\n"), None);
        assert_eq!(ImapReply::read(b"+OK ready\r\n").map(|r| matches!(r, ImapReply::Continue(_))), Some(true));
    }

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = ImapReply::read(&raw);
        }

        #[test]
        fn never_panics_near_the_grammar(raw in "[*+A1]{1,2} (OK|NO|BYE|CAPABILITY|[0-9]{1,3} EXISTS)? ?(\\[[A-Z]{1,10}( [a-zé0-9]{1,5})?\\])?.{0,20}\r\n") {
            let _ = ImapReply::read(raw.as_bytes());
        }
    }
}
