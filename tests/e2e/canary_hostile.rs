//! Servers that send back what they were told, in the hope that it is shown, stored or sent to a helpdesk.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::Security;
use courrier_tests::endpoint;

/// What a server lets clients sign in with, and what it does then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hostile {
    /// Among the capabilities of IMAP.
    pub(crate) imap: &'static str,
    /// Among the extensions of SMTP.
    pub(crate) smtp: &'static str,
    /// Lets everybody in, and is hostile in the next stage.
    pub(crate) accepts: bool,
}

impl Hostile {
    /// Starts both; they end with the test. Their endpoints, as the command line takes them.
    pub(crate) fn start(self) -> (String, String) {
        (serve(move |stream| self.imap(stream)), serve(move |stream| self.smtp(stream)))
    }

    fn imap(self, stream: TcpStream) -> io::Result<()> {
        let mut line = Line::new(stream)?;
        line.say(&format!("* OK [CAPABILITY IMAP4rev1 {}] ready", self.imap))?;
        let mut told = Vec::new();
        loop {
            let mut command = line.hear()?;
            let tag = command.split(' ').next().unwrap_or_default().to_owned();
            let verb = command.split(' ').nth(1).unwrap_or_default().to_ascii_uppercase();
            // Literals and challenges, as long as the client has more to tell.
            while command.ends_with('}') || (verb == "AUTHENTICATE" && wants_more(&command, 4, &told)) {
                line.say(challenge(&told))?;
                told.push(command);
                command = line.hear()?;
            }
            told.push(command);
            match verb.as_str() {
                "AUTHENTICATE" | "LOGIN" if self.accepts => line.say(&format!("{tag} OK you are in"))?,
                "AUTHENTICATE" | "LOGIN" => {
                    line.say(&format!("* NO {}", echo(&told)))?;
                    line.say(&format!("{tag} NO [AUTHENTICATIONFAILED] {}", echo(&told)))?;
                }
                "CAPABILITY" => {
                    line.say(&format!("* CAPABILITY IMAP4rev1 {}", self.imap))?;
                    line.say(&format!("{tag} OK {}", echo(&told)))?;
                }
                _ => {
                    line.say(&format!("* BAD [ALERT] {}", echo(&told)))?;
                    line.say(&format!("{tag} NO [SERVERBUG] {}", echo(&told)))?;
                }
            }
        }
    }

    fn smtp(self, stream: TcpStream) -> io::Result<()> {
        let mut line = Line::new(stream)?;
        line.say("220 mail.example.test ESMTP")?;
        let mut told = Vec::new();
        loop {
            let mut command = line.hear()?;
            let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            while verb == "AUTH" && wants_more(&command, 3, &told) {
                line.say(&challenge(&told).replace('+', "334"))?;
                told.push(command);
                command = line.hear()?;
            }
            told.push(command);
            match verb.as_str() {
                "EHLO" => line.say(&format!("250-mail.example.test\r\n250-PIPELINING\r\n250 {}", self.smtp))?,
                "AUTH" if self.accepts => line.say("235 2.7.0 you are in")?,
                "AUTH" => line.say(&format!("535-5.7.8 {}\r\n535 5.7.8 {}", echo(&told), echo(&told)))?,
                _ => line.say(&format!("550-5.7.1 {}\r\n550 5.7.1 {}", echo(&told), echo(&told)))?,
            }
        }
    }
}

/// True until the client has told user name and password: in one word behind the mechanism, or in answers.
fn wants_more(command: &str, words: usize, told: &[String]) -> bool {
    let has_response = command.split(' ').count() >= words;
    let login =
        command.to_ascii_uppercase().contains("LOGIN") || told.last().is_some_and(|last| last.contains("LOGIN"));
    let is_answer = !command.contains(' ');
    if is_answer { login } else { !has_response }
}

/// The prompts of LOGIN; PLAIN takes any.
fn challenge(told: &[String]) -> &'static str {
    if told.last().is_some_and(|last| last.to_ascii_uppercase().contains("LOGIN")) {
        "+ UGFzc3dvcmQ6"
    } else {
        "+ VXNlcm5hbWU6"
    }
}

/// All that was told, and all of it decoded.
fn echo(told: &[String]) -> String {
    let mut echo = String::from("you said:");
    for word in told.iter().flat_map(|line| [line.as_str()].into_iter().chain(line.split(' '))) {
        echo = format!("{echo} {word}");
        if let Ok(decoded) = BASE64.decode(word) {
            echo = format!("{echo} {}", String::from_utf8_lossy(&decoded).replace('\0', " "));
        }
    }
    echo
}

struct Line {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Line {
    fn new(stream: TcpStream) -> io::Result<Self> {
        Ok(Self { reader: BufReader::new(stream.try_clone()?), writer: stream })
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(format!("{text}\r\n").as_bytes())
    }

    fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn serve(perform: impl Fn(TcpStream) -> io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // An error means that the client has left, which it may.
            let _ = perform(stream);
        }
    });
    endpoint("localhost", port, Security::None)
}
