//! The OpenID providers that tests sign in at, installed into `target/tools`: Keycloak from Maven Central, and
//! oidc-provider from npm. Tests find them as programs in `target/tools/bin`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::command::{find, output, run};
use crate::project::Project;
use crate::{java, ui};

/// The version, and what its archive must be.
const KEYCLOAK: &str = "26.7.3";
const KEYCLOAK_SHA256: &str = "77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47";
/// What Keycloak compiles into itself before it starts; starting without would do it each time.
const KEYCLOAK_BUILD: &[&str] = &["build", "--db=dev-mem", "--health-enabled=true"];
/// Where it is made ready.
const NEW: &str = "keycloak-new";
/// Fetches single files from Maven repositories.
const MAVEN_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// Installs both where they are not there at their version.
///
/// # Errors
/// When Java, Maven or Node is missing, or something can't be fetched or is not what it should be.
pub(crate) fn ensure(project: &Project) -> Result {
    let tools = project.target.join("tools");
    fs::create_dir_all(tools.join("bin"))?;
    oidc_provider(project, &tools)?;
    keycloak(&tools)
}

fn keycloak(tools: &Path) -> Result {
    let Some(java) = java::home() else {
        return Err("Keycloak needs Java 17 or newer (21 or 25 at best) and Maven: please install a JDK, below \
                    /usr/lib/jvm or at $JAVA_HOME"
            .into());
    };
    let home = tools.join(format!("keycloak-{KEYCLOAK}"));
    let built = home.join("built-with");
    if !fs::read_to_string(&built).is_ok_and(|options| options == KEYCLOAK_BUILD.join(" ")) {
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        // Complete under another name first, so that an interruption leaves nothing that looks installed.
        let unpacked = fetch(tools)?;
        let mut build = Command::new(unpacked.join("bin/kc.sh"));
        run(build.args(KEYCLOAK_BUILD).env("JAVA_HOME", &java))?;
        fs::rename(&unpacked, &home)?;
        fs::remove_dir(tools.join(NEW))?;
        fs::write(built, KEYCLOAK_BUILD.join(" "))?;
    }
    // Each run has a folder of its own for what it writes; all else is shared.
    let script = format!(
        "#!/bin/sh\n# keycloak HOME ARGUMENTS…: Keycloak {KEYCLOAK}, writing below HOME. By `cargo xtask test`.\nset -eu\n\
         home=$1 shared={}\nshift\nmkdir -p \"$home/bin\"\ncp \"$shared/bin/kc.sh\" \"$home/bin\"\n\
         for folder in lib conf themes providers; do ln -sfn \"$shared/$folder\" \"$home/$folder\"; done\n\
         JAVA_HOME={} exec \"$home/bin/kc.sh\" \"$@\"\n",
        quoted(&home)?,
        quoted(&java)?,
    );
    write_program(&tools.join("bin/keycloak"), &script)
}

/// Fetches and unpacks Keycloak, and says where.
fn fetch(tools: &Path) -> Result<PathBuf> {
    if find("mvn").is_none() {
        return Err("Keycloak comes from Maven Central: please install Maven (https://maven.apache.org)".into());
    }
    println!("Keycloak {KEYCLOAK} to sign in at (170 MB, once)");
    let folder = tools.join(NEW);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--no-transfer-progress", "--quiet", &format!("{MAVEN_PLUGIN}:copy")]);
    maven.arg(format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:tar.gz"));
    // In a folder without a project of Maven's.
    run(maven.arg(format!("-DoutputDirectory={}", folder.display())).current_dir(&folder))?;
    let archive = folder.join(format!("keycloak-quarkus-dist-{KEYCLOAK}.tar.gz"));
    let sum = output(Command::new("sha256sum").arg(&archive))?;
    if !sum.starts_with(&format!("{KEYCLOAK_SHA256} ")) {
        return Err(format!("{} is not Keycloak {KEYCLOAK}: its SHA-256 is {sum}", archive.display()).into());
    }
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&folder))?;
    fs::remove_file(archive)?;
    Ok(folder.join(format!("keycloak-{KEYCLOAK}")))
}

fn oidc_provider(project: &Project, tools: &Path) -> Result {
    let (sources, folder) = (project.root.join("tests/oidc-provider"), tools.join("oidc-provider"));
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "server.mjs"] {
        fs::copy(sources.join(file), folder.join(file))?;
    }
    ui::install_packages(&folder)?;
    let server = quoted(&folder.join("server.mjs"))?;
    write_program(&tools.join("bin/oidc-provider"), &format!("#!/bin/sh\nexec node {server} \"$@\"\n"))
}

/// Writes a shell script that can be started.
///
/// # Errors
/// The system's.
pub(crate) fn write_program(file: &Path, script: &str) -> Result {
    fs::write(file, script)?;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(0o755))?)
}

/// A path as the shell reads it.
///
/// # Errors
/// If it is no text.
pub(crate) fn quoted(path: &Path) -> Result<String> {
    let path = path.to_str().ok_or_else(|| format!("{} is no text", path.display()))?;
    Ok(format!("'{}'", path.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_reads_a_path_as_it_is() {
        let path = Path::new("/a person's folder/$HOME");
        let said = output(Command::new("sh").args(["-c", &format!("printf %s {}", quoted(path).unwrap())])).unwrap();
        assert_eq!(said, path.to_str().unwrap());
    }
}
