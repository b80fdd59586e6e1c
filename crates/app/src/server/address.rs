//! The address of an organisation's server, as a person types it.

use std::str::FromStr;

use courrier_auth::Url;

use crate::server::ServerError;

/// An origin (RFC 6454) that is https, or http on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress(Url);

impl ServerAddress {
    /// The origin alone: what is shown, kept and compared.
    pub(crate) fn origin(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }

    /// The address of a call; `path` begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// True if this computer itself is named.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl FromStr for ServerAddress {
    type Err = ServerError;

    /// A bare name is taken for https, as people leave it out.
    fn from_str(text: &str) -> Result<Self, ServerError> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url: Url = whole.parse().map_err(|_| ServerError::Address)?;
        let bare = url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            _ if !bare => Err(ServerError::Address),
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(ServerError::Insecure),
            _ => Err(ServerError::Address),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    ip.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, &'static str> {
        text.parse::<ServerAddress>().map(|address| address.origin()).map_err(|error| error.code())
    }

    #[test]
    fn an_address_is_https_or_on_this_computer() {
        for (text, origin) in [
            ("https://courrier.example.test", "https://courrier.example.test"),
            (" https://Courrier.Example.test:8443/ ", "https://courrier.example.test:8443"),
            ("courrier.example.test", "https://courrier.example.test"),
            ("http://127.0.0.1:8484/", "http://127.0.0.1:8484"),
            ("http://localhost:8484", "http://localhost:8484"),
            ("http://[::1]:8484", "http://[::1]:8484"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(origin), "{text}");
        }
        for text in ["http://courrier.example.test", "http://localhost.example.test", "http://192.168.1.1:8484"] {
            assert_eq!(parse(text), Err("server.insecure"), "{text}");
        }
        for text in ["", "https://", "https://a@b.test", "https://a.test/path", "https://a.test/?x", "ftp://a.test"] {
            assert_eq!(parse(text), Err("input.server"), "{text:?}");
        }
    }

    #[test]
    fn calls_stand_below_the_origin() {
        let address: ServerAddress = "https://courrier.example.test".parse().expect("an address");
        assert_eq!(address.join("/api/v1/session").as_str(), "https://courrier.example.test/api/v1/session");
    }
}
