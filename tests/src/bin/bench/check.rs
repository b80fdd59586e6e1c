//! A check of both sides over a link with a delay, beside the least that is possible and other programs.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use courrier_model::Security::Tls;
use courrier_tests::netns::{DelayedLink, Packet, SERVER, round_trips};
use courrier_tests::{Ca, Cli, Dovecot, Leaf, Postfix, built};

use crate::document::{Section, row};
use crate::sample::{median, summary, verdict};
use crate::{machine, runs};

const ADDRESS: &str = "alice@example.test";
const PASSWORD: &str = "Tr4nsparent-horse";
const EACH_WAY: Duration = Duration::from_millis(50);
/// Courrier may take so much longer than the floor.
const GOAL: f64 = 1.05;

/// A program with what it does.
struct Client {
    name: &'static str,
    does: &'static str,
    program: Box<dyn Fn() -> Command + Sync>,
    input: String,
    imap: bool,
    smtp: bool,
    ms: Vec<f64>,
}

/// The two servers and what a client has to know of them.
struct Servers {
    // Ended in this order: Postfix asks Dovecot, both live on the link.
    _postfix: Postfix,
    _dovecot: Dovecot,
    // Its folder has the certificates that both read.
    ca: Ca,
    link: DelayedLink,
    imap_port: u16,
    smtp_port: u16,
    cli: Cli,
    authority: String,
}

impl Servers {
    fn start() -> Self {
        let link = DelayedLink::start(EACH_WAY);
        let ca = Ca::new();
        let dovecot = Dovecot::with(&ca).listen(&[SERVER]).within(link.server()).user(ADDRESS, PASSWORD).start();
        let postfix = Postfix::with(&ca, &dovecot).listen(&[SERVER]).within(link.server()).start();
        let cli = Cli::new(&ca);
        let authority = cli.home().with_file_name("authority.pem");
        fs::write(&authority, ca.pem()).expect("the test's folder can be written");
        Self {
            imap_port: dovecot.imap_port(Tls),
            smtp_port: postfix.smtp_port(Tls),
            _dovecot: dovecot,
            _postfix: postfix,
            ca,
            link,
            cli,
            authority: authority.to_str().expect("plain names").to_owned(),
        }
    }

    /// Wall time in milliseconds from starting the program to its end.
    fn time(&self, client: &Client) -> f64 {
        let mut command = (client.program)();
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // The program inherits the network of the thread that starts it.
        self.link.client().enter(|| {
            let started = Instant::now();
            let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", client.name));
            let mut input = child.stdin.take().expect("standard input is a pipe");
            input.write_all(client.input.as_bytes()).expect("the program reads its input");
            drop(input);
            let status = child.wait().expect("a child can be waited for");
            let elapsed = started.elapsed();
            let mut complaint = String::new();
            child.stderr.take().expect("a pipe").read_to_string(&mut complaint).expect("text");
            assert!(status.success(), "{}: {status}: {complaint}", client.name);
            elapsed.as_secs_f64() * 1000.0
        })
    }

    /// The round trips to each server in one run, as the link saw them.
    fn round_trips(&self, client: &Client) -> [Option<usize>; 2] {
        let before = self.link.packets(|_| true).last().map_or(0, |packet| packet.at_us);
        self.time(client);
        [(client.imap, self.imap_port), (client.smtp, self.smtp_port)].map(|(asks, port)| {
            let new = |packet: &&Packet| packet.at_us > before && packet.server_port == port;
            let ended = |packets: &[Packet]| packets.iter().filter(new).any(|p| p.from_client && p.end);
            asks.then(|| {
                let packets: Vec<Packet> = self.link.packets(ended).iter().filter(new).cloned().collect();
                round_trips(&packets, port)
            })
        })
    }

