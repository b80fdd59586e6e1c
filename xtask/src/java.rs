//! Which of this computer's Javas Keycloak runs on.

use std::path::{Path, PathBuf};

use crate::command::find;
use crate::packages::{self, Group};

/// The oldest that Keycloak starts on.
const OLDEST: u32 = 17;
/// Those that it is made for.
const BEST: [u32; 2] = [21, 25];

/// What to install so that there is a Java and a Maven; nothing where both are here, whatever their origin.
pub(crate) fn wanted() -> Option<Group> {
    (home().is_none() || find("mvn").is_none()).then_some(packages::JAVA)
}

/// The home of the best Java: `$JAVA_HOME`, or one of those that Linux distributions install.
pub(crate) fn home() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    let named = std::env::var_os("JAVA_HOME").map(PathBuf::from);
    let homes = named.into_iter().chain(installed).filter(|home| home.join("bin/java").is_file());
    best(homes.filter_map(|home| Some((version(&home)?, home))))
}

fn best(homes: impl Iterator<Item = (u32, PathBuf)>) -> Option<PathBuf> {
    let usable = homes.filter(|(version, _)| *version >= OLDEST);
    usable.max_by_key(|(version, _)| (BEST.contains(version), *version)).map(|(_, home)| home)
}

/// The number that stands for the whole release: 17, 21, 25.
fn version(home: &Path) -> Option<u32> {
    parse(&std::fs::read_to_string(home.join("release")).ok()?)
}

fn parse(release: &str) -> Option<u32> {
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(['.', '"', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_names_its_version() {
        assert_eq!(parse("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.1\"\n"), Some(25));
        assert_eq!(parse("JAVA_VERSION=\"21\"\n"), Some(21));
        assert_eq!(parse("JAVA_VERSION=\"1.8.0_402\"\n"), Some(1));
        assert_eq!(parse("OTHER=\"21\"\n"), None);
    }

    #[test]
    fn what_keycloak_is_made_for_comes_before_what_is_newest() {
        let pick = |versions: &[u32]| best(versions.iter().map(|version| (*version, version.to_string().into())));
        assert_eq!(pick(&[17, 21, 25, 26]), Some("25".into()));
        assert_eq!(pick(&[17, 18]), Some("18".into()));
        assert_eq!(pick(&[8, 11]), None);
    }
}
