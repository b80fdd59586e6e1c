//! TLS to the database: rustls with the system's authorities, and those the operator adds.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::storage::{PostgresLocation, StorageError};

/// Verifies the server's certificate and name whenever TLS is used; the URL's `sslmode` says whether it is.
pub(super) fn connector(location: &PostgresLocation) -> Result<MakeRustlsConnect, StorageError> {
    let unusable = |what: &str| StorageError::Location(what.to_owned());
    let provider = Arc::new(default_provider());
    let extra = location.authorities.as_deref().map(read).transpose()?.unwrap_or_default();
    let verifier = verifier(extra, Arc::clone(&provider)).map_err(|_| unusable("the authorities for TLS"))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable("the versions of TLS"))?
        // The method's name warns of verifiers that verify nothing; this one is the operating system's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(
    extra: Vec<CertificateDer<'static>>,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Verifier, rustls::Error> {
    if extra.is_empty() {
        return Verifier::new(provider);
    }
    Verifier::new_with_extra_roots(extra, provider)
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, StorageError> {
    let unreadable = || StorageError::Location("the file with authorities can't be read".to_owned());
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).map_err(|_| unreadable())?.collect();
    let all = all.map_err(|_| unreadable())?;
    if all.is_empty() { Err(unreadable()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Location;

    #[test]
    fn a_file_without_authorities_is_told() {
        let folder = tempfile::tempdir().expect("made");
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "nothing here").expect("written");
        let Ok(Location::Postgres(mut location)) = Location::from_url("postgres://u@h/d?sslmode=require") else {
            panic!("understood");
        };
        assert!(connector(&location).is_ok());
        location.authorities = Some(file);
        assert!(matches!(connector(&location).map(drop), Err(StorageError::Location(_))));
    }
}
