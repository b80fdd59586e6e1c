//! Network namespaces: a network of a test's own, with delay, loss and its own DNS. Root only.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

use crate::cli::built;
use crate::process::{RunAs, Server, command, find, finish, is_root};
use crate::until;

/// The client's address on a [`DelayedLink`].
pub const CLIENT: &str = "10.99.0.1";
/// The server's address on a [`DelayedLink`].
pub const SERVER: &str = "10.99.0.2";
/// An address that is routed over the link and that nobody has: packets to it vanish.
pub const NOWHERE: &str = "10.99.0.99";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A name no other test has, in this process or another: short enough for a network device (15 bytes).
fn unique(kind: &str) -> String {
    format!("{kind}{:x}-{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn ip(arguments: &[&str]) {
    finish(Command::new(find("ip")).args(arguments).stdin(Stdio::null()));
}

/// A network namespace with a loopback device; deleted when the last copy goes.
#[derive(Debug, Clone)]
pub struct Namespace(Arc<Deleted>);

#[derive(Debug)]
struct Deleted(String);

impl Drop for Deleted {
    /// Nothing here may panic: this also runs while a failed test unwinds.
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.0]).stderr(Stdio::null()).status();
        let _ = fs::remove_dir_all(Path::new("/etc/netns").join(&self.0));
        // Goes only when no other test has a folder in it.
        let _ = fs::remove_dir("/etc/netns");
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::new()
    }
}

impl Namespace {
    /// A new one: without any network but `127.0.0.1` and `::1`.
    ///
    /// # Panics
    /// If the test does not run as root.
    pub fn new() -> Self {
        assert!(is_root(), "network namespaces need root; the lane `netns` is left out elsewhere");
        let name = unique("cr");
        ip(&["netns", "add", &name]);
        let namespace = Self(Arc::new(Deleted(name)));
        ip(&["-n", namespace.name(), "link", "set", "lo", "up"]);
        namespace
    }

    /// Its name for `ip netns`.
    pub fn name(&self) -> &str {
        &self.0.0
    }

    /// Runs `work` with this network, in a thread that ends with it.
    ///
    /// # Panics
    /// If `work` does.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let file = fs::File::open(Path::new("/run/netns").join(self.name())).expect("the namespace is there");
        let work = move || {
            use std::os::fd::AsFd;
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("root may enter");
            work()
        };
        std::thread::scope(|scope| scope.spawn(work).join())
            .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
    }

    /// Says which DNS server programs started in it ask; `ip netns exec` shows them this as `/etc/resolv.conf`.
    pub fn resolver(&self, address: &str) {
        let folder = Path::new("/etc/netns").join(self.name());
        fs::create_dir_all(&folder).expect("root may write there");
        fs::write(folder.join("resolv.conf"), format!("nameserver {address}\n")).expect("root may write there");
    }
}

/// Two namespaces with a link between them that holds each packet back for a time, and logs it.
#[derive(Debug)]
pub struct DelayedLink {
    link: Server,
    client: Namespace,
    server: Namespace,
    folder: TempDir,
}

impl DelayedLink {
    /// Links two new namespaces with `delay` each way. Addresses: [`CLIENT`] and [`SERVER`].
    ///
    /// # Panics
    /// If the test does not run as root, or the program `delaylink` of this package was not built.
    pub fn start(delay: Duration) -> Self {
        let (client, server) = (Namespace::new(), Namespace::new());
        let folder = crate::folder::shared("link");
        let devices = [unique("ca"), unique("cb")];
        let program = built("delaylink", "courrier-tests");
        let mut command = command("env", RunAs::Caller, None);
        command.arg(program).args(&devices).arg(delay.as_micros().to_string()).arg(folder.path().join("packets"));
        let mut link = Server::spawn("delaylink", command.stdin(Stdio::null()), RunAs::Caller, folder.path());
        link.wait_for(|said| said.contains("ready").then_some(())).unwrap_or_else(|why| panic!("{why}"));
        for (namespace, device, address) in [(&client, &devices[0], CLIENT), (&server, &devices[1], SERVER)] {
            let name = namespace.name();
            ip(&["link", "set", device, "netns", name]);
            ip(&["-n", name, "address", "add", &format!("{address}/24"), "dev", device]);
            ip(&["-n", name, "link", "set", device, "up"]);
        }
        Self { link, client, server, folder }
    }

