//! Which mail servers belong together, and so may be shown the same tokens.
//!
//! A relay that sends an account's mail by password is not the provider of its mailbox. It gets no tokens because it
//! stands in the same account, nor because it names the mailbox's issuer as its own.

use courrier_auth::{IssuerUrl, Url};
use courrier_model::{AccountDraft, Address, AuthKind, Host, MailHosts};

/// The servers of an account that sign in by OAuth: nobody else's business.
pub(crate) fn own_hosts(draft: &AccountDraft) -> MailHosts {
    let sides = [&draft.imap, &draft.smtp].into_iter().filter(|side| side.auth == AuthKind::OAuth);
    MailHosts::new(sides.map(|side| side.host.clone()))
}

/// The servers that a person who continues in the browser means: where mail is received, and where it is sent if that
/// belongs to the same owner.
pub(crate) fn meant_hosts(draft: &AccountDraft) -> MailHosts {
    let (imap, smtp) = (&draft.imap.host, &draft.smtp.host);
    let sends = are_akin(imap, smtp, &draft.address).then_some(smtp);
    MailHosts::new([imap].into_iter().chain(sends).cloned())
}

/// The servers that an issuer's tokens may be shown to which neither the person nor their organisation named. Where a
/// server of the account belongs to the issuer, those that do; else `named_by`, the server that named it, and those of
/// the same owner. Servers that the person consented to `before` stay.
pub(crate) fn bound_hosts(
    draft: &AccountDraft,
    issuer: &IssuerUrl,
    named_by: Option<&Host>,
    before: &MailHosts,
) -> MailHosts {
    let own = own_hosts(draft);
    let akin = |one: &Host, other: &Host| are_akin(one, other, &draft.address);
    let issuer = issuer_host(issuer.as_str());
    let of_issuer = |host: &Host| issuer.as_ref().is_some_and(|issuer| akin(host, issuer));
    let first = own.iter().find(|host| of_issuer(host)).or(named_by).or(own.iter().next());
    let bound = |host: &&Host| of_issuer(host) || first.is_some_and(|first| akin(host, first)) || before.covers(host);
    MailHosts::new(own.iter().filter(bound).cloned())
}

/// The host of an issuer's address, as those see it who connect to it.
pub(crate) fn issuer_host(issuer: &str) -> Option<Host> {
    // A URL has more ways to write an address than a mail server's name has (2130706433, 127.1, 0x7f.1).
    issuer.parse::<Url>().ok()?.host_str()?.parse().ok()
}

