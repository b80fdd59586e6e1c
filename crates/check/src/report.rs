//! What a check found, as data: kept in the history, worded by the application in the person's language.

use std::time::Duration;

use courrier_model::{Endpoint, ProblemCode, Security, Stage, Timestamp, WarningCode};
use courrier_net::{Certificate, CertificateFault};
use serde::{Deserialize, Serialize};

use crate::{OauthHint, TraceLine};

/// A check of both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The address that was checked.
    pub address: String,
    /// True if both sides passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// Receiving.
    pub imap: SideReport,
    /// Sending.
    pub smtp: SideReport,
}

impl Report {
    /// The first problem, receiving before sending.
    pub fn problem_code(&self) -> Option<ProblemCode> {
        self.imap.problem.as_ref().or(self.smtp.problem.as_ref()).map(|problem| problem.code)
    }
}

/// One side of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideReport {
    /// The endpoint that was tested.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// True if every stage passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// The stages reached, in order, each once.
    pub steps: Vec<Step>,
    /// What failed; `None` if the side passed.
    pub problem: Option<Problem>,
    /// What works but wants attention.
    pub warnings: Vec<Warning>,
    /// What the server said about a token that it refused, or about the one that it wants. The server's word only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OauthHint>,
    /// The conversation, without secrets.
    #[serde(default)]
    pub trace: Vec<TraceLine>,
}

/// A stage that was reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// True if it passed.
    pub ok: bool,
    /// Milliseconds.
    pub elapsed_ms: u32,
    /// What it found.
    #[serde(default)]
    pub detail: Detail,
}

/// What a stage found; only what belongs to it is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// `resolve`: addresses in the order of preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<String>>,
    /// `connect`: the address that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `connect`: the proxy used, without user name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// `secure`: TLS version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// `secure`: cipher suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher_suite: Option<String>,
    /// `secure`: the certificate, also when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateReport>,
    /// `greet`: the server's greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The other protocol that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `capabilities`: what was announced last, after TLS where there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    /// `authenticate`: the mechanism.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// `inbox`: number of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u32>,
}

impl Detail {
    /// Sets what the other detail has.
    pub(crate) fn merge(&mut self, other: Detail) {
        let Detail {
            addresses,
            address,
            proxy,
            protocol,
            cipher_suite,
            certificate,
            server,
            service,
            capabilities,
            mechanism,
            messages,
        } = other;
        self.addresses = addresses.or(self.addresses.take());
        self.address = address.or(self.address.take());
        self.proxy = proxy.or(self.proxy.take());
        self.protocol = protocol.or(self.protocol.take());
        self.cipher_suite = cipher_suite.or(self.cipher_suite.take());
        self.certificate = certificate.or(self.certificate.take());
        self.server = server.or(self.server.take());
        self.service = service.or(self.service.take());
        self.capabilities = capabilities.or(self.capabilities.take());
        self.mechanism = mechanism.or(self.mechanism.take());
        self.messages = messages.or(self.messages.take());
    }
}

/// A server's certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CertificateReport {
    /// Distinguished name of the holder.
    pub subject: String,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Start of validity; `None` if it can't be read.
    pub not_before: Option<Timestamp>,
    /// End of validity.
    pub not_after: Option<Timestamp>,
    /// Names it is made for.
    pub names: Vec<String>,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Every fault, the reported one first.
    pub faults: Vec<ProblemCode>,
}

impl From<&Certificate> for CertificateReport {
    fn from(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            names: certificate.names.clone(),
            sha256: certificate.sha256.clone(),
            faults: certificate.faults.iter().map(|fault| fault_code(*fault)).collect(),
        }
    }
}

/// The code of a certificate's fault.
pub(crate) fn fault_code(fault: CertificateFault) -> ProblemCode {
    match fault {
        CertificateFault::SelfSigned => ProblemCode::TlsCertificateSelfSigned,
        CertificateFault::Untrusted => ProblemCode::TlsCertificateUntrusted,
        CertificateFault::Expired => ProblemCode::TlsCertificateExpired,
        CertificateFault::NotYetValid => ProblemCode::TlsCertificateNotYetValid,
        CertificateFault::WrongHost => ProblemCode::TlsCertificateWrongHost,
        CertificateFault::Invalid => ProblemCode::TlsCertificateInvalid,
    }
}

/// What failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What it is called.
    pub code: ProblemCode,
    /// Where it happened.
    pub stage: Stage,
    /// The server's own words, cleaned of control characters and secrets.
    pub server_said: Option<String>,
    /// The security that was asked for: some remedies depend on it.
    pub security: Security,
}

/// What works but wants attention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is called.
    pub code: WarningCode,
    /// For a certificate that ends soon: when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Whole milliseconds, as documents give them.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
