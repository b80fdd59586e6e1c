//! TCP connections: IPv6 and IPv4 raced by RFC 8305, or through a proxy.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};

use courrier_model::{Host, Port};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::{Proxies, limits};

/// Why no connection could be made. Where several addresses failed differently, the most telling reason.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing listens there.
    #[error("connection refused")]
    Refused,
    /// No answer within [`limits::CONNECT`], or a router said that nobody will.
    #[error("no answer")]
    TimedOut,
    /// Answered, then reset.
    #[error("connection reset")]
    Reset,
    /// No route at all.
    #[error("no route")]
    Offline,
    /// The configured proxy refused, failed, or can't be reached.
    #[error("the proxy failed: {0}")]
    Proxy(String),
    /// Anything else the system reports.
    #[error("{0}")]
    Io(io::Error),
}

/// A connection, and how it was made.
#[derive(Debug)]
pub struct Connected {
    /// The connection; small writes leave at once (TCP_NODELAY).
    pub stream: TcpStream,
    /// The address that answered: the server's, or the proxy's.
    pub peer: SocketAddr,
    /// The proxy, without user name and password.
    pub proxy: Option<String>,
}

/// Connects to the first of these addresses that answers, or through the proxy that is configured for the host.
///
/// Takes at most [`limits::CONNECT`]. Dropping the future closes every attempt.
pub async fn connect(
    host: &Host,
    port: Port,
    addresses: &[IpAddr],
    proxies: &Proxies,
) -> Result<Connected, ConnectError> {
    if proxies.is_unreadable() {
        return Err(ConnectError::Proxy("the proxy's address can't be understood".into()));
    }
    if let Some(route) = proxies.route(host, port) {
        return match timeout(limits::CONNECT, route.connect()).await {
            Ok(Ok(stream)) => finish(stream, Some(route.shown())),
            Ok(Err(reason)) => Err(ConnectError::Proxy(reason)),
            Err(_) => Err(ConnectError::Proxy("no answer".into())),
        };
    }
    let targets = addresses.iter().map(|ip| SocketAddr::new(*ip, port.get())).collect::<Vec<_>>();
    match timeout(limits::CONNECT, race(&targets, |target| Box::pin(TcpStream::connect(target)))).await {
        Ok(Ok(stream)) => finish(stream, None),
        Ok(Err(errors)) => Err(most_telling(errors)),
        Err(_) => Err(ConnectError::TimedOut),
    }
}

/// Connects to the one address that answered before, for a probe that must not go elsewhere.
pub async fn connect_to(peer: SocketAddr) -> Result<TcpStream, ConnectError> {
    match timeout(limits::CONNECT, TcpStream::connect(peer)).await {
        Ok(Ok(stream)) => Ok(finish(stream, None)?.stream),
        Ok(Err(error)) => Err(most_telling(vec![error])),
        Err(_) => Err(ConnectError::TimedOut),
    }
}

fn finish(stream: TcpStream, proxy: Option<String>) -> Result<Connected, ConnectError> {
    // Without it a command of several writes waits for the peer's delayed acknowledgement.
    stream.set_nodelay(true).map_err(ConnectError::Io)?;
    let peer = stream.peer_addr().map_err(|error| most_telling(vec![error]))?;
    Ok(Connected { stream, peer, proxy })
}

/// Families in turn, beginning with the system's first choice (RFC 8305 section 4).
fn interleave(targets: &[SocketAddr]) -> VecDeque<SocketAddr> {
    let first_is_v6 = targets.first().is_some_and(SocketAddr::is_ipv6);
    let (mut these, mut those): (VecDeque<_>, VecDeque<_>) =
        targets.iter().copied().partition(|target| target.is_ipv6() == first_is_v6);
    let mut order = VecDeque::with_capacity(targets.len());
    while let Some(next) = these.pop_front() {
        order.push_back(next);
        if !those.is_empty() {
            std::mem::swap(&mut these, &mut those);
        }
    }
    order
}

/// Starts an attempt every [`limits::ATTEMPT_DELAY`], or as soon as all running ones have failed; the first
/// connection wins and the others are dropped (RFC 8305 section 5).
async fn race<T>(
    targets: &[SocketAddr],
    attempt: impl Fn(SocketAddr) -> BoxFuture<'static, io::Result<T>>,
) -> Result<T, Vec<io::Error>> {
    let mut waiting = interleave(targets);
    let mut running = FuturesUnordered::new();
    let mut errors = Vec::new();
    loop {
        if let Some(target) = waiting.pop_front() {
            running.push(attempt(target));
        } else if running.is_empty() {
            return Err(errors);
        }
        let head_start = sleep(limits::ATTEMPT_DELAY);
        tokio::pin!(head_start);
        loop {
            tokio::select! {
                biased;
                Some(result) = running.next() => match result {
                    Ok(winner) => return Ok(winner),
                    Err(error) => {
                        errors.push(error);
                        if running.is_empty() {
                            break;
                        }
                    }
                },
                () = &mut head_start, if !waiting.is_empty() => break,
                else => break,
            }
        }
    }
}

