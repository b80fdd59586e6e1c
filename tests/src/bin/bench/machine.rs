//! On what it was measured.

use std::fs;
use std::process::Command;

/// Processor, memory, system and the versions of these programs (name and arguments that make them tell).
pub(crate) fn description(programs: &[(&str, &[&str])]) -> String {
    let processor = line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kib: u64 = line_of("/proc/meminfo", "MemTotal")
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system =
        system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or_default().trim_matches('"');
    let versions: Vec<String> = programs.iter().filter_map(|(name, arguments)| version(name, arguments)).collect();
    format!(
        "{processor}, {cores} cores, {} GiB, {system}, Linux {}; {}",
        kib.div_ceil(1 << 20),
        kernel.trim(),
        versions.join(", ")
    )
}

/// The date, UTC.
pub(crate) fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}

fn line_of(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The first word with a digit in front of what the program says about itself.
fn version(name: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(name).args(arguments).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let shown = match name {
        "pkg-config" => arguments.last()?,
        "postconf" => "postfix",
        _ => name,
    };
    Some(format!("{shown} {number}"))
}
