//! Why a value from outside was refused.

/// A value that can't be accepted, named so that a shell can say it in the person's language.
///
/// The refused text itself is not carried: it may be a secret typed into the wrong field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not a mail address by RFC 5321 section 4.1.2 and RFC 6531 section 3.3.
    #[error("not a mail address")]
    Address,
    /// The part after the @ is not a domain name by RFC 5890.
    #[error("not a domain name")]
    Domain,
    /// Neither a host name nor an IP address.
    #[error("not a host name")]
    Host,
    /// Not a port number between 1 and 65535.
    #[error("not a port number")]
    Port,
    /// None of `tls`, `starttls`, `none`.
    #[error("not a kind of connection security")]
    Security,
    /// None of `password`, `oauth`, `none`, or `none` for receiving.
    #[error("not a kind of authentication")]
    Auth,
    /// Not `HOST:PORT/SECURITY`.
    #[error("not an endpoint")]
    Endpoint,
    /// Not `#rrggbb`.
    #[error("not a colour")]
    Color,
    /// Empty, too long, or with control characters.
    #[error("not a user name")]
    Username,
    /// Too long, or with control characters.
    #[error("not a display name")]
    DisplayName,
    /// Not an id that Courrier made.
    #[error("not an id")]
    Id,
}

impl Invalid {
    /// The stable code that shells use to find the words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "input.address",
            Self::Domain => "input.domain",
            Self::Host => "input.host",
            Self::Port => "input.port",
            Self::Security => "input.security",
            Self::Auth => "input.auth",
            Self::Endpoint => "input.endpoint",
            Self::Color => "input.color",
            Self::Username => "input.username",
            Self::DisplayName => "input.display_name",
            Self::Id => "input.id",
        }
    }
}
