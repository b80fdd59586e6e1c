//! From starting the program to the second frame with the list drawn, and its memory, beside a bare window.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use courrier_tests::{Ca, Cli, Display, KeyringSession, built, until};

use crate::document::{Section, row};
use crate::sample::{median, summary, verdict};
use crate::{machine, runs};

/// Ours may take so many times what the bare window takes.
const GOAL: f64 = 1.25;
/// As many as a person may have; all are in the list.
const ACCOUNTS: &str = "30";
/// When memory is looked at after the frame: what is loaded lazily is there by then.
const SETTLED: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_secs(120);

/// A program with its measurements.
struct Program {
    name: &'static str,
    path: PathBuf,
    ms: Vec<f64>,
    mib: Vec<f64>,
    processes: usize,
}

/// Measures.
pub(crate) fn run() -> Section {
    let (display, session) = (Display::start(), KeyringSession::unlocked());
    let cli = Cli::new(&Ca::new()).keyring(&session);
    let fill = built("examples/fill", "courrier-store --example fill");
    let filled = Command::new(fill).arg(cli.home()).arg(ACCOUNTS).stderr(Stdio::null()).status();
    assert!(filled.expect("fill can be run").success(), "fill fails");
    let program = |name, path| Program { name, path, ms: Vec::new(), mib: Vec::new(), processes: 0 };
    let bare = built("examples/bare", "courrier-desktop --example bare");
    let mut programs =
        [program("a bare window", bare), program("Courrier", built("courrier-desktop", "courrier-desktop"))];
    let runs = runs(10);
    // The first start fills the caches of the system.
    for run in 0..=runs {
        for program in &mut programs {
            let (ms, memory) = start(&program.path, &cli, &display);
            if run > 0 {
                program.ms.push(ms);
                program.mib.push(memory.values().sum::<u64>() as f64 / 1024.0);
                program.processes = memory.len();
            }
        }
    }
    let [bare, ours] = &programs;
    let mut rows = vec![row(["program", "second frame, ms", "memory, MiB", "processes"])];
    for Program { name, ms, mib, processes, .. } in &programs {
        rows.push(row([name, &summary(ms, 0), &summary(mib, 1), &processes.to_string()]));
    }
    let share = |ours: &[f64], bare: &[f64]| format!("{:.2}", median(ours) / median(bare));
    rows.push(row(["times the bare window", &share(&ours.ms, &bare.ms), &share(&ours.mib, &bare.mib), ""]));
    Section {
        title: "Starting the window",
        about: format!(
            "From starting the process to the second animation frame, for Courrier with a list of {ACCOUNTS} accounts \
             drawn; then, {} s later, the proportional set size (PSS) of the process and all its children. On Xvfb, \
             {runs} starts of each, in turn.",
            SETTLED.as_secs()
        ),
        rows,
        verdicts: vec![
            verdict("Time to the second frame", &ours.ms, &bare.ms, GOAL),
            verdict("Memory", &ours.mib, &bare.mib, GOAL),
        ],
        measured: format!(
            "{}: {}",
            machine::today(),
            machine::description(&[("pkg-config", &["--modversion", "webkit2gtk-4.1"])])
        ),
    }
}

/// Milliseconds to the second frame, and KiB of each process.
fn start(program: &Path, cli: &Cli, display: &Display) -> (f64, BTreeMap<u32, u64>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let started_file = folder.path().join("started");
    let environment = cli.command(&[]);
    let environment = environment.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut command = Command::new(program);
    command.env_clear().envs(environment).envs(display.environment()).env("COURRIER_STARTED_FILE", &started_file);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let running = Running(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display())));
    let ms =
        until("the second frame", LIMIT, || started_file.exists().then(|| started.elapsed().as_secs_f64() * 1000.0));
    std::thread::sleep(SETTLED);
    let memory = tree(running.0.id()).into_iter().filter_map(|id| Some((id, pss(id)?))).collect();
    (ms, memory)
}

/// A program that is killed with all its children on drop.
struct Running(Child);

impl Drop for Running {
    /// Nothing here may panic: this also runs while a failed measurement unwinds.
    fn drop(&mut self) {
        let children = tree(self.0.id());
        let _ = self.0.kill();
        let _ = self.0.wait();
        for child in children.into_iter().filter_map(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // Refused where it has ended with its parent.
            let _ = rustix::process::kill_process(child, rustix::process::Signal::KILL);
        }
    }
}

/// The process and all that it has started, directly or not.
fn tree(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .map(|processes| processes.filter_map(|process| with_parent(&process.ok()?.path())).collect())
        .unwrap_or_default();
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| id));
        next += 1;
    }
    found
}

fn with_parent(process: &Path) -> Option<(u32, u32)> {
    let id = process.file_name()?.to_str()?.parse().ok()?;
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name in brackets may hold anything; state and parent follow the last bracket.
    let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
    Some((id, parent))
}

fn pss(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}
