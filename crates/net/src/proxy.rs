//! Proxies for mail connections: SOCKS 5 (RFC 1928) and HTTP CONNECT (RFC 9110 section 9.3.6).
//!
//! `ALL_PROXY` and `NO_PROXY` (also in lower case) are followed, as curl follows them for mail protocols;
//! `HTTP_PROXY` and `HTTPS_PROXY` speak of web traffic and are left to it: a web proxy rarely lets port 993 through.

use courrier_model::{Host, Port};
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::net::TcpStream;
use tower_service::Service;

/// Which proxy a connection goes through, if any.
#[derive(Debug)]
pub struct Proxies {
    matcher: Option<Matcher>,
    /// A proxy is configured that can't be understood: connections fail rather than go around it.
    unreadable: bool,
}

impl Proxies {
    /// Straight connections only.
    pub fn none() -> Self {
        Self { matcher: None, unreadable: false }
    }

    /// By the usual environment variables.
    pub fn from_env() -> Self {
        let variable =
            |upper: &str, lower: &str| std::env::var(upper).or_else(|_| std::env::var(lower)).unwrap_or_default();
        Self::new(&variable("ALL_PROXY", "all_proxy"), &variable("NO_PROXY", "no_proxy"))
    }

    /// By a proxy's address (`socks5://`, `socks5h://`, `http://`, or nothing) and a list of hosts to reach without it.
    pub fn new(all: &str, except: &str) -> Self {
        let all = all.trim();
        if all.is_empty() {
            return Self::none();
        }
        let anywhere = Uri::from_static("https://courrier.invalid/");
        let unreadable = Matcher::builder().all(all).build().intercept(&anywhere).is_none();
        Self { matcher: Some(Matcher::builder().all(all).no(except).build()), unreadable }
    }

    /// True if a proxy is configured in a way that can't be understood.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.unreadable
    }

    /// The way to a host, or `None` for straight there.
    pub(crate) fn route(&self, host: &Host, port: Port) -> Option<ProxyRoute> {
        let authority = match host {
            Host::Ip(std::net::IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
            host => format!("{host}:{port}"),
        };
        let target = Uri::builder().scheme("https").authority(authority).path_and_query("/").build().ok()?;
        let intercept = self.matcher.as_ref()?.intercept(&target)?;
        Some(ProxyRoute { target, intercept })
    }

    /// Whether the configured proxy answers at all, with its name; `None` if there is none. Waits at most
    /// [`crate::limits::CONNECT`]; asks it for nothing.
    pub async fn reach(&self) -> Option<(String, Result<(), String>)> {
        // Any host outside the exceptions shows the proxy; this one is reserved (RFC 2606) and never connected to.
        let host: Host = "courrier.invalid".parse().ok()?;
        let route = self.route(&host, Port::new(993)?)?;
        let uri = route.intercept.uri();
        let usual = if uri.scheme_str() == Some("http") { 80 } else { 1080 };
        let target = (uri.host()?.trim_matches(['[', ']']).to_owned(), uri.port_u16().unwrap_or(usual));
        let answer = match tokio::time::timeout(crate::limits::CONNECT, TcpStream::connect(target)).await {
            Ok(connected) => connected.map(drop).map_err(|error| error.to_string()),
            Err(_) => Err("no answer".into()),
        };
        Some((route.shown(), answer))
    }

    /// The proxy for a host, without user name and password; `None` for straight there.
    pub fn shown_for(&self, host: &Host, port: Port) -> Option<String> {
        self.route(host, port).map(|route| route.shown())
    }
}

/// One connection through one proxy.
pub(crate) struct ProxyRoute {
    target: Uri,
    intercept: Intercept,
}

impl ProxyRoute {
    /// Scheme, host and port of the proxy.
    pub(crate) fn shown(&self) -> String {
        let uri = self.intercept.uri();
        let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", uri.scheme_str().unwrap_or("http"), uri.host().unwrap_or_default())
    }

    /// The tunnel, or the reason why there is none, without anything secret.
    pub(crate) async fn connect(&self) -> Result<TcpStream, String> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let proxy = self.intercept.uri().clone();
        match proxy.scheme_str() {
            Some("socks5" | "socks5h") => {
                // Names go to the proxy unresolved: inside its network they may mean something else, or exist at all.
                let mut socks = SocksV5::new(proxy, tcp);
                if let Some((user, password)) = self.intercept.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                let stream = socks.call(self.target.clone()).await.map_err(|error| reason(&error))?;
                Ok(stream.into_inner())
            }
            Some("http") => {
                let mut tunnel = Tunnel::new(proxy, tcp);
                if let Some(authorization) = self.intercept.basic_auth() {
                    tunnel = tunnel.with_auth(authorization.clone());
                }
                let stream = tunnel.call(self.target.clone()).await.map_err(|error| reason(&error))?;
                Ok(stream.into_inner())
            }
            other => Err(format!("a proxy of kind {} is not supported", other.unwrap_or("unknown"))),
        }
    }
}

/// The innermost cause: "connection refused" says more than "tunnel error".
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(all: &str, except: &str, host: &str) -> Option<String> {
        Proxies::new(all, except).shown_for(&host.parse().expect("valid"), Port::new(993).expect("valid"))
    }

    #[test]
    fn a_proxy_that_can_not_be_understood_is_not_gone_around() {
        assert!(Proxies::new("http://:::bad", "").is_unreadable());
        assert!(!Proxies::new("socks5://127.0.0.1:1080", "").is_unreadable());
        assert!(!Proxies::new("proxy.test:3128", "").is_unreadable());
    }

    #[test]
    fn the_list_of_exceptions_is_kept_and_passwords_are_not_shown() {
        assert_eq!(shown("", "", "imap.example.test"), None);
        assert_eq!(
            shown("socks5h://me:secret@proxy.test:1080", "", "imap.example.test").as_deref(),
            Some("socks5h://proxy.test:1080")
        );
        assert_eq!(shown("http://proxy.test:3128", "example.test", "imap.example.test"), None);
        assert_eq!(shown("http://proxy.test:3128", "192.0.2.0/24", "192.0.2.9"), None);
        assert_eq!(
            shown("http://proxy.test:3128", "other.test", "imap.example.test").as_deref(),
            Some("http://proxy.test:3128")
        );
    }
}
