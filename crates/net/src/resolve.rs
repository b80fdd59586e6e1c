//! Names to addresses, as the system does it, so that VPNs, `/etc/hosts` and `.local` names work.

use std::net::IpAddr;

use courrier_model::Host;
use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType};
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{limits, route};

/// Why a name gave no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The name does not exist (NXDOMAIN, RFC 8020).
    #[error("the name does not exist")]
    NoSuchHost,
    /// The name exists, without A and AAAA records (NODATA, RFC 2308).
    #[error("the name has no address")]
    NoAddress,
    /// The resolver did not answer in time, or failed (SERVFAIL).
    #[error("the resolver did not answer")]
    Unreachable,
    /// There is no route to a resolver, nor to anything else.
    #[error("no network")]
    Offline,
}

/// The addresses of a host in the system's order of preference (RFC 6724), without duplicates.
///
/// Takes at most [`limits::RESOLVE`]. An IP address is its own answer.
pub async fn resolve(host: &Host) -> Result<Vec<IpAddr>, ResolveError> {
    let name = match host {
        Host::Ip(ip) => return Ok(vec![*ip]),
        Host::Name(name) => name.clone(),
    };
    let deadline = Instant::now() + limits::RESOLVE;
    match timeout_at(deadline, ask_system(name.clone())).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Ok(_)) => Err(ResolveError::NoAddress),
        Ok(Err(LookupErrorKind::NoName | LookupErrorKind::NoData)) => {
            // The system's answer does not always tell NXDOMAIN from NODATA; DNS does. If DNS has nothing to
            // add (the name is known to mDNS or a file only), the system's word stands.
            let left = deadline.saturating_duration_since(Instant::now());
            Err(timeout(left, ask_dns(&name)).await.ok().flatten().unwrap_or(ResolveError::NoSuchHost))
        }
        Ok(Err(_)) | Err(_) => Err(if offline() { ResolveError::Offline } else { ResolveError::Unreachable }),
    }
}

/// `getaddrinfo` on a thread of its own: it can't be cancelled, and a runtime that ends would wait for it
/// if it ran in the runtime's pool.
async fn ask_system(name: String) -> Result<Vec<IpAddr>, LookupErrorKind> {
    let (sender, receiver) = oneshot::channel();
    let spawned = std::thread::Builder::new().name("getaddrinfo".into()).spawn(move || {
        let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
        let answer = match dns_lookup::getaddrinfo(Some(&name), None, Some(hints)) {
            Ok(found) => {
                let mut addresses = Vec::new();
                for ip in found.flatten().map(|info| info.sockaddr.ip()) {
                    if !addresses.contains(&ip) {
                        addresses.push(ip);
                    }
                }
                Ok(addresses)
            }
            Err(error) => Err(error.kind()),
        };
        // The receiver is gone when the caller gave up; then nobody wants the answer.
        let _ = sender.send(answer);
    });
    match spawned {
        Ok(_) => receiver.await.unwrap_or(Err(LookupErrorKind::Fail)),
        Err(_) => Err(LookupErrorKind::Memory),
    }
}

/// Why DNS has no address for the name; `None` if it has one, or has nothing to say.
async fn ask_dns(name: &str) -> Option<ResolveError> {
    let mut builder = TokioResolver::builder_tokio().ok()?;
    let options = builder.options_mut();
    options.timeout = limits::RESOLVE / 4;
    options.attempts = 1;
    let resolver = builder.build().ok()?;
    // With the final dot it is this very name, without the search list.
    match resolver.lookup_ip(format!("{name}.")).await {
        Ok(_) => None,
        Err(error) => explain(&error),
    }
}

fn explain(error: &NetError) -> Option<ResolveError> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(match none.response_code {
            ResponseCode::NXDomain => ResolveError::NoSuchHost,
            ResponseCode::NoError => ResolveError::NoAddress,
            _ => ResolveError::Unreachable,
        }),
        NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain)) => Some(ResolveError::NoSuchHost),
        NetError::Dns(DnsError::ResponseCode(_)) => Some(ResolveError::Unreachable),
        _ => None,
    }
}

/// True if no configured resolver can even be sent a question. A resolver on this computer itself (a stub such as
/// systemd-resolved) is as good as the way out behind it.
fn offline() -> bool {
    let servers = hickory_resolver::system_conf::read_system_conf()
        .map(|(config, _)| config.name_servers().iter().map(|server| server.ip).collect::<Vec<_>>())
        .unwrap_or_default();
    let reachable = |ip: &IpAddr| if ip.is_loopback() { route::default_exists() } else { route::exists_to(*ip) };
    if servers.is_empty() { !route::default_exists() } else { !servers.iter().any(reachable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_is_its_own_answer() {
        let host: Host = "192.0.2.7".parse().expect("valid");
        assert_eq!(resolve(&host).await, Ok(vec!["192.0.2.7".parse().expect("valid")]));
    }

    #[tokio::test]
    async fn the_hosts_file_is_asked() {
        let host: Host = "localhost".parse().expect("valid");
        let addresses = resolve(&host).await.expect("every system knows localhost");
        assert!(addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
    }
}
