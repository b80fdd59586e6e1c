//! The arrows between our crates. They point one way: `model` is below everything, `app` composes, the shells see
//! `app` only. Here the picture is a table, and a build that draws another arrow fails.

use crate::Result;
use crate::project::{DESKTOP, Project, TESTS};

/// Who may depend on whom, outside of tests. A crate that is not here has no place in the picture yet.
const ARROWS: &[(&str, &[&str])] = &[
    ("courrier-model", &[]),
    ("courrier-net", &["courrier-model"]),
    ("courrier-secrets", &["courrier-model"]),
    ("courrier-vault", &["courrier-model"]),
    ("courrier-wire", &["courrier-model"]),
    // It keeps records as they travel.
    ("courrier-store", &["courrier-model", "courrier-wire"]),
    ("courrier-discovery", &["courrier-model", "courrier-net"]),
    ("courrier-check", &["courrier-model", "courrier-net"]),
    // Keeping tokens and locking are traits of `auth`, which `app` implements on `secrets` and `store`.
    ("courrier-auth", &["courrier-model", "courrier-net"]),
    ("courrier-sync", &["courrier-model", "courrier-wire", "courrier-vault", "courrier-store"]),
    (
        "courrier-app",
        &[
            "courrier-model",
            "courrier-net",
            "courrier-secrets",
            "courrier-store",
            "courrier-discovery",
            "courrier-check",
            "courrier-auth",
            "courrier-vault",
            "courrier-wire",
            "courrier-sync",
        ],
    ),
    ("courrier-cli", &["courrier-app"]),
    (DESKTOP, &["courrier-app"]),
    ("courrier-server", &["courrier-model", "courrier-wire"]),
];

/// Not part of the product: these may look anywhere, and nobody may look at them.
const FREE: &[&str] = &[TESTS, "xtask"];

/// Compares the workspace with the picture.
///
/// # Errors
/// Names every arrow that is not in it, and every crate that has no place in it.
pub(crate) fn check(project: &Project) -> Result {
    let wrong = faults(project);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn faults(project: &Project) -> Vec<String> {
    let mut faults = Vec::new();
    for member in project.members.iter().filter(|member| !FREE.contains(&member.name.as_str())) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            faults.push(format!("{} has no place in the picture of the crates (xtask/src/edges.rs)", member.name));
            continue;
        };
        for dependency in member.dependencies.iter().filter(|dependency| !dependency.development) {
            let ours = project.has(&dependency.name);
            if ours && !allowed.contains(&dependency.name.as_str()) {
                faults.push(format!("{} must not depend on {}", member.name, dependency.name));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Dependency, Member};

    fn project(members: &[(&str, &[&str], &[&str])]) -> Project {
        let dependency = |development| move |name: &&str| Dependency { name: (*name).to_owned(), development };
        let members = members
            .iter()
            .map(|(name, normal, development)| Member {
                name: (*name).to_owned(),
                folder: name.into(),
                dependencies: normal
                    .iter()
                    .map(dependency(false))
                    .chain(development.iter().map(dependency(true)))
                    .collect(),
            })
            .collect();
        Project { root: "/".into(), target: "/target".into(), members }
    }

    #[test]
    fn the_picture_as_drawn_passes() {
        let drawn = project(&[
            ("courrier-model", &["serde"], &[]),
            ("courrier-net", &["courrier-model", "tokio"], &[]),
            ("courrier-check", &["courrier-net", "courrier-model"], &[]),
            ("courrier-app", &["courrier-check", "courrier-net"], &[]),
            ("courrier-cli", &["courrier-app", "clap"], &["courrier-model"]),
            ("courrier-tests", &["courrier-net", "courrier-cli"], &[]),
        ]);
        assert_eq!(faults(&drawn), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_upwards_a_shortcut_and_a_stranger_are_named() {
        let wrong = project(&[
            ("courrier-model", &["courrier-net"], &[]),
            ("courrier-net", &["courrier-tests"], &[]),
            ("courrier-app", &[], &[]),
            ("courrier-cli", &["courrier-app", "courrier-model"], &[]),
            ("courrier-tests", &[], &[]),
            ("courrier-plugins", &[], &[]),
        ]);
        assert_eq!(
            faults(&wrong),
            [
                "courrier-model must not depend on courrier-net",
                "courrier-net must not depend on courrier-tests",
                "courrier-cli must not depend on courrier-model",
                "courrier-plugins has no place in the picture of the crates (xtask/src/edges.rs)",
            ]
        );
    }

    #[test]
    fn every_arrow_ends_at_a_crate_of_the_picture() {
        for (from, to) in ARROWS {
            for end in *to {
                assert!(ARROWS.iter().any(|(name, _)| name == end), "{from} points at {end}, which is not drawn");
            }
        }
    }

    #[test]
    fn cargo_metadata_is_read_with_its_kinds_of_dependencies() {
        let metadata = r#"{"workspace_root": "/p", "target_directory": "/p/target", "packages": [
            {"name": "courrier-net", "manifest_path": "/p/crates/net/Cargo.toml", "dependencies": [
                {"name": "courrier-app", "kind": "build"}, {"name": "courrier-cli", "kind": "dev"}, {"name": "tokio", "kind": null}]},
            {"name": "courrier-app", "manifest_path": "/p/crates/app/Cargo.toml", "dependencies": []},
            {"name": "courrier-cli", "manifest_path": "/p/crates/cli/Cargo.toml", "dependencies": []}]}"#;
        let project = Project::parse(metadata).unwrap();
        assert_eq!(project.members[0].folder, std::path::Path::new("/p/crates/net"));
        assert_eq!(faults(&project), ["courrier-net must not depend on courrier-app"]);
    }
}
