//! Whether this computer has any way out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// True if the kernel knows a route to this address. Nothing is sent: connecting a datagram socket only
/// looks the route up.
pub(crate) fn exists_to(ip: IpAddr) -> bool {
    let any: SocketAddr = match ip {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    UdpSocket::bind(any).and_then(|socket| socket.connect((ip, 53))).is_ok()
}

/// True if there is a route to the Internet at large, by addresses reserved for documentation (RFC 5737,
/// RFC 3849), which only a default route covers.
/// Nothing is sent.
pub fn default_exists() -> bool {
    exists_to(Ipv4Addr::new(192, 0, 2, 1).into()) || exists_to(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into())
}
