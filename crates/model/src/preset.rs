//! What is known in advance about large mail providers.
//!
//! Facts as of November 2026, from the providers' own help pages. An entry stands for every domain in
//! its list; a company's domain hosted by one of them is a matter of discovery, not of this table.

use crate::{Address, AuthKind, Endpoint, EndpointSpec, Security};

/// Which part of the address a provider wants as user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetUser {
    /// The whole address.
    Address,
    /// What stands before the @.
    LocalPart,
}

/// One server of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresetEndpoint {
    /// Host name in A-labels.
    pub host: &'static str,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// What the user name is.
    pub user: PresetUser,
}

impl PresetEndpoint {
    /// The endpoint for one address.
    pub fn for_address(&self, address: &Address, auth: AuthKind) -> Option<Endpoint> {
        let username = match self.user {
            PresetUser::Address => address.to_string(),
            PresetUser::LocalPart => address.local_part().to_owned(),
        };
        let spec: EndpointSpec = format!("{}:{}/{}", self.host, self.port, self.security).parse().ok()?;
        Some(spec.with(username.parse().ok()?, auth))
    }
}

/// A provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// A short stable id.
    pub id: &'static str,
    /// The name people know.
    pub name: &'static str,
    /// Every domain of addresses it gives out, in A-labels.
    pub domains: &'static [&'static str],
    /// Receiving.
    pub imap: PresetEndpoint,
    /// Sending.
    pub smtp: PresetEndpoint,
    /// How people sign in.
    pub auth: AuthKind,
    /// The page where an app password is made, or receiving is switched on.
    pub help_url: Option<&'static str>,
    /// True if the account's own password never works: an app password or a password for mail is needed.
    pub app_password: bool,
    /// True if receiving by IMAP is off until the person switches it on.
    pub imap_off_by_default: bool,
}

impl Preset {
    /// The provider that gives out addresses at this address's domain.
    pub fn for_address(address: &Address) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.domains.contains(&address.domain_ascii()))
    }

    /// The provider that runs the server at this endpoint: the one that gives out the address, if it does, else the
    /// first of those that share the server (a company's domain at Microsoft is Microsoft 365, not Outlook.com).
    pub fn for_endpoint(address: &Address, endpoint: &Endpoint) -> Option<&'static Preset> {
        let here =
            |known: &PresetEndpoint| known.port == endpoint.port.get() && endpoint.host.to_string() == known.host;
        let runs = |preset: &&Preset| here(&preset.imap) || here(&preset.smtp);
        Self::for_address(address).filter(runs).or_else(|| PRESETS.iter().find(runs))
    }
}

/// Every provider known in advance.
pub fn presets() -> &'static [Preset] {
    PRESETS
}

const fn tls(host: &'static str, port: u16) -> PresetEndpoint {
    PresetEndpoint { host, port, security: Security::Tls, user: PresetUser::Address }
}

const fn starttls(host: &'static str, port: u16) -> PresetEndpoint {
    PresetEndpoint { host, port, security: Security::Starttls, user: PresetUser::Address }
}

const fn local_part(endpoint: PresetEndpoint) -> PresetEndpoint {
    PresetEndpoint { user: PresetUser::LocalPart, ..endpoint }
}

const BASE: Preset = Preset {
    id: "",
    name: "",
    domains: &[],
    imap: tls("", 993),
    smtp: tls("", 465),
    auth: AuthKind::Password,
    help_url: None,
    app_password: false,
    imap_off_by_default: false,
};

