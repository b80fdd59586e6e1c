//! One cheap extra look where a failure could have two causes.

use std::net::SocketAddr;

use courrier_model::{Host, Protocol};
use courrier_net::{Recorded, TlsError, connect_to};
use tokio::time::{sleep, timeout};

use crate::failure::TlsFailure;
use crate::lines::Lines;
use crate::side::Side;
use crate::stream::Stream;
use crate::{Environment, Failure, limits, service};

/// A port that is silent: does it wait for TLS? Starts after [`limits::GREET_PROBE`], on a connection of its own.
///
/// `None`: it does not, or nobody can tell.
pub(crate) async fn waits_for_tls(
    environment: &Environment,
    host: &Host,
    protocol: Protocol,
    peer: Option<SocketAddr>,
) -> Option<Failure> {
    let peer = peer?;
    sleep(limits::GREET_PROBE).await;
    let stream = timeout(limits::PROBE, connect_to(peer)).await.ok()?.ok()?;
    let handshake = environment.trust.secure(Recorded::new(stream), host, (environment.clock)());
    match timeout(limits::PROBE, handshake).await.ok()? {
        Ok(_) => Some(Failure::WaitsForTls),
        // Any answer in TLS will do, an alert or a bad certificate too.
        Err(TlsError::Certificate(_) | TlsError::VersionTooOld | TlsError::Handshake(_)) => Some(Failure::WaitsForTls),
        Err(TlsError::PlainText(first)) => {
            let said = String::from_utf8_lossy(&first).into_owned();
            service::other_than(protocol, &said).map(|service| Failure::WrongService { service, said })
        }
        Err(TlsError::Closed | TlsError::Reset | TlsError::TimedOut) => None,
    }
}

/// An encrypted port that is silent, or a plain one that is no TLS port either: some protocols wait for the client to
/// speak first. NOOP is harmless in both mail protocols and a broken request to a web server.
pub(crate) async fn speaks_when_spoken_to(protocol: Protocol, lines: &mut Lines) -> Option<Failure> {
    let command: &[u8] = match protocol {
        Protocol::Imap => b"A0 NOOP\r\n\r\n",
        Protocol::Smtp => b"NOOP\r\n\r\n",
    };
    let answer = async {
        lines.write(command).await.ok()?;
        lines.read_line().await.ok()
    };
    let line = timeout(limits::PROBE, answer).await.ok()??;
    let said = String::from_utf8_lossy(&line).into_owned();
    let service = service::other_than(protocol, &said)??;
    Some(Failure::WrongService { service: Some(service), said })
}

/// A handshake that broke: was it plain text, or another protocol, all along?
pub(crate) async fn explain_handshake(side: &Side<'_>, failure: TlsFailure) -> Failure {
    let said = match failure {
        TlsFailure::PlainText(said) => said,
        TlsFailure::Closed | TlsFailure::Reset | TlsFailure::Silence
            if side.target.endpoint.security == courrier_model::Security::Tls =>
        {
            match plain_words(side.peer).await {
                Some(said) => said,
                None => return silent_or(failure, side),
            }
        }
        other => return silent_or(other, side),
    };
    match service::other_than(side.protocol, &said) {
        Some(Some(service)) => Failure::WrongService { service: Some(service), said },
        _ => Failure::Tls(TlsFailure::PlainText(said)),
    }
}

fn silent_or(failure: TlsFailure, side: &Side<'_>) -> Failure {
    match failure {
        TlsFailure::Silence => Failure::Silence { heard: side.has_heard() },
        other => Failure::Tls(other),
    }
}

/// What the server says by itself on a new connection without TLS.
async fn plain_words(peer: Option<SocketAddr>) -> Option<String> {
    let stream = timeout(limits::PROBE, connect_to(peer?)).await.ok()?.ok()?;
    let mut lines = Lines::new(Stream::Plain(Recorded::new(stream)));
    let line = timeout(limits::PROBE, lines.read_line()).await.ok()?.ok()?;
    let said = String::from_utf8_lossy(&line).into_owned();
    // A TLS server may answer nothing but an alert; that is not text.
    (!said.starts_with('\u{15}')).then_some(said)
}
