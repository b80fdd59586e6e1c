//! The IMAP side (RFC 9051), in as few round trips as the protocol allows: capabilities are taken from the greeting
//! and from the reply to signing in, the initial response goes with the command (RFC 4959), nobody waits for LOGOUT.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{ExposeSecret, Secret, Security, Stage, WarningCode};
use courrier_net::Recorded;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::capabilities::Capabilities;
use crate::imap_reply::{ImapReply, ImapStatus, refusal};
use crate::lines::Lines;
use crate::report::{Detail, Warning};
use crate::sasl::{Exchange, Mechanism, Offer, choose};
use crate::side::{Side, open, plain, within};
use crate::{Credentials, Failure, limits};

/// The longest command line that clients should send (RFC 7162 section 4). A longer message goes by itself.
const COMMAND_LINE: usize = 8192;

/// Everything after the connection was made.
pub(crate) async fn converse(side: &mut Side<'_>, stream: Recorded<TcpStream>) -> Result<(), Failure> {
    let mut session = Session::new(open(side, stream).await?);

    side.enter(Stage::Greet);
    let preauthenticated = session.greeting(side).await?;

    side.enter(Stage::Capabilities);
    let mut capabilities = session.capabilities(side).await?;
    side.pass(Detail::default());

    if side.target.endpoint.security == Security::Starttls {
        side.enter(Stage::Secure);
        // A server that considers us signed in can't be encrypted any more (RFC 9051 section 6.2.1).
        if preauthenticated || !capabilities.has("STARTTLS") {
            return Err(Failure::StarttlsMissing);
        }
        session = session.starttls(side).await?;
        capabilities = session.capabilities(side).await?;
        side.pass(Detail::default());
    }

    if !preauthenticated {
        let credentials = side.credentials()?;
        side.enter(Stage::Authenticate);
        session.authenticate(side, &capabilities, credentials).await?;
        side.pass(Detail::default());
    }

    side.enter(Stage::Inbox);
    session.command(side, "EXAMINE INBOX").await?.into_result()?;
    side.pass(Detail { messages: Some(session.exists), ..Detail::default() });
    session.logout(side).await;
    Ok(())
}

/// How a command ended.
struct Completion {
    status: ImapStatus,
    code: Option<String>,
    text: String,
}

impl Completion {
    fn into_result(self) -> Result<(), Failure> {
        match self.status {
            ImapStatus::Ok => Ok(()),
            status => Err(Failure::Imap(refusal(status, self.code, self.text))),
        }
    }
}

/// What a command meets next.
enum Event {
    Continue(String),
    Done(Completion),
}

struct Session {
    lines: Lines,
    tag: u32,
    /// Messages in the mailbox, as last told.
    exists: u32,
    /// Capabilities that came without being asked for, not used yet.
    announced: Option<Vec<String>>,
}

impl Session {
    fn new(lines: Lines) -> Self {
        Self { lines, tag: 0, exists: 0, announced: None }
    }

    /// Reads the greeting; true if the server considers the connection signed in (PREAUTH).
    async fn greeting(&mut self, side: &mut Side<'_>) -> Result<bool, Failure> {
        let line = side.greeting(&mut self.lines).await?;
        let Some(ImapReply::Status { tag: None, status, text, code, capabilities }) = ImapReply::read(&line) else {
            return Err(Failure::Unreadable(String::from_utf8_lossy(&line).into_owned()));
        };
        match status {
            ImapStatus::Ok | ImapStatus::PreAuth => {
                self.announced = capabilities;
                let words = if code.as_deref() == Some("CAPABILITY") { after_code(&text) } else { &text };
                side.pass(Detail { server: Some(crate::trace::readable(words)), ..Detail::default() });
                Ok(status == ImapStatus::PreAuth)
            }
            other => Err(Failure::Imap(refusal(other, code, text))),
        }
    }

    /// The capabilities as told unasked, else asked for.
    async fn capabilities(&mut self, side: &mut Side<'_>) -> Result<Capabilities, Failure> {
        if self.announced.is_none() {
            self.command(side, "CAPABILITY").await?.into_result()?;
        }
        let capabilities = Capabilities::from_imap(self.announced.take().unwrap_or_default());
        side.record_capabilities(&capabilities);
        Ok(capabilities)
    }

