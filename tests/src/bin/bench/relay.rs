//! A wire to a server that counts what goes over it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Listens on a port of its own, and hands everything on.
pub(crate) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    target: OnceLock<SocketAddr>,
    sent: AtomicU64,
    received: AtomicU64,
    turns: AtomicU64,
    connections: AtomicU64,
}

/// What went over the wire between two looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    /// Bytes to the server.
    pub(crate) sent: u64,
    /// Bytes from it.
    pub(crate) received: u64,
    /// How often the client had to wait: once for each connection, and each time it spoke and then heard something.
    pub(crate) round_trips: u64,
}

impl Relay {
    /// With nothing behind it yet: connections wait.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let relay = Self { address, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || carry(&client, &shared));
            }
        });
        relay
    }

    /// Its address as a server's.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it leads to.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        self.shared.target.set(target).expect("it leads somewhere once");
    }

    /// What goes over the wire while `work` lasts.
    pub(crate) fn during(&self, work: impl FnOnce()) -> Traffic {
        let before = self.shared.look();
        work();
        let after = self.shared.look();
        Traffic {
            sent: after.sent - before.sent,
            received: after.received - before.received,
            round_trips: after.round_trips - before.round_trips,
        }
    }
}

impl Shared {
    fn look(&self) -> Traffic {
        let read = |number: &AtomicU64| number.load(Ordering::SeqCst);
        Traffic {
            sent: read(&self.sent),
            received: read(&self.received),
            round_trips: read(&self.connections) + read(&self.turns),
        }
    }
}

fn carry(client: &TcpStream, shared: &Arc<Shared>) {
    let target = shared.target.wait();
    let Ok(server) = TcpStream::connect(target) else { return };
    shared.connections.fetch_add(1, Ordering::SeqCst);
    // True while the client has spoken and nothing came back yet.
    let asked = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            copy(client, &server, |count| {
                asked.store(true, Ordering::SeqCst);
                shared.sent.fetch_add(count, Ordering::SeqCst);
            });
        });
        copy(&server, client, |count| {
            if asked.swap(false, Ordering::SeqCst) {
                shared.turns.fetch_add(1, Ordering::SeqCst);
            }
            shared.received.fetch_add(count, Ordering::SeqCst);
        });
    });
}

/// Until either end closes.
fn copy(mut from: &TcpStream, mut to: &TcpStream, mut note: impl FnMut(u64)) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        note(count as u64);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
