//! The configuration and the queue of a [`Postfix`](crate::Postfix) (version 3.7) of its own.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::postfix::{PostfixBuilder, own};

/// Where it listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) relay: u16,
    pub(crate) cleartext: u16,
    pub(crate) submission: u16,
    pub(crate) submissions: u16,
}

/// The services that `smtpd` calls, as Debian's `master.cf` has them, none in a chroot.
const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

/// Writes everything below `root`: `conf`, `spool`, `data`, and the log later.
pub(crate) fn write(wanted: &PostfixBuilder<'_>, root: &Path, ports: &Ports) {
    let conf = root.join("conf");
    fs::create_dir(&conf).expect("the fixture's folder is new");
    let mailboxes: BTreeSet<String> = wanted.dovecot.addresses().map(in_ascii).collect();
    let mailboxes: String = mailboxes.iter().fold(String::new(), |text, address| text + address + " 1\n");
    for (name, text) in
        [("mailboxes", mailboxes), ("main.cf", main_cf(wanted, root)), ("master.cf", master_cf(&wanted.listen, ports))]
    {
        fs::write(conf.join(name), text).expect("the fixture's folder can be written");
    }
    make_queue(root);
}

/// Postfix looks addresses up with the domain in A-labels.
fn in_ascii(address: &str) -> String {
    address.parse::<courrier_model::Address>().map_or_else(|_| address.to_owned(), |a| a.to_ascii_domain())
}

/// What `postfix start` would make, with the owners and modes of `postfix-files`.
fn make_queue(root: &Path) {
    let spool = root.join("spool");
    fs::create_dir(&spool).expect("the fixture's folder is new");
    for (names, owner, mode) in [
        ("active bounce corrupt defer deferred flush hold incoming private saved trace", "postfix", "700"),
        ("maildrop", "postfix:postdrop", "730"),
        ("public", "postfix:postdrop", "710"),
        ("pid", "root", "755"),
    ] {
        let folders: Vec<PathBuf> = names.split(' ').map(|name| spool.join(name)).collect();
        for folder in &folders {
            fs::create_dir(folder).expect("the fixture's folder is new");
        }
        own(owner, mode, &folders);
    }
    let data = root.join("data");
    fs::create_dir(&data).expect("the fixture's folder is new");
    own("postfix", "700", &[data]);
    own("root", "755", &[spool, root.join("conf")]);
}

fn main_cf(wanted: &PostfixBuilder<'_>, root: &Path) -> String {
    let dovecot = wanted.dovecot;
    let listen: Vec<String> = wanted.listen.iter().map(|address| bracketed(*address)).collect();
    format!(
        "compatibility_level = 3.6
config_directory = {root}/conf
queue_directory = {root}/spool
data_directory = {root}/data
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
myhostname = mail.example.test
mydestination =
mynetworks =
inet_interfaces = {listen}
inet_protocols = all
default_transport = error:nothing leaves this computer
relay_transport = error:nothing leaves this computer
alias_maps =
biff = no
smtputf8_enable = yes
virtual_mailbox_domains = example.test, xn--bcher-kva.example.test
virtual_mailbox_maps = texthash:{root}/conf/mailboxes
virtual_transport = lmtp:unix:{lmtp}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_protocols = >=TLSv1.2
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtp_dns_support_level = disabled
# Local clients are counted too.
smtpd_client_event_limit_exceptions =
{extra}",
        root = root.display(),
        listen = listen.join(", "),
        lmtp = dovecot.lmtp_socket().display(),
        auth = dovecot.auth_socket().display(),
        certificate = wanted.issued.chain.display(),
        key = wanted.issued.key.display(),
        extra = wanted.main,
    )
}

fn master_cf(listen: &[IpAddr], ports: &Ports) -> String {
    let mut text = String::from(SERVICES);
    let signed_in = "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject";
    for address in listen {
        let address = bracketed(*address);
        for (port, options) in [
            (ports.relay, String::new()),
            (ports.cleartext, signed_in.to_owned()),
            (ports.submission, format!("-o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes {signed_in}")),
            (ports.submissions, format!("-o smtpd_tls_wrappermode=yes {signed_in}")),
        ] {
            writeln!(text, "{address}:{port} inet n - n - - smtpd {options}").expect("a String takes it");
        }
    }
    text
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