const PRESETS: &[Preset] = &[
    Preset {
        id: "google",
        name: "Gmail",
        domains: &["gmail.com", "googlemail.com"],
        imap: tls("imap.gmail.com", 993),
        smtp: tls("smtp.gmail.com", 465),
        help_url: Some("https://myaccount.google.com/apppasswords"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "microsoft365",
        name: "Microsoft 365",
        domains: &["onmicrosoft.com"],
        imap: tls("outlook.office365.com", 993),
        smtp: starttls("smtp.office365.com", 587),
        auth: AuthKind::OAuth,
        ..BASE
    },
    Preset {
        id: "outlook",
        name: "Outlook.com",
        domains: &[
            "outlook.com",
            "outlook.fr",
            "outlook.de",
            "outlook.es",
            "outlook.it",
            "hotmail.com",
            "hotmail.fr",
            "hotmail.de",
            "hotmail.es",
            "hotmail.it",
            "hotmail.co.uk",
            "live.com",
            "live.fr",
            "live.de",
            "live.nl",
            "live.co.uk",
            "msn.com",
        ],
        imap: tls("outlook.office365.com", 993),
        smtp: starttls("smtp-mail.outlook.com", 587),
        auth: AuthKind::OAuth,
        help_url: Some("https://outlook.live.com/mail/0/options/mail/accounts"),
        imap_off_by_default: true,
        ..BASE
    },
    Preset {
        id: "yahoo",
        name: "Yahoo",
        domains: &[
            "yahoo.com",
            "yahoo.fr",
            "yahoo.de",
            "yahoo.es",
            "yahoo.it",
            "yahoo.co.uk",
            "yahoo.ca",
            "yahoo.com.br",
            "yahoo.co.in",
            "ymail.com",
            "rocketmail.com",
        ],
        imap: tls("imap.mail.yahoo.com", 993),
        smtp: tls("smtp.mail.yahoo.com", 465),
        help_url: Some("https://login.yahoo.com/account/security"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "aol",
        name: "AOL",
        domains: &["aol.com", "aol.fr", "aol.de", "aim.com"],
        imap: tls("imap.aol.com", 993),
        smtp: tls("smtp.aol.com", 465),
        help_url: Some("https://login.aol.com/account/security"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "icloud",
        name: "iCloud",
        domains: &["icloud.com", "me.com", "mac.com"],
        imap: local_part(tls("imap.mail.me.com", 993)),
        smtp: starttls("smtp.mail.me.com", 587),
        help_url: Some("https://account.apple.com/account/manage"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "fastmail",
        name: "Fastmail",
        domains: &["fastmail.com", "fastmail.fm", "messagingengine.com"],
        imap: tls("imap.fastmail.com", 993),
        smtp: tls("smtp.fastmail.com", 465),
        help_url: Some("https://app.fastmail.com/settings/security/apppasswords"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "proton-bridge",
        name: "Proton Mail Bridge",
        domains: &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
        imap: starttls("127.0.0.1", 1143),
        smtp: starttls("127.0.0.1", 1025),
        help_url: Some("https://proton.me/mail/bridge"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "zoho",
        name: "Zoho Mail",
        domains: &["zoho.com", "zohomail.com"],
        imap: tls("imap.zoho.com", 993),
        smtp: tls("smtp.zoho.com", 465),
        help_url: Some("https://mail.zoho.com/zm/#settings/all/mailaccounts"),
        imap_off_by_default: true,
        ..BASE
    },
    Preset {
        id: "zoho-eu",
        name: "Zoho Mail (EU)",
        domains: &["zoho.eu", "zohomail.eu"],
        imap: tls("imap.zoho.eu", 993),
        smtp: tls("smtp.zoho.eu", 465),
        help_url: Some("https://mail.zoho.eu/zm/#settings/all/mailaccounts"),
        imap_off_by_default: true,
        ..BASE
    },
    Preset {
        id: "gmx",
        name: "GMX",
        domains: &["gmx.net", "gmx.de", "gmx.at", "gmx.ch"],
        imap: tls("imap.gmx.net", 993),
        smtp: tls("mail.gmx.net", 465),
        help_url: Some("https://www.gmx.net/mail/imap/"),
        imap_off_by_default: true,
        ..BASE
    },
    Preset {
        id: "webde",
        name: "WEB.DE",
        domains: &["web.de"],
        imap: local_part(tls("imap.web.de", 993)),
        smtp: local_part(tls("smtp.web.de", 465)),
        help_url: Some("https://hilfe.web.de/pop-imap/index.html"),
        imap_off_by_default: true,
        ..BASE
    },
    Preset {
        id: "orange",
        name: "Orange",
        domains: &["orange.fr", "wanadoo.fr"],
        imap: tls("imap.orange.fr", 993),
        smtp: tls("smtp.orange.fr", 465),
        ..BASE
    },
    Preset {
        id: "sfr",
        name: "SFR",
        domains: &["sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr"],
        imap: tls("imap.sfr.fr", 993),
        smtp: tls("smtp.sfr.fr", 465),
        ..BASE
    },
    Preset {
        id: "free",
        name: "Free",
        domains: &["free.fr"],
        imap: local_part(tls("imap.free.fr", 993)),
        smtp: local_part(tls("smtp.free.fr", 465)),
        ..BASE
    },
    Preset {
        id: "laposte",
        name: "La Poste",
        domains: &["laposte.net"],
        imap: local_part(tls("imap.laposte.net", 993)),
        smtp: local_part(tls("smtp.laposte.net", 465)),
        ..BASE
    },
    Preset {
        id: "ovh",
        name: "OVHcloud",
        domains: &["ovh.fr"],
        imap: tls("ssl0.ovh.net", 993),
        smtp: tls("ssl0.ovh.net", 465),
        ..BASE
    },
    Preset {
        id: "infomaniak",
        name: "Infomaniak",
        domains: &["ik.me", "ikmail.com", "etik.com"],
        imap: tls("mail.infomaniak.com", 993),
        smtp: tls("mail.infomaniak.com", 465),
        help_url: Some("https://config.infomaniak.com/"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "gandi",
        name: "Gandi",
        domains: &["gandi.net"],
        imap: tls("mail.gandi.net", 993),
        smtp: tls("mail.gandi.net", 465),
        ..BASE
    },
    Preset {
        id: "posteo",
        name: "Posteo",
        domains: &["posteo.de", "posteo.net", "posteo.eu", "posteo.org", "posteo.at", "posteo.ch"],
        imap: tls("posteo.de", 993),
        smtp: tls("posteo.de", 465),
        ..BASE
    },
    Preset {
        id: "mailbox",
        name: "mailbox.org",
        domains: &["mailbox.org"],
        imap: tls("imap.mailbox.org", 993),
        smtp: tls("smtp.mailbox.org", 465),
        ..BASE
    },
    Preset {
        id: "t-online",
        name: "T-Online",
        domains: &["t-online.de", "magenta.de"],
        imap: tls("secureimap.t-online.de", 993),
        smtp: tls("securesmtp.t-online.de", 465),
        help_url: Some("https://account.idm.telekom.com/account-manager/"),
        app_password: true,
        ..BASE
    },
    Preset {
        id: "yandex",
        name: "Yandex",
        domains: &["yandex.com", "yandex.ru", "ya.ru"],
        imap: tls("imap.yandex.com", 993),
        smtp: tls("smtp.yandex.com", 465),
        help_url: Some("https://id.yandex.com/security/app-passwords"),
        app_password: true,
        imap_off_by_default: true,
        ..BASE
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_gives_endpoints_and_no_domain_is_claimed_twice() {
        let mut seen = std::collections::HashSet::new();
        for preset in presets() {
            for domain in preset.domains {
                assert!(seen.insert(domain), "{domain} twice");
                let address: Address = format!("someone@{domain}").parse().expect("valid");
                assert_eq!(Preset::for_address(&address).map(|p| p.id), Some(preset.id));
                for endpoint in [preset.imap, preset.smtp] {
                    let made = endpoint.for_address(&address, preset.auth).expect("valid");
                    assert_eq!(made.host.to_string(), endpoint.host);
                    assert_ne!(made.security, Security::None);
                }
            }
        }
    }

    #[test]
    fn a_server_is_recognised_with_its_port_and_the_address_decides_between_two_that_share_it() {
        let found = |address: &str, spec: &str| {
            let spec: EndpointSpec = spec.parse().expect("valid");
            let endpoint = spec.with("someone".parse().expect("valid"), AuthKind::Password);
            Preset::for_endpoint(&address.parse().expect("valid"), &endpoint).map(|preset| preset.id)
        };
        assert_eq!(found("a@firm.example", "outlook.office365.com:993/tls"), Some("microsoft365"));
        assert_eq!(found("a@hotmail.com", "outlook.office365.com:993/tls"), Some("outlook"));
        assert_eq!(found("a@firm.example", "127.0.0.1:1143/starttls"), Some("proton-bridge"));
        assert_eq!(found("a@firm.example", "127.0.0.1:993/tls"), None);
        assert_eq!(found("a@gmail.com", "mail.firm.example:993/tls"), None);
    }

    #[test]
    fn some_providers_want_the_local_part() {
        let address: Address = "claire@free.fr".parse().expect("valid");
        let preset = Preset::for_address(&address).expect("known");
        assert_eq!(preset.imap.for_address(&address, preset.auth).expect("valid").username.as_str(), "claire");
    }
}
