//! TLS by rustls with the operating system's trust store.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use courrier_model::Host;
use jiff::Timestamp;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error as RustlsError, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::certificate::{Certificate, CertificateFault};
use crate::{Recorded, limits};

/// An encrypted stream.
pub type TlsStream<S> = tokio_rustls::client::TlsStream<Recorded<S>>;

/// A finished handshake.
#[derive(Debug)]
pub struct Secured<S> {
    /// The encrypted stream.
    pub stream: TlsStream<S>,
    /// `TLSv1.2` or `TLSv1.3`.
    pub protocol: &'static str,
    /// The cipher suite's IANA name.
    pub cipher_suite: String,
    /// The server's certificate, accepted.
    pub certificate: Option<Certificate>,
}

/// Why there is no encrypted stream.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The server answered in plain text; its first bytes are kept.
    #[error("the server answered in plain text")]
    PlainText(Vec<u8>),
    /// The certificate was refused; at least one fault is named.
    #[error("the certificate was refused")]
    Certificate(Box<Certificate>),
    /// The server speaks only TLS 1.1 or older.
    #[error("only outdated versions of TLS are offered")]
    VersionTooOld,
    /// An alert, or nothing in common.
    #[error("the handshake failed: {0}")]
    Handshake(String),
    /// The peer closed the connection during the handshake.
    #[error("the connection was closed during the handshake")]
    Closed,
    /// The peer reset the connection during the handshake.
    #[error("the connection was reset during the handshake")]
    Reset,
    /// No end within [`limits::SECURE`].
    #[error("no answer to the TLS handshake")]
    TimedOut,
}

/// What this computer trusts. Made once; a handshake borrows it.
///
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the system's certificates on Linux.
#[derive(Debug)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    /// None where the system trusts nobody, or says so in a way that can't be read: then no certificate is accepted.
    verifier: Option<Arc<dyn ServerCertVerifier>>,
}

impl Trust {
    /// Loads the operating system's trust store. Where it is empty or unreadable every certificate is untrusted, which
    /// is what a diagnosis then says; connections without TLS are not affected.
    pub fn from_system() -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = match rustls_platform_verifier::Verifier::new(Arc::clone(&provider)) {
            Ok(verifier) => Some(Arc::new(verifier) as Arc<dyn ServerCertVerifier>),
            Err(error) => {
                tracing::warn!(%error, "the system's trust store can't be used");
                None
            }
        };
        Self { provider, verifier }
    }

    /// Does the handshake on a connection to `host`, within [`limits::SECURE`].
    ///
    /// Sessions are not resumed: a check proves what a new connection would meet. `now` is the time by which the faults
    /// of a certificate are named; whether it is accepted, the system's verifier decides by the system's clock.
    pub async fn secure<S>(&self, stream: Recorded<S>, host: &Host, now: Timestamp) -> Result<Secured<S>, TlsError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = match host {
            Host::Ip(ip) => ServerName::IpAddress((*ip).into()),
            Host::Name(name) => ServerName::try_from(name.clone())
                .map_err(|_| TlsError::Handshake("the host name can't stand in a certificate".into()))?,
        };
        let observer = Arc::new(Observer {
            provider: Arc::clone(&self.provider),
            verifier: self.verifier.clone(),
            shown: Mutex::default(),
        });
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Handshake(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&observer) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        let record = stream.handle();
        // After STARTTLS the record already holds the plain-text part.
        let before = record.lock().unwrap_or_else(PoisonError::into_inner).received;
        let handshake = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream);
        match timeout(limits::SECURE, handshake).await {
            Ok(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let protocol = match session.protocol_version() {
                    Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
                    _ => "TLSv1.3",
                };
                let cipher_suite = session
                    .negotiated_cipher_suite()
                    .and_then(|suite| suite.suite().as_str())
                    .unwrap_or_default()
                    .to_owned();
                let certificate = observer.judge(&name, now).map(|mut certificate| {
                    // The verifier's word is final: a trusted certificate has no faults, whatever a second look says.
                    certificate.faults.clear();
                    certificate
                });
                Ok(Secured { stream, protocol, cipher_suite, certificate })
            }
            Ok(Err(error)) => {
                let record = record.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let first = if before == 0 { record.first_received } else { Vec::new() };
                Err(explain(&error, first, || observer.judge(&name, now)))
            }
            Err(_) => Err(TlsError::TimedOut),
        }
    }
}

fn explain(error: &io::Error, first: Vec<u8>, certificate: impl FnOnce() -> Option<Certificate>) -> TlsError {
    if first.first().is_some_and(|byte| !is_tls_record(*byte)) {
        return TlsError::PlainText(first);
    }
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<RustlsError>());
    match (tls, error.kind()) {
        (Some(RustlsError::InvalidCertificate(_)), _) => match certificate() {
            Some(mut certificate) => {
                if certificate.faults.is_empty() {
                    // Accepted as a certificate, refused in use: a key or signature too weak to prove possession.
                    certificate.faults.push(CertificateFault::Invalid);
                }
                TlsError::Certificate(Box::new(certificate))
            }
            None => TlsError::Handshake(error.to_string()),
        },
        (Some(RustlsError::AlertReceived(AlertDescription::ProtocolVersion)), _) => TlsError::VersionTooOld,
        (Some(RustlsError::PeerIncompatible(reason)), _) => match reason {
            rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
            | rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => TlsError::VersionTooOld,
            other => TlsError::Handshake(format!("{other:?}")),
        },
        (Some(error), _) => TlsError::Handshake(error.to_string()),
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe) => TlsError::Closed,
        (None, io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted) => TlsError::Reset,
        (None, _) => TlsError::Handshake(error.to_string()),
    }
}

/// True for the first byte of a TLS record (RFC 8446 section 5.1: 20 to 24) or of an SSL 2 record.
fn is_tls_record(byte: u8) -> bool {
    (20..=24).contains(&byte) || byte & 0x80 != 0
}

/// Passes every question on to the system's verifier and keeps what the server showed.
#[derive(Debug)]
struct Observer {
    provider: Arc<CryptoProvider>,
    verifier: Option<Arc<dyn ServerCertVerifier>>,
    shown: Mutex<Option<Vec<CertificateDer<'static>>>>,
}

impl Observer {
    /// Everything about the certificate that was shown; `None` if the handshake did not come that far.
    fn judge(&self, name: &ServerName<'_>, now: Timestamp) -> Option<Certificate> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (end_entity, intermediates) = shown.split_first()?;
        Some(Certificate::judge(end_entity, name, now, |at| {
            let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
            self.ask(end_entity, intermediates, name, &[], at).map(drop)
        }))
    }
}

impl Observer {
    fn ask(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        at: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(end_entity, intermediates, name, ocsp, at),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        let shown = std::iter::once(end_entity).chain(intermediates).map(|der| der.clone().into_owned()).collect();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        self.ask(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_told_from_tls() {
        for first in [&b"* OK ready"[..], b"220 mail", b"HTTP/1.1 400", b"SSH-2.0"] {
            assert!(!is_tls_record(first[0]));
        }
        assert!([20, 21, 22, 0x80].into_iter().all(is_tls_record));
    }
}
