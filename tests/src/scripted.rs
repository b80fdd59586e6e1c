//! A server that follows a script: for what no real server can be made to do.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use courrier_model::Security;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{Ca, Leaf, endpoint};

/// One thing that a [`ScriptedServer`] does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes as they are.
    Say(Vec<u8>),
    /// Reads lines until one contains this text (letter case does not matter), and remembers the line's first word:
    /// `%TAG%` stands for it in what is said later.
    Hear(&'static str),
    /// Waits for anything at all: a line, half a line, a TLS hello.
    Listen,
    /// Does nothing for a time, as a slow server does.
    Pause(Duration),
    /// Stays connected and silent; what comes is read and kept.
    Stay,
    /// Closes the connection properly.
    Close,
    /// Closes it with a reset (RST).
    Reset,
    /// Says this again and again until the client has enough.
    Repeat(Vec<u8>),
    /// Becomes TLS, with a good certificate.
    Tls,
}

impl Act {
    /// [`Act::Say`] with text.
    pub fn say(text: &str) -> Self {
        Self::Say(text.as_bytes().to_vec())
    }
}

/// A TCP server on `127.0.0.1` whose every connection goes through the same script.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    script: Vec<Act>,
    tls: Option<Arc<ServerConfig>>,
    stopping: AtomicBool,
    accepted: AtomicUsize,
    heard: Mutex<Vec<u8>>,
    open: Mutex<Vec<TcpStream>>,
}

impl ScriptedServer {
    /// Starts it. After its last act a connection is closed.
    pub fn start(script: impl Into<Vec<Act>>) -> Self {
        Self::serve(script.into(), None)
    }

    /// Starts one that can do [`Act::Tls`].
    pub fn with_tls(ca: &Ca, script: impl Into<Vec<Act>>) -> Self {
        Self::serve(script.into(), Some(Arc::new(tls_config(ca))))
    }

    fn serve(script: Vec<Act>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((IpAddr::from([127, 0, 0, 1]), 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            script,
            tls,
            stopping: AtomicBool::new(false),
            accepted: AtomicUsize::new(0),
            heard: Mutex::default(),
            open: Mutex::default(),
        });
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    /// Where it answers, as the command line takes it.
    pub fn endpoint(&self, security: Security) -> String {
        endpoint("localhost", self.address.port(), security)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// All that clients sent, after TLS was taken off. Of several connections it stands in no order.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.shared.heard.lock().expect("no act panics")).into_owned()
    }
}

impl Drop for ScriptedServer {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that waits in accept.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut running = Vec::new();
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        if let (Ok(copy), Ok(mut open)) = (stream.try_clone(), shared.open.lock()) {
            open.push(copy);
        }
        let shared = Arc::clone(shared);
        running.push(std::thread::spawn(move || {
            // An error means that the client has left, which it may.
            let _ = perform(stream, &shared);
        }));
    }
    for stream in shared.open.lock().iter().flat_map(|open| open.iter()) {
        // Already closed is fine; otherwise this ends the thread that reads from it.
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in running {
        let _ = thread.join();
    }
}

/// A connection before and after TLS.
enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Line {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.write_all(bytes),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], shared: &Shared) -> io::Result<usize> {
        let length = match self {
            Self::Plain(socket) => socket.read(buffer)?,
            Self::Tls(stream) => stream.read(buffer)?,
        };
        if let Ok(mut heard) = shared.heard.lock() {
            heard.extend_from_slice(&buffer[..length]);
        }
        Ok(length)
    }

    /// A line without its end. Byte by byte, because after it the peer may start TLS.
    fn receive_line(&mut self, shared: &Shared) -> io::Result<String> {
        let (mut line, mut byte) = (Vec::new(), [0]);
        while self.receive(&mut byte, shared)? == 1 {
            if byte[0] == b'\n' {
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            line.push(byte[0]);
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn perform(socket: TcpStream, shared: &Shared) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut line = Line::Plain(socket);
    let mut tag = String::new();
    for act in &shared.script {
        match act {
            Act::Say(bytes) => line.send(&with_tag(bytes, &tag))?,
            Act::Hear(text) => loop {
                let heard = line.receive_line(shared)?;
                if heard.to_lowercase().contains(&text.to_lowercase()) {
                    tag = heard.split(' ').next().unwrap_or_default().to_owned();
                    break;
                }
            },
            Act::Listen => {
                line.receive(&mut [0; 4096], shared)?;
            }
            Act::Pause(time) => std::thread::sleep(*time),
            Act::Stay => {
                let mut buffer = [0; 4096];
                while line.receive(&mut buffer, shared)? > 0 {}
            }
            Act::Close => return line.socket().shutdown(Shutdown::Both),
            Act::Reset => {
                // The socket must be closed, not shut down, for the kernel to send RST.
                if let Ok(mut open) = shared.open.lock() {
                    let peer = line.socket().peer_addr().ok();
                    open.retain(|other| other.peer_addr().ok() != peer);
                }
                return socket2::SockRef::from(line.socket()).set_linger(Some(Duration::ZERO));
            }
            Act::Repeat(bytes) => loop {
                line.send(bytes)?;
            },
            Act::Tls => line = start_tls(line, shared)?,
        }
    }
    line.socket().shutdown(Shutdown::Both)
}

fn with_tag(bytes: &[u8], tag: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace("%TAG%", tag).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

fn start_tls(line: Line, shared: &Shared) -> io::Result<Line> {
    let (Line::Plain(socket), Some(config)) = (line, &shared.tls) else {
        return Err(io::Error::other("the script starts TLS twice, or without certificates"));
    };
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.flush()?;
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(Line::Tls(Box::new(stream)))
}

fn tls_config(ca: &Ca) -> ServerConfig {
    let issued = ca.issue(Leaf::Good);
    let chain = CertificateDer::pem_file_iter(&issued.chain).expect("a PEM file").map(|c| c.expect("PEM")).collect();
    let key = PrivateKeyDer::from_pem_file(&issued.key).expect("a PEM file");
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .expect("a good certificate makes a server")
}
