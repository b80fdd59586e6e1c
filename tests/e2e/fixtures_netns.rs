//! The network of namespaces: delay, DNS, and the count of round trips.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use courrier_tests::netns::{CLIENT, DelayedLink, Namespace, SERVER, round_trips};

const DELAY: Duration = Duration::from_millis(30);

#[test]
fn packets_are_held_back_and_counted() {
    let link = DelayedLink::start(DELAY);
    let listener = link.server().enter(|| TcpListener::bind((SERVER, 0)).expect("the server's address is there"));
    let port = listener.local_addr().expect("an address").port();
    let echo = std::thread::spawn(move || {
        let (mut stream, peer) = listener.accept().expect("a client");
        let mut buffer = [0; 4];
        for _ in 0..2 {
            stream.read_exact(&mut buffer).expect("four bytes");
            stream.write_all(&buffer).expect("sent");
        }
        peer
    });
    let started = Instant::now();
    link.client().enter(|| {
        let mut stream = TcpStream::connect((SERVER, port)).expect("connects");
        let mut buffer = [0; 4];
        for _ in 0..2 {
            stream.write_all(b"ping").expect("sent");
            stream.read_exact(&mut buffer).expect("an echo");
        }
    });
    // The connection and two echoes; only the lower bound is certain on a busy machine.
    assert!(started.elapsed() >= DELAY * 6, "{:?}", started.elapsed());
    assert_eq!(echo.join().expect("no panic").ip().to_string(), CLIENT);
    let packets = link.packets(|packets| packets.iter().filter(|p| p.payload == 4).count() >= 4);
    assert_eq!(round_trips(&packets, port), 3, "{packets:#?}");
}

#[test]
fn names_resolve_by_the_links_own_dns() {
    let link = DelayedLink::start(Duration::ZERO);
    let _dns = link.dns(&["host-record=imap.example.test,10.99.0.2", "txt-record=text.example.test,only"]);
    let getent = |name: &str| {
        let mut command = std::process::Command::new("ip");
        command.args(["netns", "exec", link.client().name(), "getent", "ahosts", name]);
        String::from_utf8_lossy(&command.output().expect("ip is installed").stdout).into_owned()
    };
    assert!(getent("imap.example.test").contains(SERVER));
    assert_eq!(getent("text.example.test"), "");
    assert_eq!(getent("nosuch.example.test"), "");
}

#[test]
fn a_namespace_alone_has_no_route_and_leaves_nothing() {
    let namespace = Namespace::new();
    let error = namespace.enter(|| TcpStream::connect((SERVER, 1)).expect_err("nothing is there"));
    assert_eq!(error.kind(), std::io::ErrorKind::NetworkUnreachable);
    namespace.resolver(SERVER);
    let places = [format!("/run/netns/{}", namespace.name()), format!("/etc/netns/{}", namespace.name())];
    assert!(places.iter().all(|place| std::fs::exists(place).expect("can be asked")));
    drop(namespace);
    assert!(!places.iter().any(|place| std::fs::exists(place).expect("can be asked")));
}