/// True if it is this computer.
pub(crate) fn is_local(host: &Host) -> bool {
    match host {
        Host::Ip(ip) => {
            let ip = ip.to_canonical();
            ip.is_loopback() || ip.is_unspecified()
        }
        Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// True if two servers have one owner, as far as their names tell: it is the same one, both are below the domain of the
/// person's address, or both are below the same registered domain.
fn are_akin(one: &Host, other: &Host, address: &Address) -> bool {
    if one == other || (is_local(one) && is_local(other)) {
        return true;
    }
    let (Host::Name(one), Host::Name(other)) = (one, other) else { return false };
    let domain = address.domain_ascii();
    (is_below(one, domain) && is_below(other, domain))
        || registered(one).is_some_and(|domain| registered(other) == Some(domain))
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The domain that an owner registered, by the public suffix list, its private part included: who has a name below
/// `example-hosting.com` owns no more than that. `None` for a suffix itself.
fn registered(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn akin(one: &str, other: &str) -> bool {
        let host = |text: &str| text.parse().expect("a host");
        are_akin(&host(one), &host(other), &"alice@example.co.uk".parse().expect("an address"))
    }

    #[test]
    fn servers_of_one_owner_are_known_by_their_names_and_in_doubt_they_are_two_owners() {
        for (one, other) in [
            ("imap.example.test", "imap.example.test"),
            ("imap.mailhost.test", "smtp.mailhost.test"),
            ("mailhost.test", "eu.smtp.mailhost.test"),
            ("imap.example.co.uk", "example.co.uk"),
            ("imap.office.co.uk", "smtp.office.co.uk"),
            ("imap.xn--bcher-kva.example", "smtp.xn--bcher-kva.example"),
            ("imap.laposte.net", "smtp.laposte.net"),
            ("imap.t.de", "smtp.t.de"),
            ("127.0.0.1", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert!(akin(one, other) && akin(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("imap.example.test", "evil.test"),
            ("imap.example.test", "imap.example.test.evil.test"),
            ("example.test", "evilexample.test"),
            ("example.co.uk", "evil.co.uk"),
            ("imap.example.co.uk", "evilexample.co.uk"),
            ("imap.com.au", "evil.com.au"),
            ("mail.alice.myqnapcloud.com", "mail.evil.myqnapcloud.com"),
            ("alice.github.io", "evil.github.io"),
            ("mail.example.gouv.fr", "mail.evil.gouv.fr"),
            ("192.0.2.1", "192.0.2.2"),
            ("mail", "evil"),
        ] {
            assert!(!akin(one, other) && !akin(other, one), "{one} {other}");
        }
    }

    #[test]
    fn this_computer_is_known_however_it_is_written() {
        for issuer in [
            "http://127.0.0.1:8080/realms/x",
            "https://2130706433/",
            "https://127.1",
            "https://0x7f.0.0.1",
            "https://0177.0.0.1/x",
            "https://[::1]:1",
            "https://[::ffff:127.0.0.1]",
            "https://0.0.0.0",
            "https://localhost:1",
            "https://x.localhost",
        ] {
            assert!(issuer_host(issuer).is_some_and(|host| is_local(&host)), "{issuer}");
        }
        assert!(issuer_host("https://id.example.test").is_some_and(|host| !is_local(&host)));
        assert!(issuer_host("").is_none());
    }

    fn drafted(imap: (&str, AuthKind), smtp: (&str, AuthKind)) -> AccountDraft {
        let endpoint = |(host, auth): (&str, AuthKind), port: &str| {
            let spec: courrier_model::EndpointSpec = format!("{host}:{port}/tls").parse().expect("valid");
            spec.with("alice".parse().expect("valid"), auth)
        };
        AccountDraft {
            address: "alice@example.test".parse().expect("valid"),
            name: String::new().parse().expect("valid"),
            color: None,
            primary: false,
            imap: endpoint(imap, "993"),
            smtp: endpoint(smtp, "465"),
            identities: Vec::new(),
        }
    }

    fn bound(draft: &AccountDraft, issuer: &str, named_by: Option<&str>, before: &[&str]) -> Vec<String> {
        let host = |text: &str| text.parse::<Host>().expect("a host");
        let (named_by, before) = (named_by.map(host), MailHosts::new(before.iter().map(|text| host(text))));
        let issuer = issuer.parse().expect("an issuer");
        bound_hosts(draft, &issuer, named_by.as_ref(), &before).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_server_s_words_bring_tokens_to_itself_or_to_their_issuer_s_servers() {
        use AuthKind::{OAuth, Password};
        let (imap, smtp, evil) = ("imap.example.test", "smtp.example.test", "smtp.evil.test");
        let (issuer, elsewhere) = ("https://id.example.test", "https://login.elsewhere.test");
        let both = drafted((imap, OAuth), (smtp, OAuth));
        assert_eq!(bound(&both, issuer, Some(imap), &[]), [imap, smtp]);
        assert_eq!(bound(&both, elsewhere, Some(imap), &[]), [imap, smtp]);
        assert_eq!(bound(&both, elsewhere, None, &[]), [imap, smtp]);
        let relayed = drafted((imap, OAuth), (evil, Password));
        assert_eq!(bound(&relayed, issuer, Some(imap), &[]), [imap], "it has its password");
        // By OAuth too, because somebody said so: it still gets nothing of an issuer that is the mailbox's.
        let mixed = drafted((imap, OAuth), (evil, OAuth));
        for named_by in [Some(imap), Some(evil), None] {
            assert_eq!(bound(&mixed, issuer, named_by, &[]), [imap]);
        }
        assert_eq!(bound(&mixed, elsewhere, Some(imap), &[]), [imap]);
        assert_eq!(bound(&mixed, elsewhere, Some(evil), &[]), [evil], "itself alone");
        assert_eq!(bound(&mixed, issuer, None, &[evil]), [imap, evil], "the person consented to both");
    }

    #[test]
    fn who_continues_in_the_browser_means_servers_of_one_owner() {
        let meant = |smtp: &str| {
            let draft = drafted(("imap.example.test", AuthKind::Password), (smtp, AuthKind::Password));
            meant_hosts(&draft).covers(&smtp.parse().expect("a host"))
        };
        assert!(meant("smtp.example.test") && meant("imap.example.test") && !meant("relay.evil.test"));
    }
}