    async fn starttls(mut self, side: &mut Side<'_>) -> Result<Self, Failure> {
        let reply = self.command(side, "STARTTLS").await?;
        if reply.status != ImapStatus::Ok {
            return Err(Failure::StarttlsRefused(reply.text));
        }
        if self.lines.has_unread() {
            return Err(Failure::StarttlsInjection);
        }
        let stream = plain(self.lines.into_stream())?;
        Ok(Self::new(side.handshake(stream).await?))
    }

    async fn authenticate(
        &mut self,
        side: &mut Side<'_>,
        capabilities: &Capabilities,
        credentials: &Credentials,
    ) -> Result<(), Failure> {
        let offer = Offer {
            mechanisms: &capabilities.mechanisms(),
            login_command: !capabilities.has("LOGINDISABLED"),
            more_after_tls: capabilities.has("LOGINDISABLED") || capabilities.has("STARTTLS"),
            security: side.target.endpoint.security,
            local: side.is_local(),
        };
        let mechanism = choose(&offer, credentials)?;
        side.add(Detail { mechanism: Some(mechanism.name().to_owned()), ..Detail::default() });
        if let (Mechanism::LoginCommand, Credentials::Password(secret)) = (mechanism, credentials) {
            return within(limits::AUTHENTICATE, self.login(side, secret)).await?.into_result();
        }
        let now = (side.environment.clock)();
        let mut exchange = Exchange::begin(mechanism, &side.target.endpoint, credentials, now)?;
        let spoken = self.exchange(side, mechanism, capabilities.has("SASL-IR"), &mut exchange);
        within(limits::AUTHENTICATE, spoken).await.map_err(|failure| exchange.explain(failure))
    }

    async fn exchange(
        &mut self,
        side: &mut Side<'_>,
        mechanism: Mechanism,
        initial_response: bool,
        exchange: &mut Exchange<'_>,
    ) -> Result<(), Failure> {
        let mut first = exchange.initial()?;
        let tag = self.next_tag();
        let command = format!("{tag} AUTHENTICATE {}", mechanism.name());
        let with_first = first
            .as_ref()
            .filter(|_| initial_response)
            .map(|message| Zeroizing::new(format!("{command} {}\r\n", BASE64.encode(&**message))))
            .filter(|line| line.len() <= COMMAND_LINE);
        match with_first {
            Some(line) => {
                first = None;
                side.said_secret(&format!("{command} "));
                self.send(&line).await?;
            }
            None => {
                side.said_line(&command);
                self.send(&format!("{command}\r\n")).await?;
            }
        }
        loop {
            let challenge = match self.event(side, &tag).await? {
                Event::Done(done) if done.status == ImapStatus::Ok && !exchange.is_complete() => {
                    return Err(Failure::ServerUnproven);
                }
                Event::Done(done) => return done.into_result(),
                Event::Continue(challenge) => challenge,
            };
            let answer = match first.take() {
                Some(message) => message,
                None => exchange.answer(&challenge)?,
            };
            if let Some(hint) = exchange.hint() {
                side.record_hint(hint);
            }
            side.said_secret("");
            self.send(&Zeroizing::new(format!("{}\r\n", BASE64.encode(&*answer)))).await?;
        }
    }

    /// IMAP's own LOGIN (RFC 9051 section 6.2.3): quoted strings where they can hold the words, else literals.
    async fn login(&mut self, side: &mut Side<'_>, secret: &Secret) -> Result<Completion, Failure> {
        let target = side.target;
        let username = target.endpoint.username.as_str();
        let tag = self.next_tag();
        // Exposed: the password is what this command sends.
        let password = secret.expose_secret();
        if let (Some(name), Some(word)) = (quoted(username), quoted(password)) {
            side.said_secret(&format!("{tag} LOGIN {} ", *name));
            self.send(&Zeroizing::new(format!("{tag} LOGIN {} {}\r\n", *name, *word))).await?;
        } else {
            side.said_line(&format!("{tag} LOGIN {{{}}}", username.len()));
            self.send(&format!("{tag} LOGIN {{{}}}\r\n", username.len())).await?;
            if let Event::Done(refused) = self.event(side, &tag).await? {
                return Ok(refused);
            }
            side.said_secret(&format!("{username} "));
            self.send(&format!("{username} {{{}}}\r\n", password.len())).await?;
            if let Event::Done(refused) = self.event(side, &tag).await? {
                return Ok(refused);
            }
            side.said_secret("");
            self.send(&Zeroizing::new(format!("{password}\r\n"))).await?;
        }
        match self.event(side, &tag).await? {
            Event::Done(done) => Ok(done),
            Event::Continue(text) => Err(Failure::Unreadable(text)),
        }
    }

