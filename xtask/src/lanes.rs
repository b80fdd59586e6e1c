//! Lanes: which end-to-end tests need what of the machine. A lane is a module of the end-to-end tests; the words of
//! its name say what it needs, so that a new module finds its place by itself.
//!
//! A lane whose needs are not met is left out, with the reason; in CI that is a failure (see [`crate::test`]).

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;

use crate::command::find;
use crate::packages::can_become_root;

/// Something that a machine has or has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A program that is installed.
    Program(&'static str),
    /// A mechanism that Cyrus SASL has by a plugin, by the plugin's name.
    Sasl(&'static str),
    /// The rights of root, directly or by sudo without a password.
    Root,
    /// The kernel's TUN device, of which links with a delay are made.
    Tun,
}
use Need::{Program, Root, Sasl, Tun};

/// Every lane may add an account, and an account takes a pair of servers.
const ALWAYS: &[Need] = &[Program("dovecot"), Program("postfix"), Program("openssl"), Program("setpriv"), Root];

const KEYRING: &[Need] = &[Program("dbus-daemon"), Program("gnome-keyring-daemon"), Program("secret-tool")];
const DISPLAY: &[Need] = &[Program("Xvfb"), Program("import")];
const WEBDRIVER: &[Need] =
    &[Program("WebKitWebDriver"), Program("tauri-driver"), Program("xdotool"), Program("openbox"), Program("xwininfo")];

const TRAY: &[Need] = &[Program("dunst"), Program("xfce4-panel")];

const KEYCLOAK: &[Need] = &[Program("keycloak")];
const OTHER_ISSUER: &[Need] = &[Program("oidc-provider")];
const BROWSER: &[Need] = &[Program("chromium"), Program("chromedriver"), Program("curl")];
const MAIL_CLIENTS: &[Need] = &[Program("mbsync"), Program("msmtp"), Sasl("kdexoauth2")];
const POSTGRESQL: &[Need] = &[Program("postgres"), Program("initdb"), Program("createdb")];

/// What a word in a module's name stands for.
const WORDS: &[(&str, &[&[Need]])] = &[
    ("browser", &[BROWSER]),
    ("clients", &[MAIL_CLIENTS]),
    ("clock", &[&[Program("faketime")]]),
    ("issuers", &[KEYCLOAK, OTHER_ISSUER]),
    ("keycloak", &[KEYCLOAK]),
    ("keyring", &[KEYRING]),
    ("netns", &[&[Program("ip"), Program("dnsmasq"), Tun]]),
    ("postgres", &[POSTGRESQL]),
    ("schemathesis", &[OTHER_ISSUER, &[Program("schemathesis")]]),
    ("sessions", &[KEYRING, DISPLAY]),
    ("signin", &[KEYCLOAK, OTHER_ISSUER, BROWSER, KEYRING]),
    ("tray", &[TRAY]),
    ("window", &[KEYRING, DISPLAY, WEBDRIVER]),
];

/// The tests of one module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) module: String,
    /// Their full names.
    pub(crate) tests: Vec<String>,
}

impl Lane {
    /// What the machine has not; empty where the lane can run. `tools` is the folder of our own tools.
    pub(crate) fn lacks(&self, tools: &Path) -> Vec<String> {
        needs(&self.module).into_iter().filter_map(|need| lacks(need, tools)).collect()
    }
}

/// The lanes among the tests that libtest lists (`--list --format terse`).
pub(crate) fn of_list(list: &str) -> Vec<Lane> {
    let mut lanes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in list.lines().filter_map(|line| line.strip_suffix(": test")) {
        let module = name.split_once("::").map_or(name, |(module, _)| module);
        lanes.entry(module).or_default().push(name.to_owned());
    }
    lanes.into_iter().map(|(module, tests)| Lane { module: module.to_owned(), tests }).collect()
}

fn needs(module: &str) -> Vec<Need> {
    let of_words = WORDS.iter().filter(|(word, _)| module.split('_').any(|part| part == *word));
    let mut needs = ALWAYS.to_vec();
    for need in of_words.flat_map(|(_, groups)| *groups).flat_map(|group| *group) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    needs
}

fn lacks(need: Need, tools: &Path) -> Option<String> {
    match need {
        Program(name) => {
            (find(name).is_none() && !tools.join(name).is_file()).then(|| format!("{name} is not installed"))
        }
        Sasl(name) => (!has_sasl(name)).then(|| format!("the SASL plugin {name} is not installed")),
        Root => (!can_become_root()).then(|| "neither root nor sudo without a password".to_owned()),
        Tun => {
            let opened = OpenOptions::new().read(true).write(true).open("/dev/net/tun");
            // A person's account may not open it; root may, where it exists at all.
            let usable = opened.is_ok() || (Path::new("/dev/net/tun").exists() && can_become_root());
            (!usable).then(|| "/dev/net/tun can't be used".to_owned())
        }
    }
}

/// Whether a plugin is where Debian keeps those of Cyrus SASL: `/usr/lib/ARCHITECTURE/sasl2`.
fn has_sasl(plugin: &str) -> bool {
    let Ok(folders) = std::fs::read_dir("/usr/lib") else { return false };
    let mut folders = folders.flatten().map(|folder| folder.path());
    folders.any(|folder| folder.join(format!("sasl2/lib{plugin}.so")).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_grouped_by_module() {
        let list = "check_tls::expired: test\nsolitary: test\ncheck_tls::faults::wrong_host: test\nx::y: benchmark\n";
        let lanes = of_list(list);
        assert_eq!(lanes.len(), 2, "{lanes:?}");
        assert_eq!(lanes[0].module, "check_tls");
        assert_eq!(lanes[0].tests, ["check_tls::expired", "check_tls::faults::wrong_host"]);
    }

    #[test]
    fn the_words_of_a_name_add_up() {
        assert_eq!(needs("check_imap"), ALWAYS);
        let needs = needs("window_netns");
        for need in [Program("WebKitWebDriver"), Program("gnome-keyring-daemon"), Tun, Root] {
            assert!(needs.contains(&need), "{need:?}");
        }
        assert_eq!(super::needs("windows"), ALWAYS, "a part of a word is not the word");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(lacks(Program("no-such-server"), nowhere).unwrap(), "no-such-server is not installed");
        assert_eq!(lacks(Program("sh"), nowhere), None);
        assert_eq!(lacks(Sasl("none"), nowhere).unwrap(), "the SASL plugin none is not installed");
    }
}
