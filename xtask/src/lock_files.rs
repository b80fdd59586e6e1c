//! The lock files name the ecosystems' own registries and none else, and every package by a checksum: whoever builds
//! gets the same bytes, also behind a mirror.

use serde_json::Value;

use crate::Result;
use crate::project::Project;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";

/// Reads Cargo.lock and every package-lock.json.
///
/// # Errors
/// Names each package that comes from elsewhere or without a checksum.
pub(crate) fn check(project: &Project) -> Result {
    let mut faults = of_cargo(&std::fs::read_to_string(project.root.join("Cargo.lock"))?);
    for file in ["ui/package-lock.json", "tests/oidc-provider/package-lock.json"] {
        let path = project.root.join(file);
        if path.exists() {
            faults.extend(of_npm(file, &serde_json::from_str(&std::fs::read_to_string(path)?)?)?);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

fn of_cargo(lock: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        let name = field("name").unwrap_or("a package without a name");
        // A member of the workspace has no source.
        let Some(source) = field("source") else { continue };
        if source != CRATES_IO {
            faults.push(format!("Cargo.lock: {name} comes from {source}"));
        }
        if field("checksum").is_none() {
            faults.push(format!("Cargo.lock: {name} has no checksum"));
        }
    }
    faults
}

fn of_npm(file: &str, lock: &Value) -> Result<Vec<String>> {
    let packages = lock["packages"].as_object().ok_or_else(|| format!("{file} has no packages"))?;
    let mut faults = Vec::new();
    // The empty name is our own package.
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        if let Some(address) = package["resolved"].as_str().filter(|address| !address.starts_with(NPM)) {
            faults.push(format!("{file}: {name} comes from {address}"));
        }
        if !package["integrity"].is_string() {
            faults.push(format!("{file}: {name} has no checksum"));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_crate_of_elsewhere_or_without_a_checksum_is_named() {
        let lock = "version = 4\n\n[[package]]\nname = \"courrier-app\"\nversion = \"0.1.0\"\ndependencies = [\n \"name\",\n]\n\n\
            [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n\
            source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n\
            [[package]]\nname = \"forked\"\nversion = \"1.0.0\"\nsource = \"git+https://example.test/forked#1\"\n";
        assert_eq!(
            of_cargo(lock),
            ["Cargo.lock: forked comes from git+https://example.test/forked#1", "Cargo.lock: forked has no checksum"]
        );
    }

    #[test]
    fn npm_packages_have_no_address_or_that_of_npm() {
        let lock = json!({"packages": {
            "": {"name": "courrier-ui"},
            "node_modules/a": {"integrity": "sha512-1"},
            "node_modules/b": {"integrity": "sha512-2", "resolved": "https://registry.npmjs.org/b/-/b-1.0.0.tgz"},
            "node_modules/c": {"resolved": "https://mirror.example.test/c-1.0.0.tgz"},
        }});
        assert_eq!(
            of_npm("package-lock.json", &lock).unwrap(),
            [
                "package-lock.json: node_modules/c comes from https://mirror.example.test/c-1.0.0.tgz",
                "package-lock.json: node_modules/c has no checksum"
            ]
        );
    }
}
