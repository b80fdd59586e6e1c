//! PostgreSQL, with a database of its own for every test.

use std::fs::{self, Permissions};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::port::{self, Reserved};
use crate::process::{RunAs, Server, command, finish};
use crate::{Ca, Leaf, folder, for_the_run};

/// The superuser of the cluster.
const USER: &str = "courrier";

/// A running PostgreSQL. Everybody on this computer may connect, as its superuser and without a password; with TLS, by
/// the name `localhost`, who wants to.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    port: u16,
    databases: AtomicU32,
    folder: TempDir,
    ca: Ca,
    _reserved: Reserved,
}

impl Postgres {
    /// The one that the tests of this binary share: started when it is first asked for, ended with the process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut postgres = for_the_run::start("PostgreSQL", Self::start);
            let server = postgres.server.child().id();
            for_the_run::remove_at_the_end(postgres.folder.path(), server);
            postgres
        })
    }

    /// One of its own, for tests that stop it. Ended on drop.
    ///
    /// # Panics
    /// If it does not start; its log is in the message.
    pub fn start() -> Self {
        let here = IpAddr::from([127, 0, 0, 1]);
        let ([port], reserved) = port::reserve(&[here], None);
        let folder = folder::shared("postgres");
        let data = folder.path().join("data");
        folder::make_for_unprivileged(&data);
        // It refuses to run as root.
        let mut initdb = command("initdb", RunAs::Unprivileged, None);
        initdb.arg("--pgdata").arg(&data).args(["--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        finish(initdb.args(["--no-sync", "--no-instructions"]));
        let mut command = command("postgres", RunAs::Unprivileged, None);
        command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // Nothing here outlives the computer, so that nothing need be on its disk; and no socket beside the port.
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories="] {
            command.args(["-c", setting]);
        }
        command.args(["-c", "max_connections=300", "-c", "ssl=on"]);
        let ca = Ca::new();
        let issued = ca.issue(Leaf::Good);
        for (setting, issued) in [("ssl_cert_file", issued.chain), ("ssl_key_file", issued.key)] {
            // It takes a key that is its own, and that nobody else can read.
            let file = folder.path().join(setting);
            fs::copy(issued, &file).expect("the folder is new");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is ours");
            folder::give_to_unprivileged(&file);
            command.args(["-c", &format!("{setting}={}", file.display())]);
        }
        let mut server = Server::spawn("postgres", &mut command, RunAs::Unprivileged, folder.path());
        let started = |said: &str| said.contains("ready to accept connections").then_some(());
        server.wait_for(started).unwrap_or_else(|why| panic!("{why}"));
        assert!(port::answers(SocketAddr::new(here, port), None), "{}", server.said());
        Self { server, port, databases: AtomicU32::new(0), folder, ca, _reserved: reserved }
    }

    /// The PEM file with the authority of its certificate.
    pub fn authorities(&self) -> PathBuf {
        self.ca.bundle()
    }

    /// The address of a new, empty database.
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut createdb = command("createdb", RunAs::Caller, None);
        createdb.args(["--host=127.0.0.1", "--port", &self.port.to_string(), "--username", USER]);
        finish(createdb.args(["--no-password", &name]));
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }
}
