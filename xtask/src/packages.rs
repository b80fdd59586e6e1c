//! What Debian calls the things that building, running and testing need, and how they get installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;
use crate::command::{find, in_ci, run, shown, succeeds};
use crate::project::Project;

/// Packages that are needed for one purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    /// The purpose, as the end of "needed to …".
    pub(crate) purpose: &'static str,
    pub(crate) packages: &'static [&'static str],
}

/// Tauri 2 builds against these. aws-lc needs no more than a C compiler.
pub(crate) const BUILD: Group = Group {
    purpose: "build the window",
    packages: &[
        "build-essential",
        "libayatana-appindicator3-dev",
        "libgtk-3-dev",
        "librsvg2-dev",
        "libwebkit2gtk-4.1-dev",
        "libxdo-dev",
        "pkg-config",
    ],
};

pub(crate) const OPEN: Group = Group {
    purpose: "open the window, its links and its letters",
    packages: &["dbus-x11", "fonts-dejavu-core", "xdg-utils"],
};

pub(crate) const KEYRING: Group =
    Group { purpose: "keep passwords", packages: &["dbus", "dbus-x11", "gnome-keyring", "libsecret-tools"] };

pub(crate) const MAIL_SERVERS: Group = Group {
    purpose: "test against real mail servers",
    packages: &[
        "dnsmasq-base",
        "dovecot-core",
        "dovecot-imapd",
        "dovecot-lmtpd",
        "dovecot-pop3d",
        "openssl",
        "postfix",
        "util-linux",
    ],
};

/// XOAUTH2 is no mechanism of Cyrus SASL, which mbsync authenticates by: KDE's plugin adds it.
pub(crate) const MAIL_CLIENTS: Group = Group {
    purpose: "test with other mail programs",
    packages: &["isync", "libsasl2-modules", "libsasl2-modules-kdexoauth2", "msmtp"],
};

pub(crate) const NETWORKS: Group =
    Group { purpose: "test across networks with a delay", packages: &["dnsmasq-base", "iproute2", "util-linux"] };

pub(crate) const WINDOW: Group = Group {
    purpose: "drive the real window",
    packages: &[
        "at-spi2-core",
        "desktop-file-utils",
        "dunst",
        "fonts-dejavu-core",
        "imagemagick",
        "openbox",
        "webkit2gtk-driver",
        "x11-utils",
        "xauth",
        "xdg-utils",
        "xdotool",
        "xfce4-panel",
        "xvfb",
    ],
};

pub(crate) const BROWSER: Group =
    Group { purpose: "drive the window's pages in a browser", packages: &["chromium", "fonts-dejavu-core"] };

pub(crate) const SIGN_IN: Group = Group {
    purpose: "sign in with a real browser",
    packages: &["chromium", "chromium-driver", "curl", "faketime", "fonts-dejavu-core"],
};

/// Wanted only where there is no Java or no Maven of another origin.
pub(crate) const JAVA: Group =
    Group { purpose: "fetch and run Keycloak", packages: &["default-jre-headless", "maven"] };

pub(crate) const POSTGRESQL: Group = Group { purpose: "test the server on PostgreSQL", packages: &["postgresql"] };

/// Wanted only where there is no Python of another origin.
pub(crate) const PYTHON: Group = Group { purpose: "try the server's calls", packages: &["python3", "python3-venv"] };

pub(crate) const PEERS: Group =
    Group { purpose: "measure beside other programs", packages: &["curl", "isync", "libsasl2-modules", "sqlite3"] };

/// What can be missing without stopping everything: the lanes that want it are then left out, with this reason.
#[derive(Debug)]
pub(crate) struct NotInstalled(pub(crate) Vec<String>);

/// Installs what is missing of `required` and `wanted`; says what and why, and asks nothing.
///
/// # Errors
/// When something required can't be had: the installation failed, or needs rights that we have not (then the
/// message is the command to run). In CI all that is wanted is required.
pub(crate) fn ensure(project: &Project, required: &[Group], wanted: &[Group]) -> Result<NotInstalled> {
    let nothing = NotInstalled(Vec::new());
    if !cfg!(target_os = "linux") {
        return Ok(nothing);
    }
    let all = [required, wanted].concat();
    if find("apt-get").is_none() || find("dpkg-query").is_none() {
        return elsewhere(&all);
    }
    let missing = missing(&all)?;
    if missing.is_empty() {
        return Ok(nothing);
    }
    println!("Debian packages that are not here yet:");
    for group in &all {
        let of_group: Vec<_> = group.packages.iter().copied().filter(|name| missing.contains(name)).collect();
        if !of_group.is_empty() {
            println!("  to {}: {}", group.purpose, of_group.join(" "));
        }
    }
    let Err(together) = install(project, &missing) else { return Ok(nothing) };
    if in_ci() || wanted.is_empty() || !can_become_root() {
        return Err(together);
    }
    // One package that this system does not have must not keep the others from being installed.
    install(project, &self::missing(required)?)?;
    let mut reasons = Vec::new();
    for group in wanted {
        if install(project, &self::missing(&[*group])?).is_err() {
            let names: Vec<_> = self::missing(&[*group])?.into_iter().collect();
            reasons.push(format!("packages to {} could not be installed: {}", group.purpose, names.join(" ")));
        }
    }
    Ok(NotInstalled(reasons))
}

