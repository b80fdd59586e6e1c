//! Schemathesis, which tries the server's calls as its OpenAPI document describes them: from PyPI, each package at one
//! version and compared with its checksums, into `target/tools`. Tests find it as a program in `target/tools/bin`.

use std::fs;
use std::process::Command;

use crate::Result;
use crate::command::{find, run, succeeds};
use crate::issuers::{quoted, write_program};
use crate::project::Project;

/// Names every package with its checksums; made by `pip-compile --generate-hashes` from the file `requirements.in`
/// beside it.
const REQUIREMENTS: &str = "tests/schemathesis/requirements.txt";

/// Whether there is a Python that can make virtual environments; Debian packs that apart.
pub(crate) fn has_python() -> bool {
    find("python3").is_some() && succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
}

/// Installs it where it is not there as the requirements say.
///
/// # Errors
/// When Python is missing, or a package can't be fetched or is not what it should be.
pub(crate) fn ensure(project: &Project) -> Result {
    if !has_python() {
        return Err("schemathesis needs Python 3.11 or newer with its module venv: please install them".into());
    }
    let requirements = project.root.join(REQUIREMENTS);
    let wanted = fs::read_to_string(&requirements)?;
    let tools = project.target.join("tools");
    let home = tools.join("schemathesis");
    // Written last, so that an interruption leaves nothing that looks installed.
    let record = home.join("installed");
    if !fs::read_to_string(&record).is_ok_and(|installed| installed == wanted) {
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        fs::create_dir_all(tools.join("bin"))?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        let mut pip = Command::new(home.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]);
        run(pip.arg("--requirement").arg(&requirements))?;
        fs::write(record, wanted)?;
    }
    let program = format!("#!/bin/sh\nexec {} \"$@\"\n", quoted(&home.join("bin/schemathesis"))?);
    write_program(&tools.join("bin/schemathesis"), &program)
}