    fn clients(&self) -> Vec<Client> {
        let Self { imap_port, smtp_port, .. } = *self;
        let environment: Vec<(String, String)> = {
            let command = self.cli.command(&[]);
            let text = |value: &std::ffi::OsStr| value.to_str().expect("plain values").to_owned();
            command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?)))).collect()
        };
        let ours = move |name: &str, package: &str, arguments: Vec<String>| {
            let (program, environment) = (built(name, package), environment.clone());
            Box::new(move || {
                let mut command = Command::new(&program);
                command.args(&arguments).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
                command
            })
        };
        let floor = vec![ADDRESS.into(), format!("{SERVER}:{imap_port}"), format!("{SERVER}:{smtp_port}")];
        let (imap, smtp) = (format!("{SERVER}:{imap_port}/tls"), format!("{SERVER}:{smtp_port}/tls"));
        let words = ["check", ADDRESS, "--imap", &imap, "--smtp", &smtp, "--password-stdin", "--json"];
        let check = words.map(str::to_owned).to_vec();
        let password = format!("{PASSWORD}\n");
        let client =
            |name, does, program, input, imap, smtp| Client { name, does, program, input, imap, smtp, ms: Vec::new() };
        let mut clients = vec![
            client(
                "the floor",
                "the same commands with the answers known in advance",
                ours("floor", "courrier-tests", floor),
                password.clone(),
                true,
                true,
            ),
            client(
                "courrier check",
                "both sides, to INBOX and RCPT",
                ours("courrier", "courrier-cli", check),
                password,
                true,
                true,
            ),
        ];
        if installed("curl") {
            let user = format!("user = \"{ADDRESS}:{PASSWORD}\"\n");
            let curl = |url: String, request: &'static str| {
                let authority = self.authority.clone();
                Box::new(move || {
                    let mut command = Command::new("curl");
                    command.args([
                        "--silent",
                        "--show-error",
                        "--sasl-ir",
                        "--login-options",
                        "AUTH=PLAIN",
                        "--config",
                        "-",
                    ]);
                    command.args(["--cacert", &authority, "--request", request, &url]);
                    command
                })
            };
            let imap = curl(format!("imaps://{SERVER}:{imap_port}"), "EXAMINE INBOX");
            clients.push(client("curl imaps", "to INBOX", imap, user.clone(), true, false));
            let smtp = curl(format!("smtps://{SERVER}:{smtp_port}"), "NOOP");
            clients.push(client("curl smtps", "to signing in, and NOOP", smtp, user, false, true));
        }
        if installed("mbsync") {
            let file = Path::new(&self.authority).with_file_name("mbsyncrc");
            let mail = file.with_file_name("mail");
            fs::create_dir(&mail).expect("the test's folder can be written");
            // It knows no addresses in certificates, so it is given the server's own to trust.
            let trusted = self.ca.issue(Leaf::Good).chain;
            fs::write(&file, mbsync_conf(imap_port, &trusted, &mail)).expect("the test's folder can be written");
            let program = Box::new(move || {
                let mut command = Command::new("mbsync");
                command.arg("--config").arg(&file).args(["--list", "alice"]);
                command
            });
            clients.push(client("mbsync", "to a list of the mailboxes", program, String::new(), true, false));
        }
        clients
    }
}

fn mbsync_conf(port: u16, trusted: &Path, mail: &Path) -> String {
    let (trusted, mail) = (trusted.display(), mail.display());
    format!(
        "IMAPStore far\nHost {SERVER}\nPort {port}\nUser {ADDRESS}\nPass {PASSWORD}\nSSLType IMAPS\nAuthMechs PLAIN\n\
         CertificateFile {trusted}\n\nMaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\n\n\
         Channel alice\nFar :far:\nNear :near:\nPatterns *\n"
    )
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Measures.
pub(crate) fn run() -> Section {
    let servers = Servers::start();
    let mut clients = servers.clients();
    for client in &clients {
        servers.time(client);
    }
    let runs = runs(20);
    for _ in 0..runs {
        for client in &mut clients {
            let ms = servers.time(client);
            client.ms.push(ms);
        }
    }
    let least = median(&clients[0].ms);
    let mut rows = vec![row(["program", "what it does", "round trips IMAP", "SMTP", "ms", "of the floor"])];
    for client in &clients {
        let trips = servers.round_trips(client).map(|trips| trips.map_or("–".to_owned(), |trips| trips.to_string()));
        let share = format!("{:.2}", median(&client.ms) / least);
        rows.push(row([client.name, client.does, &trips[0], &trips[1], &summary(&client.ms, 0), &share]));
    }
    let programs: [(&str, &[&str]); 4] = [
        ("dovecot", &["--version"]),
        ("postconf", &["-dh", "mail_version"]),
        ("curl", &["--version"]),
        ("mbsync", &["--version"]),
    ];
    Section {
        title: "A check of both sides",
        about: format!(
            "Wall time of a whole process. Client and servers (Dovecot with IMAPS, Postfix with SMTPS) are in network \
             namespaces with {} ms between them each way, so that a round trip takes {} ms. Each program ran {runs} \
             times, in turn with the others; the round trips were counted on the link.",
            EACH_WAY.as_millis(),
            2 * EACH_WAY.as_millis()
        ),
        rows,
        verdicts: vec![verdict("`courrier check`", &clients[1].ms, &clients[0].ms, GOAL)],
        measured: format!("{}: {}", machine::today(), machine::description(&programs)),
    }
}
