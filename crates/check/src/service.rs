//! Which protocol speaks, by its first words.

use courrier_model::Protocol;

/// The protocol that begins a conversation like this, if it is another than the expected one.
///
/// `Some(None)`: certainly not the expected one, and none that is known.
pub(crate) fn other_than(expected: Protocol, first: &str) -> Option<Option<&'static str>> {
    let upper = first.get(..first.len().min(512)).unwrap_or(first).to_ascii_uppercase();
    let found = if upper.starts_with("* ") {
        Some("IMAP")
    } else if upper.starts_with("+OK") || upper.starts_with("-ERR") {
        Some("POP3")
    } else if upper.starts_with("HTTP/") || upper.starts_with("<!DOCTYPE") || upper.starts_with("<HTML") {
        Some("HTTP")
    } else if upper.starts_with("SSH-") {
        Some("SSH")
    } else if is_reply(&upper) {
        Some(reply_service(&upper))
    } else {
        None
    };
    match (expected, found) {
        (Protocol::Imap, Some("IMAP")) | (Protocol::Smtp, Some("SMTP")) => None,
        (_, found) => Some(found),
    }
}

/// Three digits and a space or hyphen: the reply form that SMTP shares with FTP and NNTP.
fn is_reply(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 4 && bytes[..3].iter().all(u8::is_ascii_digit) && matches!(bytes[3], b' ' | b'-')
}

fn reply_service(upper: &str) -> &'static str {
    let says = |word: &str| upper.contains(word);
    if upper.starts_with("200") || upper.starts_with("201") {
        "NNTP"
    } else if says("LMTP") {
        "LMTP"
    } else if says("FTP") && !says("SMTP") {
        "FTP"
    } else {
        "SMTP"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_tell() {
        for (first, imap, smtp) in [
            ("* OK Dovecot ready.", None, Some(Some("IMAP"))),
            ("* BYE Too many connections", None, Some(Some("IMAP"))),
            ("220 mail.example.test ESMTP Postfix", Some(Some("SMTP")), None),
            ("554 no service", Some(Some("SMTP")), None),
            ("220 (vsFTPd 3.0.3)", Some(Some("FTP")), Some(Some("FTP"))),
            ("+OK Dovecot ready.", Some(Some("POP3")), Some(Some("POP3"))),
            ("SSH-2.0-OpenSSH_9.2", Some(Some("SSH")), Some(Some("SSH"))),
            ("HTTP/1.1 400 Bad Request", Some(Some("HTTP")), Some(Some("HTTP"))),
            ("200 news ready", Some(Some("NNTP")), Some(Some("NNTP"))),
            ("hello", Some(None), Some(None)),
            ("é", Some(None), Some(None)),
        ] {
            assert_eq!(other_than(Protocol::Imap, first), imap, "{first}");
            assert_eq!(other_than(Protocol::Smtp, first), smtp, "{first}");
        }
    }
}
