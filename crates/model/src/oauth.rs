//! What is known in advance about mail providers that give tokens instead of taking passwords.
//!
//! Facts as of November 2026, from the providers' own pages. Everything here is public; a client's id is configuration.

use serde::{Deserialize, Serialize};

use crate::{Host, Preset};

/// The mail servers that one provider's tokens may be shown to. Exact names: whoever gets a token can read the mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailHosts(Vec<Host>);

impl MailHosts {
    /// These servers and no others.
    pub fn new(hosts: impl IntoIterator<Item = Host>) -> Self {
        let mut all: Vec<Host> = Vec::new();
        for host in hosts {
            if !all.contains(&host) {
                all.push(host);
            }
        }
        Self(all)
    }

    /// True if tokens may be shown to this server.
    pub fn covers(&self, host: &Host) -> bool {
        self.0.contains(host)
    }

    /// The servers, in the order they were named.
    pub fn iter(&self) -> impl Iterator<Item = &Host> {
        self.0.iter()
    }

    /// True if tokens may be shown to nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// It stays as it is.
    Never,
    /// A new one replaces it.
    Rotates,
    /// Nobody said; to be treated with the care that [`Self::Rotates`] needs.
    Unknown,
}

/// How this computer is named in the redirect address that a provider accepts (RFC 8252 section 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectForm {
    /// `http://127.0.0.1:PORT`
    Ip,
    /// `http://localhost:PORT`
    Localhost,
}

/// A provider of tokens for mail. Addresses with `{tenant}` are completed by [`OAuthPreset::tenant`] or another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OAuthPreset {
    /// A short stable id.
    pub id: &'static str,
    /// The name people know.
    pub name: &'static str,
    /// The authorization endpoint.
    pub authorization: &'static str,
    /// The token endpoint.
    pub token: &'static str,
    /// The device authorization endpoint (RFC 8628), where it grants mail.
    pub device: Option<&'static str>,
    /// The revocation endpoint (RFC 7009).
    pub revocation: Option<&'static str>,
    /// The issuer's name in its answers; `{tenantid}` is the person's own tenant.
    pub issuer: Option<&'static str>,
    /// Its OpenID document, where ID tokens can be asked for together with mail.
    pub metadata: Option<&'static str>,
    /// Hosts that are this provider, however a mail server or a settings file names it.
    pub issuer_hosts: &'static [&'static str],
    /// The scopes that mail needs.
    pub scopes: &'static [&'static str],
    /// The scopes that say who consented.
    pub identity_scopes: &'static [&'static str],
    /// Further parameters of every authorization request.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Parameters that ask for consent although it was given before.
    pub reconsent: &'static [(&'static str, &'static str)],
    /// The redirect address that it accepts.
    pub redirect: RedirectForm,
    /// The path of that address, as it is registered.
    pub redirect_path: &'static str,
    /// True if a client secret is sent. In a program on people's computers it keeps nothing secret (RFC 8252
    /// section 8.5).
    pub wants_secret: bool,
    /// What a refresh does.
    pub rotation: Rotation,
    /// After how many days without use a refresh token dies.
    pub idle_days: Option<u16>,
    /// The mail servers that accept its tokens.
    pub hosts: &'static [&'static str],
    /// The page where an administrator consents for everybody, with [`OAuthPreset::admin_tenant`] in it; client, scopes
    /// and redirect address are to be added.
    pub admin_consent: Option<&'static str>,
    /// The page where an organisation registers a client of its own.
    pub registration_page: &'static str,
    /// The tenant for people of any organisation.
    pub tenant: Option<&'static str>,
    /// The tenant for administrators of any organisation: a personal account has none.
    pub admin_tenant: Option<&'static str>,
}

