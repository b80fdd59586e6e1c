//! One build of the workspace, and the executables that came of it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::Result;
use crate::command::shown;
use crate::project::Project;

/// A program that cargo built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Executable {
    /// The folder of its package.
    pub(crate) package: PathBuf,
    /// The target's name: of the library, program, test or example.
    pub(crate) name: String,
    /// `lib`, `bin`, `test`, `example`.
    pub(crate) kind: String,
    /// Whether it is a test harness.
    pub(crate) test: bool,
    pub(crate) path: PathBuf,
}

/// Builds the workspace as `flags` say, beside the ones that all builds have.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build(project: &Project, flags: &[&str]) -> Result<Vec<Executable>> {
    let mut command = project.cargo();
    command.arg("build").args(project.build_flags()).args(flags);
    println!("$ {}", shown(&command));
    let output = command
        .args(["--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the workspace does not compile".into());
    }
    executables(&String::from_utf8(output.stdout)?)
}

/// The one program of this name and kind.
///
/// # Errors
/// When the build made none.
pub(crate) fn pick<'a>(executables: &'a [Executable], kind: &str, name: &str) -> Result<&'a Path> {
    executables
        .iter()
        .find(|executable| !executable.test && executable.kind == kind && executable.name == name)
        .map(|executable| executable.path.as_path())
        .ok_or_else(|| format!("the build made no {kind} {name:?}").into())
}

fn executables(messages: &str) -> Result<Vec<Executable>> {
    let mut found: Vec<Executable> = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line)?;
        let (Some(path), Some(manifest)) = (message["executable"].as_str(), message["manifest_path"].as_str()) else {
            continue;
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let executable = Executable {
            package: Path::new(manifest).parent().unwrap_or(Path::new("/")).to_owned(),
            name: text(&message["target"]["name"]),
            kind: text(&message["target"]["kind"][0]),
            test: message["profile"]["test"] == true,
            path: path.into(),
        };
        if !found.contains(&executable) {
            found.push(executable);
        }
    }
    // They come as they are done; a reader of two runs wants the same order in both.
    found.sort_by(|a, b| (&a.package, &a.name, &a.path).cmp(&(&b.package, &b.name, &b.path)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_test_harnesses_are_told_apart() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/p/cli/Cargo.toml","target":{"kind":["lib"],"name":"cli"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/p/cli/Cargo.toml","target":{"kind":["bin"],"name":"courrier"},"profile":{"test":true},"executable":"/t/deps/courrier-1"}
{"reason":"compiler-artifact","manifest_path":"/p/cli/Cargo.toml","target":{"kind":["bin"],"name":"courrier"},"profile":{"test":false},"executable":"/t/courrier"}
{"reason":"build-finished","success":true}"#;
        let found = executables(messages).unwrap();
        assert_eq!(found.iter().map(|executable| executable.test).collect::<Vec<_>>(), [false, true]);
        assert_eq!(pick(&found, "bin", "courrier").unwrap(), Path::new("/t/courrier"));
        assert!(pick(&found, "example", "courrier").is_err());
    }
}
