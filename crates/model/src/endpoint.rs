//! How a server is reached and how one signs in there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Host, Invalid, Port, Username};

/// The two halves of a mail account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Receiving: IMAP4 (RFC 9051, RFC 3501).
    Imap,
    /// Sending: message submission (RFC 6409) by SMTP (RFC 5321).
    Smtp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Imap => "imap",
            Self::Smtp => "smtp",
        })
    }
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314 section 3).
    Tls,
    /// Plain text, then TLS after STARTTLS (RFC 9051 section 6.2.1, RFC 3207); never falls back.
    Starttls,
    /// No encryption at all, because the person asked for it.
    None,
}

impl Security {
    /// The port that goes with it where nothing else is said.
    pub const fn default_port(self, protocol: Protocol) -> u16 {
        match (protocol, self) {
            (Protocol::Imap, Self::Tls) => 993,
            (Protocol::Imap, _) => 143,
            (Protocol::Smtp, Self::Tls) => 465,
            (Protocol::Smtp, _) => 587,
        }
    }
}

impl FromStr for Security {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::Starttls),
            "none" => Ok(Self::None),
            _ => Err(Invalid::Security),
        }
    }
}

impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        })
    }
}

/// What proves who is signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthKind {
    /// A password or app password.
    Password,
    /// An access token (RFC 7628, XOAUTH2).
    #[serde(rename = "oauth")]
    OAuth,
    /// Nothing: a relay that knows its network. Sending only.
    None,
}

impl FromStr for AuthKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "password" => Ok(Self::Password),
            "oauth" => Ok(Self::OAuth),
            "none" => Ok(Self::None),
            _ => Err(Invalid::Auth),
        }
    }
}

impl fmt::Display for AuthKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::OAuth => "oauth",
            Self::None => "none",
        })
    }
}

/// Everything needed to reach one server and sign in, except the secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// The server.
    pub host: Host,
    /// Its port.
    pub port: Port,
    /// How the connection is protected.
    pub security: Security,
    /// The name to sign in with. Kept even where `auth` is `None`, so that switching back loses nothing.
    pub username: Username,
    /// What proves who is signing in.
    pub auth: AuthKind,
}

/// `HOST:PORT/SECURITY`, as the command line takes it; an IPv6 address stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    /// The server.
    pub host: Host,
    /// Its port.
    pub port: Port,
    /// How the connection is protected.
    pub security: Security,
}

impl EndpointSpec {
    /// The whole endpoint, with who signs in and how.
    pub fn with(self, username: Username, auth: AuthKind) -> Endpoint {
        Endpoint { host: self.host, port: self.port, security: self.security, username, auth }
    }
}

impl FromStr for EndpointSpec {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (rest, security) = text.trim().rsplit_once('/').ok_or(Invalid::Endpoint)?;
        let (host, port) = rest.rsplit_once(':').ok_or(Invalid::Endpoint)?;
        // Without brackets the colons of an IPv6 address and the one before the port can't be told apart.
        if host.contains(':') && !host.starts_with('[') {
            return Err(Invalid::Endpoint);
        }
        Ok(Self { host: host.parse()?, port: port.parse()?, security: security.parse()? })
    }
}

impl fmt::Display for EndpointSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(std::net::IpAddr::V6(ip)) => write!(f, "[{ip}]:{}/{}", self.port, self.security),
            host => write!(f, "{host}:{}/{}", self.port, self.security),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_command_lines_form() {
        let spec: EndpointSpec = "IMAP.example.test:993/tls".parse().expect("valid");
        assert_eq!(spec.to_string(), "imap.example.test:993/tls");
        assert_eq!("[::1]:143/none".parse::<EndpointSpec>().map(|s| s.to_string()), Ok("[::1]:143/none".into()));
        for (text, why) in [
            ("imap.example.test", Invalid::Endpoint),
            ("imap.example.test/tls", Invalid::Endpoint),
            ("::1:143/none", Invalid::Endpoint),
            ("imap.example.test:993", Invalid::Endpoint),
            ("imap.example.test:x/tls", Invalid::Port),
            ("imap.example.test:0/tls", Invalid::Port),
            ("imap.example.test:993/ssl", Invalid::Security),
            ("imap example.test:993/tls", Invalid::Host),
            (":993/tls", Invalid::Host),
        ] {
            assert_eq!(text.parse::<EndpointSpec>(), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_parses_to_the_same(host in "[a-z]{1,10}\\.test|(25[0-5]|[1-9]?[0-9])(\\.[1-9]?[0-9]){3}|\\[fe80::[0-9a-f]{1,4}\\]", port in 1u16.., security in "tls|starttls|none") {
            let spec: EndpointSpec = format!("{host}:{port}/{security}").parse().expect("valid");
            prop_assert_eq!(spec.to_string().parse::<EndpointSpec>(), Ok(spec));
        }
    }
}