fn most_telling(errors: Vec<io::Error>) -> ConnectError {
    let mut best = ConnectError::TimedOut;
    let mut best_rank = 0;
    for error in errors {
        let (rank, found) = match error.kind() {
            io::ErrorKind::ConnectionRefused => (5, ConnectError::Refused),
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::NotConnected => {
                (4, ConnectError::Reset)
            }
            // "Host unreachable" is what a filter or the last router answers; there was a route to it.
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::PermissionDenied => {
                (3, ConnectError::TimedOut)
            }
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::AddrNotAvailable => {
                (1, ConnectError::Offline)
            }
            _ => (2, ConnectError::Io(error)),
        };
        if rank > best_rank {
            (best, best_rank) = (found, rank);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    fn targets(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|t| t.parse().expect("valid")).collect()
    }

    #[test]
    fn families_take_turns() {
        let order = interleave(&targets(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1"]));
        assert_eq!(order, targets(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "[::3]:1"]));
        let order = interleave(&targets(&["1.0.0.1:1", "[::1]:1", "[::2]:1"]));
        assert_eq!(order, targets(&["1.0.0.1:1", "[::1]:1", "[::2]:1"]));
        assert!(interleave(&[]).is_empty());
    }

    /// Runs a race on a clock of its own; each target's plan is (milliseconds until it answers, what it answers).
    async fn run(
        list: &[&str],
        plan: fn(SocketAddr) -> (u64, io::Result<SocketAddr>),
    ) -> (Result<SocketAddr, Vec<io::Error>>, Duration, usize) {
        let started = Arc::new(Mutex::new(0));
        let count = Arc::clone(&started);
        let begin = Instant::now();
        let result = race(&targets(list), move |target| {
            *count.lock().expect("not poisoned") += 1;
            let (delay, answer) = plan(target);
            Box::pin(async move {
                sleep(Duration::from_millis(delay)).await;
                answer
            })
        })
        .await;
        let started = *started.lock().expect("not poisoned");
        (result, begin.elapsed(), started)
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_first_address_costs_a_quarter_of_a_second() {
        let (result, took, started) = run(&["[::1]:1", "1.0.0.1:1"], |t| {
            if t.is_ipv6() { (60_000, Err(io::ErrorKind::TimedOut.into())) } else { (20, Ok(t)) }
        })
        .await;
        assert!(result.expect("connected").is_ipv4());
        assert_eq!((took.as_millis(), started), (270, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_moves_on_at_once_and_a_fast_answer_starts_nothing_else() {
        let (result, took, _) = run(&["[::1]:1", "1.0.0.1:1"], |t| {
            if t.is_ipv6() { (5, Err(io::ErrorKind::ConnectionRefused.into())) } else { (20, Ok(t)) }
        })
        .await;
        assert!(result.expect("connected").is_ipv4());
        assert_eq!(took.as_millis(), 25);
        let (_, _, started) = run(&["[::1]:1", "1.0.0.1:1"], |t| (20, Ok(t))).await;
        assert_eq!(started, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_first_answer_still_wins() {
        let (result, took, _) =
            run(&["[::1]:1", "1.0.0.1:1"], |t| if t.is_ipv6() { (300, Ok(t)) } else { (500, Ok(t)) }).await;
        assert!(result.expect("connected").is_ipv6());
        assert_eq!(took.as_millis(), 300);
    }

    #[tokio::test(start_paused = true)]
    async fn all_failures_are_told() {
        let (result, ..) = run(&["[::1]:1", "1.0.0.1:1"], |t| {
            (
                1,
                Err(if t.is_ipv6() { io::ErrorKind::NetworkUnreachable } else { io::ErrorKind::ConnectionRefused }
                    .into()),
            )
        })
        .await;
        assert!(matches!(most_telling(result.expect_err("failed")), ConnectError::Refused));
        assert!(matches!(most_telling(vec![io::ErrorKind::NetworkUnreachable.into()]), ConnectError::Offline));
        assert!(matches!(race(&[], |_| Box::pin(async { Ok(()) })).await, Err(errors) if errors.is_empty()));
    }
}
