//! Programs of crates.io that tests and checks use, built into `target/tools` and nowhere else.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::command::run;
use crate::project::Project;

/// A program at one version. Cargo compares it and all it is built from with the checksums of the registry's index
/// and of the lock file that it was published with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    version: &'static str,
}

/// Translates WebDriver to what starts our window. From 3 on it belongs to Tauri 3.
pub(crate) const TAURI_DRIVER: Tool = Tool { name: "tauri-driver", version: "2.1.0" };
/// Licences, advisories and sources of dependencies.
pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// Where a tool is once [`ensure`] has installed it.
pub(crate) fn path(project: &Project, tool: Tool) -> PathBuf {
    bin(project).join(tool.name)
}

/// Builds those of `tools` that are not there at their version.
///
/// # Errors
/// When one can't be fetched or built.
pub(crate) fn ensure(project: &Project, tools: &[Tool]) -> Result {
    let folder = folder(project);
    // Cargo's own record; without one nothing is installed.
    let record = std::fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    let missing: Vec<_> =
        tools.iter().filter(|tool| !(is_recorded(&record, **tool) && path(project, **tool).is_file())).collect();
    let build = folder.join("build");
    for tool in &missing {
        // Unoptimised builds take a quarter of the time, and neither tool has much to compute.
        run(project
            .cargo()
            .args(["install", tool.name, "--version", tool.version, "--locked", "--debug", "--force", "--root"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(&build)
            .env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    }
    if !missing.is_empty() && build.exists() {
        std::fs::remove_dir_all(&build)?;
    }
    Ok(())
}

/// Lets a program find our tools by name.
pub(crate) fn put_on_path(project: &Project, command: &mut Command) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::iter::once(bin(project)).chain(std::env::split_paths(&path)).collect();
    // A folder with a colon in its name can't be on a path: then the tools have to be found otherwise.
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
}

/// The folder with the programs themselves.
pub(crate) fn bin(project: &Project) -> PathBuf {
    folder(project).join("bin")
}

fn folder(project: &Project) -> PathBuf {
    project.target.join("tools")
}

fn is_recorded(record: &str, tool: Tool) -> bool {
    let start = format!("\"{} {} (", tool.name, tool.version);
    record.lines().any(|line| line.starts_with(&start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_does_not_count() {
        let record = "[v1]\n\"tauri-driver 2.0.9 (registry+…)\" = [\"tauri-driver\"]\n\
                      \"cargo-deny 0.20.2 (registry+…)\" = [\"cargo-deny\"]\n";
        assert!(!is_recorded(record, TAURI_DRIVER));
        assert!(is_recorded(record, CARGO_DENY));
    }
}