    /// The side that asks.
    pub fn client(&self) -> &Namespace {
        &self.client
    }

    /// The side that answers.
    pub fn server(&self) -> &Namespace {
        &self.server
    }

    /// Starts a DNS server on the server's side, which knows these `records` (dnsmasq's options without
    /// the dashes: `host-record=mail.example.test,10.99.0.2`) and nothing else, and makes the client ask it.
    pub fn dns(&self, records: &[&str]) -> Server {
        let conf = self.folder.path().join("dnsmasq.conf");
        let mut text = format!(
            "no-resolv\nno-hosts\nkeep-in-foreground\nlog-facility=-\nlog-queries\nlisten-address={SERVER}\nbind-interfaces\nlocal=/test/\npid-file=\nuser=root\n"
        );
        for record in records {
            text += record;
            text.push('\n');
        }
        fs::write(&conf, text).expect("the fixture's folder can be written");
        let mut command = command("dnsmasq", RunAs::Root, Some(&self.server));
        command.arg(format!("--conf-file={}", conf.display()));
        let mut dnsmasq = Server::spawn("dnsmasq", &mut command, RunAs::Root, self.folder.path());
        dnsmasq.wait_for(|said| said.contains("started").then_some(())).unwrap_or_else(|why| panic!("{why}"));
        self.client.resolver(SERVER);
        dnsmasq
    }

    /// The packets so far, once `until_seen` finds what it looks for among them.
    ///
    /// # Panics
    /// After ten seconds; the log's writer is a process of its own, so it may lag behind a little, not that much.
    pub fn packets(&self, until_seen: impl Fn(&[Packet]) -> bool) -> Vec<Packet> {
        until("the packets to be logged", Duration::from_secs(10), || {
            let packets = read_packets(&self.folder.path().join("packets"));
            until_seen(&packets).then_some(packets)
        })
    }

    /// Cuts the link: from now on nothing gets through, and nobody is told.
    pub fn cut(&self) {
        self.link.signal(rustix::process::Signal::STOP);
    }
}

/// A TCP or UDP packet that passed the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it entered the link, in microseconds since the link's start.
    pub at_us: u64,
    /// True if the client sent it.
    pub from_client: bool,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The client's port.
    pub client_port: u16,
    /// The server's address.
    pub server: Ipv4Addr,
    /// The server's port.
    pub server_port: u16,
    /// It carries SYN.
    pub syn: bool,
    /// It carries FIN or RST.
    pub end: bool,
    /// Bytes of payload.
    pub payload: usize,
}

fn read_packets(log: &PathBuf) -> Vec<Packet> {
    let text = fs::read_to_string(log).unwrap_or_default();
    // The last line may still be in writing.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter(|line| !line.is_empty()).map(read_packet).collect()
}

fn read_packet(line: &str) -> Packet {
    let parts: Vec<&str> = line.split(' ').collect();
    let [at, side, protocol, client_port, server, server_port, flag, payload] = parts[..] else {
        panic!("not a packet: {line}")
    };
    Packet {
        at_us: at.parse().expect("microseconds"),
        from_client: side == "client",
        protocol: protocol.into(),
        client_port: client_port.parse().expect("a port"),
        server: server.parse().expect("an address"),
        server_port: server_port.parse().expect("a port"),
        syn: flag == "syn",
        end: flag == "end",
        payload: payload.parse().expect("a number"),
    }
}

/// How often clients waited for the other side on the TCP connections to `server_port`: the runs of packets with
/// payload or SYN that one sent, each followed by such a packet from the server. What comes after a client's FIN, as
/// the answer to LOGOUT or QUIT does, nobody waits for.
pub fn round_trips(packets: &[Packet], server_port: u16) -> usize {
    let mut connections: BTreeMap<u16, Vec<&Packet>> = BTreeMap::new();
    for packet in packets.iter().filter(|p| p.protocol == "tcp" && p.server_port == server_port) {
        connections.entry(packet.client_port).or_default().push(packet);
    }
    let of_one = |packets: &Vec<&Packet>| {
        let open = packets.iter().take_while(|p| !(p.from_client && p.end));
        let sides: Vec<bool> = open.filter(|p| p.syn || p.payload > 0).map(|p| p.from_client).collect();
        sides.windows(2).filter(|pair| pair == &[true, false]).count()
    };
    connections.values().map(of_one).sum()
}
