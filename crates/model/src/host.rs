//! Host names and ports.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

use crate::Invalid;

/// Where a server is: a DNS name in A-labels (lower case, no trailing dot) or an IP address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name, or one that only the local system knows (`/etc/hosts`, `.local`).
    Name(String),
    /// A literal IPv4 or IPv6 address.
    Ip(IpAddr),
}

impl Host {
    /// The name for a person: Unicode labels where the name is internationalised.
    pub fn to_unicode(&self) -> String {
        match self {
            Self::Name(name) => idna::domain_to_unicode(name).0,
            Self::Ip(ip) => ip.to_string(),
        }
    }
}

impl FromStr for Host {
    type Err = Invalid;

    /// Accepts a name in either form, an IPv4 address, or an IPv6 address with or without brackets.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(Self::Ip(ip));
        }
        let name = domain_to_ascii(text).ok_or(Invalid::Host)?;
        // A last label of digits is an address that was mistyped (256.1.1.1), never a name.
        if name.rsplit('.').next().is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Invalid::Host);
        }
        Ok(Self::Name(name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

crate::text::serde_as_string!(Host);

/// A TCP port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Port(NonZeroU16);

impl Port {
    /// The port, or `None` for 0.
    pub const fn new(port: u16) -> Option<Self> {
        match NonZeroU16::new(port) {
            Some(port) => Some(Self(port)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl FromStr for Port {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.trim().parse::<u16>().ok().and_then(Self::new).ok_or(Invalid::Port)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A domain in A-labels (UTS 46, strict, within DNS lengths), lower case, without a trailing dot.
pub(crate) fn domain_to_ascii(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    let ascii = idna::domain_to_ascii_strict(text).ok()?;
    // Underscores appear in no host name; STD 3 rules in `strict` refuse them and everything else odd.
    (!ascii.is_empty() && ascii.len() <= 253).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_and_addresses() {
        for (text, shown) in [
            ("IMAP.Example.Test.", "imap.example.test"),
            ("mail.müller.example", "mail.xn--mller-kva.example"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(text.parse::<Host>().map(|h| h.to_string()), Ok(shown.to_owned()));
        }
        for text in ["", "a b", "256.1.1.1", "1.2.3", "-a.example", "a..b", "https://x", "x:993", "x/y", "[x]"] {
            assert_eq!(text.parse::<Host>(), Err(Invalid::Host), "{text}");
        }
        assert_eq!("0".parse::<Port>(), Err(Invalid::Port));
        assert_eq!("65536".parse::<Port>(), Err(Invalid::Port));
    }

    proptest! {
        #[test]
        fn what_is_shown_parses_to_the_same(text in ".{0,40}") {
            if let Ok(host) = text.parse::<Host>() {
                prop_assert_eq!(host.to_string().parse::<Host>(), Ok(host));
            }
        }
    }
}