/// Whether some secret service is installed, GNOME's or another: then a person's desktop has made its choice.
pub(crate) fn has_secret_service() -> bool {
    let Ok(services) = std::fs::read_dir("/usr/share/dbus-1/services") else { return false };
    services.flatten().any(|entry| {
        std::fs::read_to_string(entry.path())
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "Name=org.freedesktop.secrets"))
    })
}

fn missing(groups: &[Group]) -> Result<BTreeSet<&'static str>> {
    let wanted: BTreeSet<_> = groups.iter().flat_map(|group| group.packages).copied().collect();
    // It ends with 1 where a name is unknown, which is an answer here.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(&wanted)
        .stderr(Stdio::null())
        .output()?;
    let listed = String::from_utf8(output.stdout)?;
    Ok(not_installed(&wanted, &listed))
}

fn not_installed(wanted: &BTreeSet<&'static str>, listed: &str) -> BTreeSet<&'static str> {
    let installed: BTreeSet<_> = listed.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted.iter().copied().filter(|name| !installed.contains(name)).collect()
}

fn install(project: &Project, packages: &BTreeSet<&str>) -> Result {
    if packages.is_empty() {
        return Ok(());
    }
    let script = project.root.join("xtask/install-packages.sh");
    if is_root() {
        return run(Command::new("sh").arg(script).args(packages));
    }
    let mut command = Command::new("sudo");
    if !can_become_root() {
        command.arg("sh").arg(script).args(packages);
        return Err(
            format!("installing them needs root. Please run this, then try again:\n\n{}", shown(&command)).into()
        );
    }
    command.arg("--non-interactive");
    // sudo clears the environment, and with it the way out of a network that has only a proxy.
    let proxies = ["http_proxy", "https_proxy", "no_proxy"];
    if proxies.iter().any(|name| std::env::var_os(name).is_some()) {
        command.arg(format!("--preserve-env={}", proxies.join(",")));
    }
    run(command.arg("sh").arg(script).args(packages))
}

/// Whether we are root or sudo makes us root without a password.
pub(crate) fn can_become_root() -> bool {
    is_root() || succeeds(Command::new("sudo").args(["--non-interactive", "true"]))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Other systems call these packages by other names: we can only say what is missing.
fn elsewhere(groups: &[Group]) -> Result<NotInstalled> {
    if groups.iter().any(|group| group.purpose == BUILD.purpose) {
        let modules = ["ayatana-appindicator3-0.1", "gtk+-3.0", "librsvg-2.0", "webkit2gtk-4.1"];
        let missing: Vec<_> = modules
            .into_iter()
            .filter(|module| !succeeds(Command::new("pkg-config").args(["--exists", module])))
            .chain((!Path::new("/usr/include/xdo.h").exists()).then_some("libxdo"))
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "this system has no apt-get. Please install the development files of: {}",
                missing.join(", ")
            )
            .into());
        }
    }
    Ok(NotInstalled(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_was_removed_or_never_heard_of_is_missing() {
        let wanted = BTreeSet::from(["curl", "isync", "postfix", "xvfb"]);
        let listed = "curl installed\nisync config-files\npostfix half-installed\n";
        assert_eq!(not_installed(&wanted, listed), BTreeSet::from(["isync", "postfix", "xvfb"]));
    }

    #[test]
    fn lists_are_sorted_and_name_nothing_twice() {
        let groups = [
            BUILD,
            OPEN,
            KEYRING,
            MAIL_SERVERS,
            MAIL_CLIENTS,
            NETWORKS,
            WINDOW,
            BROWSER,
            SIGN_IN,
            JAVA,
            POSTGRESQL,
            PYTHON,
            PEERS,
        ];
        for group in groups {
            assert!(group.packages.is_sorted_by(|a, b| a < b), "to {}", group.purpose);
        }
    }
}
