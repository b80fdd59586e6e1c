//! Proving that a mail account works: staged IMAP and SMTP tests, side by side, and the name of what failed.
//!
//! [`check()`] runs both sides at once and returns a [`Report`]; every stage is timed and told through a callback
//! as it happens. Dropping the future cancels at any point. What a server did is first recorded as a
//! [`Failure`]; [`diagnose`], a pure function, turns it into a code.
//!
//! Promises: a wrong password or token is sent once, never repeated; a token goes by XOAUTH2 or OAUTHBEARER only, a
//! password never does; nothing secret is sent unencrypted unless the endpoint says `none`, and a token then only to this
//! computer; nothing secret stands in a report or its trace; the answer comes within [`limits::WHOLE`] whatever the
//! servers do; nothing on the server changes (INBOX is opened read-only, no message is sent); nobody but the two servers
//! is spoken to, whatever they say.

mod capabilities;
mod credentials;
mod diagnosis;
mod failure;
mod imap;
mod imap_reply;
pub mod limits;
mod lines;
mod oauth_hint;
mod probe;
mod progress;
mod redactor;
mod report;
mod sasl;
mod service;
mod side;
mod smtp;
mod smtp_reply;
mod stream;
mod token;
mod trace;

use courrier_model::{Address, Endpoint, Protocol, Stage, Timestamp};
use courrier_net::{Proxies, Trust};
use tokio::time::Instant;

pub use credentials::Credentials;
pub use diagnosis::diagnose;
pub use failure::{Failure, Held, ImapRefusal, Refusal, SmtpRefusal, TlsFailure, TokenRefusal};
pub use oauth_hint::OauthHint;
pub use progress::{Progress, ProgressSink};
pub use report::{CertificateReport, Detail, Problem, Report, SideReport, Step, Warning};
pub use trace::{Speaker, TraceLine};

/// What this computer brings to a check.
#[derive(Debug)]
pub struct Environment {
    /// Which certificates are trusted.
    pub trust: Trust,
    /// Which connections go through a proxy.
    pub proxies: Proxies,
    /// The time now, by which certificates are judged.
    pub clock: fn() -> Timestamp,
}

/// One server to be tested.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is and who signs in, by what.
    pub endpoint: Endpoint,
    /// What proves it; without it (and unless none is needed) the check stops before signing in.
    pub secret: Option<Credentials>,
}

/// An account to be tested.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its address: sender and recipient of the SMTP `sender` stage.
    pub address: Address,
    /// Receiving.
    pub imap: Target,
    /// Sending.
    pub smtp: Target,
}

/// Tests both sides at once. Never fails as such: what goes wrong is in the report.
pub async fn check(request: &Request, environment: &Environment, progress: &ProgressSink) -> Report {
    check_until(Instant::now() + limits::WHOLE, request, environment, progress).await
}

/// The same, answered by `deadline`: for callers whose own work is part of what [`limits::WHOLE`] is promised for.
pub async fn check_until(
    deadline: Instant,
    request: &Request,
    environment: &Environment,
    progress: &ProgressSink,
) -> Report {
    let begin = Instant::now();
    let whole = (deadline, Stage::Resolve);
    let (imap, smtp) = tokio::join!(
        side::run(Protocol::Imap, whole, request, environment, progress),
        side::run(Protocol::Smtp, whole, request, environment, progress),
    );
    Report {
        address: request.address.to_string(),
        ok: imap.ok && smtp.ok,
        elapsed_ms: report::milliseconds(begin.elapsed()),
        imap,
        smtp,
    }
}

/// Tests these sides again, by `deadline`, and puts what is found in the place of what was; of the others the earlier
/// report stands, and nothing is said to their servers. Only the stages from signing in on are told: those before were.
pub async fn check_again(
    deadline: Instant,
    sides: &[Protocol],
    report: Report,
    request: &Request,
    environment: &Environment,
    progress: &ProgressSink,
) -> Report {
    let begin = Instant::now();
    let one = |protocol, earlier: SideReport| async move {
        if sides.contains(&protocol) {
            side::run(protocol, (deadline, Stage::Authenticate), request, environment, progress).await
        } else {
            earlier
        }
    };
    let (imap, smtp) = tokio::join!(one(Protocol::Imap, report.imap), one(Protocol::Smtp, report.smtp));
    Report {
        ok: imap.ok && smtp.ok,
        elapsed_ms: report.elapsed_ms.saturating_add(report::milliseconds(begin.elapsed())),
        imap,
        smtp,
        ..report
    }
}
