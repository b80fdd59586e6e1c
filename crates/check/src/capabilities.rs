//! What a server announced.

/// Capabilities as announced, in one list for both protocols: IMAP's atoms, SMTP's EHLO lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Capabilities(Vec<String>);

impl Capabilities {
    /// From IMAP's CAPABILITY.
    pub(crate) fn from_imap(list: Vec<String>) -> Self {
        Self(list)
    }

    /// From an EHLO reply: the first line is the server's name, the others are keywords with parameters.
    pub(crate) fn from_ehlo(lines: &[String]) -> Self {
        Self(lines.iter().skip(1).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
    }

    /// As announced, for a report.
    pub(crate) fn to_list(&self) -> Vec<String> {
        self.0.clone()
    }

    /// True if this keyword is announced, with or without parameters.
    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.0.iter().any(|line| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
    }

    /// SASL mechanisms, upper case: IMAP's `AUTH=X`, SMTP's `AUTH X Y` and the old `AUTH=X Y` (RFC 4954 section 3).
    pub(crate) fn mechanisms(&self) -> Vec<String> {
        let mut found = Vec::new();
        for line in &self.0 {
            let upper = line.to_ascii_uppercase();
            if let Some(rest) = upper.strip_prefix("AUTH").and_then(|rest| rest.strip_prefix(['=', ' '])) {
                for mechanism in rest.split_whitespace() {
                    if !found.iter().any(|known| known == mechanism) {
                        found.push(mechanism.to_owned());
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_of_both_protocols() {
        let imap =
            Capabilities::from_imap(["IMAP4rev1", "SASL-IR", "AUTH=PLAIN", "auth=xoauth2"].map(String::from).into());
        assert_eq!(imap.mechanisms(), ["PLAIN", "XOAUTH2"]);
        assert!(imap.has("sasl-ir") && !imap.has("SASL"));
        let lines =
            ["mail.example.test", "SIZE 1000", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN", "PIPELINING"].map(String::from);
        let smtp = Capabilities::from_ehlo(&lines);
        assert_eq!(smtp.mechanisms(), ["PLAIN", "LOGIN"]);
        assert!(smtp.has("SIZE") && smtp.has("pipelining") && !smtp.has("mail.example.test"));
    }
}
