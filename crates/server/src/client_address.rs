//! From which network address a request comes.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The other end of the connection; may be a reverse proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Who is behind the connection, as far as it can be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The last address that no proxy of ours vouches for. Each proxy appends to `X-Forwarded-For` whom it saw, so the
/// list is read from its end; what stands before an address that we don't trust could be anybody's invention.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    // Read hop by hop: what a client wrote before our proxy's part must not make that part unreadable.
    let named = headers.get_all("x-forwarded-for").iter().rev();
    for hop in named.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b',')) {
        if !is_proxy(client) {
            break;
        }
        let hop = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok());
        let Some(address) = hop else { break };
        client = address.to_canonical();
    }
    client
}

/// Whether somebody on this machine asks, and not for another: no proxy stands between.
pub(crate) fn is_local(peer: IpAddr, headers: &HeaderMap) -> bool {
    let forwarded = ["x-forwarded-for", "forwarded", "via", "x-real-ip"];
    peer.to_canonical().is_loopback() && !forwarded.iter().any(|name| headers.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_our_proxies_are_believed() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.9"]), "192.0.2.1", "no proxy of ours");
        assert_eq!(seen("127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(seen("127.0.0.1", &["1.1.1.1, 198.51.100.9"]), "198.51.100.9", "the rest may be invented");
        assert_eq!(seen("127.0.0.1", &["198.51.100.9, 10.1.2.3"]), "198.51.100.9", "through two proxies");
        assert_eq!(seen("127.0.0.1", &["198.51.100.9", "10.1.2.3"]), "198.51.100.9", "in two headers");
        assert_eq!(seen("127.0.0.1", &["nonsense"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(seen("127.0.0.1", &["é, 198.51.100.9"]), "198.51.100.9", "only the client's part is unreadable");
    }

    #[test]
    fn a_proxys_request_is_not_local() {
        let mut headers = HeaderMap::new();
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert!(is_local(loopback, &headers));
        assert!(!is_local(IpAddr::from([192, 0, 2, 1]), &headers));
        headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
        assert!(!is_local(loopback, &headers));
    }
}
