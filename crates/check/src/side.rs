//! One side of a check: the stages both protocols share, their times, and the record of what happened.

use std::net::SocketAddr;
use std::time::Duration;

use courrier_model::{Protocol, Security, Stage, WarningCode};
use courrier_net::{Recorded, Secured};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::capabilities::Capabilities;
use crate::credentials::usable;
use crate::failure::TlsFailure;
use crate::lines::Lines;
use crate::redactor::{HIDDEN, Redactor};
use crate::report::{CertificateReport, Detail, Problem, SideReport, Step, Warning, milliseconds};
use crate::stream::Stream;
use crate::trace::{Speaker, TraceLine, readable};
use crate::{
    Credentials, Environment, Failure, OauthHint, Progress, ProgressSink, Request, Target, diagnose, imap, limits,
    probe, smtp,
};

/// A certificate that ends this soon deserves a word, in seconds.
const CERTIFICATE_ENDS_SOON: i64 = 14 * 24 * 3600;

/// Tests one side and reports, by the deadline at the latest. Stages before the one beside it are not told.
pub(crate) async fn run(
    protocol: Protocol,
    (deadline, told_from): (Instant, Stage),
    request: &Request,
    environment: &Environment,
    progress: &ProgressSink,
) -> SideReport {
    let target = match protocol {
        Protocol::Imap => &request.imap,
        Protocol::Smtp => &request.smtp,
    };
    let mut side = Side {
        protocol,
        request,
        target,
        environment,
        progress,
        told_from,
        redactor: Redactor::new(target.endpoint.username.as_str(), target.secret.as_ref()),
        begin: Instant::now(),
        steps: Vec::new(),
        current: None,
        peer: None,
        heard: false,
        warnings: Vec::new(),
        oauth: None,
        trace: Vec::new(),
    };
    let outcome = match timeout_at(deadline, side.converse()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::Silence { heard: side.heard }),
    };
    side.finish(outcome)
}

/// The state of one side while it runs.
pub(crate) struct Side<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) request: &'a Request,
    pub(crate) target: &'a Target,
    pub(crate) environment: &'a Environment,
    progress: &'a ProgressSink,
    told_from: Stage,
    redactor: Redactor,
    begin: Instant,
    steps: Vec<Step>,
    current: Option<(Stage, Instant)>,
    /// The server's own address, where probes may go; none behind a proxy.
    pub(crate) peer: Option<SocketAddr>,
    heard: bool,
    warnings: Vec<Warning>,
    oauth: Option<OauthHint>,
    trace: Vec<TraceLine>,
}

impl<'a> Side<'a> {
    async fn converse(&mut self) -> Result<(), Failure> {
        let stream = self.connect().await?;
        match self.protocol {
            Protocol::Imap => imap::converse(self, stream).await,
            Protocol::Smtp => smtp::converse(self, stream).await,
        }
    }

    /// The stages `resolve` and `connect`.
    async fn connect(&mut self) -> Result<Recorded<TcpStream>, Failure> {
        let endpoint = &self.target.endpoint;
        let proxies = &self.environment.proxies;
        self.enter(Stage::Resolve);
        let addresses = match proxies.shown_for(&endpoint.host, endpoint.port) {
            // The proxy resolves the name: inside its network it may mean something else.
            Some(_) => Vec::new(),
            None => courrier_net::resolve(&endpoint.host).await.map_err(Failure::Resolve)?,
        };
        let listed = addresses.iter().map(ToString::to_string).collect();
        self.pass(Detail { addresses: Some(listed), ..Detail::default() });
        self.enter(Stage::Connect);
        let connected = courrier_net::connect(&endpoint.host, endpoint.port, &addresses, proxies)
            .await
            .map_err(Failure::Connect)?;
        self.note(&format!("connected to {}", connected.peer));
        if connected.proxy.is_none() {
            self.peer = Some(connected.peer);
        }
        let address = connected.proxy.is_none().then(|| connected.peer.ip().to_string());
        self.pass(Detail { address, proxy: connected.proxy, ..Detail::default() });
        Ok(Recorded::new(connected.stream))
    }