impl OAuthPreset {
    /// The provider with this id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// The provider whose tokens this mail server accepts.
    pub fn for_host(host: &Host) -> Option<&'static Self> {
        let host = host.to_string();
        PRESETS.iter().find(|preset| preset.hosts.contains(&host.as_str()))
    }

    /// The provider that goes with a mail provider.
    pub fn for_preset(preset: &Preset) -> Option<&'static Self> {
        preset.imap.host.parse().ok().and_then(|host| Self::for_host(&host))
    }

    /// The provider that an issuer's address names: a URL, or a bare host as settings files have it.
    pub fn for_issuer(issuer: &str) -> Option<&'static Self> {
        let issuer = issuer.trim();
        let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        // What stands before an @ is no host; the provider's name there is meant to deceive.
        let host = authority.rsplit('@').next()?;
        let host = host.split_once(':').map_or(host, |(host, _)| host).trim_end_matches('.').to_ascii_lowercase();
        PRESETS.iter().find(|preset| preset.issuer_hosts.contains(&host.as_str()))
    }

    /// The mail servers as a set.
    pub fn mail_hosts(&self) -> MailHosts {
        MailHosts::new(self.hosts.iter().filter_map(|host| host.parse().ok()))
    }
}

/// Every provider of tokens known in advance.
pub fn oauth_presets() -> &'static [OAuthPreset] {
    PRESETS
}

