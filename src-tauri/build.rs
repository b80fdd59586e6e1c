//! Embeds the window's files, and makes permissions of the list of commands.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use tauri_build::{AppManifest, Attributes};

macro_rules! commands {
    ($($module:ident: $($name:ident),+;)+) => {
        /// The names of all commands.
        const COMMANDS: &[&str] = &[$($(stringify!($name)),+),+];
    };
}
include!("src/command_list.rs");

/// The window's own build, which Vite writes.
const UI: &str = "../ui/dist";

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={UI}");
    println!("cargo::rerun-if-changed=src/command_list.rs");
    if !Path::new(UI).join("index.html").is_file() {
        return Err("the window's files are missing: run `npm ci` and `npm run build` in ui/, or `cargo xtask run`, \
                    which does both"
            .into());
    }
    if std::env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        // WebKit has a SQLite of its own, and would bind to the symbols of ours if the program exported them.
        println!("cargo::rustc-link-arg-bins=-Wl,--exclude-libs,ALL");
    }
    write_permission_set()?;
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))
        .map_err(|error| format!("{error:#}").into())
}

/// The permission that capabilities/windows.json names. Tauri makes one permission of each command; this is the set
/// of them.
fn write_permission_set() -> Result<(), Box<dyn Error>> {
    let mut set = String::from("[[set]]\nidentifier = \"every-command\"\ndescription = \"All of our own commands.\"\n");
    writeln!(set, "permissions = [")?;
    for command in COMMANDS {
        writeln!(set, "    \"allow-{}\",", command.replace('_', "-"))?;
    }
    writeln!(set, "]")?;
    let file = Path::new("permissions/every-command.toml");
    // Cargo watches this folder: writing the same again would build again, for ever.
    if std::fs::read_to_string(file).is_ok_and(|earlier| earlier == set) {
        return Ok(());
    }
    std::fs::create_dir_all("permissions")?;
    Ok(std::fs::write(file, set)?)
}
