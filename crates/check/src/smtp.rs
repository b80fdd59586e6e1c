//! The SMTP side: message submission (RFC 6409) up to an accepted sender and recipient, never a message. MAIL, RCPT
//! and RSET leave together where PIPELINING is announced (RFC 2920); nobody waits for QUIT.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use courrier_model::{AuthKind, Security, Stage, WarningCode};
use courrier_net::Recorded;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::capabilities::Capabilities;
use crate::failure::SmtpCommand;
use crate::lines::Lines;
use crate::report::{Detail, Warning};
use crate::sasl::{Exchange, Mechanism, Offer, choose};
use crate::side::{Side, open, plain, within};
use crate::smtp_reply::{SmtpReply, is_last_line};
use crate::{Credentials, Failure, limits};

/// The longest command line every server bears (RFC 5321 section 4.5.3.1.4).
const COMMAND_LINE: usize = 512;
/// The longest command line with a token. RFC 4954, section 4, holds AUTH to [`COMMAND_LINE`], which few tokens fit, and
/// would have each of them cost a round trip more; servers that take tokens bear more: of those that are known, Postfix
/// the least, 2048. A longer token goes by itself, where 12288 are borne, and so does one whose line was too long.
const TOKEN_LINE: usize = 2_000;

/// Everything after the connection was made.
pub(crate) async fn converse(side: &mut Side<'_>, stream: Recorded<TcpStream>) -> Result<(), Failure> {
    let mut session = Session { lines: open(side, stream).await? };

    side.enter(Stage::Greet);
    session.greeting(side).await?;

    side.enter(Stage::Capabilities);
    let mut capabilities = session.hello(side).await?;
    side.pass(Detail::default());

    if side.target.endpoint.security == Security::Starttls {
        side.enter(Stage::Secure);
        if !capabilities.has("STARTTLS") {
            return Err(Failure::StarttlsMissing);
        }
        session = session.starttls(side).await?;
        capabilities = session.hello(side).await?;
        side.pass(Detail::default());
    }

    if side.target.endpoint.auth != AuthKind::None {
        let credentials = side.credentials()?;
        side.enter(Stage::Authenticate);
        session.authenticate(side, &capabilities, credentials).await?;
        side.pass(Detail::default());
    }

    side.enter(Stage::Sender);
    session.sender(side, &capabilities).await?;
    side.pass(Detail::default());
    // One reply after the other would cost a round trip that tells nothing any more.
    let goodbye = if capabilities.has("PIPELINING") { "QUIT\r\n" } else { "RSET\r\nQUIT\r\n" };
    for line in goodbye.lines() {
        side.said_line(line);
    }
    session.lines.leave(goodbye.as_bytes()).await;
    Ok(())
}

struct Session {
    lines: Lines,
}

impl Session {
    async fn greeting(&mut self, side: &mut Side<'_>) -> Result<(), Failure> {
        let first = side.greeting(&mut self.lines).await?;
        let reply = within(limits::GREET, self.rest_of_reply(side, first)).await?;
        if !reply.is_positive() {
            return Err(Failure::Smtp(reply.refusal(SmtpCommand::Greeting)));
        }
        side.pass(Detail { server: Some(crate::trace::readable(&reply.text())), ..Detail::default() });
        Ok(())
    }

    /// EHLO, or HELO for a server that knows nothing newer.
    async fn hello(&mut self, side: &mut Side<'_>) -> Result<Capabilities, Failure> {
        let name = match self.lines.stream().tcp().local_addr().map(|address| address.ip()) {
            // An address literal (RFC 5321 section 4.1.3) says no more than the connection does; a computer's name
            // would tell the provider who is who.
            Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
            Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        };
        let mut reply = self.command(side, &format!("EHLO {name}")).await?;
        let mut capabilities = Capabilities::from_ehlo(&reply.lines);
        if matches!(reply.code, 500 | 502 | 504 | 550) {
            reply = self.command(side, &format!("HELO {name}")).await?;
            capabilities = Capabilities::default();
        }
        if !reply.is_positive() {
            return Err(Failure::Smtp(reply.refusal(SmtpCommand::Ehlo)));
        }
        side.record_capabilities(&capabilities);
        Ok(capabilities)
    }

    async fn starttls(mut self, side: &mut Side<'_>) -> Result<Self, Failure> {
        let reply = self.command(side, "STARTTLS").await?;
        if reply.code != 220 {
            return Err(Failure::StarttlsRefused(reply.refusal(SmtpCommand::Ehlo).text));
        }
        if self.lines.has_unread() {
            return Err(Failure::StarttlsInjection);
        }
        let stream = plain(self.lines.into_stream())?;
        Ok(Self { lines: side.handshake(stream).await? })
    }

    async fn authenticate(
        &mut self,
        side: &mut Side<'_>,
        capabilities: &Capabilities,
        credentials: &Credentials,
    ) -> Result<(), Failure> {
        let offer = Offer {
            mechanisms: &capabilities.mechanisms(),
            login_command: false,
            more_after_tls: capabilities.has("STARTTLS"),
            security: side.target.endpoint.security,
            local: side.is_local(),
        };
        let mechanism = choose(&offer, credentials)?;
        side.add(Detail { mechanism: Some(mechanism.name().to_owned()), ..Detail::default() });
        let now = (side.environment.clock)();
        let mut exchange = Exchange::begin(mechanism, &side.target.endpoint, credentials, now)?;
        let spoken = within(limits::AUTHENTICATE, self.exchange(side, mechanism, &mut exchange)).await;
        spoken.map_err(|failure| exchange.explain(failure))
    }

