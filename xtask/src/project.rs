//! What `cargo metadata` knows about the workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Result;
use crate::command::{cargo, output};

/// The desktop shell's package: its build wants the window's files and features of its own.
pub(crate) const DESKTOP: &str = "courrier-desktop";
/// The package of the end-to-end tests and benchmarks.
pub(crate) const TESTS: &str = "courrier-tests";

/// The workspace that this program belongs to.
#[derive(Debug)]
pub(crate) struct Project {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Where cargo builds, and where our tools are installed.
    pub(crate) target: PathBuf,
    /// The workspace's packages.
    pub(crate) members: Vec<Member>,
}

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The folder of its Cargo.toml, where its tests run.
    pub(crate) folder: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency as a member declares it, on whatever platform.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Whether only tests, examples and benchmarks have it.
    pub(crate) development: bool,
}

impl Project {
    /// Reads the workspace around this program's own source.
    ///
    /// # Errors
    /// When cargo can't read the workspace's manifests.
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata =
            output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest))?;
        Self::parse(&metadata)
    }

    /// Reads the output of `cargo metadata --no-deps`.
    ///
    /// # Errors
    /// When it is not of the form that cargo documents.
    pub(crate) fn parse(metadata: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)?;
        let members = array(&metadata, "packages")?.iter().map(member).collect::<Result<_>>()?;
        Ok(Self {
            root: text(&metadata, "workspace_root")?.into(),
            target: text(&metadata, "target_directory")?.into(),
            members,
        })
    }

    /// Whether the workspace has a package of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// What every build of the workspace is told, always the same: another set of features would build most of
    /// the tree again.
    pub(crate) fn build_flags(&self) -> Vec<&'static str> {
        let mut flags = vec!["--workspace"];
        if self.has(DESKTOP) {
            // The window shows the files that are built in, not those of a development server.
            flags.extend(["--features", "tauri/custom-protocol"]);
        }
        if crate::command::in_ci() {
            flags.push("--locked");
        }
        flags
    }

    /// Cargo, in the workspace's folder.
    pub(crate) fn cargo(&self) -> std::process::Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// The folder of the window's sources.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }
}

fn member(package: &Value) -> Result<Member> {
    let manifest = PathBuf::from(text(package, "manifest_path")?);
    let dependencies = array(package, "dependencies")?
        .iter()
        .map(|dependency| {
            Ok(Dependency { name: text(dependency, "name")?.to_owned(), development: dependency["kind"] == "dev" })
        })
        .collect::<Result<_>>()?;
    Ok(Member {
        name: text(package, "name")?.to_owned(),
        folder: manifest.parent().ok_or("a manifest without a folder")?.to_owned(),
        dependencies,
    })
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().ok_or_else(|| format!("cargo metadata has no list {key:?}").into())
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().ok_or_else(|| format!("cargo metadata has no text {key:?}").into())
}
