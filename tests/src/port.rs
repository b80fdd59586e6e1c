//! Free ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use courrier_model::Security;

use crate::netns::Namespace;

/// Below the ports that the kernel gives to outgoing connections (32768 and up), so that none of those is in the way.
const FIRST: u16 = 10_000;
const COUNT: u32 = 22_000;

/// Ports that no other fixture takes while this lives, in this process or in another suite.
///
/// Each is locked by a listener on an address of its own that no server uses: the kernel gives it to one process
/// only, and takes it back from one that is killed.
#[derive(Debug)]
pub(crate) struct Reserved {
    _locks: Vec<TcpListener>,
}

const LOCKS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 71, 0, 1));

/// Ports that are free on every one of `addresses`, and their lock.
///
/// # Panics
/// If there are none.
pub(crate) fn reserve<const N: usize>(addresses: &[IpAddr], namespace: Option<&Namespace>) -> ([u16; N], Reserved) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Suites with neighbouring process ids begin far from each other.
    let begin = std::process::id().wrapping_mul(7919);
    let mut locks = Vec::new();
    let ports = std::array::from_fn(|_| {
        for _ in 0..COUNT {
            let at = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
            let port = FIRST + u16::try_from(at).expect("the count fits");
            // Locked first: while we look whether the port is free, nobody else may.
            let Ok(lock) = TcpListener::bind((LOCKS, port)) else { continue };
            if is_free(port, addresses, namespace) {
                locks.push(lock);
                return port;
            }
        }
        panic!("no port is free on {addresses:?}")
    });
    (ports, Reserved { _locks: locks })
}

fn is_free(port: u16, addresses: &[IpAddr], namespace: Option<&Namespace>) -> bool {
    let bind = || addresses.iter().all(|&address| TcpListener::bind((address, port)).is_ok());
    namespace.map_or_else(bind, |namespace| namespace.enter(bind))
}

/// True if something accepts connections there.
pub(crate) fn answers(address: SocketAddr, namespace: Option<&Namespace>) -> bool {
    let connect = || TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
    namespace.map_or_else(connect, |namespace| namespace.enter(connect))
}

/// A free port of this computer that no other fixture takes as long as the test runs: for a server that comes later, is
/// stopped and started again, or never comes.
///
/// # Panics
/// If there is none.
pub fn kept_port() -> u16 {
    let ([port], reserved) = reserve(&[IpAddr::V4(Ipv4Addr::LOCALHOST)], None);
    // A number has no end at which it could be given back.
    std::mem::forget(reserved);
    port
}

/// `HOST:PORT/SECURITY` as the command line takes it; an IPv6 address gets its brackets.
pub fn endpoint(host: &str, port: u16, security: Security) -> String {
    if host.contains(':') { format!("[{host}]:{port}/{security}") } else { format!("{host}:{port}/{security}") }
}
