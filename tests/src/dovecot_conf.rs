//! The configuration of a [`Dovecot`](crate::Dovecot) (version 2.3) without root.

use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::dovecot::DovecotBuilder;
use crate::dovecot::tokens::Trusted;
use crate::folder;
use crate::process::{finish, is_root};

/// Where it listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) imap: u16,
    pub(crate) imaps: u16,
    pub(crate) pop3: u16,
    pub(crate) pop3s: u16,
}

/// Writes the passwd-file anew, in one step.
pub(crate) fn write_users(root: &Path, users: &[(String, String)]) {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let mut text = String::new();
    for (address, password) in users {
        // Base64, because a colon in the password would end the field.
        writeln!(text, "{address}:{{PLAIN.b64}}{}", STANDARD.encode(password)).expect("a String takes it");
    }
    // Dovecot reads the file again only if its size or its time in whole seconds differs.
    writeln!(text, "#{}", "#".repeat(WRITTEN.fetch_add(1, Ordering::Relaxed))).expect("a String takes it");
    let new = root.join("passwd.new");
    fs::write(&new, text).expect("the fixture's folder can be written");
    folder::give_to_unprivileged(&new);
    fs::rename(&new, root.join("passwd")).expect("the fixture's folder can be written");
}

fn id(option: &str) -> String {
    finish(Command::new("id").arg(option)).trim().to_owned()
}

/// The mechanisms, and the password databases behind them.
fn authentication(wanted: &DovecotBuilder, root: &Path) -> String {
    let root_path = root.display();
    let mut mechanisms = wanted.mechanisms.clone();
    let passwords = |filter: &str| {
        format!(
            "passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root_path}/passwd
{filter}}}"
        )
    };
    let passdbs = if wanted.tokens.is_some() {
        let is_token = |name: &&str| matches!(*name, "xoauth2" | "oauthbearer");
        let others: Vec<&str> = wanted.mechanisms.split(' ').filter(|name| !is_token(name)).collect();
        if others.len() == wanted.mechanisms.split(' ').count() {
            mechanisms += " xoauth2 oauthbearer";
        }
        // A password is no token: without this filter, it would be taken for one.
        let filter = format!("  mechanisms = {}\n", others.join(" "));
        let passwords = if others.is_empty() { String::new() } else { passwords(&filter) };
        format!("{}\n{passwords}", Trusted::passdb(root))
    } else {
        passwords("")
    };
    format!("auth_mechanisms = {mechanisms}\n{passdbs}")
}

/// The whole configuration file.
pub(crate) fn text(wanted: &DovecotBuilder, root: &Path, ports: &Ports) -> String {
    let (user, group) = if is_root() { ("nobody".into(), "nogroup".into()) } else { (id("-un"), id("-gn")) };
    let listen: Vec<String> = wanted.listen.iter().map(IpAddr::to_string).collect();
    let login = |protocol: &str, plain: u16, tls: u16| {
        format!(
            "service {protocol}-login {{
  chroot =
  inet_listener {protocol} {{
    port = {plain}
  }}
  inet_listener {protocol}s {{
    port = {tls}
    ssl = yes
  }}
}}"
        )
    };
    format!(
        r"base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log/dovecot.log
listen = {listen}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
protocols = imap pop3 lmtp
mail_location = maildir:~/Maildir
postmaster_address = postmaster@example.test
hostname = mail.example.test

ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = {no_plaintext}
{authentication}
# No restriction: names may have umlauts.
auth_username_chars =
# Refused passwords answer at once; a log line tells each attempt, without the password.
auth_failure_delay = 0
auth_debug = yes
mail_max_userip_connections = {max_connections}

userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%u{everybody}
}}
namespace inbox {{
  inbox = yes
}}

# Without root there is no chroot, and the penalty for refused passwords would slow the tests down.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  user = {user}
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service auth-worker {{
  user = {user}
}}
service lmtp {{
  user = {user}
  unix_listener lmtp {{
    mode = 0666
  }}
}}
{imap_login}
{pop3_login}
{extra}",
        root = root.display(),
        listen = listen.join(", "),
        certificate = wanted.issued.chain.display(),
        key = wanted.issued.key.display(),
        no_plaintext = if wanted.plaintext_auth { "no" } else { "yes" },
        authentication = authentication(wanted, root),
        // Whom no password database knows, local delivery would take for nobody.
        everybody = if wanted.mailboxes.is_empty() { "" } else { " allow_all_users=yes" },
        max_connections = wanted.max_connections,
        imap_login = login("imap", ports.imap, ports.imaps),
        pop3_login = login("pop3", ports.pop3, ports.pop3s),
        extra = wanted.extra,
    )
}
