//! The issuer that a mail server names in its refusal (RFC 7628 section 3.2.2).
//!
//! The server's word is not trusted. It chooses where the person is sent, whose browser shows the issuer's own name, and
//! the tokens that come of it are for that server, or for those of this account that belong to the issuer
//! ([`super::hosts`]). A provider that is known in advance is never reached in this way.

use courrier_auth::IssuerUrl;
use courrier_check::{Credentials, Environment, OauthHint, Request, Target, check};
use courrier_model::{AccountDraft, AuthKind, Host};

use crate::oauth::hosts::{is_local, issuer_host};

/// Where an issuer's document stands (OpenID Connect Discovery section 4, RFC 8414 section 3).
const DOCUMENTS: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
/// More scopes than any mail server needs.
const MOST_SCOPES: usize = 16;

/// What a server named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IssuerHint {
    pub(crate) issuer: IssuerUrl,
    pub(crate) scopes: Vec<String>,
    /// The server that said so.
    pub(crate) named_by: Host,
}

/// Asks the account's servers; nothing secret is sent.
pub(crate) async fn ask(draft: &AccountDraft, environment: &Environment) -> Option<IssuerHint> {
    let asking = |endpoint: &courrier_model::Endpoint| {
        let oauth = endpoint.auth == AuthKind::OAuth;
        Target { endpoint: endpoint.clone(), secret: oauth.then_some(Credentials::AskIssuer) }
    };
    let request = Request { address: draft.address.clone(), imap: asking(&draft.imap), smtp: asking(&draft.smtp) };
    let report = check(&request, environment, &|_| {}).await;
    let local = is_local(&draft.imap.host) && is_local(&draft.smtp.host);
    let said = [(report.imap.oauth, &draft.imap.host), (report.smtp.oauth, &draft.smtp.host)];
    said.into_iter().find_map(|(hint, host)| read(&hint?, host, local))
}

/// `local`: the mail servers are this computer's own, so the issuer may be, too. Somebody else's server has no business
/// with what runs here.
fn read(hint: &OauthHint, named_by: &Host, local: bool) -> Option<IssuerHint> {
    let document = hint.openid_configuration.as_deref()?;
    let issuer = DOCUMENTS.iter().find_map(|end| document.strip_suffix(end))?;
    if is_local(&issuer_host(issuer)?) && !local {
        return None;
    }
    let issuer = issuer.parse().ok()?;
    let fits = |scope: &&str| scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    let scopes = hint.scope.as_deref().unwrap_or_default().split_whitespace().filter(fits).take(MOST_SCOPES);
    Some(IssuerHint { issuer, scopes: scopes.map(str::to_owned).collect(), named_by: named_by.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, local: bool) -> Option<String> {
        let hint = OauthHint {
            status: Some("invalid_token".to_owned()),
            scope: Some("mail \"x openid".to_owned()),
            openid_configuration: Some(document.to_owned()),
        };
        let hint = read(&hint, &"imap.example.test".parse().expect("a host"), local)?;
        assert_eq!(hint.scopes, ["mail", "openid"]);
        Some(hint.issuer.to_string())
    }

    #[test]
    fn a_server_names_an_issuer_by_its_document_and_nothing_on_this_computer() {
        let of = |issuer: &str| format!("{issuer}/.well-known/openid-configuration");
        let office = "https://id.example.test/realms/office";
        assert_eq!(found(&of(office), false).as_deref(), Some(office));
        assert_eq!(found(&format!("{office}/.well-known/oauth-authorization-server"), false).as_deref(), Some(office));
        for local in ["http://127.0.0.1:8080/realms/x", "http://localhost:1", "http://[::1]:1", "https://127.9.9.9"] {
            assert_eq!(found(&of(local), false), None, "{local}");
            assert_eq!(found(&of(local), true).as_deref(), Some(local));
        }
        for hidden in ["https://2130706433", "https://127.1", "https://0x7f.1", "https://[::ffff:127.0.0.1]"] {
            assert_eq!(found(&of(hidden), false), None, "{hidden}");
        }
        for none in ["https://id.example.test/", "", "x", "http://id.example.test/.well-known/openid-configuration"] {
            assert_eq!(found(none, true), None, "{none}");
        }
    }
}
