//! `delaylink DEVICE_A DEVICE_B MICROSECONDS LOG`: a wire between two network namespaces.
//!
//! Makes two TUN devices, hands every IP packet that enters one out of the other after the delay, and writes
//! one line a TCP or UDP packet to LOG: `AT_US client|server PROTOCOL CLIENT_PORT SERVER SERVER_PORT syn|end|- PAYLOAD`,
//! where A is the client's end, and `end` stands for FIN or RST. The caller moves the devices to their namespaces once `ready` is printed.
//! Stands in for `tc netem`, which many kernels are built without.

use std::fs::File;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use tun_rs::{DeviceBuilder, SyncDevice};

const MTU: u16 = 1500;
const TCP: u8 = 6;
const UDP: u8 = 17;
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [a, b, delay, log] = &arguments[..] else {
        return Err(io::Error::other("usage: delaylink DEVICE_A DEVICE_B MICROSECONDS LOG"));
    };
    let delay = Duration::from_micros(delay.parse().map_err(io::Error::other)?);
    let log = Arc::new(Mutex::new(File::create(log)?));
    let open = |name: &String| DeviceBuilder::new().name(name).mtu(MTU).enable(false).build_sync().map(Arc::new);
    let (a, b) = (open(a)?, open(b)?);
    let started = Instant::now();
    let wires = [(&a, &b, "client"), (&b, &a, "server")].map(|(from, to, side)| {
        let (from, to, log) = (Arc::clone(from), Arc::clone(to), Arc::clone(&log));
        std::thread::spawn(move || carry(&from, &to, delay, |packet| note(&log, started, side, packet)))
    });
    writeln!(io::stdout(), "ready")?;
    for wire in wires {
        wire.join().map_err(|_| io::Error::other("a wire's thread panicked"))??;
    }
    Ok(())
}

/// Carries packets one way until a device is gone. The delay is the same for all, so they stay in order.
fn carry(
    from: &SyncDevice,
    to: &Arc<SyncDevice>,
    delay: Duration,
    note: impl Fn(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let (enter, leave) = mpsc::channel::<(Instant, Vec<u8>)>();
    let to = Arc::clone(to);
    let end = std::thread::spawn(move || {
        for (due, packet) in leave {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            // A device that is down drops packets, as a real wire without a peer does.
            let _ = to.send(&packet);
        }
    });
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = match from.recv(&mut buffer) {
            Ok(length) => length,
            // Not up yet: the caller is about to move it.
            Err(e) if e.raw_os_error() == Some(EIO) => {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            Err(e) => return Err(e),
        };
        let packet = &buffer[..length];
        let due = Instant::now() + delay;
        note(packet)?;
        if enter.send((due, packet.to_vec())).is_err() {
            return end.join().map_err(|_| io::Error::other("a wire's end panicked"));
        }
    }
}

/// Reading from a TUN device that is down gives EIO.
const EIO: i32 = 5;

/// Writes a packet's line, if it is TCP or UDP over IPv4 (RFC 791, RFC 9293, RFC 768).
fn note(log: &Mutex<File>, started: Instant, side: &str, packet: &[u8]) -> io::Result<()> {
    let Some(line) = describe(side, packet) else { return Ok(()) };
    let at = started.elapsed().as_micros();
    let mut log = log.lock().map_err(|_| io::Error::other("the other wire's thread panicked"))?;
    log.write_all(format!("{at} {line}\n").as_bytes())
}

fn describe(side: &str, packet: &[u8]) -> Option<String> {
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    let address = |at: usize| {
        let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(bytes))
    };
    let first = *packet.first()?;
    if first >> 4 != 4 {
        return None;
    }
    let header = usize::from(first & 15) * 4;
    let total = usize::from(word(2)?);
    let (protocol, length, flags) = match *packet.get(9)? {
        TCP => ("tcp", usize::from(packet.get(header + 12)? >> 4) * 4, *packet.get(header + 13)?),
        UDP => ("udp", 8, 0),
        _ => return None,
    };
    let (source, target) = (word(header)?, word(header + 2)?);
    let (client_port, server, server_port) =
        if side == "client" { (source, address(16)?, target) } else { (target, address(12)?, source) };
    let payload = total.checked_sub(header + length)?;
    let flag = match flags {
        _ if flags & SYN != 0 => "syn",
        _ if flags & (FIN | RST) != 0 => "end",
        _ => "-",
    };
    Some(format!("{side} {protocol} {client_port} {server} {server_port} {flag} {payload}"))
}
