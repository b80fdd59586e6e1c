//! Access tokens in place of passwords: what a [`Dovecot`](super::Dovecot) has to know of an issuer.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::Url;

use crate::folder;
use crate::http::Http;
use crate::issuer::{Issuer, MAIL_AUDIENCE, MAIL_CLIENT};

/// An issuer whose tokens are accepted.
#[derive(Debug, Clone)]
pub(crate) struct Trusted {
    issuer: String,
    validation: Validation,
}

#[derive(Debug, Clone)]
enum Validation {
    /// By the issuer's keys (key id and PEM), without asking it.
    Keys(Vec<(String, String)>),
    /// By asking the issuer at this address (RFC 7662).
    Introspection(String),
}

impl Trusted {
    /// As the issuer is now: keys that it makes later are not known.
    pub(crate) fn of(issuer: &dyn Issuer) -> Self {
        let validation = match issuer.introspection() {
            Some(address) => Validation::Introspection(address),
            None => {
                let address = &issuer.discovery()["jwks_uri"];
                let address = address.as_str().unwrap_or_else(|| panic!("no keys: {address}"));
                let keys = Http::new().get(&Url::parse(address).expect("an address")).json();
                Validation::Keys(keys["keys"].as_array().expect("a list").iter().filter_map(rs256).collect())
            }
        };
        Self { issuer: issuer.issuer(), validation }
    }

    /// Writes the settings of the oauth2 passdb, and the keys beside them.
    pub(crate) fn write(&self, root: &Path) {
        let issuer = &self.issuer;
        let mut settings = format!(
            "username_attribute = email
openid_configuration_url = {issuer}/.well-known/openid-configuration
"
        );
        match &self.validation {
            Validation::Introspection(address) => {
                settings += &format!(
                    "introspection_mode = post
force_introspection = yes
introspection_url = {address}
active_attribute = active
active_value = true
"
                );
            }
            Validation::Keys(keys) => {
                let folder = root.join("keys").join(MAIL_CLIENT).join("RS256");
                folder::make_for_unprivileged(&folder);
                for (id, pem) in keys {
                    fs::write(folder.join(id), pem).expect("the fixture's folder can be written");
                }
                // Dovecot calls `client_id` what has to stand in the token's `aud`.
                settings += &format!(
                    "introspection_mode = local
local_validation_key_dict = fs:posix:prefix={}/keys/
issuers = {issuer}
client_id = {MAIL_AUDIENCE}
",
                    root.display()
                );
            }
        }
        // The address of an introspection holds a secret.
        let file = root.join("oauth2.conf");
        fs::write(&file, settings).expect("the fixture's folder can be written");
        folder::give_to_unprivileged(&file);
    }

    /// The part of `dovecot.conf`.
    pub(crate) fn passdb(root: &Path) -> String {
        format!(
            "passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {}/oauth2.conf
}}",
            root.display()
        )
    }
}

/// The id and the PEM of a key that signs by RS256, from a JWK (RFC 7517).
fn rs256(key: &Value) -> Option<(String, String)> {
    let part = |name: &str| key[name].as_str();
    (part("alg")? == "RS256").then_some(())?;
    let number = |name: &str| URL_SAFE_NO_PAD.decode(part(name)?).ok();
    Some((part("kid")?.to_owned(), rsa_pem(&number("n")?, &number("e")?)))
}

/// A SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7; RFC 8017, appendix A.1.1) as OpenSSL reads it.
fn rsa_pem(modulus: &[u8], exponent: &[u8]) -> String {
    // rsaEncryption, with NULL for its parameters.
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    // A leading zero keeps a number from being negative.
    let integer = |number: &[u8]| der(0x02, &[&[0], number].concat());
    let key = der(0x30, &[integer(modulus), integer(exponent)].concat());
    let info = der(0x30, &[der(0x30, RSA), der(0x03, &[&[0], key.as_slice()].concat())].concat());
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in STANDARD.encode(info).as_bytes().chunks(64) {
        writeln!(pem, "{}", String::from_utf8_lossy(line)).expect("a String takes it");
    }
    pem + "-----END PUBLIC KEY-----\n"
}

/// Tag, length, value.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    let mut out = vec![tag];
    if value.len() >= 0x80 {
        out.push(0x80 | u8::try_from(length.len()).expect("eight at most"));
    }
    [&out, length, value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_der_has_them() {
        assert_eq!(der(4, b""), [4, 0]);
        assert_eq!(der(4, &[7; 0x7f])[..3], [4, 0x7f, 7]);
        assert_eq!(der(4, &[7; 0x80])[..4], [4, 0x81, 0x80, 7]);
        assert_eq!(der(4, &[7; 0x1234])[..5], [4, 0x82, 0x12, 0x34, 7]);
    }
}
