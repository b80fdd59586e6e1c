//! The scripted servers and the faults, seen by plain sockets and by OpenSSL.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use courrier_tests::{Act, Ca, Leaf, OpensslServer, ScriptedServer};

fn connect(server: &ScriptedServer) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
    stream
}

#[test]
fn a_script_is_followed_with_the_clients_tag() {
    let server = ScriptedServer::start([Act::say("* OK hi\r\n"), Act::Hear("LOGIN"), Act::say("%TAG% NO never\r\n")]);
    let mut stream = connect(&server);
    stream.write_all(b"a1 CAPABILITY\r\na2 login x y\r\n").expect("sent");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("closed properly");
    assert_eq!(said, "* OK hi\r\na2 NO never\r\n");
    assert_eq!(server.heard(), "a1 CAPABILITY\r\na2 login x y\r\n");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_reset_is_a_reset() {
    let server = ScriptedServer::start([Act::Reset]);
    let error = connect(&server).read(&mut [0]).expect_err("no proper end");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn silence_ends_with_the_server() {
    let server = ScriptedServer::start([Act::Stay]);
    let mut stream = connect(&server);
    let reading = std::thread::spawn(move || stream.read(&mut [0]).expect("closed properly"));
    drop(server);
    assert_eq!(reading.join().expect("no panic"), 0);
}

#[test]
fn a_script_can_become_tls() {
    let ca = Ca::new();
    let server = ScriptedServer::with_tls(&ca, [Act::Tls, Act::say("* OK inside\r\n"), Act::Hear("bye")]);
    let (said, _) =
        s_client(server.port(), &["-CAfile", ca.bundle().to_str().expect("plain"), "-verify_return_error", "-ign_eof"]);
    assert!(said.contains("* OK inside"), "{said}");
    assert!(server.heard().contains("bye"));
}

#[test]
fn openssl_refuses_where_it_should() {
    let ca = Ca::new();
    let rsa = ca.issue(Leaf::Rsa);
    let (old, different) = (OpensslServer::old_tls(&rsa), OpensslServer::nothing_in_common(&rsa));
    let (said, ok) = s_client(old.port(), &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    assert!(ok && said.contains("TLSv1.1"), "an old client may: {said}");
    let (said, ok) = s_client(old.port(), &["-tls1_2"]);
    assert!(!ok && said.contains("protocol version"), "a new client may not: {said}");
    let (said, ok) = s_client(different.port(), &[]);
    assert!(!ok && said.contains("handshake failure"), "{said}");
}

/// What `openssl s_client` says to a server, and whether it was content.
fn s_client(port: u16, options: &[&str]) -> (String, bool) {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-state"]).args(options);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("openssl is installed");
    // Refused if the handshake failed first.
    let _ = child.stdin.take().expect("a pipe").write_all(b"bye\n");
    let output = child.wait_with_output().expect("ends");
    (String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(), output.status.success())
}
