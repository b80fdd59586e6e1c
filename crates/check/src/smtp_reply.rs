//! SMTP replies (RFC 5321 section 4.2) by lettre's parser, with enhanced status codes (RFC 3463, RFC 2034).

use std::str::FromStr;

use lettre::transport::smtp::response::Response;

use crate::failure::{SmtpCommand, SmtpRefusal};

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SmtpReply {
    /// Reply code.
    pub(crate) code: u16,
    /// Lines without the reply code.
    pub(crate) lines: Vec<String>,
}

impl SmtpReply {
    /// Reads a whole reply, all its lines with their ends; `None` if it is no reply.
    pub(crate) fn read(raw: &[u8]) -> Option<Self> {
        let said = String::from_utf8_lossy(raw);
        // The parser wants CRLF, and a space even where no text follows; servers that leave out either are common
        // enough to be borne (RFC 5321 section 4.2.1 asks for the latter).
        let mut text = String::with_capacity(said.len() + 8);
        for line in said.lines() {
            text.push_str(line.trim_end_matches('\r'));
            text.push_str(if line.trim_end().len() == 3 { " \r\n" } else { "\r\n" });
        }
        let response = Response::from_str(&text).ok()?;
        Some(Self { code: u16::from(response.code()), lines: response.message().map(str::to_owned).collect() })
    }

    /// True for classes 2 and 3.
    pub(crate) fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// The text of all lines, in one.
    pub(crate) fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// The enhanced status code at the start of the first line.
    pub(crate) fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let word = self.lines.first()?.split_whitespace().next()?;
        let mut parts = word.splitn(3, '.').map(|part| part.parse::<u16>().ok());
        match (parts.next()??, parts.next()??, parts.next()??) {
            (class @ (2 | 4 | 5), subject, detail) if subject < 1000 && detail < 1000 => Some((class, subject, detail)),
            _ => None,
        }
    }

    /// As a refusal of a command.
    pub(crate) fn refusal(&self, command: SmtpCommand) -> SmtpRefusal {
        SmtpRefusal {
            command,
            code: self.code,
            enhanced: self.enhanced(),
            text: format!("{} {}", self.code, self.text()),
        }
    }
}

/// True if this line ends a reply: a code followed by a space, or by nothing.
pub(crate) fn is_last_line(line: &[u8]) -> bool {
    line.get(3).is_none_or(|byte| *byte != b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_one_and_many_lines() {
        let reply = SmtpReply::read(b"535 5.7.8 Error: authentication failed\r\n").expect("a reply");
        assert_eq!((reply.code, reply.enhanced()), (535, Some((5, 7, 8))));
        let reply = SmtpReply::read(b"250-mail.example.test\r\n250-PIPELINING\n250 SMTPUTF8\r\n").expect("a reply");
        assert_eq!(reply.lines, ["mail.example.test", "PIPELINING", "SMTPUTF8"]);
        assert_eq!(reply.enhanced(), None);
        assert_eq!(SmtpReply::read(b"220\r\n").map(|r| r.code), Some(220));
        for none in [&b"* OK ready\r\n"[..], b"", b"999 x\r\n", b"22\r\n"] {
            assert_eq!(SmtpReply::read(none), None);
        }
        assert!(is_last_line(b"250 ok\r\n") && is_last_line(b"250\r\n") && !is_last_line(b"250-ok\r\n"));
    }

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SmtpReply::read(&raw).map(|reply| reply.refusal(SmtpCommand::Auth));
        }
    }
}
