//! Load for a server on this computer: requests that were signed beforehand, over connections that stay open.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request of ours.
pub(crate) type Asked = Request<Full<Bytes>>;

/// What a load came to.
pub(crate) struct Measured {
    /// Requests answered a second, over all connections.
    pub(crate) per_second: f64,
    /// Milliseconds of the slowest in a hundred.
    pub(crate) p99: f64,
}

/// One connection.
pub(crate) async fn connect(address: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(address).await.expect("it can be reached");
    stream.set_nodelay(true).expect("an option of TCP");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    sender
}

/// Asks once, and waits until the head of the answer is there.
pub(crate) async fn ask(connection: &mut SendRequest<Full<Bytes>>, request: Asked) -> Response<Incoming> {
    connection.ready().await.expect("the connection stays open");
    connection.send_request(request).await.expect("an answer")
}

/// All of an answer's body.
pub(crate) async fn body(answer: Response<Incoming>) -> Bytes {
    answer.into_body().collect().await.expect("a whole answer").to_bytes()
}

/// Sends each list of requests over a connection of its own, all at once; every answer must be 200.
pub(crate) async fn run(address: SocketAddr, lists: Vec<Vec<Asked>>) -> Measured {
    let mut connections = Vec::new();
    for list in lists {
        connections.push((connect(address).await, list));
    }
    let started = Instant::now();
    let workers = connections.into_iter().map(|(mut connection, list)| {
        tokio::spawn(async move {
            let mut took = Vec::with_capacity(list.len());
            for request in list {
                let started = Instant::now();
                let answer = ask(&mut connection, request).await;
                let status = answer.status();
                let body = body(answer).await;
                assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
                took.push(started.elapsed());
            }
            took
        })
    });
    let mut took: Vec<Duration> = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        took.extend(worker.await.expect("no worker panics"));
    }
    let elapsed = started.elapsed().as_secs_f64();
    took.sort();
    let slow = took[(took.len() * 99 / 100).min(took.len() - 1)];
    Measured { per_second: took.len() as f64 / elapsed, p99: slow.as_secs_f64() * 1000.0 }
}