    /// The handshake of the stage `secure`, which the caller has entered.
    pub(crate) async fn handshake(&mut self, stream: Recorded<TcpStream>) -> Result<Lines, Failure> {
        let endpoint = &self.target.endpoint;
        let now = (self.environment.clock)();
        match self.environment.trust.secure(stream, &endpoint.host, now).await {
            Ok(secured) => {
                let Secured { stream, protocol, cipher_suite, certificate } = secured;
                self.note(&format!("{protocol}, {cipher_suite}"));
                if let Some(at) = certificate.as_ref().and_then(|certificate| certificate.not_after)
                    && at.as_second() - now.as_second() < CERTIFICATE_ENDS_SOON
                {
                    self.warn(Warning { code: WarningCode::TlsCertificateExpiresSoon, at: Some(at) });
                }
                self.add(Detail {
                    protocol: Some(protocol.to_owned()),
                    cipher_suite: Some(cipher_suite),
                    certificate: certificate.as_ref().map(CertificateReport::from),
                    ..Detail::default()
                });
                Ok(Lines::new(Stream::Tls(Box::new(stream))))
            }
            Err(error) => {
                self.note(&error.to_string());
                Err(probe::explain_handshake(self, TlsFailure::from(error)).await)
            }
        }
    }

    /// The server's first line, for the stage `greet`, which the caller has entered.
    pub(crate) async fn greeting(&mut self, lines: &mut Lines) -> Result<Vec<u8>, Failure> {
        let encrypted = matches!(lines.stream(), Stream::Tls(_));
        let line = {
            let probing = probe::waits_for_tls(self.environment, &self.target.endpoint.host, self.protocol, self.peer);
            tokio::pin!(probing);
            let reading = timeout(limits::GREET, lines.read_line());
            tokio::pin!(reading);
            let mut found_nothing = encrypted;
            loop {
                tokio::select! {
                    biased;
                    line = &mut reading => break line,
                    found = &mut probing, if !found_nothing => match found {
                        Some(reason) => return Err(reason),
                        None => found_nothing = true,
                    },
                }
            }
        };
        match line {
            Ok(Ok(line)) => {
                self.heard = true;
                let text = String::from_utf8_lossy(&line).into_owned();
                self.heard_line(&text);
                match crate::service::other_than(self.protocol, text.trim_start()) {
                    None => Ok(line),
                    Some(service) => Err(Failure::WrongService { service, said: text }),
                }
            }
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(probe::speaks_when_spoken_to(self.protocol, lines)
                .await
                .unwrap_or(Failure::Silence { heard: self.heard })),
        }
    }

    /// True if the server ever said something.
    pub(crate) fn has_heard(&self) -> bool {
        self.heard
    }

    /// A stage begins.
    pub(crate) fn enter(&mut self, stage: Stage) {
        self.current = Some((stage, Instant::now()));
        self.steps.push(Step { stage, ok: false, elapsed_ms: 0, detail: Detail::default() });
        if stage >= self.told_from {
            (self.progress)(Progress::Began(self.protocol, stage));
        }
    }

    /// Adds to what the present stage found.
    pub(crate) fn add(&mut self, detail: Detail) {
        if let Some(step) = self.steps.last_mut() {
            step.detail.merge(detail);
        }
    }

    /// The present stage passed.
    pub(crate) fn pass(&mut self, detail: Detail) {
        self.add(detail);
        self.end(true);
    }

    fn end(&mut self, ok: bool) {
        if let (Some((_, since)), Some(step)) = (self.current.take(), self.steps.last_mut()) {
            step.ok = ok;
            step.elapsed_ms = milliseconds(since.elapsed());
            if step.stage >= self.told_from {
                (self.progress)(Progress::Ended(self.protocol, Box::new(step.clone())));
            }
        }
    }

