//! What a server's certificate says, and everything that is wrong with it.

use jiff::Timestamp;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error as RustlsError};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// A fault of a certificate, in the order in which the first is reported (`docs/diagnosis.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateFault {
    /// Signed by itself, and not trusted by this system.
    SelfSigned,
    /// Unknown issuer, or an incomplete chain.
    Untrusted,
    /// Past its end date, or one above it in the chain is.
    Expired,
    /// Before its start date.
    NotYetValid,
    /// Made for other names (RFC 9525).
    WrongHost,
    /// Malformed, too weak, or not made for servers.
    Invalid,
}

/// A server's certificate as it was shown, whether it was accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Distinguished name of the holder (RFC 4514); empty if it can't be read.
    pub subject: String,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Start of validity.
    pub not_before: Option<Timestamp>,
    /// End of validity.
    pub not_after: Option<Timestamp>,
    /// DNS names and IP addresses of its subjectAltName extension.
    pub names: Vec<String>,
    /// SHA-256 of the whole certificate, lower-case hexadecimal.
    pub sha256: String,
    /// Every fault found, the one to report first. Empty for an accepted certificate.
    pub faults: Vec<CertificateFault>,
}

/// How the chain above a certificate was judged, dates of the certificate itself and names left aside.
pub(crate) type ChainVerdict = Result<(), RustlsError>;

impl Certificate {
    /// Reads a certificate and finds all its faults.
    ///
    /// `chain_at` judges the chain as of a moment (seconds since 1970): asking it within the certificate's own
    /// validity separates "expired" from "untrusted", which a verifier that stops at the first fault does not.
    pub(crate) fn judge(
        der: &CertificateDer<'_>,
        host: &ServerName<'_>,
        now: Timestamp,
        chain_at: impl FnOnce(u64) -> ChainVerdict,
    ) -> Self {
        let sha256 = hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref());
        let Ok((_, parsed)) = X509Certificate::from_der(der) else {
            return Self {
                subject: String::new(),
                issuer: String::new(),
                not_before: None,
                not_after: None,
                names: Vec::new(),
                sha256,
                faults: vec![CertificateFault::Invalid],
            };
        };
        let validity = parsed.validity();
        let (start, end) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        let mut faults = Vec::new();
        if now.as_second() > end {
            faults.push(CertificateFault::Expired);
        } else if now.as_second() < start {
            faults.push(CertificateFault::NotYetValid);
        }
        let within = now.as_second().clamp(start, end.max(start));
        if let Err(error) = chain_at(u64::try_from(within).unwrap_or_default()) {
            let self_signed = parsed.subject() == parsed.issuer() && parsed.verify_signature(None).is_ok();
            faults.extend(if self_signed { Some(CertificateFault::SelfSigned) } else { chain_fault(&error) });
        }
        match ParsedCertificate::try_from(der) {
            Ok(certificate) if verify_server_name(&certificate, host).is_err() => {
                faults.push(CertificateFault::WrongHost);
            }
            Ok(_) => {}
            Err(_) => faults.push(CertificateFault::Invalid),
        }
        faults.sort_unstable();
        faults.dedup();
        Self {
            subject: parsed.subject().to_string(),
            issuer: parsed.issuer().to_string(),
            not_before: Timestamp::from_second(start).ok(),
            not_after: Timestamp::from_second(end).ok(),
            names: names(&parsed),
            sha256,
            faults,
        }
    }
}

/// The fault that a verifier's refusal of the chain stands for; `None` where it speaks of names only.
fn chain_fault(error: &RustlsError) -> Option<CertificateFault> {
    use CertificateError as E;
    let RustlsError::InvalidCertificate(error) = error else { return Some(CertificateFault::Invalid) };
    match error {
        E::NotValidForName | E::NotValidForNameContext { .. } => None,
        // A signature that does not fit: an authority of the known name, with another key, has signed.
        E::UnknownIssuer | E::BadSignature => Some(CertificateFault::Untrusted),
        E::Expired | E::ExpiredContext { .. } => Some(CertificateFault::Expired),
        E::NotValidYet | E::NotValidYetContext { .. } => Some(CertificateFault::NotYetValid),
        _ => Some(CertificateFault::Invalid),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match bytes.len() {
                4 => <[u8; 4]>::try_from(*bytes).ok().map(|octets| std::net::IpAddr::from(octets).to_string()),
                16 => <[u8; 16]>::try_from(*bytes).ok().map(|octets| std::net::IpAddr::from(octets).to_string()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_certificate_are_a_fault_not_a_crash() {
        for bytes in [&b""[..], b"\x30\x03\x02\x01\x01", b"not a certificate"] {
            let host = ServerName::try_from("imap.example.test").expect("valid");
            let found = Certificate::judge(&bytes.into(), &host, Timestamp::UNIX_EPOCH, |_| Ok(()));
            assert_eq!(found.faults, [CertificateFault::Invalid]);
            assert_eq!(found.sha256.len(), 64);
        }
    }
}