    /// RFC 4954.
    async fn exchange(
        &mut self,
        side: &mut Side<'_>,
        mechanism: Mechanism,
        exchange: &mut Exchange<'_>,
    ) -> Result<(), Failure> {
        let command = format!("AUTH {}", mechanism.name());
        let limit = if mechanism.takes_token() { TOKEN_LINE } else { COMMAND_LINE };
        let mut first = exchange.initial()?;
        let with_first = first
            .as_ref()
            .map(|message| Zeroizing::new(format!("{command} {}\r\n", BASE64.encode(&**message))))
            .filter(|line| line.len() <= limit);
        let mut is_long = false;
        match with_first {
            Some(line) => {
                first = None;
                is_long = line.len() > COMMAND_LINE;
                side.said_secret(&format!("{command} "));
                self.send(&line).await?;
            }
            None => {
                side.said_line(&command);
                self.send(&format!("{command}\r\n")).await?;
            }
        }
        loop {
            let reply = self.reply(side).await?;
            // The line was too long to be read (RFC 5321 section 4.2.2): nothing in it was judged.
            if reply.code == 500 && std::mem::take(&mut is_long) {
                first = exchange.initial()?;
                side.said_line(&command);
                self.send(&format!("{command}\r\n")).await?;
                continue;
            }
            is_long = false;
            if reply.code != 334 {
                return if !reply.is_positive() {
                    Err(Failure::Smtp(reply.refusal(SmtpCommand::Auth)))
                } else if exchange.is_complete() {
                    Ok(())
                } else {
                    Err(Failure::ServerUnproven)
                };
            }
            let answer = match first.take() {
                Some(message) => message,
                None => exchange.answer(&reply.text())?,
            };
            if let Some(hint) = exchange.hint() {
                side.record_hint(hint);
            }
            side.said_secret("");
            self.send(&Zeroizing::new(format!("{}\r\n", BASE64.encode(&*answer)))).await?;
        }
    }

    /// MAIL FROM and RCPT TO the account's own address, then RSET: the server would take a message, and gets none.
    async fn sender(&mut self, side: &mut Side<'_>, capabilities: &Capabilities) -> Result<(), Failure> {
        let address = &side.request.address;
        let utf8 = address.needs_smtputf8();
        if utf8 && !capabilities.has("SMTPUTF8") {
            return Err(Failure::SmtpUtf8Missing);
        }
        let path = address.to_ascii_domain();
        let mail = format!("MAIL FROM:<{path}>{}", if utf8 { " SMTPUTF8" } else { "" });
        let rcpt = format!("RCPT TO:<{path}>");
        let exchange = async {
            if capabilities.has("PIPELINING") {
                for line in [mail.as_str(), &rcpt, "RSET"] {
                    side.said_line(line);
                }
                self.send(&format!("{mail}\r\n{rcpt}\r\nRSET\r\n")).await?;
                let mail = self.reply(side).await?;
                let rcpt = self.reply(side).await?;
                Ok((mail, Some(rcpt)))
            } else {
                let mail = self.command(side, &mail).await?;
                let rcpt = if mail.is_positive() { Some(self.command(side, &rcpt).await?) } else { None };
                Ok((mail, rcpt))
            }
        };
        let (mail, rcpt) = within(limits::EXCHANGE, exchange).await?;
        if !mail.is_positive() {
            return Err(Failure::Smtp(mail.refusal(SmtpCommand::Mail)));
        }
        match rcpt {
            Some(rcpt) if !rcpt.is_positive() => {
                if matches!(rcpt.enhanced(), Some((_, 2, 2))) || rcpt.code == 552 {
                    // The sender was accepted; that the own mailbox is full is another matter (RFC 3463 X.2.2).
                    side.warn(Warning { code: WarningCode::MailboxOverQuota, at: None });
                    return Ok(());
                }
                Err(Failure::Smtp(rcpt.refusal(SmtpCommand::Rcpt)))
            }
            _ => Ok(()),
        }
    }

    /// A command without secrets, and its reply.
    async fn command(&mut self, side: &mut Side<'_>, command: &str) -> Result<SmtpReply, Failure> {
        side.said_line(command);
        let exchange = async {
            self.send(&format!("{command}\r\n")).await?;
            self.reply(side).await
        };
        within(limits::EXCHANGE, exchange).await
    }

    async fn reply(&mut self, side: &mut Side<'_>) -> Result<SmtpReply, Failure> {
        let first = self.lines.read_line().await?;
        side.heard_line(&String::from_utf8_lossy(&first));
        self.rest_of_reply(side, first).await
    }

    /// The reply that begins with this line, which is noted already.
    async fn rest_of_reply(&mut self, side: &mut Side<'_>, first: Vec<u8>) -> Result<SmtpReply, Failure> {
        let mut raw = first.clone();
        let mut last = first;
        let mut count = 1;
        while !is_last_line(&last) {
            last = self.lines.read_line().await?;
            side.heard_line(&String::from_utf8_lossy(&last));
            raw.extend_from_slice(&last);
            count += 1;
            if count > limits::REPLY_LINES {
                return Err(Failure::TooMuch);
            }
        }
        SmtpReply::read(&raw).ok_or_else(|| Failure::Unreadable(String::from_utf8_lossy(&raw).into_owned()))
    }

    async fn send(&mut self, command: &str) -> Result<(), Failure> {
        self.lines.write(command.as_bytes()).await
    }
}