    /// What the server announces now; after TLS it replaces what it announced before (RFC 9051 section 6.2.1).
    pub(crate) fn record_capabilities(&mut self, capabilities: &Capabilities) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.stage == Stage::Capabilities) {
            step.detail.capabilities = Some(capabilities.to_list());
        }
    }

    /// Works, but wants attention; said once.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// True if what is sent stays on this computer.
    pub(crate) fn is_local(&self) -> bool {
        self.peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
    }

    /// What there is to sign in with at this server.
    pub(crate) fn credentials(&self) -> Result<&'a Credentials, Failure> {
        usable(self.target.endpoint.auth, self.target.secret.as_ref())
    }

    /// What the server says about the token that it refuses. A part in which the token itself comes back is nobody's business.
    pub(crate) fn record_hint(&mut self, hint: &OauthHint) {
        let hint = hint.clone().only(|part| self.redactor.clean(part) == part);
        let parts = [("status", &hint.status), ("scope", &hint.scope), ("issuer", &hint.openid_configuration)];
        let said = parts.iter().filter_map(|(name, part)| Some(format!("{name} {}", part.as_ref()?)));
        let said = said.collect::<Vec<_>>().join(", ");
        self.note(&format!("the server's reason: {}", if said.is_empty() { "none that can be read" } else { &said }));
        self.oauth = Some(hint);
    }

    fn line(&mut self, from: Speaker, text: &str) {
        let at_ms = milliseconds(self.begin.elapsed());
        self.trace.push(TraceLine { at_ms, from, text: readable(&self.redactor.clean(text)) });
    }

    /// Something happened.
    pub(crate) fn note(&mut self, text: &str) {
        self.line(Speaker::Note, text);
    }

    /// A line was sent.
    pub(crate) fn said_line(&mut self, text: &str) {
        self.line(Speaker::Client, text);
    }

    /// A line was sent that carries a secret in any form.
    pub(crate) fn said_secret(&mut self, before: &str) {
        self.line(Speaker::Client, &format!("{before}{HIDDEN}"));
    }

    /// A line was received.
    pub(crate) fn heard_line(&mut self, text: &str) {
        self.heard = true;
        self.line(Speaker::Server, text);
    }

    fn finish(mut self, outcome: Result<(), Failure>) -> SideReport {
        let endpoint = self.target.endpoint.clone();
        let problem = outcome.err().map(|failure| {
            let stage = match (&failure, self.current) {
                (_, Some((stage, _))) => stage,
                // Between stages only one thing can stop a check: nothing to sign in with.
                (_, None) => Stage::Authenticate,
            };
            let (code, said) = diagnose(self.protocol, stage, endpoint.security, &failure);
            match failure {
                Failure::Tls(TlsFailure::Certificate(certificate)) => {
                    let certificate = Some(CertificateReport::from(certificate.as_ref()));
                    self.add(Detail { certificate, ..Detail::default() });
                }
                Failure::WrongService { service, .. } => {
                    self.add(Detail { service: service.map(str::to_owned), ..Detail::default() });
                }
                _ => {}
            }
            self.note(&format!("{}: {code}", stage.as_str()));
            let server_said = said.map(|said| readable(&self.redactor.clean(&said))).filter(|said| !said.is_empty());
            Problem { code, stage, server_said, security: endpoint.security }
        });
        self.end(false);
        let ok = problem.is_none();
        (self.progress)(Progress::Done(self.protocol, ok));
        SideReport {
            endpoint,
            ok,
            elapsed_ms: milliseconds(self.begin.elapsed()),
            steps: self.steps,
            problem,
            warnings: self.warnings,
            oauth: self.oauth,
            trace: self.trace,
        }
    }
}

/// Waits for an exchange after the greeting for as long as its kind may take.
pub(crate) async fn within<T>(
    limit: Duration,
    exchange: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(limit, exchange).await.unwrap_or(Err(Failure::Silence { heard: true }))
}

/// The plain connection that STARTTLS upgrades.
pub(crate) fn plain(stream: Stream) -> Result<Recorded<TcpStream>, Failure> {
    match stream {
        Stream::Plain(stream) => Ok(stream),
        Stream::Tls(_) => Err(Failure::Io("the connection is encrypted already".into())),
    }
}

/// The lines of a connection on which nothing was agreed yet: encrypted from the first byte, or plain.
pub(crate) async fn open(side: &mut Side<'_>, stream: Recorded<TcpStream>) -> Result<Lines, Failure> {
    if side.target.endpoint.security != Security::Tls {
        return Ok(Lines::new(Stream::Plain(stream)));
    }
    side.enter(Stage::Secure);
    let lines = side.handshake(stream).await?;
    side.pass(Detail::default());
    Ok(lines)
}