const PRESETS: &[OAuthPreset] = &[
    OAuthPreset {
        id: "google",
        name: "Google",
        authorization: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        // Google's device codes grant a short list of scopes, and mail is not among them.
        device: None,
        revocation: Some("https://oauth2.googleapis.com/revoke"),
        issuer: Some("https://accounts.google.com"),
        metadata: Some("https://accounts.google.com/.well-known/openid-configuration"),
        issuer_hosts: &["accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com", "google.com"],
        scopes: &["https://mail.google.com/"],
        identity_scopes: &["openid", "email"],
        // Without `consent` the second authorisation of an account brings no refresh token.
        parameters: &[("access_type", "offline"), ("prompt", "consent")],
        reconsent: &[],
        redirect: RedirectForm::Ip,
        redirect_path: "/callback",
        wants_secret: true,
        rotation: Rotation::Never,
        idle_days: Some(180),
        hosts: &["imap.gmail.com", "smtp.gmail.com", "imap.googlemail.com", "smtp.googlemail.com"],
        admin_consent: None,
        registration_page: "https://console.cloud.google.com/auth/clients",
        tenant: None,
        admin_tenant: None,
    },
    OAuthPreset {
        id: "microsoft",
        name: "Microsoft",
        authorization: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        token: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        device: Some("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode"),
        revocation: None,
        issuer: Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
        metadata: Some("https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"),
        issuer_hosts: &["login.microsoftonline.com", "login.live.com", "login.windows.net", "sts.windows.net"],
        // One resource only: scopes of another one beside these are refused (AADSTS70011).
        scopes: &[
            "offline_access",
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
        ],
        identity_scopes: &["openid", "email", "profile"],
        parameters: &[],
        reconsent: &[("prompt", "consent")],
        // The only form that accepts any port; the path must be the registered one, which is none.
        redirect: RedirectForm::Localhost,
        redirect_path: "/",
        wants_secret: false,
        rotation: Rotation::Rotates,
        idle_days: Some(90),
        hosts: &[
            "outlook.office365.com",
            "smtp.office365.com",
            "smtp-mail.outlook.com",
            "imap-mail.outlook.com",
            "outlook.office.com",
        ],
        admin_consent: Some("https://login.microsoftonline.com/{tenant}/v2.0/adminconsent"),
        registration_page: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        tenant: Some("common"),
        admin_tenant: Some("organizations"),
    },
    OAuthPreset {
        id: "fastmail",
        name: "Fastmail",
        authorization: "https://api.fastmail.com/oauth/authorize",
        token: "https://api.fastmail.com/oauth/refresh",
        device: None,
        revocation: Some("https://api.fastmail.com/oauth/revoke"),
        issuer: Some("https://api.fastmail.com"),
        metadata: None,
        issuer_hosts: &["api.fastmail.com", "www.fastmail.com", "app.fastmail.com", "fastmail.com"],
        scopes: &["https://www.fastmail.com/dev/protocol-imap", "https://www.fastmail.com/dev/protocol-smtp"],
        identity_scopes: &[],
        parameters: &[],
        reconsent: &[],
        redirect: RedirectForm::Ip,
        redirect_path: "/callback",
        wants_secret: false,
        rotation: Rotation::Unknown,
        idle_days: None,
        hosts: &["imap.fastmail.com", "smtp.fastmail.com"],
        admin_consent: None,
        registration_page: "https://www.fastmail.com/for-developers/oauth/",
        tenant: None,
        admin_tenant: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets;

    fn host(name: &str) -> Host {
        name.parse().expect("a host")
    }

    #[test]
    fn tokens_go_to_the_servers_of_their_provider_and_nowhere_else() {
        for preset in oauth_presets() {
            let hosts = preset.mail_hosts();
            assert_eq!(hosts.iter().count(), preset.hosts.len(), "{}: every name is one", preset.id);
            for other in oauth_presets().iter().filter(|other| other.id != preset.id) {
                assert!(other.hosts.iter().all(|name| !hosts.covers(&host(name))), "{} {}", preset.id, other.id);
            }
            for foreign in ["mail.example.test", "imap.gmail.com.example.test", "gmail.com", "127.0.0.1"] {
                assert!(!hosts.covers(&host(foreign)), "{} {foreign}", preset.id);
            }
        }
        let google = OAuthPreset::by_id("google").expect("known").mail_hosts();
        assert!(google.covers(&host("IMAP.gmail.com.")), "names are compared as names");
        assert!(!MailHosts::default().covers(&host("imap.gmail.com")));
    }

    #[test]
    fn mail_providers_find_their_provider_of_tokens_and_both_their_servers_accept_it() {
        let mut found = Vec::new();
        for preset in presets() {
            let Some(oauth) = OAuthPreset::for_preset(preset) else { continue };
            let hosts = oauth.mail_hosts();
            assert!(hosts.covers(&host(preset.imap.host)) && hosts.covers(&host(preset.smtp.host)), "{}", preset.id);
            found.push((preset.id, oauth.id));
        }
        let expected =
            [("google", "google"), ("microsoft365", "microsoft"), ("outlook", "microsoft"), ("fastmail", "fastmail")];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_issuer_is_recognised_by_its_host_alone() {
        let found = |issuer: &str| OAuthPreset::for_issuer(issuer).map(|preset| preset.id);
        assert_eq!(found("accounts.google.com"), Some("google"));
        assert_eq!(found("https://Accounts.Google.com:443/x"), Some("google"));
        assert_eq!(found("https://evil.test@login.microsoftonline.com/common"), Some("microsoft"));
        for preset in oauth_presets() {
            for address in [Some(preset.authorization), Some(preset.token), preset.issuer].into_iter().flatten() {
                assert_eq!(found(address), Some(preset.id), "{address}");
            }
        }
        for foreign in [
            "",
            "https://",
            "https://accounts.google.com.example.test/",
            "https://accounts.google.com@example.test/",
            "https://example.test/accounts.google.com",
            "example.test?accounts.google.com",
        ] {
            assert_eq!(found(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn hosts_are_written_as_names() {
        let hosts = MailHosts::new([host("mail.example.test"), host("127.0.0.1"), host("mail.example.test")]);
        let text = serde_json::to_string(&hosts).expect("written");
        assert_eq!(text, r#"["mail.example.test","127.0.0.1"]"#);
        assert_eq!(serde_json::from_str::<MailHosts>(&text).expect("read"), hosts);
        assert!(serde_json::from_str::<MailHosts>(r#"["*.example.test"]"#).is_err(), "no patterns");
    }
}