    /// A command without secrets, to its end.
    async fn command(&mut self, side: &mut Side<'_>, command: &str) -> Result<Completion, Failure> {
        let tag = self.next_tag();
        side.said_line(&format!("{tag} {command}"));
        let exchange = async {
            self.send(&format!("{tag} {command}\r\n")).await?;
            match self.event(side, &tag).await? {
                Event::Done(done) => Ok(done),
                Event::Continue(text) => Err(Failure::Unreadable(text)),
            }
        };
        within(limits::EXCHANGE, exchange).await
    }

    /// The next continuation or the end of a command; untagged replies on the way are noted.
    async fn event(&mut self, side: &mut Side<'_>, expected: &str) -> Result<Event, Failure> {
        for _ in 0..limits::REPLY_LINES {
            let raw = self.read_reply().await?;
            side.heard_line(&String::from_utf8_lossy(&raw));
            let Some(reply) = ImapReply::read(&raw) else {
                return Err(Failure::Unreadable(String::from_utf8_lossy(&raw).into_owned()));
            };
            match reply {
                ImapReply::Continue(text) => return Ok(Event::Continue(text)),
                ImapReply::Capabilities(list) => self.announced = Some(list),
                ImapReply::Exists(count) => self.exists = count,
                ImapReply::Other => {}
                ImapReply::Status { tag, status, text, code, capabilities } => {
                    if let Some(list) = capabilities {
                        self.announced = Some(list);
                    }
                    if code.as_deref() == Some("OVERQUOTA") {
                        side.warn(Warning { code: WarningCode::MailboxOverQuota, at: None });
                    }
                    if status == ImapStatus::Bye || tag.as_deref() == Some(expected) {
                        return Ok(Event::Done(Completion { status, code, text }));
                    }
                }
            }
        }
        Err(Failure::TooMuch)
    }

    /// One reply with all its literals.
    async fn read_reply(&mut self) -> Result<Vec<u8>, Failure> {
        let mut reply = self.lines.read_line().await?;
        while let Some(count) = literal_length(&reply) {
            reply.extend(self.lines.read_exact(count).await?);
            reply.extend(self.lines.read_line().await?);
            if reply.len() > limits::LITERAL {
                return Err(Failure::TooMuch);
            }
        }
        Ok(reply)
    }

    async fn send(&mut self, command: &str) -> Result<(), Failure> {
        self.lines.write(command.as_bytes()).await
    }

    async fn logout(mut self, side: &mut Side<'_>) {
        let tag = self.next_tag();
        side.said_line(&format!("{tag} LOGOUT"));
        self.lines.leave(format!("{tag} LOGOUT\r\n").as_bytes()).await;
    }

    fn next_tag(&mut self) -> String {
        self.tag += 1;
        format!("A{}", self.tag)
    }
}

/// `{n}` at the end of a line announces n bytes (RFC 9051 section 4.3).
fn literal_length(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\r\n")?.strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(&line[open + 1..]).ok()?.trim_end_matches('+').parse().ok()
}

/// A quoted string (RFC 9051 section 4.3), if these characters may stand in one without UTF8=ACCEPT.
fn quoted(text: &str) -> Option<Zeroizing<String>> {
    if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return None;
    }
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 2 + 2));
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Some(out)
}

fn after_code(text: &str) -> &str {
    text.split_once(']').map_or(text, |(_, rest)| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_are_recognised() {
        assert_eq!(literal_length(b"* LIST () \"/\" {5}\r\n"), Some(5));
        assert_eq!(literal_length(b"* OK {5} ready\r\n"), None);
        assert_eq!(literal_length(b"{x}\r\n"), None);
        assert_eq!(literal_length(b"{99999999999999999999}\r\n"), None);
    }

    proptest! {
        #[test]
        fn quoting_can_be_undone_and_never_ends_early(text in "[ -~]{0,40}") {
            let made = quoted(&text).expect("printable ASCII");
            let inner = &made[1..made.len() - 1];
            let (mut undone, mut escaped) = (String::new(), false);
            for c in inner.chars() {
                if !escaped && c == '\\' { escaped = true; continue }
                prop_assert!(escaped || c != '"');
                escaped = false;
                undone.push(c);
            }
            prop_assert_eq!(undone, text);
        }
    }
}
