//! Certificates: one authority, and server certificates good and bad in every way that a check tells apart.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::process::finish;

/// Every name and address that fixtures answer to.
const NAMES: [&str; 8] =
    ["localhost", "mail.example.test", "*.example.test", "127.0.0.1", "127.0.0.2", "::1", "10.99.0.1", "10.99.0.2"];

/// The kinds of server certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// Nothing wrong with it.
    Good,
    /// Good, with an RSA key: what old TLS versions need.
    Rsa,
    /// Good for one more week.
    EndsInAWeek,
    /// Made for another name.
    WrongHost,
    /// Ended a month ago.
    Expired,
    /// Starts in a month.
    NotYetValid,
    /// Ended a month ago, and made for another name.
    ExpiredWrongHost,
    /// Signed by itself, an end-entity certificate.
    SelfSigned,
    /// Signed by itself and marked as an authority, as `openssl req -x509` makes it.
    SelfSignedCa,
    /// Signed by itself, and ended a month ago.
    SelfSignedExpired,
    /// By an authority that nobody trusts.
    Untrusted,
    /// By an intermediate that the server does not send.
    IncompleteChain,
    /// By an intermediate that the server sends along.
    WithIntermediate,
    /// Signed with SHA-1.
    Sha1,
    /// With an RSA key of 1024 bits.
    Rsa1024,
}

/// A certificate (with its chain) and its key, as PEM files that any user can read.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate, followed by what the server sends along.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A certificate authority made for one test.
#[derive(Debug)]
pub struct Ca {
    folder: TempDir,
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    // Two servers of one test may ask for the same certificate; the files are written once.
    writing: Mutex<()>,
}

impl Default for Ca {
    fn default() -> Self {
        Self::new()
    }
}

impl Ca {
    /// A new authority, valid for ten years.
    pub fn new() -> Self {
        let folder = crate::folder::shared("ca");
        let (certificate, issuer) = authority("Courrier Test CA");
        write(&folder.path().join("ca.pem"), &certificate.pem());
        write(&folder.path().join("ca.key"), &issuer.key().serialize_pem());
        Self { folder, certificate, issuer, writing: Mutex::new(()) }
    }

    /// The authority's own certificate as a PEM file, for `SSL_CERT_FILE`.
    pub fn bundle(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The authority's own certificate as PEM.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A server certificate of this kind.
    pub fn issue(&self, leaf: Leaf) -> Issued {
        let stem = self.folder.path().join(format!("{leaf:?}"));
        let issued = Issued { chain: stem.with_extension("pem"), key: stem.with_extension("key") };
        let _guard = self.writing.lock().expect("no other test panics while it writes");
        if !issued.key.exists() {
            match leaf {
                Leaf::Sha1 => self.issue_by_openssl(&issued, "rsa:2048", "-sha1"),
                Leaf::Rsa1024 => self.issue_by_openssl(&issued, "rsa:1024", "-sha256"),
                _ => self.issue_by_rcgen(&issued, leaf),
            }
        }
        issued
    }

    fn issue_by_rcgen(&self, issued: &Issued, leaf: Leaf) {
        let key = match leaf {
            Leaf::Rsa => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            _ => KeyPair::generate(),
        }
        .expect("a key can be made");
        let params = leaf_params(leaf);
        let sign = |issuer: &Issuer<'static, KeyPair>| params.signed_by(&key, issuer).expect("can be signed").pem();
        let chain = match leaf {
            Leaf::SelfSigned | Leaf::SelfSignedCa | Leaf::SelfSignedExpired => {
                params.self_signed(&key).expect("can be signed").pem()
            }
            Leaf::Untrusted => sign(&authority("Nobody's CA").1),
            Leaf::IncompleteChain => sign(&self.intermediate().1),
            Leaf::WithIntermediate => {
                let (certificate, issuer) = self.intermediate();
                sign(&issuer) + &certificate.pem()
            }
            _ => sign(&self.issuer),
        };
        write(&issued.chain, &chain);
        write(&issued.key, &key.serialize_pem());
    }

    /// rcgen refuses to make what is too weak to be used; openssl still does.
    fn issue_by_openssl(&self, issued: &Issued, key: &str, digest: &str) {
        let extensions = issued.chain.with_extension("ext");
        let names: Vec<String> =
            NAMES
                .iter()
                .map(|name| {
                    if name.parse::<std::net::IpAddr>().is_ok() { format!("IP:{name}") } else { format!("DNS:{name}") }
                })
                .collect();
        write(
            &extensions,
            &format!("subjectAltName={}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n", names.join(",")),
        );
        let request = issued.chain.with_extension("csr");
        let openssl = |arguments: &[&str], files: &[(&str, &Path)]| {
            let mut command = Command::new("openssl");
            command.args(arguments).stdin(Stdio::null());
            for (option, file) in files {
                command.arg(option).arg(file);
            }
            finish(&mut command);
        };
        openssl(
            &["req", "-newkey", key, "-nodes", "-subj", "/CN=mail.example.test"],
            &[("-keyout", &issued.key), ("-out", &request)],
        );
        let (ca, ca_key) = (self.bundle(), self.folder.path().join("ca.key"));
        openssl(
            &["x509", "-req", digest, "-days", "30", "-set_serial", "4711"],
            &[("-in", &request), ("-CA", &ca), ("-CAkey", &ca_key), ("-extfile", &extensions), ("-out", &issued.chain)],
        );
        make_readable(&issued.key);
    }

    fn intermediate(&self) -> (Certificate, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().expect("a key can be made");
        let params = authority_params("Courrier Test Intermediate");
        let certificate = params.signed_by(&key, &self.issuer).expect("can be signed");
        (certificate, Issuer::new(params, key))
    }
}

fn authority(name: &str) -> (Certificate, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key can be made");
    let params = authority_params(name);
    let certificate = params.self_signed(&key).expect("can be signed");
    (certificate, Issuer::new(params, key))
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no name is wrong");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = days(-1, 3650);
    params
}

fn leaf_params(leaf: Leaf) -> CertificateParams {
    let names = match leaf {
        Leaf::WrongHost | Leaf::ExpiredWrongHost => vec!["other.example".to_owned()],
        _ => NAMES.map(str::to_owned).to_vec(),
    };
    let mut params = CertificateParams::new(names).expect("the names are well formed");
    params.distinguished_name.push(DnType::CommonName, format!("{leaf:?}"));
    params.is_ca = match leaf {
        Leaf::SelfSignedCa => IsCa::Ca(BasicConstraints::Unconstrained),
        _ => IsCa::ExplicitNoCa,
    };
    if leaf != Leaf::SelfSignedCa {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    }
    (params.not_before, params.not_after) = match leaf {
        Leaf::Expired | Leaf::ExpiredWrongHost | Leaf::SelfSignedExpired => days(-60, -30),
        Leaf::NotYetValid => days(30, 60),
        Leaf::EndsInAWeek => days(-60, 7),
        _ => days(-1, 300),
    };
    params
}

/// A span of time, in days from now.
fn days(from: i64, to: i64) -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now + Duration::days(from), now + Duration::days(to))
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).expect("the folder can be written");
    make_readable(file);
}

/// Servers run as another user. The keys are worth nothing outside the test.
fn make_readable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("the file is ours");
}
